// A whole program: structs, tables, helpers, the function under test.
#include "gen.h"

namespace fuzz {

void Gen::make_structs() {
  int count = r_.chance(45) ? r_.in(1, 2) : 0;
  for (int i = 0; i < count; ++i) {
    structs_.emplace_back();
    Struct &s = structs_.back();
    s.name = "S" + std::to_string(number_) + "_" + std::to_string(i);
    int n = r_.in(1, 3);
    std::string text = "struct " + s.name + " {\n";
    for (int k = 0; k < n; ++k) {
      Struct::Field f;
      f.name = std::string(1, "abc"[k]);
      f.ty = pick_real();
      if (i == 1 && k == 0 && r_.chance(60)) {
        f.sub = &structs_[0];
        text += structs_[0].name + " " + f.name + ";\n";
      } else {
        f.n = r_.chance(30) ? 2 : 0;
        text += std::string(spell(f.ty)) + " " + f.name + (f.n ? "[2]" : "") + ";\n";
      }
      s.fields.push_back(f);
    }
    if (r_.chance(25)) {
      row("struct.integer_member");
      s.fields.push_back({"k", Ty::Int, 0, nullptr});
      text += "int k;\n";
    }
    top_.push_back(make(Node::Stmt, text + "};"));
  }
}

void Gen::make_globals() {
  std::string id = std::to_string(number_);
  if (r_.chance(35)) {
    Var v;
    v.name = "tab_" + id, v.ty = Ty::D, v.shape = Var::Array, v.n = 3, v.writable = false, v.memory = true,
    v.object = true;
    row("constant.table");
    top_.push_back(make(Node::Stmt, std::string(r_.one_of({"static const", "constexpr", "const"})) +
                                        " double " + v.name + "[3] = {0.75, -1.25, 0.5};"));
    v.constant = true;
    add(v);
  }
  if (r_.chance(30)) {
    Var v;
    v.name = "idx_" + id, v.ty = Ty::Int, v.shape = Var::Array, v.n = 4, v.hi = 2, v.writable = false;
    row("constant.integer_table");
    top_.push_back(make(Node::Stmt, "static const int " + v.name + "[4] = {2, 0, 1, 0};"));
    v.constant = true;
    add(v);
  }
  if (r_.chance(35)) {
    Var v;
    v.name = "con_" + id, v.ty = pick_real(), v.writable = false;
    row("constant.file_scope");
    top_.push_back(make(Node::Stmt, std::string(r_.one_of({"const", "static const", "constexpr"})) + " " +
                                        spell(v.ty) + " " + v.name + " = 1.375;"));
    v.constant = true;
    add(v);
  }
  if (r_.chance(25)) {
    Var v;
    v.name = "glob_" + id, v.ty = pick_real(), v.writable = false;
    row("constant.global_read");
    top_.push_back(make(Node::Stmt, std::string(spell(v.ty)) + " " + v.name + " = 0.625;"));
    v.constant = true;
    add(v);
  }
  if (r_.chance(15)) {
    Var v;
    v.name = "K" + id + "b", v.ty = Ty::Int, v.lo = v.hi = 1, v.writable = false, v.pinned = true;
    row("constant.enumerator");
    top_.push_back(make(Node::Stmt, "enum E" + id + " { K" + id + "a, " + v.name + " };"));
    v.constant = true;
    add(v);
  }
}

void Gen::record_param(Param &p, Var &v) {
  v.s = &structs_[std::size_t(r_.in(0, int(structs_.size()) - 1))];
  v.acc = number_ & 1;
  v.name = fresh("s");
  v.writable = p.pass != Param::RecordConstRef;
  std::string before = (p.pass == Param::RecordConstRef ? "const " : "") + v.s->name;
  if (p.pass == Param::RecordPointer || p.pass == Param::RecordArray) {
    row("struct.pointer");
    v.shape = p.pass == Param::RecordPointer ? Var::RecordPointer : Var::RecordArray;
    v.n = p.pass == Param::RecordPointer ? 1 : 2;
    p.declarator = before + " *" + v.name;
    return;
  }
  row(p.pass == Param::RecordValue ? "struct.by_value" : "struct.by_reference");
  v.shape = Var::Record, v.n = 1;
  p.declarator = before + (p.pass == Param::RecordValue ? " " : " &") + v.name;
}

void Gen::pointer_param(Param &p, Var &v, bool top) {
  v.shape = Var::Array, v.n = top ? r_.in(2, 3) : r_.in(1, 3);
  v.writable = p.pass == Param::Pointer;
  if (!v.writable)
    v.acc = r_.chance(60) && !top;
  row(v.writable ? "pointer.parameter" : "pointer.const_parameter");
  v.name = fresh("a");
  v.seat = !top && r_.chance(20);
  std::string array = r_.chance(50) ? "[]" : "[" + std::to_string(v.n) + "]";
  p.declarator = (v.writable ? "" : "const ") + std::string(spell(v.ty)) +
                 (r_.chance(30) ? " " + v.name + array : " *" + v.name);
}

Param Gen::param(Param::Pass pass, bool top) {
  Param p;
  p.pass = pass;
  Var v;
  v.ty = pick_real();
  v.memory = true;
  v.acc = top || r_.chance(60);
  auto name = [&](const char *stem) { return v.name = fresh(stem); };
  std::string t = spell(v.ty);
  switch (pass) {
  case Param::Value:
    v.memory = v.acc = false, p.declarator = t + " " + name("x");
    break;
  case Param::Ref:
    row("reference.parameter"), p.declarator = t + " &" + name("r");
    break;
  case Param::ConstRef:
    row("reference.const_parameter"), v.writable = v.acc = false,
                                      p.declarator = "const " + t + " &" + name("c");
    break;
  case Param::Pointer:
  case Param::ConstPointer:
    pointer_param(p, v, top);
    break;
  case Param::Square:
    row("array.matrix_parameter"), v.shape = Var::Matrix, v.n = 2, v.m = 2, name("m");
    p.declarator = t + (r_.chance(50) ? " " + v.name + "[2][2]" : " (*" + v.name + ")[2]");
    break;
  case Param::RecordValue:
  case Param::RecordRef:
  case Param::RecordConstRef:
  case Param::RecordPointer:
  case Param::RecordArray:
    record_param(p, v);
    break;
  case Param::IntValue:
    v.ty = Ty::Int, v.memory = v.acc = false, v.lo = r_.in(0, 1), v.hi = 3, v.pinned = r_.chance(70);
    p.declarator = "int " + name("n");
    break;
  case Param::IntTable:
    row("pointer.integer_table"), v.ty = Ty::Int, v.shape = Var::Array, v.n = 3, v.hi = 1,
                                  v.writable = v.memory = v.acc = false;
    p.declarator = "const int *" + name("idx");
    break;
  case Param::Carrier:
    carrier_param(p, v);
    break;
  case Param::PointerPointer:
    v.shape = Var::Rows, p.declarator = t + " **" + name("p");
    break;
  case Param::PointerRef:
    v.shape = Var::Array, p.declarator = t + " *&" + name("p");
    break;
  }
  all_.push_back(v);
  all_.back().id = ++ids_;
  all_.back().depth = 2;
  p.var = &all_.back();
  return p;
}

std::string Gen::signature(const Function &f, bool defaults, bool prototype) {
  std::string text;
  switch (f.result) {
  case Function::None:
    text = "void ";
    break;
  case Function::Real:
    text = std::string(spell(f.ty)) + " ";
    break;
  case Function::Integer:
    text = "int ";
    break;
  case Function::Record:
    text = f.s->name + " ";
    break;
  }
  text += f.name + "(";
  for (std::size_t i = 0; i < f.params.size(); ++i) {
    const Param &p = f.params[i];
    text += i ? ", " : "";
    if (p.inactive && !prototype)
      text += "[[nabla::inactive]] ";
    text += p.declarator;
    if (defaults && !p.fallback.empty())
      text += " = " + p.fallback;
  }
  return text + ")";
}

/// Draws the body of `f`; `head` holds a first statement with one hole for the rest, or is empty.
void Gen::define(Function &f, int statements, const std::string &head) {
  self_ = &f;
  trips_ = 1, cost_ = 0, depth_ = 0, heap_ = 0, loops_ = 0, switches_ = 0;
  budget_ = statements + 4;
  scopes_.emplace_back();
  for (Param &p : f.params)
    if (p.pass != Param::PointerPointer)
      scopes_.back().push_back(p.var);
  Ref b = block();
  auto put = [&](Ref s) {
    if (s)
      b->kids.push_back(s), b->text.push_back("");
  };
  for (int i = 0; i < statements && budget_ > 0; ++i)
    put(statement());
  if (!head.empty()) {
    put(make(Node::Stmt, head));
    b->kids.back()->kind = Node::Place, b->kids.back()->text.back() += "\n";
    for (int i = 0; i < r_.in(0, 2); ++i)
      put(statement());
  }
  begin();
  Ref last = f.result == Function::None                       ? Ref()
             : f.result == Function::Real && f.name[0] == 'f' ? main_result()
                                                              : result_statement();
  scopes_.pop_back();
  f.cost = cost_ + 2;
  for (const Param &p : f.params)
    f.mutates = f.mutates || p.pass == Param::Ref || p.pass == Param::Pointer || p.pass == Param::Square ||
                p.pass == Param::RecordRef || p.pass == Param::RecordPointer ||
                p.pass == Param::RecordArray || p.pass == Param::Carrier;
  if (last)
    last->kind = Node::Place, last->text.back() += "\n", put(last);
  std::string linkage = r_.one_of({"static ", "static ", "", "inline "});
  bool after = r_.chance(30);
  if (f.name[0] == 'f')
    after = false, linkage_ = r_.one_of({"", "", "static ", "inline "}), linkage = mark_ + linkage_;
  if (after) {
    row("call.defined_after");
    top_.push_back(make(Node::Stmt, linkage + signature(f, true, true) + ";"));
    later_.push_back(make(Node::Stmt, linkage + signature(f, false, false) + " {\n@}", {b}));
  } else {
    top_.push_back(make(Node::Stmt, linkage + signature(f, true, false) + " {\n@}", {b}));
  }
  self_ = nullptr;
}

void Gen::helper(int kind) {
  functions_.emplace_back();
  Function &f = functions_.back();
  f.name = "h" + std::to_string(number_) + "_" + std::to_string(functions_.size());
  f.ty = pick_real();
  auto take = [&](Param::Pass pass) { f.params.push_back(param(pass, false)); };
  bool records = !structs_.empty();
  int statements = r_.in(1, 4);
  switch (kind) {
  case 0: // a value from values
    for (int i = r_.in(1, 3); i > 0; --i)
      take(r_.chance(75) ? Param::Value : Param::ConstRef);
    if (r_.chance(35)) {
      take(Param::Value);
      f.params.back().fallback = "0.75", row("call.default_argument");
    }
    break;
  case 1: // changes what it is given
    f.result = r_.chance(60) ? Function::None : Function::Real;
    take(r_.chance(50) ? Param::Ref : Param::Pointer);
    if (r_.chance(50))
      take(r_.chance(40) ? Param::Ref : Param::ConstPointer);
    take(Param::Value);
    break;
  case 2: // arrays
    f.result = r_.chance(40) ? Function::None : Function::Real;
    take(Param::Pointer);
    take(Param::ConstPointer);
    take(Param::IntValue);
    break;
  case 3:
    f.result = Function::Integer;
    take(Param::Value);
    statements = r_.in(0, 1);
    break;
  case 4:
    if (!records)
      return functions_.pop_back(), void();
    f.result = r_.chance(60) ? Function::Record : r_.chance(50) ? Function::Real : Function::None;
    take(std::vector<Param::Pass>{Param::RecordValue, Param::RecordRef, Param::RecordConstRef,
                                  Param::RecordPointer}[std::size_t(r_.in(0, 3))]);
    take(Param::Value);
    f.s = f.params[0].var->s;
    break;
  default:
    f.result = r_.chance(50) ? Function::None : Function::Real;
    take(Param::Square);
    take(Param::Value);
  }
  define(f, statements, "");
}

/// A function that calls itself, or two that call each other.
void Gen::recursive_pair() {
  bool pair = r_.chance(40), array = r_.chance(50);
  row(pair ? "call.mutually_recursive" : "call.recursive");
  std::string names[2];
  Function *f[2] = {};
  for (int i = 0; i <= int(pair); ++i) {
    functions_.emplace_back();
    f[i] = &functions_.back();
    f[i]->name = names[i] = "h" + std::to_string(number_) + "_" + std::to_string(functions_.size());
    f[i]->ty = i ? f[0]->ty : pick_real();
    f[i]->cost = 100000; // not to be called by the bodies of these
    Param x = i ? f[0]->params[0] : param(array ? Param::Pointer : Param::Value, false);
    Param d = i ? f[0]->params[1] : param(Param::IntValue, false);
    d.var->pinned = true, d.var->lo = 0, d.var->hi = 3;
    x.var->seat = false;
    f[i]->params = {x, d};
  }
  if (pair)
    top_.push_back(make(Node::Stmt, "static " + signature(*f[1], false, true) + ";"));
  for (int i = int(pair); i >= 0; --i) {
    std::string x = f[i]->params[0].var->name, d = f[i]->params[1].var->name, type = spell(f[i]->ty);
    std::string inner = "y" + std::to_string(names_++), other = names[pair ? 1 - i : 0];
    std::string head =
        "if (" + d + " <= 0)\nreturn " + (array ? x + "[0] * 0.5f" : "0.5f * " + x) + ";\n" + type + " " +
        inner + " = " + other + "(" + (array ? x : r_.one_of({"0.7f * ", "0.5f + "}) + x) + ", " + d +
        " - 1);\n" +
        (array ? x + "[0] *= 0.6f * " + inner + ";" : x + " = 0.4f * " + x + " * " + inner + ";");
    std::size_t before = top_.size();
    if (pair && i == 0) // the other one must know it
      top_.insert(top_.begin() + long(first_function_),
                  make(Node::Stmt, "static " + signature(*f[0], false, true) + ";"));
    before = top_.size();
    size_t later = later_.size();
    define(*f[i], r_.in(0, 2), head);
    if (pair) { // both are static, whatever define drew
      for (auto &list : {&top_, &later_})
        for (std::size_t k = list == &top_ ? before : later; k < list->size(); ++k) {
          std::string &t = (*list)[k]->text[0];
          std::size_t at = t.find(type + " " + f[i]->name);
          t = "static " + t.substr(at);
        }
    }
    f[i]->cost = 100000;
  }
  int cost = 4 * 12;
  for (int i = 0; i <= int(pair); ++i)
    f[i]->cost = cost * 4, f[i]->mutates = array;
}

/// Swaps two pointers of its caller.
void Gen::pointer_helper() {
  functions_.emplace_back();
  Function &f = functions_.back();
  f.name = "h" + std::to_string(number_) + "_" + std::to_string(functions_.size());
  f.result = Function::None;
  bool ref = r_.chance(40);
  Param a = param(ref ? Param::PointerRef : Param::PointerPointer, false),
        b = param(ref ? Param::PointerRef : Param::PointerPointer, false);
  b.var->ty = a.var->ty, b.var->acc = a.var->acc;
  a.var->n = b.var->n = r_.in(1, 3);
  std::string t = spell(a.var->ty);
  a.declarator = t + (ref ? " *&" : " **") + a.var->name;
  b.declarator = t + (ref ? " *&" : " **") + b.var->name;
  f.params = {a, b};
  f.mutates = true, f.cost = 3;
  std::string x = (ref ? "" : "*") + a.var->name, y = (ref ? "" : "*") + b.var->name;
  top_.push_back(make(Node::Stmt, "static " + signature(f, false, false) + " {\n" + t + " *t = " + x + ";\n" +
                                      x + " = " + y + ";\n" + y + " = t;\n}"));
}

void Gen::make_helpers() {
  first_function_ = top_.size();
  if (r_.chance(25))
    return;
  int count = r_.in(1, 3);
  for (int i = 0; i < count; ++i) {
    int kind = !structs_.empty() && r_.chance(40) ? 4 : r_.in(0, 9);
    if (kind == 6 || kind == 7)
      recursive_pair();
    else if (kind == 8)
      pointer_helper();
    else
      helper(kind == 9 ? 1 : kind);
  }
}

void Gen::main_params(Function &f) {
  auto take = [&](Param::Pass pass) { f.params.push_back(param(pass, true)); };
  int n = r_.in(1, 4);
  bool by_value = form_ == ValueForm || form_ == ValueAndGradient;
  take(by_value || r_.chance(60) ? Param::Value : Param::ConstPointer);
  for (int i = 1; i < n; ++i) {
    if (by_value) {
      take(Param::Value);
      continue;
    }
    switch (r_.in(0, 17)) {
    case 0:
    case 1:
    case 2:
    case 3:
      take(Param::Value);
      break;
    case 4:
    case 5:
    case 6:
      take(Param::Pointer);
      break;
    case 7:
    case 8:
      take(Param::ConstPointer);
      break;
    case 9:
      take(Param::Ref);
      break;
    case 10:
      take(Param::ConstRef);
      break;
    case 11:
      take(Param::Square);
      break;
    case 12:
      take(Param::IntTable);
      break;
    case 13:
    case 14:
      take(Param::Carrier), has_carriers_ = true;
      break;
    default:
      if (structs_.empty())
        take(Param::Value);
      else
        take(std::vector<Param::Pass>{Param::RecordValue, Param::RecordRef, Param::RecordConstRef,
                                      Param::RecordPointer, Param::RecordArray}[std::size_t(r_.in(0, 4))]);
    }
  }
  if (r_.chance(55) && !by_value) {
    take(Param::IntValue);
    f.params.back().var->pinned = true;
    if (r_.chance(40))
      std::swap(f.params[0], f.params.back());
  }
}

void Gen::main_function() {
  int how = r_.in(0, 99);
  form_ = how < 50   ? Attribute
          : how < 60 ? Listed
          : how < 78 ? CallSite
          : how < 88 ? CallSiteWrt
          : how < 94 ? ValueForm
                     : ValueAndGradient;
  pullback_ = r_.chance(25) && form_ != ValueForm && form_ != ValueAndGradient;
  functions_.emplace_back();
  Function &f = functions_.back();
  f.name = "f" + std::to_string(number_);
  f.ty = pick_real();
  main_params(f);
  if (pullback_ && r_.chance(40))
    f.result = Function::None;
  marks(f);
  define(f, r_.in(3, 12), "");
}

Unit Gen::unit() {
  scopes_.emplace_back();
  if (r_.chance(60))
    make_idioms();
  make_structs();
  make_globals();
  make_helpers();
  main_function();
  const Function &f = functions_.back();
  if (!mark_.empty())
    top_.push_back(make(Node::Place, companion(f, linkage_)));
  for (Ref &r : later_)
    top_.push_back(r);
  std::string id = std::to_string(number_);
  if (r_.chance(10)) {
    row("function.in_namespace");
    top_.insert(top_.begin(), make(Node::Place, "namespace n" + id + " {\n"));
    top_.push_back(make(Node::Place, "} // namespace n" + id + "\nusing namespace n" + id + ";\n"));
  }
  out_.code = block(top_);
  out_.drive = drivers(f, false);
  out_.oracle = drivers(f, true);
  return out_;
}

} // namespace fuzz
