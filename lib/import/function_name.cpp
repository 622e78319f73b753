// How generated text names functions that are instances of templates or one of several overloads. Clang's printer writes
// such a function, as an argument of a template, by its bare name, which stands for all of them.
#include "import/importer.h"
#include "clang/AST/DeclCXX.h"
#include "clang/AST/DeclTemplate.h"
#include "llvm/Support/raw_ostream.h"

namespace nabla::front {

namespace {

bool is_one_of_several(const clang::FunctionDecl *f) {
  if (f->getTemplateSpecializationArgs())
    return true;
  for (clang::NamedDecl *each : f->getDeclContext()->getRedeclContext()->lookup(f->getDeclName()))
    if (each->getUnderlyingDecl()->getCanonicalDecl() != f->getCanonicalDecl())
      return true;
  return false;
}

const clang::FunctionDecl *function_in(const clang::TemplateArgument &a) {
  return a.getKind() == clang::TemplateArgument::Declaration ? dyn_cast<clang::FunctionDecl>(a.getAsDecl())
                                                             : nullptr;
}

bool is_unclear(const clang::TemplateArgument &a) {
  if (a.getKind() == clang::TemplateArgument::Pack)
    return std::any_of(a.pack_begin(), a.pack_end(), is_unclear);
  const clang::FunctionDecl *f = function_in(a);
  return f && is_one_of_several(f);
}

void print(const clang::TemplateArgument &a, const clang::PrintingPolicy &policy, std::string &out) {
  if (a.getKind() == clang::TemplateArgument::Pack) {
    for (const clang::TemplateArgument &each : a.pack_elements())
      print(each, policy, out);
    return;
  }
  std::string text;
  if (is_unclear(a)) {
    text = function_address(function_in(a), policy, std::nullopt);
  } else {
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

std::string template_arguments(const clang::FunctionDecl *f, const clang::PrintingPolicy &policy) {
  const clang::TemplateArgumentList *arguments = f->getTemplateSpecializationArgs();
  if (!arguments)
    return "";
  std::string out;
  if (llvm::any_of(arguments->asArray(), is_unclear)) {
    for (const clang::TemplateArgument &a : arguments->asArray())
      print(a, policy, out);
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
  clang::QualType type =
      has_object ? context.getMemberPointerType(f->getType(),
                                                context.getRecordType(method->getParent()).getTypePtr())
                 : context.getPointerType(f->getType());
  return "static_cast<" + spelled(type, policy) + ">(" + name + ")";
}

} // namespace nabla::front
