// Companions of marked functions: `[[nabla::gradient]] double f(double x);` declares, at once and in the same
// scope, `double f_grad(double x, double *x_bar);`. The definition follows at the end of the file
// (session.h).
#pragma once
#include "attributes.h"

namespace nabla::tool {

/// Declares what a mark asks for: one companion, for methods a second one with the object's adjoint.
void declare_companions(clang::Sema &sema, clang::FunctionDecl *function, const Mark &mark);
/// One mark per companion that `mark` declares; none for other kinds of marks.
std::vector<Mark> companion_marks(const clang::FunctionDecl *function, const Mark &mark);

/// Declares the companion of `function`, or adopts the user's own matching declaration. Null after an error.
clang::FunctionDecl *declare_companion(clang::Sema &sema, clang::FunctionDecl *function, const Mark &mark);

/// The declaration that `declare_companion` made or adopted for this mark, or null.
clang::FunctionDecl *find_companion(clang::ASTContext &context, const clang::FunctionDecl *function,
                                    const Mark &mark);
std::string companion_name(const clang::FunctionDecl *function, const Mark &mark);
/// "double f_grad(double x, double *x_bar)": what a declaration of the user's has to look like.
std::string companion_signature(clang::ASTContext &context, const clang::FunctionDecl *function,
                                const Mark &mark);

/// Per parameter: is it differentiated under this mark.
std::vector<bool> differentiated(const clang::FunctionDecl *function, const Mark &mark);

/// Declarations called like a companion that are neither one nor defined: reports each with the expected
/// form.
void report_mismatches(clang::Sema &sema, const std::vector<clang::FunctionDecl *> &marked);

} // namespace nabla::tool
