#include "ir/verify.h"
#include "ir/diagnostic.h"
#include "ir/print.h"
#include "ir/rules.h"
#include "ir/walk.h"
#include <set>
#include <unordered_set>

namespace nabla::ir {
namespace {

/// Every kind of type but arithmetic compares in full; an integer may have several spellings of one type.
bool fits(const Type &to, const Type &from) {
  if (to.kind() != from.kind())
    return false;
  if (to.is_discrete() || to.is(Type::Opaque))
    return true;
  if (to.is(Type::Pointer))
    return fits(to.element(), from.element()) || to.element().is(Type::Void) || from.element().is(Type::Void);
  if (to.is(Type::Array))
    return to.extent() == from.extent() && fits(to.element(), from.element());
  return to.with_const(false) == from.with_const(false);
}

bool is_null_pointer(const Ex &e) {
  const Const *c = std::get_if<Const>(&e->node);
  return c && (c->spelling == "nullptr" || c->spelling == "0" || c->spelling == "NULL");
}

/// Several tangents side by side: they are scaled by plain reals.
bool is_lanes(const Type &t) {
  return t.spelling().rfind("nabla::lanes<", 0) == 0 || t.spelling().rfind("nabla::bits<", 0) == 0;
}

class Verifier {
public:
  Verifier(const Function &f, const VerifyOptions &options) : f_(f), options_(options), seen_(f.statements) {}

  void run() {
    for (const Var &p : f_.params) {
      require(p != nullptr, "a parameter is null");
      require(!p->name.empty(), "a parameter without a name");
      require(visible_.insert(p.get()).second, [&] { return "a parameter stands twice: " + p->name; });
    }
    block(f_.body, true);
    if (f_.statements != 0)
      require(different_ == f_.statements, "statement ids are not dense");
  }

private:
  /// The fault is a text, or a function that makes one: most of what is required holds.
  template <class Fault> void require(bool holds, const Fault &fault) {
    if (holds)
      return;
    if constexpr (std::is_invocable_v<Fault>)
      fail(fault());
    else
      fail(fault);
  }
  [[noreturn]] void fail(const std::string &fault) {
    std::string text = "in " + f_.name + ": " + fault;
    if (current_)
      text += "\n  " + print(*current_);
    internal_error(text, current_ ? current_->loc : f_.loc);
  }
  /// A fault in a type's structure is found by Place::type, which does not know where it stands.
  Type type_of(const Place &p) {
    try {
      return p.type();
    } catch (InternalError &e) {
      fail(e.what);
    }
    return {};
  }

  void block(const Block &b, bool is_last);
  void stmt(const Stmt &s, bool is_last);
  void blocks_of(const Stmt &s, bool is_last);
  void node(const Stmt &s);
  void declare(const Var &v) {
    require(v != nullptr, "a declaration without a variable");
    require(!v->name.empty(), "a variable without a name");
    require(visible_.insert(v.get()).second,
            [&] { return "declared where it is visible already: " + v->name; });
    declared_.push_back(v.get());
  }
  void variable(const Var &v) {
    require(v != nullptr, "a place without a variable");
    require(v->kind == Variable::Global || visible_.count(v.get()),
            [&] { return "not declared here: " + v->name; });
  }
  void place(const Place &p) {
    variable(p.root);
    for (const Step &step : p.path)
      if (const Index *i = std::get_if<Index>(&step))
        require(bool(i->at), "an index without an expression");
    type_of(p);
    for_each_expr(p, [this](const Ex &e) {
      ex(e);
      require(e.type().is_discrete(), [&] { return "an index that is no integer: " + print(e); });
    });
  }
  void written(const Place &p) {
    place(p);
    require(p.root->kind != Variable::StaticConst || !p.path.empty(), "a constant table is written");
    if (p.path.empty())
      require(!indices_.count(p.root.get()), [&] { return "the loop writes its own index " + p.root->name; });
  }
  void ex(const Ex &e);
  void apply(const Ex &e, const Apply &a);
  void value(const Type &to, const Ex &from) {
    ex(from);
    typed(to, from);
  }
  void typed(const Type &to, const Ex &from) {
    require(bool(from), "an expression is null");
    if (to.is(Type::Pointer) && is_null_pointer(from))
      return;
    require(fits(to, from.type()), [&] {
      return "a value of type " + spell(from.type()) + " where " + spell(to) + " is wanted: " + print(from);
    });
  }
  void leave(std::size_t mark) {
    for (; declared_.size() > mark; declared_.pop_back())
      visible_.erase(declared_.back());
  }

  const Function &f_;
  const VerifyOptions &options_;
  const Stmt *current_ = nullptr;
  std::unordered_set<const Variable *> visible_, indices_;
  std::vector<const Variable *> declared_;
  std::multiset<std::string> labels_;
  std::vector<bool> seen_; ///< by id
  unsigned different_ = 0; ///< ids
};

void Verifier::ex(const Ex &e) {
  require(bool(e), "an expression is null");
  auto all = [this](const std::vector<Ex> &args) {
    for (const Ex &a : args)
      ex(a);
  };
  match(
      e->node, [&](const Const &c) { require(!c.spelling.empty(), "a constant without text"); },
      [&](const Read &r) {
        place(r.place);
        require(fits(type_of(r.place), e->type),
                [&] { return "a read whose type is not its place's: " + print(e); });
      },
      [&](const AddressOf &a) {
        place(a.place);
        require(e->type.is(Type::Pointer) && fits(e->type.element(), type_of(a.place)),
                [&] { return "an address whose type does not point to its place: " + print(e); });
      },
      [&](const Apply &a) { apply(e, a); }, [&](const Native &n) { all(n.args); },
      [&](const Cast &c) { ex(c.from); },
      [&](const Select &s) {
        ex(s.cond);
        value(e->type, s.yes);
        value(e->type, s.no);
      });
}

void Verifier::apply(const Ex &e, const Apply &a) {
  require(e->type.is(Type::Real), [&] { return "a rule on what is no real: " + print(e); });
  require(a.args.size() == arity(a.rule), [&] { return "wrong number of arguments: " + print(e); });
  bool second_is_int = info(a.rule).integer_second;
  for (std::size_t i = 0; i < a.args.size(); ++i) {
    ex(a.args[i]);
    if (second_is_int && i == 1)
      require(a.args[i].type().is_discrete(),
              [&] { return "no integer where the rule wants one: " + print(e); });
    else
      require(a.args[i].type().with_const(false) == e->type.with_const(false) ||
                  (a.args[i].type().is(Type::Real) && (is_lanes(a.args[i].type()) || is_lanes(e->type))),
              [&] {
                return "an argument of type " + spell(a.args[i].type()) + " in " + print(e) + " of type " +
                       spell(e->type);
              });
  }
}

/// The statement's own parts, and what it declares for the statements after it.
void Verifier::node(const Stmt &s) {
  auto is_real = [&](const Place &p) { require(type_of(p).is(Type::Real), "an Add to what is no real"); };
  auto unstructured = [&](bool is_fault) {
    require(!options_.structured || !is_fault, "left over after the pass structure");
  };
  for_each_expr(s, [this](const Ex &e) { ex(e); });
  match(
      s.node,
      [&](const Declare &d) {
        if (d.init && d.var)
          typed(d.var->type, *d.init);
        declare(d.var);
      },
      [&](const Assign &a) { written(a.to), typed(type_of(a.to), a.value); },
      [&](const Add &a) { written(a.to), is_real(a.to), typed(type_of(a.to), a.value); },
      [&](const If &i) { require(bool(i.cond), "an If without a condition"); },
      [&](const For &l) { require(l.step != 0 || l.cmp == For::NE, "a loop with step 0"); },
      [&](const While &) {}, [&](const Scope &b) { unstructured(!b.label.empty()); },
      [&](const Exit &x) {
        unstructured(true);
        require(labels_.count(x.label), [&] { return "no enclosing Scope has the label " + x.label; });
      },
      [&](const Return &r) {
        if (r.value)
          typed(f_.result, *r.value);
      },
      [&](const Call &c) {
        require(c.callee != nullptr, "a Call without a callee");
        if (c.result)
          written(*c.result);
      },
      [&](const Allocate &a) {
        written(a.to);
        require(type_of(a.to).is(Type::Pointer), "an Allocate into what is no pointer");
        require(a.how == Allocate::New || a.count, "an Allocate without a count");
      },
      [&](const Free &) {},
      [&](const Opaque &o) {
        require(o.pieces.size() == o.args.size() + 1, "an Opaque whose pieces do not fit its arguments");
        for (const Place &p : o.writes)
          written(p);
      },
      [&](const Push &p) { variable(p.record); }, [&](const Pop &p) { variable(p.record), written(p.to); },
      [&](const Comment &) {}, [&](const Try &) {}, [&](const Throw &) {});
}

void Verifier::blocks_of(const Stmt &s, bool is_last) {
  std::size_t mark = declared_.size();
  if (const For *l = std::get_if<For>(&s.node)) {
    declare(l->index);
    indices_.insert(l->index.get());
    block(l->body, false);
    indices_.erase(l->index.get());
  } else if (const Scope *b = std::get_if<Scope>(&s.node)) {
    auto label = labels_.insert(b->label);
    block(b->body, is_last);
    labels_.erase(label);
  } else if (const Try *t = std::get_if<Try>(&s.node)) {
    block(t->body, false);
    if (t->caught)
      declare(t->caught);
    block(t->handler, false);
  } else {
    for_each_block(s, [&](const Block &b) { block(b, false); });
  }
  leave(mark);
}

void Verifier::stmt(const Stmt &s, bool is_last) {
  current_ = &s;
  if (f_.statements != 0) {
    require(s.id < f_.statements && !seen_[s.id], "statement id not unique");
    seen_[s.id] = true;
    ++different_;
  }
  if (options_.structured && std::holds_alternative<Return>(s.node))
    require(is_last, "a Return that is not the last statement");
  node(s);
  blocks_of(s, is_last);
}

void Verifier::block(const Block &b, bool is_last) {
  std::size_t mark = declared_.size();
  for (std::size_t i = 0; i < b.size(); ++i)
    stmt(b[i], is_last && i + 1 == b.size());
  leave(mark);
}

} // namespace

void verify(const Function &f, const VerifyOptions &options) { Verifier(f, options).run(); }

} // namespace nabla::ir
