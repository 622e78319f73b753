// What passes over loops share.
#pragma once
#include "ir/ir.h"
#include <set>

namespace nabla::diff {

/// Number of iterations of a counted loop with that first index and that bound; never negative.
ir::Ex trip_count(const ir::For &loop, const ir::Ex &first, const ir::Ex &bound);

/// A new body, in which `change` has replaced counted loops by other statements: it gives none where a loop stays. Inner
/// loops come first.
ir::Function with_loops(const ir::Function &f,
                        const std::function<ir::Block(const ir::Stmt &, const ir::For &)> &change);

/// Does nothing in the loop's body leave it early, or run code that is not seen here?
bool is_plain(const ir::Block &body);

/// In additions, of what the statements compute, each run once.
int cost_of(const ir::Block &block);

/// What is the same in all iterations of a loop whose body is plain.
class Invariants {
public:
  explicit Invariants(const ir::For &loop);

  /// An address.
  bool holds(const ir::Place &p) const;
  /// A value of variables alone.
  bool holds(const ir::Ex &e) const { return holds(e, false); }
  /// A value of variables, and of primal memory if the loop writes none.
  bool holds_with_memory(const ir::Ex &e) const { return holds(e, !writes_memory_); }
  /// Names of the body for what is the same in all iterations.
  const std::set<ir::Var> &names() const { return names_; }
  /// Does the loop run at all? A null one for always; nothing where that cannot be asked behind the loop.
  std::optional<ir::Ex> entry_condition() const;

private:
  bool holds(const ir::Ex &e, bool with_memory) const;

  const ir::For &loop_;
  std::set<ir::Var> written_, declared_, names_;
  bool writes_memory_ = false; ///< of the primal
};

} // namespace nabla::diff
