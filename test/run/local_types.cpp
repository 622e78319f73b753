// Structs declared inside the function. Plugin only: from outside of it, plain C++ has no name for them.
//
// MATRIX: plugin sanitized
#ifdef CASES

double copied_struct(double x, double y) {
  struct Pair {
    double a, b;
  };
  Pair p = {x, y}, q;
  std::memcpy(&q, &p, sizeof(Pair));
  q.a *= p.b;
  std::memcpy(&p, &q, sizeof p);
  return p.a * q.b;
}

double pointer_member(double x, double y) {
  struct View {
    double *data;
    int n;
  };
  double a[2] = {x, y};
  View view = {a, 2};
  for (int i = 0; i < view.n; ++i)
    view.data[i] *= view.data[1 - i];
  return a[0] * view.data[1];
}

double linked_list(double x, double y) {
  struct Node {
    double value;
    Node *next;
  };
  Node c = {x * y, nullptr}, b = {y, &c}, a = {x, &b};
  double s = 1;
  for (Node *n = &a; n; n = n->next) {
    n->value *= s;
    s += n->value * n->value;
  }
  return s;
}

double member_pointers(double x, double y) {
  struct {
    double a[2], b;
  } s = {{x, y}, x * y};
  double *p = &s.b, *q = s.a + 1;
  *p *= *q;
  *q += *p * s.a[0];
  return s.b * s.a[1];
}

#else
#define CASES "local_types.cpp"
#include "twice.h"

int main() {
  VERIFY(copied_struct, 1.5, 2.5);
  VERIFY(pointer_member, 1.5, 2.5);
  VERIFY(linked_list, 0.5, 1.25);
  VERIFY(member_pointers, 1.5, 2.5);
  return check::report();
}
#endif
