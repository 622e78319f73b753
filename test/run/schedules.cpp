// Orders and copies that the plan may choose: loops reversed iteration by iteration, reverse loops in the primal's
// direction, windows of arrays that are overwritten later; and the neighbours for which each would be wrong.
#ifdef CASES

// ---- Iteration by iteration ----

double mean_of_squares(const double *x, int n) {
  double s = 0;
  for (int i = 0; i < n; ++i)
    s += std::sin(x[i]) * x[i];
  return 0.5 * s / n + x[0];
}
double sum_then_square(const double *x, int n) { // the sum's adjoint is known only after the loop
  double s = 0;
  for (int i = 0; i < n; ++i)
    s += x[i] * x[i];
  double t = s * s;
  return t + s;
}
double sum_in_branch(const double *x, int n, double limit) {
  double s = 0;
  for (int i = 0; i < n; ++i)
    s += x[i] * x[i] * limit;
  double r = 1;
  if (s > limit)
    r = 3 * s;
  return r + 2 * s;
}
double running(const double *x, int n) { // the sum is used on the way
  double s = 0, t = 0;
  for (int i = 0; i < n; ++i) {
    s += x[i] * x[i];
    t += s * x[i];
  }
  return t;
}
double overwritten_later(double *x, int n) { // x_bar is used up behind the loop
  double s = 0;
  for (int i = 0; i < n; ++i)
    s += x[i] * x[i];
  x[0] = 3 * x[1];
  x[1] *= x[1];
  return s + x[0];
}
double scalar_overwritten_later(const double *x, double a, int n) {
  double s = 0;
  for (int i = 0; i < n; ++i)
    s += a * x[i] * x[i];
  a = a * x[0];
  a += 2;
  return s + a * a;
}
double outer_scalars(const double *x, double a, int n) {
  double b = std::exp(a), s = 0, t = 0;
  for (int i = 0; i < n; ++i) {
    double c = x[i] * b;
    for (int j = 0; j < i; ++j) {
      double d = c * x[j];
      s += d * a * std::cos(d);
      t -= c;
    }
    s += c * c;
  }
  return s - 2 * t;
}
double filled_first(const double *x, int n) { // work belongs to an iteration
  double *work = new double[n];
  double s = 0;
  for (int i = 0; i < n; ++i) {
    for (int j = 0; j < n; ++j)
      work[j] = x[j] * x[i];
    for (int j = 1; j < n; ++j)
      work[j] += work[j - 1] * x[j];
    s += std::exp(0.1 * work[n - 1]) * work[0];
  }
  delete[] work;
  return s;
}
double filled_in_part(const double *x, int n) { // its first element does not
  double *work = new double[n];
  work[0] = x[0];
  double s = 0;
  for (int i = 0; i < n; ++i) {
    for (int j = 1; j < n; ++j)
      work[j] = x[j] * x[i];
    work[0] += work[n - 1];
    s += work[0] * work[0];
  }
  delete[] work;
  return s;
}
double read_later(const double *x, int n) {
  double work[4] = {}, s = 0;
  for (int i = 0; i < n; ++i) {
    for (int j = 0; j < 4; ++j)
      work[j] = x[i] * x[j];
    s += work[1] * work[2];
  }
  return s * work[3];
}
double filled_in_some(const double *x, int n) {
  double work[4] = {1, 2, 3, 4}, s = 0;
  for (int i = 0; i < n; ++i) {
    if (x[i] > 0)
      for (int j = 0; j < 4; ++j)
        work[j] = x[i] * x[j];
    s += work[1] * work[2];
  }
  return s;
}
double best_so_far(const double *x, int n) {
  double s = 0, best = x[0];
  for (int i = 0; i < n; ++i) {
    if (x[i] > best)
      best = x[i];
    s += best * x[i];
  }
  return s;
}
double left_early(const double *x, int n) {
  double s = 0;
  for (int i = 0; i < n; ++i) {
    s += x[i] * x[i];
    if (s > 3)
      break;
  }
  return 0.25 * s;
}
double with_inner_while(const double *x, int n) {
  double s = 0;
  for (int i = n - 1; i >= 0; i -= 2) {
    double v = x[i] * x[i];
    while (v > 0.5)
      v = v * 0.5 - 0.01 * v * v;
    s += v * x[0];
  }
  return -s;
}
double triangle(const double *x, int n) { // rows of unequal length are kept one at a time
  double s = 0;
  for (int i = 0; i < n; ++i) {
    double p = 1;
    for (int j = 0; j <= i; ++j)
      p = p * x[j] + 0.1 * p * p;
    s += p;
  }
  return s;
}
void into_result(const double *x, double *y, int n) {
  double s = 0;
  for (int i = 0; i < n; ++i)
    s += x[i] * x[i];
  *y = s * *y;
}
double twice_the_same(const double *a, const double *b, int n) {
  double s = 0;
  for (int i = 0; i < n; ++i)
    s += a[i] * a[i] * b[n - 1 - i];
  return s;
}

// ---- The primal's direction ----

void elementwise(double *y, const double *x, int n) {
  for (int i = 0; i < n; ++i)
    y[i] = y[i] * x[i] + std::exp(y[i]);
}
void recurrence(double *y, int n) {
  for (int i = 1; i < n; ++i)
    y[i] = y[i] * y[i - 1];
}
void mirrored(double *y, int n) {
  for (int i = 0; i < n; ++i)
    y[i] = y[n - 1 - i] * y[i];
}
void doubled_index(double *y, int n) {
  for (int i = 0; i < n; ++i)
    y[i / 2] = y[i] * y[i];
}
double carried(double *y, double c, int n) {
  for (int i = 0; i < n; ++i) {
    y[i] *= c;
    c = y[i] * 0.5;
  }
  return c;
}
void shifted_rows(double *y, const double *x, int rows, int n) {
  for (int r = 0; r < rows; ++r)
    for (int i = 1; i < n; ++i)
      y[r * n + i - 1] = x[i] * y[r * n + i - 1];
}
double halves(double *y, int n) { // two names of one array
  double *low = y, *high = y + n / 2;
  for (int i = 0; i < n / 2; ++i) {
    low[i] *= high[i];
    high[i] = low[i] * low[i];
  }
  return high[0];
}

// ---- Windows ----

double stencil(double *u, double *w, int n, int steps) {
  for (int t = 0; t < steps; ++t) {
    for (int i = 1; i + 1 < n; ++i)
      w[i] = u[i] * u[i - 1] + std::sin(u[i + 1]) * u[i];
    for (int i = 1; i + 1 < n; ++i)
      u[i] = w[i];
  }
  return u[1];
}
double short_stencil(double *u, int n, unsigned long from) { // no iterations at all for small n
  double s = 0;
  for (int t = 0; t < 3; ++t) {
    double w[8] = {};
    for (unsigned long i = from; i < (unsigned long)n; ++i)
      w[i] = u[i] * u[i - 2] * u[i - 1];
    for (int i = 0; i < n; ++i)
      u[i] = w[i] + 0.5 * u[i];
    s += w[n > 0 ? n - 1 : 0];
  }
  return s;
}
void in_place(double *u, int n, int steps) { // the loop writes what it reads
  for (int t = 0; t < steps; ++t)
    for (int i = 1; i + 1 < n; ++i)
      u[i] = u[i] * u[i - 1] + u[i + 1] * u[i];
}
double guarded_stencil(double *u, int n, int steps) { // the neighbour is not read at the border
  double s = 0;
  for (int t = 0; t < steps; ++t) {
    for (int i = 0; i < n; ++i)
      s += u[i] * u[i] * (i > 0 ? u[i - 1] * u[i - 1] : 1.0) * s + u[i];
    for (int i = 0; i < n; ++i)
      u[i] *= 0.5 * u[i];
  }
  return s;
}
double ping_pong(const double *start, int n, int steps) {
  double a[2][8] = {};
  for (int i = 0; i < n; ++i)
    a[0][i] = start[i];
  for (int t = 0; t < steps; ++t) {
    const double *u = a[t % 2];
    double *w = a[1 - t % 2];
    for (int i = 1; i < n - 1; ++i)
      w[i] = u[i] * (u[i + 1] - u[i - 1]) + u[i] * u[i];
  }
  return a[steps % 2][2] + a[0][1];
}
float single_precision(float *u, int n) {
  float s = 0;
  for (int t = 0; t < 2; ++t) {
    for (int i = 2; i < n; ++i)
      s += u[i] * u[i - 2] * s + u[i - 1];
    for (int i = 0; i < n; ++i)
      u[i] *= 0.5f * u[i];
  }
  return s;
}

// ---- Structs that are copied ----

struct Point {
  double x, y;
};
Point turned(const Point &p, double a) {
  Point q;
  q.x = p.x * p.y - a;
  q.y = p.x + a * p.y;
  return q;
}
double orbit(double x, double a, int n) {
  Point p = {x, a};
  for (int i = 0; i < n; ++i) {
    Point q = turned(p, a), r = turned(q, p.x);
    p.x = 0.5 * q.x * r.y;
    p.y = r.x - q.y;
  }
  return p.x * p.y;
}

// Adjoints that stay at one place in a loop are summed in a local.
double pairs(const double *x, const double *m, int n) {
  double e = 0;
  for (int i = 0; i < n; ++i)
    for (int j = 0; j < i; ++j)
      e += m[i] * m[j] * std::exp(x[i] - x[j]);
  return e;
}
double far_away(const double *x, int at, int n) {
  double s = 1;
  for (int i = 0; i < n; ++i)
    s += x[at] * x[at] + s * x[0];
  return s;
}
double scaled_by_first(const double *a, double *y, int n) {
  for (int t = 0; t < 2; ++t)
    for (int i = 0; i < n; ++i)
      y[i] = a[0] * y[i] + a[1] * a[2 * t];
  return y[0] * y[n - 1];
}
double fed_back(double *acc, const double *x, int n) {
  for (int i = 0; i < n; ++i) {
    acc[1] += x[0] * acc[0];
    acc[0] += x[i] * acc[0] * acc[1];
  }
  return acc[0] + acc[1];
}
double left_in_the_middle(const double *x, const double *limit, int n) {
  double s = 0;
  for (int i = 0; i < n; ++i) {
    s += x[i] * limit[0];
    if (s > limit[1])
      break;
    s *= limit[2];
  }
  return s;
}

#else
#define CASES "schedules.cpp"
#include "twice.h"

int main() {
  reals x{0.5, 1.25, -0.75, 1.5};
  VERIFY(mean_of_squares, x, 4);
  VERIFY(sum_then_square, x, 4);
  VERIFY(sum_in_branch, x, 4, 0.5);
  VERIFY(sum_in_branch, x, 4, 50.0);
  VERIFY(running, x, 4);
  VERIFY(overwritten_later, x, 4);
  VERIFY(scalar_overwritten_later, x, 0.7, 4);
  VERIFY(outer_scalars, x, 0.3, 4);
  VERIFY(filled_first, x, 4);
  VERIFY(filled_in_part, x, 4);
  VERIFY(read_later, x, 4);
  VERIFY(filled_in_some, x, 4);
  VERIFY(best_so_far, x, 4);
  VERIFY(left_early, x, 4);
  VERIFY(with_inner_while, x, 4);
  VERIFY(triangle, x, 4);
  VERIFY(into_result, x, reals{0.5}, 4);
  VERIFY(twice_the_same, x, x, 4);
  VERIFY(elementwise, x, reals{2, 3, 4, 5}, 4);
  VERIFY(recurrence, x, 4);
  VERIFY(mirrored, x, 4);
  VERIFY(doubled_index, x, 4);
  VERIFY(carried, x, 0.5, 4);
  VERIFY(shifted_rows, reals{1, 2, 3, 4, 5, 6}, reals{0.5, 0.25, 2}, 2, 3);
  VERIFY(halves, x, 4);
  VERIFY(stencil, reals{0.5, 1, -0.5, 0.25, 1}, reals{0, 0, 0, 0, 0}, 5, 3);
  VERIFY(stencil, reals{0.5, 1}, reals{0, 0}, 2, 3);
  VERIFY(short_stencil, reals{0.5, 1, -0.5, 0.25, 1}, 5, 2ul);
  VERIFY(short_stencil, reals{0.5}, 1, 2ul);
  VERIFY(in_place, reals{0.5, 1, -0.5, 0.25, 1}, 5, 3);
  VERIFY(guarded_stencil, reals{0.5, 1, -0.5, 0.25}, 4, 2);
  VERIFY(ping_pong, reals{0.5, 1, -0.5, 0.25, 1}, 5, 4);
  VERIFY(single_precision, reals{0.5, 1, -0.5, 0.25, 1}, 5);
  VERIFY(orbit, 0.7, 0.3, 4);
  VERIFY(pairs, x, reals{2, 3, 4, 5}, 4);
  VERIFY(pairs, x, reals{2, 3, 4, 5}, 0);
  VERIFY(far_away, x, 3, 4);
  VERIFY(far_away, x, 1 << 28, 0);
  VERIFY(scaled_by_first, reals{0.5, 0.25, 2}, x, 4);
  VERIFY(fed_back, reals{0.5, 1.5}, x, 4);
  VERIFY(left_in_the_middle, x, reals{2, 1, 0.5}, 4);
#ifndef NABLA_TEST_FORWARD
  {
    double once[2] = {}, both[4] = {}, a[2] = {0.5, 2}; // adjoints of what is only read may coincide
    nabla::gradient<on_reals::pairs>(a, a, 2, once, once);
    nabla::gradient<on_reals::pairs>(a, a, 2, both, both + 2);
    for (int i : {0, 1})
      CHECK_NEAR(once[i], both[i] + both[2 + i], 1e-14);
  }
#endif
  return check::report();
}
#endif
