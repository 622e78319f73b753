#include "diff/hoist.h"
#include "analysis/alias.h"
#include "ir/build.h"
#include "ir/make.h"
#include "ir/walk.h"

namespace nabla::diff {
using namespace ir;
using analysis::Alias;

namespace {

/// Variables that calls of loops lead to.
std::set<Var> led_to(const Function &f) {
  Alias alias(f, true);
  std::set<Var> out;
  for_each_stmt(f.body, [&](const Stmt &s) {
    auto *c = std::get_if<Call>(&s.node);
    if (!c || !c->callee->is_loop)
      return;
    for (const Ex &a : c->args)
      if (a.type().is(Type::Pointer) || a.type().contains_real_pointers())
        for (Alias::Object o : alias.reachable(alias.points_to(a)))
          if (alias.info(o).kind == Alias::Info::Variable)
            out.insert(alias.info(o).var);
  });
  return out;
}

/// Assigns what `= {a, b, ...}` would have made; the rest is zero.
void initialise(const Place &to, const std::vector<Ex> &elements, std::size_t &next, Block &out) {
  Type type = to.type();
  bool all_zero = next >= elements.size();
  if (type.is(Type::Array) && all_zero) {
    Var i = local("i", Type::integer("long"));
    Block body;
    initialise(index(to, read(Place{i, {}})), elements, next, body);
    out.push_back(
        {For{i, integer(0, i->type), For::LT, integer(long(type.extent()), i->type), 1, body}, {}, 0});
  } else if (type.is(Type::Array)) {
    for (std::uint64_t i = 0; i < type.extent(); ++i)
      initialise(index(to, integer(long(i))), elements, next, out);
  } else if (type.is(Type::Record)) {
    for (unsigned i = 0; i < type.members().fields.size(); ++i)
      initialise(field(to, i), elements, next, out);
  } else {
    Ex value = !all_zero ? elements[next++] : type.is(Type::Pointer) ? null_pointer(type) : constant(0, type);
    out.push_back({Assign{to, value}, {}, 0});
  }
}

class Hoister {
public:
  explicit Hoister(const Function &f) : function_(f), wanted_(led_to(f)) {}

  Function run() {
    Function out = function_;
    out.body.clear();
    for (const Stmt &s : function_.body)
      out.body.push_back(with_blocks(s, [&](const Block &b) { return inner(b); }));
    if (declarations_.empty())
      return function_;
    out.body.insert(out.body.begin(), declarations_.begin(), declarations_.end());
    out.body = substitute(out.body, variable_);
    renumber(out);
    return out;
  }

private:
  Block inner(const Block &block) {
    Block out;
    for (const Stmt &s : block) {
      auto *d = std::get_if<Declare>(&s.node);
      bool moves =
          d && wanted_.count(d->var) && d->var->kind == Variable::Local && !d->var->type.is_reference();
      if (!moves) {
        out.push_back(with_blocks(s, [&](const Block &b) { return inner(b); }));
        continue;
      }
      if (d->var->type.is_const()) {
        variable_[d->var] = std::make_shared<Variable>(*d->var);
        variable_[d->var]->type = d->var->type.with_const(false);
      }
      declarations_.push_back({Declare{d->var, {}, false, {}}, nullptr, 0});
      Block first;
      std::size_t next = 0;
      if (d->init)
        first.push_back({Assign{Place{d->var, {}}, *d->init}, nullptr, 0});
      else if (d->zero || !d->elements.empty())
        initialise(Place{d->var, {}}, d->elements, next, first);
      for (Stmt &f : first) {
        f.loc = s.loc;
        out.push_back(std::move(f));
      }
    }
    return out;
  }

  const Function &function_;
  const std::set<Var> wanted_;
  Block declarations_;
  VarMap variable_; ///< what was const
};

} // namespace

Function hoist_locals_of_loops(const Function &f) { return Hoister(f).run(); }

} // namespace nabla::diff
