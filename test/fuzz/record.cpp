// Structs: declared, copied, assigned, filled.
#include "gen.h"

namespace fuzz {

/// {@, {@, @}, 1}: values for all members.
Ref Gen::record_initialiser(const Struct &s, bool acc) {
  std::vector<Ref> kids;
  std::string form = "{";
  for (const auto &f : s.fields) {
    form += form.size() > 1 ? ", " : "";
    if (f.sub) {
      kids.push_back(record_initialiser(*f.sub, acc));
      form += "@";
    } else if (!is_real(f.ty)) {
      form += "1";
    } else if (f.n == 0) {
      kids.push_back(value_of(f.ty, 1, 2));
      form += "@";
    } else {
      for (int i = 0; i < f.n; ++i) {
        kids.push_back(value_of(f.ty, 1, 2));
        form += i ? ", @" : "{@";
      }
      form += "}";
    }
  }
  return make(Node::Place, form + "}", kids);
}

/// Something of type `s`: a variable, an element, a call, a braced value.
Ref Gen::record_source(const Struct &s, bool write, bool want_lvalue) {
  auto vars = visible([&](const Var &v) { return v.s == &s && (!write || v.writable) && usable(v); });
  if (!want_lvalue && r_.chance(40)) {
    const Function *f =
        callable([&](const Function &g) { return g.result == Function::Record && g.s == &s; });
    if (f) {
      Ref c = call(*f, true);
      if (c) {
        row("call.returns_struct");
        return c;
      }
    }
  }
  if (vars.empty() || (!want_lvalue && r_.chance(20))) {
    if (want_lvalue)
      return {};
    row("struct.braced_value");
    return make(Node::Place, s.name + "@", {record_initialiser(s, false)});
  }
  Var *v = r_.pick(vars);
  mentioned_.insert(key(*v));
  if (v->shape == Var::RecordArray)
    return make(Node::Place, v->name + "[@]", {index(v->n)});
  if (v->shape == Var::Carried)
    return v->n > 1 ? make(Node::Place, carried_element(*v, v->name, "@"), {index(v->n)})
                    : make(Node::Place, carried_element(*v, v->name, ""));
  return make(Node::Place, v->shape == Var::RecordPointer ? "(*" + v->name + ")" : v->name);
}

Ref Gen::record_declaration() {
  const Struct &s = structs_[std::size_t(r_.in(0, int(structs_.size()) - 1))];
  Var *v = declare_name("s");
  v->s = &s, v->memory = true, v->acc = number_ & 1;
  v->shape = Var::Record;
  Ref n;
  switch (r_.in(0, 5)) {
  case 0: {
    row("struct.array_of");
    Ref a = record_initialiser(s, false), b = record_source(s, false, false);
    v->shape = Var::RecordArray, v->n = 2, v->object = true;
    n = make(Node::Stmt, s.name + " " + v->name + "[2] = {@, @};", {a, b});
    break;
  }
  case 1:
    row("struct.copied");
    n = make(Node::Stmt, s.name + " " + v->name + " = @;", {record_source(s, false, false)});
    break;
  case 2: {
    Ref target = record_source(s, true, true);
    if (target) {
      row("struct.reference");
      n = make(Node::Stmt, s.name + " &" + v->name + " = @;", {target});
      break;
    }
    [[fallthrough]];
  }
  case 3: {
    Ref target = record_source(s, true, true);
    if (target && r_.chance(70)) {
      row("struct.pointer");
      v->shape = Var::RecordPointer, v->n = 1;
      n = make(Node::Stmt, s.name + " *" + v->name + " = &@;", {target});
      break;
    }
    [[fallthrough]];
  }
  case 4:
    row("struct.zeroed");
    n = make(Node::Stmt, s.name + " " + v->name + "{};");
    break;
  default:
    row("struct.local");
    n = make(Node::Stmt, s.name + " " + v->name + (r_.chance(50) ? " = @;" : "@;"),
             {record_initialiser(s, false)});
  }
  v->ready = true;
  return n;
}

Ref Gen::record_statement() {
  if (structs_.empty())
    return array_declaration();
  if (r_.chance(40))
    return record_declaration();
  const Struct &s = structs_[std::size_t(r_.in(0, int(structs_.size()) - 1))];
  Ref to = record_source(s, true, true);
  if (!to)
    return record_declaration();
  if (r_.chance(12)) {
    Ref other = record_source(s, true, true);
    if (other) {
      row("library.swap");
      return make(Node::Stmt, "std::swap(@, @);", {to, other});
    }
  }
  row("struct.assigned");
  return make(Node::Stmt, "@ = @;", {to, record_source(s, false, false)});
}

} // namespace fuzz
