// Diagnostics in the user's words and at his token, through Clang's own engine.
#pragma once
#include "ir/diagnostic.h"
#include "clang/Basic/Diagnostic.h"

namespace nabla::tool {

clang::SourceLocation location(const ir::Loc &loc);

/// "error: message; advice [nabla N101]" at the refusal's own token, or at `otherwise` when it has none.
void report(clang::DiagnosticsEngine &engine, const Refusal &refusal, clang::SourceLocation otherwise);
void report(clang::DiagnosticsEngine &engine, Diag id, clang::SourceLocation at,
            std::vector<std::string> args);
/// "internal error in pass X: ...; please report it with this file [nabla N900]".
void report(clang::DiagnosticsEngine &engine, const InternalError &error, clang::SourceLocation otherwise);
/// The same as a warning.
void warn(clang::DiagnosticsEngine &engine, Diag id, clang::SourceLocation at, std::vector<std::string> args);
void note(clang::DiagnosticsEngine &engine, clang::SourceLocation at, const std::string &text);
void remark(clang::DiagnosticsEngine &engine, clang::SourceLocation at, const std::string &text);

} // namespace nabla::tool
