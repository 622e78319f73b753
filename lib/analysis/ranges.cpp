#include "analysis/ranges.h"
#include "ir/walk.h"
#include <algorithm>
#include <cstdlib>

namespace nabla::analysis {
using namespace ir;

namespace {

/// A counter of a loop, or a value that does not change in the scope. Both accesses see the same one, or each its own.
struct Symbol {
  ValueId value;
  bool is_later; ///< of the later access
  bool operator<(const Symbol &o) const { return std::tie(value, is_later) < std::tie(o.value, o.is_later); }
  bool operator==(const Symbol &o) const { return value == o.value && is_later == o.is_later; }
};
using Monomial = std::vector<Symbol>; ///< sorted; empty: 1
using Poly = std::map<Monomial, long>;

const long largest = 1L << 31; // beyond it nothing is proved: unsigned numbers that stand for negative ones
const std::size_t longest = 40, highest = 4;

Poly constant(long c) { return c ? Poly{{{}, c}} : Poly{}; }

Poly operator+(Poly a, const Poly &b) {
  for (const auto &[m, c] : b) {
    long &sum = a[m];
    sum += c;
    if (sum == 0)
      a.erase(m);
  }
  return a;
}
Poly operator*(const Poly &a, const Poly &b) {
  Poly out;
  for (const auto &[m, c] : a)
    for (const auto &[n, d] : b) {
      Monomial both = m;
      both.insert(both.end(), n.begin(), n.end());
      std::sort(both.begin(), both.end());
      long &sum = out[both];
      sum += c * d;
      if (sum == 0)
        out.erase(both);
    }
  return out;
}
Poly operator-(const Poly &a, const Poly &b) { return a + constant(-1) * b; }

bool is_small(const Poly &p) {
  return p.size() <= longest && std::all_of(p.begin(), p.end(), [](const auto &term) {
           return std::labs(term.second) < largest && term.first.size() <= highest;
         });
}

/// p = factor * x + rest; nothing if x stands in it squared.
std::optional<std::pair<Poly, Poly>> split(const Poly &p, const Symbol &x) {
  Poly factor, rest;
  for (const auto &[m, c] : p) {
    auto count = std::count(m.begin(), m.end(), x);
    if (count > 1)
      return {};
    Monomial others = m;
    others.erase(std::remove(others.begin(), others.end(), x), others.end());
    (count ? factor : rest)[others] += c;
  }
  return std::pair{factor, rest};
}

/// How a loop's counter moves, in terms of what encloses the loop.
struct Motion {
  long step = 0;
  std::optional<Poly> least, most;
};

class Reach {
public:
  Reach(const Values &values, const Access &first, const Access &later, const Region *scope)
      : values_(values), first_(first), later_(later), scope_(scope) {
    for (const Region *r = later.region; r && r != scope; r = r->parent)
      if (r->kind == Region::Loop && r->encloses(first.region))
        common_.insert(common_.begin(), r);
    for (const Region *r : {first.region, later.region})
      for (; r; r = r->parent)
        if (r->kind == Region::Loop)
          note_bound(r);
  }

  bool run(bool in_same_iteration) {
    for (equal_ = 0; equal_ < common_.size(); ++equal_)
      if (!is_apart())
        return true;
    return in_same_iteration && !is_apart();
  }

private:
  /// Is some subscript never the same?
  bool is_apart() {
    return steps_apart(*first_.address, *later_.address, [&](ValueId first, ValueId later) {
      std::optional<Poly> from = poly(first, false), to = poly(later, true);
      bool known = from && to && (is_positive(*to - *from) || is_positive(*from - *to));
      return known ? std::optional(true) : std::nullopt;
    });
  }

  // ---- subscripts as polynomials

  static bool is_wide(const Type &t) {
    static const std::set<std::string> wide{"int",          "long",          "long long",
                                            "unsigned int", "unsigned long", "unsigned long long"};
    return t.is(Type::Int) && wide.count(t.with_const(false).spelling());
  }
  static bool narrows(const Type &from, const Type &to) {
    auto is_long = [](const Type &t) { return t.spelling().find("long") != std::string::npos; };
    return is_long(from) && !is_long(to);
  }
  static bool is_unsigned(const Type &t) { return t.spelling().find("unsigned") != std::string::npos; }

  /// The loop that the value counts, if it moves by the same step each time.
  const Region *counted_by(ValueId v) const {
    const Value &x = values_[v];
    if (x.kind == Value::LoopIndex)
      return x.home;
    bool moves =
        x.kind == Value::Phi && x.head && x.next != no_value && x.initial != no_value && is_wide(x.type);
    if (!moves)
      return nullptr;
    auto [from, by] = values_.affine(x.next);
    return from == v && by != 0 && values_[x.next].type == x.type && !is_unsigned(x.type) ? x.home : nullptr;
  }

  std::optional<Poly> poly(ValueId v, bool is_later) const {
    const Value &x = values_[v];
    if (std::optional<long> number = values_.number(v))
      return constant(*number);
    if (!is_wide(x.type))
      return {};
    if (const Region *loop = counted_by(v))
      return Poly{{{Symbol{v, is_later && !is_same(loop)}}, 1}};
    if (x.kind == Value::Operation && !x.operands.empty()) {
      std::optional<Poly> a = poly(x.operands[0], is_later), out;
      if (std::holds_alternative<Cast>(x.shape->node) && !narrows(values_[x.operands[0]].type, x.type))
        out = a;
      auto *n = std::get_if<Native>(&x.shape->node);
      if (n && a && x.operands.size() == 2)
        if (std::optional<Poly> b = poly(x.operands[1], is_later))
          out = n->op == "+"                           ? std::optional(*a + *b)
                : n->op == "*"                         ? std::optional(*a * *b)
                : n->op == "-" && !is_unsigned(x.type) ? std::optional(*a - *b)
                                                       : std::nullopt;
      if (out && is_small(*out))
        return out;
    }
    if (values_.level(v)->encloses(scope_))
      return Poly{{{Symbol{v, false}}, 1}};
    return {};
  }

  /// Do both accesses see the same iteration of the loop?
  bool is_same(const Region *loop) const {
    return loop->encloses(scope_) ||
           std::find(common_.begin(), common_.begin() + equal_, loop) != common_.begin() + equal_;
  }

  // ---- bounds

  Motion motion(const Symbol &s) const {
    const Value &x = values_[s.value];
    Motion m;
    if (x.kind == Value::Phi) {
      m.step = values_.affine(x.next).second;
      (m.step > 0 ? m.least : m.most) = poly(x.initial, s.is_later);
      return m;
    }
    const For &loop = std::get<For>(x.home->owner->node);
    if (loop.descending)
      return m;
    m.step = loop.step;
    std::optional<Poly> from = poly(values_.first(*x.home->owner), s.is_later),
                        to = poly(values_.bound(*x.home->owner), s.is_later);
    (m.step > 0 ? m.least : m.most) = from;
    bool is_strict = loop.cmp == For::LT || loop.cmp == For::GT;
    bool stops =
        m.step > 0 ? loop.cmp == For::LT || loop.cmp == For::LE : loop.cmp == For::GT || loop.cmp == For::GE;
    if (to && stops)
      (m.step > 0 ? m.most : m.least) = is_strict ? *to - constant(m.step > 0 ? 1 : -1) : *to;
    return m;
  }

  /// The counter's least or greatest value, in terms of what encloses its loop or of the other access's counter.
  std::optional<Poly> bound(const Symbol &s, bool least) const {
    Motion m = motion(s);
    const Region *loop = values_[s.value].home;
    bool goes_on = s.is_later && equal_ < common_.size() && loop == common_[equal_];
    if (goes_on && m.step != 0 && least == (m.step > 0))
      return Poly{{{Symbol{s.value, false}}, 1}} + constant(m.step);
    return least ? m.least : m.most;
  }

  /// `for (i = 0; i < n; ...)` with an access inside: n >= 1.
  void note_bound(const Region *loop) {
    auto *f = std::get_if<For>(&loop->owner->node);
    if (!f || f->step <= 0 || (f->cmp != For::LT && f->cmp != For::LE))
      return;
    std::optional<Poly> from = poly(values_.first(*loop->owner), false),
                        to = poly(values_.bound(*loop->owner), false);
    if (!from || !to || from->size() > 1 || (from->size() == 1 && !from->begin()->first.empty()))
      return;
    long start = from->empty() ? 0 : from->begin()->second, shift = 0;
    const Symbol *n = nullptr;
    for (const auto &[m, c] : *to)
      if (m.empty())
        shift = c;
      else if (m.size() == 1 && c == 1 && !n)
        n = &m[0];
      else
        return;
    long least = start + (f->cmp == For::LT) - shift;
    if (n && !counted_by(n->value) && least >= 0)
      least_[n->value] = std::max(least_[n->value], least);
  }

  // ---- signs

  long least_value(const Symbol &atom) const {
    auto it = least_.find(atom.value);
    return it != least_.end() ? it->second : 0;
  }
  bool is_never_negative(const Symbol &s, unsigned depth = 0) const {
    if (!counted_by(s.value)) {
      auto it = least_.find(s.value);
      return is_unsigned(values_[s.value].type) || (it != least_.end() && it->second >= 0);
    }
    std::optional<Poly> least = depth < 8 ? motion(s).least : std::nullopt;
    return least && std::all_of(least->begin(), least->end(), [&](const auto &term) {
             return term.second >= 0 &&
                    std::all_of(term.first.begin(), term.first.end(),
                                [&](const Symbol &f) { return is_never_negative(f, depth + 1); });
           });
  }
  /// 1: at least 0; -1: at most 0; 0: unknown.
  int sign(const Poly &p) const {
    bool up = true, down = true;
    for (const auto &[m, c] : p) {
      if (!std::all_of(m.begin(), m.end(), [&](const Symbol &s) { return is_never_negative(s); }))
        return 0;
      (c > 0 ? down : up) = false;
    }
    return up ? 1 : down ? -1 : 0;
  }

  /// The counter of the innermost loop, the later access's first.
  std::optional<Symbol> innermost(const Poly &p) const {
    std::optional<Symbol> found;
    auto rank = [&](const Symbol &s) { return std::pair(values_[s.value].home->depth(), s.is_later); };
    for (const auto &[m, c] : p)
      for (const Symbol &s : m)
        if (counted_by(s.value) && (!found || rank(s) > rank(*found)))
          found = s;
    return found;
  }

  bool is_positive(Poly p) const {
    for (unsigned rounds = 0; rounds < 32 && is_small(p); ++rounds) {
      std::optional<Symbol> x = innermost(p);
      if (!x)
        return sum_is_positive(p);
      auto parts = split(p, *x);
      int s = parts ? sign(parts->first) : 0;
      std::optional<Poly> end = s ? bound(*x, s > 0) : std::nullopt;
      if (!end)
        return false;
      p = parts->second + parts->first * *end;
    }
    return false;
  }

  bool sum_is_positive(const Poly &p) const {
    long least = 0;
    for (const auto &[m, c] : p) {
      if (m.empty()) {
        least += c;
        continue;
      }
      if (c < 0 || !std::all_of(m.begin(), m.end(), [&](const Symbol &s) { return is_never_negative(s); }))
        return false;
      if (m.size() == 1)
        least += c * least_value(m[0]);
    }
    return least > 0;
  }

  const Values &values_;
  const Access first_, later_;
  const Region *scope_;
  std::vector<const Region *> common_; ///< loops in the scope around both accesses, the outermost first
  std::size_t equal_ = 0;         ///< so many of them are in the same iteration, and the next one has gone on
  std::map<ValueId, long> least_; ///< what values that do not change are at least, where the accesses run
};

/// Both lie in one array, from which the scope does not move.
bool is_same_array(const Values &values, const Address &a, const Address &b, const Region *scope) {
  if (a.root || b.root)
    return a.root == b.root;
  return a.pointer == b.pointer && values.level(a.pointer)->encloses(scope);
}

} // namespace

bool may_reach(const Values &values, const Access &first, const Access &later, const Region *scope,
               bool in_same_iteration) {
  if (!is_same_array(values, *first.address, *later.address, scope))
    return true;
  return Reach(values, first, later, scope).run(in_same_iteration);
}

} // namespace nabla::analysis
