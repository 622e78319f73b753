// Misuse is an exception that says what to do, and leaves the tape usable: variables of dead, other, reset and rewound
// tapes, sweeps without a seed, results that depend on nothing, memory that runs out.
//
// RUN: %gxx -std=c++17 -Wall -Wextra -Werror -O1 -I%include %check %s -L%lib -lnabla -pthread -o %t.gxx && %t.gxx
// RUN: %clangxx -std=c++20 -g -O1 -fsanitize=address,undefined -fno-sanitize-recover=all -Wno-invalid-feature-combination -I%include -I%root/runtime %check %s %root/runtime/src/tape.cpp -o %t.san && %t.san
#include "check.h"
#include <cstring>
#include <memory>
#include <nabla/tape.h>
#include <thread>

namespace {

using nabla::var;

/// Throws an E whose text contains `part`.
template <class E = nabla::tape_error, class F> void refused(const char *part, F f) {
  bool right = false;
  try {
    f();
    std::printf("not refused: %s\n", part);
  } catch (const E &e) {
    right = std::strstr(e.what(), part) != nullptr;
    if (!right)
      std::printf("refused with: %s\n", e.what());
  }
  CHECK(right);
}

void record(const var &) {}

void dead_tapes() {
  var z;
  {
    nabla::tape tape;
    var x = 2;
    tape.watch(x);
    z = x * x;
  }
  refused("after its tape ended", [&] { record(z + 1); });
  refused("no current tape", [&] { z.adjoint(); });
  nabla::tape tape;
  refused("of another tape", [&] { record(z + 1); });
  refused("of another tape", [&] { tape.backward(z); });
  refused("of another tape", [&] { tape.adjoint(z); });
  CHECK(var(z.value()) * 2 == 8 && tape.stats().statements == 0);
}

/// Derivatives of constants are zero; a tape that watches nothing is a mistake.
void constants() {
  nabla::tape tape;
  var x = 2, z = 5;
  refused("depends on no watched variable", [&] { tape.backward(z); });
  refused("without a fresh seed", [&] { tape.sweep(); });
  tape.watch(x);
  tape.backward(z);
  CHECK(x.adjoint() == 0);
  tape.backward(x * x);
  tape.backward(z, 3);
  CHECK(x.adjoint() == 4);
  refused("depends on no watched variable", [&] { z.adjoint(); });
}

void other_tapes() {
  nabla::tape first;
  var x = 2;
  first.watch(x);
  {
    nabla::tape second;
    var y = 3;
    second.watch(y);
    refused("of another tape", [&] { record(x * y); });
    var z = y * y;
    second.backward(z);
    CHECK(y.adjoint() == 6);
  }
  var z = x * x;
  first.backward(z);
  CHECK(x.adjoint() == 4);
  const nabla::dynamic::position mark = first.mark();
  nabla::tape third;
  refused("position", [&] { third.rewind(mark); });
  refused("position", [&] { third.sweep(mark); });
}

void reset_and_rewound() {
  nabla::tape tape;
  var x = 2;
  tape.watch(x);
  const auto start = tape.mark();
  var y = x * x;
  const auto later = tape.mark();
  tape.rewind(start);
  refused("reset or rewound", [&] { record(y * x); });
  var z = x * 5; // stands where y stood
  refused("reset or rewound", [&] { record(y * x); });
  refused("reset or rewound", [&] { tape.rewind(later); });
  tape.backward(z);
  CHECK(x.adjoint() == 5);
  for (int i = 0; i < 3; ++i) { // marks of several ages
    const auto here = tape.mark();
    var u = x * i;
    tape.rewind(here);
    var v = x + i;
    tape.backward(v);
    refused("reset or rewound", [&] {
      var w = u;
      w += 1;
    });
  }
  CHECK(x.adjoint() == 8);
  tape.reset();
  refused("reset or rewound", [&] { record(x * x); });
  refused("reset or rewound", [&] { x.adjoint(); });
  refused("reset or rewound", [&] { tape.rewind(start); });
  tape.watch(x);
  tape.backward(x * x);
  CHECK(x.adjoint() == 4);
  tape.release();
  tape.watch(x);
  tape.backward(x * x);
  CHECK(x.adjoint() == 4);
}

void seeds() {
  nabla::tape tape;
  var x = 2, y = 3, unwatched = 4;
  tape.watch(x, y);
  var z = x * y;
  refused("without a fresh seed", [&] { tape.sweep(); });
  tape.backward(z);
  refused("without a fresh seed", [&] { tape.sweep(); });
  CHECK(x.adjoint() == 3);
  refused("no watched variable", [&] { unwatched.adjoint(); });
  refused("not kept", [&] { z.adjoint(); });
  tape.backward(z);
  CHECK(x.adjoint() == 6);
}

void watched_twice() {
  nabla::tape tape;
  var x = 2;
  tape.watch(x);
  var y = x * x;
  tape.watch(x); // stays
  refused("watch was given", [&] { tape.watch(y); });
  tape.backward(y * x);
  CHECK(x.adjoint() == 12);
}

void nodes_that_throw() {
  nabla::tape tape;
  std::vector<var> x = {2, 3};
  tape.watch(x);
  std::vector<var> y = nabla::external(
      x, 1, [](const double *in, double *out) { out[0] = in[0] * in[1]; },
      [](const double *, const double *, const double *, double *) {
        throw std::runtime_error("not today");
      });
  refused<std::runtime_error>("not today", [&] { tape.backward(y[0] * x[0]); });
  CHECK(x[0].adjoint() == 0);
  tape.backward(x[0] * x[1]);
  CHECK(x[0].adjoint() == 3 && x[1].adjoint() == 2);
}

void memory() {
  nabla::tape tape;
  tape.limit(std::size_t(1) << 20);
  std::vector<var> v(100);
  for (var &x : v)
    x = 1.0;
  tape.watch(v);
  var s = 0;
  std::size_t done = 0;
  refused<nabla::tape_memory_error>("tape is full", [&] {
    for (;; ++done)
      s = s + v[done % 100] * v[(done + 1) % 100] * 0.001;
  });
  CHECK(done > 10000);
  tape.backward(s); // what was recorded is whole
  double sum = 0;
  for (const var &x : v)
    sum += x.adjoint();
  CHECK_NEAR(sum, 0.002 * double(done), 1e-12);
  tape.reset();
  tape.limit(~std::size_t(0));
  tape.watch(v);
  s = 0;
  for (std::size_t i = 0; i < 2 * done; ++i)
    s += v[i % 100] * v[(i + 1) % 100];
  tape.backward(s);
  CHECK_NEAR(v[3].adjoint(), double(2 * done) / 50, 0.01);
}

void exceptions_in_user_code() {
  nabla::tape tape;
  var x = 2;
  tape.watch(x);
  try {
    nabla::tape inner;
    nabla::no_grad off;
    throw 1;
  } catch (int) {
  }
  var z = x * x; // the outer tape is current again
  tape.backward(z);
  CHECK(x.adjoint() == 4);
  refused("not among its arguments", [&] {
    nabla::checkpointed([&](const auto &in) { return std::vector<var>{in[0] * x}; }, std::vector<var>{x});
  });
  tape.backward(x * z);
  CHECK(x.adjoint() == 4 + 12);
}

void leaked_from_preaccumulation() {
  nabla::tape tape;
  var x = 2, leaked;
  tape.watch(x);
  var y = nabla::preaccumulate([&] {
    leaked = x * x;
    var s = leaked * leaked + sin(leaked);
    return s * s + leaked;
  });
  refused("reset or rewound", [&] { record(leaked + 1); });
  tape.backward(y);
  const double u = 4, s = 16 + std::sin(u);
  CHECK_NEAR(x.adjoint(), (2 * s * (2 * u + std::cos(u)) + 1) * 4, 1e-14);
}

void order_of_destruction() {
  auto first = std::make_unique<nabla::tape>();
  auto second = std::make_unique<nabla::tape>();
  first.reset(); // not the innermost one
  var x = 3;
  second->watch(x);
  second->backward(x * x);
  CHECK(x.adjoint() == 6);
  second.reset();
  var y = 1;
  CHECK(!var(y * y).is_active());
}

void threads() {
  nabla::tape tape;
  var x = 3;
  tape.watch(x);
  bool other = false, foreign = false;
  std::thread([&] {
    try {
      nabla::use_tape use(tape);
    } catch (const nabla::tape_error &e) {
      other = std::strstr(e.what(), "current on another thread") != nullptr;
    }
    try {
      record(x * x);
    } catch (const nabla::tape_error &e) {
      foreign = std::strstr(e.what(), "on a thread where its tape is not current") != nullptr;
    }
  }).join();
  CHECK(other && foreign);
}

} // namespace

int main() {
  constants();
  dead_tapes();
  other_tapes();
  reset_and_rewound();
  seeds();
  watched_twice();
  nodes_that_throw();
  memory();
  exceptions_in_user_code();
  leaked_from_preaccumulation();
  order_of_destruction();
  threads();
  return check::report();
}
