// The end of a translation unit, seen from inside Sema: the parser still lives, the checks for unused and
// undefined functions have not run, and what is parsed now reaches code generation.
#pragma once
#include "session.h"
#include "clang/AST/ASTConsumer.h"
#include "clang/Sema/SemaConsumer.h"
#include <functional>

namespace nabla::tool {

/// Runs a Session at the end of the translation unit, then `then` on it.
std::unique_ptr<clang::SemaConsumer> make_consumer(ToolOptions options,
                                                   std::function<void(clang::Sema &, Session &)> then = {});

} // namespace nabla::tool
