// What a checkpointed loop uses, hands on from iteration to iteration, and reads that is overwritten later.
#pragma once
#include "analysis/alias.h"
#include "diff/checkpoint.h"
#include "diff/extents.h"

namespace nabla::diff {

const char *const checkpoint_mark = "nabla::checkpoint";
const ir::Block &body_of(const ir::Stmt &loop);
/// The variable for the elements of memory that a pointer leads to, and its declaration.
ir::Var memory_named(const ir::Var &pointer);
ir::Declare declare_memory(const ir::Var &memory, const ir::Var &pointer, const ir::Ex &size);
/// `const memory p_memory = nabla::snapshots::block_of(p, all...);`    that of them which p leads into
ir::Stmt declare_block(const ir::Var &pointer, const std::vector<ir::Var> &all);
const ir::Declare *declares_block(const ir::Stmt &s);
/// `nabla::snapshots::NAME(args...);`
ir::Stmt snapshots_call(const std::string &name, std::vector<ir::Ex> args,
                        std::vector<ir::Place> writes = {});
/// A vector as generated code holds it, in the record; not one of the caller's.
bool is_own_container(const ir::Type &t);
/// Refuses with the reason and what to write instead.
[[noreturn]] void refuse_loop(const ir::Loc &loc, std::string what, std::string instead);

/// Where memory comes from whose size is known: behind this statement, `pointer` leads to `count` elements.
struct Origin {
  unsigned id; ///< of the statement
  ir::Var pointer;
  ir::Ex count;                          ///< null: `memory` is declared there
  std::vector<const ir::Block *> around; ///< outermost first
  std::size_t repeats;                   ///< number in `around` of the innermost loop's body; 0: in no loop
  ir::Var memory;                        ///< once it is asked for
  unsigned holder =
      0; ///< the statement that it is in, or is, of the innermost block which holds the marked loops too
};

/// Origins of memory, by object.
class Origins {
public:
  Origins(const ir::Function &f, const analysis::Alias &alias) : alias_(alias) { note(f.body, {}, 0); }
  /// The only one, or all that are declared already; empty if it is not known which it is.
  std::vector<Origin *> of(analysis::Alias::Object o);

private:
  void note(const ir::Block &block, std::vector<const ir::Block *> around, std::size_t repeats);

  const analysis::Alias &alias_;
  std::map<analysis::Alias::Object, std::vector<Origin>> origins_;
};

/// What one marked loop uses and hands on from iteration to iteration.
class LoopState {
public:
  LoopState(const ir::Function &f, const analysis::Alias &alias, Origins &origins, const ir::Stmt &loop,
            const std::vector<const ir::Block *> &around, bool split)
      : function_(f), split_(split), alias_(alias), origins_(origins), loop_(loop), around_(around),
        extents_(loop) {
    out_.loop = loop;
    out_.loc = loop.loc;
  }

  CheckpointedLoop run();
  /// To be declared behind the statement that the memory comes from.
  std::vector<Origin *> asked;
  /// To be declared before the loop.
  std::vector<std::pair<ir::Var, ir::Ex>> computed;

private:
  const ir::Block &body() const { return body_of(loop_); }
  CheckpointedLoop::Used *used(const ir::Var &v) {
    for (CheckpointedLoop::Used &u : out_.used)
      if (u.var == v)
        return &u;
    return nullptr;
  }

  void find_used();
  void find_turns();
  void find_later_writes();
  bool changes_later(const analysis::Alias::Objects &objects) const;
  bool does_otherwise_again(const ir::Callee &c) const;
  void note(const ir::Stmt &s);
  void note_reads(const ir::Stmt &s);
  void note_call(const ir::Stmt &s, const ir::Call &call);
  void note_write(const ir::Stmt &s, const ir::Place &p);
  void note_memory(const ir::Stmt &s, const analysis::Alias::Objects &objects, const ir::Place *place,
                   bool is_read = false);
  bool is_known(Origin &origin, analysis::Alias::Object o);
  bool turns(const ir::Var &v) const;
  static bool passes_by_value(const CheckpointedLoop::Used &u) {
    const ir::Type &t = u.var->type;
    return !t.is_reference() &&
           (t.is(ir::Type::Pointer) || (!u.is_state && (t.is(ir::Type::Real) || t.is_discrete())));
  }
  bool stays_inside(analysis::Alias::Object o, const std::set<ir::Var> &inside) const;
  bool is_own(analysis::Alias::Object o) const;
  void finish(CheckpointedLoop::Used &u);

  const ir::Function &function_;
  const bool split_;
  const analysis::Alias &alias_;
  Origins &origins_;
  const ir::Stmt &loop_;
  const std::vector<const ir::Block *> around_;
  Extents extents_;
  CheckpointedLoop out_;
  std::set<ir::Var> own_;
  std::vector<analysis::Alias::Objects>
      later_;                                ///< written when the loop has run, and before its reverse sweep
  bool globals_change_later_ = false;        ///< then, too, or by the callers' code
  std::map<ir::Var, std::size_t> memory_of_; ///< base of a computed range: its number in `computed`
};

} // namespace nabla::diff
