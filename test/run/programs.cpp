// Small programs in C style: interpreters, lists, matrices by pointer, random numbers, cursors passed by reference.
#ifdef CASES

double next(const double *&cursor) { return *cursor++; }
double cursor_by_reference(const double *x, int n) {
  double s = 1;
  const double *p = x;
  while (p < x + n - 1) {
    double a = next(p), b = next(p);
    s = s * a + b;
  }
  return s;
}

void make(double **out, int n) { *out = new double[n]; }
double output_pointer(const double *x, int n) {
  double *a = nullptr, *b;
  make(&a, n);
  make(&b, n);
  for (int i = 0; i < n; ++i) {
    a[i] = x[i] * x[i];
    b[i] = a[i] * x[n - 1 - i];
  }
  double r = a[0] * b[n - 1];
  delete[] a;
  delete[] b;
  return r;
}

struct Matrix {
  int rows, columns;
  double *at;
};
Matrix matrix(int rows, int columns) {
  Matrix m = {rows, columns, new double[rows * columns]};
  for (int i = 0; i < rows * columns; ++i)
    m.at[i] = 0;
  return m;
}
void release(Matrix &m) {
  delete[] m.at;
  m.at = nullptr;
}
void multiply(const Matrix &a, const Matrix &b, Matrix *out) {
  for (int i = 0; i < a.rows; ++i)
    for (int j = 0; j < b.columns; ++j)
      for (int k = 0; k < a.columns; ++k)
        out->at[i * out->columns + j] += a.at[i * a.columns + k] * b.at[k * b.columns + j];
}
double matrix_power_trace(const double *x, int n, int power) {
  Matrix a = matrix(n, n), p = matrix(n, n);
  for (int i = 0; i < n * n; ++i)
    a.at[i] = x[i];
  for (int i = 0; i < n; ++i)
    p.at[i * n + i] = 1;
  for (int k = 0; k < power; ++k) {
    Matrix q = matrix(n, n);
    multiply(p, a, &q);
    std::swap(p, q);
    release(q);
  }
  double trace = 0;
  for (int i = 0; i < n; ++i)
    trace += p.at[i * n + i];
  release(a);
  release(p);
  return trace;
}

struct Link {
  double value;
  Link *next;
};
double list_on_heap(const double *x, int n) {
  Link *head = nullptr;
  for (int i = 0; i < n; ++i)
    head = new Link{x[i] * x[i], head};
  double s = 1;
  for (Link *l = head; l; l = l->next) {
    l->value *= s;
    s += l->value;
  }
  for (const Link *l = head; l; l = l->next)
    s += l->value * l->value;
  while (head) {
    Link *rest = head->next;
    delete head;
    head = rest;
  }
  return s;
}

double interpreter(const double *x, const int *program, int length) {
  double stack[8] = {};
  int top = 0;
  for (int pc = 0; pc < length; ++pc) {
    int op = program[pc];
    if (op >= 0) {
      stack[top++] = x[op];
      continue;
    }
    if (op == -4) {
      stack[top - 1] = std::sin(stack[top - 1]);
      continue;
    }
    double b = stack[--top], a = stack[top - 1];
    switch (op) {
    case -1:
      stack[top - 1] = a + b;
      break;
    case -2:
      stack[top - 1] = a * b;
      break;
    case -3:
      stack[top - 1] = a / b;
      break;
    }
  }
  return stack[0];
}

double random_mask(const double *x, int n, unsigned seed) {
  double s = 1;
  for (int i = 0; i < n; ++i) {
    seed = seed * 1103515245u + 12345u;
    unsigned char draw = static_cast<unsigned char>(seed >> 16);
    if (draw & 1)
      s *= x[i];
    else
      s += x[i] * (draw % 5);
    seed ^= draw;
  }
  return s * s;
}

double ring_buffer(const double *x, int n) {
  double ring[3] = {0.5, 0.25, 0.125};
  int head = 0;
  double s = 0;
  for (int i = 0; i < n; ++i) {
    double oldest = ring[head];
    ring[head] = x[i] * oldest + ring[(head + 1) % 3];
    head = (head + 1) % 3;
    s += ring[head] * x[i];
  }
  return s;
}

double state_machine(const double *x, int n) {
  enum { idle, rising, falling } state = idle;
  double low = 0, high = 0, energy = 0;
  for (int i = 0; i < n; ++i)
    switch (state) {
    case idle:
      if (x[i] > 1) {
        state = rising;
        low = x[i];
      }
      break;
    case rising:
      if (x[i] < x[i - 1]) {
        high = x[i - 1];
        state = falling;
      }
      break;
    case falling:
      energy += (high - low) * (high - low) * x[i];
      state = x[i] > 1 ? rising : idle;
    }
  return energy + high * low;
}

double touch(double *p) {
  *p *= 1.5;
  return *p;
}
double effects_on_demand(double x, double y) {
  double r = 1;
  if (x > 1 && touch(&y) > 2)
    r += y;
  if (x > 5 || touch(&x) > 2)
    r *= x;
  r += x > 2 ? touch(&r) * y : touch(&y) * r;
  return r * x * y;
}

double effects_in_condition(double x) {
  double s = 0;
  while (touch(&x) < 10)
    s += x * x;
  for (; touch(&s) < 500;)
    s += x;
  return s * x;
}

double rows_of_matrix(double m[][3], int n) {
  double s = 0;
  for (int i = 0; i < n; ++i) {
    double *row = m[i];
    for (int j = 0; j < 3; ++j)
      row[j] *= m[(i + 1) % n][j];
    s += row[0] * row[2];
  }
  return s;
}

void mix(double *p, double *q, int n) {
  if (n == 0)
    return;
  p[0] = p[0] * q[0] + 0.5;
  q[1] += p[0] * p[1];
  mix(q, p, n - 1);
}
double recursion_on_itself(double *v) {
  mix(v, v, 2);
  mix(v, v + 1, 2);
  return v[0] * v[2];
}

double two_lengths(const double *x, int n, int m) {
  double s = 1;
  for (int i = -2; i < n - 5; ++i)
    s += x[i + 2] * s;
  for (int i = m; i-- > 0;)
    s *= x[i];
  for (int i = 10; i >= n * 3; i -= 4)
    s += x[i % n] * s * i;
  for (long i = n; i > m; --i)
    s -= x[i - 1];
  return s;
}

double floats_in_place(float *a, int n) {
  for (int step = 0; step < 2; ++step)
    for (int i = 0; i < n; ++i)
      a[i] = a[i] * a[(i + 1) % n] + 0.25f;
  return a[0] + a[n - 1];
}

long_double long_doubles_in_place(long_double *a, int n) {
  for (int i = 1; i < n; ++i)
    a[i] *= a[i - 1];
  return a[n - 1];
}

double flag_out_of_two_loops(const double *x, int n) {
  bool found = false;
  double s = 1;
  for (int i = 0; i < n && !found; ++i)
    for (int j = 0; j < n; ++j) {
      s += x[i] * x[j];
      if (s > 6) {
        found = true;
        break;
      }
      s *= 1.1;
    }
  return found ? s * x[0] : s;
}

struct Samples {
  double values[3];
  int count;
};
Samples with(Samples s, double v) {
  s.values[s.count++] = v;
  return s;
}
double grown_by_value(double x, double y) {
  Samples s = {};
  s = with(s, x);
  s = with(s, y * s.values[0]);
  s = with(with({{0, 0, 0}, 1}, s.values[1]), x);
  return s.values[1] * s.values[2] + s.count;
}

double swapped_arrays(double x, double y) {
  double a[2] = {x, y}, b[2] = {y * y, x};
  std::swap(a, b);
  a[0] *= b[1];
  std::swap(a[0], b[0]);
  return a[0] * b[0] + a[1];
}

double copies_in_loop(double *a, int n) {
  double old[4];
  for (int step = 0; step < 3; ++step) {
    std::memcpy(old, a, n * sizeof(double));
    for (int i = 0; i < n; ++i)
      a[i] = old[i] * old[n - 1 - i];
    std::memset(old, 0, sizeof old);
    a[0] += old[0];
  }
  return a[0];
}

#else
#define CASES "programs.cpp"
#include "twice.h"

int main() {
  reals x{1.5, 2.5, 0.5, -0.75, 3, 1.25};
  VERIFY(cursor_by_reference, x, 6);
  VERIFY(output_pointer, x, 6);
  VERIFY(matrix_power_trace, reals{1, 2, 3, 4}, 2, 3);
  VERIFY(list_on_heap, x, 4);
  VERIFY(interpreter, x, reals{0, 1, -2, -4, 2, -1, 0, -3}, 8);
  VERIFY(random_mask, x, 6, 12345);
  VERIFY(ring_buffer, x, 6);
  VERIFY(state_machine, reals{0.5, 1.5, 2.5, 2, 0.75, 0.5, 1.25, 3, 2, 1.5}, 10);
  VERIFY(effects_on_demand, 1.75, 0.5);
  VERIFY(effects_on_demand, 1.75, 2.5);
  VERIFY(effects_on_demand, 0.5, 2.5);
  VERIFY(effects_in_condition, 1.2);
  VERIFY(rows_of_matrix, reals{1, 2, 3, 4, 5, 6}, 2);
  VERIFY(recursion_on_itself, reals{0.5, 0.75, 1.25});
  VERIFY(two_lengths, x, 6, 2);
  VERIFY(two_lengths, x, 3, 6);
  VERIFY(floats_in_place, reals{0.5, 0.75, 1.25}, 3);
  VERIFY(long_doubles_in_place, reals{0.5, 0.75, 1.25}, 3);
  VERIFY(flag_out_of_two_loops, x, 6);
  VERIFY(flag_out_of_two_loops, reals{0.1, 0.2}, 2);
  VERIFY(grown_by_value, 1.5, 2.5);
  VERIFY(swapped_arrays, 1.5, 2.5);
  VERIFY(copies_in_loop, x, 4);
  return check::report();
}
#endif
