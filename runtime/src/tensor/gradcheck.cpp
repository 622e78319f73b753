#include "impl.h"

#include <nabla/tensor/gradcheck.h>

#include <cmath>
#include <sstream>

namespace nabla::detail {

namespace {

using functional::List;
using functional::ListFunction;

struct Mismatch {
  std::size_t output, input;
  std::int64_t row, column;
  double computed, difference;
  std::string text(const char *what) const {
    std::ostringstream s;
    s.precision(10);
    s << what << " mismatch for output " << output << " with respect to input " << input << ": d output["
      << row << "] / d input[" << column << "] is " << computed << ", but difference quotients give "
      << difference;
    return s.str();
  }
};

std::vector<double> numbers(const Tensor &t) {
  const Tensor flat = dense(t.detach()).to(kDouble).reshape({-1});
  const double *p = flat.data_ptr<double>();
  return std::vector<double>(p, p + flat.numel());
}

/// Only floating results count.
List floating(const List &all) {
  List r;
  for (const Tensor &t : all)
    if (t.defined() && is_floating(t.scalar_type()))
      r.push_back(t);
  return r;
}

/// Copies with x's strides, requiring gradients where x does.
List copies(const List &x) {
  List r;
  for (const Tensor &t : x) {
    Tensor c = t.detach().clone();
    if (!t.is_contiguous()) { // the check is of the strided kernel too
      std::int64_t reach = 1;
      for (int d = 0; d < t.dim(); ++d)
        reach += (t.size(d) - 1) * t.stride(d);
      bool overlaps = false;
      for (int d = 0; d < t.dim(); ++d)
        overlaps |= t.size(d) > 1 && t.stride(d) == 0;
      if (!overlaps && t.numel()) {
        c = zeros({reach}, t.scalar_type()).as_strided(t.sizes(), t.strides());
        c.copy_(t.detach());
        c = c.detach();
      }
    }
    r.push_back(c.requires_grad_(t.requires_grad()));
  }
  return r;
}

bool compare(const ListFunction &f, const List &x, double eps, double atol, double rtol, Mismatch &worst) {
  List in = copies(x);
  List out;
  {
    EnableGradGuard history;
    out = floating(f(in));
  }
  for (std::size_t k = 0; k < in.size(); ++k) {
    if (!in[k].requires_grad())
      continue;
    // computed[output][row][column]
    std::vector<std::vector<std::vector<double>>> computed;
    for (const Tensor &y : out) {
      std::vector<std::vector<double>> rows;
      for (std::int64_t i = 0; i < y.numel(); ++i) {
        if (!y.requires_grad()) {
          rows.emplace_back(static_cast<std::size_t>(in[k].numel()), 0.0);
          continue;
        }
        Tensor seed = zeros({y.numel()}, y.scalar_type());
        seed[i].fill_(1);
        const List g = autograd::grad({y}, {in[k]}, {seed.reshape(y.sizes())}, true, false, true);
        if (g[0].defined() && g[0].sizes() != in[k].sizes())
          throw GradcheckError("the gradient by input " + std::to_string(k) + " has shape " +
                               shape_text(g[0].sizes()) + " and the input " + shape_text(in[k].sizes()));
        rows.push_back(g[0].defined() ? numbers(g[0])
                                      : std::vector<double>(static_cast<std::size_t>(in[k].numel()), 0.0));
      }
      computed.push_back(std::move(rows));
    }
    const Tensor numbered = arange(in[k].numel()).reshape(in[k].sizes());
    for (std::int64_t j = 0; j < in[k].numel(); ++j) {
      NoGradGuard no_history;
      const Tensor mask = numbered.eq(j).to(in[k].scalar_type());
      List moved[2] = {in, in};
      moved[0][k] = in[k].detach() + mask * eps;
      moved[1][k] = in[k].detach() - mask * eps;
      const List high = floating(f(moved[0])), low = floating(f(moved[1]));
      for (std::size_t o = 0; o < out.size(); ++o) {
        const std::vector<double> a = numbers(high[o]), b = numbers(low[o]);
        for (std::size_t i = 0; i < a.size(); ++i) {
          const double difference = (a[i] - b[i]) / (2 * eps),
                       c = computed[o][i][static_cast<std::size_t>(j)];
          if (!(std::fabs(difference - c) <= atol + rtol * std::fabs(difference))) {
            worst = {o, k, static_cast<std::int64_t>(i), j, c, difference};
            return false;
          }
        }
      }
    }
  }
  return true;
}

void need_inputs(const List &x) {
  bool any = false;
  for (const Tensor &t : x)
    any |= t.defined() && t.requires_grad();
  if (!any)
    throw ValueError("gradcheck expects at least one input tensor to require gradient, but none of the them "
                     "have requires_grad=True.");
}

} // namespace

bool gradcheck(const ListFunction &f, const List &x, double eps, double atol, double rtol, bool raise) {
  need_inputs(x);
  Mismatch worst{};
  if (compare(f, x, eps, atol, rtol, worst))
    return true;
  if (raise)
    throw GradcheckError(worst.text("Jacobian"));
  return false;
}

bool gradgradcheck(const ListFunction &f, const List &x, double eps, double atol, double rtol, bool raise) {
  need_inputs(x);
  List all = x;
  std::size_t results = 0;
  {
    EnableGradGuard history;
    for (const Tensor &y : floating(f(copies(x))))
      if (y.requires_grad()) {
        all.push_back(randn(y.sizes(), y.scalar_type()).requires_grad_());
        ++results;
      }
  }
  if (!results)
    throw ValueError("gradgradcheck: no result of the function requires a gradient");
  auto backward = [&](const List &arguments) {
    EnableGradGuard history;
    List in;
    for (std::size_t i = 0; i < x.size(); ++i) // arguments moved by a difference have no history of their own
      in.push_back(x[i].requires_grad() && !arguments[i].requires_grad()
                       ? arguments[i].detach().requires_grad_()
                       : arguments[i]);
    List out, seeds(arguments.begin() + static_cast<std::ptrdiff_t>(x.size()), arguments.end()), by;
    for (const Tensor &y : floating(f(in)))
      if (y.requires_grad())
        out.push_back(y);
    for (const Tensor &t : in)
      if (t.requires_grad())
        by.push_back(t);
    List g = autograd::grad(out, by, seeds, true, true, true);
    for (std::size_t i = 0; i < g.size(); ++i)
      if (!g[i].defined())
        g[i] = zeros_like(by[i].detach());
    return g;
  };
  Mismatch worst{};
  if (compare(backward, all, eps, atol, rtol, worst))
    return true;
  if (raise)
    throw GradcheckError(worst.text("second derivative"));
  return false;
}

} // namespace nabla::detail
