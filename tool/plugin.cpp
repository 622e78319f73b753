// The Clang plugin: `-fplugin=nabla.so`, options as `-fplugin-arg-nabla-OPT`.
#include "hook.h"
#include "straight_line.h"
#include "clang/Frontend/CompilerInstance.h"
#include "clang/Frontend/FrontendPluginRegistry.h"

using namespace clang;

namespace {

class NablaAction final : public PluginASTAction {
public:
  std::unique_ptr<ASTConsumer> CreateASTConsumer(CompilerInstance &compiler, StringRef) override {
    auto lines = nabla::tool::StraightLine::watch(compiler.getCodeGenOpts());
    return nabla::tool::make_consumer(
        options_, [lines](Sema &, nabla::tool::Session &session) { lines->add(session); });
  }
  bool ParseArgs(const CompilerInstance &compiler, const std::vector<std::string> &arguments) override {
    for (const std::string &argument : arguments)
      if (std::string wrong = nabla::tool::parse_option(argument, options_); !wrong.empty()) {
        DiagnosticsEngine &engine = compiler.getDiagnostics();
        engine.Report(engine.getCustomDiagID(DiagnosticsEngine::Error, "nabla: %0")) << wrong;
        return false;
      }
    return true;
  }
  /// Before code generation, which has to see what we parse.
  ActionType getActionType() override { return AddBeforeMainAction; }

private:
  nabla::tool::ToolOptions options_;
};

const FrontendPluginRegistry::Add<NablaAction> registration("nabla",
                                                            "automatic differentiation of marked functions");

} // namespace
