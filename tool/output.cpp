#include "output.h"
#include "companions.h"
#include "report.h"
#include "spell.h"
#include "clang/AST/ASTContext.h"
#include "clang/AST/ExprCXX.h"
#include "clang/AST/RecursiveASTVisitor.h"
#include "clang/Lex/Lexer.h"
#include <filesystem>

using namespace clang;
namespace fs = std::filesystem;

namespace nabla::tool {
namespace {

std::string relative_to(const std::string &file, const Output &output) {
  std::error_code error;
  fs::path from = fs::absolute(output.path.empty() || output.path == "-" ? "x" : output.path).parent_path();
  fs::path path = fs::proximate(fs::absolute(file), from, error);
  return error ? file : path.generic_string();
}

std::string in_namespaces(const Decl *decl, const std::string &text) {
  std::string open, close;
  for (const DeclContext *at = decl->getDeclContext(); at; at = at->getParent())
    if (const auto *space = dyn_cast<NamespaceDecl>(at)) {
      std::string name = space->isAnonymousNamespace() ? "" : space->getNameAsString() + " ";
      open.insert(0, "{ ").insert(0, name).insert(0, space->isInline() ? "inline namespace " : "namespace ");
      close += " }";
    }
  return open + text + close + "\n";
}

struct PrivateUses : RecursiveASTVisitor<PrivateUses> {
  bool found = false;
  bool VisitMemberExpr(MemberExpr *e) {
    AccessSpecifier access = e->getMemberDecl()->getAccess();
    found |= access == AS_private || access == AS_protected;
    return true;
  }
  bool VisitCastExpr(CastExpr *e) { // to a private base
    for (const CXXBaseSpecifier *base : e->path())
      found |= base->getAccessSpecifier() != AS_public;
    return true;
  }
};

bool uses_private_members(const Session &session) {
  PrivateUses uses;
  for (const Generated &made : session.generated())
    for (Decl *decl : made.declared)
      uses.TraverseDecl(decl);
  return uses.found;
}

/// What generated text uses of the user's main file: it has to be declared again, or cannot be named.
class Uses : public RecursiveASTVisitor<Uses> {
public:
  Uses(Sema &sema, const Session &session) : sema_(sema), sources_(sema.getSourceManager()) {
    for (const Generated &made : session.generated()) {
      at_ = session.place_of(made);
      if (!made.is_nameable) {
        refuse_use("a lambda or a local type", "use the plugin (nabla++), which can");
        continue;
      }
      if (!made.primal->isExternallyVisible()) {
        refuse_use("'" + made.primal->getNameAsString() + "', which other files cannot see",
                   "use nabla --whole, or the plugin (nabla++)");
        continue;
      }
      for (Decl *decl : made.declared)
        TraverseDecl(decl);
    }
  }

  bool VisitDeclRefExpr(DeclRefExpr *e) { return use(e->getDecl()), true; }
  bool VisitTagTypeLoc(TagTypeLoc loc) { return use_type(loc.getDecl()), true; }
  bool VisitTypedefTypeLoc(TypedefTypeLoc loc) { return use_type(loc.getTypedefNameDecl()), true; }

  std::string declarations() const {
    std::string out;
    for (auto &[at, text] : needed_)
      out += text;
    return out;
  }

private:
  bool in_main_file(const Decl *decl) const {
    return sources_.isInMainFile(sources_.getExpansionLoc(decl->getLocation()));
  }

  void refuse_use(const std::string &what, const std::string &advice) {
    if (told_.insert(what).second)
      report(sema_.getDiagnostics(), Diag::ToolCannotName, at_, {what, advice});
  }

  void use_type(const NamedDecl *decl) {
    if (in_main_file(decl))
      refuse_use("'" + decl->getQualifiedNameAsString() + "', a type of the source file itself",
                 "move it to a header, use nabla --whole, or the plugin (nabla++)");
  }

  void use(const ValueDecl *decl) {
    if (!in_main_file(decl) || decl->getDeclContext()->isFunctionOrMethod())
      return;
    if (isa<EnumConstantDecl>(decl) || isa<FieldDecl>(decl))
      return use_type(decl);
    if (const auto *variable = dyn_cast<VarDecl>(decl);
        variable && variable->isFileVarDecl() && !variable->isStaticDataMember())
      return use_variable(variable);
    const auto *function = dyn_cast<FunctionDecl>(decl);
    bool is_plain = function && !isa<CXXMethodDecl>(function) && !function->isInlined() &&
                    !function->getPrimaryTemplate() && function->isExternallyVisible();
    if (!is_plain)
      return refuse_use("'" + decl->getQualifiedNameAsString() + "' of the source file",
                        "move it to a header, use nabla --whole, or the plugin (nabla++)");
    std::string c = function->isExternC() ? "extern \"C\" " : "";
    need(function, c + spell_signature(function, function->getNameAsString()) + ";");
    for (const ParmVarDecl *p : function->parameters())
      TraverseTypeLoc(p->getTypeSourceInfo()->getTypeLoc());
  }

  void use_variable(const VarDecl *variable) {
    if (variable->isExternallyVisible())
      return need(variable,
                  "extern " + spell(variable->getType(), sema_.Context, variable->getNameAsString()) + ";");
    // A constant of the file: its definition is repeated.
    std::string text =
        is_one_of_several(variable) ? alone(variable) : source_text(variable->getSourceRange());
    if (!variable->getType().isConstQualified() || text.empty() || !variable->hasInit())
      return refuse_use("'" + variable->getNameAsString() + "', which other files cannot see",
                        "use nabla --whole, or the plugin (nabla++)");
    TraverseStmt(const_cast<Expr *>(variable->getInit()));
    need(variable, text + ";");
  }

  std::string source_text(SourceRange range) const {
    return Lexer::getSourceText(CharSourceRange::getTokenRange(range), sources_, sema_.getLangOpts()).str();
  }

  /// `const int a = 2, b = 3;`
  static bool is_one_of_several(const VarDecl *variable) {
    auto decls = variable->getDeclContext()->decls();
    return std::any_of(decls.begin(), decls.end(), [&](const Decl *other) {
      return other != variable && isa<VarDecl>(other) && other->getBeginLoc() == variable->getBeginLoc();
    });
  }

  /// The definition of one of them.
  std::string alone(const VarDecl *variable) const {
    if (!variable->hasInit())
      return "";
    std::string init = source_text(variable->getInit()->getSourceRange());
    if (variable->getInitStyle() == VarDecl::CallInit)
      init = "(" + init + ")";
    else if (variable->getInitStyle() == VarDecl::CInit)
      init = " = " + init;
    return (variable->isConstexpr()                    ? "constexpr "
            : variable->getStorageClass() == SC_Static ? "static "
                                                       : "") +
           spell(variable->getType(), sema_.Context, variable->getNameAsString()) + init;
  }

  void need(const NamedDecl *decl, const std::string &text) {
    needed_.try_emplace(
        sources_.getFileOffset(sources_.getExpansionLoc(decl->getCanonicalDecl()->getLocation())),
        in_namespaces(decl, text));
  }

  Sema &sema_;
  SourceManager &sources_;
  SourceLocation at_;
  std::map<unsigned, std::string> needed_; ///< by their place in the source
  std::set<std::string> told_;
};

/// "template <class T> " as the user wrote it, or "".
std::string template_head(const FunctionDecl *f) {
  const FunctionTemplateDecl *pattern = f->getDescribedFunctionTemplate();
  if (!pattern)
    return "";
  const TemplateParameterList *list = pattern->getTemplateParameters();
  ASTContext &context = f->getASTContext();
  CharSourceRange range = CharSourceRange::getTokenRange(list->getTemplateLoc(), list->getRAngleLoc());
  return Lexer::getSourceText(range, context.getSourceManager(), context.getLangOpts()).str() + " ";
}

std::string include_lines(const Output &output) {
  std::string out;
  bool has_nabla = false;
  for (const Include &include : output.includes) {
    out +=
        "#include " +
        (include.resolved.empty() ? include.written : "\"" + relative_to(include.resolved, output) + "\"") +
        "\n";
    has_nabla |= include.written.find("nabla/nabla.h") != std::string::npos;
  }
  return has_nabla ? out : "#include <nabla/nabla.h>\n" + out;
}

std::string heading(const std::string &first, const Output &output, bool needs_private) {
  std::string name = fs::path(output.input).filename().string();
  std::string out = "// Generated by nabla from " + name + ". " + first + "\n";
  if (needs_private)
    out += "// Compile with -fno-access-control: the functions below use private members.\n";
  return out + "\n";
}

std::string functions(const Session &session) {
  std::string out;
  for (const Generated &made : session.generated())
    for (const Text &text : made.texts) {
      if (!made.symbol.empty() && !text.is_helper) { // the symbol that the call in the user's code refers to
        std::string declaration = text.declaration.substr(0, text.declaration.rfind(';'));
        out += "\n[[gnu::used]] " + declaration + " __asm__(\"" + made.symbol + "\");\n";
      }
      out += "\n" + text.code;
      if (!text.code.empty() && text.code.back() != '\n')
        out += "\n";
    }
  return out;
}

} // namespace

std::string text_beside(Sema &sema, const Session &session, const Output &output) {
  Uses uses(sema, session);
  std::string declared = uses.declarations();
  return heading("Compile it beside that file and link both.", output, uses_private_members(session)) +
         include_lines(output) + (declared.empty() ? "" : "\n" + declared) + functions(session);
}

std::string text_whole(Sema &sema, const Session &session, const Output &output) {
  for (const Generated &made : session.generated())
    if (!made.is_nameable)
      report(sema.getDiagnostics(), Diag::ToolCannotName, session.place_of(made),
             {"a lambda or a local type", "use the plugin (nabla++), which can"});
  return heading("Compile it instead of that file.", output, uses_private_members(session)) +
         "#include <nabla/nabla.h>\n#include \"" + relative_to(output.input, output) + "\"\n" +
         functions(session);
}

std::string text_declarations(Sema &sema, const Output &output) {
  std::string out =
      heading("Include it there, below the types that it names.", output, false) + "#pragma once\n";
  std::set<std::string> written;
  for (const FunctionDecl *f : marked_functions(sema))
    for (const Mark &mark : marks_on(f)) {
      if (companion_marks(f, mark).empty() || isa<CXXMethodDecl>(f))
        continue;
      std::string prefix = template_head(f) + (f->getStorageClass() == SC_Static ? "static " : "");
      std::string line = in_namespaces(f, prefix + companion_signature(sema.Context, f, mark) + ";");
      if (written.insert(line).second)
        out += line;
    }
  if (out.find("nabla::dual<") != std::string::npos) // what pushforwards return
    out.insert(out.find("#pragma once\n") + 13, "#include <nabla/nabla.h>\n");
  return out;
}

} // namespace nabla::tool
