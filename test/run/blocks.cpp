// Time loops recorded in blocks (pass blocks), here of a few iterations each, whose iterations run again; and loops for which
// that would be wrong.
// FLAGS: -DNABLA_BLOCK_BYTES=520
#ifdef CASES

double local_arrays(const double *start, int steps) {
  double u[9], w[9];
  for (int i = 0; i < 9; ++i)
    u[i] = w[i] = start[i];
  for (int t = 0; t < steps; ++t) {
    for (int i = 1; i + 1 < 9; ++i)
      w[i] = u[i] - 0.1 * u[i] * (u[i] - u[i - 1]) + 0.05 * (u[i + 1] - 2 * u[i] + u[i - 1]);
    for (int i = 1; i + 1 < 9; ++i)
      u[i] = w[i];
  }
  double s = 0;
  for (int i = 0; i < 9; ++i)
    s += u[i] * u[i];
  return s;
}
void passed_in(double *u, double *w, int n, int steps) { // a part of each is handed on
  for (int t = 0; t < steps; ++t) {
    for (int i = 1; i + 1 < n; ++i)
      w[i] = u[i] + 0.1 * u[i] * u[i] * (u[i + 1] - 2 * u[i] + u[i - 1]);
    for (int i = 1; i + 1 < n; ++i)
      u[i] = w[i];
  }
}
double from_seven(const double *x, int n, int last) { // the index does not begin with zero
  double u[9] = {}, s = 0;
  for (int i = 0; i < n; ++i)
    u[i] = x[i];
  for (long t = 7; t < last; ++t)
    for (int i = 0; i < n; ++i)
      u[i] = u[i] * u[i] * 0.5 + 0.01 * t * u[i];
  for (int i = 0; i < n; ++i)
    s += u[i] * u[i];
  return s;
}
double overwritten_behind(const double *x, double *k, int n,
                          int steps) { // what the iterations read changes later
  double u[9] = {}, s = 0;
  for (int i = 0; i < n; ++i)
    u[i] = x[i];
  for (int t = 0; t < steps; ++t)
    for (int i = 0; i < n; ++i)
      u[i] = u[i] * u[i] * k[i] * 0.5 + 0.25;
  for (int i = 0; i < n; ++i)
    k[i] = u[i] * k[i];
  for (int i = 0; i < n; ++i)
    s += u[i] * k[i];
  return s;
}
double state_changes_behind(const double *x, int n, int steps) { // so does what they hand on
  double u[9] = {}, s = 0;
  for (int i = 0; i < n; ++i)
    u[i] = x[i];
  for (int t = 0; t < steps; ++t)
    for (int i = 0; i < n; ++i)
      u[i] = u[i] * u[i] * 0.5 + 0.25;
  for (int i = 0; i < n; ++i)
    u[i] = u[i] * u[i];
  for (int i = 0; i < n; ++i)
    s += u[i] * x[i];
  return s;
}
double a_scalar_too(const double *x, int n, int steps) {
  double u[9] = {}, s = 0, dt = 0.1;
  for (int i = 0; i < n; ++i)
    u[i] = x[i];
  for (int t = 0; t < steps; ++t) {
    for (int i = 0; i < n; ++i)
      u[i] = u[i] + dt * u[i] * u[i];
    dt = 0.75 * dt;
  }
  for (int i = 0; i < n; ++i)
    s += u[i] * dt;
  return s;
}
double twice(const double *x, int n, int steps) { // one loop behind the other
  double u[9] = {}, s = 0;
  for (int i = 0; i < n; ++i)
    u[i] = x[i];
  for (int t = 0; t < steps; ++t)
    for (int i = 0; i < n; ++i)
      u[i] = u[i] * u[i] * 0.5 + 0.25;
  for (int t = 0; t < steps; ++t)
    for (int i = 0; i < n; ++i)
      u[i] = u[i] - 0.25 * u[i] * u[i];
  for (int i = 0; i < n; ++i)
    s += u[i];
  return s;
}
double in_heap(const double *x, unsigned n, std::size_t steps) {
  double *u = new double[n + 1], s = 0;
  for (unsigned i = 0; i <= n; ++i)
    u[i] = 0.125;
  for (unsigned i = 0; i < n; ++i)
    u[i] = x[i];
  for (std::size_t t = 0; t < steps; ++t)
    for (unsigned i = 0; i < n; ++i)
      u[i] = u[i] * u[i] * 0.5 + u[i + 1] * 0.25;
  for (unsigned i = 0; i < n; ++i)
    s += u[i] * u[i];
  delete[] u;
  return s;
}
double in_vectors(const double *x, int n, int steps) {
  std::vector<double> u(n + 1), w(n + 1);
  for (int i = 0; i < n; ++i)
    u[i] = x[i];
  for (int t = 0; t < steps; ++t) {
    for (int i = 0; i < n; ++i)
      w[i] = u[i] * u[i] + 0.25 * u[i + 1];
    for (int i = 0; i < n; ++i)
      u[i] = 0.5 * w[i];
  }
  double s = 0;
  for (int i = 0; i < n; ++i)
    s += u[i] * u[i];
  return s;
}
double with_branches(const double *x, int n, int steps) { // bits are recorded
  double u[9] = {}, s = 0;
  for (int i = 0; i < n; ++i)
    u[i] = x[i];
  for (int t = 0; t < steps; ++t)
    for (int i = 0; i < n; ++i)
      if (u[i] > 0.5)
        u[i] = u[i] * u[i];
      else
        u[i] = 1.25 * u[i] * u[i] + 0.25;
  for (int i = 0; i < n; ++i)
    s += u[i] * u[i];
  return s;
}
double by_step(const double *x, const double *force, int n, int steps) { // inputs of each iteration's own
  double u[9] = {}, s = 0;
  for (int i = 0; i < n; ++i)
    u[i] = x[i];
  for (int t = 0; t < steps; ++t)
    for (int i = 0; i < n; ++i)
      u[i] = u[i] * u[i] * 0.25 + force[t] * u[i];
  for (int i = 0; i < n; ++i)
    s += u[i] * u[i];
  return s;
}
double two_rows(const double *x, int steps) { // a plane
  double u[3][4], w[3][4];
  for (int i = 0; i < 3; ++i)
    for (int j = 0; j < 4; ++j)
      u[i][j] = w[i][j] = x[i * 4 + j];
  for (int t = 0; t < steps; ++t) {
    for (int i = 1; i < 3; ++i)
      for (int j = 1; j < 4; ++j)
        w[i][j] = u[i][j] * u[i - 1][j] * 0.5 + u[i][j - 1] * 0.25;
    for (int i = 1; i < 3; ++i)
      for (int j = 1; j < 4; ++j)
        u[i][j] = w[i][j];
  }
  double s = 0;
  for (int i = 0; i < 3; ++i)
    for (int j = 0; j < 4; ++j)
      s += u[i][j] * u[i][j];
  return s;
}
void history(double *u, double *at, int n, int steps) { // iterations write what others do not
  for (int t = 0; t < steps; ++t) {
    for (int i = 0; i < n; ++i)
      u[i] = u[i] * u[i] * 0.5 + 0.25;
    at[t] = u[0];
  }
}
double final_state_in_reverse(const double *x, int n,
                              int steps) { // u's last values are partials behind the loop, and before it
  double u[9] = {}, v[9] = {}, s = 0;
  for (int i = 0; i < n; ++i)
    v[i] = x[i] * x[i];
  for (int i = 0; i < n; ++i)
    u[i] = v[i];
  for (int t = 0; t < steps; ++t)
    for (int i = 0; i < n; ++i)
      u[i] = u[i] * u[i] * v[i] + 0.25;
  for (int i = 0; i < n; ++i)
    s += u[i] * u[i] * v[i];
  return s;
}
void carried(double *u, int n,
             int steps) { // an iteration of the inner loop uses what the last one has written
  for (int t = 0; t < steps; ++t)
    for (int i = 1; i < n; ++i)
      u[i] = u[i] * u[i - 1] * 0.5 + 0.25;
}
struct Field {
  double u[8], t;
};
double in_struct(const double *x, int steps) {
  Field f;
  for (int i = 0; i < 8; ++i)
    f.u[i] = x[i];
  f.t = 0;
  for (int k = 0; k < steps; ++k) {
    for (int i = 0; i < 8; ++i)
      f.u[i] = f.u[i] * f.u[i] * 0.5 + 0.125;
    f.t += 0.1;
  }
  double s = f.t;
  for (int i = 0; i < 8; ++i)
    s += f.u[i] * f.t;
  return s;
}
double single(const float *x, int n, int steps) {
  float u[9] = {};
  for (int i = 0; i < n; ++i)
    u[i] = x[i];
  for (int t = 0; t < steps; ++t)
    for (int i = 0; i < n; ++i)
      u[i] = u[i] * u[i] * 0.5f + 0.25f;
  double s = 0;
  for (int i = 0; i < n; ++i)
    s += double(u[i]) * double(u[i]);
  return s;
}

#else
#define CASES "blocks.cpp"
#include "twice.h"

int main() {
  const reals x{0.5, 0.9, 0.6, 0.75, 0.8, 0.7, 0.65, 0.5, 0.95},
      y{0.3, 0.7, 0.5, 0.65, 0.9, 0.4, 0.8, 0.2, 0.6};
  const reals zero(9);
  reals plane = x;
  plane.insert(plane.end(), y.begin(), y.begin() + 3);
  reals force;
  for (int t = 0; t < 40; ++t)
    force.push_back(0.5 + 0.01 * t);
  for (int steps : {0, 1, 2, 13, 14, 15, 16, 21, 40}) {
    VERIFY(local_arrays, x, steps);
    for (int n : {0, 1, 2, 3, 9})
      VERIFY(passed_in, x, y, n, steps);
    VERIFY(from_seven, x, 8, 7 + steps);
    VERIFY(overwritten_behind, x, y, 8, steps);
    VERIFY(state_changes_behind, x, 8, steps);
    VERIFY(a_scalar_too, x, 8, steps);
    VERIFY(twice, x, 8, steps);
    VERIFY(in_heap, x, 8u, std::size_t(steps));
    VERIFY(in_vectors, x, 8, steps);
    VERIFY(with_branches, x, 8, steps);
    VERIFY(by_step, x, force, 8, steps);
    VERIFY(two_rows, plane, steps);
    VERIFY(history, x, force, 8, steps);
    VERIFY(final_state_in_reverse, x, 8, steps);
    VERIFY(carried, x, 8, steps);
    VERIFY(in_struct, x, steps);
  }
  return check::report();
}
#endif
