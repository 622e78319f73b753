// Arrays, pointers, the heap, library copies.
#include "gen.h"

namespace fuzz {

std::vector<Ref> Gen::values(Ty t, int n, double limit) {
  std::vector<Ref> v;
  for (int i = 0; i < n; ++i)
    v.push_back(fit(to(real(1), t), limit));
  return v;
}

Ref Gen::memory_statement() {
  if (r_.chance(25) && !visible([](const Var &v) { return v.seat; }).empty())
    return reseat();
  switch (r_.in(0, 15)) {
  case 0:
  case 1:
    return array_declaration();
  case 2:
    return matrix_declaration();
  case 3:
    return vla();
  case 4:
    return depth_ < 2 && loops_ < 2 ? heap(r_.in(2, 4)) : compound();
  case 5:
    return r_.chance(50) ? pointer_pair() : pointer_declaration();
  case 6:
    return reseat();
  case 7:
    return ping_pong();
  case 8:
    return pointer_pointer();
  case 9:
    return rows_declaration();
  case 10:
  case 11:
    return post_increment();
  case 12:
    return r_.chance(35) ? frexp_modf() : copied_array();
  case 13:
    return library();
  default:
    return record_statement();
  }
}

Ref Gen::array_declaration() {
  Ty t = pick_real();
  Var *v = declare_name("a");
  int n = r_.in(2, 4);
  v->ty = t, v->shape = Var::Array, v->n = n, v->memory = true, v->object = true, v->acc = r_.chance(40);
  row("array.fixed");
  std::string head =
      std::string(spell(t)) + " " + v->name + "[" + (r_.chance(15) ? "" : std::to_string(n)) + "] = ";
  std::vector<Ref> init;
  std::string list;
  int way = r_.in(0, 4);
  if (way == 0) {
    head = std::string(spell(t)) + " " + v->name + "[" + std::to_string(n) + "] = ", list = "{}",
    row("array.zeroed");
  } else {
    init = values(t, way == 1 ? r_.in(1, n) : n, 2);
    if (int(init.size()) < n)
      head = std::string(spell(t)) + " " + v->name + "[" + std::to_string(n) + "] = ",
      row("array.partly_initialised");
    for (std::size_t i = 0; i < init.size(); ++i)
      list += i ? ", @" : "{@";
    list += "}";
  }
  v->ready = true;
  return make(Node::Stmt, head + list + ";", init);
}

Ref Gen::matrix_declaration() {
  Ty t = pick_real();
  Var *v = declare_name("m");
  v->ty = t, v->shape = Var::Matrix, v->n = 2, v->m = r_.in(2, 3), v->memory = true, v->acc = r_.chance(40);
  row("array.many_dimensional");
  std::string size = "[2][" + std::to_string(v->m) + "]";
  auto init = values(t, 2 * v->m, 2);
  std::string list = "{{@";
  for (int i = 1; i < 2 * v->m; ++i)
    list += i == v->m ? "}, {@" : ", @";
  v->ready = true;
  return make(Node::Stmt, std::string(spell(t)) + " " + v->name + size + " = " + list + "}};", init);
}

/// double w[n + 2]; filled at once.
Ref Gen::vla() {
  auto sizes = visible([](const Var &v) {
    return v.shape == Var::Scalar && v.ty == Ty::Int && v.pinned && v.lo >= 0 && v.hi <= 5;
  });
  if (sizes.empty())
    return array_declaration();
  Var *size = r_.pick(sizes);
  Ty t = pick_real();
  int extra = std::max(2, size->hi - size->lo);
  scopes_.emplace_back();
  Var *i = declare_name("i", false);
  bool clash = i->name == size->name;
  i->ty = Ty::Int, i->pinned = true, i->ready = true, i->lo = 0, i->hi = size->hi + extra - 1;
  quiet_ = true;
  Ref e = value_of(t, 2, 2);
  quiet_ = false;
  std::string index = i->name;
  scopes_.pop_back();
  Var *v = declare_name("b", false);
  if (clash || v->name == size->name || v->name == index)
    return {};
  // the initialiser must not meet the name it is going to have
  if (print(e).find(v->name) != std::string::npos)
    return {};
  row("array.variable_length");
  v->ty = t, v->shape = Var::Array, v->n = size->lo + extra, v->memory = true, v->acc = r_.chance(40);
  v->ready = true;
  std::string n = size->name + " + " + std::to_string(extra);
  return make(Node::Stmt,
              std::string(spell(t)) + " " + v->name + "[" + n + "];\nfor (int " + index + " = 0; " + index +
                  " < " + n + "; ++" + index + ")\n" + v->name + "[" + index + "] = @;",
              {e});
}

Ref Gen::heap_body(const char *form, Var v, int rest) {
  scopes_.emplace_back();
  add(v);
  ++heap_, ++depth_;
  Ref b = body(rest);
  --heap_, --depth_;
  scopes_.pop_back();
  std::string text = form;
  for (std::size_t at; (at = text.find('$')) != std::string::npos;)
    text.replace(at, 1, v.name);
  for (std::size_t at; (at = text.find('#')) != std::string::npos;)
    text.replace(at, 1, spell(v.ty));
  std::vector<Ref> kids;
  std::string head = text.substr(0, text.find('~'));
  std::string tail = text.substr(text.find('~') + 1);
  begin();
  for (char c : head)
    if (c == '@')
      kids.push_back(value_of(v.ty, 1, 2));
  if (r_.chance(12) && self_->result == Function::Real && heap_ == 0) { // leaves early, and tidies up
    row("control.early_return");
    Ref c = condition(1);
    begin();
    Ref out = make(Node::Stmt, "if (@) {\n" + tail + "\nreturn @;\n}", {c, value(1, 2)});
    b = make(Node::Stmt, "{\n@}\n@", {b, out}); // what the body declares may hide what `out` names
  }
  kids.push_back(b);
  return make(Node::Stmt, "{\n" + head + "@" + tail + "\n}", kids);
}

/// new and delete, malloc and calloc and free: the allocation encloses its uses.
Ref Gen::heap(int rest) {
  Var v;
  v.name = fresh("h");
  v.ty = pick_real();
  v.shape = Var::Array, v.n = 3, v.memory = true;
  v.acc = r_.chance(40);
  switch (r_.in(0, 5)) {
  case 0:
    row("heap.new");
    v.n = 1;
    return heap_body("# *$ = new #(@);\n~delete $;", v, rest);
  case 1:
    row("heap.new_array");
    return heap_body("# *$ = new #[3];\n$[0] = @;\n$[1] = @;\n$[2] = @;\n~delete[] $;", v, rest);
  case 2:
    row("heap.new_array");
    row("heap.new_zeroed");
    return heap_body("# *$ = new #[4]();\n$[1] = @;\n~delete[] $;", v, rest);
  case 3:
    row("heap.new_array");
    return heap_body("# *$ = new #[3]{@, @, @};\n~delete[] $;", v, rest);
  case 4:
    row("heap.malloc");
    return heap_body(
        "# *$ = static_cast<# *>(malloc(3 * sizeof(#)));\nfor (int i = 0; i < 3; ++i)\n$[i] = @;\n~free($);",
        v, rest);
  default:
    row("heap.calloc");
    return heap_body("# *$ = (# *)calloc(3, sizeof(#));\n$[0] = @;\n~free($);", v, rest);
  }
}

Ref Gen::pointer_declaration() {
  auto targets = visible([](const Var &v) { return is_real(v.ty) && v.shape == Var::Array && v.n >= 1; });
  auto matrices = visible([](const Var &v) { return is_real(v.ty) && v.shape == Var::Matrix; });
  if (!matrices.empty() && r_.chance(40)) {
    Var *m = r_.pick(matrices);
    Var *v = declare_name("row", false);
    if (v->name == m->name)
      return {};
    Ref k = index(2);
    row("pointer.row");
    v->ty = m->ty, v->shape = Var::Array, v->n = m->m, v->memory = true, v->acc = m->acc,
    v->writable = m->writable;
    v->ready = true;
    return make(Node::Stmt,
                std::string(v->writable ? "" : "const ") + spell(m->ty) + " *" + v->name + " = " + m->name +
                    "[@];",
                {k});
  }
  if (targets.empty())
    return array_declaration();
  Var *a = r_.pick(targets);
  Var *v = declare_name("p", false);
  if (v->name == a->name)
    return {};
  int skip = a->n > 1 ? r_.in(0, a->n - 1) : 0;
  v->ty = a->ty, v->shape = Var::Array, v->n = a->n - skip, v->memory = true, v->acc = a->acc;
  v->writable = a->writable && r_.chance(85);
  std::string head = std::string(v->writable ? "" : "const ") + spell(a->ty) + " *" + v->name + " = ";
  v->seat = r_.chance(80);
  v->ready = true;
  if (skip == 0) {
    row("pointer.local");
    return make(Node::Stmt, head + a->name + ";");
  }
  row("pointer.offset");
  if (r_.chance(40)) { // row = a + i
    v->ready = false;
    Ref k = index(skip + 1);
    v->ready = true;
    return make(Node::Stmt, head + (r_.chance(70) ? a->name + " + @;" : "&" + a->name + "[@];"), {k});
  }
  if (r_.chance(50))
    return make(Node::Stmt, head + "&" + a->name + "[" + std::to_string(skip) + "];");
  return make(Node::Stmt, head + a->name + " + " + std::to_string(skip) + ";");
}

/// double *p = a, *q = b;
Ref Gen::pointer_pair() {
  auto arrays =
      visible([](const Var &v) { return is_real(v.ty) && v.shape == Var::Array && v.n >= 2 && v.memory; });
  if (arrays.empty())
    return array_declaration();
  Var *a = r_.pick(arrays), *b = a;
  for (Var *o : arrays)
    if (o != a && o->ty == a->ty && o->acc == a->acc && r_.chance(70))
      b = o;
  Var *p = declare_name("p", false), *q = declare_name("q", false);
  for (Var *v : {p, q}) {
    v->ty = a->ty, v->acc = a->acc, v->shape = Var::Array, v->memory = true, v->seat = true;
    v->n = std::min(a->n, b->n) - (a == b), v->writable = a->writable && b->writable;
    v->ready = true;
  }
  row("pointer.local"), row("declaration.several");
  return make(Node::Stmt, std::string(p->writable ? "" : "const ") + spell(a->ty) + " *" + p->name + " = " +
                              a->name + ", *" + q->name + " = " + b->name + (a == b ? " + 1;" : ";"));
}

/// double w[3]; memcpy(w, a, sizeof w);
Ref Gen::copied_array() {
  auto arrays = visible([](const Var &v) { return is_real(v.ty) && v.shape == Var::Array && v.n >= 2; });
  if (arrays.empty())
    return array_declaration();
  Var *a = r_.pick(arrays);
  Var *v = declare_name("w", false);
  v->ty = a->ty, v->n = a->n, v->shape = Var::Array, v->acc = a->acc, v->memory = v->object = true;
  std::string n = std::to_string(a->n), text = std::string(spell(a->ty)) + " " + v->name + "[" + n + "];\n";
  Ref e = value_of(a->ty, 1, 2);
  v->ready = true;
  switch (r_.in(0, 2)) {
  case 0:
    row("library.memcpy");
    text += std::string(r_.one_of({"", "std::"})) + "memcpy(" + v->name + ", " + a->name + ", sizeof " +
            v->name + ");";
    break;
  case 1:
    row("library.copy");
    text += "std::copy(" + a->name + ", " + a->name + " + " + n + ", " + v->name + ");";
    break;
  default:
    row("library.fill");
    if (a->ty == Ty::D)
      return make(Node::Stmt, text + "std::fill(" + v->name + ", " + v->name + " + " + n + ", @);", {e});
    text += "memcpy(&" + v->name + "[0], " + a->name + ", " + n + " * sizeof(" + spell(a->ty) + "));";
    row("library.memcpy");
  }
  return make(Node::Stmt, text);
}

/// p = b; p = c ? a : b; std::swap(p, q);
Ref Gen::reseat() {
  auto pointers = visible([](const Var &v) { return v.seat; });
  if (pointers.empty())
    return pointer_declaration();
  Var *p = r_.pick(pointers);
  auto targets = visible([&](const Var &v) {
    return v.shape == Var::Array && v.ty == p->ty && v.n >= p->n && v.acc == p->acc &&
           (v.writable || !p->writable) && v.memory && v.depth <= p->depth;
  });
  if (targets.empty())
    return pointer_declaration();
  Var *a = r_.pick(targets), *b = r_.pick(targets);
  for (Var *o : targets)
    if (o->seat && o != p && r_.chance(50))
      a = o;
  row("pointer.reseat");
  if (a->seat && a != p && a->n == p->n && a->depth == p->depth && a->writable == p->writable &&
      r_.chance(60)) {
    row("pointer.swap");
    if (r_.chance(50))
      return make(Node::Stmt, "std::swap(" + p->name + ", " + a->name + ");");
    std::string type = std::string(p->writable ? "" : "const ") + spell(p->ty) + " *", t = fresh("t");
    return make(Node::Stmt, "{\n" + type + t + " = " + p->name + ";\n" + p->name + " = " + a->name + ";\n" +
                                a->name + " = " + t + ";\n}");
  }
  if (r_.chance(50))
    return make(Node::Stmt, p->name + " = @ ? " + a->name + " : " + b->name + ";", {condition(1)});
  return make(Node::Stmt, p->name + " = " + a->name + ";");
}

/// Two buffers change roles in a loop.
Ref Gen::ping_pong() {
  int steps = trips_left(r_.in(2, 4));
  if (steps < 2)
    return compound();
  row("pointer.ping_pong");
  Ty t = pick_real();
  std::string s = fresh("f"), d = fresh("g"), i = fresh("i"), k = fresh("k"), type = spell(t);
  auto init = values(t, 3, 2);
  scopes_.emplace_back();
  Var v;
  v.ty = t, v.shape = Var::Array, v.n = 3, v.memory = true;
  v.name = "cur_" + s;
  add(v);
  quiet_ = true;
  Ref e = value(1, 1.5);
  quiet_ = false;
  v.name = "old_" + d;
  add(v);
  Ref rest = loop_body(steps, 1);
  scopes_.pop_back();
  begin();
  Ref target = place(true);
  std::string swap = r_.chance(40) ? "std::swap(cur_" + s + ", old_" + d + ");\n"
                                   : type + " *t_" + s + " = cur_" + s + ";\ncur_" + s + " = old_" + d +
                                         ";\nold_" + d + " = t_" + s + ";\n";
  std::string form = "{\n" + type + " " + s + "[3] = {@, @, @}, " + d + "[3] = {0.5f, 0, 0.25f};\n" + type +
                     " *cur_" + s + " = " + s + ", *old_" + d + " = " + d + ";\nfor (int " + k + " = 0; " +
                     k + " < " + std::to_string(steps) + "; ++" + k + ") {\n" + "for (int " + i + " = 0; " +
                     i + " < 3; ++" + i + ")\nold_" + d + "[" + i + "] = 0.3f * cur_" + s + "[" + i +
                     "] + 0.4f * cur_" + s + "[(" + i + " + 1) % 3] * @;\n@" + swap + "}\n";
  init.push_back(e), init.push_back(rest);
  if (target) {
    init.push_back(target);
    form += "@ = 0.5f * cur_" + s + "[1];\n";
  }
  return make(Node::Stmt, form + "}", init);
}

/// double **pp = &p; (*pp)[k] = e; *pp = b;
Ref Gen::pointer_pointer() {
  auto pointers = visible([](const Var &v) { return v.seat && v.writable; });
  if (pointers.empty())
    return pointer_declaration();
  Var *p = r_.pick(pointers);
  Var *v = declare_name("pp", false);
  if (v->name == p->name)
    return {};
  row("pointer.to_pointer");
  std::string name = v->name;
  Var *q = v;
  *q = Var{*p};
  q->id = ++ids_;
  q->name = "(*" + name + ")";
  q->ready = true;
  // (*pp) hides nothing, but the plain name must stay taken
  Var taken;
  taken.name = name, taken.ready = false;
  add(taken);
  return make(Node::Stmt, std::string(spell(p->ty)) + " **" + name + " = &" + p->name + ";");
}

/// double *rows[2] = {a, b}; rows[i][j]
Ref Gen::rows_declaration() {
  auto arrays = visible([](const Var &v) {
    return v.shape == Var::Array && is_real(v.ty) && v.n >= 2 && v.writable && v.memory;
  });
  if (arrays.empty())
    return array_declaration();
  Var *a = r_.pick(arrays), *b = a;
  for (Var *o : arrays)
    if (o != a && o->ty == a->ty && o->acc == a->acc)
      b = o;
  Var *v = declare_name("rows", false);
  if (v->name == a->name || v->name == b->name)
    return {};
  row("pointer.array_of_pointers");
  v->ty = a->ty, v->shape = Var::Rows, v->n = 2, v->m = std::min(a->n, b->n), v->acc = a->acc,
  v->memory = true, v->ready = true;
  return make(Node::Stmt,
              std::string(spell(a->ty)) + " *" + v->name + "[2] = {" + a->name + ", " + b->name + "};");
}

/// int i = 0; a[i++] *= e; s += *p++;
Ref Gen::post_increment() {
  auto arrays = visible([&](const Var &v) { return v.shape == Var::Array && is_real(v.ty) && v.n >= 2; });
  if (arrays.empty())
    return array_declaration();
  Var *a = r_.pick(arrays);
  std::string n = std::to_string(a->n);
  mentioned_.insert(key(*a));
  if (a->writable && r_.chance(50)) {
    row("assignment.index_increment");
    std::string k = fresh("c");
    Ref e = value(2, 1), f = value(1, 1);
    std::string op = r_.one_of({"*=", "=", "*="});
    if (a->acc && r_.chance(60))
      op = "+=";
    std::string form = "int " + k + " = 0;\n" + a->name + "[" + k + "++] " + op + " @;\n" + a->name + "[" +
                       (r_.chance(50) ? k + "++" : "--" + k) + "] *= @;";
    if (r_.chance(40) && trips_left(a->n) >= a->n)
      form = "int " + k + " = 0;\nwhile (" + k + " < " + n + ")\n" + a->name + "[" + k + "++] " + op + " @;",
      row("control.while");
    else
      return make(Node::Stmt, "{\n" + form + "\n}", {e, f});
    return make(Node::Stmt, "{\n" + form + "\n}", {e});
  }
  row("pointer.post_increment");
  std::string p = fresh("p"), type = std::string(a->writable ? "" : "const ") + spell(a->ty) + " *";
  if (a->writable && r_.chance(50)) {
    Ref e = value(1, 1), f = value(1, 1);
    return make(Node::Stmt, "{\n" + type + p + " = " + a->name + ";\n*" + p + "++ *= @;\n*" + p + " = @;\n}",
                {e, f});
  }
  Ref target = place(true);
  if (!target)
    return {};
  Ref e = value(1, 1);
  return make(Node::Stmt,
              "{\n" + type + p + " = " + a->name + ";\n@ = 0.4f * *" + p +
                  "++ + 0.3f * @;\n@ *= " + r_.one_of({"std::sin", "std::cos"}) + "(*" + p + ");\n}",
              {target, e, target});
}

/// memcpy, memset, memmove, swap, copy, fill
Ref Gen::library() {
  auto writable = visible([](const Var &v) {
    return v.shape == Var::Array && is_real(v.ty) && v.n >= 2 && v.writable && (v.object || v.memory);
  });
  if (writable.empty())
    return array_declaration();
  Var *a = r_.pick(writable);
  auto sources = visible([&](const Var &v) {
    return v.shape == Var::Array && v.ty == a->ty && v.n >= 2 && v.object && v.acc == a->acc &&
           v.name != a->name;
  });
  std::string type = spell(a->ty), n = a->name;
  int way = r_.in(0, 6);
  if (way <= 2 && !sources.empty() && a->object) {
    std::string s = r_.pick(sources)->name;
    if (way == 0)
      return row("library.memcpy"), make(Node::Stmt, std::string(r_.chance(50) ? "std::" : "") + "memcpy(" +
                                                         n + ", " + s + ", 2 * sizeof(" + type + "));");
    if (way == 1)
      return row("library.copy"), make(Node::Stmt, "std::copy(" + s + ", " + s + " + 2, " + n + ");");
    return row("library.memmove"),
           make(Node::Stmt, "std::memmove(" + n + ", " + s + ", sizeof(" + type + ") * 2);");
  }
  switch (way) {
  case 3:
    row("library.memmove");
    return make(Node::Stmt, "memmove(" + n + " + 1, " + n + ", " + std::to_string(a->n - 1) + " * sizeof(" +
                                type + "));");
  case 4:
    row("library.memset");
    return make(Node::Stmt,
                "memset(" + n + ", 0, " + std::to_string(r_.in(1, a->n)) + " * sizeof(" + type + "));");
  case 5:
    row("library.fill");
    return make(Node::Stmt, "std::fill(" + n + ", " + n + " + " + std::to_string(a->n) + ", @);",
                {value_of(a->ty, 2, 2)});
  default: {
    row("library.swap");
    Ref p = place(true, false, [&](const Var &v) { return v.ty == a->ty && v.acc == a->acc && !v.s; });
    Ref q = make(Node::Place, n + "[@]", {index(a->n)}, a->ty);
    if (!p)
      return {};
    return make(Node::Stmt, "std::swap(@, @);", {p, q});
  }
  }
}

Ref Gen::frexp_modf() {
  Ref e = shifted(2, 2);
  Ref x = to(e, Ty::D);
  Ref target = place(true);
  if (!target)
    return {};
  std::string k = fresh("k");
  if (r_.chance(50)) {
    row("maths.frexp");
    return make(Node::Stmt,
                "{\nint " + k + ";\n@ = std::frexp(@, &" + k + ");\n@ *= 0.25f * (" + k + " & 3);\n}",
                {target, x, target});
  }
  row("maths.modf");
  return make(Node::Stmt, "{\ndouble " + k + ";\n@ = std::modf(@, &" + k + ") + 0.1f * " + k + ";\n}",
              {target, x});
}

} // namespace fuzz
