#include "diff/scalars.h"
#include "ir/make.h"
#include "ir/walk.h"
#include <algorithm>
#include <set>

namespace nabla::diff {
using namespace ir;

namespace {

bool is_splittable(const Type &t) {
  if (!t.is(Type::Record) || t.members().is_function ||
      (t.members().container == Struct::None && !t.members().outside))
    return false;
  const std::vector<Struct::Field> &fields = t.members().fields;
  return std::none_of(fields.begin(), fields.end(), [](const Struct::Field &f) {
    return f.type.is(Type::Array); // which C++ does not assign
  });
}

class Splitter {
public:
  explicit Splitter(const Function &f) : function_(f) {}

  /// Nothing if there is no such variable.
  std::optional<Function> run() {
    find();
    if (parts_.empty())
      return {};
    Function out = function_;
    out.body = rewrite_places(expand(function_.body),
                              [&](const Place &p) { return std::optional<Place>(renamed(p)); });
    out.body = without_idle(out.body);
    renumber(out);
    return out;
  }

private:
  void find() {
    for_each_stmt(function_.body, [&](const Stmt &s) {
      auto *d = std::get_if<Declare>(&s.node);
      if (d && d->var->kind == Variable::Local && is_splittable(d->var->type) && d->elements.empty())
        make_parts(d->var);
    });
    for_each_stmt(function_.body, [&](const Stmt &s) { exclude(s); });
  }

  void make_parts(const Var &v) {
    std::vector<Var> parts;
    const Struct &own = v->type.members();
    const Struct &named = own.container == Struct::None ? *own.outside : own; // as the user calls them
    for (std::size_t i = 0; i < own.fields.size(); ++i) {
      Var part = local(v->name + "_" + named.fields[i].name, own.fields[i].type.with_const(false));
      part->inactive = v->inactive;
      parts.push_back(part);
    }
    parts_.emplace(v, std::move(parts));
  }

  /// A variable that is read, written or pointed at as a whole stays one, unless it is copied.
  void exclude(const Stmt &s) {
    auto *a = std::get_if<Assign>(&s.node);
    auto *d = std::get_if<Declare>(&s.node);
    const Ex *copied = a ? &a->value : d && d->init ? &*d->init : nullptr;
    bool copies = !copied || std::holds_alternative<Read>((*copied)->node);
    for_each_expr(s, [&](const Ex &top) {
      for_each_subexpr(top, [&](const Ex &e) {
        auto *r = std::get_if<Read>(&e->node);
        if (r && r->place.path.empty() && !(copied && e.get() == copied->get()))
          parts_.erase(r->place.root);
        if (auto *pointer = std::get_if<AddressOf>(&e->node); pointer && is_own(pointer->place))
          parts_.erase(pointer->place.root);
      });
    });
    for (const Place &p : writes_of(s))
      if (p.path.empty() && !((a || d) && copies))
        parts_.erase(p.root);
  }

  static bool is_own(const Place &p) {
    return std::none_of(p.path.begin(), p.path.end(),
                        [](const Step &step) { return std::holds_alternative<Deref>(step); });
  }

  static Place member(const Place &whole, unsigned i) { return field(whole, i); }
  static Ex value_of(const Place &p) { return make(Read{p}, p.type().with_const(false)); }

  /// {v, Field k, ...} -> {v_k, ...}
  Place renamed(const Place &p) const {
    auto found = parts_.find(p.root);
    auto *f = found == parts_.end() || p.path.empty() ? nullptr : std::get_if<Field>(&p.path.front());
    if (!f)
      return p;
    Place out{found->second.at(f->number), {}};
    out.path.assign(p.path.begin() + 1, p.path.end());
    return out;
  }

  /// Declarations and copies of whole structs, member by member.
  Block expand(const Block &block) const {
    Block out;
    for (const Stmt &s : block) {
      auto *d = std::get_if<Declare>(&s.node);
      auto *a = std::get_if<Assign>(&s.node);
      auto *from = a ? std::get_if<Read>(&a->value->node) : nullptr;
      if (d && parts_.count(d->var))
        declare(*d, s.loc, out);
      else if (auto *whole = d && d->init ? std::get_if<Read>(&(*d->init)->node) : nullptr;
               whole && is_split(whole->place)) {
        d->var->type = d->var->type.with_const(false);
        out.push_back({Declare{d->var, {}, false, {}}, s.loc, 0});
        copy(Place{d->var, {}}, whole->place, s.loc, out);
      } else if (from && (is_split(a->to) || is_split(from->place)))
        copy(a->to, from->place, s.loc, out);
      else
        out.push_back(with_blocks(s, [&](const Block &b) { return expand(b); }));
    }
    return out;
  }

  /// Members that nobody uses, of classes that are not looked into: what their destructors do is in the body already.
  Block without_idle(const Block &block) const {
    std::map<Var, unsigned> mentions;
    for (const auto &[whole, parts] : parts_)
      for (const Var &part : parts)
        if (part->type.is(Type::Opaque))
          mentions[part] = 0;
    if (mentions.empty())
      return block;
    for_each_variable(block, [&](const Var &v) {
      if (auto it = mentions.find(v); it != mentions.end())
        ++it->second;
    });
    std::function<Block(const Block &)> without = [&](const Block &b) {
      Block out;
      for (const Stmt &s : b) {
        auto *d = std::get_if<Declare>(&s.node);
        auto it = d && !d->init ? mentions.find(d->var) : mentions.end();
        if (it == mentions.end() || it->second > 1)
          out.push_back(with_blocks(s, without));
      }
      return out;
    };
    return without(block);
  }

  bool is_split(const Place &p) const { return p.path.empty() && parts_.count(p.root); }

  void declare(const Declare &d, const Loc &loc, Block &out) const {
    const std::vector<Var> &parts = parts_.at(d.var);
    for (unsigned i = 0; i < parts.size(); ++i) {
      std::optional<Ex> init;
      if (d.init)
        init = value_of(member(std::get<Read>((*d.init)->node).place, i));
      out.push_back({Declare{parts[i], init, d.zero, {}}, loc, 0});
    }
  }

  /// All members are read before the first is written where the way to one side may lead through the other.
  static void copy(const Place &to, const Place &from, const Loc &loc, Block &out) {
    bool crosses = false;
    for_each_variable(from, [&](const Var &v) { crosses = crosses || v == to.root; });
    std::vector<Ex> values;
    const Type type = to.type();
    for (unsigned i = 0; i < type.members().fields.size(); ++i) {
      Ex v = value_of(member(from, i));
      if (crosses) {
        Var held = temporary(type.members().fields[i].name, v.type());
        out.push_back({Declare{held, v, false, {}}, loc, 0});
        v = value_of(Place{held, {}});
      }
      values.push_back(v);
    }
    for (unsigned i = 0; i < values.size(); ++i)
      out.push_back({Assign{member(to, i), values[i]}, loc, 0});
  }

  const Function &function_;
  std::map<Var, std::vector<Var>> parts_;
};

} // namespace

namespace {

/// A pointer that leads to a constant vector's elements alone says so.
void mark_constants(const Function &f) {
  std::map<Var, unsigned> writes;
  std::set<Var> constant;
  for_each_stmt(f.body, [&](const Stmt &s) {
    if (std::holds_alternative<Declare>(s.node))
      return;
    for (const Place &p : writes_of(s))
      if (p.path.empty())
        ++writes[p.root];
    auto *a = std::get_if<Assign>(&s.node);
    auto *r = a ? std::get_if<Read>(&a->value->node) : nullptr;
    if (r && a->to.path.empty() && a->to.root->type.is(Type::Pointer) && is_constant_data(r->place))
      constant.insert(a->to.root);
  });
  for (const Var &v : constant)
    if (writes[v] == 1)
      v->type = Type::pointer(v->type.element().with_const());
}

} // namespace

Function split_containers(const Function &f) {
  Function out = f;
  while (auto next = Splitter(out).run())
    out = std::move(*next);
  mark_constants(out);
  return out;
}

} // namespace nabla::diff
