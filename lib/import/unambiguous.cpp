// Generated text stands in nabla::detail, or in the namespace or class of a marked function: names of the global namespace that
// something there hides are written with ::.
#include "import/importer.h"
#include "clang/AST/DeclCXX.h"
#include "clang/AST/RecursiveASTVisitor.h"
#include "clang/Basic/CharInfo.h"
#include <set>

namespace nabla::front {

namespace {

/// What the user's own namespaces and classes declare.
class Hidden : public clang::RecursiveASTVisitor<Hidden> {
public:
  explicit Hidden(clang::ASTContext &context) : sources_(context.getSourceManager()) {
    TraverseDecl(context.getTranslationUnitDecl());
  }
  std::set<std::string> names;

  bool TraverseDecl(clang::Decl *d) {
    const bool is_system = d && !isa<clang::TranslationUnitDecl>(d) && d->getLocation().isValid() &&
                           sources_.isInSystemHeader(d->getLocation());
    auto *space = dyn_cast_or_null<clang::NamespaceDecl>(d);
    const bool is_ours = space && space->getName() == "nabla" && space->getParent()->isTranslationUnit();
    return is_system || is_ours || RecursiveASTVisitor::TraverseDecl(d);
  }
  bool TraverseStmt(clang::Stmt *) { return true; } // what a body declares ends with it
  bool VisitNamedDecl(clang::NamedDecl *d) {
    if (d->getIdentifier() && !d->getDeclContext()->getRedeclContext()->isTranslationUnit() &&
        !isa<clang::ParmVarDecl>(d) && !d->isTemplateParameter())
      names.insert(d->getName().str());
    return true;
  }

private:
  const clang::SourceManager &sources_;
};

bool is_hidden(clang::ASTContext &context, const std::string &name) {
  static const clang::ASTContext *of = nullptr; // asked for one file after the other
  static unsigned long declarations = 0;
  static std::set<std::string> names;
  const auto *unit = context.getTranslationUnitDecl();
  const unsigned long now = std::distance(unit->decls_begin(), unit->decls_end());
  if (of != &context) // the next one may come to lie where this one was
    context.AddDeallocation([](void *) { of = nullptr; }, nullptr);
  if (of != &context || declarations != now) {
    names = Hidden(context).names;
    of = &context, declarations = now;
  }
  if (names.count(name))
    return true;
  auto lookup = [&](const clang::DeclContext *dc, llvm::StringRef id) {
    return dc->lookup(&context.Idents.get(id));
  };
  for (clang::NamedDecl *d : lookup(context.getTranslationUnitDecl(), "nabla"))
    if (auto *nabla = dyn_cast<clang::NamespaceDecl>(d)) {
      if (!lookup(nabla, name).empty())
        return true;
      for (clang::NamedDecl *inner : lookup(nabla, "detail"))
        if (auto *detail = dyn_cast<clang::NamespaceDecl>(inner); detail && !lookup(detail, name).empty())
          return true;
    }
  return false;
}

/// Does the global namespace declare it, or an unnamed one in it?
bool is_global(clang::ASTContext &context, const std::string &name) {
  for (const clang::NamespaceDecl *d = context.getTranslationUnitDecl()->getAnonymousNamespace(); d;
       d = d->getAnonymousNamespace())
    if (!d->lookup(&context.Idents.get(name)).empty())
      return true;
  return !context.getTranslationUnitDecl()->lookup(&context.Idents.get(name)).empty();
}

} // namespace

std::string unambiguous(clang::ASTContext &context, const std::string &text) {
  std::string out;
  for (std::size_t i = 0; i < text.size();) {
    if (!clang::isAsciiIdentifierStart(text[i])) {
      out += text[i++];
      continue;
    }
    std::size_t end = i;
    while (end < text.size() && clang::isAsciiIdentifierContinue(text[end]))
      ++end;
    const std::string name = text.substr(i, end - i);
    const bool is_first = (out.empty() || (out.back() != '.' && out.back() != '~')) &&
                          (out.size() < 2 || out.compare(out.size() - 2, 2, "::") != 0) &&
                          (out.empty() || !std::isalnum(static_cast<unsigned char>(out.back())));
    if (is_first && name != "nabla" && name != "std" && is_global(context, name) && is_hidden(context, name))
      out += "::";
    out += name;
    i = end;
  }
  return out;
}

} // namespace nabla::front
