// One tape per thread, at the same time, and a tape that is handed from thread to thread: under the thread sanitizer.
//
// RUN: %clangxx -std=c++17 -g -O1 -fsanitize=thread -Wno-invalid-feature-combination -I%root/runtime %check %s %root/runtime/src/tape.cpp -o %t.tsan && %t.tsan
#include "check.h"
#include <nabla/tape.h>
#include <thread>

namespace {

using nabla::var;

double work(int seed) {
  nabla::tape tape;
  double total = 0;
  for (int round = 0; round < 20; ++round) {
    std::vector<var> x(10);
    for (std::size_t i = 0; i < x.size(); ++i)
      x[i] = 0.1 * double(i + 1) + 0.01 * seed;
    tape.watch(x);
    var s = 0;
    for (int step = 0; step < 500; ++step)
      for (std::size_t i = 0; i < x.size(); ++i)
        s += sin(x[i]) * x[(i + 1) % 10];
    tape.backward(s);
    for (const var &v : x)
      total += v.adjoint();
    tape.reset();
  }
  return total;
}

} // namespace

int main() {
  double results[8];
  std::vector<std::thread> threads;
  for (int t = 0; t < 8; ++t)
    threads.emplace_back([&results, t] { results[t] = work(t); });
  for (std::thread &t : threads)
    t.join();
  for (int t = 0; t < 8; ++t)
    CHECK(results[t] == work(t));

  nabla::tape shared(nabla::not_current);
  var x = 1, y = 1;
  for (int t = 0; t < 4; ++t)
    std::thread([&] {
      nabla::use_tape use(shared);
      if (t == 0)
        shared.watch(x), y = x;
      y = y * 2 + x;
    }).join();
  nabla::use_tape use(shared);
  shared.backward(y);
  CHECK(x.adjoint() == 31 && y == 31);
  return check::report();
}
