// The function around the statements: signature, namespaces, head comment.
#include "emit/emit.h"
#include "emit/statement.h"
#include "ir/print.h"
#include "ir/walk.h"

namespace nabla::emit {
using namespace ir;
namespace {

/// "double f(double x, const double *a)"; a parameter that the body has no use for is marked when `f` is
/// defined: `used` is given.
std::string signature(const Function &f, const EmitOptions &options, Names &names, const Used *used) {
  auto is_used = [&](const Var &v) {
    return used->count(v.get()) || (used->count(nullptr) && spell(v->type).find("nabla::record") == 0);
  };
  std::string params;
  for (const Var &p : f.params) {
    params += params.empty() ? "" : ", ";
    if (used && !is_used(p))
      params += "[[maybe_unused]] ";
    const std::string &name = names.declare(p);
    params += used ? parameter(p, name) : spell(p->type, name);
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

std::string definition(const Function &f, const EmitOptions &options, Names names) {
  Layout layout(options.width);
  for (const std::string &n : options.namespaces)
    layout.line(0, opening(n));
  for (std::size_t begin = 0; begin < options.head.size();) {
    std::size_t end = std::min(options.head.find('\n', begin), options.head.size());
    layout.line(0, "// " + comment_text(options.head.substr(begin, end - begin), 200));
    begin = end + 1;
  }
  StatementPrinter statements(f, options, names, layout);
  layout.line(0, signature(f, options, names, &statements.used()) + " {");
  statements.body();
  layout.line(0, "}");
  for (auto n = options.namespaces.rbegin(); n != options.namespaces.rend(); ++n)
    layout.line(0, "} // " + namespace_of(*n));
  return layout.text();
}

std::string declaration(const Function &f, const EmitOptions &options, Names names) {
  std::string text;
  for (const std::string &n : options.namespaces)
    text.append(opening(n)).append(" ");
  text.append(signature(f, options, names, nullptr)).append(";");
  for (std::size_t i = 0; i < options.namespaces.size(); ++i)
    text.append(" }");
  return text;
}

} // namespace

std::string emit(const Function &f, const EmitOptions &options) {
  return definition(f, options, Names(f, options.is_macro));
}

std::string declaration(const Function &f, const EmitOptions &options) {
  return declaration(f, options, Names(f, options.is_macro));
}

Texts both(const Function &f, const EmitOptions &options) {
  const Names names(f, options.is_macro);
  return {declaration(f, options, names), definition(f, options, names)};
}

} // namespace nabla::emit
