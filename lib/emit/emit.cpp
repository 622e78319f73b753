// The function around the statements: signature, namespaces, head comment.
#include "emit/emit.h"
#include "emit/statement.h"
#include "ir/print.h"
#include "ir/walk.h"

namespace nabla::emit {
using namespace ir;
namespace {

/// "double f(double x, const double *a)"; a parameter that the body has no use for is marked when `f` is
/// defined.
std::string signature(const Function &f, const EmitOptions &options, Names &names, bool is_definition) {
  std::set<Var> used = used_variables(f.body);
  auto is_used = [&](const Var &v) {
    return used.count(v) || (used.count(nullptr) && spell(v->type).find("nabla::record") == 0);
  };
  std::string params;
  for (const Var &p : f.params) {
    params += params.empty() ? "" : ", ";
    if (is_definition && !is_used(p))
      params += "[[maybe_unused]] ";
    const std::string &name = names.declare(p);
    params += spell(p->type, is_definition && p->is_restrict ? "__restrict " + name : name);
  }
  return options.prefix + spell(f.result, f.name + "(" + params + ")");
}

/// "a" -> "namespace a", "" -> "namespace", "inline v1" -> "inline namespace v1"
std::string namespace_of(const std::string &name) {
  if (name.rfind("inline ", 0) == 0)
    return "inline namespace " + name.substr(7);
  return name.empty() ? "namespace" : "namespace " + name;
}

std::string opening(const std::string &name) { return namespace_of(name) + " {"; }

} // namespace

std::string emit(const Function &f, const EmitOptions &options) {
  Names names(f, options.is_macro);
  Layout layout(options.width);
  for (const std::string &n : options.namespaces)
    layout.line(0, opening(n));
  for (std::size_t begin = 0; begin < options.head.size();) {
    std::size_t end = std::min(options.head.find('\n', begin), options.head.size());
    layout.line(0, "// " + comment_text(options.head.substr(begin, end - begin), 200));
    begin = end + 1;
  }
  layout.line(0, signature(f, options, names, true) + " {");
  StatementPrinter(f, options, names, layout).body();
  layout.line(0, "}");
  for (auto n = options.namespaces.rbegin(); n != options.namespaces.rend(); ++n)
    layout.line(0, "} // " + namespace_of(*n));
  return layout.text();
}

std::string declaration(const Function &f, const EmitOptions &options) {
  Names names(f, options.is_macro);
  std::string text;
  for (const std::string &n : options.namespaces)
    text.append(opening(n)).append(" ");
  text.append(signature(f, options, names, false)).append(";");
  for (std::size_t i = 0; i < options.namespaces.size(); ++i)
    text.append(" }");
  return text;
}

} // namespace nabla::emit
