// The tool's files: the generated functions with the prelude and linkage lines that another compiler needs.
#pragma once
#include "session.h"
#include <string>
#include <vector>

namespace nabla::tool {

/// An #include line of the user's main file.
struct Include {
  std::string written;  ///< <vector> or "model.h" with its brackets or quotes
  std::string resolved; ///< absolute path when it was found beside the including file, else ""
};

struct Output {
  std::string input, path;
  std::vector<Include> includes;
};

/// Text to compile beside the input. Reports what that text cannot name.
std::string text_beside(clang::Sema &sema, const Session &session, const Output &output);
/// Text that begins with #include "input", to compile instead of it.
std::string text_whole(clang::Sema &sema, const Session &session, const Output &output);
/// Declarations of the companions, to include in the input.
std::string text_declarations(clang::Sema &sema, const Output &output);

} // namespace nabla::tool
