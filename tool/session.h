// One translation unit's worth of requests, shared by plugin and tool: finds what to generate, runs the
// pipeline, parses the texts back, and says what went wrong at the user's own token.
#pragma once
#include "attributes.h"
#include "import/importer.h"
#include "inject.h"
#include "methods.h"
#include "options.h"
#include "requests.h"
#include <map>
#include <set>

namespace nabla::tool {

/// What one request became.
struct Generated {
  Request request;
  const clang::FunctionDecl *primal = nullptr;
  const clang::FunctionDecl *companion =
      nullptr; ///< the declaration that the text defines; null for promised pairs
  bool is_call_site = false, is_nameable = true, is_promised = false;
  std::string symbol;    ///< asm label of a call site's function (--whole), or ""
  Forwarding forwarding; ///< of methods: what calls the pipeline's function
  std::vector<Text> texts;
  std::vector<clang::Decl *> declared; ///< the texts as parsed
};

class Session final : public front::Marks, public Host {
public:
  Session(clang::Sema &sema, ToolOptions options);
  ~Session() override;
  /// At the end of the translation unit: everything that is asked for, until nothing is left.
  void finish();
  const std::vector<Generated> &generated() const { return generated_; }
  clang::SourceLocation place_of(const Generated &) const;

  // front::Marks
  bool is_promised(const clang::FunctionDecl *) const override;
  unsigned promised_order(const clang::FunctionDecl *) const override;
  bool is_inactive(const clang::FunctionDecl *) const override;
  bool is_inactive_param(const clang::FunctionDecl *, unsigned index) const override;
  bool may_alias(const clang::FunctionDecl *) const override;
  const clang::FunctionDecl *own_pullback(const clang::FunctionDecl *) const override;
  const clang::FunctionDecl *own_pushforward(const clang::FunctionDecl *) const override;
  std::optional<front::DerivativeOf> derivative(const clang::FunctionDecl *) const override;
  // Host
  const ir::Function &body(const ir::CalleeRef &callee) override;
  ir::CalleeRef own_tangent(const ir::CalleeRef &callee) override;
  void remark(const ir::Loc &at, const std::string &text) override;
  bool is_macro(const std::string &name) const override;
  std::string adjoint_of_global(const std::string &name) override;

private:
  void find_own_rules();
  bool check_header();
  bool run_marks();
  bool run_instances(clang::FunctionDecl *f);
  clang::FunctionDecl *instantiate(clang::FunctionTemplateDecl *pattern, clang::FunctionDecl *companion);
  bool run_call_sites();
  bool has_failed() const;
  void add_self_check(Generated &made, clang::SourceLocation at);
  void run_companion(const clang::FunctionDecl *primal, const Mark &mark,
                     const clang::FunctionDecl *companion);
  void specialise(Generated &made, const clang::FunctionDecl *target, std::string name);
  void member(Generated &made, const Mark &mark, const clang::FunctionDecl *companion);
  void forward_to_helper(Generated &made, const clang::FunctionDecl *target, unsigned before, bool by_object);
  void add_forwarding(Generated &made);
  void run_promised(const clang::FunctionDecl *primal);
  void run_call_site(const CallSite &site);
  void declare_local_types();
  std::string spell_request(const CallSite &site) const;
  template <class F> void guarded(clang::SourceLocation at, const clang::FunctionDecl *primal, F &&work);
  void parse(Generated &made, clang::SourceLocation at);
  void tell(const Refusal &refusal, clang::SourceLocation at, const clang::FunctionDecl *primal);

  clang::Sema &sema_;
  ToolOptions options_;
  Injector injector_;
  std::unique_ptr<front::Importer> importer_;
  std::unique_ptr<Pipeline> pipeline_;
  std::map<const ir::Callee *, std::unique_ptr<ir::Function>> bodies_;
  std::map<const clang::FunctionDecl *, const clang::FunctionDecl *> own_pullbacks_, own_pushforwards_;
  std::set<const clang::Decl *> done_;
  std::set<std::pair<unsigned, std::string>> told_;
  std::vector<Generated> generated_;
  std::size_t local_types_ = 0; ///< how many of the importer's have been declared
};

} // namespace nabla::tool
