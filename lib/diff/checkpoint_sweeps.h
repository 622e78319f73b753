// The functions that a checkpointed loop becomes.
//
//   step:      one iteration, of what the loop uses and its index
//   forward:   the loop; before an iteration that the schedule chooses, a snapshot
//   reverse:   from the last iteration to the first: back to the nearest snapshot, iterations again, its pullback
#pragma once
#include "diff/checkpoint.h"

namespace nabla::diff {

ir::Function step_of(const CheckpointedLoop &loop, const std::string &name);
/// The step as a function to call, without marks of its own.
ir::Function primal_of(const ir::Function &step);
/// A step without what it says to the outside world, which is said once; nothing where it says nothing.
std::optional<ir::Function> silent(const ir::Function &step);

/// Functions that the sweeps call.
struct StepFunctions {
  ir::CalleeRef first; ///< an iteration, the first time
  ir::CalleeRef again;
  ir::CalleeRef pullback; ///< (arguments, adjoints of the active ones)
};

struct LoopSweeps {
  ir::Function forward, reverse;
};
/// `active`: parameters of loop.steps that have adjoints.
LoopSweeps sweeps_of(const CheckpointedLoop &loop, const std::vector<bool> &active,
                     const StepFunctions &step);

} // namespace nabla::diff
