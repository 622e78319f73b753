// The IR's own tools: walking, rewriting, printing, verifying, and types that hold themselves.
#include "build_ir.h"
#include "ir/diagnostic.h"
using namespace hand;

namespace {

bool is_refused(const Function &f, const std::string &why, VerifyOptions options = {}) {
  try {
    verify(f, options);
  } catch (nabla::InternalError &e) {
    return has(e.what, why);
  }
  std::cout << "verified, though " << why << "\n";
  return false;
}

/// f, unverified.
Function raw(std::vector<Var> params, const Type &result, Block body) {
  Function f;
  f.name = "f", f.params = std::move(params), f.result = result, f.body = std::move(body);
  return f;
}

} // namespace

static void reads_and_writes() {
  Var p = param("p", Type::pointer(Type::pointer(real))), i = param("i", integer),
      r = param("r", Type::reference(real));
  std::string text;
  auto note = [&](const Place &q) { text += print(q) + " "; };
  for_each_read(read(deref(deref(p, use(i)))), note); // *p[i]
  CHECK(text == "*p[i] p p[i] i ");
  text.clear();
  for_each_read(read(r), note);
  CHECK(text == "r ");
  Stmt s = stmt(Assign{deref(deref(p, use(i))), read(r)});
  text.clear();
  for (const Place &q : reads_of(s))
    note(q);
  CHECK(text == "p p[i] i r " || text == "r p p[i] i ");
  CHECK(writes_of(s).size() == 1 && same_place(writes_of(s)[0], deref(deref(p, use(i)), lit("0", integer))));
}

static void rewriting() {
  Var x = param("x"), y = var("y"), r = param("r", Type::reference(real)),
      a = param("a", Type::array(real, 3));
  Ex e = plus(use(x), times(use(x), lit("2")));
  Ex same = rewrite(e, [](const Ex &) { return std::optional<Ex>(); });
  CHECK(print(same) == print(e) && same_value(same, e));
  Ex doubled = rewrite(e, [&](const Ex &n) -> std::optional<Ex> {
    return std::holds_alternative<Const>(n->node) ? std::optional<Ex>(use(y)) : std::nullopt;
  });
  CHECK(print(doubled) == "x + (x * y)");
  Ex up = rewrite_up(e, [&](const Ex &n) -> std::optional<Ex> {
    const Apply *m = std::get_if<Apply>(&n->node);
    return m && m->rule == Rule::mul ? std::optional<Ex>(m->args[1]) : std::nullopt;
  });
  CHECK(print(up) == "x + 2");
  PlaceMap places = {{r, index(place(a), lit("1", integer))}, {x, place(y)}};
  CHECK(print(substitute(plus(read(r), use(x)), places)) == "a[1] + y");
  CHECK(print(substitute(address_of(place(r)), places)) == "&a[1]");
  Var p = param("p", Type::pointer(real)); // a pointer stands for the reference itself
  CHECK(print(substitute(read(r), PlaceMap{{r, Place{p, {}}}})) == "*p");
  Function f = function("f", {x}, real, {stmt(Declare{y, use(x), false, {}}), ret(use(y))});
  VarMap fresh;
  Function g = clone_with_fresh_locals(f, &fresh);
  CHECK(print(f) == print(g) && fresh.size() == 2 && g.params[0] == fresh.at(x) && fresh.at(y) != y);
  verify(g);
}

static void printing() {
  Var n = param("n", integer), i = var("i", integer), x = var("x"), x2 = var("x");
  Function f =
      function("f", {n}, real,
               {stmt(Declare{x, lit("0"), false, {}}),
                stmt(For{i,
                         lit("0", integer),
                         For::LT,
                         use(n),
                         1,
                         {stmt(Declare{x2, to(real, use(i)), false, {}}), stmt(Add{place(x), use(x2)})},
                         false}),
                ret(use(x))});
  CHECK(print(f) == "double f(int n) {\n  [0] double x = 0\n  [1] for int i = 0; < n; step 1 {\n"
                    "    [2] double x#2 = double(i)\n    [3] x += x#2\n  }\n  [4] return x\n}\n");
  CHECK(f.statements == 5);
}

static void faults() {
  Var x = param("x"), y = var("y"), n = param("n", integer), i = var("i", integer);
  CHECK(is_refused(raw({x}, real, {ret(use(y))}), "not declared here: y"));
  CHECK(is_refused(raw({x}, real, {stmt(Scope{"", {stmt(Declare{y, use(x), false, {}})}}), ret(use(y))}),
                   "not declared here"));
  CHECK(is_refused(raw({x}, real, {stmt(Declare{x, {}, true, {}})}), "declared where it is visible already"));
  CHECK(is_refused(raw({x}, real, {ret(apply(Rule::mul, {use(x)}))}), "number of arguments"));
  CHECK(is_refused(raw({x, n}, real, {ret(apply(Rule::mul, {use(x), use(n)}))}), "an argument of type int"));
  CHECK(is_refused(raw({x, n}, real, {ret(use(n))}), "a value of type int where double"));
  CHECK(is_refused(raw({x}, real, {stmt(Exit{"out"})}), "no enclosing Scope"));
  CHECK(is_refused(raw({x}, real, {ret(use(x)), ret(use(x))}), "not the last statement", {true}));
  CHECK(is_refused(raw({x}, real, {ret(Ex(Expr{Read{Place{x, {Deref{}}}}, real}))}), "dereference"));
  CHECK(is_refused(raw({x}, real, {stmt(Declare{y, {}, false, {}}), ret(Ex())}), "expression"));
  For loop{i, lit("0", integer), For::LT, use(n), 1, {stmt(Assign{place(i), lit("1", integer)})}, false};
  CHECK(is_refused(raw({n}, Type(), {stmt(loop)}), "writes its own index"));
  Function twice = raw({x}, real, {stmt(Comment{"a"}), ret(use(x))});
  twice.statements = 2;
  CHECK(is_refused(twice, "not unique"));
}

static void recursive_struct() {
  auto node = std::make_shared<Struct>();
  node->spelling = "Node";
  Type t = Type::record(node);
  node->fields = {{"next", Type::pointer(t)}};
  CHECK(!t.holds_reals() && !t.contains_reals() && !t.contains_real_pointers());
  node->fields.push_back({"value", real});
  CHECK(t.holds_reals() && t.contains_reals() && t.contains_real_pointers());
  CHECK(t == Type::record(node) && t != t.with_const() &&
        Type::pointer(t.with_const()).without_const() == Type::pointer(t));
  node->fields.clear(); // it owns itself
}

static void diagnostics() {
  nabla::Refusal r{nabla::Diag::UnsupportedStatement, {}, {"goto", "write a loop"}};
  CHECK(r.text() == "goto is not differentiated; write a loop [nabla N101]");
}

int main() {
  reads_and_writes();
  rewriting();
  printing();
  faults();
  recursive_struct();
  diagnostics();
  return check::report();
}
