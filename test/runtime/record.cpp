// nabla::record: last in first out over chunk borders, bits among values, arrays that stay put, alignment,
// exhaustion.
//
// RUN: %gxx -std=c++17 -Wall -Wextra -Werror -O2 -I%include %check %s %root/runtime/src/record.cpp -o %t.gxx
// RUN: %t.gxx
// RUN: %clangxx -std=c++17 -O1 -fsanitize=address,undefined -c -I%include %root/runtime/src/record.cpp -o %t.o
// RUN: %clangxx -std=c++20 -O1 -fsanitize=address,undefined -I%include %check %s %t.o -o %t.clang
// RUN: env UBSAN_OPTIONS=halt_on_error=1 %t.clang
#include "check.h"
#include <cstdint>
#include <cstring>
#include <nabla/record.h>
#include <new>
#include <random>
#include <vector>

namespace {

struct Point {
  double x, y;
  char tag;
};

void nothing_used() {
  nabla::record unused, empty;
  empty.zeros<double>(0);
}

struct Named { // no default constructor
  explicit Named(int n) : number(n) {}
  int number;
};

void values_of_all_sizes() {
  nabla::record r;
  r.push(Named(5));
  CHECK(r.pop<Named>().number == 5);
  const int n = 20000; // several chunks
  for (int i = 0; i < n; ++i) {
    r.push(i);
    r.push(i * 0.5);
    r.push(static_cast<long double>(i) / 3);
    r.push(static_cast<char>(i));
    r.push(Point{1.0 * i, 2.0 * i, 'p'});
    r.push(&r);
  }
  bool ok = true;
  for (int i = n; i-- > 0;) {
    ok &= r.pop<nabla::record *>() == &r;
    Point p = r.pop<Point>();
    ok &= p.x == i && p.y == 2.0 * i && p.tag == 'p';
    ok &= r.pop<char>() == static_cast<char>(i);
    ok &= r.pop<long double>() == static_cast<long double>(i) / 3;
    double d;
    r.pop(d);
    ok &= d == i * 0.5;
    ok &= r.pop<int>() == i;
  }
  CHECK(ok);
}

/// Up and down around a chunk's border, and at random.
void borders() {
  nabla::record r;
  std::vector<double> model;
  std::mt19937 random(7);
  bool ok = true;
  for (int i = 0; i < 300000; ++i) {
    bool grows = model.empty() || (i % 2000 < 1200 ? random() % 3 != 0 : random() % 3 == 0);
    if (grows) {
      model.push_back(i);
      r.push<double>(i);
    } else {
      ok &= r.pop<double>() == model.back();
      model.pop_back();
    }
  }
  CHECK(ok);
  struct Big {
    char bytes[100000];
  };
  Big big;
  std::memset(big.bytes, 42, sizeof big.bytes);
  r.push(big); // larger than the next chunk would be
  r.push(1.0f);
  CHECK(r.pop<float>() == 1.0f && r.pop<Big>().bytes[99999] == 42);
}

void bits_among_values() {
  nabla::record r;
  std::mt19937 random(11);
  std::vector<int> steps; // 0, 1: a bit; 2: a value
  for (int i = 0; i < 100000; ++i)
    steps.push_back(static_cast<int>(random() % 3));
  for (std::size_t i = 0; i < steps.size(); ++i)
    steps[i] == 2 ? r.push(i) : r.push_bit(steps[i] != 0);
  bool ok = true;
  for (std::size_t i = steps.size(); i-- > 0;)
    ok &= steps[i] == 2 ? r.pop<std::size_t>() == i : r.pop_bit() == (steps[i] != 0);
  CHECK(ok);
  r.push_bit(true);
  CHECK(r.pop_bit());
}

void arrays() {
  nabla::record r;
  std::vector<std::pair<double *, std::size_t>> all;
  std::mt19937 random(3);
  for (int i = 0; i < 2000; ++i) {
    std::size_t n = random() % (i % 100 == 0 ? 100000 : 30);
    double *a = i % 2 ? r.array<double>(n) : r.zeros<double>(n);
    bool ok = reinterpret_cast<std::uintptr_t>(a) % alignof(double) == 0;
    if (i % 2 == 0)
      for (std::size_t k = 0; k < n; ++k)
        ok &= a[k] == 0;
    for (std::size_t k = 0; k < n; ++k)
      a[k] = i + k * 0.25;
    CHECK(ok);
    all.emplace_back(a, n);
    r.push(i); // the stack is a separate matter
  }
  bool ok = true;
  for (std::size_t i = 0; i < all.size(); ++i)
    for (std::size_t k = 0; k < all[i].second; ++k)
      ok &= all[i].first[k] == static_cast<double>(i) + static_cast<double>(k) * 0.25;
  for (int i = 2000; i-- > 0;)
    ok &= r.pop<int>() == i;
  CHECK(ok);
}

void alignment_and_make() {
  nabla::record r;
  for (int i = 0; i < 100; ++i) {
    r.array<char>(1 + i % 7);
    CHECK(reinterpret_cast<std::uintptr_t>(r.array<long double>(3)) % alignof(long double) == 0);
    r.array<char>(1);
    CHECK(reinterpret_cast<std::uintptr_t>(r.array<double>(1000)) % 64 == 0);
    struct alignas(128) Line {
      char bytes[128];
    };
    CHECK(reinterpret_cast<std::uintptr_t>(r.array<Line>(1)) % 128 == 0);
  }
  double(&a)[10] = r.make<double[10]>();
  double(&m)[2][3] = r.make<double[2][3]>();
  Point &p = r.make<Point>();
  CHECK(a[0] == 0 && a[9] == 0 && m[1][2] == 0 && p.x == 0 && p.tag == 0);
  a[9] = 1, m[1][2] = 2, p.y = 3;
  CHECK(a[9] == 1 && m[1][2] == 2 && p.y == 3 && r.make<double>() == 0);
}

void exhaustion() {
  nabla::record r;
  r.push(1);
  int refused = 0;
  // A trip count gone negative, an overflow, and more than there is.
  for (std::size_t n :
       {static_cast<std::size_t>(-1), SIZE_MAX / 8 + 1, static_cast<std::size_t>(PTRDIFF_MAX) / 8})
    try {
      r.array<double>(n);
    } catch (const std::bad_alloc &) {
      ++refused;
    }
  CHECK(refused == 3);
  CHECK(r.pop<int>() == 1);
}

void trip_counts() {
  bool ok = true;
  for (long first = -7; first <= 7; ++first)
    for (long bound = -7; bound <= 7; ++bound)
      for (long step = 1; step <= 4; ++step) {
        long below = 0, to = 0, above = 0, down_to = 0;
        for (long i = first; i < bound; i += step)
          ++below;
        for (long i = first; i <= bound; i += step)
          ++to;
        for (long i = first; i > bound; i -= step)
          ++above;
        for (long i = first; i >= bound; i -= step)
          ++down_to;
        ok &= nabla::trips_below(first, bound, step) == below && nabla::trips_to(first, bound, step) == to;
        ok &= nabla::trips_above(first, bound, -step) == above;
        ok &= nabla::trips_down_to(first, bound, -step) == down_to;
        if (first <= bound && (bound - first) % step == 0)
          ok &= nabla::trips_until(first, bound, step) == below;
        if (first >= bound && (first - bound) % step == 0)
          ok &= nabla::trips_until(first, bound, -step) == above;
      }
  CHECK(ok);
}

} // namespace

int main() {
  trip_counts();
  nothing_used();
  values_of_all_sizes();
  borders();
  bits_among_values();
  arrays();
  alignment_and_make();
  exhaustion();
  return check::report();
}
