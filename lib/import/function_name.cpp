// How generated text names functions that are instances of templates or one of several overloads. Clang's printer writes
// such a function, as an argument of a template, by its bare name, which stands for all of them.
#include "import/shared.h"
#include "clang/AST/DeclCXX.h"
#include "clang/AST/DeclTemplate.h"
#include "llvm/Support/raw_ostream.h"

namespace nabla::front {

namespace {

/// Do other functions, or templates, share its name?
bool is_overloaded(const clang::FunctionDecl *f) {
  const clang::FunctionTemplateDecl *made_from = f->getPrimaryTemplate();
  const clang::Decl *self = made_from ? static_cast<const clang::Decl *>(made_from) : f;
  return llvm::any_of(f->getDeclContext()->getRedeclContext()->lookup(f->getDeclName()),
                      [&](const clang::NamedDecl *each) {
                        return each->getUnderlyingDecl()->getCanonicalDecl() != self->getCanonicalDecl();
                      });
}

bool is_one_of_several(const clang::FunctionDecl *f) {
  return f->getTemplateSpecializationArgs() || is_overloaded(f);
}

clang::QualType pointer_type(const clang::FunctionDecl *f) {
  clang::ASTContext &context = f->getASTContext();
  auto *method = dyn_cast<clang::CXXMethodDecl>(f);
  return method && !method->isStatic()
             ? context.getMemberPointerType(f->getType(),
                                            context.getRecordType(method->getParent()).getTypePtr())
             : context.getPointerType(f->getType());
}

const clang::FunctionDecl *function_in(const clang::TemplateArgument &a) {
  return a.getKind() == clang::TemplateArgument::Declaration ? dyn_cast<clang::FunctionDecl>(a.getAsDecl())
                                                             : nullptr;
}

std::string alias_of(const clang::TemplateArgument &a, const AliasOf &alias) {
  return alias && a.getKind() == clang::TemplateArgument::Type ? alias(a.getAsType()) : "";
}

bool is_unclear(const clang::TemplateArgument &a, const AliasOf &alias) {
  if (a.getKind() == clang::TemplateArgument::Pack)
    return llvm::any_of(a.pack_elements(),
                        [&](const clang::TemplateArgument &each) { return is_unclear(each, alias); });
  const clang::FunctionDecl *f = function_in(a);
  return (f && is_one_of_several(f)) || !alias_of(a, alias).empty();
}

void print(const clang::TemplateArgument &a, const clang::PrintingPolicy &policy, const AliasOf &alias,
           std::string &out) {
  if (a.getKind() == clang::TemplateArgument::Pack) {
    for (const clang::TemplateArgument &each : a.pack_elements())
      print(each, policy, alias, out);
    return;
  }
  std::string text = alias_of(a, alias);
  if (text.empty() && is_unclear(a, alias)) {
    text = function_address(function_in(a), policy, std::nullopt);
  } else if (text.empty()) {
    llvm::raw_string_ostream os(text);
    clang::printTemplateArgumentList(os, {a}, policy);
    text = text.substr(1, text.size() - 2); // without < and >
  }
  out += (out.empty() ? "" : ", ") + text;
}

std::string spelled(clang::QualType t, const clang::PrintingPolicy &policy) {
  return with_string(t.getCanonicalType().getAsString(policy));
}

} // namespace

std::string template_arguments(const clang::FunctionDecl *f, const clang::PrintingPolicy &policy,
                               const AliasOf &alias) {
  const clang::TemplateArgumentList *arguments = f->getTemplateSpecializationArgs();
  if (!arguments)
    return "";
  std::string out;
  auto unclear = [&](const clang::TemplateArgument &a) { return is_unclear(a, alias); };
  if (llvm::any_of(arguments->asArray(), unclear)) {
    for (const clang::TemplateArgument &a : arguments->asArray())
      print(a, policy, alias, out);
    return "<" + out + ">";
  }
  llvm::raw_string_ostream os(out);
  clang::printTemplateArgumentList(os, arguments->asArray(), policy);
  return out;
}

std::string function_address(const clang::FunctionDecl *f, const clang::PrintingPolicy &policy,
                             const std::optional<std::string> &class_name) {
  clang::ASTContext &context = f->getASTContext();
  auto *method = dyn_cast<clang::CXXMethodDecl>(f);
  std::string name;
  llvm::raw_string_ostream os(name);
  if (method)
    os << (class_name ? *class_name : spelled(context.getRecordType(method->getParent()), policy)) << "::";
  else
    f->printNestedNameSpecifier(os, policy);
  os << f->getNameAsString() << template_arguments(f, policy);
  name = "&" + unambiguous(context, name);
  if (!is_one_of_several(f))
    return name;
  const bool has_object = method && !method->isStatic();
  if (has_object && class_name && *class_name != spelled(context.getRecordType(method->getParent()), policy))
    return name; // the type would need the class's own name; the text's parser says if it is ambiguous
  return "static_cast<" + spelled(pointer_type(f), policy) + ">(" + name + ")";
}

std::string Shared::address(const clang::CXXRecordDecl *closure, clang::QualType function) {
  return "nabla::function_of<" + spelling(context.getRecordType(closure)) + ", " + spelling(function) + ">()";
}

std::string Shared::address(const clang::FunctionDecl *f) {
  if (auto *m = dyn_cast<clang::CXXMethodDecl>(f); m && m->isLambdaStaticInvoker())
    return address(m->getParent(), f->getType());
  std::string text = "&" + qualified(f);
  if (auto *m = dyn_cast<clang::CXXMethodDecl>(f);
      m && m->getParent()->isLocalClass() && !f->getPrimaryTemplate())
    text = "&" + spelling(context.getRecordType(m->getParent())) + "::" + f->getNameAsString();
  if (!is_overloaded(f))
    return text;
  return "static_cast<" + spelling(pointer_type(f)) + ">(" + text + ")";
}

const clang::FunctionDecl *own_pattern(const clang::FunctionDecl *f) {
  const clang::FunctionTemplateDecl *made_from =
      f->getDescribedFunctionTemplate() ? f->getDescribedFunctionTemplate() : f->getPrimaryTemplate();
  auto *space = made_from ? dyn_cast<clang::NamespaceDecl>(made_from->getDeclContext()) : nullptr;
  auto *outer = space ? dyn_cast<clang::NamespaceDecl>(space->getParent()) : nullptr;
  bool is_ours = outer && outer->getName() == "nabla" && space->getName() == "linear" &&
                 outer->getParent()->isTranslationUnit();
  return is_ours ? made_from->getTemplatedDecl() : nullptr;
}

} // namespace nabla::front
