#include "emit/loop.h"
#include "emit/conversion.h"
#include "ir/print.h"
#include "ir/walk.h"
#include <set>

namespace nabla::emit {
using namespace ir;
namespace {

Ex make_literal(long value, const Type &t) { return Ex(Expr{Const{std::to_string(value)}, t}); }

std::optional<long> literal(const Ex &e) {
  const Const *c = std::get_if<Const>(&e->node);
  bool is_short = c && is_plain_integer(c->spelling) && c->spelling.size() < 10;
  return is_short ? std::optional<long>(std::stol(c->spelling)) : std::nullopt;
}

Ex native(const char *op, const Ex &a, const Ex &b) { return Ex(Expr{Native{op, {a, b}}, a.type()}); }

Ex minus(const Ex &a, const Ex &b) {
  std::optional<long> x = literal(a), y = literal(b);
  if (y && *y == 0)
    return a;
  if (x && y && *x >= *y)
    return make_literal(*x - *y, a.type());
  return native("-", a, b);
}

/// a + k; (n - 1) + 1 is n.
Ex plus(const Ex &a, long k) {
  if (k == 0)
    return a;
  if (k < 0)
    return minus(a, make_literal(-k, a.type()));
  if (std::optional<long> x = literal(a))
    return make_literal(*x + k, a.type());
  const Native *n = std::get_if<Native>(&a->node);
  if (n && n->op == "-" && n->args.size() == 2)
    if (std::optional<long> y = literal(n->args[1]); y && *y == k && n->args[0].type() == a.type())
      return n->args[0];
  return native("+", a, make_literal(k, a.type()));
}

Ex sum(const Ex &a, const Ex &b) {
  std::optional<long> x = literal(a);
  return x && *x == 0 ? b : native("+", a, b);
}

Ex times(const Ex &a, long k) { return native("*", a, make_literal(k, a.type())); }
Ex over(const Ex &a, long k) { return native("/", a, make_literal(k, a.type())); }

class LoopPrinter {
public:
  LoopPrinter(const For &loop, const ExpressionPrinter &print, Names &names)
      : l_(loop), print_(print), names_(names), type_(loop.index->type.with_const(false)) {}

  LoopText run() {
    i_ = names_.declare(l_.index);
    if (!l_.descending)
      return ascending();
    std::optional<LoopText> nice = descending();
    return nice ? *nice : counted();
  }

private:
  LoopText ascending();
  std::optional<LoopText> descending();
  LoopText up_to_down(const Ex &lo, const Ex &hi, long s);
  LoopText down_to_up(const Ex &first, const Ex &bound, long s);
  LoopText not_equal(const Ex &first, const Ex &bound);
  LoopText counted();
  std::string step_text(long step) const;
  std::string compare_text() const;
  std::optional<Ex> bound_as_index() const;
  bool starts_at_literal() const { return literal(l_.first).has_value(); }
  bool is_signed() const { return integer(type_)->is_signed; }
  bool body_may_change(const Ex &e, bool with_memory) const;
  /// `first` for the loop's condition: itself, or a variable that is declared beside the index.
  std::string fixed(const Ex &e, std::string &declarations);
  LoopText header(const std::string &start, const std::string &declarations, const std::string &condition,
                  const std::string &step = "") const {
    return {{},
            "for (" + spell(type_, i_) + " = " + start + declarations + "; " + condition + ";" +
                (step.empty() ? "" : " ") + step + ")",
            {}};
  }

  const For &l_;
  const ExpressionPrinter &print_;
  Names &names_;
  Type type_;
  std::string i_;
};

std::string LoopPrinter::step_text(long step) const {
  if (step == 1 || step == -1)
    return (step == 1 ? "++" : "--") + i_;
  return i_ + (step < 0 ? " -= " : " += ") + std::to_string(step < 0 ? -step : step);
}

bool LoopPrinter::body_may_change(const Ex &e, bool with_memory) const {
  bool reads_memory = false;
  std::set<Var> read;
  for_each_read(e, [&](const Place &p) {
    read.insert(p.root);
    bool through = p.root->kind == Variable::Global;
    for (const Step &step : p.path)
      through = through || std::holds_alternative<Deref>(step);
    reads_memory = reads_memory || through;
  });
  bool changes = false;
  for_each_stmt(l_.body, [&](const Stmt &s) {
    bool is_call = std::holds_alternative<Call>(s.node) || std::holds_alternative<Opaque>(s.node);
    if (is_call)
      for_each_variable(s, [&](const Var &v) { changes = changes || read.count(v); });
    for (const Place &p : writes_of(s)) {
      bool to_memory = false;
      for (const Step &step : p.path)
        to_memory = to_memory || std::holds_alternative<Deref>(step);
      changes = changes || read.count(p.root) || (with_memory && reads_memory && to_memory);
    }
    changes = changes || (with_memory && reads_memory && is_call);
  });
  return changes;
}

/// `index CMP bound` as C++ does it, with the conversion written that -Wsign-compare asks for.
std::string LoopPrinter::compare_text() const {
  static const char *const sign[] = {" < ", " <= ", " > ", " >= ", " != "};
  std::optional<Integer> a = integer(type_), b = integer(l_.bound.type());
  bool differ = a && b && a->is_signed != b->is_signed && !literal(l_.bound);
  std::string bound = print_.comparand(l_.bound);
  if (!differ)
    return i_ + sign[l_.cmp] + bound;
  bool counts_from_literal = a->is_signed && starts_at_literal() && l_.step > 0;
  if (counts_from_literal || (!a->is_signed && a->rank >= b->rank))
    return i_ + sign[l_.cmp] + cast_text(l_.bound.type(), type_, print_.exact(l_.bound));
  if (a->is_signed && b->rank >= a->rank)
    return cast_text(type_, l_.bound.type(), i_) + sign[l_.cmp] + bound;
  return i_ + sign[l_.cmp] + bound;
}

LoopText LoopPrinter::ascending() {
  std::string start = print_.converted(l_.first);
  if (!body_may_change(l_.bound, false))
    return header(start, "", compare_text(), step_text(l_.step));
  For fixed = l_;
  auto end = std::make_shared<Variable>();
  end->name = l_.index->name + "_end";
  end->type = l_.bound.type().with_const(true);
  std::string declaration = spell(end->type, names_.declare(end)) + " = " + print_.converted(l_.bound) + ";";
  fixed.bound = Ex(Expr{Read{Place{end, {}}}, l_.bound.type()});
  LoopPrinter inner(fixed, print_, names_);
  inner.i_ = i_;
  LoopText out = inner.header(start, "", inner.compare_text(), inner.step_text(l_.step));
  out.setup = {declaration};
  return out;
}

/// The bound as a value of the index's type where that changes nothing.
std::optional<Ex> LoopPrinter::bound_as_index() const {
  std::optional<Integer> a = integer(type_), b = integer(l_.bound.type());
  if (std::optional<long> value = literal(l_.bound))
    return make_literal(*value, type_);
  if (!a || !b)
    return std::nullopt;
  Ex converted(Expr{Cast{l_.bound}, type_});
  if (a->rank == b->rank && a->is_signed == b->is_signed)
    return l_.bound;
  bool counts_from_literal = a->is_signed && !b->is_signed && starts_at_literal() && l_.step > 0;
  bool unsigned_wins = !a->is_signed && b->is_signed && a->rank >= b->rank;
  if (widens(l_.bound.type(), type_) || counts_from_literal || unsigned_wins || l_.cmp == For::NE)
    return converted;
  return std::nullopt;
}

std::optional<LoopText> LoopPrinter::descending() {
  std::optional<Integer> type = integer(type_);
  std::optional<Ex> bound = bound_as_index();
  if (!type || !bound || type->rank == 0 || l_.step == 0)
    return std::nullopt;
  bool is_small = type->rank < 3, is_unit = l_.step == 1 || l_.step == -1;
  bool up = l_.step > 0 && (l_.cmp == For::LT || l_.cmp == For::LE);
  bool down = l_.step < 0 && (l_.cmp == For::GT || l_.cmp == For::GE);
  if (is_small && !(is_unit && (l_.cmp == For::LT || l_.cmp == For::GT)))
    return std::nullopt;
  Ex first = l_.first;
  if (std::optional<long> value = literal(first))
    first = make_literal(*value, type_);
  else if (first.type().with_const(false) != type_)
    first = Ex(Expr{Cast{first}, type_});
  if (l_.cmp == For::NE)
    return not_equal(first, *bound);
  if (up)
    return up_to_down(first, *bound, l_.step);
  if (down)
    return down_to_up(first, *bound, -l_.step);
  return std::nullopt;
}

std::string LoopPrinter::fixed(const Ex &e, std::string &declarations) {
  if (!body_may_change(e, true))
    return print_.comparand(e);
  std::string name = names_.declare(l_.index->name + "_first");
  declarations += ", " + name + " = " + print_.converted(e);
  return name;
}

/// lo, lo + s, ... below hi (LT) or up to it (LE), from the last to the first.
LoopText LoopPrinter::up_to_down(const Ex &lo, const Ex &hi, long s) {
  bool to_equal = l_.cmp == For::LE, from_zero = literal(lo) == 0;
  std::string more, low = fixed(lo, more);
  if (s == 1 && to_equal && is_signed())
    return header(print_.converted(hi), more, i_ + " >= " + low, "--" + i_);
  if (s == 1)
    return header(print_.converted(to_equal ? plus(hi, 1) : hi), more, i_ + "-- > " + low);
  Ex span = minus(hi, lo);
  if (is_signed()) {
    Ex start = sum(lo, times(over(plus(span, to_equal ? s : s - 1), s), s));
    return header(print_.converted(start), more, "(" + step_text(-s) + ") >= " + low);
  }
  Ex start = sum(lo, times(plus(over(to_equal ? span : plus(span, -1), s), 1), s));
  std::string text = print_.converted(start);
  if (!(from_zero && to_equal))
    text = print_.comparand(hi) + (to_equal ? " >= " : " > ") + print_.comparand(lo) + " ? " + text + " : " +
           print_.converted(lo);
  LoopText out = header(text, more, i_ + " != " + low);
  out.first_in_body = {step_text(-s) + ";"};
  return out;
}

/// first, first - s, ... above bound (GT) or down to it (GE), from the last to the first.
LoopText LoopPrinter::down_to_up(const Ex &first, const Ex &bound, long s) {
  bool to_equal = l_.cmp == For::GE;
  std::string more;
  if (s == 1 && is_signed()) {
    Ex start = to_equal ? bound : plus(bound, 1);
    const Native *n = std::get_if<Native>(&first->node);
    bool is_less_one = n && n->op == "-" && n->args.size() == 2 && literal(n->args[1]) == 1;
    std::string end = fixed(is_less_one ? n->args[0] : first, more);
    return header(print_.converted(start), more, i_ + (is_less_one ? " < " : " <= ") + end, "++" + i_);
  }
  std::string top = fixed(first, more);
  if (s == 1)
    return header(print_.converted(to_equal ? plus(bound, -1) : bound), more, i_ + "++ < " + top);
  Ex span = minus(first, bound);
  if (is_signed()) {
    Ex start = minus(first, times(over(plus(span, to_equal ? s : s - 1), s), s));
    return header(print_.converted(start), more, "(" + step_text(s) + ") <= " + top);
  }
  Ex start = minus(first, times(plus(over(to_equal ? span : plus(span, -1), s), 1), s));
  std::string text = print_.converted(start);
  if (!(to_equal && literal(bound) == 0))
    text = print_.comparand(first) + (to_equal ? " >= " : " > ") + print_.comparand(bound) + " ? " + text +
           " : " + print_.converted(first);
  LoopText out = header(text, more, i_ + " != " + top);
  out.first_in_body = {step_text(s) + ";"};
  return out;
}

LoopText LoopPrinter::not_equal(const Ex &first, const Ex &bound) {
  std::string more, stop = fixed(first, more), start = print_.converted(bound);
  if (l_.step == 1 || l_.step == -1)
    return header(start, more, i_ + (l_.step == 1 ? "-- != " : "++ != ") + stop);
  LoopText out = header(start, more, i_ + " != " + stop);
  out.first_in_body = {step_text(-l_.step) + ";"};
  return out;
}

/// For whatever else: count the iterations, then step back.
LoopText LoopPrinter::counted() {
  std::string count = names_.declare(l_.index->name + "_count");
  return {{spell(type_, i_) + " = " + print_.converted(l_.first) + ";", "unsigned long " + count + " = 0;",
           "for (; " + compare_text() + "; " + step_text(l_.step) + ")", "  ++" + count + ";"},
          "while (" + count + "-- > 0)",
          {step_text(-l_.step) + ";"}};
}

} // namespace

LoopText loop_text(const For &loop, const ExpressionPrinter &print, Names &names) {
  return LoopPrinter(loop, print, names).run();
}

} // namespace nabla::emit
