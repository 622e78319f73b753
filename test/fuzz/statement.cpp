// Statements without loops, memory and calls: assignments, declarations, if, switch, jumps.
#include "gen.h"

namespace fuzz {

/// Draws up to `n` statements in a scope of their own.
Ref Gen::body(int n) {
  scopes_.emplace_back();
  Ref b = block();
  for (int i = 0; i < n && budget_ > 0; ++i) {
    Ref s = statement();
    if (s)
      b->kids.push_back(s), b->text.push_back("");
  }
  scopes_.pop_back();
  return b;
}

Ref Gen::statement() {
  begin();
  --budget_;
  cost_ += trips_;
  int way = r_.in(0, 99);
  if (way < 19)
    return assignment();
  if (way < 33)
    return compound();
  if (way < 37)
    return chained();
  if (way < 40)
    return choice_lvalue();
  if (way < 49)
    return declaration();
  if (way < 58 && depth_ < 3)
    return if_statement();
  if (way < 69 && depth_ < 3)
    return loop();
  if (way < 72 && depth_ < 3)
    return switch_statement();
  if (way < 74)
    return int_statement();
  if (way < 75 && depth_ < 3)
    return scope_block();
  if (way < 77)
    return passing_through();
  if (way < 80)
    return jump();
  if (way < 83 || (way < 87 && depth_ < 3 && has_carriers_))
    if (Ref s = has_carriers_ && r_.chance(60) ? carrier_statement() : Ref())
      return s;
  if (way < 83)
    return idiom();
  if (way < 92)
    return memory_statement();
  return call_statement();
}

Ref Gen::assignment() {
  if (!structs_.empty() && r_.chance(12))
    return record_statement();
  Ref p = place(true);
  if (!p)
    return declaration();
  if (r_.chance(30)) { // keeps part of the old value
    row("assignment.simple");
    Ref q = make(Node::Expr, "@", {p}, p->ty, p->bound);
    return make(Node::Stmt, r_.chance(50) ? "@ = @ * @ + @;" : "@ = @ - @ * @;",
                {p, q, value(2, 0.6), value(2, 1)});
  }
  row("assignment.simple");
  return make(Node::Stmt, "@ = @;", {p, value(3, p->bound > 10 ? 4 : 2)});
}

Ref Gen::compound() {
  Ref p = place(true);
  if (!p)
    return declaration();
  bool acc = p->bound > 10;
  row("assignment.compound");
  switch (r_.in(0, acc ? 9 : 5)) {
  case 0:
    return make(Node::Stmt, "@ *= @;", {p, value(2, 1)});
  case 1:
    return make(Node::Stmt, "@ /= @;", {p, fit(positive(1), 6)});
  case 2:
    if (acc || trips_ > 1)
      return make(Node::Stmt, "@ *= @;", {p, value(2, 1)});
    return make(Node::Stmt, "@ += @;", {p, value(2, 0.5)});
  case 3: {
    Ref q = make(Node::Expr, "@", {p}, p->ty, 2);
    return make(Node::Stmt, "@ = @ * @ + @;", {p, q, value(1, 0.5), value(2, 1)});
  }
  case 4:
    return make(Node::Stmt, "@ -= @ * @;", {p, literal(p->ty, 0.1, 0.9), make(Node::Expr, "@", {p}, p->ty)});
  case 5:
    return make(Node::Stmt, "@ *= @;", {p, value(3, 1)});
  case 6:
    row("assignment.increment");
    return make(Node::Stmt, r_.one_of({"(@)++;", "--@;", "++@;"}), {p});
  case 7:
    return make(Node::Stmt, "@ -= @;", {p, value(3, 4)});
  default:
    return make(Node::Stmt, "@ += @;", {p, value(3, 4)});
  }
}

/// v = w = e; v += w *= e; (v = e) += e2
Ref Gen::chained() {
  Ref p = place(true, true, [](const Var &) { return true; });
  if (!p)
    return declaration();
  Ref q = place(true, true, [&](const Var &v) { return !v.memory; });
  row("assignment.chained");
  if (!q || r_.chance(25)) {
    if (p->bound > 10)
      return make(Node::Stmt, "(@ = @) += @;", {p, value(2, 2), value(1, 2)});
    return make(Node::Stmt, "(@ = @) *= @;", {p, value(2, 2), value(1, 1)});
  }
  if (p->bound > 10 && r_.chance(50)) {
    Ref inner = make(Node::Expr, r_.chance(50) ? "@ = @" : "@ *= @", {q, value(2, 1)}, q->ty);
    return make(Node::Stmt, q->bound > 10 ? "@ = 0.1 * (@);" : "@ += @;", {p, inner});
  }
  return make(Node::Stmt, "@ = @ = @;", {p, q, value(2, 2)});
}

/// (c ? v : w) = e;
Ref Gen::choice_lvalue() {
  auto all = [](const Var &) { return true; };
  Ref p = place(true, false, all);
  if (!p)
    return declaration();
  for (int i = 0; i < 6; ++i) {
    Ref q = place(true, false, all);
    if (!q || q->ty != p->ty || (q->bound > 10) != (p->bound > 10))
      continue;
    row("assignment.conditional_lvalue");
    bool was = quiet_;
    quiet_ = true;
    Ref c = condition(1);
    quiet_ = was;
    return make(Node::Stmt, r_.chance(50) ? "(@ ? @ : @) = @;" : "(@ ? @ : @) *= @;", {c, p, q, value(2, 1)});
  }
  return compound();
}

Ref Gen::declaration() {
  if (r_.chance(18))
    return several_declarators();
  if (r_.chance(18))
    return reference();
  Ty t = pick_real();
  Var *v = declare_name(r_.one_of({"u", "v", "w", "s", "q"}));
  v->ty = t;
  v->acc = r_.chance(40);
  row("declaration.real");
  std::string name = v->name, type = spell(t);
  Ref s;
  int way = r_.in(0, 9);
  if (way == 0) {
    row("declaration.later_initialised");
    Ref a = value(2, 2);
    begin();
    bool was = quiet_;
    quiet_ = true;
    Ref c = condition(1);
    quiet_ = was;
    s = make(Node::Stmt, type + " " + name + ";\nif (@)\n" + name + " = @;\nelse\n" + name + " = @;",
             {c, a, value(2, 2)});
  } else if (way == 1) {
    v->writable = false;
    row("declaration.const");
    s = make(Node::Stmt, "const " + type + " " + name + " = @;", {value(3, v->acc ? 4 : 2)});
  } else if (way == 2) {
    row("declaration.auto");
    Ref e = value_of(t, 2, 2);
    s = make(Node::Stmt, "auto " + name + " = @ * " + spell(t) + "(@);",
             {make(Node::Expr,
                   "0.5" + std::string(t == Ty::F   ? "f"
                                       : t == Ty::L ? "L"
                                                    : ""),
                   {}, t),
              e});
    if (t == Ty::L)
      s->text[1] = " * (long double)(";
  } else if (way == 3) {
    row("declaration.direct_initialised");
    s = make(Node::Stmt, type + " " + name + (r_.chance(50) ? "{@};" : "(0 + @);"), {value_of(t, 3, 2)});
  } else if (way == 4 && v->acc) {
    s = make(Node::Stmt, type + " " + name + " = 0;");
  } else {
    s = make(Node::Stmt, type + " " + name + " = @;", {value(3, v->acc ? 4 : 2)});
  }
  v->ready = true;
  return s;
}

Ref Gen::several_declarators() {
  row("declaration.several");
  Ty t = pick_real();
  std::string type = spell(t);
  Var *a = declare_name("u");
  a->ty = t;
  Ref first = value(2, 2);
  a->ready = true;
  Var *b = declare_name("w");
  b->ty = t;
  b->acc = r_.chance(40);
  Ref second = value(2, 2);
  if (r_.chance(30)) { // double u = e, *w = &u;
    row("pointer.address_of");
    a->memory = true;
    b->shape = Var::Array, b->n = 1, b->memory = true, b->acc = false;
    b->ready = true;
    return make(Node::Stmt, type + " " + a->name + " = @, *" + b->name + " = &" + a->name + ";", {first});
  }
  b->ready = true;
  return make(Node::Stmt, type + " " + a->name + " = @, " + b->name + " = @;", {first, second});
}

/// double &r = v; const double &c = a[i];
Ref Gen::reference() {
  auto vars = visible([&](const Var &v) { return (is_real(v.ty) || v.s) && v.memory; });
  if (vars.empty())
    return declaration();
  Var *target = r_.pick(vars);
  Var *v = declare_name("r", false);
  if (target->ready == false)
    return {};
  mentioned_.insert(key(*target));
  Ref p = element(*target, true);
  v->ty = p->ty;
  v->acc = target->acc;
  v->memory = true;
  v->writable = target->writable && r_.chance(85);
  row(v->writable ? "reference.local" : "reference.local_const");
  v->ready = true;
  return make(Node::Stmt, std::string(v->writable ? "" : "const ") + spell(p->ty) + " &" + v->name + " = @;",
              {p});
}

/// Declares or changes an integer.
Ref Gen::int_statement() {
  auto vars = visible(
      [&](const Var &v) { return v.shape == Var::Scalar && !is_real(v.ty) && !v.pinned && v.writable; });
  if (!vars.empty() && r_.chance(45)) {
    Var *v = r_.pick(vars);
    row("integer.assignment");
    std::string n = v->name;
    if (v->ty == Ty::Bool)
      return make(Node::Stmt, n + " = @;", {condition(1)});
    if (v->lo < 0 || v->hi > 3)
      return make(Node::Stmt, n + " = " + std::to_string(v->hi) + ";");
    mentioned_.insert(key(*v));
    switch (r_.in(0, 3)) {
    case 0:
      return make(Node::Stmt, n + " = (" + n + " + 1) % " + std::to_string(v->hi + 1) + ";");
    case 1:
      return make(Node::Stmt, n + " = @;", {comparison(1)});
    case 2:
      return make(Node::Stmt, "if (" + n + " > 0)\n" + n + "--;");
    default:
      return make(Node::Stmt, n + " = " + std::to_string(r_.in(0, v->hi)) + ";");
    }
  }
  return int_declaration();
}

Ref Gen::int_declaration() {
  int lo = 0, hi = 0;
  Ref e = integer(2, lo, hi);
  Var *v = declare_name("k", false);
  v->lo = lo, v->hi = hi;
  v->ty = Ty::Int;
  Ref s;
  switch (r_.in(0, 5)) {
  case 0:
    row("scalar.int_cast");
    v->lo = 0, v->hi = 2;
    s = make(Node::Stmt, "int " + v->name + " = WHOLE(@);",
             {make(Node::Expr, "1.4 + @", {named("sin", real(1), 1)})});
    break;
  case 1:
    row("scalar.unsigned");
    v->ty = Ty::Unsigned, v->lo = 0, v->hi = 2;
    s = make(Node::Stmt, "unsigned " + v->name + " = static_cast<unsigned>(@) % 3u;", {e});
    break;
  case 2:
    row("scalar.bool");
    v->ty = Ty::Bool, v->lo = 0, v->hi = 1;
    s = make(Node::Stmt, "bool " + v->name + " = @;", {condition(1)});
    break;
  case 3:
    row("scalar.long");
    v->ty = Ty::Long;
    s = make(Node::Stmt, "long " + v->name + " = @;", {e});
    break;
  case 4:
    row("scalar.char");
    v->ty = Ty::Char, v->lo = 0, v->hi = 2;
    s = make(Node::Stmt, "char " + v->name + " = (char)(@ & 1);", {e});
    break;
  default:
    row("scalar.int");
    s = make(Node::Stmt, "int " + v->name + " = @;", {e});
  }
  v->ready = true;
  return s;
}

Ref Gen::if_parts(Ref c) {
  ++depth_;
  Ref yes = body(r_.in(1, 3)), s;
  if (r_.chance(50)) {
    row("control.if");
    s = make(Node::Stmt, "if (@) {\n@}", {c, yes});
  } else if (r_.chance(70)) {
    row("control.if_else");
    s = make(Node::Stmt, "if (@) {\n@} else {\n@}", {c, yes, body(r_.in(1, 3))});
  } else {
    row("control.else_if");
    begin();
    Ref second = condition(1);
    s = make(Node::Stmt, "if (@) {\n@} else if (@) {\n@} else {\n@}",
             {c, yes, second, body(1), body(r_.in(1, 2))});
  }
  --depth_;
  return s;
}

Ref Gen::if_statement() {
  if (r_.chance(8)) { // if (double t = e; t > c)
    row("control.if_initialiser");
    scopes_.emplace_back();
    Var *v = declare_name("u");
    v->ty = pick_real();
    Ref e = value(2, 2);
    v->ready = true;
    Ref rest = if_parts(make(Node::Index, v->name + " > @", {literal(v->ty, -0.3, 1)}, Ty::Bool));
    scopes_.pop_back();
    rest->text[0] = "if (" + std::string(spell(v->ty)) + " " + v->name + " = @; ";
    std::size_t at = rest->text[0].find('@');
    std::string before = rest->text[0].substr(0, at), after = rest->text[0].substr(at + 1);
    rest->text[0] = after;
    rest->text.insert(rest->text.begin(), before);
    rest->kids.insert(rest->kids.begin(), e);
    return rest;
  }
  return if_parts(condition(2));
}

Ref Gen::switch_statement() {
  int lo = 0, hi = 0;
  Ref k = integer(2, lo, hi);
  std::string head = lo >= 0 ? "switch (@ % 4) {\n" : "switch (@ & 3) {\n";
  if (r_.chance(20) || k->text[0].find_first_not_of("0123456789") == std::string::npos) {
    k = make(Node::Index, "(int)(@)", {make(Node::Expr, "2.1 + 1.9 * @", {named("sin", real(1), 1)})},
             Ty::Int);
    head = "switch (@) {\n";
  }
  row("control.switch");
  ++depth_, ++switches_;
  std::vector<Ref> kids = {k};
  std::string form = head;
  int cases = r_.in(2, 4), fallback = r_.in(0, 5);
  for (int c = 0; c < cases; ++c) {
    if (c == fallback)
      form += "default:\n", row("control.switch_default_anywhere");
    form += "case " + std::to_string(c) + ":\n";
    if (r_.chance(10)) {
      row("control.switch_fall_through");
      continue;
    }
    form += "{\n@}\n";
    kids.push_back(body(r_.in(1, 2)));
    if (r_.chance(65))
      form += "break;\n";
    else
      row("control.switch_fall_through");
  }
  if (fallback >= cases && r_.chance(60)) {
    form += "default: {\n@}\n";
    kids.push_back(body(1));
  }
  --depth_, --switches_;
  return make(Node::Stmt, form + "break;\n}", kids);
}

Ref Gen::scope_block() {
  row("scope.block");
  ++depth_;
  Ref b = make(Node::Stmt, "{\n@}", {body(r_.in(2, 4))});
  --depth_;
  return b;
}

Ref Gen::passing_through() {
  quiet_ = true;
  Ref s;
  if (r_.chance(45)) {
    row("passing.printf");
    s = make(Node::Stmt, "if (@ > 1e9)\nprintf(\"# %g\\n\", @);", {read(), cast_real(read(), Ty::D)});
  } else {
    row("passing.assert");
    s = make(Node::Stmt, "assert(@ < 1e9);", {read()});
  }
  quiet_ = false;
  return s;
}

Ref Gen::result_statement() {
  begin();
  switch (self_->result) {
  case Function::None:
    return make(Node::Stmt, "return;");
  case Function::Real:
    return make(Node::Stmt, "return @;", {value(2, 2)});
  case Function::Integer:
    return make(Node::Stmt, "return @;", {condition(1)});
  case Function::Record: {
    Ref s = record_source(*self_->s, false, false);
    return make(Node::Stmt, "return @;", {s});
  }
  }
  return {};
}

/// The value returned in the end depends on several variables, so that little of the program is dead.
Ref Gen::main_result() {
  Ref sum = value(2, 2);
  for (int i = r_.in(1, 3); i > 0; --i) {
    Ref p = read();
    sum = make(Node::Expr, r_.chance(50) ? "@ + @ * @" : "@ - @ * @", {sum, p, value(1, 2)},
               common(sum->ty, p->ty), 4);
  }
  return make(Node::Stmt, "return @;", {sum});
}

/// break, continue, return: mostly under a condition.
Ref Gen::jump() {
  bool in_loop = loops_ > 0;
  int way = r_.in(0, 2);
  Ref leave;
  if (way == 0 && in_loop) {
    row("control.continue");
    leave = make(Node::Stmt, "continue;");
  } else if (way == 1 && in_loop && switches_ == 0) {
    row("control.break");
    leave = make(Node::Stmt, "break;");
  } else if (may_return()) {
    leave = result_statement();
    row(in_loop ? "control.return_in_loop" : "control.early_return");
  }
  if (!leave)
    return compound();
  begin();
  if (depth_ > 0 && r_.chance(7)) {
    row("control.dead_code");
    begin();
    scopes_.emplace_back();
    Ref dead = compound();
    scopes_.pop_back();
    return make(Node::Stmt, "{\n@@}", {block({leave}), block({dead})});
  }
  return make(Node::Stmt, r_.chance(60) ? "if (@) {\n@}" : "if (@)\n@", {condition(1), block({leave})});
}

} // namespace fuzz
