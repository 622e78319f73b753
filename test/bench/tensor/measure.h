// How the tensor benchmark's programs measure: "name seconds" per case, the median of several runs in thread CPU time.
#pragma once
#include <algorithm>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <vector>

static const char *wanted = nullptr;

static double now() {
  timespec t;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return static_cast<double>(t.tv_sec) + 1e-9 * static_cast<double>(t.tv_nsec);
}

/// Seconds of one call of f, divided by `per`.
template <class F> void measure(const char *name, double per, F f) {
  if (wanted && !std::strstr(name, wanted))
    return;
  f();
  double once = 0;
  int calls = 1;
  for (;; calls *= 2) { // long enough for the clock
    const double start = now();
    for (int i = 0; i < calls; ++i)
      f();
    once = now() - start;
    if (once > 0.02)
      break;
  }
  std::vector<double> runs;
  for (int r = 0; r < 7; ++r) {
    const double start = now();
    for (int i = 0; i < calls; ++i)
      f();
    runs.push_back((now() - start) / calls / per);
  }
  std::sort(runs.begin(), runs.end());
  std::printf("%s %.9g\n", name, runs[3]);
  std::fflush(stdout);
}
