// Runs the cases of a generated file: plain function, oracle, generated derivative; one line for each.
//   ok f12 | skip f12 (not finite) | ORACLE f12 ... | WRONG f12 ... | CRASH f12 signal N
#include "harness.h"
#include <algorithm>
#include <cmath>
#include <csetjmp>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <sys/time.h>
#include <unistd.h>
#include <utility>
#include <vector>

bool fuzz_strange = false;
long double fuzz_direction[256], fuzz_product[256];

namespace {

struct Slot {
  char type = 'd'; ///< d f l i
  bool active = false;
  int lo = 0, hi = 0;
};

struct Spec {
  std::vector<Slot> slots;
  char result = 'v';
  bool pullback = false, narrow = false; ///< narrow: some float in the program
  int nested = 0;
  int times = 1;     ///< how often it is added up
  bool pure = false; ///< what is nested changes none of its arguments
};

#ifdef FUZZ_NESTED
constexpr bool is_nested_run = true;
#else
constexpr bool is_nested_run = false;
#endif

Spec parse(const char *text) {
  Spec s;
  for (const char *p = text; *p; ++p) {
    Slot slot;
    if (*p == ' ' || *p == '~' || *p == '+' || *p == '*')
      continue;
    if (*p == 'n') {
      s.nested = *++p - '0';
      s.pure = p[1] == '+';
      s.times = p[s.pure ? 2 : 1] == '*' ? 3 : 1;
      continue;
    }
    if (*p == '=') {
      s.result = *++p;
    } else if (*p == 'p' || *p == 'g') {
      s.pullback = *p == 'p';
    } else if (*p == 'i') {
      slot.type = 'i';
      std::sscanf(p, "i%d:%d", &slot.lo, &slot.hi);
      p += std::strcspn(p, " ") - 1;
      s.slots.push_back(slot);
    } else {
      slot.active = *p >= 'a';
      slot.type = slot.active ? *p : static_cast<char>(*p + 32);
      s.slots.push_back(slot);
    }
  }
  return s;
}

std::uint64_t state;
double draw() {
  std::uint64_t z = (state += 0x9e3779b97f4a7c15ull);
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
  return static_cast<double>((z ^ (z >> 31)) >> 11) * 0x1p-53;
}
long double rounded(long double x, char type) {
  return type == 'f' ? static_cast<float>(x) : type == 'd' ? static_cast<double>(x) : x;
}

sigjmp_buf back_to_loop;
volatile sig_atomic_t armed;
void on_signal(int n) {
  if (armed)
    siglongjmp(back_to_loop, n);
  _exit(128 + n);
}

/// Of the processor's time: the machine may be busy.
void limit_seconds(long seconds) {
  const itimerval once{{0, 0}, {seconds, 0}};
  setitimer(ITIMER_PROF, &once, nullptr);
}

using Numbers = std::vector<long double>;
struct Check {
  const fuzz_case &c;
  Spec spec;
  std::size_t n = 0; ///< slots; index n is the result
  Numbers in, out, bar;
  std::vector<std::vector<double>> J, M; ///< [input][output * fuzz_width + inner symbols]

  bool finite() const {
    for (std::size_t k = 0; k <= n; ++k)
      if (!(std::fabs(out[k]) < 1e9))
        return false;
    return true;
  }
  /// Is drive(1) a product of the Hessian? What a mode does not take is asked for its pushforward.
  bool is_product() const { return FUZZ_ORDER > 1 && !is_nested_run && on_values(); }
  bool is_nested() const { return is_nested_run && on_values(); }
  bool on_values() const { return spec.result != 'v' && !spec.narrow && n <= 256; }
  char type(std::size_t k) const { return k == n ? spec.result : spec.slots[k].type; }

  void draw_inputs() {
    in.assign(n + 1, 0), bar.assign(n + 1, 0);
    for (std::size_t k = 0; k < n; ++k) {
      const Slot &s = spec.slots[k];
      if (s.type == 'i')
        in[k] = s.lo + static_cast<int>(draw() * (s.hi - s.lo + 1));
      else
        in[k] = rounded((draw() < 0.3 ? -1 : 1) * (0.25 + 1.5 * draw()), s.type),
        bar[k] = s.active ? rounded(2 * draw() - 1, s.type) : 0;
    }
    bar[n] = spec.result == 'v'                               ? 0
             : spec.pullback && !is_product() && !is_nested() ? rounded(2 * draw() - 1, spec.result)
                                                              : 1;
    for (std::size_t k = 0; k < n && k < 256; ++k)
      fuzz_direction[k] = !spec.slots[k].active ? 0
                          : is_nested_run       ? fuzz_weight(int(k))
                                                : 2 * draw() - 1,
      fuzz_product[k] = 0;
  }
  bool near(long double a, long double b, bool narrow) const {
    return a == b || std::fabs(a - b) <= (narrow ? 1e-4L : 1e-11L) * (1 + std::fabs(a) + std::fabs(b));
  }
  /// Runs the oracle along every input; false: its values differ from the program's own.
  bool differentiate(std::string &why) {
    J.assign(n, {}), M.assign(n, {});
    for (std::size_t j = 0; j < n; ++j) {
      Numbers v = in;
      std::vector<double> d((n + 1) * fuzz_width, 0), m((n + 1) * fuzz_width, 0);
      if (spec.slots[j].active)
        d[j * fuzz_width] = m[j * fuzz_width] = 1;
      c.oracle(v.data(), d.data(), m.data());
      for (std::size_t k = 0; k <= n; ++k)
        if (spec.slots.size() > k ? spec.slots[k].type != 'i' && !near(v[k], out[k], any_narrow())
                                  : spec.result != 'v' && !near(v[k], out[k], any_narrow())) {
          char text[160];
          std::snprintf(text, sizeof text, "value %zu: plain %.17Lg, oracle %.17Lg", k, out[k], v[k]);
          why = text;
          return false;
        }
      J[j] = d, M[j] = m;
    }
    return true;
  }
  bool any_narrow() const { return spec.narrow; }
  bool wild() const {
    for (auto &column : M)
      for (double x : column)
        if (!(x < 1e9))
          return true;
    return false;
  }
  /// The adjoint of slot `j` by the oracle, and the sum of its contributions' magnitudes. `inner`: 1 is derived along
  /// fuzz_direction. The result counts derived along fuzz_fixed at third order.
  std::pair<long double, long double> expected(std::size_t j, int inner = 0) const {
    long double want = 0, size = 0;
    for (std::size_t k = 0; k <= n && J.size() == n && !J[j].empty(); ++k)
      if (bar[k] != 0) {
        for (int more : result_terms(k == n)) {
          const std::size_t at = k * fuzz_width + inner + more;
          const long double by = (k == n && is_nested() ? spec.times : 1) * bar[k];
          want += by * J[j][at], size += std::fabs(by) * M[j][at];
        }
      }
    return {want, size};
  }
  /// What the result counts derived along: 1 fuzz_direction, 2 fuzz_fixed, 3 both; a sum of them.
  std::vector<int> result_terms(bool is_result) const {
    if (!is_result || FUZZ_ORDER < 3 || !on_values())
      return {0};
    return is_product()       ? std::vector<int>{2}
           : spec.nested == 1 ? std::vector<int>{1}
           : spec.nested == 2 ? std::vector<int>{1, 3}
                              : std::vector<int>{3};
  }
  /// The program works on copies: each argument is what it was.
  void changes_nothing() {
    std::copy(in.begin(), in.end() - 1, out.begin());
    for (std::size_t j = 0; j < n; ++j)
      for (std::vector<double> *column : {&J[j], &M[j]}) {
        std::fill(column->begin(), column->begin() + n * fuzz_width, 0.0);
        (*column)[j * fuzz_width] = spec.slots[j].active;
      }
  }
  std::string compare_values(const Numbers &v) const {
    char text[200];
    for (std::size_t k = 0; k <= n; ++k)
      if (!(v[k] == out[k]) && !near(v[k], out[k], spec.narrow && std::fabs(v[k] - out[k]) < 1e-6L)) {
        std::snprintf(text, sizeof text, "%s %zu: %.17Lg, expected %.17Lg",
                      k == n ? "value" : "final state of slot", k, v[k], out[k]);
        return text;
      }
    return "";
  }
  std::string compare(const Numbers &v, const Numbers &b) const {
    if (std::string why = compare_values(v); !why.empty())
      return why;
    return compare_adjoints("adjoint", b, 0);
  }
  std::string compare_adjoints(const char *what, const Numbers &b, int inner) const {
    char text[200];
    for (std::size_t j = 0; j < n; ++j) {
      if (!spec.slots[j].active)
        continue;
      auto [want, size] = expected(j, inner);
      long double relative = spec.narrow ? 2e-5L : 1e-11L, least = spec.narrow       ? 1e-6L
                                                                   : FUZZ_ORDER == 3 ? 1e-12L
                                                                                     : 1e-14L;
      if (!(std::fabs(b[j] - want) <= relative * (size + 1e-3L * std::fabs(bar[j])) + least)) {
        std::snprintf(text, sizeof text, "%s of slot %zu: %.12Lg, expected %.12Lg", what, j, b[j], want);
        return text;
      }
    }
    return "";
  }
  void show() const {
    std::printf("  inputs");
    for (std::size_t k = 0; k < n; ++k)
      std::printf(" %.17Lg", in[k]);
    std::printf("\n  adjoints on entry");
    for (std::size_t k = 0; k <= n; ++k)
      std::printf(" %.17Lg", bar[k]);
    std::printf("\n  expected");
    for (std::size_t k = 0; k < n; ++k)
      std::printf(" %.17Lg", spec.slots[k].active ? expected(k).first : bar[k]);
    std::printf("\n");
  }
};

/// Tangents b of all slots and the result, after a pushforward along `bar`, by the oracle's Jacobian.
std::string compare_tangents(const Check &k, const Numbers &v, const Numbers &b) {
  char text[200];
  std::string why = k.compare_values(v);
  for (std::size_t i = 0; why.empty() && i <= k.n; ++i) {
    if (i == k.n ? k.spec.result == 'v' : !k.spec.slots[i].active)
      continue;
    long double want = 0, size = 0;
    for (std::size_t j = 0; j < k.n; ++j)
      if (k.spec.slots[j].active && k.bar[j] != 0 && !k.J[j].empty())
        want += k.bar[j] * k.J[j][i * fuzz_width], size += std::fabs(k.bar[j]) * k.M[j][i * fuzz_width];
    long double relative = k.spec.narrow ? 2e-5L : 1e-11L, least = k.spec.narrow ? 1e-6L : 1e-14L;
    if (!(std::fabs(b[i] - want) <= relative * size + least)) {
      std::snprintf(text, sizeof text, "tangent of slot %zu: %.12Lg, expected %.12Lg", i, b[i], want);
      why = text;
    }
  }
  return why;
}

/// After gradient_and_hvp: final values, adjoints and products of the Hessian.
std::string compare_product(const Check &k, Numbers v, const Numbers &b) {
  if (FUZZ_ORDER == 3) { // the value is that of the pushforward
    long double want = 0, size = 0;
    for (std::size_t j = 0; j < k.n; ++j)
      want += fuzz_fixed(int(j)) * k.J[j][k.n * fuzz_width], size += k.M[j][k.n * fuzz_width];
    if (!(std::fabs(v[k.n] - want) <= 1e-11L * size + 1e-14L))
      return "the pushforward along fuzz_fixed";
    v[k.n] = k.out[k.n];
  }
  if (std::string why = k.compare(v, b); !why.empty())
    return why;
  return k.compare_adjoints("Hessian product", Numbers(fuzz_product, fuzz_product + k.n), 1);
}

/// After the gradient of a function that asks for derivatives of the program.
std::string compare_nested(const Check &k, Numbers v, const Numbers &b) {
  long double want = 0, size = 0;
  for (int term : k.result_terms(true)) // each is derived along fuzz_weight, and by j that is summed here
    for (std::size_t j = 0; j < k.n; ++j) {
      const std::size_t at = k.n * fuzz_width + (term & 2);
      const long double by = k.spec.times * fuzz_direction[j];
      want += by * k.J[j][at], size += std::fabs(by) * k.M[j][at];
    }
  if (!(std::fabs(v[k.n] - want) <= 1e-11L * size + 1e-14L))
    return "the sum of derivatives";
  v[k.n] = k.out[k.n];
  return k.compare(v, b);
}

/// hvp alone: nothing but the result is seeded.
std::string compare_product_alone(Check &k) {
  Numbers v = k.in, none(k.n + 1, 0);
  none[k.n] = 1;
  Numbers b = none;
  std::fill(fuzz_product, fuzz_product + k.n, 0.0L);
  k.c.drive(2, v.data(), b.data());
  if (FUZZ_ORDER == 3)
    v[k.n] = k.out[k.n]; // seen with the adjoints
  std::swap(k.bar, none);
  std::string why = k.compare_values(v);
  if (why.empty())
    why =
        k.compare_adjoints("Hessian product without adjoints", Numbers(fuzz_product, fuzz_product + k.n), 1);
  std::swap(k.bar, none);
  return why;
}

enum Outcome { Ok, Skipped, Failed };

Outcome run_once(Check &k, bool derivative) {
  k.draw_inputs();
  fuzz_strange = false;
  k.out = k.in;
  Numbers none(k.n + 1, 0);
  k.c.drive(0, k.out.data(), none.data());
  if (!k.finite())
    return Skipped;
  std::string why;
  if (!k.differentiate(why)) {
    std::printf("ORACLE %s %s\n", k.c.name, why.c_str());
    k.show();
    return Failed;
  }
  if (k.wild())
    return Skipped;
  if (!derivative)
    return Ok;
  Numbers v = k.in, b = k.bar;
  k.c.drive(1, v.data(), b.data());
  if (k.is_nested() && k.spec.pure)
    k.changes_nothing();
  why = k.is_product()                ? compare_product(k, v, b)
        : k.is_nested()               ? compare_nested(k, v, b)
        : std::getenv("FUZZ_FORWARD") ? compare_tangents(k, v, b)
                                      : k.compare(v, b);
  if (why.empty() && k.is_product())
    why = compare_product_alone(k);
  if (why.empty())
    return Ok;
  std::printf("WRONG %s %s\n", k.c.name, why.c_str());
  k.show();
  return Failed;
}

/// Central differences of the plain function against the oracle: checks the oracle itself.
bool self_check(Check &k) {
  for (std::size_t j = 0; j < k.n; ++j) {
    if (!k.spec.slots[j].active || k.spec.slots[j].type == 'f')
      continue;
    long double h = 1e-6L, x = k.in[j];
    Numbers lo = k.in, hi = k.in, none(k.n + 1, 0), lo2 = k.in, hi2 = k.in;
    lo[j] = rounded(x - h, k.spec.slots[j].type), hi[j] = rounded(x + h, k.spec.slots[j].type);
    lo2[j] = rounded(x - 2 * h, k.spec.slots[j].type), hi2[j] = rounded(x + 2 * h, k.spec.slots[j].type);
    long double width = hi[j] - lo[j], width2 = hi2[j] - lo2[j];
    for (Numbers *v : {&lo, &hi, &lo2, &hi2})
      k.c.drive(0, v->data(), none.data());
    for (std::size_t i = 0; i <= k.n; ++i) {
      long double q = (hi[i] - lo[i]) / width, q2 = (hi2[i] - lo2[i]) / width2;
      bool smooth = std::fabs(q - q2) < 1e-4L * (1 + std::fabs(q));
      if (smooth && std::fabs(q - k.J[j][i * fuzz_width]) >
                        1e-3L * (1 + std::fabs(q) + 1e-3L * k.M[j][i * fuzz_width])) {
        std::printf("ORACLE %s d out %zu / d in %zu: %.9g, difference quotient %.9Lg\n", k.c.name, i, j,
                    k.J[j][i * fuzz_width], q);
        return false;
      }
    }
  }
  return true;
}

bool run_case(const fuzz_case &c, bool derivative, bool narrow) {
  Check k{c, parse(c.spec), 0, {}, {}, {}, {}, {}};
  k.n = k.spec.slots.size();
  k.spec.narrow = narrow;
  state = 1; // a program's inputs do not depend on what ran before it
  for (const char *p = c.name; *p; ++p)
    state = state * 31 + static_cast<unsigned char>(*p);
  int done = 0;
  if (int n = sigsetjmp(back_to_loop, 1)) {
    armed = 0, limit_seconds(0);
    std::printf("CRASH %s signal %d\n", c.name, n);
    k.show();
    return false;
  }
  armed = 1;
  limit_seconds(10);
  for (int set = 0; set < 3; ++set) {
    Outcome o = run_once(k, derivative);
    if (o == Failed || (o == Ok && !derivative && !narrow && !self_check(k))) {
      armed = 0;
      return false;
    }
    done += o == Ok;
  }
  armed = 0, limit_seconds(0);
  std::printf(done ? "ok %s\n" : "skip %s (not finite)\n", c.name);
  return true;
}

} // namespace

/// Arguments: --self-check (the oracle against difference quotients, no derivative); names: only these.
int fuzz_main(const fuzz_case *cases, int count, int argc, char **argv) {
  bool derivative = true;
  std::vector<std::string> only;
  for (int i = 1; i < argc; ++i)
    if (!std::strcmp(argv[i], "--self-check"))
      derivative = false;
    else
      only.push_back(argv[i]);
  std::setvbuf(stdout, nullptr, _IOLBF, 0);
  for (int n : {SIGFPE, SIGABRT, SIGPROF, SIGILL, SIGSEGV, SIGBUS})
    std::signal(n, on_signal);
  int failed = 0;
  for (int i = 0; i < count; ++i) {
    if (!only.empty() && std::find(only.begin(), only.end(), cases[i].name) == only.end())
      continue;
    bool narrow = std::strchr(cases[i].spec, '~') != nullptr;
    failed += !run_case(cases[i], derivative, narrow);
  }
  return failed ? 1 : 0;
}
