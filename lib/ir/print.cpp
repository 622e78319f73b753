#include "ir/print.h"
#include <set>

namespace nabla::ir {

const char *name_of(Rule rule) {
  static const char *const names[] = {
#define NABLA_RULE(NAME) #NAME,
#include "ir/rule_names.inc"
#undef NABLA_RULE
  };
  return names[static_cast<unsigned>(rule)];
}

namespace {

/// Names variables in the order in which they are met.
class Printer {
public:
  std::string name(const Var &v) {
    if (!v)
      return "<null>";
    auto [place, is_new] = names_.try_emplace(v.get());
    if (is_new) {
      unsigned n = ++count_[v->name];
      place->second = n == 1 ? v->name : v->name + "#" + std::to_string(n);
    }
    return place->second;
  }
  std::string place(const Place &p) {
    return spell(p, [this](const Var &v) { return name(v); }, [this](const Ex &e) { return outer(e); });
  }
  std::string ex(const Ex &e);
  /// Without the outermost parentheses.
  std::string outer(const Ex &e) {
    std::string text = ex(e);
    return e && is_wrapped(e) ? text.substr(1, text.size() - 2) : text;
  }
  void stmt(const Stmt &s, unsigned depth, bool with_ids);
  void block(const Block &b, unsigned depth, bool with_ids) {
    for (const Stmt &s : b)
      stmt(s, depth, with_ids);
  }
  std::string out;

private:
  static bool is_infix(const std::string &op, std::size_t args) {
    return args == 2 && op.rfind("call ", 0) != 0;
  }
  static bool is_wrapped(const Ex &e) {
    if (const Apply *a = std::get_if<Apply>(&e->node))
      return operator_of(a->rule) != nullptr && a->args.size() == 2;
    if (const Native *n = std::get_if<Native>(&e->node))
      return is_infix(n->op, n->args.size());
    return std::holds_alternative<Select>(e->node);
  }
  static const char *operator_of(Rule rule) {
    std::string name = name_of(rule);
    return name == "add" ? "+" : name == "sub" ? "-" : name == "mul" ? "*" : name == "div" ? "/" : nullptr;
  }
  std::string list(const std::vector<Ex> &args) {
    std::string text;
    for (const Ex &a : args)
      text += (text.empty() ? "" : ", ") + outer(a);
    return text;
  }
  std::string apply(const Apply &a);
  std::string native(const Native &n);
  std::string head(const Stmt &s);
  std::string allocate(const Allocate &a);
  std::string declare(const Declare &d);
  void line(unsigned depth, const std::string &text) {
    out += std::string(std::size_t(2) * depth, ' ') + text + "\n";
  }

  std::map<const Variable *, std::string> names_;
  std::map<std::string, unsigned> count_;
};

std::string Printer::apply(const Apply &a) {
  if (const char *op = operator_of(a.rule); op && a.args.size() == 2)
    return "(" + ex(a.args[0]) + " " + op + " " + ex(a.args[1]) + ")";
  if (std::string(name_of(a.rule)) == "neg" && a.args.size() == 1)
    return "-" + ex(a.args[0]);
  return std::string(name_of(a.rule)) + "(" + list(a.args) + ")";
}

std::string Printer::native(const Native &n) {
  if (n.op.rfind("call ", 0) == 0)
    return n.op.substr(5) + "(" + list(n.args) + ")";
  if (n.args.size() == 2)
    return "(" + ex(n.args[0]) + " " + n.op + " " + ex(n.args[1]) + ")";
  if (n.args.size() == 1)
    return (n.op == "neg" ? "-" : n.op) + ex(n.args[0]);
  return n.op + "(" + list(n.args) + ")";
}

std::string Printer::ex(const Ex &e) {
  if (!e)
    return "<null>";
  return match(
      e->node, [](const Const &c) { return c.spelling; }, [&](const Read &r) { return place(r.place); },
      [&](const AddressOf &a) { return "&" + place(a.place); }, [&](const Apply &a) { return apply(a); },
      [&](const Native &n) { return native(n); },
      [&](const Cast &c) { return spell(e->type) + "(" + outer(c.from) + ")"; },
      [&](const Select &s) { return "(" + ex(s.cond) + " ? " + ex(s.yes) + " : " + ex(s.no) + ")"; });
}

std::string Printer::declare(const Declare &d) {
  std::string text = d.var->kind == Variable::StaticConst ? "static " : "";
  text += spell(d.var->type, name(d.var));
  if (d.init)
    text += " = " + outer(*d.init);
  else if (!d.elements.empty())
    text += " = {" + list(d.elements) + "}";
  else if (d.zero)
    text += " = {}";
  return text;
}

std::string Printer::allocate(const Allocate &a) {
  static const char *const how[] = {"new", "new[]", "malloc", "calloc", "arena"};
  std::string text = place(a.to) + " = " + how[a.how] + " " + spell(a.element);
  if (a.count)
    text += ", " + outer(a.count);
  if (a.init)
    text += ", init " + outer(*a.init);
  return text + (a.zero ? ", zero" : "");
}

std::string head_of(const For &f, const std::string &index, const std::string &first,
                    const std::string &bound) {
  static const char *const cmp[] = {"<", "<=", ">", ">=", "!="};
  return "for " + spell(f.index->type, index) + " = " + first + "; " + cmp[f.cmp] + " " + bound + "; step " +
         std::to_string(f.step) + (f.descending ? "; descending" : "");
}

/// The statement without the blocks it encloses.
std::string Printer::head(const Stmt &s) {
  return match(
      s.node, [&](const Declare &d) { return declare(d); },
      [&](const Assign &a) { return place(a.to) + " = " + outer(a.value); },
      [&](const Add &a) { return place(a.to) + " += " + outer(a.value); },
      [&](const If &i) { return "if " + outer(i.cond); },
      [&](const For &f) {
        std::string first = outer(f.first), bound = outer(f.bound);
        return head_of(f, name(f.index), first, bound);
      },
      [&](const While &w) { return "while " + outer(w.cond); },
      [&](const Scope &b) { return b.label.empty() ? std::string("scope") : "scope " + b.label; },
      [](const Exit &x) { return "exit " + x.label; },
      [&](const Return &r) { return r.value ? "return " + outer(*r.value) : std::string("return"); },
      [&](const Call &c) {
        std::string call = "call " + c.callee->name + "(" + list(c.args) + ")";
        return c.result ? place(*c.result) + " = " + call : call;
      },
      [&](const Allocate &a) { return allocate(a); },
      [&](const Free &f) {
        static const char *const how[] = {"delete ", "delete[] ", "free "};
        return how[f.how] + outer(f.pointer);
      },
      [&](const Opaque &o) {
        std::string text = "opaque \"";
        for (std::size_t i = 0; i < o.pieces.size(); ++i)
          text += o.pieces[i] + (i < o.args.size() ? "\" " + outer(o.args[i]) + " \"" : "");
        text += "\"";
        for (const Place &p : o.writes)
          text += " writes " + place(p);
        return text;
      },
      [&](const Push &p) { return "push " + name(p.record) + ", " + outer(p.value); },
      [&](const Pop &p) { return "pop " + name(p.record) + " -> " + place(p.to); },
      [](const Comment &c) { return "// " + c.text; },
      [&](const Try &t) { return t.caught ? "try, catch " + spell(t.caught->type, name(t.caught)) : "try"; },
      [&](const Throw &t) { return t.value ? "throw " + outer(t.value) : std::string("throw"); });
}

void Printer::stmt(const Stmt &s, unsigned depth, bool with_ids) {
  std::string prefix = with_ids ? "[" + std::to_string(s.id) + "] " : "";
  std::string text = prefix + head(s);
  auto enclosed = [&](const Block &b) { block(b, depth + 1, with_ids); };
  auto with_body = [&](const Block &b) {
    line(depth, text + " {");
    enclosed(b);
  };
  auto simple = [&](const auto &) { line(depth, text); };
  auto two = [&](const Block &a, const char *between, const Block &b) {
    with_body(a);
    if (!b.empty()) {
      line(depth, between);
      enclosed(b);
    }
    line(depth, "}");
  };
  if (const If *i = std::get_if<If>(&s.node))
    two(i->yes, "} else {", i->no);
  else if (const Try *t = std::get_if<Try>(&s.node))
    two(t->body, "} catch {", t->handler);
  else if (const For *f = std::get_if<For>(&s.node))
    two(f->body, "", {});
  else if (const While *w = std::get_if<While>(&s.node))
    two(w->body, "", {});
  else if (const Scope *b = std::get_if<Scope>(&s.node))
    two(b->body, "", {});
  else
    simple(s);
}

} // namespace

std::string print(const Function &f) {
  Printer p;
  std::string params;
  for (const Var &v : f.params) {
    params += params.empty() ? "" : ", ";
    params += v ? spell(v->type, p.name(v)) + (v->inactive ? " inactive" : "") : p.name(v);
  }
  p.out = spell(f.result) + " " + f.name + "(" + params + ")" + (f.may_alias ? " may_alias" : "") + " {\n";
  p.block(f.body, 1, f.statements != 0);
  return p.out + "}\n";
}

std::string print(const Block &b) {
  Printer p;
  p.block(b, 0, false);
  return p.out;
}

std::string print(const Stmt &s) {
  Printer p;
  p.stmt(s, 0, false);
  return p.out;
}

std::string print(const Ex &e) { return Printer().outer(e); }
std::string print(const Place &p) { return Printer().place(p); }

} // namespace nabla::ir
