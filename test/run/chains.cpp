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

// What is found is an iterator, through which elements are written; nothing may be found.
double searches(double x, double y, int n) {
  std::list<double> l;
  std::deque<double> d;
  std::map<int, double> m;
  for (int i = 0; i < n; ++i) {
    l.push_back(x * i - y);
    d.push_front(y * i * x);
    m[i % 3] += x + i;
  }
  double s = 0;
  for (int k = 0; k < 3; ++k) {
    auto found = std::find_if(l.begin(), l.end(), [&](double v) { return v > s; });
    if (found != l.end())
      *found *= y - s;
    auto largest = std::max_element(d.begin(), d.end());
    if (largest != d.end()) {
      *largest = 0.5 * x * *largest;
      s += *std::min_element(d.begin(), d.end(), [](double a, double b) { return b < a; });
    }
    auto entry = std::max_element(m.begin(), m.end(),
                                  [](const auto &a, const auto &b) { return a.second < b.second; });
    if (entry != m.end())
      entry->second *= 0.7 * entry->second * (1 + entry->first);
    s += x * double(std::count_if(l.begin(), l.end(), [&](double v) { return v > 0.1 * s; }));
  }
  if (std::any_of(l.begin(), l.end(), [](double v) { return v < 0; }))
    s *= x;
  if (std::all_of(d.begin(), d.end(), [](double v) { return v < 5; }) &&
      std::none_of(m.begin(), m.end(), [](const auto &e) { return e.first > 7; }))
    s += y * y;
  if (n == 2 && std::find(l.begin(), l.end(), x) == l.end())
    s *= 2;
  for (const auto &[key, value] : m)
    s += value * key;
  return std::accumulate(l.begin(), l.end(), s) + double(std::distance(l.begin(), l.end()));
}
double copies_of_elements(double x, double y) {
  std::list<double> l{x, y, x * y};
  std::vector<double> v(l.begin(), l.end()), w(3);
  std::deque<double> d(5), e(3);
  std::copy(l.begin(), l.end(), w.begin());
  std::copy(v.begin(), v.end(), d.begin());
  std::fill(std::next(d.begin()), d.end(), x + w[2]);
  v.assign(d.begin(), d.end());
  std::transform(l.begin(), l.end(), e.begin(), [&](double t) { return t * y; });
  std::transform(e.begin(), e.end(), l.begin(), e.begin(), [](double a, double b) { return a * b; });
  std::transform(l.begin(), l.end(), l.begin(), [x](double t) { return std::sin(t) + x; });
  std::partial_sum(l.begin(), l.end(), w.begin());
  std::iota(d.begin(), std::next(d.begin()), y);
  double s = std::inner_product(l.begin(), l.end(), e.begin(), x);
  for (double t : v)
    s = 0.5 * s * x + t;
  return s + w[2] * d[0] * d.back() + e.front();
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

// ---- Strings as keys

double text_keys(double x, double y) {
  std::map<std::string, double> m, n;
  m["a"] = x;
  m["b"] = y * m["a"];
  m["a"] += 2;
  m.insert({"c", x});
  m.try_emplace("d", x * x);
  m.insert_or_assign("a", 2 * x * m.at("a"));
  m.insert(std::make_pair("e", y));
  m.erase("c");
  double s = m.at("b") * m["a"] + double(m.size() + m.count("c"));
  for (const auto &[k, v] : m) {
    s += v * v * (k == "b" ? 3 : 5);
    n[k] = v * y;
  }
  for (auto it = n.begin(); it != n.end(); ++it)
    m[it->first] += it->second;
  auto it = m.lower_bound("bb");
  s += it->second;
  n = m;
  return s * n.at("a") + m.begin()->second;
}
double hashed_text_keys(double x, double y) {
  std::unordered_map<std::string, double> m{{"p", x}, {"q", 2 * y}};
  std::string name = "q";
  m[name] *= x;
  if (auto it = m.find("p"); it != m.end())
    it->second *= m.at(name);
  return m["p"] * m["other"] + m["p"] * y;
}
double vectors_by_text(double x, double y) {
  std::map<std::string, std::vector<double>> m;
  m["w"].push_back(x);
  m["w"].push_back(x * y);
  m["b"] = {x, x};
  m.erase("b");
  m.emplace("c", std::vector<double>{y});
  double s = 0;
  for (auto &[k, v] : m)
    for (double w : v)
      s += w * w * (k == "w" ? 3 : 5);
  return s;
}

// ---- Orders

double sorted_deque(double x, double y) {
  std::deque<double> d{3 * x, x, y, -x, x * y};
  double &second = d[1];
  std::sort(d.begin(), d.end());
  double s = second, w = 1;
  for (double v : d)
    s += w++ * v * v;
  std::sort(d.begin() + 1, d.end(), [](double a, double b) { return a > b; });
  return s + d[1] * d[2];
}
double sorted_list(double x, double y) {
  std::list<double> l{3 * x, x, y, -x};
  double &first = l.front(); // stays the same element
  l.sort();
  first *= y;
  double s = 0, w = 1;
  for (double v : l)
    s += w++ * v * v;
  l.sort([](double a, double b) { return a > b; });
  l.reverse();
  for (double v : l)
    s += w++ * v;
  l.remove_if([&](double v) { return v < 0; });
  l.remove(x);
  return s * l.front() + double(l.size()) + l.back() * y;
}
double spliced_lists(double x, double y) {
  std::list<double> a{x, 3 * x}, b{2 * x, 4 * y, 5 * y}, c{x, 7 * y};
  a.merge(b);
  double s = 0, w = 1;
  for (double v : a)
    s += w++ * v * v;
  b.push_back(x * y);
  a.splice(std::next(a.begin()), b);
  a.splice(a.end(), c, c.begin());
  a.splice(a.begin(), a, std::prev(a.end()));
  for (double v : a)
    s += w++ * v;
  a.clear();
  a.reverse();
  a.sort();
  return s + double(b.size() + a.size()) + c.front() * s;
}

#else
#include <algorithm>
#include <deque>
#include <list>
#include <map>
#include <numeric>
#include <set>
#include <string>
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
  VERIFY(map_of_vectors, 0.7, 1.2, 8);
  VERIFY(sparse_matrix, x, 7);
  VERIFY(unordered, x, 7);
  VERIFY(reals_as_keys, 0.7, 1.2);
  VERIFY(descending, 0.7, 1.2);
  VERIFY(member_map, 0.7, 1.2);
  VERIFY(algorithms_over_lists, 0.7, 1.2);
  for (int n : {0, 1, 2, 6})
    VERIFY(searches, 0.7, 1.2, n);
  VERIFY(copies_of_elements, 0.7, 1.2);
  VERIFY(text_keys, 0.7, 1.2);
  VERIFY(hashed_text_keys, 0.7, 1.2);
  VERIFY(vectors_by_text, 0.7, 1.2);
  VERIFY(sorted_deque, 0.7, 1.2);
  VERIFY(sorted_list, 0.7, 1.2);
  VERIFY(spliced_lists, 0.7, 1.2);
  VERIFY(valarrays, 0.7, 1.2);
  VERIFY(pass_valarray, 0.7, 1.2);
  return check::report();
}
#endif
