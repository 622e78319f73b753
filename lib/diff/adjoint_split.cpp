// Split mode: a forward function that does the primal's work and records, and a reverse function that consumes the
// record. What the reverse reads of the forward's locals crosses on the record's stack; local memory that it needs is
// allocated in the record's arena, where it outlives the forward call.
#include "diff/adjoint_impl.h"
#include "diff/arena.h"
#include "ir/diagnostic.h"

namespace nabla::diff {
using namespace ir;

bool is_pointed_at(const Block &block, const Var &v) {
  bool found = false;
  for_each_stmt(block, [&](const Stmt &s) {
    for_each_expr(s, [&](const Ex &top) {
      for_each_subexpr(top, [&](const Ex &e) {
        auto *a = std::get_if<AddressOf>(&e->node);
        bool itself = a && a->place.root == v;
        if (itself)
          for (const Step &step : a->place.path)
            itself &= !std::holds_alternative<Deref>(step);
        found |= itself;
      });
    });
  });
  return found;
}

namespace {

/// Variables that the block itself declares (not inside nested blocks).
std::vector<Var> declared(const Block &block) {
  std::vector<Var> out;
  for (const Stmt &s : block)
    if (auto *d = std::get_if<Declare>(&s.node))
      out.push_back(d->var);
  return out;
}

/// a[2] = {x, y}     a[0] = x; a[1] = y, in memory that is zero: `next` goes through the elements.
void assign_elements(const Place &to, const std::vector<Ex> &elements, std::size_t &next, Block &out) {
  Type type = to.type();
  if (type.is(Type::Array)) {
    for (std::uint64_t i = 0; i < type.extent(); ++i)
      assign_elements(index(to, integer(long(i))), elements, next, out);
  } else if (type.is(Type::Record)) {
    for (unsigned i = 0; i < type.members().fields.size(); ++i)
      assign_elements(field(to, i), elements, next, out);
  } else if (next < elements.size()) {
    const Ex &value = elements[next++];
    if (!is_zero(value))
      out.push_back({Assign{to, value}, {}, 0});
  }
}

/// Replaces the declaration of `v` by one of `pointer` to memory in the record.
Block move_to_record(const Block &block, const Var &v, const Var &pointer) {
  Block out;
  for (const Stmt &s : block) {
    auto *d = std::get_if<Declare>(&s.node);
    if (!d || d->var != v) {
      out.push_back(s);
      continue;
    }
    out.push_back({Declare{pointer, {}, false, {}}, s.loc, 0});
    out.push_back(
        {Allocate{Place{pointer, {}}, v->type.with_const(false), integer(1), Allocate::Arena, true, {}},
         s.loc, 0});
    if (d->init)
      out.push_back({Assign{Place{pointer, {Deref{}}}, *d->init}, s.loc, 0});
    std::size_t next = 0;
    assign_elements(Place{pointer, {Deref{}}}, d->elements, next, out);
  }
  return out;
}

} // namespace

Adjoint AdjointBuilder::assemble_split(Block forward) {
  std::vector<Var> candidates = declared(forward);
  Block reverse = reverse_;
  reverse.insert(reverse.end(), frees_.begin(), frees_.end());
  std::size_t primal = shadows_.params.size();
  std::vector<Var> params(shadows_.function.params.begin(), shadows_.function.params.begin() + primal);
  for (const AdjointParam &p : shadows_.params)
    if (p.adjoint && p.primal->type.is(Type::Pointer))
      params.push_back(p.adjoint);
  candidates.insert(candidates.end(), params.begin(), params.end());

  std::set<Var> read_back;
  for_each_variable(reverse, [&](const Var &v) { read_back.insert(v); });
  Block pushes, pops, entry, tables;
  PlaceMap moved;
  for (const Var &v : candidates) {
    if (analysis::is_record(v->type))
      continue; // in both functions the caller's takes its place
    if (v->kind == Variable::StaticConst) {
      if (read_back.count(v)) // both functions have the table
        for_each_stmt(forward, [&](const Stmt &s) {
          if (auto *d = std::get_if<Declare>(&s.node); d && d->var == v)
            tables.push_back(s);
        });
      continue;
    }
    bool is_read = read_back.count(v) != 0;
    bool scalar = !v->type.is(Type::Array) && !v->type.is(Type::Record);
    // A recorded pointer may lead to it, whether or not the reverse names it.
    bool pointed_at = is_pointed_at(forward, v) || is_pointed_at(reverse, v);
    Var crossing = v;
    if (pointed_at || (is_read && !scalar)) {
      crossing = local(v->name, Type::pointer(v->type.with_const(false)));
      crossing->is_shadow = v->is_shadow;
      moved[v] = Place{crossing, {Deref{}}};
      if (v->kind == Variable::Param)
        copy_parameter(v, crossing, entry);
      else
        forward = move_to_record(forward, v, crossing);
    }
    if (is_read)
      cross(crossing, pushes, pops);
  }
  Adjoint out;
  Function &f = out.forward, &r = out.reverse;
  f.body = std::move(entry);
  Block rest = substitute(forward, moved);
  f.body.insert(f.body.end(), rest.begin(), rest.end());
  f.body.insert(f.body.end(), pushes.begin(), pushes.end());
  if (result_)
    emit(f.body, Return{substitute(*result_, moved)});
  r.body = std::move(tables);
  r.body.insert(r.body.end(), pops.begin(), pops.end());
  rest = substitute(reverse, moved);
  r.body.insert(r.body.end(), rest.begin(), rest.end());
  finish_split(f, r, params);
  return out;
}

/// A by-value parameter whose storage the reverse function needs: a copy in the record.
void AdjointBuilder::copy_parameter(const Var &v, const Var &pointer, Block &out) const {
  Type type = v->type.with_const(false);
  emit(out, Declare{pointer, {}, false, {}});
  emit(out, Allocate{Place{pointer, {}}, type, integer(1), Allocate::Arena, true, {}});
  emit(out, Assign{Place{pointer, {Deref{}}}, make(Read{Place{v, {}}}, type)});
}

/// Push in the forward function, pop in the reverse function; `pops` ends up in opposite order.
void AdjointBuilder::cross(const Var &v, Block &pushes, Block &pops) {
  Type type = v->type.with_const(false);
  Var popped = v;
  Ex value = make(Read{Place{v, {}}}, type);
  Block pop;
  if (type.is_reference()) {
    Type pointer = Type::pointer(type.element());
    popped = local(v->name, pointer);
    popped->is_shadow = v->is_shadow;
    value = make(AddressOf{Place{v, {Deref{}}}}, pointer);
    emit(pop, Declare{popped, {}, false, {}});
    emit(pop, Pop{shadows_.record, Place{popped, {}}});
    emit(pop, Declare{v, make(AddressOf{Place{popped, {Deref{}}}}, pointer), false, {}});
  } else {
    v->type = type; // a const local of the forward function is assigned by the pop in the reverse function
    emit(pop, Declare{popped, {}, false, {}});
    emit(pop, Pop{shadows_.record, Place{popped, {}}});
  }
  emit(pushes, Push{shadows_.record, value});
  pops.insert(pops.begin(), pop.begin(), pop.end());
}

void AdjointBuilder::finish_split(Function &f, Function &r, std::vector<Var> params) {
  Var forward_record = shadows_.record;
  // One of the function's own would be gone when the reverse function reads what lies in it.
  f.body = in_record(f.body, Depth::Own, [&] { return forward_record; });
  forward_record->type = record_parameter();
  forward_record->kind = Variable::Param;
  f.name = options_.name + "_forward";
  f.result = shadows_.function.result;
  f.params = std::move(params);
  f.params.push_back(forward_record);
  r.name = options_.name + "_reverse";
  r.params.push_back(forward_record);
  if (seed_)
    r.params.push_back(seed_);
  for (const AdjointParam &p : shadows_.params)
    if (p.adjoint && !p.primal->type.is(Type::Pointer))
      r.params.push_back(p.adjoint);
  f.loc = r.loc = shadows_.function.loc;
  renumber(f);
  renumber(r);
}

} // namespace nabla::diff
