// Scopes, names, places, indices.
#include "gen.h"
#include <cstdio>
#include <cstdlib>

namespace fuzz {

const std::vector<std::pair<std::string, std::string>> &language_rows() {
  static const std::vector<std::pair<std::string, std::string>> rows = {
#define ROW(ID, TEXT) {ID, TEXT},
#include "rows.inc"
#undef ROW
  };
  return rows;
}

Gen::Gen(std::uint64_t seed, int number)
    : r_(mix(seed, static_cast<std::uint64_t>(number))), number_(number) {
  out_.number = number;
  profile_ = r_.in(0, 99);
}

void Gen::row(const char *id) {
  static const std::set<std::string> known = [] {
    std::set<std::string> ids;
    for (auto &[name, text] : language_rows())
      ids.insert(name);
    return ids;
  }();
  if (!known.count(id)) {
    std::fprintf(stderr, "fuzz: row %s is missing from rows.inc\n", id);
    std::abort();
  }
  out_.rows.insert(id);
}

std::string Gen::fresh(const char *stem) { return stem + std::to_string(names_++); }

Var *Gen::add(Var v) {
  v.id = ++ids_;
  v.depth = int(scopes_.size());
  all_.push_back(v);
  scopes_.back().push_back(&all_.back());
  return &all_.back();
}

/// A variable with its name, hidden until its initialiser is drawn. Now and then it hides an outer one, or
/// has a name that generated code is fond of.
Var *Gen::declare_name(const char *stem, bool may_hide) {
  Var v;
  v.ready = false;
  v.name = fresh(stem);
  bool hides = false;
  if (may_hide && scopes_.size() > 3 && r_.chance(8)) {
    auto outer =
        visible([](const Var &o) { return o.name[0] != '(' && o.name.find('_') == std::string::npos; });
    if (!outer.empty()) {
      std::string name = r_.pick(outer)->name;
      hides = true;
      for (auto scope = scopes_.end() - 2; scope != scopes_.end();
           ++scope) // a loop's variables and its body are one scope
        for (Var *here : *scope)
          hides = hides && here->name != name;
      if (hides)
        v.name = name, row("scope.hiding");
    }
  }
  if (!hides && r_.chance(3)) {
    std::string name = r_.one_of(
        {"x_bar", "record", "i_0", "seed", "t", "result", "d", "tmp", "a_bar", "x_0", "_t0", "rec"});
    bool taken = false;
    for (auto &s : scopes_)
      for (Var *o : s)
        taken = taken || o->name == name;
    if (!taken)
      v.name = name, row("scope.awkward_names");
  }
  return add(v);
}

std::vector<Var *> Gen::visible(const std::function<bool(const Var &)> &want) {
  std::vector<Var *> found;
  std::set<std::string> seen;
  for (auto s = scopes_.rbegin(); s != scopes_.rend(); ++s)
    for (auto v = s->rbegin(); v != s->rend(); ++v) {
      if (!seen.insert((*v)->name).second || !(*v)->ready)
        continue;
      if (want(**v))
        found.push_back(*v);
    }
  return found;
}

/// Claims `v` for a change inside a larger expression.
bool Gen::lock(const Var &v) {
  if (mentioned_.count(key(v)) || locked_.count(key(v)))
    return false;
  locked_.insert(key(v));
  return true;
}

Ref Gen::field(const Struct &s, Ref base, bool acc, bool write) {
  std::vector<const Struct::Field *> fields;
  for (const auto &f : s.fields)
    if (f.sub || is_real(f.ty))
      fields.push_back(&f);
  const Struct::Field &f = *r_.pick(fields);
  row("struct.field");
  if (f.sub) {
    row("struct.nested");
    return field(*f.sub, make(Node::Place, "@." + f.name, {base}), acc, write);
  }
  double bound = acc ? 40 : 2;
  if (f.n == 0)
    return make(Node::Place, "@." + f.name, {base}, f.ty, bound);
  row("struct.array_member");
  return make(Node::Place, "@." + f.name + "[@]", {base, index(f.n)}, f.ty, bound);
}

/// A real scalar inside `v`.
Ref Gen::element(const Var &v, bool write) {
  double bound = v.acc ? 40 : 2;
  switch (v.shape) {
  case Var::Scalar:
    return make(Node::Place, v.name, {}, v.ty, bound);
  case Var::Array:
    if (v.n == 1 && !v.object) {
      row("pointer.dereference");
      return make(Node::Place, "*" + v.name, {}, v.ty, bound);
    }
    if (r_.chance(6)) {
      row("pointer.arithmetic");
      return make(Node::Place, "*(" + v.name + " + @)", {index(v.n)}, v.ty, bound);
    }
    row("array.element");
    return make(Node::Place, v.name + "[@]", {index(v.n)}, v.ty, bound);
  case Var::Matrix:
  case Var::Rows:
    row(v.shape == Var::Matrix ? "array.many_dimensional" : "pointer.to_pointer");
    return make(Node::Place, v.name + "[@][@]", {index(v.n), index(v.m)}, v.ty, bound);
  case Var::Record:
    return field(*v.s, make(Node::Place, v.name), v.acc, write);
  case Var::RecordArray:
    row("struct.array_of");
    return field(*v.s, make(Node::Place, v.name + "[@]", {index(v.n)}), v.acc, write);
  case Var::Carried: {
    Ref e = v.n > 1 ? make(Node::Place, carried_element(v, v.name, "@"), {index(v.n)}, v.ty, bound)
                    : make(Node::Place, carried_element(v, v.name, ""), {}, v.ty, bound);
    return v.s ? field(*v.s, e, v.acc, write) : e;
  }
  case Var::RecordPointer:
    row("struct.pointer");
    return field(*v.s, make(Node::Place, r_.chance(50) ? "(*" + v.name + ")" : v.name + "[0]"), v.acc, write);
  }
  return {};
}

/// A real place in a visible variable; null when there is none.
Ref Gen::place(bool write, bool lock_it, const std::function<bool(const Var &)> &want) {
  auto vars = visible([&](const Var &v) {
    return (is_real(v.ty) || v.s) && (!write || v.writable) && usable(v) && want(v) &&
           (!lock_it || !mentioned_.count(key(v)));
  });
  if (vars.empty())
    return {};
  Var *v = nullptr;
  for (int tries = 0; tries < 3 && (!v || (v->constant && r_.chance(85))); ++tries) // rarely a constant
    v = vars[std::size_t(std::min(r_.in(0, int(vars.size()) - 1), r_.in(0, int(vars.size()) - 1)))];
  if (lock_it)
    lock(*v);
  else
    mentioned_.insert(key(*v));
  return element(*v, write);
}

Ref Gen::place(bool write) {
  return place(write, false, [](const Var &) { return true; });
}

Ref Gen::as_int(Ref e, int lo) {
  if (e->ty == Ty::Int && lo >= -1000)
    return e;
  row("scalar.int_conversion");
  return make(Node::Index, r_.chance(50) ? "static_cast<int>(@)" : "(int)@", {e}, Ty::Int);
}

/// An integer expression of type int and a known range.
Ref Gen::integer(int depth, int &lo, int &hi) {
  auto vars = visible([&](const Var &v) {
    return v.shape == Var::Scalar && !is_real(v.ty) && usable(v) && (!v.constant || r_.chance(15));
  });
  if (vars.empty() || r_.chance(15)) {
    lo = hi = r_.in(0, 4);
    return make(Node::Index, std::to_string(lo), {}, Ty::Int);
  }
  Var *v = r_.pick(vars);
  mentioned_.insert(key(*v));
  lo = v->lo, hi = v->hi;
  Ref e = make(Node::Index, v->name, {}, v->ty);
  if (v->ty != Ty::Int)
    e = as_int(e, lo);
  if (depth <= 0 || r_.chance(50))
    return e;
  switch (r_.in(0, 4)) {
  case 0:
    lo += 1, hi += 1;
    return make(Node::Index, "(@ + 1)", {e}, Ty::Int);
  case 1:
    lo *= 2, hi *= 2;
    return make(Node::Index, "(2 * @)", {e}, Ty::Int);
  case 2:
    lo = 0, hi = 1;
    row("integer.bits");
    return make(Node::Index, "(@ & 1)", {e}, Ty::Int);
  case 3:
    if (lo >= 0) {
      lo = 0, hi = 2;
      row("integer.arithmetic");
      return make(Node::Index, "(@ % 3)", {e}, Ty::Int);
    }
    return e;
  default:
    lo = 0, hi = 1;
    row("expression.comparison");
    return make(Node::Index, "(@ > 1)", {e}, Ty::Int);
  }
}

Ref Gen::index(int n) {
  auto literal_index = [&] { return make(Node::Index, std::to_string(r_.in(0, n - 1)), {}, Ty::Int); };
  if (n == 1)
    return literal_index();
  auto inside = visible([&](const Var &v) {
    return v.shape == Var::Scalar && !is_real(v.ty) && v.ty != Ty::Bool && v.ty != Ty::Char && v.lo >= 0 &&
           v.hi < n && usable(v) && (!v.constant || r_.chance(10));
  });
  if (!inside.empty() && r_.chance(65)) {
    Var *v = r_.pick(inside);
    mentioned_.insert(key(*v));
    if (v->lo == 0 && v->hi == n - 1 && r_.chance(15))
      return make(Node::Index, std::to_string(n - 1) + " - " + v->name, {}, Ty::Int);
    return make(Node::Index, v->name, {}, Ty::Int);
  }
  if (r_.chance(60))
    return literal_index();
  auto tables = visible(
      [&](const Var &v) { return v.shape == Var::Array && v.ty == Ty::Int && v.hi < n && v.lo >= 0; });
  if (!tables.empty() && r_.chance(60)) {
    row("array.indirect_index");
    Var *t = r_.pick(tables);
    return make(Node::Index, t->name + "[@]", {index(t->n)}, Ty::Int);
  }
  int lo = 0, hi = 0;
  Ref e = integer(1, lo, hi);
  if (lo < 0 || e->text[0].find_first_not_of("0123456789") == std::string::npos)
    return literal_index();
  if (hi < n)
    return e;
  row("array.computed_index");
  return make(Node::Index, "@ % " + std::to_string(n), {e}, Ty::Int);
}

} // namespace fuzz
