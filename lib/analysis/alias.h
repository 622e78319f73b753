// Analysis `alias`: which objects in memory a place may lie in, and which two places may overlap.
//
// Objects are variables, allocations, and what the pointer parameters lead to. Points-to sets are flow-insensitive
// and do not tell a struct's fields apart. Distinct pointer parameters of a requested function are taken not to
// overlap (API.md section 4); those of a split callee, or under [[nabla::may_alias]], may.
#pragma once
#include "ir/ir.h"
#include <set>

namespace nabla::analysis {

class Alias {
public:
  using Object = unsigned;
  using Objects = std::set<Object>;
  static constexpr Object unknown = 0; ///< may be anything that has escaped

  struct Info {
    enum Kind { Unknown, Variable, Allocation, Pointee } kind = Unknown;
    ir::Var var;         ///< the variable itself; for a Pointee the parameter or global that leads to it
    bool shared = false; ///< a Pointee that all pointer parameters may lead to
  };

  /// `precise` false (option no-alias): all pointers may lead to all objects whose address is taken.
  Alias(const ir::Function &f, bool precise);

  Objects objects(const ir::Place &p) const;
  Objects points_to(const ir::Ex &pointer) const;
  /// Objects that a value of the variable's type leads to, transitively.
  Objects reachable(const Objects &from) const;
  /// May two arguments lead to the same memory, at least one of them to be written?
  bool arguments_overlap(const ir::Call &c) const;
  bool overlap(const Objects &a, const Objects &b) const;
  const Info &info(Object o) const { return infos_[o]; }
  const Objects &pointees(Object o) const { return pointees_[o]; }
  Object object_of(const ir::Var &v) const;
  Object allocated_by(const ir::Stmt &s) const { return allocations_.at(s.id); }
  /// The variables that lead to an allocation, if they are locals whose own addresses nobody has; else nothing.
  std::optional<std::vector<ir::Var>> local_holders(Object o, unsigned depth = 0) const;
  unsigned count() const { return infos_.size(); }
  /// Is the variable's own storage reached through pointers somewhere?
  bool address_taken(const ir::Var &v) const { return taken_.count(v) != 0; }

private:
  void declare(const ir::Function &f);
  void give_pointees(const ir::Var &v);
  bool solve_step(const ir::Function &f);
  bool add(const Objects &to, const Objects &targets);
  Object fresh(Info info);

  std::vector<Info> infos_;
  std::vector<Objects> pointees_;
  std::map<ir::Var, Object> variables_;
  std::map<unsigned, Object> allocations_;        // by statement id
  std::map<unsigned, Object> shadow_allocations_; // of calls: for what their shadow arguments are led to
  std::set<ir::Var> taken_;
  Object shared_ = unknown; // what all pointer parameters lead to, when they may overlap
  bool may_alias_ = false, precise_ = true;
};

/// Do they have an object in common? What is not known may be anything: see Alias::overlap.
bool meet(const Alias::Objects &a, const Alias::Objects &b);
/// Does a value of the type hold pointers?
bool carries_pointers(const ir::Type &t);
/// nabla::record, on which forward functions leave values and pointers.
bool is_record(const ir::Type &t);
/// Is all that the object leads to its own, as the elements of a std::vector are?
bool owns_all(const ir::Type &t);
/// Can two scalars of these types share storage under C++'s aliasing rules?
bool types_may_alias(const ir::Type &a, const ir::Type &b);

} // namespace nabla::analysis
