#include "analysis/values.h"
#include "ir/build.h"
#include "ir/diagnostic.h"
#include "ir/make.h"
#include "ir/print.h"
#include "ir/walk.h"
#include <utility>

namespace nabla::analysis {
using namespace ir;

namespace {

/// One change of memory; they form a chain back to the function's entry.
struct Event {
  unsigned id;
  Alias::Objects objects;
  Address address; ///< of a store; type Void: anything in the objects
  ValueId value = no_value;
  bool exact = false;
  const Region *region = nullptr;
  std::shared_ptr<const Event> previous;
};
using Memory = std::shared_ptr<const Event>;

struct Env {
  std::map<Var, ValueId> vars;
  Memory memory;
};

const std::size_t most_parts = 16; // of an object whose copies are followed
const unsigned longest_walk = 400; // events looked back at for one load; beyond it counts as changed

bool is_scalar(const Type &t) {
  return t.is(Type::Real) || t.is(Type::Int) || t.is(Type::Bool) || t.is(Type::Pointer) || t.is(Type::Opaque);
}

} // namespace

bool keeps_to_arguments(const Callee &c) { return c.is_nothrow_pure || c.reach < Callee::ChangesOthers; }

class ValueBuilder {
public:
  ValueBuilder(Values &out, const ExtraPlaces &extra, bool enabled)
      : out_(out), extra_(extra), enabled_(enabled) {}

  void run() {
    const Function &f = out_.function_;
    out_.regions_of_.assign(f.statements, nullptr);
    out_.last_of_.assign(f.statements, 0);
    out_.body_ = region(Region::Body, nullptr, nullptr);
    find_tracked(f);
    region_ = out_.body_;
    for (const Var &v : f.params)
      if (out_.is_tracked(v))
        env_.vars[v] = add({Value::Entry, v->type.with_const(false), {}, {}, {}, v, region_});
    process(f.body);
    out_.final_ = env_.vars;
  }

private:
  // ---- set-up ----
  const Region *region(Region::Kind kind, const Region *parent, const Stmt *owner) {
    auto r = std::make_unique<Region>();
    *r = {kind, parent, owner, unsigned(out_.regions_.size())};
    out_.regions_.push_back(std::move(r));
    return out_.regions_.back().get();
  }

  void find_tracked(const Function &f) {
    auto consider = [&](const Var &v) {
      bool local = v->kind == Variable::Local || v->kind == Variable::Param;
      if (local && is_scalar(v->type) && !out_.alias_.address_taken(v))
        out_.tracked_.insert(v);
    };
    for (const Var &v : f.params)
      consider(v);
    for_each_stmt(f.body, [&](const Stmt &s) { for_each_variable(s, consider); });
  }

  // ---- making values ----
  ValueId add(Value v) {
    out_.values_.push_back(std::move(v));
    return out_.values_.size() - 1;
  }

  /// The visible value with this key and type, or a new one.
  ValueId intern(const std::string &key, Value v) {
    v.home = region_;
    v.at = stmt_;
    v.lazy = lazy_;
    if (v.kind == Value::Constant) {
      v.home = out_.body_;
      v.lazy = false;
    }
    for (ValueId known : table_[key])
      if (out_.values_[known].home->encloses(region_) && out_.values_[known].type == v.type)
        return known;
    bool keep = !v.lazy && (enabled_ || v.kind == Value::Constant);
    ValueId id = add(std::move(v));
    if (keep)
      table_[key].push_back(id);
    return id;
  }

  ValueId defined(const Var &v, const Type &t) {
    return add({Value::Defined, t.with_const(false), {}, {}, {}, v, region_, stmt_});
  }

  ValueId eval(const Ex &e) {
    if (auto it = out_.of_.find({stmt_->id, e.get()}); it != out_.of_.end())
      return it->second;
    ValueId v = match(
        e->node,
        [&](const Const &n) { return intern("c" + n.spelling, {Value::Constant, e.type(), e, {}, {}, {}}); },
        [&](const Read &n) { return eval_read(n, e); },
        [&](const AddressOf &n) {
          Address a = address(n.place);
          if (!a.root && a.steps.empty())
            return a.pointer;
          return intern("&" + key_of(a), {Value::AddressOf, e.type(), e, {}, a, {}});
        },
        [&](const Apply &n) { return operation("a" + std::to_string(unsigned(n.rule)), e, n.args); },
        [&](const Native &n) {
          if (n.op == "&&" || n.op == "||")
            return lazy_operation("n" + n.op, e, n.args);
          return operation("n" + n.op, e, n.args);
        },
        [&](const Cast &n) { return operation("x", e, {n.from}); },
        [&](const Select &n) { return lazy_operation("s", e, {n.cond, n.yes, n.no}); });
    out_.of_[{stmt_->id, e.get()}] = v;
    return v;
  }

  ValueId eval_read(const Read &n, const Ex &e) {
    if (n.place.path.empty() && out_.is_tracked(n.place.root)) {
      auto it = env_.vars.find(n.place.root);
      if (it == env_.vars.end())
        internal_error("'" + n.place.root->name + "' is read before it is declared", stmt_->loc);
      return it->second;
    }
    Address a = address(n.place);
    out_.addresses_[{stmt_->id, e.get()}] = a;
    if (!is_scalar(e.type()))
      return add({Value::Defined, e.type(), {}, {}, {}, {}, region_, stmt_});
    return load(a, e);
  }

  ValueId operation(const std::string &key, const Ex &e, const std::vector<Ex> &args) {
    std::vector<ValueId> operands;
    std::string full = key;
    for (const Ex &a : args) {
      operands.push_back(eval(a));
      full += "," + std::to_string(operands.back());
    }
    return intern(full, {Value::Operation, e.type(), e, operands, {}, {}});
  }

  /// All operands but the first are evaluated on demand only.
  ValueId lazy_operation(const std::string &key, const Ex &e, const std::vector<Ex> &args) {
    std::vector<ValueId> operands{eval(args[0])};
    std::string full = key + "," + std::to_string(operands[0]);
    bool outer = std::exchange(lazy_, true);
    for (std::size_t i = 1; i < args.size(); ++i) {
      operands.push_back(eval(args[i]));
      full += "," + std::to_string(operands.back());
    }
    lazy_ = outer;
    return intern(full, {Value::Operation, e.type(), e, operands, {}, {}});
  }

  // ---- memory ----
  std::string key_of(const Address &a) const {
    std::string key =
        a.root ? "v" + std::to_string(out_.alias_.object_of(a.root)) : "p" + std::to_string(a.pointer);
    for (const Address::Step &s : a.steps)
      key += (s.kind == Address::Step::Field
                  ? ".f" + std::to_string(s.field)
                  : (s.kind == Address::Step::Index ? ".i" : ".o") + std::to_string(s.value));
    return key;
  }

  Address address(const Place &p) {
    Address a;
    Place so_far{p.root, {}};
    bool plain = out_.is_tracked(p.root) && !p.path.empty(); // an adjoint whose address nobody takes
    if (plain)
      a.pointer = env_.vars.count(p.root) ? env_.vars[p.root] : no_value;
    else
      a.root = p.root;
    for (const Step &step : p.path) {
      match(
          step, [&](const Index &n) { a.steps.push_back({Address::Step::Index, eval(n.at), 0}); },
          [&](const Field &n) { a.steps.push_back({Address::Step::Field, no_value, n.number}); },
          [&](const Deref &n) {
            if (!plain) { // the pointer itself lies in memory
              a.type = so_far.type();
              a.objects = out_.alias_.objects(so_far);
              a.pointer = load(a, ir::read(so_far));
              a.root = nullptr;
              a.steps.clear();
            }
            if (n.offset)
              if (ValueId at = eval(n.offset); !is_zero(at))
                a.steps.push_back({Address::Step::Offset, at, 0});
          });
      plain = false;
      so_far.path.push_back(step);
    }
    a.type = p.type();
    a.objects = out_.alias_.objects(p);
    return a;
  }

  bool is_zero(ValueId v) const {
    const Value &x = out_.values_[v];
    return x.kind == Value::Constant && std::get<Const>(x.shape->node).spelling == "0";
  }

  /// Surely different storage at this moment.
  bool apart(const Address &a, const Address &b) const {
    if (a.root ? a.root != b.root : b.root || a.pointer != b.pointer)
      return false;
    return steps_apart(a, b, [&](ValueId p, ValueId q) -> std::optional<bool> {
      if (p == q)
        return {};
      auto [pb, pk] = out_.affine(p);
      auto [qb, qk] = out_.affine(q);
      return out_.differ(p, q) || (pb == qb && pk != qk);
    });
  }

  bool identical(const Address &a, const Address &b) const {
    return a.root == b.root && key_of(a) == key_of(b) && a.type.with_const(false) == b.type.with_const(false);
  }

  /// `e`: the read as the forward sweep writes it.
  ValueId load(const Address &a, const Ex &e) {
    unsigned version = 0, looked = 0, last = 0;
    const Region *since = out_.body_;
    for (const Event *e = env_.memory.get(); e; e = e->previous.get()) {
      if (++looked > longest_walk) {
        version = e->id;
        last = last ? last : ~0u;
        since = e->region;
        break;
      }
      if (!out_.alias_.overlap(e->objects, a.objects))
        continue;
      last = last ? last : e->id;
      if (!e->address.type.is(Type::Void) && !types_may_alias(e->address.type, a.type))
        continue;
      if (e->exact && enabled_ && identical(e->address, a) &&
          out_.values_[e->value].type == a.type.with_const(false))
        return e->value;
      if (e->exact && apart(e->address, a))
        continue;
      version = e->id;
      since = e->region;
      break;
    }
    Value v{Value::Load, a.type.with_const(false), e, {}, a, {}};
    v.version = version;
    v.objects_since = last;
    v.since = since;
    return intern("l" + std::to_string(version) + key_of(a), std::move(v));
  }

  void note_write(const Alias::Objects &objects, const Address &a, bool exact) {
    out_.writes_.push_back({stmt_, region_, objects, a, exact});
  }

  void event(Alias::Objects objects, Address a, ValueId value, bool exact) {
    auto e = std::make_shared<Event>();
    *e = {++events_, std::move(objects), std::move(a), value, exact, region_, env_.memory};
    env_.memory = e;
  }

  void clobber(const Alias::Objects &objects, bool is_write = true) {
    if (objects.empty())
      return;
    if (is_write)
      note_write(objects, {}, false);
    event(objects, {}, no_value, false);
  }

  void store(const Place &to, ValueId value) {
    Address a = address(to);
    bool exact = is_scalar(a.type) && !is_bit_field(to);
    note_write(a.objects, a, exact);
    if (exact && enabled_ && value != no_value)
      out_.copies_[value].push_back(out_.writes_.size() - 1);
    event(a.objects, a, value, exact && value != no_value);
  }

  // ---- statements ----
  void assign(const Place &to, ValueId value, bool is_copy) {
    if (!to.path.empty() || !out_.is_tracked(to.root)) {
      store(to, is_copy ? no_value : value);
      return;
    }
    env_.vars[to.root] = value;
    Value &v = out_.values_[value];
    bool computed = v.kind == Value::Operation || v.kind == Value::Load || v.kind == Value::AddressOf;
    if (!v.name && computed && !v.lazy && v.home == region_) {
      v.name = to.root;
      v.named_at = stmt_;
    }
  }

  /// to = e
  void set(const Place &to, const Ex &e) {
    auto *source = std::get_if<Read>(&e->node);
    std::optional<std::vector<Place>> parts = enabled_ && source && e.type().is(Type::Record)
                                                  ? scalars_of(source->place, most_parts)
                                                  : std::nullopt;
    if (parts)
      return copy(to, source->place, *parts);
    assign(to, eval(e), !is_scalar(e.type()));
  }

  /// Part by part, so that what the object holds is known where the copy is read.
  void copy(const Place &to, const Place &from, const std::vector<Place> &parts) {
    std::vector<ValueId> values;
    for (const Place &part : parts)
      values.push_back(eval(Ex(kept_.emplace_back(ir::read(part)))));
    for (std::size_t i = 0; i < parts.size(); ++i) {
      Place target = to;
      target.path.insert(target.path.end(), parts[i].path.begin() + from.path.size(), parts[i].path.end());
      store(target, values[i]);
    }
  }

  void process(const Block &block) {
    for (const Stmt &s : block) {
      const Stmt *outer = std::exchange(stmt_, &s);
      out_.regions_of_[s.id] = region_;
      for (auto &[key, place] : extra_(s))
        out_.addresses_[{s.id, key}] = address(place);
      statement(s);
      stmt_ = outer;
      unsigned last = s.id;
      for_each_block(s, [&](const Block &b) {
        if (!b.empty())
          last = std::max(last, out_.last_of_[b.back().id]);
      });
      out_.last_of_[s.id] = last;
    }
  }

  void statement(const Stmt &s) {
    match(
        s.node, [&](const Declare &n) { declare(n); }, [&](const Assign &n) { set(n.to, n.value); },
        [&](const Add &n) {
          Ex old = ir::read(n.to);
          Ex sum(Expr{Apply{Rule::add, {old, n.value}}, n.value.type()});
          kept_.push_back(sum); // identity of nodes is the key of of_: keep them alive
          assign(n.to, eval(sum), false);
        },
        [&](const If &n) { branch(s, n); }, [&](const For &n) { counted(s, n); },
        [&](const While &n) { general(s, n); },
        [&](const Return &n) {
          if (n.value)
            eval(*n.value);
        },
        [&](const Call &n) { call(n); },
        [&](const Allocate &n) {
          if (n.count)
            eval(n.count);
          if (n.init)
            eval(*n.init);
          result(n.to);
        },
        [&](const Free &n) {
          eval(n.pointer);
          if (region_ != out_.body_) // in the function's body it is put off until the reverse sweep is done
            clobber(out_.alias_.points_to(n.pointer));
        },
        [&](const Opaque &n) {
          for (const Ex &e : n.args)
            eval(e);
          for (const Place &p : n.writes)
            result(p);
        },
        [&](const Comment &) {}, [&](const Push &n) { eval(n.value); }, [&](const Pop &n) { result(n.to); },
        [&](const Scope &) { internal_error("Scope in analysis values", s.loc); },
        [&](const Exit &) { internal_error("Exit in analysis values", s.loc); },
        [&](const Try &) { internal_error("Try in analysis values", s.loc); },
        [&](const Throw &) { internal_error("Throw in analysis values", s.loc); });
  }

  /// A place that receives something unknown.
  void result(const Place &p) {
    if (p.path.empty() && out_.is_tracked(p.root))
      env_.vars[p.root] = defined(p.root, p.root->type);
    else
      store(p, no_value);
  }

  void declare(const Declare &n) {
    Place whole{n.var, {}};
    out_.declared_in_[n.var] = region_;
    for (const Ex &e : n.elements)
      eval(e);
    if (n.init)
      set(whole, *n.init);
    else if (out_.is_tracked(n.var) && n.zero) {
      const Type &t = n.var->type;
      Ex e = t.is(Type::Real)   ? ir::zero(t)
             : t.is(Type::Bool) ? ir::literal_false()
             : t.is(Type::Int)  ? ir::integer(0, t.with_const(false))
                                : ir::null_pointer(t.with_const(false));
      kept_.push_back(e);
      assign(whole, eval(e), false);
    } else if (n.var->kind != Variable::StaticConst)
      result(whole);
  }

  void call(const Call &n) {
    for (std::size_t i = 0; i < n.args.size(); ++i) {
      eval(n.args[i]);
      const Type type = n.args[i].type();
      if (auto *r = std::get_if<Read>(&n.args[i]->node); r && type.is(Type::Record))
        eval(out_.object_addresses_[{stmt_->id, i}] =
                 make(AddressOf{r->place}, Type::pointer(type.with_const(false))));
    }
    Alias::Objects changed;
    for (std::size_t i = 0; i < n.args.size(); ++i) {
      const Type &arg = n.args[i].type();
      if (arg.is(Type::Real) || arg.is_discrete())
        continue;
      const Type &as = i < n.callee->params.size() ? n.callee->params[i] : arg;
      Alias::Objects direct = out_.alias_.points_to(n.args[i]), all = out_.alias_.reachable(direct);
      const bool is_read = as.is(Type::Pointer) && as.element().is_const() && !n.callee->changes_constants;
      if (n.callee->derivative && is_read && owns_all(as.element()))
        continue; // its elements are read only as well
      if (is_read)
        for (Alias::Object o : direct)
          all.erase(o); // what it points to directly is read only
      changed.insert(all.begin(), all.end());
    }
    if (!keeps_to_arguments(*n.callee))
      changed.insert(Alias::unknown); // globals, and whatever has escaped
    for (Alias::Object o : std::vector<Alias::Object>(changed.begin(), changed.end()))
      if (out_.alias_.info(o).kind == Alias::Info::Variable &&
          out_.alias_.info(o).var->kind == Variable::StaticConst)
        changed.erase(o);
    clobber(changed);
    if (n.result)
      result(*n.result);
    if (n.result && n.result->path.empty() && out_.is_tracked(n.result->root))
      out_.results_[stmt_->id] = env_.vars[n.result->root];
  }

  // ---- control ----
  struct Changes {
    std::vector<Var> vars;
    Alias::Objects objects;
  };

  /// What a block assigns: followed variables known here, and objects in memory.
  Changes changes(const Block &block) {
    Changes c;
    std::set<Var> seen;
    auto written = [&](const Place &p) {
      if (p.path.empty() && out_.is_tracked(p.root)) {
        if (env_.vars.count(p.root) && seen.insert(p.root).second)
          c.vars.push_back(p.root);
        return;
      }
      Alias::Objects o = out_.alias_.objects(p);
      c.objects.insert(o.begin(), o.end());
    };
    for_each_stmt(block, [&](const Stmt &s) {
      if (auto *d = std::get_if<Declare>(&s.node); d && d->var->kind == Variable::StaticConst)
        return;
      for (const Place &p : writes_of(s))
        written(p);
      if (auto *o = std::get_if<Opaque>(&s.node))
        for (const Place &p : o->writes)
          written(p);
      if (auto *call = std::get_if<Call>(&s.node)) {
        for (const Ex &arg : call->args) {
          Alias::Objects o = out_.alias_.reachable(out_.alias_.points_to(arg));
          c.objects.insert(o.begin(), o.end());
        }
        if (!keeps_to_arguments(*call->callee))
          c.objects.insert(Alias::unknown);
      }
      if (auto *f = std::get_if<Free>(&s.node)) {
        Alias::Objects o = out_.alias_.points_to(f->pointer);
        c.objects.insert(o.begin(), o.end());
      }
    });
    return c;
  }

  ValueId phi(const Var &v, bool head) {
    Value x{Value::Phi, v->type.with_const(false), {}, {}, {}, v, region_, stmt_};
    x.head = head;
    return add(std::move(x));
  }

  void branch(const Stmt &s, const If &n) {
    eval(n.cond);
    const Region *outer = region_;
    Env before = env_;
    auto arm = [&](const Block &body, bool yes) {
      region_ = region(Region::Branch, outer, &s);
      out_.arms_[{s.id, yes}] = region_;
      env_ = before;
      process(body);
      region_ = outer;
      return env_;
    };
    Env yes = arm(n.yes, true), no = arm(n.no, false);
    env_ = before;
    for (auto &[var, value] : before.vars) {
      ValueId a = yes.vars[var], b = no.vars[var];
      if (a == b && out_.values_[a].home->encloses(region_)) {
        env_.vars[var] = a;
        continue;
      }
      ValueId joined = env_.vars[var] = phi(var, false);
      out_.values_[joined].initial = a;
      out_.values_[joined].next = b;
    }
    Changes c = changes(n.yes), more = changes(n.no);
    c.objects.insert(more.objects.begin(), more.objects.end());
    clobber(c.objects, false);
  }

  void counted(const Stmt &s, const For &n) {
    out_.bounds_[s.id] = {eval(n.first), eval(n.bound)};
    enter_loop(s, n.body, [&] {
      out_.declared_in_[n.index] = region_;
      env_.vars[n.index] =
          add({Value::LoopIndex, n.index->type.with_const(false), {}, {}, {}, n.index, region_, &s});
    });
    env_.vars.erase(n.index);
  }

  void general(const Stmt &s, const While &n) {
    Value t{Value::Defined, Type::integer("long"), {}, {}, {}, {}, region_, &s};
    out_.trips_[s.id] = add(std::move(t));
    enter_loop(s, n.body, [&] { eval(n.cond); });
  }

  void enter_loop(const Stmt &s, const Block &body, const std::function<void()> &header) {
    const Region *outer = region_;
    Changes c = changes(body);
    Env before = env_;
    region_ = region(Region::Loop, outer, &s);
    out_.regions_.back()->events_before = events_;
    out_.arms_[{s.id, true}] = region_;
    std::map<Var, ValueId> heads;
    for (const Var &v : c.vars) {
      heads[v] = env_.vars[v] = phi(v, true);
      out_.values_[heads[v]].initial = before.vars[v];
    }
    clobber(c.objects, false);
    header();
    Env start = env_;
    process(body);
    if (outer->frame() == outer) // no branch in between
      out_.iterations_[region_] = {start.vars, env_.vars};
    for (auto &[var, head] : heads)
      out_.values_[head].next = env_.vars[var];
    region_ = outer;
    env_ = before;
    for (const Var &v : c.vars) {
      ValueId after = env_.vars[v] = phi(v, false);
      out_.values_[after].initial = out_.values_[after].next = heads[v];
    }
    clobber(c.objects, false);
  }

  Values &out_;
  const ExtraPlaces &extra_;
  bool enabled_;
  Env env_;
  const Region *region_ = nullptr;
  const Stmt *stmt_ = nullptr;
  bool lazy_ = false;
  unsigned events_ = 0;
  std::map<std::string, std::vector<ValueId>> table_;
  std::vector<Ex> kept_;
};

Values::Values(const Function &f, const Alias &alias, ExtraPlaces extra, bool enabled, bool ranges)
    : function_(f), alias_(alias), ranges_(ranges) {
  if (!extra)
    extra = [](const Stmt &) { return std::vector<std::pair<const void *, Place>>{}; };
  ValueBuilder(*this, extra, enabled).run();
}

} // namespace nabla::analysis
