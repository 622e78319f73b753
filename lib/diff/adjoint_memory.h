// Which adjoints the memory behind two places may share: what a reverse sweep may reorder.
#pragma once
#include "ir/ir.h"
#include <map>
#include <set>

namespace nabla::diff {

class AdjointMemory {
public:
  explicit AdjointMemory(const ir::Function &f);

  enum Kind {
    Own,      ///< allocated or declared here, and reached through this pointer or pointers made from it
    Sole,     ///< a parameter whose memory no other parameter leads to
    Argument, ///< a parameter of what is only read: it may coincide with others of its kind
    Unknown
  };
  Kind of(const ir::Place &p) const;
  bool may_overlap(const ir::Place &a, const ir::Place &b) const;
  /// Is it adjoint memory at all? A shadow that is neither reached through a pointer nor an array is a local.
  static bool is_adjoint(const ir::Place &p);
  /// Is the place reached through a pointer?
  static bool leads_on(const ir::Place &p);

private:
  const ir::Var &owner_of(const ir::Var &v) const;
  const ir::Function &function_;
  const std::set<ir::Var> pointed_at_;
  std::set<ir::Var> own_;
  std::map<ir::Var, ir::Var>
      elements_; ///< pointers to the elements of a container -> the parameter that holds them
};

/// Variables that pointers may lead to: a write through one is not seen as a mention.
std::set<ir::Var> pointed_at(const ir::Block &block);

} // namespace nabla::diff
