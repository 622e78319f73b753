#include "methods.h"
#include "spell.h"
#include "clang/AST/ASTContext.h"
#include "clang/AST/DeclCXX.h"
#include <vector>

using namespace clang;

namespace nabla::tool {

std::string forwarding_text(const Forwarding &f) {
  ASTContext &context = f.target->getASTContext();
  std::vector<std::string> names;
  std::string parameters;
  for (unsigned i = 0; i < f.target->getNumParams(); ++i) {
    const ParmVarDecl *p = f.target->getParamDecl(i);
    names.push_back(p->getName().empty() ? "arg" + std::to_string(i) : p->getNameAsString());
    parameters += (i ? ", " : "") + spell(p->getType(), context, names.back());
  }
  const auto *method = dyn_cast<CXXMethodDecl>(f.target);
  bool has_this = method && !method->isStatic();
  std::vector<std::string> arguments = names;
  if (f.by_object) {
    arguments.pop_back();
    arguments.insert(arguments.begin() + f.before, names.back());
  }
  if (has_this)
    arguments.insert(arguments.begin(), "*this");
  std::string list;
  for (const std::string &argument : arguments)
    list += (list.empty() ? "" : ", ") + argument;
  std::string qualifiers;
  if (has_this) {
    qualifiers += method->isConst() ? " const" : "";
    qualifiers += method->isVolatile() ? " volatile" : "";
    qualifiers += method->getRefQualifier() == RQ_LValue ? " &" : "";
  }
  std::string head = spell(f.target->getReturnType(), context, f.name + "(" + parameters + ")" + qualifiers);
  return f.prefix + head + " { return " + f.helper + "(" + list + "); }\n";
}

} // namespace nabla::tool
