// lib/ir/build and lib/ir/rules: partials as expressions equal the templates over double, read sets, folding,
// spellings. Links lib/ir.
#include "check.h"
#include "ir/build.h"
#include "ir/print.h"
#include "ir/rules.h"
#include "ir/walk.h"
#include <nabla/rules.h>

namespace {

using namespace nabla::ir;
using Values = std::map<Var, double>;

Var variable(const char *name, const Type &type = Type::real()) {
  auto v = std::make_shared<Variable>();
  v->name = name;
  v->type = type;
  return v;
}

double evaluate(const Ex &e, const Values &values);

double evaluate_rule(Rule rule, const std::vector<double> &a) {
  using nabla::rules::id;
  using nabla::rules::row;
  switch (rule) {
#define NABLA_RULE1(NAME, ...)                                                                               \
  case Rule::NAME:                                                                                           \
    return row<id::NAME>::value(a[0]);
#define NABLA_RULE2(NAME, ...)                                                                               \
  case Rule::NAME:                                                                                           \
    return row<id::NAME>::value(a[0], a[1]);
#define NABLA_RULE3(NAME, ...)                                                                               \
  case Rule::NAME:                                                                                           \
    return row<id::NAME>::value(a[0], a[1], a[2]);
#define NABLA_RULEN(NAME, ...)                                                                               \
  case Rule::NAME:                                                                                           \
    return row<id::NAME>::value(a[0], static_cast<int>(a[1]));
#include <nabla/rules.def>
  }
  return 0;
}

double evaluate_native(const std::string &op, const std::vector<double> &a) {
  if (op == "!")
    return a[0] == 0;
  if (op == "+")
    return a[0] + a[1];
  if (op == "&&")
    return a[0] != 0 && a[1] != 0;
  if (op == "||")
    return a[0] != 0 || a[1] != 0;
  if (op == "<")
    return a[0] < a[1];
  if (op == ">")
    return a[0] > a[1];
  if (op == "==")
    return a[0] == a[1];
  if (op == "!=")
    return a[0] != a[1];
  CHECK(!"an operator that rows do not use");
  return 0;
}

std::vector<double> evaluate(const std::vector<Ex> &args, const Values &values) {
  std::vector<double> out;
  for (const Ex &a : args)
    out.push_back(evaluate(a, values));
  return out;
}

double evaluate(const Ex &e, const Values &values) {
  return match(
      e->node, [&](const Const &c) { return std::stod(c.spelling); },
      [&](const Read &r) { return values.at(r.place.root); }, [&](const AddressOf &) { return 0.0; },
      [&](const Apply &a) { return evaluate_rule(a.rule, evaluate(a.args, values)); },
      [&](const Native &n) { return evaluate_native(n.op, evaluate(n.args, values)); },
      [&](const Cast &c) { return evaluate(c.from, values); },
      [&](const Select &s) { return evaluate(evaluate(s.cond, values) != 0 ? s.yes : s.no, values); });
}

bool is_same(double a, double b) {
  return a == b || (a != a && b != b) ||
         std::fabs(a - b) <= 4e-16 * std::fabs(b); // r / y against r * (1 / y)
}

/// The template's partial over double.
template <nabla::rules::id I> double direct(unsigned k, const double *a, double r) {
  using Row = nabla::rules::row<I>;
  if constexpr (Row::integer_second)
    return k == 0 ? Row::template partial<0>(a[0], static_cast<int>(a[1]), r) : 0;
  else if constexpr (Row::arity == 1)
    return Row::template partial<0>(a[0], r);
  else if constexpr (Row::arity == 2)
    return k == 0 ? Row::template partial<0>(a[0], a[1], r) : Row::template partial<1>(a[0], a[1], r);
  else
    return k == 0   ? Row::template partial<0>(a[0], a[1], a[2], r)
           : k == 1 ? Row::template partial<1>(a[0], a[1], a[2], r)
                    : Row::template partial<2>(a[0], a[1], a[2], r);
}

/// At the corners of the sample intervals and at all combinations of 0, 1 and -1: kinks included.
template <nabla::rules::id I> void check_row() {
  using Row = nabla::rules::row<I>;
  Rule rule = static_cast<Rule>(I);
  CHECK(rule_named(Row::name) == rule);
  CHECK(info(rule).infix == (std::string("+-*/").find(Row::spelling) != std::string::npos));
  CHECK(info(rule).infix || rule_spelled(Row::spelling, Row::arity) == rule);
  Var vars[] = {variable("x"), variable("y", Row::integer_second ? Type::integer() : Type::real()),
                variable("z")};
  Var r = variable("r");
  std::vector<Ex> args;
  for (unsigned i = 0; i < Row::arity; ++i)
    args.push_back(read(vars[i]));
  const double points[] = {0, 1, -1, 2, 0.3, -0.7};
  for (unsigned k = 0; k < Row::arity; ++k) {
    Ex p = partial(rule, k, args, read(r));
    CHECK(p.type() == Type::real());
    ReadSet reads = read_set(rule, k);
    for (int n = 0; n < 216; ++n) {
      double a[] = {points[n % 6], points[n / 6 % 6], points[n / 36]};
      if (Row::integer_second)
        a[1] = n % 3;
      Values values = {{vars[0], a[0]}, {vars[1], a[1]}, {vars[2], a[2]}};
      double result = evaluate_rule(rule, {a, a + Row::arity});
      values[r] = result;
      for (unsigned i = 0; i < 3; ++i) // what is not in the read set is not looked at
        if (!reads.arg(i))
          values.erase(vars[i]);
      if (!reads.r)
        values.erase(r);
      double expected = direct<I>(k, a, result), got = evaluate(p, values);
      if (!is_same(got, expected))
        std::printf("%s by %u at %g %g %g: %g, expected %g\n", Row::name, k, a[0], a[1], a[2], got, expected);
      CHECK(is_same(got, expected));
    }
  }
}

void read_sets() {
  ReadSet tanh = read_set(Rule::tanh, 0), mul = read_set(Rule::mul, 0), add = read_set(Rule::add, 1);
  CHECK(!tanh.x && tanh.r);
  CHECK(!mul.x && mul.y && !mul.r);
  CHECK(!add.x && !add.y && !add.r);
  CHECK(!read_set(Rule::sqrt, 0).x && read_set(Rule::sqrt, 0).r && read_set(Rule::sin, 0).x);
  CHECK(read_set(Rule::pow, 0).x && read_set(Rule::pow, 0).y && !read_set(Rule::pow, 0).r);
  CHECK(read_set(Rule::clamp, 2).z && read_set(Rule::ldexp, 0).y && !read_set(Rule::ldexp, 1).y);
}

void spellings() {
  auto text = [](long double v, const char *type) { return print(constant(v, Type::real(type))); };
  CHECK(text(0.5L, "double") == "0.5");
  CHECK(text(2, "double") == "2.0");
  CHECK(text(0.1f, "float") == "0.1f");
  CHECK(text(1, "float") == "1.0f");
  CHECK(text(0.25L, "long double") == "0.25L");
  CHECK(text(1e300L, "double") == "1e+300");
  CHECK(text(0.69314718055994530942L, "double") == "0.6931471805599453");
  CHECK(text(0, "long double") == "0.0L");
  CHECK(print(constant(-3, Type::real())) == "-3.0");
  CHECK(print(constant(7, Type::integer("unsigned"))) == "7");
  CHECK(print(constant(1, Type::boolean())) == "true");
}

bool reads_as(const Ex &e, const std::string &text) {
  if (print(e) != text)
    std::printf("%s, expected %s\n", print(e).c_str(), text.c_str());
  return print(e) == text;
}

void folding() {
  Ex x = read(variable("x")), y = read(variable("y")), i = read(variable("i", Type::integer()));
  CHECK(same_node(0 + x, x) && same_node(x + 0, x) && same_node(x - 0, x) && same_node(1 * x, x));
  CHECK(same_node(x * 1, x) && same_node(x / 1, x) && same_node(-(-x), x) && same_node(i + 0, i));
  CHECK(is_zero(0 * x) && is_zero(x * 0) && is_zero(0 / x) && is_one(constant(x, 1)) && !is_one(x));
  CHECK(reads_as(0 - x, "-x") && reads_as(x * -y, "-(x * y)") && reads_as(-x + y, "y - x"));
  CHECK(reads_as(x - -y, "x + y") && reads_as(-(x - y), "y - x") && reads_as(x * (1 / y), "x / y"));
  CHECK(reads_as(x * indicator(x, x < y), "(x < y) ? x : 0.0"));
  CHECK(reads_as(x * -indicator(x, x < y), "-((x < y) ? x : 0.0)"));
  CHECK(reads_as(pow(x, constant(x, 2)), "x * x") && same_node(pow(x, constant(x, 1)), x));
  CHECK(reads_as(guarded(constant(x, 2), x), "2.0 * x"));
  CHECK(reads_as(partial(Rule::pow, 0, {x, constant(x, 3)}, y), "3.0 * (x * x)"));
  CHECK(reads_as(partial(Rule::pow, 0, {x, constant(x, 1.5)}, y), "1.5 * pow(x, 0.5)"));
  CHECK(reads_as(constant(x, 2) * constant(x, 3), "6.0") && reads_as(i + 1 + 1, "(i + 1) + 1"));
  CHECK(reads_as(apply(Rule::add, {x, constant(x, 0)}), "x + 0.0")); // the user's own: as it is
  Ex f = read(variable("f", Type::real("float")));
  CHECK(reads_as(2 * f, "2.0f * f") && same_node(cast(f, Type::real("float")), f));
  CHECK(reads_as(cast(constant(x, 2), Type::real("float")), "2.0f"));
  CHECK(reads_as(select(x < y, x, x), "x") && reads_as(!(x < y) && x < y, "!(x < y) && (x < y)"));
}

void literals() {
  auto value = [](const char *text, const Type &type) { return literal_value(Ex(Expr{Const{text}, type})); };
  CHECK(value("0x10", Type::integer()) == 16.0L);
  CHECK(!value("010", Type::integer()) && !value("'a'", Type::integer()) &&
        !value("colour::red", Type::integer()));
  CHECK(value("10ul", Type::integer("unsigned long")) == 10.0L && value("0", Type::integer()) == 0.0L);
  CHECK(value("1e3f", Type::real("float")) == 1000.0L && value(".5", Type::real()) == 0.5L);
  CHECK(value("0.1", Type::real()) == static_cast<long double>(0.1));
  CHECK(!value("1'000", Type::integer()) && !value("true", Type::boolean()));
}

void places() {
  Var reference = variable("s", Type::reference(Type::real()));
  CHECK(place(reference).path.size() == 1 && read(reference).type() == Type::real());
  Var pointer = variable("p", Type::pointer(Type::real().with_const()));
  Ex element = read(deref(pointer, constant(2, Type::integer())));
  CHECK(element.type() == Type::real() && !element.type().is_const());
  CHECK(address_of(deref(pointer)).type().is(Type::Pointer));
  Var array = variable("a", Type::array(Type::real(), 3));
  CHECK(read(index(place(array), constant(0, Type::integer()))).type() == Type::real());
}

} // namespace

int main() {
#define NABLA_RULE(NAME) check_row<nabla::rules::id::NAME>();
#include "ir/rule_names.inc"
  read_sets();
  spellings();
  folding();
  literals();
  places();
  return check::report();
}
