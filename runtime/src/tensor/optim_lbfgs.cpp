// Limited-memory BFGS (Nocedal 1980) with a line search for the strong Wolfe conditions (Nocedal and Wright, algorithms 3.5 and 3.6), step
// for step as in PyTorch, so that both visit the same points.
#include "impl.h"

#include <nabla/tensor/optim.h>

#include <algorithm>
#include <cmath>

namespace nabla::optim {

using namespace nabla::detail;

namespace {

double number(const Tensor &t) { return t.item<double>(); }
double largest(const Tensor &t) { return t.numel() ? number(t.abs().max()) : 0; }

/// The minimum between x1 and x2 (or the bounds) of the cubic with these values and slopes.
double cubic_minimum(double x1, double f1, double g1, double x2, double f2, double g2, double low,
                     double high) {
  const double d1 = g1 + g2 - 3 * (f1 - f2) / (x1 - x2), square = d1 * d1 - g1 * g2;
  if (!(square >= 0))
    return (low + high) / 2;
  const double d2 = std::sqrt(square);
  const double at = x1 <= x2 ? x2 - (x2 - x1) * ((g2 + d2 - d1) / (g2 - g1 + 2 * d2))
                             : x1 - (x1 - x2) * ((g1 + d2 - d1) / (g1 - g2 + 2 * d2));
  return std::min(std::max(at, low), high);
}

/// A point of the line: position, loss, gradient and slope.
struct Point {
  double t, f;
  Tensor g;
  double slope;
};

} // namespace

struct LBFGS::Search {
  const Closure &closure;
  double loss;
  Tensor gradient;
  double slope; ///< along the direction, at its start
  std::int64_t evaluations = 0;
};

LBFGS::LBFGS(std::vector<Tensor> parameters, LBFGSOptions options)
    : OptimizerWith(std::move(parameters), options) {
  if (!(options.lr() >= 0))
    throw ValueError("Invalid learning rate: " + std::to_string(options.lr()));
  if (options.line_search_fn() && *options.line_search_fn() != "strong_wolfe")
    throw ValueError("only 'strong_wolfe' is supported as line_search_fn, but got " +
                     *options.line_search_fn());
  if (options.history_size() < 1)
    throw ValueError("LBFGS: history_size must be at least 1");
}

Tensor LBFGS::flat_gradient() const {
  std::vector<Tensor> parts;
  for (const Tensor &p : parameters_)
    parts.push_back(p.grad().defined() ? p.grad().detach().reshape({-1})
                                       : zeros({p.numel()}, p.scalar_type()));
  return cat(parts, 0);
}

void LBFGS::move(const Tensor &direction, double length) {
  std::int64_t at = 0;
  for (const Tensor &p : parameters_) {
    p.add_(direction.narrow(0, at, p.numel()).view(p.sizes()), length);
    at += p.numel();
  }
}

/// The two-loop recursion.
void LBFGS::choose_direction(const Tensor &gradient) {
  if (++iterations_ == 1) {
    direction_ = gradient.neg();
    diagonal_ = 1;
    return;
  }
  const Tensor change = gradient - previous_gradient_, step = direction_ * length_;
  const double product = number(change.dot(step));
  if (product > 1e-10) {
    if (static_cast<std::int64_t>(changes_.size()) == options_.history_size()) {
      changes_.pop_front();
      steps_.pop_front();
      inverse_products_.pop_front();
    }
    changes_.push_back(change);
    steps_.push_back(step);
    inverse_products_.push_back(1 / product);
    diagonal_ = product / number(change.dot(change));
  }
  std::vector<double> alpha(changes_.size());
  const Tensor q = gradient.neg();
  for (std::size_t i = changes_.size(); i-- > 0;) {
    alpha[i] = number(steps_[i].dot(q)) * inverse_products_[i];
    q.add_(changes_[i], -alpha[i]);
  }
  direction_ = q * diagonal_;
  for (std::size_t i = 0; i < changes_.size(); ++i)
    direction_.add_(steps_[i], alpha[i] - number(changes_[i].dot(direction_)) * inverse_products_[i]);
}

/// Leaves the parameters where they were; the accepted length, its loss and gradient are put into s.
double LBFGS::search(Search &s) {
  constexpr double c1 = 1e-4, c2 = 0.9, tolerance = 1e-9;
  constexpr int most = 25;
  std::vector<Tensor> start;
  for (const Tensor &p : parameters_)
    start.push_back(p.detach().clone());
  auto evaluate = [&](double t) {
    move(direction_, t);
    Point p{t, 0, {}, 0};
    {
      EnableGradGuard history;
      p.f = number(s.closure());
    }
    p.g = flat_gradient();
    p.slope = number(p.g.dot(direction_));
    for (std::size_t i = 0; i < parameters_.size(); ++i)
      parameters_[i].copy_(start[i]);
    ++s.evaluations;
    return p;
  };
  const Point first{0, s.loss, s.gradient, s.slope};
  Point before = first, now = evaluate(length_);
  Point bracket[2] = {first, now};
  bool done = false, bracketed = false;
  int count = 0;
  while (count < most && !bracketed) {
    if (now.f > first.f + c1 * now.t * first.slope || (count > 1 && now.f >= before.f))
      bracketed = true;
    else if (std::fabs(now.slope) <= -c2 * first.slope)
      bracketed = done = true;
    else if (now.slope >= 0)
      bracketed = true;
    else {
      const double low = now.t + 0.01 * (now.t - before.t), high = now.t * 10;
      const double t = cubic_minimum(before.t, before.f, before.slope, now.t, now.f, now.slope, low, high);
      before = now;
      now = evaluate(t);
      ++count;
    }
  }
  bracket[0] = done ? now : bracketed ? before : first;
  bracket[1] = now;
  int low = bracket[0].f <= bracket[1].f ? 0 : 1;
  const double size = largest(direction_);
  bool stuck = false;
  for (; !done && count < most; ++count) {
    const double left = std::min(bracket[0].t, bracket[1].t), right = std::max(bracket[0].t, bracket[1].t);
    if ((right - left) * size < tolerance)
      break;
    double t = cubic_minimum(bracket[0].t, bracket[0].f, bracket[0].slope, bracket[1].t, bracket[1].f,
                             bracket[1].slope, left, right);
    const double margin = 0.1 * (right - left);
    if (std::min(right - t, t - left) < margin) {
      const bool forced = stuck || t >= right || t <= left;
      if (forced)
        t = std::fabs(t - right) < std::fabs(t - left) ? right - margin : left + margin;
      stuck = !forced;
    } else
      stuck = false;
    const Point p = evaluate(t);
    if (p.f > first.f + c1 * t * first.slope || p.f >= bracket[low].f) {
      bracket[1 - low] = p;
      low = bracket[0].f <= bracket[1].f ? 0 : 1;
    } else {
      if (std::fabs(p.slope) <= -c2 * first.slope)
        done = true;
      else if (p.slope * (bracket[1 - low].t - bracket[low].t) >= 0)
        bracket[1 - low] = bracket[low];
      bracket[low] = p;
    }
  }
  s.loss = bracket[low].f;
  s.gradient = bracket[low].g;
  return bracket[low].t;
}

Tensor LBFGS::step(const Closure &closure) {
  if (!closure)
    throw ValueError("LBFGS::step needs a closure that computes the loss: step([&] { optimizer.zero_grad(); "
                     "...; return loss; })");
  NoGradGuard no_history;
  Tensor result;
  {
    EnableGradGuard history;
    result = closure();
  }
  Search s{closure, number(result), flat_gradient(), 0};
  s.evaluations = 1;
  const std::int64_t max_eval = options_.max_eval() ? *options_.max_eval() : options_.max_iter() * 5 / 4;
  if (largest(s.gradient) <= options_.tolerance_grad())
    return result;
  for (std::int64_t n = 1; n <= options_.max_iter(); ++n) {
    choose_direction(s.gradient);
    previous_gradient_ = s.gradient.clone();
    previous_loss_ = s.loss;
    length_ =
        iterations_ == 1 ? std::min(1.0, 1 / number(s.gradient.abs().sum())) * options_.lr() : options_.lr();
    s.slope = number(s.gradient.dot(direction_));
    if (s.slope > -options_.tolerance_change())
      break;
    if (options_.line_search_fn()) {
      length_ = search(s);
      move(direction_, length_);
    } else {
      move(direction_, length_);
      if (n != options_.max_iter()) {
        EnableGradGuard history;
        s.loss = number(closure());
        s.gradient = flat_gradient();
        ++s.evaluations;
      }
    }
    if (s.evaluations >= max_eval || largest(s.gradient) <= options_.tolerance_grad() ||
        largest(direction_) * std::fabs(length_) <= options_.tolerance_change() ||
        std::fabs(s.loss - previous_loss_) < options_.tolerance_change())
      break;
  }
  return result;
}

} // namespace nabla::optim
