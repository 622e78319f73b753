// Pass `checkpoint`: a loop whose body begins with nabla::checkpoint(n) becomes a call, and each of its iterations a
// function of what the loop uses. The pair for that call, see pipeline_checkpoint.cpp, keeps n snapshots of what the
// iterations hand on, and runs them again in between.
//
//   for (t...) { checkpoint(n); u = g(u, k); }     ->     const memory u_memory = ...;  f_steps(n, u, k, u_memory);
#pragma once
#include "ir/ir.h"
#include "ir/make.h"

namespace nabla::diff {

struct CheckpointedLoop {
  ir::CalleeRef steps; ///< what the call calls: parameters as in `used`, then `memory`
  ir::Stmt loop;       ///< a For or a While, in the variables of the enclosing function
  ir::Ex snapshots;    ///< how many may be kept
  ir::Block tables;    ///< declarations of constants that the loop reads

  /// A variable of the enclosing function that the loop mentions, and how it is passed.
  struct Used {
    ir::Var var;
    ir::Type param;
    bool is_state = false; ///< the whole variable is handed from one iteration to the next
  };
  std::vector<Used> used;
  std::vector<ir::Var> memory; ///< of type nabla::snapshots::memory: elements that are handed on
  /// For marked loops inside: which of the memory a pointer among `used` leads into, by its number.
  std::map<std::size_t, std::vector<ir::Var>> blocks;

  /// Pointers change places at the end of each iteration: used[to] becomes what used[from] was.
  struct Turn {
    std::size_t to, from;
  };
  std::vector<Turn> turns;
  bool overlap = false; ///< may two of the pointers lead to the same memory?
  ir::Loc loc;
};

struct Checkpointed {
  ir::Function function;
  std::vector<CheckpointedLoop> loops;
};

/// split: callers run code of their own between the two sweeps.
/// `prefix`: what the names of a loop's functions begin with. Throws Refusal for loops that cannot be reversed this way.
Checkpointed outline_checkpointed_loops(const ir::Function &f, bool split,
                                        const std::function<std::string()> &prefix);
/// A loop's body without the mark that is its own; inner loops keep theirs.
ir::Block without_own_mark(const ir::Block &body);
bool has_marks(const ir::Block &body);
/// A function with marks holds the containers that it got by value itself, so that they may change places with others.
ir::Function hold_own_containers(const ir::Function &f);
/// The marks fall away: every iteration is recorded.
ir::Function without_checkpoints(const ir::Function &f);

} // namespace nabla::diff
