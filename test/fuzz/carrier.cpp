// Parameters that carry reals inside a class template's object: containers, smart pointers, optional, variant.
#include "gen.h"

namespace fuzz {

namespace {

constexpr const char *in_vector = "container.passed", *in_chain = "chain.passed", *in_owner = "smart.passed",
                     *in_choice = "optional.passed";

/// type, pass, init, element, n, writable, is_range, has_records, row
const Carrier carriers[] = {
    {"std::vector<%>", " &", "(3)", "#[$]", 3, true, true, false, in_vector},
    {"std::vector<%>", "const", "(3)", "#[$]", 3, false, true, false, in_vector},
    {"std::vector<%>", " ", "(2)", "#[$]", 2, true, true, false, in_vector},
    {"std::array<%, 3>", " &", "{}", "#[$]", 3, true, true, false, in_vector},
    {"std::vector<std::vector<%>>", " &", "(2, std::vector<%>(2))", "#[$][1]", 2, true, false, false,
     in_vector},
    {"std::vector<%>", " &", "(2)", "#[$]", 2, true, true, true, in_vector},
    {"std::deque<%>", " &", "(3)", "#[$]", 3, true, true, false, in_chain},
    {"std::map<int, %>", " &", "{{0, 0.5}, {1, 0.5}}", "#[$]", 2, true, false, false, in_chain},
    {"std::map<int, %>", "const", "{{0, 0.5}, {1, 0.5}}", "#.at($)", 2, false, false, false, in_chain},
    {"std::list<%>", " &", "(2)", "#.front()", 1, true, true, false, in_chain},
    {"std::unique_ptr<%>", " &", " = std::make_unique<%>()", "(*#)", 1, true, false, false, in_owner},
    {"std::unique_ptr<%>", "const", " = std::make_unique<%>()", "(*#)", 1, true, false, true, in_owner},
    {"std::unique_ptr<%[]>", " &", " = std::make_unique<%[]>(3)", "#[$]", 3, true, false, false, in_owner},
    {"std::shared_ptr<%>", " ", " = std::make_shared<%>()", "(*#)", 1, true, false, false, in_owner},
    {"std::optional<%>", " &", " = 0.5", "(*#)", 1, true, false, false, in_choice},
    {"std::optional<%>", " ", " = 0.5", "#.value()", 1, true, false, false, in_choice},
    {"std::variant<int, %>", " &", "(std::in_place_index<1>)", "std::get<1>(#)", 1, true, false, false,
     in_choice},
};

std::string filled(std::string text, char hole, const std::string &with) {
  for (std::size_t at = 0; (at = text.find(hole, at)) != std::string::npos; at += with.size())
    text.replace(at, 1, with);
  return text;
}

/// Statements over a whole object; '@': a value.
std::vector<const char *> forms(const Carrier &c) {
  std::string type = c.type;
  if (type == "std::vector<%>")
    return {"{\nstd::vector<%> zq_c = #;\nzq_c.push_back(@);\n#[0] = std::tanh(zq_c.back() * zq_c[1]);\n}",
            "{\nstd::vector<%> zq_c(#.begin(), #.end());\nzq_c[0] = @;\nstd::copy(zq_c.begin(), zq_c.end(), "
            "#.begin());\n}",
            "{\nconst auto &zq_c = #;\nfor (std::size_t zq_i = 0; zq_i + 1 < zq_c.size(); ++zq_i)\n"
            "#[zq_i] = std::tanh(zq_c[zq_i + 1] * @);\n}",
            "for (auto zq_i = #.begin(); zq_i != #.end(); ++zq_i)\n*zq_i = std::sin(*zq_i + #.front());",
            "std::reverse(#.begin(), #.end());",
            "#.back() = @;"};
  if (type == "std::deque<%>")
    return {"#.push_front(@);\n#.back() = std::tanh(#.front() * @);\n#.pop_front();",
            "#.push_back(@);\n#.front() = std::tanh(#.back() * #[1]);\n#.pop_back();",
            "for (auto &zq_e : #)\nzq_e = std::sin(zq_e + @);"};
  if (type == "std::map<int, %>" && c.writable)
    return {"for (auto &[zq_k, zq_v] : #)\nzq_v = std::tanh(zq_v * @ + zq_k);",
            "#[7] = @;\n#[0] = std::tanh(#[7] * #.at(1));\n#.erase(7);",
            "if (auto zq_p = #.find(1); zq_p != #.end())\nzq_p->second = std::sin(zq_p->second * @);"};
  if (type == "std::list<%>")
    return {"#.back() = std::sin(#.front() * @);",
            "#.push_front(@);\n#.back() = std::tanh(#.front() + #.back());\n#.pop_front();",
            "for (auto zq_i = #.begin(); zq_i != #.end(); ++zq_i)\n*zq_i = std::sin(*zq_i + @);"};
  if (type == "std::optional<%>")
    return {"# = std::tanh(#.value_or(0.5) * @);", "if (#)\n*# = std::sin(*# + @);"};
  if (type == "std::variant<int, %>")
    return {"if (auto *zq_p = std::get_if<1>(&#))\n*zq_p = std::sin(*zq_p * @);",
            "# = static_cast<%>(std::sin(std::get<1>(#) + @));"};
  if (c.row == in_owner && !c.has_records && c.n == 1)
    return {"if (#)\n*#.get() = std::sin(*# * @);", "{\n% &zq_r = *#;\nzq_r = std::tanh(zq_r + @);\n}"};
  return {};
}

} // namespace

std::string carried_type(const Var &v) { return filled(v.carrier->type, '%', v.s ? v.s->name : spell(v.ty)); }

std::string carried_object(const Var &v, const std::string &name, const std::string &real) {
  return filled(std::string(v.carrier->type) + " " + name + v.carrier->init + ";\n", '%', real);
}

std::string carried_element(const Var &v, const std::string &name, const std::string &subscript) {
  return filled(filled(v.carrier->element, '#', name), '$', subscript);
}

void Gen::carrier_param(Param &p, Var &v) {
  const Carrier *c = nullptr;
  while (!c || (c->has_records && structs_.empty()))
    c = &carriers[r_.in(0, int(std::size(carriers)) - 1)];
  row(c->row);
  v.shape = Var::Carried, v.carrier = c, v.n = c->n, v.object = c->is_range;
  v.name = fresh("q");
  if (c->has_records)
    v.s = &structs_[std::size_t(r_.in(0, int(structs_.size()) - 1))], v.acc = number_ & 1;
  v.writable = c->writable;
  const std::string pass = c->pass;
  p.declarator =
      pass == "const" ? "const " + carried_type(v) + " &" + v.name : carried_type(v) + pass + v.name;
}

/// Something that only whole containers and owners do.
Ref Gen::carrier_statement() {
  auto vars = visible([](const Var &v) { return v.shape == Var::Carried && v.writable && !v.s; });
  if (vars.empty())
    return {};
  Var *v = r_.pick(vars);
  const auto all = forms(*v->carrier);
  if (all.empty())
    return {};
  std::string form = filled(filled(r_.pick(all), '#', v->name), '%', spell(v->ty));
  std::vector<Ref> holes;
  quiet_ = true;
  for (char c : form)
    if (c == '@')
      holes.push_back(value(1, 1));
  quiet_ = false;
  cost_ += 4 * trips_;
  return make(Node::Stmt, form, holes);
}

} // namespace fuzz
