// Nanoseconds and bytes per elementary operation (each arithmetic operator, compound assignment and math call on active
// values) to record and to sweep three loops: sum of sin(x[i]) * x[i + 1], Burgers' equation by an upwind step, Rosenbrock's
// function. Warm: the tape's memory is there; cold: it was given back. Thread CPU time, medians, tools interleaved. Bytes
// are the recorded tape and all adjoint memory.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <malloc.h>
#include <memory>
#include <vector>

#include <nabla/tape.h>
#ifdef WITH_ADOLC
#include <adolc/adolc.h>
#endif

namespace loops {

using std::sin;

template <class V> V sine(const V *x, int n) {
  V s = 0;
  for (int i = 0; i < n; ++i)
    s += sin(x[i]) * x[i + 1];
  return s;
}
constexpr int points = 1000, steps = 1100;
template <class V> V burgers(const V *x, int) {
  const double c = 0.1, d = 0.05;
  std::vector<V> u(x, x + points), w = u;
  for (int t = 0; t < steps; ++t) {
    for (std::size_t i = 1; i + 1 < points; ++i)
      w[i] = u[i] - c * u[i] * (u[i] - u[i - 1]) + d * (u[i + 1] - 2 * u[i] + u[i - 1]);
    std::swap(u, w);
  }
  V s = 0;
  for (const V &v : u)
    s += v;
  return s;
}
/// The same for the static differentiator, on arrays.
double burgers_static(const double *x, int) {
  const double c = 0.1, d = 0.05;
  double a[2][points];
  for (int i = 0; i < points; ++i)
    a[0][i] = a[1][i] = x[i];
  for (int t = 0; t < steps; ++t)
    for (int i = 1; i + 1 < points; ++i) {
      const double *u = a[t % 2];
      a[1 - t % 2][i] = u[i] - c * u[i] * (u[i] - u[i - 1]) + d * (u[i + 1] - 2 * u[i] + u[i - 1]);
    }
  double s = 0;
  for (int i = 0; i < points; ++i)
    s += a[steps % 2][i];
  return s;
}
template <class V> V rosenbrock(const V *x, int n) {
  V s = 0;
  for (int i = 0; i < n; ++i) {
    V a = x[i + 1] - x[i] * x[i];
    V b = 1 - x[i];
    s += 100 * a * a + b * b;
  }
  return s;
}

} // namespace loops

namespace {

double now() {
  timespec t;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return double(t.tv_sec) * 1e9 + double(t.tv_nsec);
}
double median(std::vector<double> v) {
  std::sort(v.begin(), v.end());
  return v[v.size() / 2];
}

struct result {
  double warm, cold, bytes, checksum;
};

struct problem {
  const char *name;
  int n;
  std::size_t inputs;
  double operations;
  std::vector<double> x() const {
    std::vector<double> values(inputs);
    for (std::size_t i = 0; i < inputs; ++i)
      values[i] = 0.5 + 0.4 * std::sin(0.01 * double(i));
    return values;
  }
};

struct timer {
  std::vector<double> warm, cold;
  double checksum = 0, bytes = 0;
  void note(bool is_cold, double ns) { (is_cold ? cold : warm).push_back(ns); }
  result report(double operations) const {
    return {median(warm) / operations, median(cold) / operations, bytes / operations, checksum};
  }
};

template <class F> void ours(const problem &p, F f, nabla::tape &tape, timer &t, bool is_cold) {
  const std::vector<double> x = p.x();
  std::vector<nabla::var> v(x.begin(), x.end());
  const double begin = now();
  tape.watch(v);
  const nabla::var y = f(v, p.n);
  tape.backward(y);
  t.note(is_cold, now() - begin);
  const auto stats = tape.stats();
  t.bytes = double(stats.tape_bytes + stats.node_bytes + stats.adjoint_bytes);
  t.checksum = 0;
  for (const nabla::var &one : v)
    t.checksum += one.adjoint();
  tape.reset();
}

template <class F>
void adolc([[maybe_unused]] const problem &p, [[maybe_unused]] F f, [[maybe_unused]] timer &t) {
#ifdef WITH_ADOLC
  const std::vector<double> x = p.x();
  std::vector<double> g(x.size());
  const double begin = now();
  {
    trace_on(1, 1);
    std::vector<adouble> v(x.size());
    for (std::size_t i = 0; i < x.size(); ++i)
      v[i] <<= x[i];
    adouble y = f(v.data(), p.n);
    double value;
    y >>= value;
    trace_off();
  }
  double one = 1;
  fos_reverse(1, 1, int(x.size()), &one, g.data());
  t.note(false, now() - begin);
  t.checksum = 0;
  for (double d : g)
    t.checksum += d;
#endif
}

void print(const char *loop, const char *tool, const result &r, double reference) {
  std::printf("%-12s %-14s %7.2f %7.2f ", loop, tool, r.warm, r.cold);
  r.bytes > 0 ? std::printf("%7.2f", r.bytes) : std::printf("%7s", "");
  reference > 0 ? std::printf(" %8.3f", r.warm / reference) : std::printf(" %8s", "");
  std::printf("   %.12g\n", r.checksum);
}

template <double (*F)(const double *, int), class G, class H>
void measure(const problem &p, G on_variables, [[maybe_unused]] H on_adoubles, int rounds) {
  timer var, node, peer;
  {
    nabla::tape tape; // warm
    timer ignored;
    ours(p, [&](auto &v, int n) { return on_variables(v.data(), n); }, tape, ignored, false);
    for (int round = 0; round < rounds; ++round) {
      ours(p, [&](auto &v, int n) { return on_variables(v.data(), n); }, tape, var, false);
      ours(p, [&](auto &v, int n) { return nabla::on_tape<F>(v, n); }, tape, node, false);
      adolc(p, on_adoubles, peer);
    }
  }
  for (int round = 0; round < rounds; ++round) {
    auto tape = std::make_unique<nabla::tape>();
    ours(p, [&](auto &v, int n) { return on_variables(v.data(), n); }, *tape, var, true);
    tape = nullptr;
    tape = std::make_unique<nabla::tape>();
    ours(p, [&](auto &v, int n) { return nabla::on_tape<F>(v, n); }, *tape, node, true);
  }
  double reference = 0;
#ifdef WITH_ADOLC
  peer.cold = peer.warm; // it traces into fresh buffers each time
  reference = median(peer.warm) / p.operations;
#endif
  print(p.name, "nabla::var", var.report(p.operations), reference);
  print("", "on_tape", node.report(p.operations), reference);
#ifdef WITH_ADOLC
  print("", "ADOL-C", peer.report(p.operations), reference);
#endif
}

} // namespace

int main(int count, char **arguments) {
  mallopt(M_MMAP_THRESHOLD, 1 << 16); // what is freed goes back, so that cold is cold
  const int rounds = count > 1 ? std::atoi(arguments[1]) : 7, n = 1000000;
  std::printf("%-12s %-14s %7s %7s %7s %8s   %s\n", "loop", "tool", "warm ns", "cold ns", "bytes", "/ADOL-C",
              "sum of gradient");
#ifdef WITH_ADOLC
#define MEASURE(P, F, STATIC) measure<STATIC>(P, loops::F<nabla::var>, loops::F<adouble>, rounds)
#else
#define MEASURE(P, F, STATIC) measure<STATIC>(P, loops::F<nabla::var>, 0, rounds)
#endif
  MEASURE((problem{"sine", n, std::size_t(n) + 1, 3.0 * n}), sine, loops::sine<double>);
  MEASURE((problem{"Burgers", 0, loops::points, 9.0 * 998 * loops::steps}), burgers, loops::burgers_static);
  MEASURE((problem{"Rosenbrock", n, std::size_t(n) + 1, 8.0 * n}), rosenbrock, loops::rosenbrock<double>);
}
