// Elements that a loop reads with their neighbours are copied where a later loop overwrites them, one by one; and the
// loops for which that would be too late, too early, or too few.
#ifdef CASES

double plain(double *u, double *w, int n, int steps) {
  for (int t = 0; t < steps; ++t) {
    for (int i = 1; i + 1 < n; ++i)
      w[i] = u[i] * u[i - 1] + std::sin(u[i + 1]) * u[i];
    for (int i = 1; i + 1 < n; ++i)
      u[i] = w[i] + u[i] * u[i + 1] * u[0];
  }
  return u[1] * u[0];
}
double wide(double *u, int n, int steps) {
  double w[16] = {};
  for (int t = 0; t < steps; ++t) {
    for (int i = 3; i < n - 2; ++i)
      w[i] = u[i - 3] * u[i + 2] + u[i - 1] * u[i] * u[i + 1];
    for (int i = 3; i < n - 2; ++i)
      u[i] = w[i];
  }
  return u[3];
}
double too_wide(double *u, int n, int steps) {
  double w[16] = {};
  for (int t = 0; t < steps; ++t) {
    for (int i = 9; i < n; ++i)
      w[i] = u[i - 9] * u[i] + u[i - 1] * u[i];
    for (int i = 9; i < n; ++i)
      u[i] = w[i];
  }
  return u[9] * u[10];
}
double ahead_only(double *u, int n, int steps) { // the element itself is not read
  double w[8] = {};
  for (int t = 0; t < steps; ++t) {
    for (int i = 0; i < n - 2; ++i)
      w[i] = u[i + 1] * u[i + 2] + w[i] * u[i + 1];
    for (int i = 0; i < n - 2; ++i)
      u[i] = w[i];
    u[n - 2] *= 0.5, u[n - 1] *= u[0];
  }
  return u[0] + u[1];
}
double other_range(double *u, double *w, int n, int steps) {
  for (int t = 0; t < steps; ++t) {
    for (int i = 1; i + 1 < n; ++i)
      w[i] = u[i] * u[i - 1] + std::sin(u[i + 1]) * u[i];
    for (int i = 2; i + 1 < n; ++i)
      u[i] = w[i];
    for (int i = 0; i < n; ++i)
      u[i] *= 0.75;
  }
  return u[1];
}
double bound_changes(double *u, double *w, int n, int steps) {
  for (int t = 0; t < steps; ++t) {
    for (int i = 1; i < n; ++i)
      w[i] = u[i] * u[i - 1] + u[i] * u[i];
    n = n - 1;
    for (int i = 1; i < n; ++i)
      u[i] = w[i];
    u[0] = 0.5 * w[n - 1] * u[0];
  }
  return u[1] + u[0];
}
double now_and_then(double *u, double *w, int n, int steps) {
  for (int t = 0; t < steps; ++t) {
    for (int i = 1; i + 1 < n; ++i)
      w[i] = u[i] * u[i - 1] + std::sin(u[i + 1]) * u[i];
    for (int i = 1; i + 1 < n; ++i)
      if (w[i] > 0.2)
        u[i] = w[i];
    for (int i = 0; i < n; ++i)
      u[i] *= u[i];
  }
  return u[1];
}
double border_first(double *u, double *w, int n, int steps) {
  for (int t = 0; t < steps; ++t) {
    for (int i = 1; i + 1 < n; ++i)
      w[i] = u[i] * u[i - 1] + std::sin(u[i + 1]) * u[i];
    u[0] = w[1];
    for (int i = 1; i + 1 < n; ++i)
      u[i] = w[i];
    u[n - 1] = w[1];
  }
  return u[1];
}
double in_a_row(double *u, double *w, int n, int steps) { // neighbours are overwritten as well
  for (int t = 0; t < steps; ++t) {
    for (int i = 1; i + 1 < n; ++i)
      w[i] = u[i] * u[i - 1] + std::sin(u[i + 1]) * u[i];
    for (int i = 1; i + 1 < n; ++i) {
      u[i] = w[i];
      u[i + 1] = w[i] * 0.5;
    }
  }
  return u[1];
}
double twice_over(double *u, double *w, int n, int steps) {
  double s = 0;
  for (int t = 0; t < steps; ++t) {
    for (int i = 1; i + 1 < n; ++i)
      w[i] = u[i] * u[i - 1] + std::sin(u[i + 1]) * u[i];
    for (int i = 1; i + 1 < n; ++i) {
      const double half = 0.5 * w[i];
      u[i] = half;
      u[i] *= 1 + half;
      s += u[i] * u[i] * s + half;
    }
  }
  return s;
}
double two_arrays(double *u, double *v, int n, int steps) {
  double a[8], b[8];
  for (int t = 0; t < steps; ++t) {
    for (int i = 1; i < n; ++i) {
      a[i] = u[i] * u[i - 1] * v[i];
      b[i] = v[i] * v[i - 1] - u[i - 1];
    }
    for (int i = 1; i < n; ++i)
      u[i] = a[i], v[i] = b[i] + 0.1 * a[i];
  }
  return u[1] + v[1] * v[n - 1];
}
double swapped(double *p, double *q, int n, int steps) {
  double *u = p, *w = q;
  for (int t = 0; t < steps; ++t) {
    for (int i = 1; i + 1 < n; ++i)
      w[i] = u[i] * u[i - 1] + std::sin(u[i + 1]) * u[i];
    std::swap(u, w);
    for (int i = 1; i + 1 < n; ++i)
      u[i] = 0.5 * w[i] + u[i];
  }
  return u[1] * p[2];
}
double two_names(double *u, double *w, int n, int steps) {
  double *v = u + 1;
  for (int t = 0; t < steps; ++t) {
    for (int i = 1; i + 1 < n; ++i)
      w[i] = u[i] * u[i - 1] + std::sin(u[i + 1]) * u[i];
    for (int i = 1; i + 1 < n; ++i)
      v[i] = w[i];
  }
  return u[1] + u[2];
}
double once(double *u, double *w, int n) {
  for (int i = 1; i < n; ++i)
    w[i] = u[i] * u[i - 1] + std::sin(u[i - 1]) * u[i];
  for (int i = 1; i < n; ++i)
    u[i] = w[i];
  return u[n - 1] * w[1];
}
double long_index(float *u, double *w, long n, int steps) {
  for (int t = 0; t < steps; ++t) {
    for (int i = 1; i < n; ++i)
      w[i] = u[i] * u[i - 1] + u[i] * w[i];
    for (long i = 1; i < n; ++i)
      u[i] = float(w[i]);
  }
  return u[1];
}
double shortest(double *u, int n, unsigned long from) {
  double w[8] = {};
  for (int t = 0; t < 3; ++t) {
    for (unsigned long i = from; i < (unsigned long)n; ++i)
      w[i] = u[i] * u[i - 2] * u[i - 1] + u[i];
    for (unsigned long i = from; i < (unsigned long)n; ++i)
      u[i] = w[i] + 0.5 * u[i];
  }
  return u[n - 1];
}
double positive(double v) {
  if (v < 0)
    throw v;
  return std::sqrt(v);
}
double stops_between(double *u, double *w, int n, int steps) {
  double s = 0;
  try {
    for (int t = 0; t < steps; ++t) {
      for (int i = 1; i < n; ++i)
        w[i] = u[i] * u[i - 1] * u[i];
      s += positive(w[1] - 0.3) + w[2];
      for (int i = 1; i < n; ++i)
        u[i] = w[i];
    }
  } catch (double v) {
    s += v * u[1];
  }
  for (int i = 0; i < n; ++i)
    u[i] = s * u[i];
  return s * u[0];
}
double leaves(double *u, double *w, int n, int steps) {
  for (int t = 0; t < steps; ++t) {
    for (int i = 1; i < n; ++i)
      w[i] = u[i] * u[i - 1] * u[i] + u[i - 1];
    for (int i = 1; i < n; ++i) {
      if (w[i] > 2)
        break;
      u[i] = w[i];
    }
    for (int i = 0; i < n; ++i)
      u[i] *= 0.5 * u[i];
  }
  return u[1] + u[n - 1];
}
double leaves_between(double *u, double *w, int n, int steps) {
  for (int t = 0; t < steps; ++t) {
    for (int i = 1; i < n; ++i)
      w[i] = u[i] * u[i - 1] * u[i] + u[i - 1];
    if (w[1] > 0.6)
      break;
    for (int i = 1; i < n; ++i)
      u[i] = w[i];
  }
  double s = u[1];
  for (int i = 0; i < n; ++i)
    u[i] = s;
  return s * s + w[n - 1];
}
double rows_of_one(double *u, int rows, int n, int steps) {
  double w[8];
  for (int t = 0; t < steps; ++t)
    for (int r = 0; r < rows; ++r) {
      double *v = u + r * n;
      for (int i = 1; i + 1 < n; ++i)
        w[i] = v[i] * v[i - 1] + v[i + 1] * v[i];
      for (int i = 1; i + 1 < n; ++i)
        v[i] = w[i];
    }
  return u[1] * u[n + 1];
}
double until_small(std::vector<double> &u, double limit) {
  std::vector<double> w(u.size());
  double change = 1;
  while (change > limit) {
    change = 0;
    for (std::size_t i = 1; i + 1 < u.size(); ++i)
      w[i] = 0.25 * u[i - 1] * u[i] + 0.5 * u[i] + 0.25 * u[i + 1];
    for (std::size_t i = 1; i + 1 < u.size(); ++i) {
      change += (w[i] - u[i]) * (w[i] - u[i]);
      u[i] = w[i];
    }
  }
  return u[1] * u[2];
}
// The loops count alike, but by other variables: the record's subscripts must not be those of the first loop.
double counts_on(double *u, double *w, int n, int k) {
  for (int i = k + 1; i < n; ++i)
    w[i] = u[i] * u[i - 1];
  ++k;
  for (int i = k; i < n; ++i)
    u[i] = w[i];
  return u[n - 1];
}
double starts_elsewhere(double *u, double *w, int n, int k) {
  int j = k;
  for (int i = k; i < n; ++i)
    w[i] = u[i] * u[i - 1];
  k = 0;
  for (int i = j; i < n; ++i)
    u[i] = w[i];
  return u[n - 1] * u[k];
}
double shrinking(double *u, double *w, int n) {
  int t = 0;
  while (t < 3) {
    for (int i = t + 1; i < n; ++i)
      w[i] = u[i] * u[i - 1];
    ++t;
    for (int i = t; i < n; ++i)
      u[i] = w[i];
  }
  return u[n - 1] * u[1];
}
double changes_inside(double *u, double *w, int n, int q) {
  for (int t = 0; t < 2; ++t) {
    int k = q;
    for (int i = k; i < n; ++i)
      w[i] = u[i] * u[i - 1];
    for (int i = k; i < n; ++i) {
      k = 0;
      u[i] = w[i] + k;
    }
  }
  return u[n - 1] * u[0];
}
void read_from(const double *u, double *w, int lo, int hi) {
  for (int i = lo; i < hi; ++i)
    w[i] = u[i] * u[i - 1];
  lo = 0;
}
void write_to(double *u, const double *w, int lo, int hi) {
  for (int i = lo; i < hi; ++i)
    u[i] = w[i];
}
double in_helpers(double *u, double *w, int n, int k) {
  for (int t = 0; t < 2; ++t) {
    read_from(u, w, k, n);
    write_to(u, w, k, n);
  }
  return u[n - 1];
}

#else
#define CASES "overwriting.cpp"
#include "twice.h"

int main() {
  reals x{0.5, 1, -0.5, 0.25, 1.25}, zeros(5),
      long_one{0.5, 1, -0.5, 0.25, 1.25, 0.75, -1, 1.5, 0.9, 1.1, 0.8};
  for (int n : {0, 1, 2, 3, 5})
    for (int steps : {0, 1, 3, 8}) {
      if (n > 1)
        VERIFY(plain, x, zeros, n, steps);
      VERIFY(other_range, x, zeros, n, steps);
      VERIFY(now_and_then, x, zeros, n, steps);
    }
  for (int n : {4, 5, 6, 9})
    VERIFY(wide, long_one, n, 3);
  VERIFY(too_wide, long_one, 11, 2);
  VERIFY(ahead_only, x, 5, 3);
  VERIFY(ahead_only, x, 2, 3);
  VERIFY(bound_changes, x, zeros, 5, 3);
  VERIFY(border_first, x, zeros, 5, 3);
  VERIFY(in_a_row, x, zeros, 5, 3);
  VERIFY(twice_over, x, zeros, 5, 3);
  VERIFY(two_arrays, x, reals{1.5, 0.5, 0.75, -1, 2}, 5, 3);
  for (int steps : {1, 2, 3})
    VERIFY(swapped, x, reals{1.5, 0.5, 0.75, -1, 2}, 5, steps);
  VERIFY(two_names, x, zeros, 4, 3);
  VERIFY(once, x, zeros, 5);
  VERIFY(once, x, zeros, 1);
  VERIFY(long_index, x, zeros, 5l, 3);
  VERIFY(shortest, x, 5, 2ul);
  VERIFY(shortest, x, 1, 2ul);
  for (double first : {0.5, 1.5})
    VERIFY(stops_between, reals{first, 1, 1.5, 0.75}, reals(4), 4, 3);
  VERIFY(leaves, reals{1.5, 1.25, 1.5, 0.75}, reals(4), 4, 3);
  for (double first : {0.1, 0.5, 1.5})
    VERIFY(leaves_between, reals{first, 1, 1.5, 0.75}, reals(4), 4, 3);
  VERIFY(rows_of_one, long_one, 2, 5, 3);
  VERIFY(until_small, x, 1e-3);
  VERIFY(counts_on, reals{2, 3, 5, 7, 1.1}, zeros, 5, 0);
  VERIFY(starts_elsewhere, reals{2, 3, 5, 7, 1.1}, zeros, 5, 1);
  VERIFY(shrinking, reals{2, 3, 5, 0.7, 1.1}, zeros, 5);
  VERIFY(changes_inside, reals{2, 3, 5, 7, 1.1}, zeros, 5, 1);
  VERIFY(in_helpers, reals{2, 3, 5, 7, 1.1}, zeros, 5, 1);
  return check::report();
}
#endif
