// Whole idioms of C++ at once: objects with virtual functions, lambdas, vectors, pointers to functions. Their names begin
// with zq_, which nothing else's do.
#include "gen.h"

namespace fuzz {

namespace {

std::string numbered(const std::string &text, int number) {
  std::string out;
  for (char c : text)
    out += c == '#' ? std::to_string(number) : std::string(1, c);
  return out;
}

} // namespace

/// Classes and functions that all idioms of the program share, before everything else.
void Gen::make_idioms() {
  has_idioms_ = true;
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
      "struct zq_H# {\nvirtual ~zq_H#() = default;\nvirtual double f(double t) const = 0;\n"
      "virtual void step(double) {}\n};\n"
      "struct zq_V# : zq_H# {\nstd::vector<double> v;\nzq_V#(std::vector<double> a) : v(std::move(a)) {}\n"
      "double f(double t) const override {\ndouble s = 0;\nfor (double e : v)\ns = 0.5 * s * t + e;\nreturn "
      "s;\n}\n"
      "void step(double t) override { v.push_back(0.3 * t * v[0]); }\n};\n"
      "struct zq_W# : zq_H# {\nstd::unique_ptr<zq_V#> l, r;\nstd::optional<double> k;\n"
      "zq_W#(std::unique_ptr<zq_V#> a, std::unique_ptr<zq_V#> b) : l(std::move(a)), r(std::move(b)) {}\n"
      "double f(double t) const override { return l->f(t) * (k ? *k : 0.5) + 0.4 * r->f(0.5 * t); }\n"
      "void step(double t) override {\nif (t > 0)\nk = 0.2 * t;\nstd::swap(l, r);\n}\n};\n"
      "struct zq_C# {\ndouble r;\ndouble f() const { return std::sin(r); }\n};\n"
      "struct zq_D# {\ndouble a, b;\ndouble f() const { return 0.5 * a * b; }\n};\n"
      "template <class... F> struct zq_O# : F... {\nusing F::operator()...;\n};\n"
      "struct zq_G# {\ndouble &x;\ndouble k;\nzq_G#(double &a, double b) : x(a), k(b) { x = 0.5 * x + 0.1 * "
      "k; }\n"
      "~zq_G#() { x = std::tanh(x + k); }\n};\n"
      "struct zq_K# {\ndouble v;\nexplicit zq_K#(double x) : v(x) {}\nzq_K#(const zq_K# &o) : v(0.9 * o.v + "
      "0.1) {}\n"
      "zq_K# &operator=(const zq_K# &o) {\nv = 0.5 * v + 0.4 * o.v;\nreturn *this;\n}\n};\n"
      "struct zq_E# {\ndouble v;\nint n;\n};\n"
      "static double zq_t#(double x, int n) {\nif (x > 0.4)\nthrow zq_E#{0.5 * x, n};\nreturn x + 0.1 * "
      "n;\n}\n"
      "static double zq_p#(double t) { return std::sin(2 * t) + 0.1 * t; }\n"
      "static double zq_q#(double t) { return 1 / (1 + t * t); }\n"
      "static double zq_u# = 0, zq_w#[2] = {0, 0};\n"
      "static void zq_a#(double x) { zq_u# = 0.7 * zq_u# + std::sin(x); }\n"
      "static double zq_r#() { return zq_u# * zq_w#[1]; }\n";
  top_.push_back(make(Node::Place, numbered(text, number_)));
  if (draws_matrices())
    make_matrices();
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

/// A hierarchy of classes that hold vectors, smart pointers and optionals.
Ref Gen::owner_idiom(Ref to) {
  row("dispatch.owning_classes");
  row("smart.member");
  row("optional.member");
  return make(
      Node::Stmt,
      numbered("{\nstd::unique_ptr<zq_V#> zq_a = std::make_unique<zq_V#>(std::vector<double>{double(@), "
               "double(@)});\n"
               "std::unique_ptr<zq_V#> zq_b = std::make_unique<zq_V#>(std::vector<double>(2, @));\n"
               "zq_W# zq_w(std::move(zq_a), std::move(zq_b));\nzq_H# &zq_h = zq_w;\ndouble zq_s = @;\n"
               "for (int zq_i = 0; zq_i < 3; ++zq_i) {\nzq_s = std::tanh(zq_h.f(zq_s));\n"
               "zq_w.l->step(zq_s);\nzq_h.step(zq_s - 0.2);\n}\n@ = zq_s;\n}",
               number_),
      {value(1, 1), value(1, 1), read(), read(), to});
}

/// A variant that changes what it holds, visited.
Ref Gen::variant_idiom(Ref to) {
  row("variant.local");
  row("variant.visit");
  return make(
      Node::Stmt,
      numbered(
          "{\nstd::variant<zq_C#, zq_D#, double> zq_v = zq_C#{double(@)};\ndouble zq_s = @;\n"
          "for (int zq_i = 0; zq_i < 4; ++zq_i) {\n"
          "zq_s += std::visit(zq_O#{[&](const zq_C# &zq_e) { return zq_e.f() * zq_s; }, "
          "[](const zq_D# &zq_e) { return zq_e.f(); }, [](double zq_t) { return 0.3 * zq_t; }}, zq_v);\n"
          "if (zq_i == 1)\nzq_v = zq_D#{zq_s, double(@)};\nelse if (zq_i == 2)\nzq_v = double(@ * zq_s);\n"
          "if (auto *zq_p = std::get_if<1>(&zq_v))\nzq_p->a *= 0.5;\n}\n"
          "zq_s += zq_v.index() + (std::holds_alternative<zq_C#>(zq_v) ? 1 : 0);\n@ = std::tanh(zq_s);\n}",
          number_),
      {value(1, 1), read(), value(1, 1), read(), to});
}

/// Destructors and copies that do something, in loops that are left.
Ref Gen::guard_idiom(Ref to) {
  row("struct.destructor");
  row("struct.own_copying");
  return make(Node::Stmt,
              numbered("{\ndouble zq_s = @;\nzq_K# zq_k(@);\nfor (int zq_i = 0; zq_i < 4; ++zq_i) {\n"
                       "zq_G# zq_g(zq_s, zq_k.v);\nif (@)\ncontinue;\nzq_K# zq_c = zq_k;\nzq_k = zq_c;\n"
                       "zq_G# zq_h(zq_k.v, 0.3 * @);\nif (zq_i == 2)\nbreak;\nzq_s += 0.2 * zq_c.v;\n}\n"
                       "@ = zq_s * zq_k.v;\n}",
                       number_),
              {value(1, 1), value(1, 1), condition(1), read(), to});
}

/// Exceptions that are thrown by a function and here, and caught.
Ref Gen::try_idiom(Ref to) {
  row("exception.try");
  return make(Node::Stmt,
              numbered("{\ndouble zq_s = @;\nfor (int zq_i = 0; zq_i < 4; ++zq_i) {\ntry {\n"
                       "zq_G# zq_g(zq_s, 0.5);\nif (@)\nthrow zq_i;\nzq_s = zq_t#(zq_s, zq_i);\nzq_s *= @;\n"
                       "} catch (const zq_E# &zq_e) {\nzq_s -= zq_e.v * zq_e.n;\n} catch (int zq_n) {\n"
                       "zq_s += 0.1 * zq_n;\n}\nzq_s = std::tanh(zq_s);\n}\n@ = zq_s;\n}",
                       number_),
              {value(1, 1), condition(1), read(), to});
}

/// std::function objects in a vector, and one that is assigned again.
Ref Gen::function_idiom(Ref to) {
  row("dispatch.stored_function");
  return make(
      Node::Stmt,
      numbered(
          "{\nconst double zq_k = @;\nstd::vector<std::function<double(double)>> zq_f;\n"
          "zq_f.push_back([zq_k](double zq_t) { return std::sin(zq_t * zq_k); });\nzq_f.push_back(zq_p#);\n"
          "std::function<double(double)> zq_g = zq_f[0];\ndouble zq_s = @;\n"
          "for (int zq_i = 0; zq_i < 4; ++zq_i) {\nzq_s = zq_f[zq_i % 2](zq_s) + 0.5 * zq_g(zq_k);\n"
          "if (zq_i == 1)\nzq_g = [&](double zq_t) { return zq_t * zq_s; };\n"
          "if (zq_i == 2)\nzq_g = zq_q#;\n}\n@ = std::tanh(zq_s);\n}",
          number_),
      {value(1, 1), read(), to});
}

/// Containers whose elements keep their addresses.
Ref Gen::chain_idiom(Ref to) {
  row("chain.deque");
  row("chain.list");
  row("chain.map");
  return make(
      Node::Stmt,
      numbered(
          "{\nstd::map<int, double> zq_m{{3, double(@)}, {1, double(@)}};\nstd::deque<double> "
          "zq_d;\nstd::list<zq_C#> zq_l;\n"
          "double zq_s = @;\nfor (int zq_i = 0; zq_i < 5; ++zq_i) {\nzq_m[zq_i * 3 % 4] += 0.3 * zq_s;\n"
          "zq_d.push_back(zq_s * zq_m.begin()->second);\nzq_l.push_front(zq_C#{0.5 * zq_s});\n"
          "if (zq_d.size() > 3)\nzq_d.pop_front();\nif (@)\ncontinue;\n"
          "if (auto zq_p = zq_m.find(zq_i); zq_p != zq_m.end()) {\nzq_s += zq_p->second * zq_d.back();\n"
          "zq_m.erase(zq_p);\n}\nzq_l.back().r += zq_d.front();\nzq_s = std::tanh(zq_s);\n}\n"
          "for (auto &[zq_k, zq_v] : zq_m)\nzq_s += 0.1 * zq_k * zq_v;\n"
          "for (const zq_C# &zq_c : zq_l)\nzq_s = 0.5 * zq_s + zq_c.f();\n"
          "std::deque<double> zq_e = zq_d;\nzq_e[0] *= zq_s;\n@ = std::tanh(zq_s + zq_e[0] * zq_d[0]);\n}",
          number_),
      {read(), read(), value(1, 1), condition(1), to});
}

/// Strings as keys, lists and deques that are put into order, lists that take elements from others.
Ref Gen::order_idiom(Ref to) {
  row("chain.text_keys");
  row("chain.order");
  row("optional.local");
  return make(
      Node::Stmt,
      numbered(
          "{\nstd::map<std::string, double> zq_m{{\"a\", double(@)}, {\"b\", 0.5}};\nstd::list<double> "
          "zq_l{0.2, double(@)}, "
          "zq_n;\n"
          "std::deque<double> zq_d;\nstd::optional<std::vector<double>> zq_o;\ndouble zq_s = @;\n"
          "for (int zq_i = 0; zq_i < 4; ++zq_i) {\nif (zq_i % 2)\nzq_m[\"b\"] += 0.3 * "
          "zq_s;\nelse\nzq_m[\"c\"] = zq_s;\n"
          "zq_l.push_back(zq_s * zq_m.at(\"a\"));\nzq_n.push_front(0.7 * zq_s);\nzq_d.push_back(zq_l.front() "
          "+ zq_s);\n"
          "if (@)\nzq_l.sort();\nelse\nzq_l.reverse();\nzq_l.front() *= 0.9;\n"
          "if (zq_i == 1)\nzq_l.splice(zq_l.begin(), zq_n);\n"
          "if (zq_i == 2)\nstd::sort(zq_d.begin(), zq_d.end(), [](double zq_x, double zq_y) { return zq_x > "
          "zq_y; });\n"
          "if (!zq_o)\nzq_o.emplace(2, zq_s);\nelse\nzq_o->push_back(zq_d.front() * zq_o->back());\n"
          "zq_s = std::tanh(zq_l.back() + zq_s);\n}\nzq_l.remove_if([&](double zq_x) { return zq_x < 0; });\n"
          "for (auto &[zq_k, zq_v] : zq_m)\nzq_s += zq_v * (zq_k == \"b\" ? 0.3 : 0.1);\n"
          "zq_n.sort();\nzq_l.sort();\nzq_l.merge(zq_n);\ndouble zq_w = 0.1;\nfor (double zq_x : zq_l)\n"
          "zq_s += (zq_w *= 0.8) * zq_x;\nfor (double zq_x : zq_o.value_or(std::vector<double>{}))\nzq_s -= "
          "0.1 * zq_x;\n"
          "@ = std::tanh(zq_s + zq_d[0] * zq_d.back());\n}",
          number_),
      {read(), read(), value(1, 1), condition(1), to});
}

/// A global that a function writes, and one that is written here.
Ref Gen::global_idiom(Ref to) {
  row("global.written");
  return make(Node::Stmt,
              numbered("{\nzq_u# = @;\nzq_w#[1] = 0.5;\nfor (int zq_i = 0; zq_i < 3; ++zq_i) {\nzq_a#(@);\n"
                       "zq_w#[zq_i % 2] = std::tanh(zq_u# * zq_w#[1]);\nif (@)\nzq_u# *= 0.5;\n}\n"
                       "@ = std::tanh(zq_u# + zq_w#[0] + zq_r#());\n}",
                       number_),
              {value(1, 1), read(), condition(1), to});
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
  if (draws_matrices() && r_.chance(60)) {
    s = matrix_idiom(to);
    quiet_ = false;
    return s;
  }
  switch (r_.in(0, 11)) {
  case 0:
    s = virtual_idiom(to);
    break;
  case 1:
    s = lambda_idiom(to);
    break;
  case 2:
    s = vector_idiom(to);
    break;
  case 3:
    s = pointer_idiom(to);
    break;
  case 4:
    s = owner_idiom(to);
    break;
  case 5:
    s = variant_idiom(to);
    break;
  case 6:
    s = guard_idiom(to);
    break;
  case 7:
    s = try_idiom(to);
    break;
  case 8:
    s = chain_idiom(to);
    break;
  case 9:
    s = global_idiom(to);
    break;
  case 10:
    s = order_idiom(to);
    break;
  default:
    s = function_idiom(to);
  }
  quiet_ = false;
  return s;
}

} // namespace fuzz
