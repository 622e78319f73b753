// Inside of the tangent generator, shared by tangent*.cpp.
#pragma once
#include "diff/tangent.h"
#include "ir/build.h"
#include "ir/make.h"
#include "ir/rules.h"
#include "ir/walk.h"

namespace nabla::diff {

/// An expression's value, and its derivative; `dot` null where there is none.
struct Both {
  ir::Ex value, dot;
  /// Not `!dot`, which would build an expression.
  bool is_active() const { return dot.get() != nullptr; }
};

class TangentBuilder {
public:
  TangentBuilder(const ir::Function &primal, const std::vector<bool> &wrt, const TangentOptions &options,
                 const TangentOf &tangent_of);
  ir::Function run();

private:
  // tangent.cpp: statements
  ir::Block block(const ir::Block &b);
  void statement(const ir::Stmt &s, ir::Block &out);
  void find_sure();
  bool guarded_add(const ir::If &n, ir::Block &out);
  void declare(const ir::Stmt &s, const ir::Declare &n, ir::Block &out);
  void assign(const ir::Stmt &s, const ir::Place &to, const ir::Ex &value, bool add, ir::Block &out);
  void push(const ir::Stmt &s, const ir::Push &n, ir::Block &out);
  void pop(const ir::Stmt &s, const ir::Pop &n, ir::Block &out);
  void leave(const ir::Stmt &s, const ir::Return &n, ir::Block &out);
  void zero_reals(const ir::Place &p, ir::Block &out) const;
  void copy_tangent(const ir::Place &to, const ir::Ex &value, const ir::Loc &loc, ir::Block &out);
  bool is_carried(const ir::Type &pointer, const ir::Var &record) const;

  // tangent_expr.cpp: expressions
  Both both(const ir::Ex &e, ir::Block &out);
  Both rule(const ir::Ex &e, const ir::Apply &n, ir::Block &out);
  ir::Ex series(const ir::Ex &e, const ir::Apply &n, const std::vector<ir::Ex> &values,
                const std::vector<ir::Ex> &dots) const;
  Both choice(const ir::Ex &e, const ir::Select &n, ir::Block &out);
  ir::Ex read_tangent(const ir::Place &p);
  ir::Ex name(const ir::Ex &e, ir::Block &out);
  ir::Ex dot_or_zero(const Both &b) const;
  std::optional<ir::Ex> null_guard(const ir::Place &primal) const;
  ir::Place tangent_place(const ir::Place &p);

  // tangent_call.cpp: calls that stay calls
  void call(const ir::Stmt &s, const ir::Call &n, ir::Block &out);
  bool is_missing_adjoint(const ir::Call &n, std::size_t i) const;
  std::vector<bool> active_arguments(const ir::Call &n) const;
  ir::Ex tangent_argument(const ir::Stmt &s, const ir::Call &n, std::size_t i, const Both &value,
                          ir::Block &out);
  ir::Ex record();
  void take_result(const ir::Stmt &s, const ir::Call &n, const ir::Place &both, ir::Block &out);

  void emit(ir::Block &out, decltype(ir::Stmt::node) node, const ir::Loc &loc = {}) const {
    out.push_back({std::move(node), loc, 0});
  }
  bool is_active(const ir::Place &p) const { return activity_->active(p) && shadows_.has(p); }
  ir::Type dot_type(const ir::Type &t) const { return shadows_.style.type(t); }

  const TangentOptions &options_;
  const TangentOf &tangent_of_;
  Shadows shadows_;
  std::unique_ptr<analysis::Alias> alias_;
  std::unique_ptr<analysis::Activity> activity_;
  std::set<ir::Var> sure_;       ///< pointers to tangents that are never null
  std::optional<ir::Ex> result_; ///< value_only: what is returned
  ir::Var record_;               ///< that calls hand on; null if none does
  ir::Loc loc_;                  ///< of the statement at hand
};

} // namespace nabla::diff
