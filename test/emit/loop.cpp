// Loops: every comparison, step and signedness, ascending and descending, against the meaning stated in ir.h.
#include "build_ir.h"
using namespace hand;

namespace {

struct Shape {
  For::Cmp cmp;
  long step;
  std::string type, bound_type;
};

/// What ir.h says, in the index's own arithmetic.
template <class T, class B> std::vector<long> meant(const Shape &s, T first, B bound) {
  std::vector<long> out;
  auto holds = [&](T i) {
    using C = decltype(i + bound);
    C a = C(i), b = C(bound);
    return s.cmp == For::LT   ? a < b
           : s.cmp == For::LE ? a <= b
           : s.cmp == For::GT ? a > b
           : s.cmp == For::GE ? a >= b
                              : a != b;
  };
  for (T i = first; holds(i) && out.size() < 40; i = T(i + s.step))
    out.push_back(long(i));
  return out;
}

std::vector<long> meant(const Shape &s, long first, long bound) {
  auto with_bound = [&](auto i) {
    if (s.bound_type == "int")
      return meant(s, i, int(bound));
    if (s.bound_type == "unsigned int")
      return meant(s, i, unsigned(bound));
    if (s.bound_type == "unsigned long")
      return meant(s, i, static_cast<unsigned long>(bound));
    return meant(s, i, bound);
  };
  if (s.type == "int")
    return with_bound(int(first));
  if (s.type == "unsigned int")
    return with_bound(unsigned(first));
  if (s.type == "unsigned long")
    return with_bound(static_cast<unsigned long>(first));
  if (s.type == "unsigned char")
    return with_bound(static_cast<unsigned char>(first));
  if (s.type == "short")
    return with_bound(short(first));
  return with_bound(first);
}

Function loop(const std::string &name, const Shape &s, bool descending, bool variable_first, long first) {
  Type t = Type::integer(s.type), b = Type::integer(s.bound_type);
  Var lo = param("lo", t), hi = param("hi", b), i = var("i", t),
      out = param("out", Type::pointer(Type::integer("long")));
  Var count = param("count", Type::reference(integer));
  Block body;
  body.push_back(stmt(Assign{deref(out, read(count)), to(Type::integer("long"), use(i))}));
  body.push_back(stmt(Assign{place(count), native("+", {use(count), lit("1", integer)})}));
  Ex start = variable_first ? use(lo) : lit(std::to_string(first), t);
  For f{i, start, s.cmp, use(hi), s.step, body, descending};
  return function(name, {lo, hi, out, count}, Type(), {stmt(f)});
}

struct Program {
  std::ostringstream code, checks;
  unsigned functions = 0, runs = 0;

  void compare(std::vector<long> expected, long first, long bound, bool descending) {
    if (descending)
      std::reverse(expected.begin(), expected.end());
    code << first << "," << bound << "," << expected.size() << ",";
    for (long v : expected)
      code << v << ",";
    code << "\n";
    ++runs;
  }
  void shape(const Shape &s) {
    for (bool descending : {false, true})
      for (int start = -1; start < 3; ++start) { // -1: a variable
        if (start == 1)
          continue;
        std::string name = "loop" + std::to_string(functions++);
        code << nabla::emit::emit(loop(name, s, descending, start < 0, start)) << "const long " << name
             << "_runs[] = {";
        checks << "  run(" << name << ", " << name << "_runs, \"" << name << "\");\n";
        bool is_unsigned = s.type[0] == 'u' || s.bound_type[0] == 'u';
        for (long first = start < 0 ? (is_unsigned ? 0 : -3) : start; first <= (start < 0 ? 6 : start);
             ++first)
          for (long bound = is_unsigned ? 0 : -4; bound <= 9; ++bound) {
            std::vector<long> values = meant(s, first, bound);
            if (values.size() < 40) // else it runs for ever, or nearly
              compare(values, first, bound, descending);
          }
        code << "99};\n";
      }
  }
};

} // namespace

static void all_shapes() {
  Program program;
  const std::pair<std::string, std::string> types[] = {{"int", "int"},
                                                       {"unsigned int", "unsigned int"},
                                                       {"unsigned long", "unsigned long"},
                                                       {"long", "int"},
                                                       {"int", "long"},
                                                       {"int", "unsigned long"},
                                                       {"unsigned long", "int"},
                                                       {"unsigned char", "unsigned int"},
                                                       {"short", "int"}};
  for (const auto &[type, bound] : types)
    for (For::Cmp cmp : {For::LT, For::LE, For::GT, For::GE, For::NE})
      for (long step : {1L, -1L, 2L, -2L, 3L, -3L})
        program.shape({cmp, step, type, bound});
  std::string code = "#include <cstddef>\n#include <cstdio>\n#include <vector>\n" + program.code.str() +
                     R"(int bad = 0;
// first, bound, number of values, values; 99 at the end
template <class T, class B> void run(void (*f)(T, B, long *, int &), const long *w, const char *name) {
  for (; *w != 99; w += 3 + w[2]) {
    long out[64];
    int count = 0;
    f(T(w[0]), B(w[1]), out, count);
    if (std::vector<long>(out, out + count) == std::vector<long>(w + 3, w + 3 + w[2])) continue;
    std::printf("%s(%ld, %ld) ran %d times\n", name, w[0], w[1], count);
    ++bad;
  }
}
)"
                     "int main() {\n" +
                     program.checks.str() + "  return bad != 0;\n}\n";
  std::cout << program.functions << " loops, " << program.runs << " runs\n";
  // an unsigned index compared with 0 is the user's own doing
  for (const char *compiler : compilers)
    CHECK(compiles(code, compiler, true, "-Wno-type-limits -Wno-tautological-unsigned-zero-compare"));
}

static void spelling() {
  Var n = param("n", integer), a = param("a", Type::pointer(real)), i = var("i", integer),
      j = var("i", integer);
  auto body = [&](const Var &v) { return Block{stmt(Assign{deref(a, use(v)), lit("0")})}; };
  std::string text =
      nabla::emit::emit(function("f", {n, a}, Type(),
                                 {stmt(For{i, lit("0", integer), For::LT, use(n), 1, body(i), false}),
                                  stmt(For{j, lit("0", integer), For::LT, use(n), 1, body(j), true})}));
  CHECK(has(text, "  for (int i = 0; i < n; ++i) {\n    a[i] = 0;\n  }\n  for (int i = n; i-- > 0;) {\n    "
                  "a[i] = 0;\n  }\n"));
}

static void first_is_read_once() {
  Var n = param("n", integer), k = param("k", integer), i = var("i", integer);
  Block body = {stmt(Assign{place(k), native("+", {use(k), use(i)})})};
  std::string text = nabla::emit::emit(
      function("f", {n, k}, integer, {stmt(For{i, use(k), For::LT, use(n), 1, body, true}), ret(use(k))}));
  CHECK(has(text, "for (int i = n, i_first = k; i-- > i_first;) {\n    k += i;\n"));
}

int main() {
  all_shapes();
  spelling();
  first_is_read_once();
  return check::report();
}
