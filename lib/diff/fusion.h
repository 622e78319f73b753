// Which loops may be reversed iteration by iteration, each right after it ran: those whose iterations meet only in sums, so
// that neither sweep of one iteration sees anything of another. Then nothing is kept beyond one iteration.
//
//   primal:    for (i...) { t = sin(x[i]); s += t * x[i + 1]; }            s_bar is known before the loop
//   adjoint:   for (i...) { t = sin(x[i]); s += t * x[i + 1];  x_bar[i + 1] += t * s_bar; x_bar[i] += ...; }
#pragma once
#include "analysis/values.h"
#include "diff/shadow.h"

namespace nabla::diff {

/// Through which storage the reverse sweep of some code moves adjoints.
struct Flow {
  std::set<ir::Var> read, written, summed; ///< scalars followed as values; summed: v += e, and v is not in e
  analysis::Alias::Objects loaded, stored; ///< memory
  bool fixed = false;                      ///< it has a call or an allocation that must stay where it is
};

class Fusion {
public:
  Fusion(const Shadows &shadows, const analysis::Alias &alias, const analysis::Activity &activity,
         const analysis::Values &values)
      : shadows_(shadows), alias_(alias), activity_(activity), values_(values),
        last_throw_(find_last_throw(shadows.function)) {}

  /// May block[at], a counted loop, be reversed iteration by iteration, given what follows it in the block? If so: the
  /// variables outside it which it adds to. Their adjoints must be known before the loop.
  std::optional<std::set<ir::Var>> sums(const ir::Block &block, std::size_t at) const;

  /// May the iterations of the counted loop be reversed in any order?
  bool independent(const ir::Stmt &loop) const;

  Flow flow(const ir::Stmt &s) const;
  /// Reads through which an adjoint would flow on.
  void active_reads(const ir::Ex &e, const std::function<void(const ir::Ex &)> &fn) const;

private:
  static unsigned find_last_throw(const ir::Function &f);
  void add(const ir::Stmt &s, Flow &f) const;
  void add_assignment(const ir::Place &to, const ir::Ex &value, bool is_add, Flow &f) const;
  void add_call(const ir::Call &c, Flow &f) const;
  void add_reads(const ir::Ex &e, Flow &f) const;
  bool tracked(const ir::Place &p) const { return p.path.empty() && values_.is_tracked(p.root); }
  bool is_private(analysis::Alias::Object o, const ir::Stmt &loop, const Flow &after) const;
  bool filled_first(analysis::Alias::Object o, const ir::Block &block) const;
  bool fills(analysis::Alias::Object o, const ir::Stmt &loop) const;
  bool spans(const analysis::Address &a, const ir::Stmt &loop) const;
  bool uses(analysis::Alias::Object o, const ir::Stmt &s) const;
  bool refilled(analysis::Alias::Object o, const ir::Block &block) const;
  /// The statement, the address of the adjoint, and whether it is written.
  using Use = std::function<bool(const ir::Stmt &, const analysis::Address &, bool)>;
  bool each_use(analysis::Alias::Object o, const ir::Block &block, const Use &fn) const;
  bool apart_by_index(analysis::Alias::Object o, const ir::Stmt &loop) const;
  static bool same_address(const analysis::Address &a, const analysis::Address &b);
  bool moves_with(const analysis::Address &a, const ir::Stmt &loop) const;
  bool same_number(analysis::ValueId a, analysis::ValueId b) const;

  const Shadows &shadows_;
  const analysis::Alias &alias_;
  const analysis::Activity &activity_;
  const analysis::Values &values_;
  unsigned last_throw_; ///< number of the last statement after which the function may still throw
};

/// value = to + rest, to - rest or rest + to: gives rest, and whether it is subtracted.
std::optional<std::pair<ir::Ex, bool>> self_update(const ir::Place &to, const ir::Ex &value);

/// The key under which the address of the adjoint of what a statement writes is valued.
extern const char target_key;
/// Under which the address of a read's adjoint is.
inline const void *shadow_key(const ir::Ex &e) { return reinterpret_cast<const char *>(e.get()) + 1; }

} // namespace nabla::diff
