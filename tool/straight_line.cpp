#include "straight_line.h"
#include "session.h"
#include "clang/AST/Mangle.h"
#include "clang/Basic/CodeGenOptions.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/InstrTypes.h"
#include "llvm/IR/PassInstrumentation.h"
#include "llvm/Passes/PassBuilder.h"

using namespace clang;

namespace nabla::tool {
namespace {

constexpr unsigned long_function =
                       4000, // instructions as Clang makes them: about 500 statements of a gradient
    enough = 2;              // common subexpressions are gone, and once more when instructions are combined

void add_functions(const Decl *d, ASTNameGenerator &names, llvm::StringSet<> &to) {
  if (auto *f = dyn_cast<FunctionDecl>(d); f && f->doesThisDeclarationHaveABody() && !f->isDependentContext())
    to.insert(names.getName(f));
  else if (isa<NamespaceDecl, LinkageSpecDecl>(d))
    for (const Decl *inner : cast<DeclContext>(d)->decls())
      add_functions(inner, names, to);
}

/// One statement after the other; whoever is called is not there to be inlined, but for nabla::part().
bool is_straight(const llvm::Function &f) {
  return llvm::all_of(f,
                      [](const llvm::BasicBlock &b) { return b.getTerminator()->getNumSuccessors() < 2; }) &&
         llvm::all_of(llvm::instructions(f), [](const llvm::Instruction &i) {
           auto *call = dyn_cast<llvm::CallBase>(&i);
           const llvm::Function *callee = call ? call->getCalledFunction() : nullptr;
           return !call || (callee && (callee->isDeclaration() || callee->getName() == "_ZN5nabla4partEv"));
         });
}

} // namespace

std::shared_ptr<StraightLine> StraightLine::watch(CodeGenOptions &options) {
  auto lines = std::make_shared<StraightLine>();
  options.PassBuilderCallbacks.push_back([lines](llvm::PassBuilder &builder) {
    if (auto *callbacks = builder.getPassInstrumentationCallbacks())
      callbacks->registerShouldRunOptionalPassCallback([lines](llvm::StringRef pass, llvm::Any unit) {
        auto *f = llvm::any_cast<const llvm::Function *>(&unit);
        return !f || lines->runs(pass, **f);
      });
  });
  return lines;
}

void StraightLine::add(const Session &session) {
  for (const Generated &made : session.generated())
    for (const Decl *d : made.declared) {
      ASTNameGenerator names(d->getASTContext());
      add_functions(d, names, generated_);
    }
}

/// _ZZ6f_gradddPdS_EN3$_06part_1Edd is a part of _Z6f_gradddPdS_.
bool StraightLine::is_long_and_ours(const llvm::Function &f) const {
  const bool is_ours =
      generated_.contains(f.getName())
          ? f.getInstructionCount() > long_function
          : llvm::any_of(generated_.keys(), [&](StringRef name) {
              StringRef part = f.getName();
              return name.consume_front("_") && part.consume_front("_Z") && part.starts_with(name);
            });
  return is_ours && is_straight(f);
}

bool StraightLine::runs(llvm::StringRef pass, const llvm::Function &f) {
  if (generated_.empty())
    return true;
  auto [at, is_new] = state_.try_emplace(f.getName());
  State &state = at->second;
  if (is_new)
    state.is_ours = is_long_and_ours(f);
  if (!state.is_ours || pass != "EarlyCSEPass")
    return !state.is_ours || state.simplified < enough;
  return state.simplified++ < enough;
}

} // namespace nabla::tool
