// Optimizers over a list of leaf tensors; options, update rules and errors as libtorch's. Parameter groups do not exist: make one
// optimizer per group. A parameter without .grad is left alone.
#ifndef NABLA_TENSOR_OPTIM_H
#define NABLA_TENSOR_OPTIM_H

#include "handle.h"

#include <array>
#include <deque>

namespace nabla {
namespace optim {

/// One option with its default, setter (chained) and getter, as libtorch's TORCH_ARG.
#define NABLA_OPTION(OPTIONS, TYPE, NAME, DEFAULT)                                                           \
private:                                                                                                     \
  TYPE NAME##_ = DEFAULT;                                                                                    \
                                                                                                             \
public:                                                                                                      \
  OPTIONS &NAME(TYPE value) { return NAME##_ = value, *this; }                                               \
  const TYPE &NAME() const { return NAME##_; }

using Betas = std::tuple<double, double>;

class SGDOptions {
public:
  SGDOptions(double lr) : lr_(lr) {}
  NABLA_OPTION(SGDOptions, double, lr, 0)
  NABLA_OPTION(SGDOptions, double, momentum, 0)
  NABLA_OPTION(SGDOptions, double, dampening, 0)
  NABLA_OPTION(SGDOptions, double, weight_decay, 0)
  NABLA_OPTION(SGDOptions, bool, nesterov, false)
};
class AdamOptions {
public:
  AdamOptions(double lr = 1e-3) : lr_(lr) {}
  NABLA_OPTION(AdamOptions, double, lr, 1e-3)
  NABLA_OPTION(AdamOptions, Betas, betas, Betas(0.9, 0.999))
  NABLA_OPTION(AdamOptions, double, eps, 1e-8)
  NABLA_OPTION(AdamOptions, double, weight_decay, 0)
  NABLA_OPTION(AdamOptions, bool, amsgrad, false)
};
class AdamWOptions {
public:
  AdamWOptions(double lr = 1e-3) : lr_(lr) {}
  NABLA_OPTION(AdamWOptions, double, lr, 1e-3)
  NABLA_OPTION(AdamWOptions, Betas, betas, Betas(0.9, 0.999))
  NABLA_OPTION(AdamWOptions, double, eps, 1e-8)
  NABLA_OPTION(AdamWOptions, double, weight_decay, 1e-2)
  NABLA_OPTION(AdamWOptions, bool, amsgrad, false)
};
class RMSpropOptions {
public:
  RMSpropOptions(double lr = 1e-2) : lr_(lr) {}
  NABLA_OPTION(RMSpropOptions, double, lr, 1e-2)
  NABLA_OPTION(RMSpropOptions, double, alpha, 0.99)
  NABLA_OPTION(RMSpropOptions, double, eps, 1e-8)
  NABLA_OPTION(RMSpropOptions, double, weight_decay, 0)
  NABLA_OPTION(RMSpropOptions, double, momentum, 0)
  NABLA_OPTION(RMSpropOptions, bool, centered, false)
};
class AdagradOptions {
public:
  AdagradOptions(double lr = 1e-2) : lr_(lr) {}
  NABLA_OPTION(AdagradOptions, double, lr, 1e-2)
  NABLA_OPTION(AdagradOptions, double, lr_decay, 0)
  NABLA_OPTION(AdagradOptions, double, weight_decay, 0)
  NABLA_OPTION(AdagradOptions, double, initial_accumulator_value, 0)
  NABLA_OPTION(AdagradOptions, double, eps, 1e-10)
};
class LBFGSOptions {
public:
  LBFGSOptions(double lr = 1) : lr_(lr) {}
  NABLA_OPTION(LBFGSOptions, double, lr, 1)
  NABLA_OPTION(LBFGSOptions, std::int64_t, max_iter, 20)
  NABLA_OPTION(LBFGSOptions, std::optional<std::int64_t>, max_eval, nullopt) ///< default: 1.25 max_iter
  NABLA_OPTION(LBFGSOptions, double, tolerance_grad, 1e-7)
  NABLA_OPTION(LBFGSOptions, double, tolerance_change, 1e-9)
  NABLA_OPTION(LBFGSOptions, std::int64_t, history_size, 100)
  NABLA_OPTION(LBFGSOptions, std::optional<std::string>, line_search_fn, nullopt) ///< "strong_wolfe" or none
};
#undef NABLA_OPTION

/// A loss that zeroes gradients, computes and calls backward.
using Closure = std::function<Tensor()>;

class Optimizer {
protected:
  std::vector<Tensor> parameters_;
  explicit Optimizer(std::vector<Tensor> parameters);
  /// Updates parameter i by its gradient; history is off.
  virtual void update(std::size_t i, const Tensor &gradient) = 0;
  virtual void next_step() {}

public:
  virtual ~Optimizer() = default;
  Optimizer(const Optimizer &) = delete;
  Optimizer &operator=(const Optimizer &) = delete;
  const std::vector<Tensor> &parameters() const { return parameters_; }
  /// Forgets the gradients, as libtorch does since 2.0; or zeroes them.
  void zero_grad(bool set_to_none = true) const;
  /// One step; with a closure its result is returned.
  virtual Tensor step(const Closure &closure = nullptr);
  virtual double lr() const = 0;
  virtual void set_lr(double lr) = 0;
};

/// What every optimizer with Options has.
template <class Options> class OptimizerWith : public Optimizer {
protected:
  Options options_;
  OptimizerWith(std::vector<Tensor> parameters, Options options)
      : Optimizer(static_cast<std::vector<Tensor> &&>(parameters)), options_(options) {}

public:
  double lr() const override { return options_.lr(); }
  void set_lr(double lr) override { options_.lr(lr); }
  Options &options() { return options_; }
};

/// p -= lr v, v = momentum v + (1 - dampening) g; nesterov: p -= lr (g + momentum v).
class SGD : public OptimizerWith<SGDOptions> {
  std::vector<Tensor> momentum_;
  void update(std::size_t i, const Tensor &gradient) override;

public:
  SGD(std::vector<Tensor> parameters, SGDOptions options);
};
/// Kingma and Ba (2015); weight decay is added to the gradient.
class Adam : public OptimizerWith<AdamOptions> {
  std::vector<Tensor> mean_, square_, most_;
  std::vector<std::int64_t> steps_;
  void update(std::size_t i, const Tensor &gradient) override;

public:
  Adam(std::vector<Tensor> parameters, AdamOptions options = {});
};
/// Loshchilov and Hutter (2019): weight decay apart from the gradient.
class AdamW : public OptimizerWith<AdamWOptions> {
  std::vector<Tensor> mean_, square_, most_;
  std::vector<std::int64_t> steps_;
  void update(std::size_t i, const Tensor &gradient) override;

public:
  AdamW(std::vector<Tensor> parameters, AdamWOptions options = {});
};
class RMSprop : public OptimizerWith<RMSpropOptions> {
  std::vector<Tensor> square_, mean_, momentum_;
  void update(std::size_t i, const Tensor &gradient) override;

public:
  RMSprop(std::vector<Tensor> parameters, RMSpropOptions options = {});
};
class Adagrad : public OptimizerWith<AdagradOptions> {
  std::vector<Tensor> sum_;
  std::vector<std::int64_t> steps_;
  void update(std::size_t i, const Tensor &gradient) override;

public:
  Adagrad(std::vector<Tensor> parameters, AdagradOptions options = {});
};
/// Limited-memory BFGS with libtorch's line search. One step does up to max_iter iterations and returns the loss at their start.
class LBFGS : public OptimizerWith<LBFGSOptions> {
  struct Search;
  std::deque<Tensor> changes_, steps_; ///< of gradients and of parameters
  std::deque<double> inverse_products_;
  Tensor direction_, previous_gradient_;
  double diagonal_ = 1, length_ = 0, previous_loss_ = 0;
  std::int64_t iterations_ = 0;
  void update(std::size_t, const Tensor &) override {}
  Tensor flat_gradient() const;
  void move(const Tensor &direction, double length);
  void choose_direction(const Tensor &gradient);
  double search(Search &s);

public:
  LBFGS(std::vector<Tensor> parameters, LBFGSOptions options = {});
  Tensor step(const Closure &closure = nullptr) override;
};

// ---- Schedules of the learning rate: call step() after each epoch ----

class LRScheduler {
protected:
  Optimizer &optimizer_;
  double first_;
  std::int64_t count_ = 0;
  explicit LRScheduler(Optimizer &optimizer) : optimizer_(optimizer), first_(optimizer.lr()) {}
  virtual double rate(std::int64_t step) const = 0;

public:
  virtual ~LRScheduler() = default;
  void step() { optimizer_.set_lr(rate(++count_)); }
};
/// lr gamma^((step - 1) / step_size), rounded down, after call number `step`: as libtorch's, one call later than Python's.
class StepLR : public LRScheduler {
  std::int64_t size_;
  double gamma_;
  double rate(std::int64_t step) const override;

public:
  StepLR(Optimizer &optimizer, std::int64_t step_size, double gamma = 0.1);
};
/// From lr down to eta_min along half a cosine of t_max steps.
class CosineAnnealingLR : public LRScheduler {
  std::int64_t t_max_;
  double eta_min_;
  double rate(std::int64_t step) const override;

public:
  CosineAnnealingLR(Optimizer &optimizer, std::int64_t t_max, double eta_min = 0);
};

} // namespace optim
} // namespace nabla

#endif
