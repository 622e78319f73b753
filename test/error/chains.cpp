// What stays refused of std::deque, list, map, unordered_map and valarray, and of globals.
//
// RUN: %nablaxx -std=c++20 -fsyntax-only -Xclang -verify %s
#include <algorithm>
#include <deque>
#include <list>
#include <map>
#include <nabla/nabla.h>
#include <string>
#include <unordered_map>
#include <valarray>
#include <vector>

[[nabla::gradient]] double order_of_hashes(double x) {
  std::unordered_map<int, double> m{{1, x}};
  double s = 0;
  for (auto &[k, v] : m) // expected-error {{the order in which a hash table gives its elements is not differentiated; use std::map or std::set, or look the keys up one by one [nabla N102]}}
    s += v;
  return s;
}

[[nabla::gradient]] double spliced_stretch(double x) {
  std::list<double> a{x, x}, b{x, x};
  a.splice(a.begin(), b, b.begin(), b.end()); // expected-error {{::splice' is not differentiated}}
  return a.front();
}

[[nabla::gradient]] double computed_key(double x, int i) {
  std::map<std::string, double> m;
  m[std::string(i, 'a')] = x; // expected-error {{this string is not differentiated; make it of a literal, or pass it as a parameter [nabla N102]}}
  return m["a"];
}
[[nabla::gradient]] double key_left_out(double x) {
  std::map<std::string, double> m;
  std::pair<std::string, double> p{"a", x};
  m.insert(p); // expected-error {{a pair whose string is left out is not differentiated; give the key and the value: try_emplace(key, value) [nabla N102]}}
  return m["a"];
}

[[nabla::gradient]] double into_an_inserter(double x) {
  std::list<double> l{x, x};
  std::vector<double> v;
  std::copy(l.begin(), l.end(), std::back_inserter(v)); // expected-error {{'std::copy' over this container is not differentiated; write the loop out, or copy the elements into a std::vector [nabla N102]}}
  return v[0];
}
[[nabla::gradient]] double into_the_middle(double x) {
  std::list<double> l{x, x};
  std::vector<double> v{x};
  v.insert(v.begin(), l.begin(), l.end()); // expected-error {{'insert' of a container's elements into a vector is not differentiated; write the loop out [nabla N102]}}
  return v[0];
}

[[nabla::gradient]] double kept_expression(double x) {
  std::valarray<double> a(x, 3);
  auto e = a * a; // expected-error {{an expression of std::valarray has no value of its own: write std::valarray for its type, not auto [nabla N103]}}
  return std::valarray<double>(e).sum();
}

[[nabla::gradient]] double sliced(double x) {
  std::valarray<double> a(x, 3);
  std::valarray<double> b = a[std::slice(0, 2, 1)]; // expected-error {{this constructor of std::valarray is not differentiated; make it of a size, and fill it [nabla N102]}}
  return b.sum();
}

[[nabla::gradient]] double counter(double x) {
  static double calls = 0; // expected-error {{static variable 'calls' is not differentiated}}
  calls += x;
  return calls * x;
}

double level;
void elsewhere(int n);
[[nabla::gradient]] double unknown_call(double x) {
  level = x;
  elsewhere(1); // expected-error {{a call of 'elsewhere', which may write the global variable 'level', is not differentiated; make its body visible, mark it [[nabla::inactive]], or make the variable static [nabla N102]}}
  return level * x;
}

double with_rule(double x) { return x * level; }
[[nabla::pullback_of(with_rule)]] void with_rule_pb(double x, double seed, double *x_bar);
[[nabla::gradient]] double rule_of_global(double x) {
  level = x;
  return with_rule(x); // expected-error {{a call of 'with_rule', whose own rule knows nothing of the global variable 'level', which is written here, is not differentiated}}
}

[[nabla::gradient]] double sets(double x) {
  level = x;
  return level * x;
}
[[nabla::gradient]] double derivative_of_setter(double x) {
  double x_bar = 0;
  sets_grad(x, &x_bar); // expected-error {{a call of a derivative of 'sets', which writes the global variable 'level', is not differentiated; give 'sets' the variable as a parameter [nabla N102]}}
  return x_bar;
}

[[nabla::inactive]] void sets_level(int n) { level = n; }
[[nabla::gradient]] double inactive_writes(double x) {
  level = x;
  sets_level(2); // expected-error {{'sets_level', which carries no derivative, may write differentiated memory}}
  return level * x;
}

[[nabla::gradient]] double rounded_order(double x, double y) {
  std::deque<double> d{x, y, x * y};
  std::sort(d.begin(), d.end(), std::greater<int>()); // expected-error {{this comparison is not differentiated; pass a lambda that compares [nabla N102]}}
  return d[0] * 2 + d[1];
}
[[nabla::gradient]] double rounded_keys(double x, double y) {
  std::map<double, double, std::greater<int>> m; // expected-error {{cannot carry a derivative here}}
  m[1.25] = x;
  m[1.5] = y;
  return m[1.75];
}
