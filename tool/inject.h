// Parses generated text with the live parser at the end of the translation unit, as if it stood below the
// user's code. In: C++ text without directives. Out: its declarations, handed to every consumer (code
// generation among them).
#pragma once
#include "clang/AST/Decl.h"
#include "clang/Sema/Sema.h"
#include <string>
#include <vector>

namespace nabla::tool {

class Injector {
public:
  /// `save` is the directory of option save=DIR, or "".
  Injector(clang::Sema &sema, std::string save) : sema_(sema), save_(std::move(save)) {}

  /// Returns what the parser said first, or "" when the text is well formed. Clang itself stays silent.
  std::string parse(const std::string &name, const std::string &text, clang::SourceLocation at,
                    std::vector<clang::Decl *> *declared = nullptr);

private:
  clang::FileID enter(const std::string &name, const std::string &text, clang::SourceLocation at);
  void push_tokens(clang::FileID file);
  void parse_declarations(std::vector<clang::Decl *> *declared);
  std::string unique_name(const std::string &name);

  clang::Sema &sema_;
  std::string save_;
  std::vector<std::string> used_names_;
};

} // namespace nabla::tool
