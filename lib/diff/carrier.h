// Statements that carry values between an object as callers know it (Struct::outside) and what stands for it inside of
// generated code. `outer` and `inner` are the two; parts of `outer` are spelled `v.data()`, `p.get()`, `o.value()`.
#pragma once
#include "ir/ir.h"
#include <functional>

namespace nabla::diff {

class Carrier {
public:
  Carrier(ir::Block &out, ir::Loc loc) : out_(&out), outermost_(&out), loc_(std::move(loc)) {}

  /// `inner` leads to the elements that `outer` has; what cannot be led to is copied.
  void view(const ir::Place &inner, const ir::Place &outer) { bring(inner, outer, true); }
  /// `inner` gets elements of its own, with the same values; what is shared stays shared.
  void copy(const ir::Place &inner, const ir::Place &outer) { bring(inner, outer, false); }
  /// The caller's object gets the size and the values that `inner` has.
  void give_back(const ir::Place &outer, const ir::Place &inner);
  /// The caller's object, of unchanged structure, gets the values of what `view` has copied.
  void write_back(const ir::Place &outer, const ir::Place &inner);
  /// The reals in a caller's object become zero; its size stays.
  void clear(const ir::Place &outer);
  /// The adjoint of a caller's object gets its structure; what it lacks is zero. Smart pointers that own one object get
  /// adjoints that own one, in all objects that one Carrier matches.
  void match(const ir::Place &bar, const ir::Place &of);

private:
  using Way = std::function<void(const ir::Place &, const ir::Place &)>;
  void bring(const ir::Place &inner, const ir::Place &outer, bool shares);
  void bring_owned(const ir::Place &inner, const ir::Place &outer, bool shares);
  void bring_function(const ir::Place &inner, const ir::Place &outer, bool shares);
  void keep_apart(const ir::Place &held, const ir::Place &outer);
  void bring_state(const ir::Place &inner, const ir::Place &outer, bool shares);
  void bring_chain(const ir::Place &inner, const ir::Place &outer, bool shares);
  void bring_nodes(const ir::Place &inner, const ir::Place &outer, bool shares);
  void each_member(const ir::Place &to, const ir::Place &from, const Way &carry);
  void each_alternative(const ir::Place &choice, const std::function<void(unsigned)> &body);
  void each_linked(const ir::Place &inner,
                   const std::function<void(const ir::Ex &, const ir::Place &)> &body);
  void share(const char *step, const ir::Place &bar, const ir::Place &of);
  void give_back_chain(const ir::Place &outer, const ir::Place &inner);
  void set_shape(const ir::Place &inner, const ir::Place &outer);
  void set_counts(const ir::Place &inner, const ir::Ex &n);
  void allocate(const ir::Place &pointer, const ir::Ex &n);
  void loop(const ir::Ex &count, const std::function<void(const ir::Ex &)> &body);
  void only_if(const ir::Ex &condition, const std::function<void()> &body);
  ir::Block block(const std::function<void()> &body);
  void add(decltype(ir::Stmt::node) node) { out_->push_back({std::move(node), loc_, 0}); }

  ir::Block *out_, *outermost_;
  ir::Loc loc_;
  ir::Var sharing_; ///< which adjoint belongs to which object, once that is asked for
};

/// Opaque statements that give a caller's object its structure: its adjoint gets the same one where it gets it.
bool sets_structure(const ir::Opaque &o);
bool is_container(const ir::Type &t);
/// What leads to the elements of a caller's std::deque, list, map ... (nabla::addresses).
bool is_addresses(const ir::Type &t);
/// The class that a caller passes for `inner`, but nabla::addresses for a std::deque and its kin.
ir::Type passed(const ir::Type &inner);
/// A std::optional or std::variant, or a class that holds one: a view of it leaves members unset.
bool holds_choice(const ir::Type &inner);
/// Does it hold a smart pointer? One that shares what it owns, if `shared_alone`; or one to what inside is another class.
bool holds_owner(const ir::Type &inner, bool shared_alone = false, bool copied_alone = false);
/// Does it own an array, whose length nobody knows, or what may be of a derived class? Then only callers can make the adjoint.
bool owns_unknown(const ir::Type &outer);

} // namespace nabla::diff
