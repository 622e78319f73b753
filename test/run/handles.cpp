// A handle class of the user's own: a shared vector, with rules written in C++. Pairs, loops, records and exceptions.
// RUN: %nablaxx -Wall -Wextra -Werror -O1 -fsanitize=address,undefined %check %s -o %t && %t
// RUN: %nabla --whole %s -o %t.cpp -- -std=c++17 -I%include %check && %gxx -std=c++17 -O1 -Wall -Wextra -Werror -I%include %check %t.cpp -L%lib -lnabla -o %t2 && %t2
#include "check.h"
#include <memory>
#include <nabla/nabla.h>
#include <stdexcept>
#include <vector>

namespace own {

int alive = 0, guarded = 0;
struct Guard {
  Guard() { ++guarded; }
  ~Guard() { --guarded; }
};

struct Handle;
class Row {
public:
  using nabla_handle = Handle;
  Row() { ++alive; }
  Row(std::vector<double> v) : data_(std::make_shared<const std::vector<double>>(std::move(v))) { ++alive; }
  Row(const Row &r) : data_(r.data_) { ++alive; }
  Row &operator=(const Row &r) = default;
  ~Row() { --alive; }
  std::size_t size() const { return data_ ? data_->size() : 0; }
  double at(std::size_t i) const { return (*data_)[i]; }
  bool is_zero() const { return !data_; }

private:
  std::shared_ptr<const std::vector<double>> data_;
};

template <class F> Row map(const Row &a, F f) {
  std::vector<double> out;
  for (std::size_t i = 0; i < a.size(); ++i)
    out.push_back(f(i));
  return out;
}

struct Handle {
  using guard = Guard;
  static void accumulate(Row &bar, const Row &more) {
    if (!more.is_zero())
      bar = bar.is_zero() ? more : map(bar, [&](std::size_t i) { return bar.at(i) + more.at(i); });
  }
  static Row seed(const Row &r) {
    return map(r, [](std::size_t) { return 1.0; });
  }
};

Row operator*(const Row &a, const Row &b);
Row scaled(const Row &a, double s);
double total(const Row &a);
Row checked(const Row &a, double limit);
[[nabla::pullback_of("operator*")]] void times_pullback(const Row &a, const Row &b, const Row &seed,
                                                        Row *a_bar, Row *b_bar);
[[nabla::pullback_of(scaled)]] void scaled_pullback(const Row &a, double s, const Row &seed, Row *a_bar,
                                                    double *s_bar);
[[nabla::pullback_of(total)]] void total_pullback(const Row &a, double seed, Row *a_bar);
[[nabla::pullback_of(checked)]] void checked_pullback(const Row &a, double limit, const Row &seed, Row *a_bar,
                                                      double *);

Row operator*(const Row &a, const Row &b) {
  return map(a, [&](std::size_t i) { return a.at(i) * b.at(i); });
}
Row scaled(const Row &a, double s) {
  return map(a, [&](std::size_t i) { return a.at(i) * s; });
}
double total(const Row &a) {
  double s = 0;
  for (std::size_t i = 0; i < a.size(); ++i)
    s += a.at(i);
  return s;
}
Row checked(const Row &a, double limit) {
  if (total(a) > limit)
    throw std::runtime_error("too large");
  return a;
}
void times_pullback(const Row &a, const Row &b, const Row &seed, Row *a_bar, Row *b_bar) {
  if (seed.is_zero())
    return;
  if (a_bar)
    Handle::accumulate(*a_bar, b * seed);
  if (b_bar)
    Handle::accumulate(*b_bar, a * seed);
}
void scaled_pullback(const Row &a, double s, const Row &seed, Row *a_bar, double *s_bar) {
  if (seed.is_zero())
    return;
  if (a_bar)
    Handle::accumulate(*a_bar, scaled(seed, s));
  if (s_bar)
    *s_bar += total(a * seed);
}
void total_pullback(const Row &a, double seed, Row *a_bar) {
  if (a_bar)
    Handle::accumulate(*a_bar, map(a, [&](std::size_t) { return seed; }));
}
void checked_pullback(const Row &, double, const Row &seed, Row *a_bar, double *) {
  if (a_bar && guarded > 0)
    Handle::accumulate(*a_bar, seed);
}

} // namespace own
using own::Row;

// What the marks declare, for compilers without the plugin.
double grow_grad(Row, double, double, Row *, double *, double *);
double many_grad(const Row &, int, Row &);
double through_grad(const Row &, Row, Row &, Row *);

/// x^(2^n), or as far as it stays below the limit; kept on the record's stack.
[[nabla::gradient]] double grow(Row x, double s, double limit) {
  Row y = x;
  while (total(y) < limit) {
    Row next = scaled(y * y, s);
    y = checked(next, 1e6);
  }
  return total(y);
}

[[nabla::gradient("x")]] double many(const Row &x, int n) {
  Row y = x;
  for (int i = 0; i < n; ++i)
    for (int k = 0; k < i; ++k)
      y = y * x;
  return total(y);
}

Row cube(const Row &x) { return x * x * x; }
void cube_into(const Row &x, Row &out) { out = out * cube(x); }
[[nabla::gradient]] double through(const Row &x, Row y) {
  cube_into(x, y);
  return total(y);
}

int main() {
  {
    Row x({1.5, 2.0}), x_bar;
    double s_bar = 0, limit_bar = 0;
    double v = grow_grad(x, 1.0, 100, &x_bar, &s_bar, &limit_bar); // x^8
    CHECK_NEAR(v, std::pow(1.5, 8) + std::pow(2.0, 8), 1e-14);
    CHECK_NEAR(x_bar.at(0), 8 * std::pow(1.5, 7), 1e-14);
    CHECK_NEAR(x_bar.at(1), 8 * std::pow(2.0, 7), 1e-14);
    CHECK_NEAR(s_bar, 7 * v, 1e-14); // s^(1 + 2 + 4)
    CHECK(own::guarded == 0);
    bool thrown = false;
    int before = own::alive;
    try {
      grow_grad(x, 1.0, 1e9, &x_bar, &s_bar, &limit_bar);
    } catch (const std::runtime_error &) {
      thrown = true;
    }
    CHECK(thrown && own::alive == before && own::guarded == 0);

    Row many_bar;
    CHECK_NEAR(many_grad(x, 4, many_bar), std::pow(1.5, 7) + std::pow(2.0, 7), 1e-14);
    CHECK_NEAR(many_bar.at(0), 7 * std::pow(1.5, 6), 1e-14);
    Row a_bar, b_bar, y({3.0, 4.0});
    CHECK_NEAR(through_grad(x, y, a_bar, &b_bar), 3 * 3.375 + 4 * 8, 1e-14);
    CHECK_NEAR(a_bar.at(0), 3 * 3 * 2.25, 1e-14);
    CHECK_NEAR(b_bar.at(1), 8, 1e-14);
  }
  CHECK(own::alive == 0);
  return check::report();
}
