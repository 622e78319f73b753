// What functions without derivatives change beyond what their parameters say: through global pointers, in destructors, mutable members
// and casts, and through pointers that they store or return. The reverse sweep must not read it again.
// WITHOUT: gxx
#include "check.h"
#include <cmath>
#include <nabla/nabla.h>

using reals = const double *;

int count = 0;
int *leads = &count;
int *const stays = &count;
constexpr int *known = &count;
struct Log {
  static Log *self;
  int n = 0;
  void add() { ++n; }
} the_log;
Log *Log::self = &the_log;

int by_pointer(int n) { return ++*leads, n ? by_pointer(n - 1) : 0; }
void by_constant_pointer() { ++*stays; }
void by_known_pointer() { ++*known; }
void by_singleton() { Log::self->add(); }
struct Guard {
  ~Guard() { ++count; }
};
struct Scope {
  Guard g;
  int id = 0;
};
int by_member_destructor() {
  Scope s;
  return s.id;
}
struct Counted {
  int k;
  Counted(int n) : k(n) { ++count; }
};
struct Inherits : Counted {
  using Counted::Counted;
};
int by_inherited_constructor() { return Inherits(0).k; }

template <auto Change> double steps(reals x) {
  count = 0;
  double s = 1;
  for (int i = 0; i < 3; ++i) {
    s += s * x[count];
    Change();
  }
  return s;
}
void recursive_change() { by_pointer(0); }
void destroyed() { by_member_destructor(); }
void constructed() { by_inherited_constructor(); }
double of_singleton(reals x) {
  the_log.n = 0;
  double s = 1;
  for (int i = 0; i < 3; ++i) {
    s += s * x[the_log.n];
    by_singleton();
  }
  return s;
}

struct Cursor {
  mutable int at = 0;
  void advance() const { ++at; }
};
double of_mutable(reals x) {
  Cursor c;
  double s = 1;
  for (int i = 0; i < 3; ++i) {
    s += s * x[c.at];
    c.advance();
  }
  return s;
}
int increased(const int *p, int n) { return ++*const_cast<int *>(p), n ? increased(p, n - 1) : 0; }
double of_cast(reals x) {
  int at = 0;
  double s = 1;
  for (int i = 0; i < 3; ++i) {
    s += s * x[at];
    increased(&at, 0);
  }
  return s;
}
struct Pool {
  int data[4] = {};
  int used = 0;
  int *take() { return data + used++; }
};
double of_pool(reals x) {
  Pool p;
  int *a = p.take();
  double s = 1;
  for (int i = 0; i < 3; ++i) {
    s += s * x[p.data[0]];
    *a += 1;
  }
  return s;
}
struct Holder {
  int *p;
};
void bind(Holder &h, int *p) { h.p = p; }
double of_bound(reals x) {
  int at = 0, none = 0;
  Holder h{&none};
  bind(h, &at);
  double s = 1;
  for (int i = 0; i < 3; ++i) {
    s += s * x[at];
    ++*h.p;
  }
  return s;
}
struct Random {
  mutable unsigned state = 1;
  int next() const { return int((state = state * 5 + 3) % 4); }
};
double of_snapshots(reals x) {
  const Random r;
  double s = 1;
  for (int i = 0; i < 9; ++i) {
    nabla::checkpoint(3);
    s = std::sin(s * x[r.next()]) + 1;
  }
  return s;
}
struct Weight {
  Guard g;
  double k = 2;
};
double recursive_use(double x, int n) {
  Weight w;
  return n ? recursive_use(x * x, n - 1) * w.k : x;
}
double of_kept_destructors(reals x) {
  count = 0;
  double s = 1;
  for (int i = 0; i < 3; ++i) {
    const double u = recursive_use(s * 0.1, 1);
    s += u * x[count % 4] + s * x[count % 3];
  }
  return s;
}

struct Numbered { // what an adjoint is made without
  int id = ++count;
  double v = 0;
};
double of_initialisers(reals x) {
  count = 0;
  Numbered a, b;
  a.v = x[0] * x[1], b.v = a.v * x[2];
  return a.v * b.v * x[count] * b.id;
}

template <auto F> void verify() {
  const double x[4] = {0.7, 1.3, 0.9, 1.1}, h = 1e-3;
  double bar[4] = {};
  CHECK_NEAR(nabla::gradient<F>(x, bar), F(x), 1e-14);
  for (int i = 0; i < 4; ++i) {
    auto at = [&](double d) {
      double y[4] = {x[0], x[1], x[2], x[3]};
      y[i] += d;
      return F(y);
    };
    const double want = 1.5 * (at(h) - at(-h)) / (2 * h) - 0.6 * (at(2 * h) - at(-2 * h)) / (4 * h) +
                        0.1 * (at(3 * h) - at(-3 * h)) / (6 * h);
    CHECK_NEAR(bar[i], want, 1e-9 * (1 + std::fabs(want)));
  }
}

int main() {
  verify<steps<recursive_change>>();
  verify<steps<by_constant_pointer>>();
  verify<steps<by_known_pointer>>();
  verify<steps<destroyed>>();
  verify<steps<constructed>>();
  verify<of_singleton>();
  verify<of_mutable>();
  verify<of_cast>();
  verify<of_pool>();
  verify<of_bound>();
  verify<of_snapshots>();
  verify<of_kept_destructors>();
  verify<of_initialisers>();
  return check::report();
}
