// std::deque, list, map, set, unordered_map: elements that keep their addresses; and std::valarray.
#ifdef CASES

// ---- std::deque

double sliding_window(const double *x, int n, int width) {
  std::deque<double> window;
  double s = 0;
  for (int i = 0; i < n; ++i) {
    window.push_back(x[i] * x[i]);
    if (int(window.size()) > width)
      window.pop_front();
    double sum = 0;
    for (double w : window)
      sum += w;
    s += sum * x[i];
  }
  return s;
}
double deque_members(double x, double y) {
  std::deque<double> d{x, y, x * y}, e(2, x), f(3);
  d.push_front(y * y);
  d.emplace_back(x + y);
  d.emplace_front(2 * x);
  double &first = d.front();
  d.push_back(1);
  d.push_back(first * y); // references stay valid
  first *= y;
  d.insert(d.begin() + 2, x * x);
  d.erase(d.begin() + 1);
  d.pop_back();
  e = d;
  e[1] *= y;
  f.resize(4, y);
  f[0] = e.at(1);
  std::swap(d, e);
  double s = 0;
  for (std::size_t i = 0; i < d.size(); ++i)
    s += d[i] * double(i + 1);
  for (auto it = f.begin(); it != f.end(); ++it)
    s += *it * x;
  for (auto it = e.end(); it != e.begin();)
    s -= *--it * y;
  return s + d.front() * d.back() + double(e.size()) + (e.empty() ? x : y);
}
struct Job {
  double cost, due;
  double late(double t) const { return t > due ? (t - due) * cost : 0; }
};
double deque_of_structs(double x, double y, int n) {
  std::deque<Job> jobs;
  for (int i = 0; i < n; ++i)
    jobs.push_back(Job{x * i, y});
  double t = 0, loss = 0;
  while (!jobs.empty()) {
    Job now = jobs.front();
    jobs.pop_front();
    t += now.cost * 0.1;
    loss += now.late(t);
    if (now.cost > 2 * x) {
      now.cost *= 0.5;
      jobs.push_back(now);
    }
  }
  return loss + t;
}
double deque_of_vectors(double x, int n) {
  std::deque<std::vector<double>> rows;
  for (int i = 0; i < n; ++i)
    rows.push_back(std::vector<double>(i + 1, x * i));
  rows.front()[0] = x;
  std::deque<std::vector<double>> copy = rows;
  copy.back()[0] *= x;
  double s = 0;
  for (const auto &row : rows)
    for (double v : row)
      s += v * v;
  return s + copy[n - 1][0];
}

// ---- std::list

double list_members(double x, double y) {
  std::list<double> l{x, y};
  l.push_back(x * y);
  l.push_front(y * y);
  auto it = l.begin();
  ++it;
  it = l.insert(it, x * x);
  double *kept = &*it;
  l.emplace_back(2 * x);
  l.erase(l.begin());
  *kept *= y;
  for (auto i = l.begin(); i != l.end();)
    if (*i > 3)
      i = l.erase(i);
    else
      ++i;
  std::list<double> other(l), moved = std::move(l);
  other.front() += y;
  other.pop_back();
  double s = 0, k = 1;
  for (double v : other)
    s += v * k++;
  for (auto i = moved.end(); i != moved.begin();) {
    --i;
    s += *i * k;
  }
  return s + moved.back() * double(moved.size()) + double(l.size());
}
double list_grown_while_walked(double x, int n) {
  std::list<double> work{x};
  double s = 0;
  for (double v : work) {
    s += v * v;
    if (int(work.size()) < n)
      work.push_back(v * 0.9 + x);
  }
  return s;
}
struct Particle {
  double at, speed;
  int id;
};
double list_of_structs(double x, double v, int n) {
  std::list<Particle> alive;
  for (int i = 0; i < n; ++i)
    alive.push_back({x + i, v * i, i});
  double s = 0;
  for (int step = 0; step < 3; ++step) {
    for (auto &p : alive)
      p.at += p.speed * 0.1;
    for (auto it = alive.begin(); it != alive.end();) {
      if (it->at > 4) {
        s += it->at * it->speed;
        it = alive.erase(it);
      } else {
        ++it;
      }
    }
  }
  for (const Particle &p : alive)
    s += p.at * p.id;
  return s;
}

// ---- std::map and its kin

double map_members(double x, double y) {
  std::map<int, double> m{{3, x}, {1, y}};
  m[2] = x * y;
  m[3] += y;
  m.insert({7, x * x});
  m.insert({7, 100.0});
  m.emplace(5, x + y);
  m.insert(std::make_pair(4, 2 * x));
  m.insert_or_assign(1, y * y * y);
  m.try_emplace(9, x);
  m.try_emplace(9, y);
  double s = m.at(7) + m[100];
  auto found = m.find(4);
  if (found != m.end())
    s += found->second * found->first;
  if (auto [at, is_new] = m.emplace(4, y); !is_new)
    at->second *= y;
  m.erase(2);
  m.erase(m.find(9));
  s += double(m.count(2) + m.count(3)) * x;
  for (const auto &[key, value] : m)
    s += key * value * value;
  for (auto &entry : m)
    entry.second *= x;
  for (auto it = m.begin(); it != m.end(); ++it)
    s += it->second * y;
  auto low = m.lower_bound(4), up = m.upper_bound(4);
  s += low->second - up->second * x;
  std::map<int, double> copy = m;
  copy[1] = 0;
  m.clear();
  return s + copy.size() + m.size() + copy.begin()->second + copy[3];
}
double histogram(const double *x, int n) {
  std::map<int, double> sums;
  std::map<int, int> counts;
  for (int i = 0; i < n; ++i) {
    int bin = int(x[i] * 3);
    sums[bin] += x[i];
    ++counts[bin];
  }
  double s = 0;
  for (auto [bin, sum] : sums) {
    double mean = sum / counts[bin];
    s += mean * mean * bin;
  }
  return s;
}
double memo(std::map<int, double> &known, double x, int n) {
  if (n < 2)
    return x;
  auto it = known.find(n);
  if (it != known.end())
    return it->second;
  double v = memo(known, x, n - 1) * x + memo(known, x, n - 2);
  known[n] = v;
  return v;
}
double memoised(double x, int n) {
  std::map<int, double> known;
  return memo(known, x, n) + double(known.size());
}
double map_of_vectors(double x, double y, int n) {
  std::map<int, std::vector<double>> groups;
  for (int i = 0; i < n; ++i)
    groups[i % 3].push_back(x * i + y);
  double s = 0;
  for (auto &[group, members] : groups) {
    members.push_back(x);
    for (double m : members)
      s += m * m * (group + 1);
  }
  return s;
}
double sparse_matrix(const double *x, int n) {
  std::map<std::pair<int, int>, double> a;
  for (int i = 0; i < n; ++i) {
    a[{i, i}] = x[i];
    if (i)
      a[{i, i - 1}] += x[i] * x[i - 1];
  }
  double s = 0;
  for (const auto &[at, v] : a)
    s += v * v * (at.first + 2 * at.second);
  return s;
}
double unordered(const double *x, int n) {
  std::unordered_map<int, double> table;
  for (int i = 0; i < n; ++i)
    table[(i * 7) % 5] += x[i];
  double s = 0;
  for (int k = 0; k < 6; ++k)
    if (auto it = table.find(k); it != table.end())
      s += it->second * it->second * (k + 1);
  table.erase(1);
  return s + table.at(2) * double(table.size()) + (table.count(1) ? x[0] : x[1]);
}
double reals_as_keys(double x, double y) { // an interpolation table
  std::map<double, double> f{{0.0, x}, {1.0, y}, {x + 2, x * y}};
  double s = 0;
  for (double at : {0.25, 0.5, 1.5}) {
    auto right = f.upper_bound(at);
    auto left = std::prev(right);
    double w = (at - left->first) / (right->first - left->first);
    s += (1 - w) * left->second + w * right->second;
  }
  return s;
}
double descending(double x, double y) {
  std::map<int, double, std::greater<int>> m{{1, x}, {2, y}, {3, x * y}};
  std::set<int> seen{5, 1, 5};
  double s = 0;
  int k = 1;
  for (auto &[key, v] : m)
    s += v * k++ * (seen.count(key) ? x : 1.0);
  seen.insert(3);
  for (int key : seen)
    s += key * y;
  return s;
}
struct Market {
  std::map<int, double> rates;
  std::deque<double> history;
  double rate(int year) const {
    auto it = rates.find(year);
    return it == rates.end() ? 0.01 : it->second;
  }
  void move(double by) {
    for (auto &[year, r] : rates)
      r += by * year;
    history.push_back(by);
  }
};
double member_map(double x, double y) {
  Market m;
  m.rates[1] = x;
  m.rates[2] = y;
  m.move(x * y);
  Market copy = m;
  copy.move(x);
  return m.rate(1) * copy.rate(2) + m.rate(3) * x + copy.history.back() * copy.history[0];
}
double algorithms_over_lists(double x, double y) {
  std::list<double> l{x, y, x * y};
  std::deque<double> d(l.begin(), l.end());
  std::vector<double> v(d.size(), y);
  d.assign(v.begin(), v.end());
  d.push_back(x);
  double s = std::accumulate(l.begin(), l.end(), x * x);
  std::for_each(d.begin(), d.end(), [&](double e) { s += e * y; });
  return s;
}

// ---- Odd uses

double deque_alias(double x, double y) { // reference across growth, swap, move
  std::deque<double> a{x}, b{y, x};
  double &r = a[0];
  for (int i = 0; i < 20; ++i)
    a.push_back(x * i);
  r *= y;
  std::swap(a, b);
  r += x;
  std::deque<double> c = std::move(b);
  r *= 2;
  a = c;
  c[0] = 7;
  return r + a[0] * a[5] + c[1] + double(b.size());
}
double early_exit(double x, int n) {
  std::map<int, double> m;
  for (int i = 0; i < n; ++i) {
    m[i * 3 % 7] += x * i;
    if (m.size() > 4) {
      for (auto &[k, v] : m) {
        if (k == 2)
          continue;
        if (k > 4)
          return v * k;
        v *= x;
      }
      break;
    }
  }
  return m.empty() ? x : m.begin()->second;
}
double zero_trips(double x, int n) {
  std::list<double> l;
  std::deque<double> d;
  std::map<int, double> m;
  for (double v : l)
    x += v;
  for (double v : d)
    x += v;
  for (auto &e : m)
    x += e.second;
  for (int i = 0; i < n; ++i) {
    l.push_back(x);
    d.push_front(x * x);
    m[-i] = x;
  }
  double s = 0;
  for (double v : l)
    s += v;
  for (double v : d)
    s *= v + 1;
  for (auto &e : m)
    s += e.second * e.first;
  return s;
}
struct Node {
  double w;
  std::map<int, double> edges;
  std::list<int> order;
};
double nested(double x, int n) {
  std::map<int, Node> g;
  for (int i = 0; i < n; ++i) {
    Node &v = g[i];
    v.w = x * i;
    v.edges[(i + 1) % n] = x + i;
    v.order.push_front(i);
  }
  Node copy = g[0];
  copy.edges[1] *= 3;
  g[n] = copy;
  double s = 0;
  for (auto &[i, v] : g) {
    for (auto &[j, e] : v.edges)
      s += v.w * e + (g.count(j) ? g.at(j).w : 0.0);
    for (int k : v.order)
      s += k * x;
  }
  return s;
}
void grow(std::list<double> &l, double x, int n) { // recursion over a list
  if (n == 0)
    return;
  l.push_back(x * n);
  grow(l, x * l.front(), n - 1);
  l.front() += 0.1 * x;
}
double recursive_list(double x, int n) {
  std::list<double> l{x};
  grow(l, x, n);
  double s = 0;
  for (double v : l)
    s += v * v;
  return s;
}
std::map<int, double> table(double x, int n) {
  std::map<int, double> m;
  for (int i = n; i-- > 0;)
    m.emplace(i, x * i);
  return m;
}
double returned(double x, int n) {
  auto m = table(x, n);
  std::map<int, double> k = table(x * x, n);
  m.swap(k);
  auto it = m.find(2);
  if (it == m.end())
    return k.size() * x;
  auto next = it;
  ++next;
  double s = it->second;
  if (next != m.end())
    s *= next->second;
  m.erase(it);
  return s + m.size() * k[1] + (m.count(2) ? 100 : 0);
}
double sum_list(const std::list<double> &l) {
  double s = 0;
  for (double v : l)
    s += v;
  return s;
}
double by_value(std::list<double> l, double x) {
  l.push_back(x);
  l.front() *= 2;
  return sum_list(l);
}
double copies(double x) {
  std::list<double> l{x, x * x};
  double a = by_value(l, x);
  return a * sum_list(l) + by_value(std::move(l), 1.0);
}
double erase_range(double x, int n) {
  std::map<int, double> m;
  std::list<double> l;
  std::deque<double> d;
  for (int i = 0; i < n; ++i) {
    m[i] = x * i;
    l.push_back(x + i);
    d.push_back(x - i);
  }
  m.erase(m.lower_bound(1), m.upper_bound(3));
  l.erase(++l.begin(), --l.end());
  d.erase(d.begin() + 1, d.begin() + 3);
  d.resize(2);
  l.resize(3, x);
  double s = 0;
  for (auto &[k, v] : m)
    s += k * v;
  for (double v : l)
    s = s * v + 1;
  for (double v : d)
    s -= v * s;
  return s;
}
double deque_in_loop(const double *x, int n) {
  double s = 0;
  for (int i = 0; i < n; ++i) {
    std::deque<double> d;
    for (int j = 0; j <= i; ++j)
      d.push_front(x[j] * x[i]);
    while (d.size() > 1) {
      double a = d.front();
      d.pop_front();
      d.front() = d.front() * a + s;
    }
    s += d.back();
  }
  return s;
}
double queue_of_pairs(double x, double y) {
  std::deque<std::pair<int, double>> q{{1, x}, {2, y}};
  double s = 0;
  while (!q.empty()) {
    auto [k, v] = q.front();
    q.pop_front();
    s += k * v * v;
    if (k < 6)
      q.emplace_back(k + 2, v * x);
  }
  return s;
}
double map_value_struct(double x, double y) {
  struct P {
    double a = 1, b = 2;
  };
  std::map<int, P> m;
  m[1].a = x;
  m[2].b = y;
  m[1].b += m[2].a * m[2].b;
  P &p = m[1];
  m[0] = p;
  m[-1] = {y, x};
  p.a *= 3;
  double s = 0;
  for (const auto &[k, v] : m)
    s += v.a * v.b * (k + 2);
  return s;
}
double list_splice_free(double x, int n) { // merge sort by hand
  std::list<double> a, b, out;
  for (int i = 0; i < n; ++i) {
    a.push_back(x * i);
    b.push_back(x * x * i + 0.1);
  }
  auto i = a.begin(), j = b.begin();
  while (i != a.end() || j != b.end()) {
    bool left = j == b.end() || i != a.end() && *i < *j;
    out.push_back(left ? *i : *j);
    if (left)
      ++i;
    else
      j++;
  }
  double s = 0, k = 1;
  for (auto it = out.begin(); it != out.end(); it++)
    s += *it * k++;
  return s;
}
double try_map(double x, double y) {
  std::map<int, double> m{{1, x}};
  double s = y;
  try {
    s *= m.at(1);
    m[2] = s * x;
    s += m.at(5);
  } catch (const std::out_of_range &) {
    s *= m[2];
  }
  return s;
}
double lambdas_over(double x, double y) {
  std::map<int, double> m{{1, x}, {4, y}};
  auto look = [&](int k) {
    auto it = m.find(k);
    return it == m.end() ? x * 0.5 : it->second;
  };
  auto set = [&m](int k, double v) { m[k] = v; };
  set(2, look(1) * look(3));
  set(4, look(4) * look(2));
  return look(4) + look(2);
}
double pointer_kept(double x, double y) {
  std::map<int, double> m{{5, x}};
  double *p = &m[5];
  for (int i = 0; i < 8; ++i)
    m[i] += y * i;
  *p *= x;
  m.erase(0);
  return m[5] * *p + m.begin()->second;
}
double va(double x, double y, int n) {
  std::valarray<double> v(x, n), w(n);
  for (int i = 0; i < n; ++i)
    w[i] = y * i;
  for (int t = 0; t < 3; ++t) {
    v = v * w + v;
    w -= 0.1 * v;
    v /= 1.0 + y * y;
  }
  std::valarray<double> z;
  z = v;
  z.resize(2, x);
  std::swap(z, w);
  return (v * v).sum() + w.sum() * z[0] + v.min();
}
double total_of(const std::vector<double> &v, int n) { return n == 0 ? 0.0 : v[n - 1] + total_of(v, n - 1); }
double inactive_container(double x, int n) { // in forward mode, too
  std::vector<double> w;
  for (int i = 0; i < n; ++i)
    w.push_back(0.5 * i);
  return x * x * total_of(w, n);
}

// ---- std::valarray

double valarrays(double x, double y) {
  std::valarray<double> a{x, y, x * y}, b(y, 3), c(3);
  c = a * b + 2.0 * std::exp(a) - b / x;
  c += a;
  c *= 1.5;
  c[1] = a[0] * c[2];
  std::valarray<double> d = -c + std::pow(a, 2.0), e = d.apply([](double v) { return v * v; });
  double s = c.sum() + (a * d).sum() + e.max() - c.min();
  for (double v : d)
    s += v * v;
  return s + double(d.size());
}
double valarray_parameter(const std::valarray<double> &w, double x) {
  std::valarray<double> z = std::tanh(w * x);
  return (z * z).sum();
}
double pass_valarray(double x, double y) {
  std::valarray<double> w{x, y, 1.0};
  w = 0.5 * w;
  return valarray_parameter(w, y);
}

#else
#include <algorithm>
#include <deque>
#include <list>
#include <map>
#include <numeric>
#include <set>
#include <stdexcept>
#include <unordered_map>
#include <valarray>
#include <vector>
#define CASES "chains.cpp"
#include "twice.h"

int main() {
  reals x{0.3, 0.9, 0.5, 1.3, 0.2, 0.8, 1.1};
  VERIFY(sliding_window, x, 7, 3);
  VERIFY(deque_members, 0.7, 1.2);
  VERIFY(deque_of_structs, 0.7, 0.1, 6);
  VERIFY(deque_of_vectors, 0.7, 4);
  VERIFY(list_members, 0.7, 1.2);
  VERIFY(list_grown_while_walked, 0.7, 6);
  VERIFY(list_of_structs, 0.7, 1.2, 5);
  VERIFY(map_members, 0.7, 1.2);
  VERIFY(histogram, x, 7);
  VERIFY(memoised, 0.7, 8);
  VERIFY(map_of_vectors, 0.7, 1.2, 8);
  VERIFY(sparse_matrix, x, 7);
  VERIFY(unordered, x, 7);
  VERIFY(reals_as_keys, 0.7, 1.2);
  VERIFY(descending, 0.7, 1.2);
  VERIFY(member_map, 0.7, 1.2);
  VERIFY(algorithms_over_lists, 0.7, 1.2);
  VERIFY(deque_alias, 0.7, 1.2);
  for (int n : {0, 1, 3, 5, 9}) {
    VERIFY(early_exit, 0.7, n);
    VERIFY(zero_trips, 0.7, n);
  }
  VERIFY(nested, 0.7, 5);
  VERIFY(recursive_list, 0.7, 4);
  VERIFY(returned, 0.7, 2);
  VERIFY(returned, 0.7, 5);
  VERIFY(copies, 0.7);
  VERIFY(erase_range, 0.7, 6);
  VERIFY(deque_in_loop, x, 7);
  VERIFY(queue_of_pairs, 0.7, 1.2);
  VERIFY(map_value_struct, 0.7, 1.2);
  VERIFY(list_splice_free, 0.7, 5);
  VERIFY(try_map, 0.7, 1.2);
  VERIFY(lambdas_over, 0.7, 1.2);
  VERIFY(pointer_kept, 0.7, 1.2);
  VERIFY(va, 0.7, 0.2, 4);
  VERIFY(inactive_container, 0.7, 4);
  VERIFY(valarrays, 0.7, 1.2);
  VERIFY(pass_valarray, 0.7, 1.2);
  return check::report();
}
#endif
