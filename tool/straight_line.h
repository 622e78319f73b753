// Generated straight-line code, which may be very long, passes through LLVM's first simplification only: what comes after
// it is made for loops, branches and calls, finds nothing in such code, and takes a quarter of its compile time.
#pragma once
#include "llvm/ADT/StringMap.h"
#include "llvm/ADT/StringSet.h"
#include <memory>

namespace clang {
class CodeGenOptions;
}
namespace llvm {
class Function;
}

namespace nabla::tool {

class Session;

class StraightLine {
public:
  /// Code generation with these options asks the result which passes it shall run.
  static std::shared_ptr<StraightLine> watch(clang::CodeGenOptions &options);
  /// What the session has generated.
  void add(const Session &session);
  /// Shall the pass run on the function?
  bool runs(llvm::StringRef pass, const llvm::Function &f);

private:
  struct State {
    bool is_ours = false;
    unsigned simplified = 0;
  };
  bool is_long_and_ours(const llvm::Function &f) const;

  llvm::StringSet<> generated_; ///< mangled names
  llvm::StringMap<State> state_;
};

} // namespace nabla::tool
