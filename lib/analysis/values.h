// Analysis `values`: a graph of every value a function computes, so that the reverse sweep can ask for one by name.
//
// Scalars that live in no memory (locals whose address is not taken) are followed as in SSA: each assignment makes a
// new value, control joins make a Phi. Reads of memory are Loads, equal when nothing that may overlap was written in
// between. Operations are hash-consed, so `x * y` twice is one value. Each value has a home: the region (function
// body, branch, loop body) that computes it whenever it runs.
//
// Example: for (i...) { t = a[i] * s; s = t; }     s#head = Phi(loop), t = mul(Load a[LoopIndex], s#head)
#pragma once
#include "analysis/alias.h"

namespace nabla::analysis {

using ValueId = unsigned;
constexpr ValueId no_value = ~0u;

struct Region {
  enum Kind { Body, Branch, Loop } kind = Body;
  const Region *parent = nullptr;
  const ir::Stmt *owner = nullptr; ///< the If or the loop; null for the function's body
  unsigned id = 0;
  unsigned events_before = 0; ///< a loop's body: changes of memory before the loop
  unsigned depth() const { return parent ? parent->depth() + 1 : 0; }
  /// The innermost loop body that this region is or lies in; the function's body if none.
  const Region *frame() const {
    const Region *r = this;
    while (r->kind == Branch)
      r = r->parent;
    return r;
  }
  bool encloses(const Region *inner) const { // or is
    for (; inner; inner = inner->parent)
      if (inner == this)
        return true;
    return false;
  }
};

/// A place with the values of everything that its path evaluates. Either in a variable's own storage (`root` set,
/// `pointer` absent) or through a pointer value.
struct Address {
  struct Step {
    enum Kind {
      Index,
      Field,
      Offset
    } kind; ///< Offset: p[value], only as the first step of a pointer address
    ValueId value = no_value;
    unsigned field = 0;
  };
  ir::Var root;
  ValueId pointer = no_value;
  std::vector<Step> steps;
  ir::Type type;          ///< of the object reached
  Alias::Objects objects; ///< where it may lie
};

/// Are the two, from one base, never the same memory? `apart` says it of two subscripts; nothing: the next step decides.
template <class Fn> bool steps_apart(const Address &a, const Address &b, const Fn &apart) {
  for (std::size_t i = 0; i < a.steps.size() && i < b.steps.size(); ++i) {
    const Address::Step &p = a.steps[i], &q = b.steps[i];
    if (p.kind != q.kind)
      return false;
    if (p.kind == Address::Step::Field && p.field != q.field)
      return true;
    if (p.kind == Address::Step::Field)
      continue;
    if (std::optional<bool> known = apart(p.value, q.value))
      return *known;
  }
  return false;
}

/// A statement's access, in a region.
struct Access {
  const Address *address;
  const Region *region;
};

struct Value {
  enum Kind {
    Constant,  ///< `shape` is the literal
    Entry,     ///< the parameter's value on entry
    Operation, ///< `shape` is Apply, Native, Cast or Select; `operands` stand for its operands
    AddressOf, ///< &address
    Load,      ///< the contents of `address` at `at`
    Phi,       ///< what a variable holds at the top of a loop's body, or after a loop or a branch
    LoopIndex, ///< the index of a counted loop
    Defined    ///< written by a call, an allocation, an opaque statement
  } kind;
  ir::Type type{};
  ir::Ex shape{};
  std::vector<ValueId> operands{};
  Address address{};
  ir::Var var{}; ///< Entry, Phi, LoopIndex, Defined: the variable that holds it then
  const Region *home = nullptr;
  const ir::Stmt *at = nullptr; ///< the statement that computes it (a Phi: the loop or the If)
  bool head = false;            ///< Phi at the top of a loop's body (else: after the statement)
  bool lazy = false;            ///< evaluated only if an enclosing && || ?: asks for it
  ir::Var name{};               ///< first user variable that was given this value by a whole assignment
  const ir::Stmt *named_at = nullptr;
  unsigned version = 0; ///< Load: distinguishes memory states
  unsigned objects_since =
      ~0u; ///< Load: the last change, by number, of anything in the objects that it may lie in
  const Region *since = nullptr; ///< Load: region in which memory reached that state
  /// Phi at a loop's head: on entry, and after an iteration. After a loop: its head, twice. After an If: of its arms.
  ValueId initial = no_value, next = no_value;
};

/// The call changes no memory but what its arguments lead to, and keeps no pointers.
bool keeps_to_arguments(const ir::Callee &c);

/// Places whose addresses shall be valued besides those of the statement itself: pairs of a key and a place.
using ExtraPlaces = std::function<std::vector<std::pair<const void *, ir::Place>>(const ir::Stmt &)>;

class Values {
public:
  /// `ranges`: subscripts in loops are told apart by the bounds of the loops (ranges.h).
  Values(const ir::Function &f, const Alias &alias, ExtraPlaces extra, bool enabled, bool ranges = true);

  const Value &operator[](ValueId v) const { return values_[v]; }
  unsigned count() const { return values_.size(); }
  /// The value of an expression that occurs in the statement (loop headers: bound and first).
  ValueId of(const ir::Stmt &s, const ir::Ex &e) const;
  bool has(const ir::Stmt &s, const ir::Ex &e) const { return of_.count({s.id, e.get()}) != 0; }
  const Address &address(const ir::Stmt &s, const void *key) const;
  const Region *region(const ir::Stmt &s) const { return regions_of_[s.id]; } ///< that the statement is in
  const Region *arm(const ir::Stmt &s, bool yes) const { return arms_.at({s.id, yes}); }
  const Region *body() const { return body_; }
  /// Value held by the variable when the function ends; no_value if it is not followed.
  ValueId final_value(const ir::Var &v) const;
  bool is_tracked(const ir::Var &v) const;
  /// Is the variable declared in the function's body itself (or a parameter, a global)?
  bool at_top(const ir::Var &v) const;
  /// The outermost region in whose every run the value stays the same: home, or further out for loop invariants.
  const Region *level(ValueId v) const;
  /// Region that declares the variable; the function's body for parameters and globals.
  const Region *declared_in(const ir::Var &v) const;
  /// Does memory at the Load's address still hold its value when the run of the scope (the function's body, or a loop's)
  /// that it is in ends?
  bool still_in_memory(ValueId load, const Region *scope) const;
  /// Where the region that computes the real also puts it, if it is still there when the run of the scope ends; else null.
  const Address *copy_in_memory(ValueId v, const Region *scope) const;
  /// What variables hold when an iteration of the loop begins and when it ends.
  using Held = std::map<ir::Var, ValueId>;
  const Held &at_start(const Region *loop) const { return iterations_.at(loop).first; }
  const Held &at_end(const Region *loop) const { return iterations_.at(loop).second; }
  /// Does the Load read memory that callers may change once the function has returned?
  bool belongs_to_caller(ValueId load) const;
  bool belongs_to_caller(const Address &a) const;
  /// May memory in these objects change after the statement ran?
  bool written_after(const ir::Stmt &s, const Alias::Objects &objects) const;
  /// All writes to memory that may lie in these objects, with the region that each is in.
  void each_write(const Alias::Objects &objects,
                  const std::function<void(const ir::Stmt &, const Access &)> &fn) const;
  /// Are variables among them gone when the function ends, as those of inner blocks are?
  bool go_out_of_scope(const Alias::Objects &objects) const;
  /// The address of an object that is passed by value; null for what has none.
  ir::Ex object_address(const ir::Stmt &call, std::size_t argument) const {
    auto it = object_addresses_.find({call.id, argument});
    return it == object_addresses_.end() ? ir::Ex() : it->second;
  }
  /// Counted loops: the values of first and bound. Others: the value is the trip counter's, see trips().
  ValueId first(const ir::Stmt &loop) const { return bounds_.at(loop.id).first; }
  ValueId bound(const ir::Stmt &loop) const { return bounds_.at(loop.id).second; }
  /// What a call returned; no_value if it went to memory.
  ValueId result(const ir::Stmt &call) const {
    auto it = results_.find(call.id);
    return it == results_.end() ? no_value : it->second;
  }
  ValueId trips(const ir::Stmt &loop) const { return trips_.at(loop.id); }
  /// v = base + constant, for subscripts like i and i + 1.
  std::pair<ValueId, long> affine(ValueId v) const;
  /// A plain integer literal's number.
  std::optional<long> number(ValueId v) const;
  /// Statements whose whole right side is the value, in order; where a record of it may be taken from the variable.
  const ir::Function &function() const { return function_; }

private:
  friend class ValueBuilder;
  struct Write {
    const ir::Stmt *at;
    const Region *region;
    Alias::Objects objects;
    Address address; ///< type Void: a whole object, or unknown extent
    bool exact = false;
  };
  bool happens_after(const Write &w, const ir::Stmt &at, const Region *home, const Region *scope) const;
  bool is_behind(const Write &w, const ir::Stmt &at, const Region *home) const;
  bool stays(const Access &there, const ir::Stmt &at, const Region *scope, const Write *self) const;
  bool may_overwrite(const Write &w, const Access &there, const Region *scope, bool behind) const;
  /// Computed from integers and pointers alone.
  bool is_index(ValueId v) const;
  bool is_made_of_indices(const Address &a) const;
  bool disjoint(const Address &a, const Address &b) const;
  /// The innermost region of which every run has memory of its own for the objects: nothing from outside leads to them.
  const Region *private_to(const Alias::Objects &objects) const;
  bool are_kept(const Alias::Objects &objects) const;
  /// The two values are integer literals that differ.
  bool differ(ValueId a, ValueId b) const;

  const ir::Function &function_;
  const Alias &alias_;
  std::vector<Value> values_;
  std::vector<std::unique_ptr<Region>> regions_;
  const Region *body_ = nullptr;
  std::map<std::pair<unsigned, const ir::Expr *>, ValueId> of_;
  std::map<std::pair<unsigned, const void *>, Address> addresses_;
  std::vector<const Region *> regions_of_;
  std::vector<unsigned> last_of_; ///< per statement: the largest id that it encloses
  std::map<std::pair<unsigned, bool>, const Region *> arms_;
  Held final_;
  std::map<const Region *, std::pair<Held, Held>> iterations_;
  std::set<ir::Var> tracked_;
  std::map<ir::Var, const Region *> declared_in_;
  mutable std::map<ValueId, const Region *> levels_;
  std::map<unsigned, std::pair<ValueId, ValueId>> bounds_;
  std::map<unsigned, ValueId> trips_;
  std::map<unsigned, ValueId> results_;
  std::map<std::pair<unsigned, std::size_t>, ir::Ex> object_addresses_;
  std::vector<Write> writes_;
  std::map<ValueId, std::vector<std::size_t>> copies_; ///< writes of the value
  const bool ranges_;
};

} // namespace nabla::analysis
