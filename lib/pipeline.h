// The ordered pass list, from an imported function to C++ text. Clang-free: the front end arrives as a Host.
#pragma once
#include "ir/diagnostic.h"
#include "ir/ir.h"
#include <set>

namespace nabla {

/// Plugin options of API.md section 4 that concern the passes.
struct Options {
  std::set<std::string>
      dump; ///< dump=PASS: print the IR after this pass to stderr ("import", "structure", ...)
  std::set<std::string> disabled; ///< no-PASS: switch this analysis off; answers must not change
  bool remarks = false;           ///< print store/recompute decisions as remarks
  bool report = false;            ///< print a table per reverse sweep: what is stored, recomputed, fused
  bool self_check = false;        ///< gradients compare themselves with the pushforward on their first call
  bool check_alias = false;       ///< emit the run-time check that written parameters do not overlap others
};

/// What the pipeline asks of the front end.
class Host {
public:
  virtual ~Host() = default;
  /// The IR of a Visible callee, imported on first use and kept. Throws Refusal.
  virtual const ir::Function &body(const ir::CalleeRef &callee) = 0;
  /// The user's own pushforward of a callee as a function, null where there is none that can be named.
  virtual ir::CalleeRef own_tangent(const ir::CalleeRef &callee) = 0;
  virtual void remark(const ir::Loc &at, const std::string &text) = 0;
  /// The variable that the user declares as the adjoint of this global, `total_bar`; empty where there is none.
  virtual std::string adjoint_of_global(const std::string &name) = 0;
  /// Names that the emitted text must not use for its own.
  virtual bool is_macro(const std::string &name) const = 0;
};

/// One function to generate.
struct Request {
  using Mode = ir::Derivative::Mode;
  static constexpr Mode Gradient = Mode::Gradient, Pullback = Mode::Pullback, Pushforward = Mode::Pushforward,
                        Hvp = Mode::Hvp, GradientHvp = Mode::GradientHvp, Taylor = Mode::Taylor,
                        Names = Mode::Names;
  Mode mode = Gradient;
  ir::Directions directions; ///< at once; Taylor: a series
  ir::CalleeRef primal;
  std::vector<bool> wrt; ///< per parameter: is it differentiated
  std::string name;      ///< of the generated function as its definition spells it: "f_grad",
                         ///< "nabla::detail::request<...>::call"
  std::string prefix;    ///< before the result type: "", "inline ", "static ", "template <> inline "
  std::vector<std::string>
      namespaces;      ///< to open around the definition, outermost first; "" is an anonymous one,
                       ///< "inline v1" an inline one
  std::string checked; ///< option self-check: how C++ asks for this function, "&f, nabla::wrt<0>"; or empty
  ir::Loc loc;         ///< where the request stands, for errors about the request itself
};

/// One emitted function definition (helpers that it calls come before it in the returned list).
struct Text {
  std::string name;        ///< for the file name: "f_grad"
  std::string declaration; ///< "double f_grad(double x, double *x_bar);" with its namespaces
  std::string code;        ///< the definition, with its namespaces opened and closed
  bool is_helper = false;
};

/// Keeps what has been generated, so that a helper (the forward/reverse pair of a callee) is emitted once per file.
class Pipeline {
public:
  Pipeline(Host &host, Options options);
  ~Pipeline();
  /// Throws Refusal (the user's fault) or InternalError (ours, with the pass in `where`).
  std::vector<Text> run(const Request &request);
  /// The forward/reverse pair which callers in other files use (API.md 2, separate compilation).
  /// order 2: and what their second derivatives need; throws Refusal where there are none.
  std::vector<Text> run_promised(const ir::CalleeRef &primal);

private:
  struct State;
  std::unique_ptr<State> state_;
};

} // namespace nabla
