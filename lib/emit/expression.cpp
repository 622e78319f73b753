#include "emit/expression.h"
#include "emit/conversion.h"
#include "ir/print.h"
#include "ir/rules.h"

namespace nabla::emit {
using namespace ir;
namespace {

bool starts_with(const std::string &text, char c) { return !text.empty() && text[0] == c; }

bool is_zero_literal(const Ex &e) {
  const Const *c = std::get_if<Const>(&e->node);
  return c && c->spelling.find_first_of("123456789abcdefABCDEF") == std::string::npos &&
         is_number(c->spelling);
}

/// A name, a literal or a call as one token for the operators around it.
bool is_one_token(const std::string &text) {
  int depth = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (c == '"' || c == '\'')
      return i == 0 || depth == 0;
    if (c == '(' || c == '[' || c == '{' || c == '<')
      ++depth;
    else if (c == ')' || c == ']' || c == '}' || c == '>')
      --depth;
    else if (depth == 0 && !std::isalnum(static_cast<unsigned char>(c)) && c != '_' && c != ':' && c != '.' &&
             !(c & 0x80))
      return false;
  }
  return true;
}

bool may_be_functional(const std::string &spelling) {
  int depth = 0;
  for (char c : spelling) {
    depth += c == '<' ? 1 : c == '>' ? -1 : 0;
    if (depth == 0 && (c == ' ' || c == '*' || c == '&' || c == '('))
      return false;
  }
  return !spelling.empty();
}

bool is_qualification(const Type &from, const Type &to) {
  return from.is(Type::Pointer) && to.is(Type::Pointer) && from.without_const() == to.without_const();
}

bool gains_const_only(const Type &from, const Type &to) {
  return is_qualification(from, to) && (to.element().is_const() || !from.element().is_const()) &&
         !to.element().is(Type::Pointer);
}

} // namespace

std::string cast_text(const Type &from, const Type &to, const std::string &text) {
  Type target = to.with_const(false);
  if (target.is(Type::Pointer)) {
    bool is_static =
        from.is(Type::Pointer) && (from.element().is(Type::Void) || to.element().is(Type::Void) ||
                                   gains_const_only(from, to) || from.element().is(Type::Record));
    const char *kind = !from.is(Type::Pointer) && from.is_discrete() ? "reinterpret_cast<"
                       : !from.is(Type::Pointer) || is_static        ? "static_cast<"
                       : is_qualification(from, to)                  ? "const_cast<"
                                                                     : "reinterpret_cast<";
    return kind + spell(target) + ">(" + text + ")";
  }
  if (from.is(Type::Pointer) && target.is(Type::Int))
    return "reinterpret_cast<" + spell(target) + ">(" + text + ")";
  if (may_be_functional(spell(target)))
    return spell(target) + "(" + text + ")";
  return "static_cast<" + spell(target) + ">(" + text + ")";
}

// ---- Leaves
// ---------------------------------------------------------------------------------------------------

ExpressionPrinter::Text ExpressionPrinter::print_literal(const std::string &spelling, const Type &type,
                                                         Mode mode) const {
  bool is_negative = starts_with(spelling, '-') && is_number(spelling.substr(1));
  std::string digits = is_negative ? spelling.substr(1) : spelling;
  if (!is_number(digits)) {
    if (is_one_token(spelling))
      return {spelling, Primary};
    return {"(" + spelling + ")", Primary};
  }
  bool is_known = type.is(Type::Real) || integer(type);
  bool is_short = is_plain_integer(digits) && digits.size() < 8 && is_known && !type.is(Type::Bool) &&
                  !(is_negative && (digits == "0" || (integer(type) && !integer(type)->is_signed)));
  bool shorten = mode != Exact && is_short;
  Text out{shorten ? digits : typed_literal(digits, type), Primary};
  out.exact = !shorten || has_type(digits, type) || (mode == Operand && promotes(type, Type::integer()));
  if (is_negative)
    out = {"-" + out.text, Unary, out.exact};
  return out;
}

std::string ExpressionPrinter::place(const Place &p) const {
  return spell(p, [this](const Var &v) { return names_(v); }, [this](const Ex &e) { return index(e); });
}

ExpressionPrinter::Text ExpressionPrinter::print_address(const Ex &e, const Place &p) const {
  auto as_text = [](std::string text) {
    Level level = starts_with(text, '*') ? Unary : Primary;
    return Text{std::move(text), level};
  };
  if (e->type.is_reference())
    return as_text(place(p));
  if (p.path.empty())
    return {"&" + place(p), Unary};
  Place outer = p;
  Step last = outer.path.back();
  outer.path.pop_back();
  if (const Index *i = std::get_if<Index>(&last); i && is_zero_literal(i->at))
    return as_text(place(outer)); // an array decays
  if (const Deref *d = std::get_if<Deref>(&last); d && !outer.type().is_reference())
    if (!d->offset || is_zero_literal(d->offset))
      return as_text(place(outer)); // &*p
  return {"&" + place(p), Unary};
}

// ---- Operators
// ------------------------------------------------------------------------------------------------

std::optional<ExpressionPrinter::Infix> ExpressionPrinter::infix(const std::string &sign) {
  static const std::map<std::string, Infix> known = {
      {"+", {Additive, "+"}},       {"-", {Additive, "-"}},       {"*", {Multiplicative, "*"}},
      {"/", {Multiplicative, "/"}}, {"%", {Multiplicative, "%"}}, {"<<", {Shift, "<<"}},
      {">>", {Shift, ">>"}},        {"&", {BitAnd, "&"}},         {"|", {BitOr, "|"}},
      {"^", {BitXor, "^"}},         {"==", {Equality, "=="}},     {"!=", {Equality, "!="}},
      {"<", {Relational, "<"}},     {"<=", {Relational, "<="}},   {">", {Relational, ">"}},
      {">=", {Relational, ">="}},   {"&&", {And, "&&"}},          {"||", {Or, "||"}}};
  auto found = known.find(sign);
  return found == known.end() ? std::nullopt : std::optional<Infix>(found->second);
}

std::string ExpressionPrinter::sign_of(const Ex &e) {
  if (const Native *n = std::get_if<Native>(&e->node); n && n->args.size() == 2)
    return n->op;
  return "";
}

/// What the grammar demands, what keeps the tree's order, and what -Wparentheses asks for.
bool ExpressionPrinter::needs_parentheses(const Infix &op, const Text &operand, bool is_right,
                                          const std::string &inner_sign) {
  bool is_compound = operand.level < Unary;
  switch (op.level) {
  case Additive:
    return operand.level < Additive ||
           (is_right && (operand.level == Additive || starts_with(operand.text, '-')));
  case Multiplicative:
    return operand.level < Multiplicative || (is_right && operand.level == Multiplicative);
  case Shift:
    return is_compound;
  case BitAnd:
  case BitOr:
  case BitXor:
    return (is_compound && (is_right || inner_sign != op.sign)) || starts_with(operand.text, '!');
  case Equality:
  case Relational:
    return operand.level < Additive || starts_with(operand.text, '!');
  case And:
    return operand.level < Equality && operand.level != And;
  case Or:
    return operand.level < Equality && operand.level != Or;
  case Lowest:
  case Conditional:
  case Unary:
  case Primary:
    break;
  }
  return true;
}

ExpressionPrinter::Text ExpressionPrinter::print_infix(const Infix &op, const Ex &a, const Ex &b) const {
  bool is_logical = op.level == And || op.level == Or;
  bool is_pointer = a.type().is(Type::Pointer) || b.type().is(Type::Pointer);
  Text left = is_logical ? print_condition(a) : print(a, op.level == Shift ? Exact : Operand);
  Text right = is_logical ? print_condition(b) : print(b, Operand);
  if (!is_logical && !is_pointer && op.level != Shift && !left.exact && !right.exact)
    left = print(a, Exact);
  const bool is_offset = b.type().is(Type::Int) && b.type().spelling().find("::") == std::string::npos;
  if (*op.sign == '+' && is_offset && !left.text.empty() &&
      left.text.back() == '"') // Clang warns of "text" + i
    return {"&" + left.text + "[" + right.text + "]", Unary};
  if (needs_parentheses(op, left, false, sign_of(a)))
    left.text = "(" + left.text + ")";
  if (needs_parentheses(op, right, true, sign_of(b)))
    right.text = "(" + right.text + ")";
  return {left.text + " " + op.sign + " " + right.text, op.level};
}

namespace {
/// a != b for a == b; a >= b for a < b, but of reals, since NaN is neither.
std::optional<Ex> opposite(const Ex &comparison) {
  static const std::map<std::string, std::string> signs{{"==", "!="}, {"!=", "=="}, {"<", ">="},
                                                        {">=", "<"},  {">", "<="},  {"<=", ">"}};
  auto *n = std::get_if<Native>(&comparison->node);
  auto found = n && n->args.size() == 2 ? signs.find(n->op) : signs.end();
  if (found == signs.end())
    return std::nullopt;
  const bool is_equality = n->op == "==" || n->op == "!=";
  auto is_number = [&](const Ex &e) {
    const bool is_class = e.type().is(Type::Int) && e.type().spelling().find("::") != std::string::npos;
    return !is_class &&
           (is_equality || e.type().is(Type::Int) || e.type().is(Type::Bool)); // keys may be nabla::text
  };
  if (!is_number(n->args[0]) || !is_number(n->args[1]))
    return std::nullopt;
  return Ex(Expr{Native{found->second, n->args}, comparison.type()});
}
} // namespace

ExpressionPrinter::Text ExpressionPrinter::print_unary(const std::string &sign, const Ex &arg) const {
  if (auto other = sign == "!" ? opposite(arg) : std::nullopt)
    return print_condition(*other);
  Text inner = sign == "!" ? print_condition(arg) : print(arg, Operand);
  if (sign != "!" && !inner.exact)
    inner = print(arg, Exact);
  bool clashes = !inner.text.empty() && inner.text[0] == sign[0];
  if (inner.level < Unary || clashes)
    inner.text = "(" + inner.text + ")";
  return {sign + inner.text, Unary};
}

/// `-2` may stand for -2.0, but never `-0` for -0.0, nor -n for -double(n).
ExpressionPrinter::Text ExpressionPrinter::print_minus(const Ex &arg, Mode mode) const {
  const Const *c = std::get_if<Const>(&arg->node);
  if (c && is_number(c->spelling))
    return print_literal("-" + c->spelling, arg.type(), mode);
  return print_unary("-", arg);
}

ExpressionPrinter::Text ExpressionPrinter::print_call(const std::string &name,
                                                      const std::vector<Ex> &args) const {
  std::string text;
  for (const Ex &a : args)
    text += (text.empty() ? "" : ", ") + exact(a);
  return {name + "(" + text + ")", Primary};
}

ExpressionPrinter::Text ExpressionPrinter::print_apply(const Ex &e, const Apply &a, Mode mode) const {
  const RuleInfo &rule = info(a.rule);
  if (rule.infix && a.args.size() == 1)
    return print_minus(a.args[0], mode);
  if (rule.infix)
    return print_infix(*infix(rule.spelling), a.args[0], a.args[1]);
  (void)e;
  return print_call(rule.spelling, a.args);
}

ExpressionPrinter::Text ExpressionPrinter::print_native(const Native &n) const {
  if (n.op.rfind("call .", 0) == 0)
    return {enclosed(n.args[0]) + n.op.substr(5) + "()", Primary};
  if (n.op.rfind("call ", 0) == 0)
    return print_call(n.op.substr(5), n.args);
  if (n.args.size() == 1)
    return n.op == "neg" || n.op == "-" ? print_minus(n.args[0], Exact) : print_unary(n.op, n.args[0]);
  if (std::optional<Infix> op = infix(n.op); op && n.args.size() == 2)
    return print_infix(*op, n.args[0], n.args[1]);
  return print_call(n.op, n.args);
}

ExpressionPrinter::Text ExpressionPrinter::print_select(const Select &s) const {
  Text cond = print_condition(s.cond);
  bool is_plain = cond.level >= Unary || cond.level == Equality || cond.level == Relational ||
                  cond.level == And || cond.level == Or;
  if (!is_plain)
    cond.text = "(" + cond.text + ")";
  auto arm = [this](const Ex &e) {
    return print(e, std::holds_alternative<Cast>(e->node) ? Exact : Operand);
  };
  Text yes = arm(s.yes), no = arm(s.no);
  if (!yes.exact && !no.exact)
    yes = print(s.yes, Exact), no = print(s.no, Exact);
  if (yes.level == Conditional)
    yes.text = "(" + yes.text + ")";
  return {cond.text + " ? " + yes.text + " : " + no.text, Conditional};
}

// ---- Conversions
// ----------------------------------------------------------------------------------------------

bool ExpressionPrinter::may_drop(const Type &from, const Type &to, Mode mode) {
  switch (mode) {
  case Exact:
    return false;
  case Operand:
    return yields_to(from, to) || promotes(from, to);
  case Convert:
    return widens(from, to) || gains_const_only(from, to);
  }
  return false;
}

namespace {

bool has_base(const Type &derived, const Type &base) {
  for (const Struct::Field &f : derived.members().fields)
    if (f.is_base && f.type.is(Type::Record) &&
        (f.type.without_const() == base.without_const() || has_base(f.type, base)))
      return true;
  return false;
}

/// A pointer to an object, as one to the class of which the object is known to be.
bool is_downcast(const Type &from, const Type &to) {
  auto is_object = [](const Type &t) { return t.is(Type::Pointer) && t.element().is(Type::Record); };
  auto is_made = [](const Type &t) { return t.element().spelling().rfind("nabla::members<", 0) == 0; };
  if (!is_object(from) || !is_object(to))
    return false;
  bool is_of_members =
      (is_made(from) || is_made(to)) && from.element().without_const() != to.element().without_const();
  return is_of_members || has_base(to.element(), from.element());
}

} // namespace

ExpressionPrinter::Text ExpressionPrinter::print_cast(const Ex &e, const Cast &c, Mode mode) const {
  if (is_downcast(c.from.type(), e.type())) {
    std::string to = (e.type().element().is_const() ? "const " : "") + e.type().element().spelling();
    return {"nabla::derived<" + to + ">(" + print(c.from, Exact).text + ")", Primary};
  }
  const Const *literal = std::get_if<Const>(&c.from->node);
  bool is_big =
      literal && literal->spelling.size() > 7; // a constant that float may not hold: both compilers say so
  if (may_drop(c.from.type(), e.type(), mode) && !is_big) {
    Text inner = print(c.from, Exact);
    inner.exact = promotes(c.from.type(), e.type()) || c.from.type() == e.type();
    return inner;
  }
  if (is_qualification(c.from.type(), e.type()) &&
      c.from.type().with_const(false) == e.type().with_const(false))
    return print(c.from, mode);
  return {cast_text(c.from.type(), e.type(), print(c.from, Exact).text), Primary};
}

ExpressionPrinter::Text ExpressionPrinter::print(const Ex &e, Mode mode) const {
  return match(
      e->node, [&](const Const &c) { return print_literal(c.spelling, e->type, mode); },
      [&](const Read &r) {
        if (r.place.path.empty() && r.place.root->type.is_reference())
          return Text{"&" + place(r.place), Unary};
        std::string text = place(r.place);
        Level level = starts_with(text, '*') ? Unary : Primary;
        return Text{std::move(text), level};
      },
      [&](const AddressOf &a) { return print_address(e, a.place); },
      [&](const Apply &a) { return print_apply(e, a, mode); },
      [&](const Native &n) { return print_native(n); }, [&](const Cast &c) { return print_cast(e, c, mode); },
      [&](const Select &s) { return print_select(s); });
}

/// Where C++ asks for a condition anyway, a conversion to bool is not written; gcc wants `!= 0` after
/// arithmetic.
ExpressionPrinter::Text ExpressionPrinter::print_condition(const Ex &e) const {
  if (const Cast *c = std::get_if<Cast>(&e->node); c && e->type.is(Type::Bool)) {
    const Type &from = c->from.type();
    if (integer(from) || from.is(Type::Pointer) || from.is(Type::Real))
      return print_condition(c->from);
  }
  Text text = print(e, Exact);
  bool is_arithmetic = (text.level < Primary && text.level >= Shift) || text.level == Conditional;
  if (e->type.is(Type::Bool) || !is_arithmetic || starts_with(text.text, '!') || starts_with(text.text, '*'))
    return text;
  bool wrap = text.level == Conditional || text.level == Shift;
  return {(wrap ? "(" + text.text + ")" : text.text) + " != 0", Equality};
}

// ---- For the statements
// ---------------------------------------------------------------------------------------

std::string ExpressionPrinter::exact(const Ex &e) const { return print(e, Exact).text; }
std::string ExpressionPrinter::converted(const Ex &e) const { return print(e, Convert).text; }
std::string ExpressionPrinter::operand(const Ex &e) const { return print(e, Operand).text; }
std::string ExpressionPrinter::condition(const Ex &e) const { return print_condition(e).text; }

std::string ExpressionPrinter::negated_condition(const Ex &e) const {
  if (auto other = opposite(e))
    return condition(*other);
  Text text = print_condition(e);
  return text.level < Unary || starts_with(text.text, '!') ? "!(" + text.text + ")" : "!" + text.text;
}

std::string ExpressionPrinter::index(const Ex &e) const {
  const Ex *inner = &e;
  while (const Cast *c = std::get_if<Cast>(&(*inner)->node)) {
    if (!widens(c->from.type(), inner->type()))
      break;
    inner = &c->from;
  }
  std::optional<Integer> type = integer(inner->type());
  std::string text = print(*inner, Convert).text;
  bool is_literal = std::holds_alternative<Const>((*inner)->node);
  return type && type->is_character && !is_literal ? "int(" + text + ")" : text;
}

std::string ExpressionPrinter::enclosed(const Ex &e) const {
  Text text = print(e, Exact);
  return text.level == Primary ? text.text : "(" + text.text + ")";
}

std::string ExpressionPrinter::comparand(const Ex &e) const {
  Text text = print(e, Operand);
  return text.level < Additive ? "(" + text.text + ")" : text.text;
}

std::string ExpressionPrinter::object(const Ex &address) const {
  if (const AddressOf *a = std::get_if<AddressOf>(&address->node))
    return place(a->place);
  if (const Read *r = std::get_if<Read>(&address->node)) {
    bool is_reference = r->place.type().is_reference();
    return (is_reference ? "" : "*") + place(r->place);
  }
  if (const Select *s = std::get_if<Select>(&address->node))
    return "(" + print_condition(s->cond).text + " ? " + object(s->yes) + " : " + object(s->no) + ")";
  if (const Cast *c = std::get_if<Cast>(&address->node);
      c && is_qualification(c->from.type(), address.type()))
    return object(c->from);
  Text text = print(address, Exact);
  return text.level < Unary ? "*(" + text.text + ")" : "*" + text.text;
}

} // namespace nabla::emit
