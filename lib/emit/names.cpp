#include "emit/names.h"
#include "ir/rules.h"
#include "ir/walk.h"
#include <cctype>

namespace nabla::emit {
using namespace ir;
namespace {

/// Keywords, and macros of the C and C++ headers that look like names.
const std::unordered_set<std::string> &forbidden() {
  static const std::unordered_set<std::string> words = {
      "alignas",     "alignof",  "and",        "and_eq",    "asm",       "auto",         "bitand",
      "bitor",       "bool",     "break",      "case",      "catch",     "char",         "char16_t",
      "char32_t",    "char8_t",  "class",      "co_await",  "co_return", "co_yield",     "compl",
      "concept",     "const",    "const_cast", "consteval", "constexpr", "constinit",    "continue",
      "decltype",    "default",  "delete",     "do",        "double",    "dynamic_cast", "else",
      "enum",        "explicit", "export",     "extern",    "false",     "float",        "for",
      "friend",      "goto",     "if",         "inline",    "int",       "long",         "mutable",
      "namespace",   "new",      "noexcept",   "not",       "not_eq",    "nullptr",      "operator",
      "or",          "or_eq",    "private",    "protected", "public",    "register",     "reinterpret_cast",
      "requires",    "return",   "short",      "signed",    "sizeof",    "static",       "static_assert",
      "static_cast", "struct",   "switch",     "template",  "this",      "thread_local", "throw",
      "true",        "try",      "typedef",    "typeid",    "typename",  "union",        "unsigned",
      "using",       "virtual",  "void",       "volatile",  "wchar_t",   "while",        "xor",
      "xor_eq",      "typeof",   "restrict",   "assert",    "errno",     "NULL",         "EOF",
      "NAN",         "INFINITY", "HUGE_VAL",   "BUFSIZ",    "RAND_MAX",  "CHAR_BIT",     "DBL_MAX",
      "DBL_MIN",     "FLT_MAX",  "FLT_MIN",    "INT_MAX",   "INT_MIN",   "UINT_MAX",     "LONG_MAX",
      "LONG_MIN",    "SIZE_MAX", "stdin",      "stdout",    "stderr",    "offsetof",     "va_start",
      "va_end",      "va_arg",   "setjmp",     "std",       "nabla"};
  return words;
}

bool is_start(char c) { return std::isalpha(static_cast<unsigned char>(c)) || c == '_' || (c & 0x80); }
bool is_part(char c) { return is_start(c) || std::isdigit(static_cast<unsigned char>(c)); }

/// The position behind a string or character literal that begins at `i`.
std::size_t skip_literal(const std::string &text, std::size_t i) {
  char quote = text[i++];
  while (i < text.size() && text[i] != quote)
    i += text[i] == '\\' ? 2 : 1;
  return std::min(i + 1, text.size());
}

/// Letters, digits and underscores alone, and no name reserved to the implementation.
std::string sanitize(const std::string &wish) {
  std::string out;
  for (char c : wish) {
    char next = is_part(c) ? c : '_';
    if (next != '_' || out.empty() || out.back() != '_')
      out += next;
  }
  if (out.size() > 1 && out[0] == '_' && std::isupper(static_cast<unsigned char>(out[1])))
    out.erase(0, 1);
  if (out.empty() || out == "_")
    return "v";
  if (out == "this")
    return "self";
  return is_start(out[0]) ? out : "v" + out;
}

/// Everything in the function that prints as text other than its own variables.
class Collector {
public:
  explicit Collector(std::unordered_set<std::string> &out) : out_(out) {}
  void text(const std::string &t) {
    if (t != last_) // most of what is mentioned is of one type
      collect_identifiers(last_ = t, out_);
  }
  void type(const Type &t) {
    if (t.is(Type::Pointer) || t.is(Type::Array))
      type(t.element());
    else
      text(t.spelling());
  }
  void variable(const Var &v) {
    if (v->kind == Variable::Global)
      text(v->qualified.empty() ? v->name : v->qualified);
    else
      type(v->type);
  }
  void expression(const Ex &e) {
    type(e->type);
    match(
        e->node, [&](const Const &c) { text(c.spelling); }, [](const Read &) {}, [](const AddressOf &) {},
        [&](const Apply &a) { text(info(a.rule).spelling); },
        [&](const Native &n) {
          if (n.op.rfind("call ", 0) == 0)
            text(n.op.substr(5));
        },
        [](const Cast &) {}, [](const Select &) {});
  }
  void statement(const Stmt &s) {
    for_each_variable(s, [this](const Var &v) { variable(v); });
    for_each_expr(s,
                  [this](const Ex &e) { for_each_subexpr(e, [this](const Ex &sub) { expression(sub); }); });
    if (const Call *c = std::get_if<Call>(&s.node))
      text(c->callee->name);
    if (const Allocate *a = std::get_if<Allocate>(&s.node))
      type(a->element);
    if (const Opaque *o = std::get_if<Opaque>(&s.node))
      for (const std::string &piece : o->pieces)
        text(piece);
  }

private:
  std::unordered_set<std::string> &out_;
  std::string last_;
};

} // namespace

void collect_identifiers(const std::string &text, std::unordered_set<std::string> &out) {
  std::size_t i = 0;
  while (i < text.size()) {
    if (text[i] == '"' || text[i] == '\'') {
      i = skip_literal(text, i);
    } else if (std::isdigit(static_cast<unsigned char>(text[i]))) {
      while (i < text.size() && (is_part(text[i]) || text[i] == '.' || text[i] == '\''))
        ++i;
    } else if (is_start(text[i])) {
      std::size_t begin = i;
      while (i < text.size() && is_part(text[i]))
        ++i;
      std::size_t before = begin;
      while (before > 0 && text[before - 1] == ' ')
        --before;
      bool is_member = before > 0 && (text[before - 1] == '.' || text[before - 1] == ':' ||
                                      (before > 1 && text[before - 2] == '-' && text[before - 1] == '>'));
      if (!is_member)
        out.insert(text.substr(begin, i - begin));
    } else {
      ++i;
    }
  }
}

Names::Names(const Function &f, std::function<bool(const std::string &)> is_macro)
    : is_macro_(std::move(is_macro)) {
  Collector collect(taken_);
  collect.type(f.result);
  for (const Var &p : f.params)
    collect.variable(p);
  for_each_stmt(f.body, [&](const Stmt &s) { collect.statement(s); });
  open();
}

void Names::open() { scopes_.emplace_back(); }

void Names::close() {
  for (const std::string &name : scopes_.back().names)
    visible_.erase(visible_.find(name));
  next_.clear();
  scopes_.pop_back();
}

std::string Names::free_name(const std::string &wish) {
  std::string base = sanitize(wish), name = base;
  auto is_free = [&] {
    return !forbidden().count(name) && !taken_.count(name) && !visible_.count(name) &&
           !(is_macro_ && is_macro_(name));
  };
  if (base.back() == '_')
    base.pop_back();
  unsigned &n = next_.emplace(base, 1).first->second;
  for (; !is_free(); ++n)
    name = base + "_" + std::to_string(n);
  return name;
}

std::string Names::declare(const std::string &wish) {
  std::string name = free_name(wish);
  scopes_.back().names.push_back(name);
  visible_.insert(name);
  return name;
}

const std::string &Names::declare(const Var &v) {
  scopes_.back().variables.push_back(v);
  return name_[v.get()] = declare(v->name);
}

std::string Names::operator()(const Var &v) const {
  if (v->kind == Variable::Global)
    return v->qualified.empty() ? v->name : v->qualified;
  auto found = name_.find(v.get());
  return found == name_.end() ? sanitize(v->name) : found->second;
}

Var Names::visible_of_type(const std::string &spelling) const {
  for (auto scope = scopes_.rbegin(); scope != scopes_.rend(); ++scope)
    for (auto v = scope->variables.rbegin(); v != scope->variables.rend(); ++v) {
      const Type &t = (*v)->type;
      if ((t.is_reference() ? t.element() : t).spelling() == spelling)
        return *v;
    }
  return nullptr;
}

} // namespace nabla::emit
