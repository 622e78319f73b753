#include "node.h"
#include <cassert>
#include <cctype>
#include <regex>

namespace fuzz {

const char *spell(Ty t) {
  switch (t) {
  case Ty::D:
    return "double";
  case Ty::F:
    return "float";
  case Ty::L:
    return "long double";
  case Ty::Int:
    return "int";
  case Ty::Unsigned:
    return "unsigned";
  case Ty::Long:
    return "long";
  case Ty::Size:
    return "std::size_t";
  case Ty::Char:
    return "char";
  case Ty::Bool:
    return "bool";
  }
  return "";
}

Ty common(Ty a, Ty b) {
  for (Ty t : {Ty::L, Ty::D, Ty::F, Ty::Size, Ty::Long, Ty::Unsigned})
    if (a == t || b == t)
      return t;
  return Ty::Int;
}

Ref make(Node::Kind kind, const std::string &form, std::vector<Ref> kids, Ty ty, double bound) {
  auto n = std::make_shared<Node>();
  n->kind = kind;
  n->ty = ty;
  n->bound = bound;
  std::size_t from = 0;
  for (std::size_t at; (at = form.find('@', from)) != std::string::npos; from = at + 1)
    n->text.push_back(form.substr(from, at - from));
  n->text.push_back(form.substr(from));
  n->kids = std::move(kids);
  assert(n->text.size() == n->kids.size() + 1);
  return n;
}

Ref block(std::vector<Ref> statements) {
  auto n = std::make_shared<Node>();
  n->kind = Node::Block;
  n->text.assign(statements.size() + 1, "");
  n->kids = std::move(statements);
  return n;
}

static void raw(const Ref &n, std::string &out) {
  if (n->kind == Node::Block) {
    for (const Ref &k : n->kids)
      raw(k, out);
    return;
  }
  for (std::size_t i = 0; i < n->kids.size(); ++i) {
    out += n->text[i];
    raw(n->kids[i], out);
  }
  out += n->text.back();
  if (n->kind == Node::Stmt)
    out += '\n';
}

/// Indents by brace depth; a `case` label stays with its switch.
static std::string indent(const std::string &text) {
  std::string out;
  int depth = 0;
  for (std::size_t at = 0; at < text.size();) {
    std::size_t end = text.find('\n', at);
    if (end == std::string::npos)
      end = text.size();
    std::string line = text.substr(at, end - at);
    at = end + 1;
    if (line.empty())
      continue;
    int shift = line[0] == '}' ? -1 : 0;
    if (line.rfind("case ", 0) == 0 || line.rfind("default:", 0) == 0)
      shift = -1;
    out += std::string(static_cast<std::size_t>(2 * std::max(0, depth + shift)), ' ') + line + '\n';
    for (char c : line)
      depth += c == '{' ? 1 : c == '}' ? -1 : 0;
  }
  return out;
}

std::string print(const Ref &n) {
  std::string out;
  raw(n, out);
  return n->kind == Node::Block || n->kind == Node::Stmt ? indent(out) : out;
}

/// The word of the oracle's text for a word of the plain text.
static std::string dual_word(const std::string &word) {
  if (word == "double")
    return "D";
  if (word == "float")
    return "F";
  if (word == "std")
    return "fz";
  if (word == "constexpr")
    return "const";
  if (word == "printf")
    return "fz::print";
  if (word == "WHOLE")
    return "fz::whole";
  if (word.rfind("__builtin_", 0) == 0)
    return "fz::" + word.substr(10);
  return word;
}

std::string to_dual(const std::string &plain) {
  std::string text = std::regex_replace(plain, std::regex(R"(\[\[[^\]]*\]\] ?)"), "");
  text = std::regex_replace(text, std::regex("long double"), "L");
  std::string out;
  for (std::size_t i = 0; i < text.size();) {
    auto part = [&](std::size_t k) {
      return k < text.size() && (std::isalnum(static_cast<unsigned char>(text[k])) || text[k] == '_');
    };
    if (!part(i) || std::isdigit(static_cast<unsigned char>(text[i]))) {
      do
        out += text[i++];
      while (std::isdigit(static_cast<unsigned char>(text[i - 1])) && part(i));
      continue;
    }
    std::size_t end = i;
    while (part(end))
      ++end;
    out += dual_word(text.substr(i, end - i));
    i = end;
  }
  return out;
}

} // namespace fuzz
