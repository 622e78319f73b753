// Usage: bench [ROUNDS [NAME...]]. Lines: name, primal ms, gradient / primal, by hand / primal, gradient / by hand, MB of
// gradient and by hand beyond the arguments. Thread CPU time, medians of interleaved rounds.
#include "bench.h"
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <malloc.h>
#include <sys/wait.h>
#include <unistd.h>

namespace {

// ---- Memory: every allocation of the process is counted ---------------------------------------------------------

std::size_t in_use = 0, most = 0;

void *count(void *p) {
  in_use += malloc_usable_size(p);
  most = std::max(most, in_use);
  return p;
}

} // namespace

extern "C" {
void *__libc_malloc(std::size_t);
void *__libc_calloc(std::size_t, std::size_t);
void *__libc_memalign(std::size_t, std::size_t);
void *__libc_realloc(void *, std::size_t);
void __libc_free(void *);
void *malloc(std::size_t n) { return count(__libc_malloc(n)); }
void *calloc(std::size_t n, std::size_t size) { return count(__libc_calloc(n, size)); }
void *aligned_alloc(std::size_t alignment, std::size_t n) { return count(__libc_memalign(alignment, n)); }
void *memalign(std::size_t alignment, std::size_t n) { return aligned_alloc(alignment, n); }
int posix_memalign(void **p, std::size_t alignment, std::size_t n) {
  *p = aligned_alloc(alignment, n);
  return *p ? 0 : 12; // ENOMEM
}
void *realloc(void *p, std::size_t n) {
  in_use -= malloc_usable_size(p);
  return count(__libc_realloc(p, n));
}
void free(void *p) {
  in_use -= malloc_usable_size(p);
  __libc_free(p);
}
}

namespace {

using bench::Kernel;
using bench::reals;

double now() {
  timespec t;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return double(t.tv_sec) * 1e3 + double(t.tv_nsec) * 1e-6;
}

double median(reals v) {
  std::sort(v.begin(), v.end());
  return v[v.size() / 2];
}

volatile double sink;

/// One of a kernel's three programs: how often it is called for one measurement, and what came out.
struct Contestant {
  std::function<void()> call;
  int repeat = 1;
  reals times;

  void prepare() {
    double start = now();
    call();
    double once = std::max(now() - start, 1e-5);
    repeat = std::max(1, int(8 / once));
  }
  void measure() {
    double start = now();
    for (int i = 0; i < repeat; ++i)
      call();
    times.push_back((now() - start) / repeat);
  }
};

bool agree(const Kernel &k, const reals &a, const reals &b) {
  double worst = 0, scale = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    double difference = std::fabs(a[i] - b[i]);
    worst = std::isfinite(difference) ? std::max(worst, difference) : INFINITY;
    scale = std::max(scale, std::fabs(b[i]));
  }
  if (scale > 0 && worst <= 1e-9 * scale)
    return true;
  std::printf("%s: the gradients differ by %g of %g\n", k.name.c_str(), worst, scale);
  return false;
}

/// Most bytes that the call allocates at one time; the first call of a process counts.
double memory_of(const std::function<void(double *)> &call, double *bar) {
  std::size_t before = most = in_use;
  call(bar);
  return double(most - before);
}

bool run(const Kernel &k, int rounds) {
  reals ours(k.size), hand(k.size);
  double bytes = memory_of(k.gradient, ours.data()), bytes_by_hand = memory_of(k.by_hand, hand.data());
  if (!agree(k, ours, hand))
    return false;
  Contestant all[3];
  all[0].call = [&] { sink = k.primal(); };
  all[1].call = [&] {
    std::fill(ours.begin(), ours.end(), 0.0);
    k.gradient(ours.data());
  };
  all[2].call = [&] {
    std::fill(hand.begin(), hand.end(), 0.0);
    k.by_hand(hand.data());
  };
  for (Contestant &c : all)
    c.prepare();
  for (int round = 0; round < rounds; ++round)
    for (Contestant &c : all)
      c.measure();
  double primal = median(all[0].times), gradient = median(all[1].times), by_hand = median(all[2].times);
  std::printf("%-26s %10.4f %8.2f %8.2f %8.2f %8.2f %8.2f\n", k.name.c_str(), primal, gradient / primal,
              by_hand / primal, gradient / by_hand, bytes / 1e6, bytes_by_hand / 1e6);
  std::fflush(stdout);
  return true;
}

} // namespace

int main(int count, char **arguments) {
  int rounds = count > 1 ? std::atoi(arguments[1]) : 15, failed = 0;
  std::printf("%-26s %10s %8s %8s %8s %8s %8s\n", "kernel", "primal_ms", "grad/pr", "hand/pr", "grad/hand",
              "MB", "hand_MB");
  for (const Kernel &k : bench::kernels()) {
    bool wanted = count <= 2;
    for (int i = 2; i < count; ++i)
      wanted |= k.name.find(arguments[i]) != std::string::npos;
    if (!wanted)
      continue;
    std::fflush(stdout);
    pid_t child = fork(); // so that no kernel finds memory which another has left
    if (child == 0) {
      bool good = run(k, rounds);
      std::fflush(stdout);
      _exit(good ? 0 : 1);
    }
    int status = 1;
    waitpid(child, &status, 0);
    failed += status != 0;
  }
  return failed;
}
