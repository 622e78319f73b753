// A function so long that its gradient is compiled in parts (lib/emit/parts.h).
#ifdef CASES

#define STEP(a, b, c)                                                                                        \
  a = sin(b) * c + 0.25 * a;                                                                                 \
  if (n > 3)                                                                                                 \
    b *= 0.99;                                                                                               \
  p[k % n] += 0.01 * a * c;                                                                                  \
  k += n;
#define STEPS STEP(u, v, w) STEP(v, w, u) STEP(w, u, v)
#define TEN(what) what what what what what what what what what what
double many_statements(const double *x, int n) {
  double u = x[0], v = x[1], w = x[n - 1], q[9] = {}, *p = q;
  int k = 0;
  for (int i = 0; i < n; ++i)
    q[i] = x[i];
  TEN(TEN(STEPS)) TEN(STEPS) TEN(STEPS) double s = u + v + w;
  for (int i = 0; i < n; ++i)
    s += q[i] * x[i];
  return s;
}

#else
#define CASES "long_function.cpp"
#include "twice.h"

int main() {
  const reals x{0.5, 0.9, 0.6, 0.75, 0.8, 0.7, 0.65, 0.5, 0.95};
  for (int n : {2, 3, 5, 9})
    VERIFY(many_statements, x, n);
  return check::report();
}
#endif
