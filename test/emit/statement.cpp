// Declarators, statements, names and comments: the text, and that both compilers take it without a warning.
#include "build_ir.h"
using namespace hand;

namespace {

std::string emitted(const std::string &name, std::vector<Var> params, const Type &result, Block body,
                    nabla::emit::EmitOptions options = {}) {
  return nabla::emit::emit(function(name, std::move(params), result, std::move(body)), options);
}

Stmt declared(const Var &v, std::optional<Ex> init = {}, unsigned line = 0, const std::string &text = "") {
  return stmt(Declare{v, init, false, {}}, line, text);
}

void both_accept(const std::string &code) {
  for (const char *compiler : compilers)
    CHECK(compiles("#include <cmath>\n#include <cstdlib>\n#include <cstdio>\n" + code, compiler));
}

Type pointer_to(const Type &t, bool constant = false) { return Type::pointer(t).with_const(constant); }

CalleeRef callee(const std::string &name, std::vector<Type> params, const Type &result) {
  Callee c;
  c.name = name, c.params = std::move(params), c.result = result;
  return std::make_shared<Callee>(c);
}

} // namespace

static void declarators() {
  Type c = real.with_const();
  CHECK(spell(pointer_to(c), "p") == "const double *p");
  CHECK(spell(pointer_to(pointer_to(c, true)), "pp") == "const double *const *pp");
  CHECK(spell(pointer_to(real, true), "p") == "double *const p");
  CHECK(spell(Type::reference(Type::array(real, 3)), "a") == "double (&a)[3]");
  CHECK(spell(Type::opaque("members<int, double (*)[4]>"), "m") == "members<int, double (*)[4]> m");
  CHECK(spell(Type::opaque("void (*)(list<int>)"), "f") == "void (*f)(list<int>)");
  CHECK(spell(Type::array(pointer_to(real), 4), "q") == "double *q[4]");
  CHECK(spell(pointer_to(Type::array(real, 3)), "m") == "double (*m)[3]");
  CHECK(spell(Type::array(Type::array(c, 3), 2), "t") == "const double t[2][3]");
  CHECK(spell(Type::array(real, 2).with_const(), "t") == "const double t[2]");
  CHECK(spell(Type::reference(c), "r") == "const double &r");
  CHECK(spell(pointer_to(real)) == "double *");
  CHECK(spell(Type::opaque("void (*)(int)"), "g") == "void (*g)(int)");
  CHECK(spell(Type::opaque("FILE *").with_const(), "out") == "FILE *const out");
}

static void issue_example() {
  Var x = param("x"), y = param("y"), xb = param("x_bar", pointer_to(real)),
      yb = param("y_bar", pointer_to(real));
  Var a = var("a"), f = var("f"), ab = var("a_bar");
  std::string line4 = "double a = std::sin(x);", line5 = "return a * y;";
  std::string text = emitted(
      "f_grad", {x, y, xb, yb}, real,
      {declared(a, apply(Rule::sin, {use(x)}), 4, line4), declared(f, times(use(a), use(y)), 5, line5),
       declared(ab, use(y), 5, line5), stmt(Add{deref(yb), use(a)}, 5, line5),
       stmt(Add{deref(xb), times(apply(Rule::cos, {use(x)}), use(ab))}, 4, line4), ret(use(f))},
      {"", {}, "gradient of f (user.cpp:3) by x, y", true, 100});
  CHECK(text == "// gradient of f (user.cpp:3) by x, y\n"
                "double f_grad(double x, double y, double *x_bar, double *y_bar) {\n"
                "  double a = std::sin(x);  // 4: double a = std::sin(x);\n"
                "  double f = a * y;        // 5: return a * y;\n"
                "  double a_bar = y;\n"
                "  *y_bar += a;\n"
                "  *x_bar += std::cos(x) * a_bar;\n"
                "  return f;\n"
                "}\n");
  both_accept(text);
}

static void compound_assignment() {
  Var x = param("x", pointer_to(real)), n = param("n", integer), f = param("f", Type::real("float"));
  Var s = param("s", Type::integer("short"));
  Ex one = lit("1", integer);
  Place xi = deref(x, use(n));
  std::string text =
      emitted("f", {x, n, f, s}, real,
              {stmt(Assign{xi, plus(read(xi), lit("2"))}), stmt(Assign{xi, less(lit("2"), read(xi))}),
               stmt(Assign{xi, over(read(xi), plus(read(xi), lit("1")))}),
               stmt(Assign{at(n), native("+", {use(n), one})}),
               stmt(Assign{at(n), native("%", {use(n), lit("3", integer)})}),
               stmt(Assign{at(x), native("-", {use(x), one}, x->type)}), stmt(Add{xi, minus(read(xi))}),
               stmt(Add{xi, times(minus(lit("2")), use(n).type() == real ? use(n) : to(real, use(n)))}),
               stmt(Assign{at(f), to(f->type, plus(to(real, use(f)), lit("0.5")))}),
               stmt(Assign{at(s), to(s->type, native("+", {to(integer, use(s)), one}))}),
               ret(times(to(real, use(f)), to(real, use(s))))});
  for (const char *line :
       {"  x[n] += 2;\n", "  x[n] = 2 - x[n];\n", "  x[n] /= x[n] + 1;\n", "  ++n;\n", "  n %= 3;\n",
        "  --x;\n", "  x[n] -= x[n];\n", "  x[n] -= 2.0 * n;\n", "  f += 0.5;\n", "  ++s;\n"})
    CHECK(has(text, line));
  both_accept(text);
}

static void control() {
  Var n = param("n", integer), x = param("x"), unused = param("w");
  auto is = [&](const char *k) { return native("==", {use(n), lit(k, integer)}, boolean); };
  auto set = [&](const char *v) { return Block{stmt(Assign{at(x), lit(v)})}; };
  Stmt inner = stmt(If{is("2"), set("2"), set("3")});
  std::string text =
      emitted("f", {n, x, unused}, real,
              {stmt(If{is("1"), set("1"), {inner}}), stmt(If{is("4"), {}, set("5")}),
               stmt(While{native("!=", {use(n), lit("0", integer)}, boolean),
                          {stmt(Assign{at(n), native("-", {use(n), lit("1", integer)})})}}),
               stmt(Scope{"done", {stmt(If{is("7"), {stmt(Exit{"done"})}, {}}), set("8")[0]}}), ret(use(x))});
  CHECK(has(
      text,
      "double f(int n, double x, [[maybe_unused]] double w) {\n  if (n == 1) {\n    x = 1;\n"
      "  } else if (n == 2) {\n    x = 2;\n  } else {\n    x = 3;\n  }\n  if (n != 4) {\n    x = 5;\n  }\n"
      "  while (n != 0) {\n    --n;\n  }\n  {\n    if (n == 7) {\n      goto done;\n    }\n    x = 8;\n  }\n"
      "done:;\n  return x;\n}\n"));
  both_accept(text);
}

static void tables_and_zeros() {
  Var w = var("w", Type::array(real, 3), Variable::StaticConst), a = var("a", Type::array(real, 3)),
      b = var("b");
  Var m = var("m", Type::array(Type::array(integer.with_const(), 2), 2), Variable::StaticConst);
  Var p = var("p", pointer_to(real.with_const())), i = param("i", integer);
  std::string text = emitted(
      "f", {i}, real,
      {stmt(Declare{w, {}, false, {lit("1"), lit("2.5"), lit("3")}}),
       stmt(Declare{
           m, {}, false, {lit("1", integer), lit("2", integer), lit("3", integer), lit("4", integer)}}),
       stmt(Declare{a, {}, true, {}}), stmt(Declare{b, {}, true, {}}), stmt(Declare{p, {}, true, {}}),
       stmt(Assign{at(b), plus(read(index(at(w), use(i))), read(index(at(a), lit("0", integer))))}),
       stmt(Assign{at(p), address_of(index(at(a), lit("0", integer)))}),
       ret(plus(use(b), times(read(deref(p, lit("1", integer))),
                              to(real, read(index(index(at(m), use(i)), use(i)))))))});
  for (const char *line :
       {"  static const double w[3] = {1, 2.5, 3};\n", "  static const int m[2][2] = {{1, 2}, {3, 4}};\n",
        "  double a[3] = {};\n", "  double b = 0;\n", "  const double *p = nullptr;\n",
        "  b = w[i] + a[0];\n", "  p = a;\n", "  return b + p[1] * m[i][i];\n"})
    CHECK(has(text, line));
  both_accept(text);
}

static void calls_and_memory() {
  Var n = param("n", integer), r = param("r", Type::reference(real)), y = var("y"),
      q = var("q", pointer_to(real));
  Var c = var("c", pointer_to(real)), a = var("a", Type::array(real, 2)),
      ref = var("ref", Type::reference(real));
  CalleeRef g = callee("g", {Type::reference(real), pointer_to(real), real}, real);
  std::string text = emitted(
      "f", {n, r}, real,
      {stmt(Declare{a, {}, true, {}}), declared(y),
       stmt(Call{g, {address_of(place(r)), address_of(index(at(a), lit("0", integer))), lit("2")}, at(y)}),
       declared(q), stmt(Allocate{at(q), real, use(n), Allocate::NewArray, true, {}}), declared(c),
       stmt(Allocate{at(c), real, use(n), Allocate::Malloc, false, {}}),
       declared(ref, address_of(deref(q, use(n)))), stmt(Call{g, {use(q), address_of(place(r)), use(y)}, {}}),
       stmt(Assign{place(ref), use(y)}),
       stmt(Opaque{{"std::printf(\"%g %g\\n\", ", ", ", ")"}, {use(y), plus(use(y), lit("1"))}, {}}),
       stmt(Free{use(q), Free::DeleteArray}), stmt(Free{use(c), Free::CFree}), ret(use(y))});
  for (const char *line : {"  double y = g(r, a, 2.0);\n", "  double *q = new double[n]();\n",
                           "  double *c = static_cast<double *>(::malloc(n * sizeof(double)));\n",
                           "  double &ref = q[n];\n", "  g(*q, &r, y);\n", "  ref = y;\n",
                           "  std::printf(\"%g %g\\n\", y, y + 1);\n", "  delete[] q;\n", "  ::free(c);\n"})
    CHECK(has(text, line));
  both_accept("double g(double &, double *, double);\n" + text);
}

static void records() {
  Var record = param("record", Type::reference(Type::opaque("nabla::record"))), n = param("n", integer);
  Var x = var("x"), t = var("t", pointer_to(real)), i = var("i", integer);
  std::string text = emitted("f", {record, n}, real,
                             {declared(t), stmt(Allocate{at(t), real, use(n), Allocate::Arena, true, {}}),
                              stmt(Push{record, read(deref(t))}),
                              stmt(Push{record, native("<", {use(n), lit("3", integer)}, boolean)}),
                              declared(i), stmt(Pop{record, at(i)}), declared(x), stmt(Pop{record, at(x)}),
                              ret(times(use(x), to(real, use(i))))});
  for (const char *line :
       {"  double *t = record.zeros<double>(n);\n", "  record.push(*t);\n", "  record.push_bit(n < 3);\n",
        "  int i = record.pop<int>();\n", "  double x = record.pop<double>();\n"})
    CHECK(has(text, line));
}

static void structs() {
  auto s = std::make_shared<Struct>();
  s->spelling = "ns::S";
  s->fields = {{"x", real}, {"row", Type::array(real, 3)}, {"next", pointer_to(Type::opaque("ns::S"))}};
  Type record = Type::record(s);
  Var p = param("p", pointer_to(record)), v = var("S", record), i = param("ns", integer);
  std::string text = emitted(
      "f", {p, i}, real,
      {declared(v, read(deref(p))), stmt(Assign{field(at(v), 0), read(index(field(deref(p), 1), use(i)))}),
       stmt(Assign{field(deref(p, use(i)), 0), read(field(at(v), 0))}), ret(read(field(at(v), 0)))});
  CHECK(has(text,
            "double f(ns::S *p, int ns_1) {\n  ns::S S = *p;\n  S.x = p->row[ns_1];\n  p[ns_1].x = S.x;\n"));
  both_accept("namespace ns { struct S { double x, row[3]; S *next; }; }\n" + text);
}

static void names() {
  Var a = param("a"), x = var("x"), inner = var("x"), later = var("x"), keyword = var("new"),
      odd = var("__t#2"), g = var("g");
  CalleeRef callee_g = callee("g", {}, real);
  Block body = {declared(x, use(a)),
                stmt(Scope{"", {declared(inner, use(x)), stmt(Assign{at(x), use(inner)})}}),
                stmt(Scope{"", {declared(keyword, use(x)), stmt(Assign{at(x), use(keyword)})}}),
                declared(odd, use(x)),
                declared(g, use(odd)),
                stmt(Call{callee_g, {}, at(g)}),
                ret(use(g))};
  std::string text = emitted("f", {a}, real, body);
  for (const char *line : {"    double x_1 = x;\n    x = x_1;\n", "    double new_1 = x;\n",
                           "  double _t_2 = x;\n", "  double g_1 = _t_2;\n  g_1 = g();\n"})
    CHECK(has(text, line));
  both_accept("double g();\n" + text);
}

static void comments() {
  Var x = param("x");
  auto set = [&](unsigned line, const std::string &text) {
    return stmt(Assign{at(x), plus(use(x), lit("1.5"))}, line, text);
  };
  std::string text = emitted("f", {x}, real,
                             {set(3, "x = 1; \\"), set(3, "x = 1; \\"), set(4, "y /* ?\?/"),
                              set(5, "\xff\t z \xe2\x80\xae"), set(6, std::string(200, 'w')), ret(use(x))});
  CHECK(has(text,
            "  x += 1.5;  // 3: x = 1;\n  x += 1.5;\n  x += 1.5;  // 4: y /*\n  x += 1.5;  // 5: ? z ?\n"));
  CHECK(has(text, "www ...\n"));
  both_accept(text);
  CHECK(emitted("f", {x}, real, {set(3, "x = 1;"), ret(use(x))}, {"", {}, "", false, 100}).find("//") ==
        std::string::npos);
}

static void head_and_namespaces() {
  Var x = param("x"), xb = param("x_bar", pointer_to(real));
  Function f = function("f_grad", {x, xb}, real, {stmt(Add{deref(xb), lit("1")}), ret(use(x))});
  nabla::emit::EmitOptions options{"static ", {"a", ""}, "gradient of f", true, 100};
  CHECK(nabla::emit::emit(f, options) ==
        "namespace a {\nnamespace {\n// gradient of f\nstatic double f_grad(double x, double *x_bar) {\n"
        "  *x_bar += 1;\n  return x;\n}\n} // namespace\n} // namespace a\n");
  CHECK(nabla::emit::declaration(f, options) ==
        "namespace a { namespace { static double f_grad(double x, double *x_bar); } }");
}

static void long_lines() {
  Var x = param("a_long_parameter_name");
  Ex e = use(x);
  for (int i = 0; i < 8; ++i)
    e = plus(e, times(apply(Rule::sin, {use(x)}), use(x)));
  std::string text = emitted("f", {x}, real, {ret(e)});
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);)
    CHECK(line.size() <= 100);
  both_accept(text);
}

static void long_functions() { // in parts
  Var x = param("x"), xb = param("x_bar", pointer_to(real));
  auto parts = [&](std::size_t statements) {
    Block body(statements, stmt(Add{deref(xb), use(x)}));
    body.push_back(ret(use(x)));
    std::string text = emitted("f", {x, xb}, real, body);
    int found = 0;
    for (std::size_t at = 0; (at = text.find("  nabla::part();\n", at)) != std::string::npos; ++at)
      ++found;
    return found;
  };
  CHECK(parts(1400) == 0);
  CHECK(parts(1600) == 1);
  CHECK(parts(4000) == 3);

  xb->is_restrict = true; // and each part says so
  Var kept = var("kept"), own = var("own");
  Block body = {declared(kept, use(x)), declared(own, use(kept)), stmt(Add{at(kept), use(own)})};
  body.insert(body.end(), 6000, stmt(Add{deref(xb), lit("1")}));
  body.push_back(ret(use(kept)));
  std::string text = emitted("f", {x, xb}, real, body);
  for (const char *line :
       {"  struct {  // a function this long is compiled in parts\n    double kept;\n",
        "    [[gnu::noinline]] void part_1(double x, double *__restrict x_bar) {\n      kept = x;\n  "
        "    double own = kept;\n",
        "    [[gnu::noinline]] void part_2(double *__restrict x_bar) {\n",
        "    [[gnu::noinline]] double part_21(double *__restrict x_bar) {\n",
        "      return kept;\n    }\n  } all;\n  all.part_1(x, x_bar);\n",
        "  return all.part_21(x_bar);\n}\n"})
    CHECK(has(text, line));
  both_accept(text);
}

int main() {
  declarators();
  issue_example();
  compound_assignment();
  control();
  tables_and_zeros();
  calls_and_memory();
  records();
  structs();
  names();
  comments();
  head_and_namespaces();
  long_lines();
  long_functions();
  return check::report();
}
