// Expressions: parentheses and conversions, first as text, then random trees against a direct evaluation.
#include "build_ir.h"
using namespace hand;

static Var x = param("x"), y = param("y"), z = param("z"), n = param("n", integer),
           f = param("f", Type::real("float"));
static Var u = param("u", Type::integer("unsigned int")), k = param("k", Type::integer("long"));
static Var c = param("c", Type::integer("char")), p = param("p", Type::pointer(real));
static const std::vector<Var> all = {x, y, z, n, f, u, k, c, p};

static void is(const Ex &e, const std::string &expected) {
  std::string text = text_of(e, all);
  CHECK(text == expected);
  if (text != expected)
    std::cout << "  " << text << "  instead of  " << expected << "\n";
}

static void order_is_kept() {
  Ex a = use(x), b = use(y), d = use(z);
  is(plus(plus(a, b), d), "x + y + z");
  is(plus(a, plus(b, d)), "x + (y + z)");
  is(less(a, less(b, d)), "x - (y - z)");
  is(less(less(a, b), d), "x - y - z");
  is(times(a, times(b, d)), "x * (y * z)");
  is(over(a, times(b, d)), "x / (y * z)");
  is(times(over(a, b), d), "x / y * z");
  is(times(plus(a, b), d), "(x + y) * z");
  is(less(a, minus(b)), "x - (-y)");
  is(minus(minus(a)), "-(-x)");
  is(minus(plus(a, b)), "-(x + y)");
  is(minus(times(a, b)), "-(x * y)");
  is(times(minus(a), b), "-x * y");
  is(minus(apply(Rule::sin, {a})), "-std::sin(x)");
  is(apply(Rule::fma, {a, plus(b, d), lit("2")}), "std::fma(x, y + z, 2.0)");
  is(less(a, lit("-2")), "x - (-2)");
  is(times(a, read(deref(p))), "x * *p");
}

static void conversions() {
  Ex a = use(x), i = use(n), g = use(f);
  Type single = Type::real("float"), wide = Type::integer("long"), big = Type::integer("unsigned long");
  is(times(lit("0.5"), to(real, i)), "0.5 * n");
  is(times(lit("2"), a), "2 * x");
  is(over(lit("1"), lit("2")), "1.0 / 2");
  is(over(to(real, i), to(real, use(k))), "double(n) / k");
  is(to(real, native("/", {i, lit("2", integer)})), "n / 2");
  is(times(a, to(real, native("*", {i, i}))), "x * (n * n)");
  is(apply(Rule::sin, {to(real, i)}), "std::sin(double(n))");
  is(times(g, lit("0.1", single)), "f * 0.1f");
  is(times(g, lit("2", single)), "f * 2");
  is(times(to(real, g), a), "f * x");
  is(to(single, a), "float(x)");
  is(minus(to(real, i)), "-double(n)");
  is(minus(lit("0")), "-0.0");
  is(times(minus(lit("2")), a), "-2 * x");
  is(native("*", {to(wide, i), lit("3", wide)}, wide), "long(n) * 3");
  is(native("+", {to(wide, i), use(k)}, wide), "n + k");
  is(native("+", {to(integer, use(c)), to(integer, use(c))}), "c + c");
  is(to(big, i), "static_cast<unsigned long>(n)");
  is(native("<", {to(Type::integer("unsigned int"), i), use(u)}, boolean),
     "static_cast<unsigned int>(n) < u");
  is(native("<<", {lit("1", big), i}, big), "1uL << n");
  is(select(native("<", {a, lit("0")}, boolean), lit("0"), a), "x < 0 ? 0 : x");
  is(select(to(boolean, i), lit("0"), lit("1")), "n ? 0.0 : 1.0");
  is(read(deref(p, to(wide, i))), "p[n]");
  is(read(deref(p, use(c))), "p[int(c)]");
}

static void what_wall_asks_for() {
  Ex i = use(n);
  auto lt = [&](Ex a, Ex b) { return native("<", {a, b}, boolean); };
  auto two = [&](const char *op, Ex a, Ex b) { return native(op, {a, b}, boolean); };
  is(two("||", two("&&", lt(i, i), lt(i, i)), lt(i, i)), "(n < n && n < n) || n < n");
  is(two("&&", lt(i, i), two("&&", lt(i, i), lt(i, i))), "n < n && n < n && n < n");
  is(two("==", lt(i, i), lt(i, i)), "(n < n) == (n < n)");
  is(native("<<", {native("+", {i, i}), i}), "(n + n) << n");
  is(native("&", {native("+", {i, i}), native("!", {i}, boolean)}), "(n + n) & (!n)");
  is(native("|", {native("|", {i, i}), native("&", {i, i})}), "n | n | (n & n)");
  is(two("==", native("!", {i}, boolean), i), "(!n) == n");
  is(native("!", {lt(i, i)}, boolean), "n >= n");
  is(native("!", {lt(read(x), read(x))}, boolean), "!(x < x)"); // NaN
  is(native("!", {two("==", read(x), read(x))}, boolean), "x != x");
  is(native("neg", {native("neg", {i})}), "-(-n)");
  is(native("~", {native("neg", {i})}), "~-n");
  is(two("&&", to(boolean, native("*", {i, i})), to(boolean, i)), "n * n != 0 && n");
}

// ---- Random trees
// ---------------------------------------------------------------------------------------------

namespace {

/// An expression and its value, evaluated here as the IR means it.
struct Tree {
  Ex ex;
  double value;
};

struct Source {
  std::mt19937 rng{42};
  unsigned draw(unsigned n) { return rng() % n; }
  double xs[3] = {1.25, -3.7, 0.3};
  long ns[3] = {7, -3, 12};
  Var x[3] = {param("x"), param("y"), param("z")};
  Var n[3] = {param("i", integer), param("j", Type::integer("long")), param("s", Type::integer("short"))};

  Tree whole(unsigned depth) {
    if (depth == 0 || draw(4) == 0) {
      unsigned v = draw(4);
      if (v == 3) {
        long c = draw(9) + 1;
        return {lit(std::to_string(c), Type::integer("long")), double(c)};
      }
      Ex e = use(n[v]);
      return {v == 1 ? e : to(Type::integer("long"), e), double(ns[v])};
    }
    Tree a = whole(depth - 1), b = whole(depth - 1);
    Type t = Type::integer("long");
    long p = long(a.value), q = long(b.value);
    switch (draw(6)) {
    case 0:
      return {native("+", {a.ex, b.ex}, t), double(p + q)};
    case 1:
      return {native("-", {a.ex, b.ex}, t), double(p - q)};
    case 2:
      return scaled(a, b);
    case 3:
      return {native("neg", {a.ex}, t), double(-p)};
    case 4:
      return {native("&", {a.ex, b.ex}, t), double(p & q)};
    default:
      return {native("|", {a.ex, b.ex}, t), double(p | q)};
    }
  }
  /// Kept small, so that nothing overflows.
  Tree scaled(const Tree &a, const Tree &b) {
    Type t = Type::integer("long");
    Ex m = lit("1000", t);
    return {native("*", {native("%", {a.ex, m}, t), native("%", {b.ex, m}, t)}, t),
            double(long(a.value) % 1000 * (long(b.value) % 1000))};
  }
  Tree condition(unsigned depth) {
    static const char *const ops[] = {"<", "<=", ">", ">=", "==", "!="};
    unsigned op = draw(6);
    bool reals = draw(2);
    Tree a = reals ? number(depth) : whole(depth), b = reals ? number(depth) : whole(depth);
    bool v[] = {a.value<b.value, a.value <= b.value, a.value> b.value, a.value >= b.value, a.value == b.value,
                a.value != b.value};
    Tree c{native(ops[op], {a.ex, b.ex}, boolean), double(v[op])};
    if (depth == 0 || draw(2))
      return c;
    Tree d = condition(depth - 1);
    switch (draw(3)) {
    case 0:
      return {native("&&", {c.ex, d.ex}, boolean), double(c.value && d.value)};
    case 1:
      return {native("||", {d.ex, c.ex}, boolean), double(c.value || d.value)};
    default:
      return {native("!", {d.ex}, boolean), double(!d.value)};
    }
  }
  Tree number(unsigned depth) {
    if (depth == 0 || draw(5) == 0) {
      unsigned v = draw(5);
      if (v < 3)
        return {use(x[v]), xs[v]};
      return v == 3 ? Tree{lit("3"), 3} : Tree{lit("-0.5"), -0.5};
    }
    Tree a = number(depth - 1), b = draw(4) ? number(depth - 1) : real_of(whole(2));
    if (draw(6) == 0)
      std::swap(a, b);
    switch (draw(8)) {
    case 0:
      return {plus(a.ex, b.ex), a.value + b.value};
    case 1:
      return {less(a.ex, b.ex), a.value - b.value};
    case 2:
      return {times(a.ex, b.ex), a.value * b.value};
    case 3:
      return {over(a.ex, b.ex), a.value / b.value};
    case 4:
      return {minus(a.ex), -a.value};
    case 5:
      return {apply(Rule::sin, {a.ex}), std::sin(a.value)};
    case 6:
      return {apply(Rule::fma, {a.ex, b.ex, a.ex}), std::fma(a.value, b.value, a.value)};
    default: {
      Tree c = condition(depth - 1);
      return {select(c.ex, a.ex, b.ex), c.value ? a.value : b.value};
    }
    }
  }
  static Tree real_of(const Tree &t) { return {to(real, t.ex), t.value}; }
};

} // namespace

static void random_trees() {
  Source source;
  std::ostringstream code;
  code << "#include <cmath>\n#include <cstdio>\n#include <cstring>\n";
  std::string checks;
  const unsigned count = 300;
  for (unsigned t = 0; t < count; ++t) {
    Tree tree = source.number(5);
    std::string name = "f" + std::to_string(t);
    code << nabla::emit::emit(
        function(name, {source.x[0], source.x[1], source.x[2], source.n[0], source.n[1], source.n[2]}, real,
                 {ret(tree.ex)}));
    char value[64];
    std::snprintf(value, sizeof value, "%a", tree.value);
    bool is_finite = std::isfinite(tree.value);
    checks += "  same(" + name + "(1.25, -3.7, 0.3, 7, -3, 12), " +
              (is_finite                ? std::string(value)
               : std::isnan(tree.value) ? "NAN"
                                        : std::string(tree.value < 0 ? "-" : "") + "INFINITY") +
              ", \"" + name + "\");\n";
  }
  code << "int bad = 0;\nvoid same(double a, double b, const char *f) {\n"
          "  if (a == b ? std::signbit(a) == std::signbit(b) : std::isnan(a) && std::isnan(b)) return;\n"
          "  std::printf(\"%s: %.17g is not %.17g\\n\", f, a, b);\n  ++bad;\n}\n"
          "int main() {\n"
       << checks << "  return bad != 0;\n}\n";
  // a random program compares what it likes: only these warnings are about the text's form
  for (const char *compiler : compilers)
    CHECK(compiles(code.str(), compiler, true,
                   "-Wno-tautological-compare -Wno-div-by-zero -Wno-unknown-warning-option"));
}

int main() {
  order_is_kept();
  conversions();
  what_wall_asks_for();
  random_trees();
  return check::report();
}
