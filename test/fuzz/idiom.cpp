// Whole idioms of C++ at once: objects with virtual functions, lambdas, vectors, pointers to functions. Their names begin
// with zq_, which nothing else's do.
#include "gen.h"

namespace fuzz {

/// Classes and functions that all idioms of the program share, before everything else.
void Gen::make_idioms() {
  has_idioms_ = true;
  const std::string n = std::to_string(number_);
  std::string text =
      "struct zq_S# {\nvirtual ~zq_S#() = default;\nvirtual double f(double t) const = 0;\n"
      "virtual double twice(double t) const { return 0.5 * f(t) + 0.5 * f(-t); }\n"
      "virtual void step(double t) = 0;\n};\n"
      "struct zq_A# : zq_S# {\ndouble a;\nzq_A#(double x) : a(x) {}\n"
      "double f(double t) const override { return std::sin(a * t + 0.3); }\n"
      "void step(double t) override { a = 0.7 * a + 0.2 * t; }\n};\n"
      "struct zq_B# : zq_A# {\ndouble b = 0.5;\nzq_B#(double x, double y) : zq_A#(x) { b *= y; }\n"
      "double f(double t) const override { return zq_A#::f(t) * b + 0.1 * t; }\n"
      "double twice(double t) const override { return t > 0 ? f(t) : b; }\n};\n"
      "static double zq_p#(double t) { return std::sin(2 * t) + 0.1 * t; }\n"
      "static double zq_q#(double t) { return 1 / (1 + t * t); }\n";
  std::string out;
  for (char c : text)
    out += c == '#' ? n : std::string(1, c);
  top_.push_back(make(Node::Place, out));
}

/// Objects of several classes through pointers to their base.
Ref Gen::virtual_idiom(Ref to) {
  row("dispatch.virtual");
  const std::string n = std::to_string(number_);
  bool owned = r_.chance(40);
  if (owned)
    row("smart.unique_ptr");
  std::string objects =
      owned ? "std::vector<std::unique_ptr<zq_S" + n + ">> zq_o;\nzq_o.push_back(std::make_unique<zq_A" + n +
                  ">(@));\nzq_o.push_back(std::make_unique<zq_B" + n + ">(@, @));\n"
            : "zq_A" + n + " zq_a(@);\nzq_B" + n + " zq_b(@, @);\nzq_S" + n + " *zq_o[2] = {&zq_a, &zq_b};\n";
  return make(
      Node::Stmt,
      "{\n" + objects +
          "double zq_s = 0;\nfor (int zq_i = 0; zq_i < 3; ++zq_i) {\nzq_o[zq_i % 2]->step(@);\n"
          "zq_s += zq_o[(zq_i + 1) % 2]->f(zq_s) * zq_o[zq_i % 2]->twice(@);\n}\n@ = std::tanh(zq_s);\n}",
      {value(1, 1), value(1, 1), value(1, 1), read(), read(), to});
}

/// A lambda with captures, called and handed on.
Ref Gen::lambda_idiom(Ref to) {
  row("call.lambda");
  bool held = r_.chance(40);
  if (held)
    row("dispatch.std_function");
  std::string type = held ? "std::function<double(double)>" : "auto";
  return make(Node::Stmt,
              "{\nconst double zq_k = @;\n" + type +
                  " zq_l = [&, zq_k](double zq_t) { return std::sin(zq_t * zq_k) + 0.3 * @; };\n"
                  "@ = std::tanh(zq_l(@) * zq_l(zq_k));\n}",
              {value(1, 1), read(), to, value(1, 1)});
}

/// A vector that grows, is sorted by a comparison, searched by a predicate.
Ref Gen::vector_idiom(Ref to) {
  row("container.vector_local");
  row("container.vector_size");
  std::string change = r_.one_of(
      {"std::sort(zq_v.begin(), zq_v.end(), [](double zq_x, double zq_y) { return zq_x > zq_y; });\n",
       "zq_v.erase(std::remove_if(zq_v.begin(), zq_v.end(), [](double zq_x) { return zq_x < 0.2; }), "
       "zq_v.end());\n",
       "zq_v.insert(zq_v.begin() + 1, zq_v.back());\n", "zq_v.pop_back();\n",
       "for (double &zq_e : zq_v)\nzq_e *= zq_v[0];\n",
       "std::vector<double> zq_w = zq_v;\nzq_w[0] = zq_v[1];\nzq_v.swap(zq_w);\n"});
  row(change.find("sort") < 5 + 5 ? "library.comparisons" : "container.vector_elements");
  return make(
      Node::Stmt,
      "{\nstd::vector<double> zq_v;\nfor (int zq_i = 0; zq_i < 4; ++zq_i)\n"
      "zq_v.push_back(@ + 0.3 * zq_i * @);\nzq_v.resize(5, @);\n" +
          change +
          "long zq_n = std::count_if(zq_v.begin(), zq_v.end(), [](double zq_t) { return zq_t > 0.5; });\n"
          "double zq_s = zq_n;\nfor (std::size_t zq_i = 0; zq_i < zq_v.size(); ++zq_i)\n"
          "zq_s += 0.3 * zq_v[zq_i] * zq_v[zq_v.size() - 1 - zq_i];\n@ = std::tanh(zq_s);\n}",
      {read(), read(), value(1, 1), to});
}

/// Pointers to functions, chosen at run time.
Ref Gen::pointer_idiom(Ref to) {
  row("dispatch.function_pointer");
  const std::string n = std::to_string(number_);
  return make(Node::Stmt,
              "{\ndouble (*zq_f)(double) = @ ? zq_p" + n + " : zq_q" + n +
                  ";\ndouble zq_s = @;\nfor (int zq_i = 0; zq_i < 3; ++zq_i) {\nzq_s = zq_f(zq_s);\n"
                  "zq_f = zq_i % 2 ? zq_q" +
                  n + " : zq_p" + n + ";\n}\n@ = zq_s;\n}",
              {condition(1), value(1, 1), to});
}

Ref Gen::idiom() {
  if (!has_idioms_)
    return declaration();
  Ref to = place(true);
  if (!to || to->ty != Ty::D)
    return declaration();
  cost_ += 30 * trips_;
  quiet_ = true;
  Ref s;
  switch (r_.in(0, 3)) {
  case 0:
    s = virtual_idiom(to);
    break;
  case 1:
    s = lambda_idiom(to);
    break;
  case 2:
    s = vector_idiom(to);
    break;
  default:
    s = pointer_idiom(to);
  }
  quiet_ = false;
  return s;
}

} // namespace fuzz
