// Lambdas as members of objects, given to methods and constructors; std::visit in all forms of generic lambdas.
#ifdef CASES

template <class F> struct Scaled {
  F f;
  double k;
  double at(double x) const { return k * f(x); }
};
template <class F> Scaled(F, double) -> Scaled<F>;
double closure_member(double x, double y) {
  auto f = [y](double v) { return v * v * y; };
  Scaled<decltype(f)> s{f, x};
  return s.at(x) + s.f(y);
}
double closure_member_deduced(double x, double y) {
  Scaled s{[&](double v) { return v * x + y; }, 2.0};
  return s.at(x) * s.at(y);
}
struct Integrator {
  double h;
  template <class F> double run(F f, double x, int n) const {
    for (int i = 0; i < n; ++i)
      x += h * f(x);
    return x;
  }
  template <class F> void each(F &&f) { f(h); }
};
double method_template(double x, double y) {
  Integrator in{0.1};
  double s = in.run([&](double v) { return -v * y; }, x, 4);
  in.each([&](double &h) { h *= x; });
  return s + in.h;
}
template <class F> struct Memo {
  F f;
  double last = 0;
  explicit Memo(F g) : f(g) {}
  double operator()(double x) {
    last += f(x);
    return last;
  }
};
template <class F> Memo<F> memo(F f) { return Memo<F>(f); }
double made_by_function(double x, double y) {
  auto m = memo([=](double v) { return v * y; });
  const double first = m(x);
  return first + m(y);
}
double visit_forms(double x, double y, int n) {
  using V = std::variant<double, int>;
  std::vector<V> all{x, 2, y};
  double s = 0;
  for (auto &v : all) {
    s += std::visit([&](auto e) -> double { return e * x; }, v);
    std::visit([&](auto &e) { e *= 2; }, v);
    std::visit(
        [&](auto &&e) {
          using T = std::decay_t<decltype(e)>;
          if constexpr (std::is_same_v<T, int>)
            s += e;
          else
            s += e * e;
        },
        v);
    auto f = [&](const auto &e) { return e * y; };
    s += std::visit(f, v);
  }
  return s + n;
}
struct Solver {
  double k;
  template <class F> double apply(F f, double x) const { return f(x) + k; }
  double twice(double x) const {
    Solver other{k * 2};
    return other.apply([this](double v) { return v * k; }, x) + apply([&](double v) { return v * x; }, k);
  }
};
double this_of_another(double x, double y) { return Solver{y}.twice(x); }
double copied_object(double x, double y) {
  double z = x;
  Scaled s{[&z, y](double v) { return v * y * z; }, y};
  auto t = s;
  z *= 2;
  t.k *= x;
  return s.at(x) + t.at(y);
}

#else
#include <memory>
#include <type_traits>
#include <variant>
#include <vector>
#define CASES "closures.cpp"
#include "twice.h"

int main() {
  VERIFY(closure_member, 0.7, 1.2);
  VERIFY(closure_member_deduced, 0.7, 1.2);
  VERIFY(method_template, 0.7, 1.2);
  VERIFY(made_by_function, 0.7, 1.2);
  VERIFY(visit_forms, 0.7, 1.2, 3);
  VERIFY(this_of_another, 0.7, 1.2);
  VERIFY(copied_object, 0.7, 1.2);
  return check::report();
}
#endif
