// N120, N121, N122, N123, N124, N125: a derivative would have to go through memory that has no adjoint.
//
// RUN: %nablaxx -fsyntax-only -Xclang -verify %s
#include <vector>
#include <nabla/nabla.h>

[[nabla::gradient("x")]] double through_inactive(double x, double *work) {
  work[0] = x * x; // expected-error {{a differentiated value is stored through 'work', which is not differentiated; differentiate by 'work' as well, or use a local array [nabla N120]}}
  return work[0] * x;
}

[[nabla::gradient("x")]] double mixed(double **x, double **data, int n) {
  double **p = n ? x : data;
  return p[0][0] * p[0][1]; // expected-error {{the pointer 'p' may lead to memory with and to memory without derivative}}
}

double *last(double *p, int n) { return n == 0 ? p : last(p + 1, n - 1); }
[[nabla::gradient]] double returned(double *x, int n) {
  *last(x, n) *= x[0]; // expected-error {{a differentiated value is stored through a pointer whose target is not known; pass the memory as a parameter of its own [nabla N122]}}
  return x[1];
}

double state, *const leads_to_state = &state;
[[nabla::inactive]] void reset() { *leads_to_state = 2; }
[[nabla::gradient]] double passive_resets(double x, double y) {
  state = x;
  const double a = state * y;
  reset(); // expected-error {{'reset', which carries no derivative, may write differentiated memory}}
  return a * state;
}

[[nabla::inactive]] void scale(double *x);
[[nabla::gradient]] double passive_writes(double *x) {
  scale(x); // expected-error {{'scale', which carries no derivative, may write differentiated memory; let it take a const pointer, or memory of its own that is not differentiated; or give it a [[nabla::pullback_of(scale)]] [nabla N125]}}
  return x[0] * x[0];
}

std::vector<double> total(1);
[[nabla::gradient]] double to_global(double x) {
  total[0] += x * x; // expected-error {{a real is stored in the global variable 'total', which has no adjoint; pass it as a parameter or use a local variable [nabla N121]}}
  return total[0];
}

[[nabla::gradient]] double through_returned(double *x, int n) {
  double *q = last(x, n); // expected-error {{the call of 'last' returns a pointer to differentiated memory; let the caller pass the memory [nabla N124]}}
  return q[0] * x[1];
}

// At second order the reverse sweep of a recursion over a tree reads its pointers back.
struct Node {
  double w;
  const Node *left, *right;
};
double of_tree(const Node *n, double x) {
  if (!n)
    return x;
  return n->w * of_tree(n->left, x) * of_tree(n->right, x * x); // expected-error {{the second derivative of what pointers lead to, which are read back in the reverse sweep, is not differentiated; keep the objects in one array and write subscripts for the pointers, or ask for the gradient alone [nabla N101]}}
}
double second_of_tree(const Node *n, double x, const Node *n_dot, Node *n_bar) {
  double out = 0;
  return nabla::gradient<of_tree>(n, x, n_bar, &out) + nabla::hvp<of_tree>(n, x, n_dot, 1.0, n_bar, &out);
}
