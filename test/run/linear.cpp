// Sums of what is linear in one value (pass postpone), and what is zero where a branch did not run (pass branches); and the
// neighbours for which moving statements would be wrong.
#ifdef CASES

// ---- Sums ----

double scaled_products(const double *x, const double *v, double s, int n) { // s may be zero where n is
  double out = 0;
  for (int c = 0; c < n; ++c)
    out += x[c] / s * v[c];
  return out * out;
}
double weighted(const double *q, const double *k, int n, int d) {
  double p[8], loss = 0;
  for (int i = 0; i < n; ++i) {
    double sum = 0;
    for (int j = 0; j < n; ++j) {
      double s = 0;
      for (int c = 0; c < d; ++c)
        s += q[i * d + c] * k[j * d + c];
      p[j] = std::exp(s);
      sum += p[j];
    }
    for (int j = 0; j < n; ++j)
      for (int c = 0; c < d; ++c)
        loss += p[j] / sum * k[j * d + c] * q[i * d + c];
  }
  return loss;
}
double factor_changes(const double *x, int n, double a) { // no constant
  double s = 0;
  for (int i = 0; i < n; ++i) {
    s += x[i] * a * x[0];
    a = a * 0.5;
  }
  return s * s;
}
double two_constants(const double *x, const double *w, double a, double b, int n) {
  double s = 0;
  for (int i = 0; i < n; ++i) {
    double t = a * x[i] * w[i];
    s += t * b + t * a;
  }
  return s * s;
}
void in_rows(const double *a, const double *x, double *y, int n) {
  for (int i = 0; i < n; ++i) {
    double s = 0;
    for (int j = 0; j < n; ++j)
      s += a[i * n + j] * x[j];
    y[i] += s / (1 + x[i] * x[i]);
  }
}
void fill(double *a, const double *x, int n, double k) { // arrays behind parameters
  for (int i = 0; i < n; ++i)
    a[i] = k * x[i];
}
double total(const double *a, int n) {
  double s = 0;
  for (int i = 0; i < n; ++i)
    s += a[i] * a[n - 1 - i];
  return s;
}
void moves(double *p, int n) {
  for (double *end = p + n; p != end; ++p)
    *p *= *p;
}
double arrays_passed(const double *x, int n, double k) {
  double a[8] = {}, b[2][8] = {};
  fill(a, x, n, k);
  fill(b[1], a, n, 2 * k);
  moves(a, n);
  return total(a, n) + total(b[1], n) * a[0];
}

// ---- Branches ----

struct Apart {
  double x, y, z;
  double squared() const { return x * x + y * y + z * z; }
};
Apart apart(const double *x, int i, int j) {
  Apart d;
  d.x = x[3 * i] - x[3 * j];
  d.y = x[3 * i + 1] - x[3 * j + 1];
  d.z = x[3 * i + 2] - x[3 * j + 2];
  return d;
}
double cutoff(const double *x, int n, double most) {
  double e = 0;
  for (int i = 0; i < n; ++i)
    for (int j = 0; j < i; ++j) {
      Apart d = apart(x, i, j);
      double square = d.squared();
      if (square < most * most) {
        double inverse = 1 / square, six = inverse * inverse * inverse;
        e += 4 * (six * six - six);
      }
    }
  return e;
}
double condition_changes(const double *x, int n) { // by the branch itself
  double e = 0, limit = 1;
  for (int i = 0; i + 1 < n; ++i) {
    double t = x[i] * x[i + 1], u = t * t;
    if (u < limit) {
      limit = 0.5 * limit;
      e += std::exp(u) / (1 + u) * t;
    }
    e += limit * t;
  }
  return e;
}
double both_arms(const double *x, int n) {
  double e = 0;
  for (int i = 0; i + 1 < n; ++i) {
    double t = x[i] * x[i + 1] + 0.5;
    if (t > 0.25)
      e += std::exp(t) * std::sqrt(t);
    else
      e -= std::exp(0.5 * t) * t;
  }
  return e;
}
double used_behind_too(const double *x, int n) {
  double e = 0;
  for (int i = 0; i + 1 < n; ++i) {
    double t = x[i] * x[i + 1], r = 0;
    if (t > 0.25)
      r = std::exp(t) * std::sqrt(t);
    e += r * t + t;
  }
  return e;
}
double outside_the_domain(const double *x, int n) { // infinite partials where the branch does not run
  double e = 0;
  for (int i = 0; i < n; ++i) {
    double r = std::sqrt(x[i] - 0.5), q = 1 / (x[i] - 0.5);
    if (x[i] > 0.75)
      e += std::exp(r) * q * r;
  }
  return e;
}
double in_turn(const double *x, int n) { // one condition twice, with something between
  double e = 0, f = 1;
  for (int i = 0; i < n; ++i) {
    if (x[i] > 0.25)
      e += std::exp(x[i]) * f;
    f = f * x[i];
    if (x[i] > 0.25)
      e += std::sin(x[i]) * f;
  }
  return e * f;
}
double nested(const double *x, int n) {
  double e = 0;
  for (int i = 0; i + 1 < n; ++i) {
    double t = x[i] - x[i + 1], q = t * t;
    if (q < 2)
      if (q > 0.01) {
        double r = std::log(q) / q;
        if (r < 0)
          e += r * r * q;
      }
  }
  return e;
}

#else
#define CASES "linear.cpp"
#include "twice.h"

int main() {
  const reals x{0.5, 1, -0.5, 0.25, 1, 0.75, -1.25, 0.625}, y{0.75, 0.25, 1.5, -0.5, 2, 1.25, 0.125, 3};
  VERIFY(scaled_products, x, y, 0.0, 0);
  for (int n = 0; n <= 8; ++n) {
    VERIFY(scaled_products, x, y, 0.75, n);
    VERIFY(factor_changes, x, n, 0.75);
    VERIFY(two_constants, x, y, 0.75, 1.25, n);
    VERIFY(arrays_passed, x, n, 0.75);
    VERIFY(condition_changes, x, n);
    VERIFY(both_arms, x, n);
    VERIFY(used_behind_too, x, n);
    VERIFY(in_turn, x, n);
    VERIFY(nested, y, n);
  }
  VERIFY(weighted, x, y, 4, 2);
  VERIFY(weighted, x, y, 2, 4);
  VERIFY(weighted, x, y, 3, 0);
  VERIFY(in_rows, reals{0.5, 1, -0.5, 0.25, 1, 0.75, -1.25, 0.625, 0.3}, reals{1, 2, -1},
         reals{0.5, 0.25, 0.75}, 3);
  reals points;
  for (int i = 0; i < 15; ++i)
    points.push_back(0.9 * (i * 7 % 5) + 0.1 * (i % 3));
  for (double most : {0.5, 1.5, 2.5, 9.0})
    VERIFY(cutoff, points, 5, most);
  VERIFY(outside_the_domain, reals{1, 0.5, 0.875, 2}, 4);
  return check::report();
}
#endif
