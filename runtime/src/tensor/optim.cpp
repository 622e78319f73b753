// First-order optimizers and learning rate schedules. The formulas are PyTorch's, which differ from the papers in where epsilon stands.
#include "impl.h"

#include <nabla/tensor/optim.h>

#include <cmath>
#include <sstream>

namespace nabla::optim {

using namespace nabla::detail;

namespace {

std::string text(double x) {
  std::ostringstream s;
  s << x;
  return s.str();
}
void need(bool right, const char *what, double value) {
  if (!right)
    throw ValueError(std::string(what) + text(value));
}
void need_betas(const Betas &b) {
  for (int i = 0; i < 2; ++i) {
    const double beta = i ? std::get<1>(b) : std::get<0>(b);
    need(0 <= beta && beta < 1,
         i ? "Invalid beta parameter at index 1: " : "Invalid beta parameter at index 0: ", beta);
  }
}

/// The state of one parameter, made at its first step.
Tensor &state(std::vector<Tensor> &all, std::size_t i, const Tensor &parameter, double value = 0) {
  if (!all[i].defined())
    all[i] = full_like(parameter.detach(), value);
  return all[i];
}

/// The common part of Adam and AdamW: moments, bias correction, step.
struct AdamStep {
  double lr, beta1, beta2, eps;
  bool amsgrad;
  std::int64_t step;
  void operator()(const Tensor &p, const Tensor &g, const Tensor &mean, const Tensor &square,
                  Tensor *most) const {
    mean.mul_(beta1).add_(g, 1 - beta1);
    square.mul_(beta2).addcmul_(g, g, 1 - beta2);
    const double correction1 = 1 - std::pow(beta1, static_cast<double>(step));
    const double root2 = std::sqrt(1 - std::pow(beta2, static_cast<double>(step)));
    if (amsgrad)
      *most = maximum(*most, square);
    const Tensor denominator = (amsgrad ? *most : square).sqrt().mul_(1 / root2).add_(eps);
    p.addcdiv_(mean, denominator, -lr / correction1);
  }
};

} // namespace

Optimizer::Optimizer(std::vector<Tensor> parameters) : parameters_(std::move(parameters)) {
  for (const Tensor &p : parameters_) {
    detail::need(p);
    if (!p.is_leaf())
      throw ValueError("can't optimize a non-leaf Tensor");
  }
}

void Optimizer::zero_grad(bool set_to_none) const {
  for (const Tensor &p : parameters_) {
    Tensor &g = p.mutable_grad();
    if (!g.defined())
      continue;
    if (set_to_none)
      g.reset();
    else {
      if (g.requires_grad() || g.grad_fn())
        g = g.detach();
      NoGradGuard no_history;
      g.zero_();
    }
  }
}

Tensor Optimizer::step(const Closure &closure) {
  Tensor loss;
  if (closure) {
    EnableGradGuard history;
    loss = closure();
  }
  NoGradGuard no_history;
  for (std::size_t i = 0; i < parameters_.size(); ++i)
    if (const Tensor &g = parameters_[i].grad(); g.defined())
      update(i, g.detach());
  return loss;
}

SGD::SGD(std::vector<Tensor> parameters, SGDOptions options)
    : OptimizerWith(std::move(parameters), options), momentum_(parameters_.size()) {
  need(options.lr() >= 0, "Invalid learning rate: ", options.lr());
  need(options.momentum() >= 0, "Invalid momentum value: ", options.momentum());
  need(options.weight_decay() >= 0, "Invalid weight_decay value: ", options.weight_decay());
  if (options.nesterov() && (options.momentum() <= 0 || options.dampening() != 0))
    throw ValueError("Nesterov momentum requires a momentum and zero dampening");
}

void SGD::update(std::size_t i, const Tensor &gradient) {
  const Tensor &p = parameters_[i];
  Tensor g = gradient;
  if (options_.weight_decay() != 0)
    g = g.add(p, options_.weight_decay());
  if (options_.momentum() != 0) {
    if (!momentum_[i].defined())
      momentum_[i] = g.clone();
    else
      momentum_[i].mul_(options_.momentum()).add_(g, 1 - options_.dampening());
    g = options_.nesterov() ? g.add(momentum_[i], options_.momentum()) : momentum_[i];
  }
  p.add_(g, -options_.lr());
}

/// What Adam and AdamW ask of their options.
template <class Options> static void need_moments(const Options &options) {
  need(options.lr() >= 0, "Invalid learning rate: ", options.lr());
  need(options.eps() >= 0, "Invalid epsilon value: ", options.eps());
  need(options.weight_decay() >= 0, "Invalid weight_decay value: ", options.weight_decay());
  need_betas(options.betas());
}

Adam::Adam(std::vector<Tensor> parameters, AdamOptions options)
    : OptimizerWith(std::move(parameters), options), mean_(parameters_.size()), square_(parameters_.size()),
      most_(parameters_.size()), steps_(parameters_.size()) {
  need_moments(options);
}

void Adam::update(std::size_t i, const Tensor &gradient) {
  const Tensor &p = parameters_[i];
  const Tensor g = options_.weight_decay() != 0 ? gradient.add(p, options_.weight_decay()) : gradient;
  const auto [beta1, beta2] = options_.betas();
  const AdamStep step{options_.lr(), beta1, beta2, options_.eps(), options_.amsgrad(), ++steps_[i]};
  step(p, g, state(mean_, i, p), state(square_, i, p), options_.amsgrad() ? &state(most_, i, p) : nullptr);
}

AdamW::AdamW(std::vector<Tensor> parameters, AdamWOptions options)
    : OptimizerWith(std::move(parameters), options), mean_(parameters_.size()), square_(parameters_.size()),
      most_(parameters_.size()), steps_(parameters_.size()) {
  need_moments(options);
}

void AdamW::update(std::size_t i, const Tensor &gradient) {
  const Tensor &p = parameters_[i];
  if (options_.weight_decay() != 0)
    p.mul_(1 - options_.lr() * options_.weight_decay());
  const auto [beta1, beta2] = options_.betas();
  const AdamStep step{options_.lr(), beta1, beta2, options_.eps(), options_.amsgrad(), ++steps_[i]};
  step(p, gradient, state(mean_, i, p), state(square_, i, p),
       options_.amsgrad() ? &state(most_, i, p) : nullptr);
}

RMSprop::RMSprop(std::vector<Tensor> parameters, RMSpropOptions options)
    : OptimizerWith(std::move(parameters), options), square_(parameters_.size()), mean_(parameters_.size()),
      momentum_(parameters_.size()) {
  need(options.lr() >= 0, "Invalid learning rate: ", options.lr());
  need(options.eps() >= 0, "Invalid epsilon value: ", options.eps());
  need(options.momentum() >= 0, "Invalid momentum value: ", options.momentum());
  need(options.weight_decay() >= 0, "Invalid weight_decay value: ", options.weight_decay());
  need(options.alpha() >= 0, "Invalid alpha value: ", options.alpha());
}

void RMSprop::update(std::size_t i, const Tensor &gradient) {
  const Tensor &p = parameters_[i];
  const Tensor g = options_.weight_decay() != 0 ? gradient.add(p, options_.weight_decay()) : gradient;
  const Tensor &square = state(square_, i, p);
  square.mul_(options_.alpha()).addcmul_(g, g, 1 - options_.alpha());
  Tensor root;
  if (options_.centered()) {
    const Tensor &mean = state(mean_, i, p);
    mean.mul_(options_.alpha()).add_(g, 1 - options_.alpha());
    root = square.addcmul(mean, mean, -1).sqrt_().add_(options_.eps());
  } else
    root = square.sqrt().add_(options_.eps());
  if (options_.momentum() > 0) {
    const Tensor &velocity = state(momentum_, i, p);
    velocity.mul_(options_.momentum()).addcdiv_(g, root);
    p.add_(velocity, -options_.lr());
  } else
    p.addcdiv_(g, root, -options_.lr());
}

Adagrad::Adagrad(std::vector<Tensor> parameters, AdagradOptions options)
    : OptimizerWith(std::move(parameters), options), sum_(parameters_.size()), steps_(parameters_.size()) {
  need(options.lr() >= 0, "Invalid learning rate: ", options.lr());
  need(options.lr_decay() >= 0, "Invalid lr_decay value: ", options.lr_decay());
  need(options.weight_decay() >= 0, "Invalid weight_decay value: ", options.weight_decay());
  need(options.initial_accumulator_value() >= 0,
       "Invalid initial_accumulator_value value: ", options.initial_accumulator_value());
  need(options.eps() >= 0, "Invalid epsilon value: ", options.eps());
}

void Adagrad::update(std::size_t i, const Tensor &gradient) {
  const Tensor &p = parameters_[i];
  const Tensor g = options_.weight_decay() != 0 ? gradient.add(p, options_.weight_decay()) : gradient;
  const double rate = options_.lr() / (1 + static_cast<double>(steps_[i]++) * options_.lr_decay());
  const Tensor &sum = state(sum_, i, p, options_.initial_accumulator_value());
  sum.addcmul_(g, g, 1);
  p.addcdiv_(g, sum.sqrt().add_(options_.eps()), -rate);
}

StepLR::StepLR(Optimizer &optimizer, std::int64_t step_size, double gamma)
    : LRScheduler(optimizer), size_(step_size), gamma_(gamma) {
  if (step_size <= 0)
    throw ValueError("StepLR: step_size must be positive, but is " + std::to_string(step_size));
}
// libtorch's C++ counts its own call first, so the rate falls at call size + 1 (Python's falls at call size).
double StepLR::rate(std::int64_t step) const {
  return first_ * std::pow(gamma_, static_cast<double>((step - 1) / size_));
}

CosineAnnealingLR::CosineAnnealingLR(Optimizer &optimizer, std::int64_t t_max, double eta_min)
    : LRScheduler(optimizer), t_max_(t_max), eta_min_(eta_min) {
  if (t_max <= 0)
    throw ValueError("CosineAnnealingLR: t_max must be positive, but is " + std::to_string(t_max));
}
double CosineAnnealingLR::rate(std::int64_t step) const {
  constexpr double pi = 3.14159265358979323846;
  return eta_min_ + (first_ - eta_min_) *
                        (1 + std::cos(pi * static_cast<double>(step) / static_cast<double>(t_max_))) / 2;
}

} // namespace nabla::optim
