// Which elements a loop writes, as an expression that is computed before the loop: subscripts that are sums and products
// of indices, each of which takes its first and its last value whatever the others are, so that the range has no element
// that is not written.
#pragma once
#include "ir/ir.h"
#include <set>

namespace nabla::diff {

class Extents {
public:
  /// Of the writes in the loop, a For or a While.
  explicit Extents(const ir::Stmt &loop);

  struct Range {
    ir::Var base;     ///< a pointer that is declared outside the loop
    ir::Ex subscript; ///< an integer, or an expression of type nabla::snapshots::extent
  };
  /// Of the element in memory that the statement writes; none if it is not known, or if it may not be written at all.
  std::optional<Range> of(const ir::Stmt &s, const ir::Place &p) const;

private:
  struct Where {
    std::vector<const ir::For *> loops; ///< around it
    bool is_certain = true;             ///< no condition on the way
  };
  void note(const ir::Block &block, const Where &where);
  std::optional<Range> element(const ir::Place &pointer, const ir::Ex &offset, const Where &where,
                               std::set<ir::Var> &used) const;
  std::optional<Range> behind(const ir::Ex &pointer, const Where &where, std::set<ir::Var> &used) const;
  ir::Ex range(const ir::Ex &e, const Where &where, std::set<ir::Var> &used) const;
  ir::Ex range(const ir::For &loop) const;
  bool is_invariant(const ir::Ex &e) const;

  std::map<unsigned, Where> where_;       ///< by statement id
  std::map<ir::Var, ir::Ex> definitions_; ///< locals of the body that are set once
  std::map<ir::Var, unsigned> writes_;    ///< in the loop
  std::set<ir::Var> own_;                 ///< declared in the loop
};

/// Both, as one range; nothing where there is none.
ir::Ex hull(const ir::Ex &a, const ir::Ex &b);

} // namespace nabla::diff
