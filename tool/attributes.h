// The marks: [[nabla::gradient]] and its kin. A mark is kept on the declaration itself as a SuppressAttr (a
// list of strings which Clang saves in PCH and modules and which generates no code): {"nabla", kind,
// argument...}.
#pragma once
#include "clang/AST/Decl.h"
#include "clang/Sema/Sema.h"
#include <string>
#include <vector>

namespace nabla::tool {

struct Mark {
  std::string kind; ///< "gradient", "pullback", "inactive", "pullback_of", "pushforward_of", "may_alias"
  std::vector<std::string> argument; ///< names of parameters, or the qualified name of the rule's function
  clang::SourceLocation loc;
  const clang::FunctionDecl *on = nullptr; ///< the redeclaration that carries it
  unsigned order = 1;                      ///< `order = 2`: what other files may rely on
  bool by_object = false; ///< the companion of a method that takes the object's adjoint as well
};

/// Marks that declare a companion: gradient, pullback, pushforward, hvp.
inline bool is_derivable(llvm::StringRef kind) {
  return kind == "gradient" || kind == "pullback" || kind == "pushforward" || kind == "hvp";
}
/// The marks written on this very declaration.
std::vector<Mark> marks_on(const clang::Decl *decl);
/// The marks of a function on any of its declarations (and on the template it was instantiated from).
std::vector<Mark> marks_of(const clang::FunctionDecl *function);
bool has_mark(const clang::FunctionDecl *function, const std::string &kind);

/// Marked functions of this compile in order of appearance, filled by the handlers; emptied when Sema goes.
std::vector<clang::FunctionDecl *> &marked_functions(clang::Sema &sema);
void forget(clang::Sema &sema);
/// Marks which another process wrote (PCH, modules) are found by walking the AST.
void find_imported_marks(clang::Sema &sema);

} // namespace nabla::tool
