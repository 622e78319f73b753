// Classes with copy constructors, assignments, moves and destructors of their own: what they do is differentiated like
// everything else. And exceptions that are caught where they are thrown.
#ifdef CASES

struct Scaled { // copies change the value
  double v;
  explicit Scaled(double x) : v(x) {}
  Scaled(const Scaled &other) : v(2 * other.v) {}
  Scaled(Scaled &&other) : v(3 * other.v) { other.v = 1; }
  Scaled &operator=(const Scaled &other) {
    v = other.v * other.v;
    return *this;
  }
  Scaled &operator=(Scaled &&other) {
    v += other.v;
    other.v *= 0.5;
    return *this;
  }
};
Scaled operator+(const Scaled &a, const Scaled &b) { return Scaled(a.v + b.v); }
double by_value(Scaled s) {
  s.v += 1;
  return s.v * s.v;
}
Scaled returned(double x) {
  Scaled s(x);
  s.v *= x;
  return s;
}
Scaled one_of_two(double x, double y) {
  Scaled a(x), b(y);
  if (x > y)
    return a;
  return b;
}
double copies(double x, double y) {
  Scaled a(x), b = a, c(y);
  c = a;
  double s = c.v;
  c = Scaled(y);
  Scaled d = std::move(b);
  d = std::move(c);
  Scaled e = a + d, f = returned(y);
  s += by_value(a) + by_value(Scaled(y)) + a.v;
  return s + b.v * c.v + d.v + e.v * f.v;
}
double two_ways_out(double x, double y) { return one_of_two(x, y).v * one_of_two(y, x).v; }
struct Both { // copies its members as they wish
  Scaled a;
  double k;
  Scaled parts[2];
  Both(double x, double y) : a(x), k(y), parts{Scaled(x), Scaled(y)} {}
};
double members(double x, double y) {
  Both p(x, y), q = p;
  q.parts[1].v *= x;
  p = q;
  return p.a.v * q.a.v + p.k + p.parts[0].v * p.parts[1].v;
}
void exchange(double &x, double &y) {
  Scaled a(x), b(y);
  std::swap(a, b);
  x = a.v;
  y = b.v;
}
double swapped(double x, double y) {
  exchange(x, y);
  return x * x * y;
}

// ---- Destructors ----

struct Guard { // on the way out, a change of what it refers to
  double &x;
  double by;
  Guard(double &a, double b) : x(a), by(b) { x += by; }
  Guard(const Guard &) = delete;
  ~Guard() { x *= by; }
};
struct Outer {
  Guard first, second;
  Outer(double &a, double b) : first(a, b), second(a, b * b) {}
};
double scopes(double x, double y, int n) {
  double s = x;
  {
    Guard g(s, y);
    s *= x;
  }
  for (int i = 0; i < n; ++i) {
    Guard g(s, x);
    if (i == 1)
      continue;
    Guard h(s, 0.3 * y);
    if (i == 3)
      break;
    s += i;
  }
  Outer o(s, 0.5);
  return s + y;
}
double early(double x, double y) {
  double s = x * y;
  Guard g(s, y);
  if (x > 1)
    return s * x;
  Guard h(s, x);
  s += y;
  return s * y;
}
double left_by(double &x, double y) {
  Guard g(x, y);
  if (y > 1)
    return x;
  x *= y;
  return x * x;
}
double seen_by_caller(double x, double y) {
  double r = left_by(x, y);
  return r * x;
}
double temporaries(double x, double y) {
  double s = x;
  double t = Guard(s, y).by + s;
  Guard(s, x);
  const Guard &kept = Guard(s, 2.0);
  s += kept.by;
  return s * t;
}
struct Depth {
  int &d;
  double &x;
  Depth(int &a, double &b) : d(a), x(b) { ++d; }
  ~Depth() {
    --d;
    x += 0.1 * d;
  }
};
double jumped(double x, int n) {
  int depth = 0;
  double s = x;
  for (int i = 0; i < n; ++i) {
    Depth a(depth, s);
    for (int j = 0; j < n; ++j) {
      Depth b(depth, s);
      s *= x;
      if (s > 3)
        goto out;
    }
  }
out:
  return s + depth;
}

struct Closing {
  double &x;
  double k;
  Closing(double &a, double by) : x(a), k(by) {}
  ~Closing() { x = x * k + 1; }
};
double jumped_while_one_lives(double x, double y) { // it is destroyed behind the label, not before the jump
  double s = x;
  for (int i = 0; i < 3; ++i) {
    Closing outer(s, y);
    if (s > 4)
      goto far;
    {
      Closing inner(s, 0.5);
      if (s < 2)
        goto near;
      s += x;
    }
    s *= 1.1;
  near:
    s += y * x;
    if (i == 1)
      goto far;
    s = s * s * 0.3;
  far:
    s += i * x;
  }
  return s;
}

// ---- try and catch ----

struct Failure {
  double value;
  int code;
};
struct Deep : Failure {
  double more;
};
double checked(double x) {
  if (x < 0)
    throw std::domain_error("negative");
  return std::sqrt(x);
}
double checked_twice(double x, double y) {
  if (y > 2)
    throw Failure{x * y, 2};
  return checked(x) + checked(x * y);
}
double caught(double x, double y) {
  double s = 1;
  try {
    s = checked(x - 1) * y;
    s += checked_twice(x, y);
  } catch (const Failure &f) {
    s += f.value * f.code;
  } catch (const std::exception &) {
    s += x * y;
  }
  return s * x;
}
double in_loop(double x, double y, int n) {
  double s = y;
  for (int i = 0; i < n; ++i) {
    try {
      if (i % 3 == 1)
        throw i;
      if (i % 3 == 2)
        throw Deep{{x * s, i}, y};
      s += checked(x - 0.3 * i);
    } catch (int k) {
      s += k * x;
      if (i > 5)
        break;
    } catch (const Deep &d) {
      s *= d.more;
    } catch (...) {
      s *= 0.5;
      continue;
    }
    s += 0.1;
  }
  return s;
}
double nested_tries(double x, double y) {
  double s = x;
  try {
    try {
      Guard g(s, y);
      if (s > 1)
        throw Failure{s, 1};
      s += checked(-s);
    } catch (const Failure &f) {
      s *= f.value;
      throw std::runtime_error("again");
    }
    s = 0;
  } catch (const std::logic_error &) {
    s += y;
  } catch (const std::runtime_error &) {
    s -= y;
  }
  return s * s;
}
double library_throws(double x, double y, int n) {
  std::vector<double> v{x, y};
  std::optional<double> o;
  double s = 0;
  for (int i = 0; i < n; ++i)
    try {
      s += v.at(i) * x;
      s += o.value();
      s = 0;
    } catch (const std::bad_optional_access &) {
      o = s;
    } catch (const std::out_of_range &) {
      s *= y;
    }
  return s;
}
struct Solver {
  double tolerance;
  int steps = 0;
  double step(double x) {
    ++steps;
    if (x * x > tolerance)
      throw Failure{x - tolerance, steps};
    return x * 1.5;
  }
};
double methods_throw(double x, double y) {
  Solver solver{y};
  double s = x;
  try {
    for (int i = 0; i < 20; ++i)
      s = solver.step(s);
  } catch (Failure f) {
    f.value *= s;
    s += f.value;
  }
  return s * solver.steps;
}
double safe_root(double x) {
  try {
    return checked(x);
  } catch (const std::domain_error &) {
    return x * x;
  }
}
double returned_from_try(double x, double y) {
  auto bad = [y](double t) {
    if (t > 1)
      throw t * y;
    return t;
  };
  double s = safe_root(x) + safe_root(-y);
  try {
    s += bad(x);
    s += bad(x + 1);
  } catch (double t) {
    s *= t;
  }
  return s;
}

#else
#include <optional>
#include <stdexcept>
#include <vector>
#define CASES "lifetimes.cpp"
#include "twice.h"

int main() {
  VERIFY(copies, 0.7, 1.2);
  VERIFY(two_ways_out, 0.7, 1.2);
  VERIFY(members, 0.7, 1.2);
  VERIFY(swapped, 0.7, 1.2);
  VERIFY(scopes, 0.7, 1.2, 5);
  VERIFY(early, 0.7, 1.2);
  VERIFY(early, 1.7, 1.2);
  VERIFY(seen_by_caller, 0.7, 0.6);
  VERIFY(seen_by_caller, 0.7, 1.2);
  VERIFY(temporaries, 0.7, 1.2);
  VERIFY(jumped, 1.2, 3);
  VERIFY(jumped, 1.4, 3);
  VERIFY(jumped_while_one_lives, 1.3, 0.7);
  VERIFY(jumped_while_one_lives, 0.6, 1.9);
  VERIFY(jumped_while_one_lives, 2.3, 1.2);
  VERIFY(caught, 1.7, 1.2);
  VERIFY(caught, 0.7, 1.2);
  VERIFY(caught, 1.7, 2.2);
  VERIFY(in_loop, 1.1, 1.2, 9);
  VERIFY(nested_tries, 0.7, 1.2);
  VERIFY(nested_tries, -0.7, 0.3);
  VERIFY(library_throws, 0.7, 1.2, 5);
  VERIFY(methods_throw, 0.7, 9.0);
  VERIFY(returned_from_try, 0.7, 1.2);
  return check::report();
}
#endif
