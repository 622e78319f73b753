#include "emit/operation.h"

namespace nabla::emit {
using namespace ir;

namespace {

std::string joined(const std::vector<std::string> &parts, std::size_t from = 0) {
  std::string out;
  for (std::size_t i = from; i < parts.size(); ++i)
    out += (i > from ? ", " : "") + parts[i];
  return out;
}

/// The arguments as C++ sees them: several of ours in braces are one.
std::vector<std::string> arguments(const Callee &callee, const std::vector<Ex> &args,
                                   const ExpressionPrinter &print, bool are_operands) {
  std::vector<std::vector<std::string>> open(1);
  std::vector<std::string> heads;
  std::size_t next = 0;
  for (const Token &t : callee.written) {
    if (t.kind == Token::Argument) {
      const Ex &arg = args.at(next++);
      if (!t.is_default)
        open.back().push_back(are_operands && open.size() == 1 ? print.enclosed(arg) : print.exact(arg));
    } else if (t.is_default) {
      continue;
    } else if (t.kind == Token::Open) {
      heads.push_back(t.text);
      open.emplace_back();
    } else {
      std::string text = heads.back() + joined(open.back()) + t.text;
      heads.pop_back();
      open.pop_back();
      open.back().push_back(text);
    }
  }
  return open.front();
}

} // namespace

std::string operation_text(const Callee &callee, const std::vector<Ex> &args,
                           const ExpressionPrinter &print) {
  const std::string &name = callee.name;
  bool is_method = name[0] == '.';
  std::size_t word = name.find("operator");
  bool starts = word != std::string::npos && (word == 0 || name[word - 1] == '.' || name[word - 1] == ':');
  std::string sign = starts ? name.substr(word + 8) : "";
  if (!sign.empty() && (std::isalnum(static_cast<unsigned char>(sign[0])) || sign[0] == '_'))
    sign.clear(); // a function called operator_...
  std::vector<std::string> parts = arguments(callee, args, print, !sign.empty() || is_method);
  if (sign == "[]" && parts.size() == 2)
    return parts[0] + "[" + parts[1] + "]";
  if (!sign.empty() && parts.size() == 1)
    return sign + parts[0];
  if (!sign.empty() && parts.size() == 2)
    return parts[0] + " " + sign + " " + parts[1];
  if (!is_method)
    return name + "(" + joined(parts) + ")";
  parts = arguments(callee, args, print, false);
  return print.enclosed(args[0]) + name + "(" + joined(parts, 1) + ")";
}

} // namespace nabla::emit
