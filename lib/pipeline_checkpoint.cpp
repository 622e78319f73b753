// Loops marked nabla::checkpoint(n): the pair of functions that their calls are replaced by.
#include "diff/checkpoint_sweeps.h"
#include "diff/hoist.h"
#include "pipeline_state.h"

namespace nabla {

/// Marked loops become calls; their pairs are made when the adjoint asks for them. What is differentiated again has no
/// snapshots: every iteration is recorded.
Function Pipeline::State::with_checkpoints(const Function &f, bool split) {
  bool wanted = on("checkpoint") && !silent && !is_differentiated_again;
  return run_pass("checkpoint", [&] {
    if (!wanted)
      return diff::without_checkpoints(f);
    const Function held = diff::split_containers(diff::hold_own_containers(f));
    std::string prefix = "_nabla_" + identifier(unqualified(f.name)) + "_";
    diff::Checkpointed made = diff::outline_checkpointed_loops(held, split, [&] {
      unsigned number = ++loop_prefixes[prefix];
      return number > 1 ? prefix + std::to_string(number) + "_" : prefix;
    });
    for (diff::CheckpointedLoop &loop : made.loops)
      loops.emplace(loop.steps, std::move(loop));
    return made.loops.empty() ? made.function : diff::hoist_locals_of_loops(made.function);
  });
}

diff::SplitCallee Pipeline::State::checkpointed(const diff::CheckpointedLoop &loop,
                                                const diff::CallSite &site, bool nullable) {
  const std::string &name = loop.steps->name;
  const std::string prefix = "static ",
                    where = " of the loop" + (loop.loc ? " in line " + std::to_string(loop.loc->line) : "");
  const std::vector<bool> &active = site.active;
  std::vector<bool> wrt(active.begin(), active.begin() + loop.used.size());
  for (std::size_t i = 0; i < loop.used.size(); ++i)
    if (active[i] && site.bare[i] && loop.used[i].param.is_reference())
      refuse(Diag::MixedPointer, loop.loc, {loop.used[i].var->name});
  for (const diff::CheckpointedLoop::Turn &t : loop.turns)
    if (active[t.to] != active[t.from])
      refuse(Diag::MixedPointer, loop.loc, {loop.used[t.to].var->name});

  diff::StepFunctions step;
  Function primal = diff::step_of(loop, name.substr(0, name.size() - 1)); // "steps" without the s
  std::optional<Function> quiet = diff::silent(primal);
  step.first = keep(diff::primal_of(primal), prefix, "one iteration" + where);
  step.again = step.first;
  if (quiet) {
    quiet->name = primal.name + "_again";
    step.again = keep(diff::primal_of(*quiet), prefix, "one iteration" + where + ", run again");
  }
  wrt.resize(primal.params.size(), false);
  step.pullback = keep(
      gradient(quiet ? *quiet : primal, wrt, primal.name + "_pullback", true, {nullable, site.bare}, false),
      prefix, "pullback of one iteration" + where);

  diff::SplitCallee pair = signature(loop.steps, site, name);
  diff::LoopSweeps sweeps = diff::sweeps_of(loop, active, step);
  run_pass("checkpoint-forward", [&] { return sweeps.forward; });
  run_pass("checkpoint-reverse", [&] { return sweeps.reverse; });
  keep(sweeps.forward, prefix, "forward sweep" + where + ", with snapshots");
  keep(sweeps.reverse, prefix, "reverse sweep" + where + ", from snapshots");
  return pair;
}

} // namespace nabla
