#include "diff/blocks.h"
#include "diff/adjoint_memory.h"
#include "diff/checkpoint_state.h"
#include "diff/loops.h"
#include "ir/build.h"
#include "ir/diagnostic.h"
#include "ir/make.h"
#include "ir/rules.h"
#include "ir/walk.h"
#include <algorithm>

namespace nabla::diff {
using namespace ir;
using analysis::Alias;

namespace {

const Type number = Type::integer("long");

const Ex &without_casts(const Ex &e) {
  auto *c = std::get_if<Cast>(&e->node);
  return c ? without_casts(c->from) : e;
}

/// `trips * rest`, with another factor in place of the trip count; nothing if it is not of this form.
std::optional<Ex> with_factor(const Ex &count, const Ex &trips, const Ex &factor) {
  if (same_value(without_casts(count), without_casts(trips)))
    return factor;
  auto *n = std::get_if<Native>(&without_casts(count)->node);
  if (!n || n->op != "*")
    return {};
  std::optional<Ex> first = with_factor(n->args[0], trips, factor);
  return first ? std::optional(cast(*first, number) * cast(n->args[1], number)) : std::nullopt;
}

long bytes_of(const Type &t) {
  return t.is(Type::Bool) ? 1 : t.spelling() == "float" ? 4 : t.spelling() == "long double" ? 16 : 8;
}

/// The forward and the reverse loop over the same iterations, statements of the function's body.
struct Pair {
  std::size_t forward, reverse;
};

/// An array of the record, with an element, or a row, for each iteration.
struct Slot {
  Var array;
  std::size_t declared, allocated; ///< statements of the function's body
};

class Blocker {
public:
  Blocker(const Function &f, Pair at)
      : function_(f), at_(at), forward_(loop(at.forward)), reverse_(loop(at.reverse)) {}

  /// Nothing where this cannot be done, or does not pay.
  std::optional<Function> run() {
    find_record();
    if (!record_ || !is_plain(forward_.body) || !is_plain(reverse_.body) || !find_slots() ||
        !uses_are_rows() || !pays() || !find_state())
      return {};
    Function out = function_;
    out.body = rebuilt();
    renumber(out);
    return out;
  }

private:
  const For &loop(std::size_t at) const { return std::get<For>(function_.body[at].node); }
  bool is_slot(const Var &v) const {
    return std::any_of(slots_.begin(), slots_.end(), [&](const Slot &s) { return s.array == v; });
  }

  // ---- what is recorded

  void find_record() {
    auto is_record = [](const Var &v) { return v && analysis::is_record(v->type); };
    for (const Stmt &s : function_.body)
      if (is_record(declared_by(s)))
        record_ = declared_by(s);
  }

  /// The arrays that the forward loop fills; false if it leaves anything else behind.
  bool find_slots() {
    bool plain = true;
    std::set<Var> filled;
    for_each_stmt(forward_.body, [&](const Stmt &s) {
      plain &= !std::holds_alternative<Pop>(s.node);
      for (const Place &p : writes_of(s)) {
        plain &= !p.root->is_shadow;
        if (p.root->kind == Variable::Local && AdjointMemory::leads_on(p))
          filled.insert(p.root);
      }
    });
    Ex trips = trip_count(forward_, forward_.first, forward_.bound);
    for (std::size_t i = 1; i < at_.forward; ++i) {
      auto *a = std::get_if<Allocate>(&function_.body[i].node);
      if (!a || a->how != Allocate::Arena || !a->to.path.empty() || !filled.count(a->to.root))
        continue;
      bool fits = declared_by(function_.body[i - 1]) == a->to.root && !a->zero &&
                  with_factor(a->count, trips, integer(1, number)) && is_steady(a->count, i);
      if (fits)
        slots_.push_back({a->to.root, i - 1, i});
    }
    return plain && !slots_.empty();
  }

  /// Is what the expression reads the same from statement `from` on until the forward loop has run?
  bool is_steady(const Ex &e, std::size_t from) const {
    bool steady = true;
    std::set<Var> read;
    for_each_read(e, [&](const Place &p) {
      steady &= p.path.empty();
      read.insert(p.root);
    });
    auto look = [&](const Stmt &s) {
      for (const Place &p : writes_of(s))
        steady &= !read.count(p.root) || AdjointMemory::leads_on(p);
    };
    for (std::size_t i = from; i <= at_.forward; ++i) {
      look(function_.body[i]);
      for_each_block(function_.body[i], [&](const Block &b) { for_each_stmt(b, look); });
    }
    std::set<Var> addressed = pointed_at(function_.body);
    return steady && std::none_of(read.begin(), read.end(), [&](const Var &v) { return addressed.count(v); });
  }

  /// Do the two loops alone use the arrays, each iteration its own elements?
  bool uses_are_rows() const {
    std::map<Var, unsigned> all, rows;
    for_each_variable(function_.body, [&](const Var &v) { ++all[v]; });
    for (std::size_t at : {at_.forward, at_.reverse}) {
      const Var &index = loop(at).index;
      rewrite_places(loop(at).body, [&](const Place &p) -> std::optional<Place> {
        auto *d = is_slot(p.root) && p.path.size() == 1 ? std::get_if<Deref>(&p.path[0]) : nullptr;
        unsigned mentioned = 0;
        if (d && d->offset)
          for_each_variable(d->offset, [&](const Var &v) { mentioned += v == index; });
        rows[p.root] += mentioned == 1;
        return {};
      });
    }
    return std::all_of(slots_.begin(), slots_.end(),
                       [&](const Slot &s) { return rows[s.array] + 2 == all[s.array]; });
  }

  // ---- does it pay

  /// Loops inside fill the arrays, and compilers vectorise them: then memory is what takes time.
  bool pays() const {
    Block again = unrecorded();
    int stores = 0;
    bool cheap = true;
    std::function<void(const Block &, bool)> look = [&](const Block &block, bool inside) {
      for (const Stmt &s : block) {
        for (const Place &p : writes_of(s))
          stores += inside && is_slot(p.root);
        auto *inner = std::get_if<For>(&s.node);
        cheap &= !inner || is_vectorised(*inner);
        for_each_block(s, [&](const Block &b) { look(b, inside || inner); });
      }
    };
    look(forward_.body, false);
    return cheap && cost_of(again) <= most_per_store * stores;
  }

  /// No iteration needs what another one has written, as far as names tell; no calls of costly functions.
  static bool is_vectorised(const For &loop) {
    bool is_innermost = true, apart = true;
    std::vector<Place> written, read;
    std::set<Var> own{loop.index};
    for_each_stmt(loop.body, [&](const Stmt &s) {
      is_innermost &= !std::holds_alternative<For>(s.node);
      if (Var v = declared_by(s))
        own.insert(v);
      for (const Place &p : writes_of(s))
        if (!own.count(p.root))
          written.push_back(p);
      for (const Place &p : reads_of(s))
        read.push_back(p);
      for_each_expr(s, [&](const Ex &top) {
        for_each_subexpr(top, [&](const Ex &e) {
          auto *a = std::get_if<Apply>(&e->node);
          apart &= !a || info(a->rule).cost <= most_per_operation;
        });
      });
    });
    if (!is_innermost)
      return true; // the inner one decides
    for (const Place &w : written) {
      apart &= !w.path.empty();
      for (const Place &r : read)
        apart &= r.root != w.root || r.path.empty() || same_place(r, w);
    }
    return apart;
  }

  // ---- what the iterations hand on

  /// The forward loop's body without what it records.
  Block unrecorded() const {
    std::function<Block(const Block &)> without = [&](const Block &block) {
      Block out;
      for (const Stmt &s : block) {
        auto *a = std::get_if<Assign>(&s.node);
        if (!a || !is_slot(a->to.root))
          out.push_back(with_blocks(s, without));
      }
      return out;
    };
    return without(forward_.body);
  }

  /// False if it is not known, or if the reverse loop wants to see what the forward loop has left.
  bool find_state() {
    Function plain = function_;
    std::get<For>(plain.body[at_.forward].node).body = unrecorded();
    renumber(plain);
    const Stmt &loop = plain.body[at_.forward];
    Alias alias(plain, true);
    Origins origins(plain, alias);
    LoopState state(plain, alias, origins, loop, {&plain.body}, false);
    CheckpointedLoop found;
    try {
      found = state.run();
    } catch (const Refusal &) {
      return false;
    }
    if (!found.turns.empty() ||
        std::any_of(found.used.begin(), found.used.end(), [&](const auto &u) { return is_slot(u.var); }))
      return false;
    Alias::Objects objects;
    auto note = [&](const Alias::Objects &more) { objects.insert(more.begin(), more.end()); };
    for (const CheckpointedLoop::Used &u : found.used)
      if (u.is_state) {
        parts_.push_back(u.var->type.is_reference() ? Place{u.var, {Deref{}}} : Place{u.var, {}});
        note(alias.objects(parts_.back()));
      }
    for (const auto &[pointer, range] : state.computed) {
      note(alias.points_to(ir::read(Place{pointer, {}})));
      note_memory(pointer, range);
    }
    for (const Origin *o : state.asked) {
      std::size_t made = 0;
      while (made < plain.body.size() && plain.body[made].id != o->id)
        ++made;
      if (made >= at_.forward || !is_steady(ir::read(Place{o->pointer, {}}), made + 1) ||
          !is_steady(o->count, made + 1))
        return false;
      note(alias.points_to(ir::read(Place{o->pointer, {}})));
      note_memory(o->pointer, cast(o->count, Type::integer("unsigned long")));
    }
    return !parts_.empty() && !sees(plain.body[at_.reverse], alias, objects);
  }
  void note_memory(const Var &pointer, const Ex &size) {
    Var memory = memory_named(pointer);
    memories_.push_back({declare_memory(memory, pointer, size), {}, 0});
    parts_.push_back(Place{memory, {}});
  }

  static bool sees(const Stmt &s, const Alias &alias, const Alias::Objects &objects) {
    bool found = false;
    auto look = [&](const Stmt &inner) {
      for (const std::vector<Place> &places : {reads_of(inner), writes_of(inner)})
        for (const Place &p : places)
          found |= alias.overlap(alias.objects(p), objects);
    };
    look(s);
    for_each_block(s, [&](const Block &b) { for_each_stmt(b, look); });
    return found;
  }

  // ---- what is written

  static Stmt plain(decltype(Stmt::node) node, const Loc &loc = {}) { return {std::move(node), loc, 0}; }
  Ex of_blocks(const char *name, const std::vector<Ex> &more = {}, const Type &type = number) const {
    std::vector<Ex> args{ir::read(Place{blocks_, {}})};
    args.insert(args.end(), more.begin(), more.end());
    return native(std::string("call nabla::snapshots::") + name, args, type);
  }
  Stmt of_state(const char *name, const std::vector<Ex> &more, bool writes) const {
    std::vector<Ex> args{ir::read(Place{blocks_, {}})};
    args.insert(args.end(), more.begin(), more.end());
    std::vector<Place> written;
    for (const Place &p : parts_) {
      args.push_back(make(Read{p}, p.type().with_const(false)));
      if (writes && !p.root->type.is(Type::Opaque))
        written.push_back(p);
    }
    return snapshots_call(name, args, written);
  }

  /// Numbers of iterations, not values of the index.
  struct Part {
    Var from, to;
    Block names;
  };
  Part part_of(const Var &block) const {
    const Type type = forward_.index->type.with_const();
    Part p{local("from", type), local("to", type), {}};
    Ex at = ir::read(Place{block, {}});
    auto name = [&](const Var &v, const Ex &of) {
      p.names.push_back(
          plain(Declare{v, cast(of_blocks("before", {of}), type.with_const(false)), false, {}}));
    };
    name(p.from, at);
    name(p.to, at + integer(1, number));
    return p;
  }

  /// The loop over one block, its rows counted from there.
  For within(const For &loop, const Part &part) const {
    For out = loop;
    auto index_at = [&](const Var &iteration) {
      Ex at = ir::read(Place{iteration, {}});
      return is_zero(loop.first) ? at : cast(loop.first, iteration->type.with_const(false)) + at;
    };
    out.first = index_at(part.from);
    out.bound = index_at(part.to);
    Ex at = ir::read(Place{loop.index, {}}) - ir::read(Place{part.from, {}});
    out.body = rewrite_places(loop.body, [&](const Place &p) -> std::optional<Place> {
      if (!is_slot(p.root))
        return {};
      return rewrite(p, [&](const Ex &e) -> std::optional<Ex> {
        auto *r = std::get_if<Read>(&e->node);
        return r && r->place.path.empty() && r->place.root == loop.index ? std::optional(at) : std::nullopt;
      });
    });
    return out;
  }
  For over_blocks(const Var &block, Block body, bool descending) const {
    return {block, integer(0, number), For::LT, ir::read(Place{count_, {}}), 1, std::move(body), descending};
  }

  Block forward_sweep() const {
    Var block = local("block", number);
    Part part = part_of(block);
    Ex at = ir::read(Place{block, {}});
    Block body{of_state("keep_block", {at}, false)};
    body.insert(body.end(), part.names.begin(), part.names.end());
    Var is_last = local("is_last", Type::boolean().with_const());
    body.push_back(
        plain(Declare{is_last,
                      native("==", {at + integer(1, number), ir::read(Place{count_, {}})}, Type::boolean()),
                      false,
                      {}}));
    For loop = within(forward_, part);
    loop.body = recorded_if(ir::read(is_last), loop.body);
    body.push_back(plain(std::move(loop), function_.body[at_.forward].loc));
    return {plain(over_blocks(block, body, false))};
  }

  /// Stores to the record, and what does nothing else.
  bool only_records(const Stmt &s) const {
    auto *a = std::get_if<Assign>(&s.node);
    bool inside = std::holds_alternative<For>(s.node) || std::holds_alternative<If>(s.node);
    for_each_block(s, [&](const Block &b) {
      inside &= std::all_of(b.begin(), b.end(), [&](const Stmt &t) { return only_records(t); });
    });
    return inside || (a && is_slot(a->to.root));
  }

  /// Blocks that run again are recorded then. An inner loop asks once: compilers vectorise what has no branch.
  Block recorded_if(const Ex &condition, const Block &block) const {
    auto records = [&](const Stmt &s) { return only_records(s); };
    Block out;
    for (auto s = block.begin(); s != block.end();) {
      auto end = std::find_if_not(s, block.end(), records);
      Block recorded(s, end), bare;
      s = end;
      if (s != block.end() && is_plain_loop(*s)) {
        bare.push_back(unrecorded(*s));
        recorded.push_back(*s++);
      }
      if (!recorded.empty())
        out.push_back(plain(If{condition, std::move(recorded), std::move(bare)}));
      else
        out.push_back(with_blocks(*s++, [&](const Block &b) { return recorded_if(condition, b); }));
    }
    return out;
  }

  /// A loop of assignments alone, of which some record.
  bool is_plain_loop(const Stmt &s) const {
    auto *loop = std::get_if<For>(&s.node);
    auto simple = [](const Stmt &t) {
      return std::holds_alternative<Assign>(t.node) || std::holds_alternative<Declare>(t.node);
    };
    return loop && std::all_of(loop->body.begin(), loop->body.end(), simple) &&
           std::any_of(loop->body.begin(), loop->body.end(), [&](const Stmt &t) { return only_records(t); });
  }

  Stmt unrecorded(const Stmt &loop) const {
    Function once;
    once.body = {loop};
    once = clone_with_fresh_locals(once);
    Block &body = std::get<For>(once.body[0].node).body;
    body.erase(std::remove_if(body.begin(), body.end(), [&](const Stmt &t) { return only_records(t); }),
               body.end());
    return once.body[0];
  }

  Block reverse_sweep() const {
    Var block = local("block", number);
    Part part = part_of(block);
    Ex at = ir::read(Place{block, {}});
    Block again{of_state("take_block", {at}, true)};
    Function once;
    once.body = {plain(within(forward_, part))};
    once = clone_with_fresh_locals(once);
    for_each_stmt(once.body, [](Stmt &s) { s.loc = nullptr; });
    again.insert(again.end(), once.body.begin(), once.body.end());
    Block body = part.names;
    body.push_back(plain(If{of_blocks("runs_again", {at}, Type::boolean()), again, {}}));
    body.push_back(plain(within(reverse_, part), function_.body[at_.reverse].loc));
    return {of_state("set_aside", {}, false), plain(over_blocks(block, body, true)),
            of_state("bring_back", {}, true)};
  }

  /// `nabla::snapshots::blocks blocks = ...;` and the arrays, each as long as a block.
  Block allocations() {
    Ex trips = trip_count(forward_, forward_.first, forward_.bound), bytes;
    for (const Slot &s : slots_) {
      const Allocate &a = std::get<Allocate>(function_.body[s.allocated].node);
      Ex mine = integer(bytes_of(a.element), number) * *with_factor(a.count, trips, integer(1, number));
      bytes = bytes ? bytes + mine : mine;
    }
    blocks_ = local("blocks", Type::opaque("nabla::snapshots::blocks"));
    Ex record = make(Read{Place{record_, {}}}, record_->type);
    Block out{plain(Declare{blocks_,
                            native("call nabla::snapshots::blocks",
                                   {record, cast(trips, number), cast(bytes, Type::integer("unsigned long"))},
                                   blocks_->type),
                            false,
                            {}})};
    count_ = local("block_count", number.with_const());
    out.push_back(plain(Declare{count_, of_blocks("count_of"), false, {}}));
    for (const Slot &s : slots_) {
      out.push_back(function_.body[s.declared]);
      Allocate a = std::get<Allocate>(function_.body[s.allocated].node);
      a.count = *with_factor(a.count, trips, of_blocks("length_of"));
      out.push_back(plain(a, function_.body[s.allocated].loc));
    }
    out.insert(out.end(), memories_.begin(), memories_.end());
    return out;
  }

  Block rebuilt() {
    Block out;
    for (std::size_t i = 0; i < function_.body.size(); ++i) {
      auto moved = [&](const Slot &s) { return s.declared == i || s.allocated == i; };
      if (std::any_of(slots_.begin(), slots_.end(), moved))
        continue;
      Block instead = i == at_.forward   ? allocations()
                      : i == at_.reverse ? reverse_sweep()
                                         : Block{function_.body[i]};
      out.insert(out.end(), instead.begin(), instead.end());
      if (i != at_.forward)
        continue;
      instead = forward_sweep();
      out.insert(out.end(), instead.begin(), instead.end());
    }
    return out;
  }

  static constexpr int most_per_store =
      40; ///< in additions: what a store and a load take, if they leave the caches
  static constexpr int most_per_operation = 8; ///< what vectorises is not dearer

  const Function &function_;
  const Pair at_;
  const For &forward_, &reverse_;
  Var record_, blocks_, count_;
  std::vector<Slot> slots_;
  std::vector<Place> parts_; ///< what the iterations hand on
  Block memories_;           ///< declarations of those parts that lie in memory
};

/// The loop at the top of the body that reads in opposite order what this one has filled.
std::optional<Pair> mirror_of(const Function &f, std::size_t at) {
  auto counts = [](const For *loop) { return loop && loop->step == 1 && loop->cmp == For::LT; };
  auto *forward = std::get_if<For>(&f.body[at].node);
  if (!counts(forward) || forward->descending)
    return {};
  std::set<Var> filled;
  for_each_stmt(forward->body, [&](const Stmt &s) {
    for (const Place &p : writes_of(s))
      if (p.root->kind == Variable::Local && AdjointMemory::leads_on(p))
        filled.insert(p.root);
  });
  for (std::size_t i = at + 1; i < f.body.size(); ++i) {
    auto *reverse = std::get_if<For>(&f.body[i].node);
    bool reads = false;
    if (counts(reverse) && reverse->descending && reverse->index->type == forward->index->type)
      for_each_variable(reverse->body, [&](const Var &v) { reads |= filled.count(v) != 0; });
    if (reads)
      return Pair{at, i};
  }
  return {};
}

} // namespace

std::optional<Blocked> record_in_blocks(const Function &f) {
  Blocked out{f, {}};
  if (f.may_alias)
    return {};
  for (std::size_t i = f.body.size(); i-- > 0;)
    if (std::optional<Pair> at = i < out.function.body.size() ? mirror_of(out.function, i) : std::nullopt) {
      Loc loc = out.function.body[i].loc;
      if (std::optional<Function> made = Blocker(out.function, *at).run()) {
        out.function = std::move(*made);
        out.loops.push_back(loc);
      }
    }
  return out.loops.empty() ? std::nullopt : std::optional(std::move(out));
}

} // namespace nabla::diff
