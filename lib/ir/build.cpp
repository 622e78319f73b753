// Building expressions, declared in build.h.
#include "ir/build.h"
#include "ir/diagnostic.h"
#include "ir/walk.h"
#include <charconv>
#include <cmath>
#include <cstdlib>

namespace nabla::ir {

namespace {

Ex node(decltype(Expr::node) n, const Type &type) { return Ex(Expr{std::move(n), type.with_const(false)}); }

Ex native(const char *op, std::vector<Ex> args, const Type &type) {
  return node(Native{op, std::move(args)}, type);
}

template <class T> std::string shortest(T value) {
  char text[64];
  auto [end, error] = std::to_chars(text, text + sizeof text, value);
  if (error != std::errc())
    internal_error("a number without a spelling");
  return std::string(text, end);
}

/// The literal of a real that is not negative.
std::string real_spelling(long double v, const std::string &type) {
  bool is_float = type == "float", is_long = type == "long double";
  if (std::isinf(v))
    return is_float ? "__builtin_inff()" : is_long ? "__builtin_infl()" : "__builtin_inf()";
  if (std::isnan(v))
    return is_float ? "__builtin_nanf(\"\")" : is_long ? "__builtin_nanl(\"\")" : "__builtin_nan(\"\")";
  std::string text = is_float  ? shortest(static_cast<float>(v))
                     : is_long ? shortest(v)
                               : shortest(static_cast<double>(v));
  if (text.find_first_of(".e") == std::string::npos)
    text += ".0";
  return text + (is_float ? "f" : is_long ? "L" : "");
}

const Apply *applied(const Ex &e, Rule rule) {
  const Apply *a = std::get_if<Apply>(&e->node);
  return a && a->rule == rule ? a : nullptr;
}

/// The x of -x, or nothing. A real's, or an integer's.
std::optional<Ex> negated(const Ex &e) {
  if (const Apply *a = applied(e, Rule::neg))
    return a->args[0];
  if (const Native *n = std::get_if<Native>(&e->node))
    if (n->op == "neg")
      return n->args[0];
  return std::nullopt;
}

bool is_real(const Ex &e) { return e.type().is(Type::Real); }

/// Two small literals whose sum, difference or product is exact in any type: folded.
std::optional<Ex> folded(char op, const Ex &x, const Ex &y) {
  auto a = literal_value(x), b = literal_value(y);
  auto is_small = [&](long double v) {
    long double steps = op == '*' ? v : v * 256; // exponents like 1.5 in sums
    return steps == std::trunc(steps) && std::fabs(v) < 1024;
  };
  if (!a || !b || !is_small(*a) || !is_small(*b) || x.type().is(Type::Pointer))
    return std::nullopt;
  long double value = op == '+' ? *a + *b : op == '-' ? *a - *b : *a * *b;
  if (value < 0 && !is_real(x))
    return std::nullopt; // may be unsigned
  return constant(x, value);
}

/// d * (cond ? 1 : 0) is cond ? d : 0: shorter, and not poisoned by an infinite d.
std::optional<Ex> masked(const Ex &d, const Ex &mask) {
  const Select *s = std::get_if<Select>(&mask->node);
  if (!s || !is_real(mask))
    return std::nullopt;
  auto zero_of_d = [&](const Ex &zero) { // d may be several tangents side by side
    return Ex(Expr{zero->node, d.type().with_const(false)});
  };
  if (is_one(s->yes) && is_zero(s->no))
    return select(s->cond, d, zero_of_d(s->no));
  if (is_zero(s->yes) && is_one(s->no))
    return select(s->cond, zero_of_d(s->yes), d);
  return std::nullopt;
}

} // namespace

// ---- Leaves
// ---------------------------------------------------------------------------------------------------

Ex constant(long double value, const Type &type) {
  if (type.is(Type::Bool))
    return node(Const{value != 0 ? "true" : "false"}, type);
  if (std::signbit(value) && value != 0 && !std::isnan(value))
    return -constant(-value, type);
  if (type.is(Type::Real))
    return node(Const{real_spelling(std::fabs(value), type.spelling())}, type);
  return node(Const{std::to_string(static_cast<long long>(value))}, type);
}

Ex constant(const Ex &like, long double value) { return constant(value, like.type()); }

Place place(const Var &v) {
  Place p{v, {}};
  if (v->type.is_reference())
    p.path.push_back(Deref{});
  return p;
}
Place index(Place array, Ex at) {
  array.path.push_back(Index{std::move(at)});
  return array;
}
Place field(Place object, unsigned number) {
  object.path.push_back(Field{number});
  return object;
}
bool is_bit_field(const Place &p) {
  auto *f = p.path.empty() ? nullptr : std::get_if<Field>(&p.path.back());
  if (!f)
    return false;
  Place object = p;
  object.path.pop_back();
  return object.type().members().fields[f->number].is_bits;
}
static bool add_scalars(const Place &object, std::size_t most, std::vector<Place> &to) {
  const Type &type = object.type();
  bool is_number = type.is_discrete() || (type.is(Type::Real) && !type.is_handle());
  if (is_number || (type.is(Type::Pointer) && !type.is_reference()))
    to.push_back(object);
  else if (type.is(Type::Record) && !type.members().is_polymorphic)
    for (unsigned i = 0; i < type.members().fields.size(); ++i) {
      if (type.members().fields[i].is_bits || !add_scalars(field(object, i), most, to))
        return false;
    }
  else
    return false;
  return to.size() <= most;
}
std::optional<std::vector<Place>> scalars_of(const Place &object, std::size_t most) {
  std::vector<Place> out;
  return add_scalars(object, most, out) ? std::optional(std::move(out)) : std::nullopt;
}
Place deref(Place pointer, Ex offset) {
  pointer.path.push_back(Deref{std::move(offset)});
  return pointer;
}
Place deref(const Var &pointer, Ex offset) { return deref(place(pointer), std::move(offset)); }

Ex read(const Place &p) { return node(Read{p}, p.type()); }
Ex read(const Var &v) { return read(place(v)); }
Ex address_of(const Place &p) { return node(AddressOf{p}, Type::pointer(p.type())); }

// ---- Nodes, as they are
// ---------------------------------------------------------------------------------------

Ex apply(Rule rule, std::vector<Ex> args) {
  Type type = args.at(0).type();
  return node(Apply{rule, std::move(args)}, type);
}

Ex cast(const Ex &e, const Type &to) {
  if (e.type().with_const(false) == to.with_const(false))
    return e;
  if (auto v = literal_value(e))
    if (to.is(Type::Real) || (to.is(Type::Int) && *v == std::trunc(*v) && std::fabs(*v) < 128))
      return constant(*v, to);
  return node(Cast{e}, to);
}

Ex select(const Ex &cond, const Ex &yes, const Ex &no) {
  if (const Const *c = std::get_if<Const>(&cond->node)) {
    if (c->spelling == "true")
      return yes;
    if (c->spelling == "false")
      return no;
  }
  if (same_value(yes, no))
    return yes;
  return node(Select{cond, yes, no}, yes.type());
}

// ---- Questions
// ------------------------------------------------------------------------------------------------

std::optional<long double> literal_value(const Ex &e) {
  if (auto x = negated(e)) {
    auto v = literal_value(*x);
    return v ? std::optional(-*v) : std::nullopt;
  }
  const Const *c = std::get_if<Const>(&e->node);
  if (!c || c->spelling.empty() || !(is_real(e) || e.type().is(Type::Int)))
    return std::nullopt;
  // Digit separators, character literals and names of enumerators are left alone.
  const char *text = c->spelling.c_str();
  if (*text != '.' && !(*text >= '0' && *text <= '9') && *text != '-')
    return std::nullopt;
  bool is_whole = c->spelling.find_first_of(".eEpPxX'") == std::string::npos;
  if (is_whole && c->spelling.size() > 1 && *text == '0' && c->spelling.find_first_of("01234567bB", 1) == 1)
    return std::nullopt; // octal or binary
  char *end;
  long double v = std::strtold(text, &end);
  if (std::string_view(end).find_first_not_of("fFlLuUzZ") != std::string_view::npos)
    return std::nullopt;
  if (is_real(e) && e.type().spelling() == "float")
    return static_cast<float>(v);
  return is_real(e) && e.type().spelling() == "double" ? static_cast<double>(v) : v;
}

bool is_zero(const Ex &e) {
  if (e.type().is_handle()) // its only constant
    return std::holds_alternative<Const>(e->node);
  auto v = literal_value(e);
  return v && *v == 0;
}
bool is_one(const Ex &e) {
  auto v = literal_value(e);
  return v && *v == 1;
}

// ---- Arithmetic, folding
// --------------------------------------------------------------------------------------

Ex operator-(const Ex &x) {
  if (is_zero(x))
    return x;
  if (auto y = negated(x))
    return *y;
  if (!is_real(x))
    return native("neg", {x}, x.type());
  if (const Apply *a = applied(x, Rule::sub)) // derivative algebra: the sign of a zero does not matter
    return apply(Rule::sub, {a->args[1], a->args[0]});
  return apply(Rule::neg, {x});
}

Ex operator+(const Ex &x, const Ex &y) {
  if (is_zero(y))
    return x;
  if (is_zero(x) && !y.type().is(Type::Pointer))
    return y;
  if (auto c = folded('+', x, y))
    return *c;
  if (auto b = negated(y))
    return x - *b;
  if (!is_real(x))
    return native("+", {x, y}, x.type());
  if (auto a = negated(x))
    return y - *a;
  return apply(Rule::add, {x, y});
}

Ex operator-(const Ex &x, const Ex &y) {
  if (is_zero(y))
    return x;
  if (is_zero(x))
    return -y;
  if (auto c = folded('-', x, y))
    return *c;
  if (auto b = negated(y))
    return x + *b;
  if (x.type().is(Type::Pointer) && y.type().is(Type::Pointer))
    return native("-", {x, y}, Type::integer("long"));
  return is_real(x) ? apply(Rule::sub, {x, y}) : native("-", {x, y}, x.type());
}

Ex operator*(const Ex &x, const Ex &y) {
  if (is_zero(x) || is_one(y))
    return x;
  if (is_zero(y) || is_one(x))
    return y;
  if (auto c = folded('*', x, y))
    return *c;
  if (auto a = negated(x))
    return -(*a * y);
  if (auto b = negated(y))
    return -(x * *b);
  if (!is_real(x))
    return native("*", {x, y}, x.type());
  if (auto m = masked(x, y))
    return *m;
  if (auto m = masked(y, x))
    return *m;
  if (const Apply *q = applied(y, Rule::div); q && is_one(q->args[0]))
    return x / q->args[1];
  return apply(Rule::mul, {x, y});
}

Ex operator/(const Ex &x, const Ex &y) {
  if (is_one(y) || (is_zero(x) && is_real(x)))
    return x;
  if (!is_real(x))
    return native("/", {x, y}, x.type());
  if (auto a = negated(x))
    return -(*a / y);
  if (auto b = negated(y))
    return -(x / *b);
  return apply(Rule::div, {x, y});
}

// ---- Conditions
// -----------------------------------------------------------------------------------------------

Ex operator==(const Ex &x, const Ex &y) { return native("==", {x, y}, Type::boolean()); }
Ex operator!=(const Ex &x, const Ex &y) { return native("!=", {x, y}, Type::boolean()); }
Ex operator<(const Ex &x, const Ex &y) { return native("<", {x, y}, Type::boolean()); }
Ex operator<=(const Ex &x, const Ex &y) { return native("<=", {x, y}, Type::boolean()); }
Ex operator>(const Ex &x, const Ex &y) { return native(">", {x, y}, Type::boolean()); }
Ex operator>=(const Ex &x, const Ex &y) { return native(">=", {x, y}, Type::boolean()); }
Ex operator&&(const Ex &x, const Ex &y) { return native("&&", {x, y}, Type::boolean()); }
Ex operator||(const Ex &x, const Ex &y) { return native("||", {x, y}, Type::boolean()); }
Ex operator!(const Ex &x) {
  const Native *n = std::get_if<Native>(&x->node);
  return n && n->op == "!" ? n->args[0] : native("!", {x}, Type::boolean());
}
Ex indicator(const Ex &x, const Ex &cond) {
  // The shorter condition reads better: `!(y < x) ? 1 : 0` is `y < x ? 0 : 1`.
  const Native *n = std::get_if<Native>(&cond->node);
  if (n && n->op == "!")
    return select(n->args[0], constant(x, 0), constant(x, 1));
  return select(cond, constant(x, 1), constant(x, 0));
}

// ---- Rows
// -----------------------------------------------------------------------------------------------------

namespace {

/// What is simpler than the row itself for these arguments.
std::optional<Ex> simpler(Rule rule, const std::vector<Ex> &a) {
  switch (rule) {
  case Rule::neg:
    return -a[0];
  case Rule::add:
    return a[0] + a[1];
  case Rule::sub:
    return a[0] - a[1];
  case Rule::mul:
    return a[0] * a[1];
  case Rule::div:
    return a[0] / a[1];
  case Rule::pow:
    if (auto n = literal_value(a[1])) {
      if (*n == 0)
        return constant(a[0], 1);
      if (*n == 1)
        return a[0];
      if (*n == 2)
        return a[0] * a[0];
    }
    return std::nullopt;
  case Rule::guarded: {
    auto d = literal_value(a[0]), p = literal_value(a[1]);
    if (d || (p && std::isfinite(*p)))
      return a[0] * a[1];
    if (auto x = negated(a[0]))
      return -guarded(*x, a[1]);
    if (auto y = negated(a[1]))
      return -guarded(a[0], *y);
    return std::nullopt;
  }
  case Rule::ratio:
    return is_zero(a[0]) ? std::optional(a[0]) : std::nullopt;
  default:
    return std::nullopt;
  }
}

Ex function(Rule rule, std::vector<Ex> args) {
  if (auto e = simpler(rule, args))
    return *e;
  return apply(rule, std::move(args));
}

} // namespace

#define NABLA_RULE1(NAME, ...)                                                                               \
  Ex NAME(const Ex &x) { return function(Rule::NAME, {x}); }
#define NABLA_RULE2(NAME, ...)                                                                               \
  Ex NAME(const Ex &x, const Ex &y) { return function(Rule::NAME, {x, y}); }
#define NABLA_RULE3(NAME, ...)                                                                               \
  Ex NAME(const Ex &x, const Ex &y, const Ex &z) { return function(Rule::NAME, {x, y, z}); }
#define NABLA_RULEN(NAME, ...)                                                                               \
  Ex NAME(const Ex &x, const Ex &n) { return function(Rule::NAME, {x, n}); }
#include <nabla/rules.def>

} // namespace nabla::ir
