#include "emit/statement.h"
#include "emit/conversion.h"
#include "emit/loop.h"
#include "emit/operation.h"
#include "ir/print.h"
#include "ir/rules.h"
#include "ir/walk.h"

namespace nabla::emit {
using namespace ir;
namespace {

const char record_type[] = "nabla::record";

/// The variable itself is written, not what it points to.
bool is_own_memory(const Place &p) {
  for (const Step &step : p.path)
    if (std::holds_alternative<Deref>(step))
      return false;
  return true;
}

bool is_bare(const Declare &d) {
  bool is_own =
      d.var->kind == Variable::Local || d.var->kind == Variable::Param; // of the primal, in its reverse sweep
  return !d.init && !d.zero && d.elements.empty() && is_own;
}

/// The statement gives the variable its first value and does not read it: both can be one line.
bool initialises(const Stmt &s, const Var &v) {
  const Place *to = nullptr;
  if (const Assign *a = std::get_if<Assign>(&s.node))
    to = &a->to;
  else if (const Call *c = std::get_if<Call>(&s.node))
    to = c->result ? &*c->result : nullptr;
  else if (const Allocate *a = std::get_if<Allocate>(&s.node))
    to = &a->to;
  else if (const Pop *p = std::get_if<Pop>(&s.node))
    to = &p->to;
  if (!to || to->root != v || !to->path.empty())
    return false;
  unsigned mentions = 0;
  for_each_variable(s, [&](const Var &u) { mentions += u == v; });
  return mentions == 1;
}

/// x = x: both compilers ask what it is good for.
bool does_nothing(const Stmt &s) {
  const Assign *a = std::get_if<Assign>(&s.node);
  const Read *r = a ? std::get_if<Read>(&a->value->node) : nullptr;
  return r && same_place(r->place, a->to);
}

bool does_nothing(const Block &b) {
  for (const Stmt &s : b)
    if (!does_nothing(s))
      return false;
  return true;
}

/// x for an expression that is -x, also where the minus is that of the first factor.
std::optional<Ex> without_minus(const Ex &e) {
  if (const Const *c = std::get_if<Const>(&e->node);
      c && c->spelling[0] == '-' && is_number(c->spelling.substr(1)))
    return Ex(Expr{Const{c->spelling.substr(1)}, e->type});
  const Apply *a = std::get_if<Apply>(&e->node);
  if (!a)
    return std::nullopt;
  if (a->rule == Rule::neg)
    return a->args[0];
  if (a->rule != Rule::mul && a->rule != Rule::div)
    return std::nullopt;
  std::optional<Ex> left = without_minus(a->args[0]);
  if (!left)
    return std::nullopt;
  return Ex(Expr{Apply{a->rule, {*left, a->args[1]}}, e->type});
}

Used used_variables(const Block &b) {
  Used out;
  for_each_stmt(b, [&](const Stmt &s) {
    Var own;
    for (const Place &p : writes_of(s))
      if (is_own_memory(p))
        own = p.root; // a statement that writes two variables is no plain assignment, and uses them
      else
        out.insert(p.root.get());
    bool is_plain = std::holds_alternative<Assign>(s.node) || std::holds_alternative<Add>(s.node);
    auto use = [&](const Var &v) {
      if (v != own || !is_plain)
        out.insert(v.get());
    };
    for_each_expr(s, [&](const Ex &e) { for_each_variable(e, use); });
    if (const Push *p = std::get_if<Push>(&s.node))
      use(p->record);
    if (const Pop *p = std::get_if<Pop>(&s.node))
      use(p->record);
    if (const Allocate *a = std::get_if<Allocate>(&s.node); a && a->how == Allocate::Arena)
      out.insert(nullptr); // stands for the record, which is found by its type
  });
  return out;
}

} // namespace

std::string parameter(const Var &v, const std::string &name) {
  return spell(v->type, v->is_restrict ? "__restrict " + name : name);
}

StatementPrinter::StatementPrinter(const Function &f, const EmitOptions &options, Names &names,
                                   Layout &layout)
    : f_(f), options_(options), names_(names), layout_(layout), print_(names), used_(used_variables(f.body)) {
  for_each_stmt(f.body, [&](const Stmt &s) {
    if (!declared_by(s))
      for (const Place &p : writes_of(s))
        if (is_own_memory(p))
          ++writes_[p.root.get()];
    if (const Exit *x = std::get_if<Exit>(&s.node))
      used_labels_.insert(x->label);
  });
}

void StatementPrinter::body() {
  if (std::optional<Parts> parts = parts_of(f_))
    in_parts(*parts);
  else
    block(f_.body);
}

std::string StatementPrinter::comment_of(const Stmt &s) {
  if (!options_.comments || !s.loc || s.loc->text.empty() || std::holds_alternative<Comment>(s.node))
    return "";
  if (!commented_.insert({s.loc->file, s.loc->line}).second)
    return "";
  bool is_elsewhere = f_.loc && f_.loc->file != s.loc->file; // inlined from another file
  std::string file = is_elsewhere ? s.loc->file.substr(s.loc->file.rfind('/') + 1) + ":" : "";
  return file + std::to_string(s.loc->line) + ": " + comment_text(s.loc->text);
}

void StatementPrinter::block(const Block &b) {
  constexpr std::size_t part = 1000; // statements: compilers take more than linear time for one piece
  std::size_t next = part;
  for (std::size_t i = 0; i < b.size(); ++i) {
    if (i >= next && b.size() > next + part / 2) {
      line("nabla::part();");
      next += part;
    }
    if (does_nothing(b[i]))
      continue;
    comment_ = comment_of(b[i]);
    const Declare *d = std::get_if<Declare>(&b[i].node);
    if (d && !shared_.count(d->var.get()) && is_bare(*d) && i + 1 < b.size() &&
        initialises(b[i + 1], d->var) && !d->var->type.is(Type::Array)) {
      held_ = d->var;
      ++i;
      if (comment_.empty())
        comment_ = comment_of(b[i]);
      else
        comment_of(b[i]); // one line of text has one comment
    }
    print(b[i]);
    comment_.clear();
  }
}

void StatementPrinter::braced(const std::string &head, const Block &b, const std::string &comment) {
  layout_.line(depth_, head.empty() ? "{" : head + " {", comment);
  ++depth_;
  names_.open();
  block(b);
  names_.close();
  --depth_;
}

void StatementPrinter::print(const Stmt &s) {
  match(
      s.node, [&](const Declare &d) { declare(d); }, [&](const Assign &a) { assign(a); },
      [&](const Add &a) { add(a); }, [&](const If &i) { if_chain(i, ""); }, [&](const For &l) { loop(l); },
      [&](const While &w) {
        braced("while (" + print_.condition(w.cond) + ")", w.body, std::exchange(comment_, ""));
        line("}");
      },
      [&](const Scope &b) { scope(b); },
      [&](const Exit &x) {
        auto open = labels_.find(x.label);
        bool is_open = open != labels_.end() && !open->second.empty();
        line("goto " + (is_open ? open->second.back() : x.label) + ";");
      },
      [&](const Return &r) {
        if (!r.value)
          line("return;");
        else
          line("return " + (f_.result.is_reference() ? print_.object(*r.value) : print_.converted(*r.value)) +
               ";");
      },
      [&](const Call &c) { call(c); }, [&](const Allocate &a) { allocate(a); },
      [&](const Free &p) { free(p); }, [&](const Opaque &o) { opaque(o); }, [&](const Push &p) { push(p); },
      [&](const Pop &p) {
        Type type = p.to.type().with_const(false);
        std::string to = target(p.to);
        line(to + names_(p.record) + (type.is(Type::Bool) ? ".pop_bit()" : ".pop<" + spell(type) + ">()") +
             ";");
      },
      [&](const Comment &c) { line("// " + comment_text(c.text, 200)); }, [&](const Try &t) { try_block(t); },
      [&](const Throw &t) { line(t.value ? "throw " + print_.exact(t.value) + ";" : "throw;"); });
}

// ---- Declarations and assignments
// -----------------------------------------------------------------------------

/// What is written again, or later, cannot be const in the text.
std::string StatementPrinter::declarator(const Var &v, bool is_initialised, unsigned writes_here) {
  auto writes = writes_.find(v.get());
  bool is_final = is_initialised && (writes == writes_.end() || writes->second == writes_here);
  const bool is_of_pointer = is_initialised && v->type.is_reference() && v->type.element().is(Type::Pointer);
  std::string text = is_of_pointer
                         ? "auto &" + names_.declare(v) // whatever const and __restrict that one has
                         : spell(is_final ? v->type : drop_const(v->type), names_.declare(v));
  bool is_used = used_.count(v.get()) || v->type.is(Type::Opaque); // made for what its constructor does
  return (is_used ? "" : "[[maybe_unused]] ") + text;
}

std::string StatementPrinter::initialiser(const Type &t, const std::vector<Ex> &elements,
                                          std::size_t &next) const {
  if (!t.is(Type::Array) && !t.is(Type::Record))
    return next < elements.size() ? print_.converted(elements[next++]) : "";
  std::size_t count = t.is(Type::Array) ? t.extent() : t.members().fields.size();
  std::string text;
  for (std::size_t i = 0; i < count && next < elements.size(); ++i)
    text += (i ? ", " : "") +
            initialiser(t.is(Type::Array) ? t.element() : t.members().fields[i].type, elements, next);
  return "{" + text + "}";
}

namespace {

const unsigned long longest_list = 16;

/// What an object of such a class begins as, until its members are set.
std::string zeroed(const Type &t) {
  if (t.is(Type::Record))
    return "nabla::zeroed<" + t.spelling() + ">()";
  std::string each = zeroed(t.element()), text;
  for (unsigned long i = 0; i < t.extent(); ++i)
    text += (i ? ", " : "") + each;
  return "{" + text + "}";
}

} // namespace

void StatementPrinter::declare(const Declare &d) {
  const Type &type = d.var->type;
  bool is_static = d.var->kind == Variable::StaticConst;
  std::string value;
  std::size_t next = 0;
  bool is_made = !d.init && d.elements.empty() && type.has_constructor() &&
                 (!type.is(Type::Array) || type.extent() <= longest_list);
  bool is_member = shared_.count(d.var.get()), is_filled = is_member && type.is(Type::Array);
  bool clear = d.zero && !is_made && // `= {}` would not be zero, or is no assignment
               (type.has_initialisers() || type.has_constructor() || is_filled);
  if (is_made)
    value = zeroed(type);
  else if (d.init)
    value = type.is_reference() ? print_.object(*d.init) : given(type, *d.init);
  else if (!d.elements.empty())
    value = initialiser(type, d.elements, next);
  else if (d.zero && !clear)
    value = type.is_handle()                            ? "" // begins as nothing, which is zero
            : type.is(Type::Real) || type.is(Type::Int) ? (integer(type) || type.is(Type::Real) ? "0" : "{}")
            : type.is(Type::Bool)                       ? "false"
            : type.is(Type::Pointer)                    ? "nullptr"
                                                        : "{}";
  std::string text = is_member ? names_(d.var) : declarator(d.var, !is_bare(d), 0);
  const std::string unused = "[[maybe_unused]] ";
  bool is_unused = is_static && text.find(unused) == 0;
  if (is_unused)
    text.erase(0, unused.size());
  bool needs_const = text.find("const ") != 0 && !type.is(Type::Pointer);
  text = is_static ? (is_unused ? unused : "") + (needs_const ? "static const " : "static ") + text : text;
  if (!is_member || !value.empty())
    line(text + (value.empty() ? "" : " = ") + value + ";");
  if (clear)
    line("nabla::clear(" + names_(d.var) + ");");
}

namespace {

/// What C++ takes the pointer for: the type of an offset may say less than its operand.
bool leads_to_const(const Ex &e) {
  if (const Native *n = std::get_if<Native>(&e->node);
      n && !n->args.empty() && n->args[0].type().is(Type::Pointer))
    return leads_to_const(n->args[0]);
  if (const Select *s = std::get_if<Select>(&e->node))
    return leads_to_const(s->yes) || leads_to_const(s->no);
  if (const AddressOf *a = std::get_if<AddressOf>(&e->node); a && a->place.type().is_const())
    return true;
  if (const Read *r = std::get_if<Read>(&e->node))
    if (is_constant_data(r->place) ||
        (r->place.type().is(Type::Pointer) && r->place.type().element().is_const()))
      return true;
  return e.type().is(Type::Pointer) && e.type().element().is_const();
}

} // namespace

/// Adjoints are written through what a struct of the user's types calls a pointer to const.
std::string StatementPrinter::written(const Place &p) const {
  Type type = p.type();
  bool is_const = type.is_const() && !p.path.empty();
  return is_const ? "const_cast<" + spell(type.with_const(false)) + " &>(" + print_.place(p) + ")"
                  : print_.place(p);
}

std::string StatementPrinter::given(const Type &to, const Ex &value) const {
  bool drops_const =
      to.is(Type::Pointer) && !to.element().is_const() && to.element().holds_reals() && leads_to_const(value);
  if (const AddressOf *a = std::get_if<AddressOf>(&value->node);
      a && to.is(Type::Pointer)) { // of a pointer to const
    const Type from = a->place.type();
    const Type &pointer = to.element();
    if (from.is(Type::Pointer) && pointer.is(Type::Pointer)) // C++ adds no const two levels down either
      drops_const =
          drops_const || (from.element().is_const() ? !pointer.element().is_const()
                                                    : pointer.element().is_const() && !pointer.is_const());
  }
  std::string text = print_.converted(value);
  drops_const = drops_const && text != "nullptr";
  return drops_const ? "const_cast<" + spell(to.with_const(false)) + ">(" + text + ")" : text;
}

std::string StatementPrinter::target(const Place &p) {
  if (!held_)
    return written(p) + " = ";
  return declarator(std::exchange(held_, nullptr), true, 1) + " = ";
}

namespace {

/// `e` reads the place, as it is or widened to the type in which the operator works.
bool reads_place(const Ex &e, const Place &p) {
  if (const Cast *c = std::get_if<Cast>(&e->node))
    return (yields_to(c->from.type(), e.type()) || promotes(c->from.type(), e.type())) &&
           reads_place(c->from, p);
  const Read *r = std::get_if<Read>(&e->node);
  return r && same_place(r->place, p);
}

struct Binary {
  std::string sign;
  Ex left, right;
};

std::optional<Binary> binary(const Ex &e) {
  static const std::set<std::string> compounds = {"+", "-", "*", "/", "%", "<<", ">>", "&", "|", "^"};
  if (const Apply *a = std::get_if<Apply>(&e->node); a && a->args.size() == 2 && info(a->rule).infix)
    return Binary{info(a->rule).spelling, a->args[0], a->args[1]};
  if (const Native *n = std::get_if<Native>(&e->node); n && n->args.size() == 2 && compounds.count(n->op))
    return Binary{n->op, n->args[0], n->args[1]};
  return std::nullopt;
}

bool is_one(const Ex &e) {
  const Const *c = std::get_if<Const>(&e->node);
  return c && c->spelling == "1";
}

} // namespace

/// "x += e" for x = x + e, "++i" for i = i + 1; empty if it is no such thing.
std::string StatementPrinter::compound(const Assign &a) const {
  Ex value = a.value;
  Type type = a.to.type();
  if (type.is(Type::Bool) || (!type.is(Type::Real) && !integer(type) && !type.is(Type::Pointer)))
    return "";
  if (const Cast *c = std::get_if<Cast>(&value->node); c && !type.is(Type::Pointer) && binary(c->from))
    value = c->from; // narrowed back to the type of x: so does x += e
  std::optional<Binary> op = binary(value);
  if (!op || !reads_place(op->left, a.to))
    return "";
  std::string place = written(a.to);
  bool is_step = is_one(op->right) && !type.is(Type::Real) && (op->sign == "+" || op->sign == "-");
  if (is_step)
    return op->sign + op->sign + place;
  bool is_widened = std::holds_alternative<Cast>(op->left->node) || op->sign == "<<" || op->sign == ">>";
  return place + " " + op->sign + "= " + (is_widened ? print_.exact(op->right) : print_.operand(op->right));
}

void StatementPrinter::assign(const Assign &a) {
  if (!held_)
    if (std::string text = compound(a); !text.empty())
      return line(text + ";");
  std::string value = given(a.to.type(), a.value);
  if (held_ && held_->type.is_reference())
    value = print_.object(a.value);
  line(target(a.to) + value + ";");
}

void StatementPrinter::add(const Add &a) {
  if (a.value.type().is_handle())
    return line("nabla::accumulate(" + written(a.to) + ", " + print_.exact(a.value) + ");");
  std::optional<Ex> positive = without_minus(a.value);
  line(written(a.to) + (positive ? " -= " : " += ") + print_.operand(positive ? *positive : a.value) + ";");
}

// ---- Control
// --------------------------------------------------------------------------------------------------

void StatementPrinter::if_chain(const If &i, const std::string &before) {
  bool has_else = !does_nothing(i.no), is_inverted = does_nothing(i.yes) && has_else;
  std::string cond = is_inverted ? print_.negated_condition(i.cond) : print_.condition(i.cond);
  braced(before + "if (" + cond + ")", is_inverted ? i.no : i.yes, std::exchange(comment_, ""));
  const Block &no = i.no;
  if (!has_else || is_inverted)
    return line("}");
  if (const If *next = no.size() == 1 ? std::get_if<If>(&no[0].node) : nullptr) {
    comment_ = comment_of(no[0]);
    return if_chain(*next, "} else ");
  }
  braced("} else", no, "");
  line("}");
}

void StatementPrinter::loop(const For &f) {
  std::string comment = std::exchange(comment_, "");
  names_.open();
  LoopText text = loop_text(f, print_, names_);
  if (!text.setup.empty()) {
    layout_.line(depth_++, "{");
    for (const std::string &s : text.setup)
      layout_.line(depth_, s);
  }
  layout_.line(depth_, text.head + " {", comment);
  ++depth_;
  for (const std::string &s : text.first_in_body)
    layout_.line(depth_, s);
  block(f.body);
  layout_.line(--depth_, "}");
  if (!text.setup.empty())
    layout_.line(--depth_, "}");
  names_.close();
}

void StatementPrinter::scope(const Scope &s) {
  bool is_target = used_labels_.count(s.label) > 0;
  std::string label;
  if (is_target)
    labels_[s.label].push_back(label = names_.declare(s.label.empty() ? "leave" : s.label));
  braced("", s.body, std::exchange(comment_, ""));
  line("}");
  if (!is_target)
    return;
  labels_[s.label].pop_back();
  layout_.line(depth_ > 0 ? depth_ - 1 : 0, label + ":;");
}

void StatementPrinter::try_block(const Try &t) {
  braced("try", t.body, std::exchange(comment_, ""));
  names_.open();
  std::string caught = t.caught ? spell(t.caught->type, names_.declare(t.caught)) : "...";
  braced("} catch (" + caught + ")", t.handler, "");
  names_.close();
  line("}");
}

// ---- Calls, memory, records
// -----------------------------------------------------------------------------------

std::string StatementPrinter::passed(const Call &c, std::size_t i) const {
  const std::vector<Type> &params = c.callee->params;
  std::string plain = print_.exact(c.args[i]);
  std::string text = i < params.size() ? given(params[i], c.args[i]) : plain;
  return text.rfind("const_cast<", 0) == 0 ? text : plain;
}

/// f(a, b); `object.f(b)` where the callee's name begins with a dot.
std::string StatementPrinter::call_text(const Call &c) const {
  if (!c.callee->written.empty())
    return operation_text(*c.callee, c.args, print_);
  const std::vector<Type> &params = c.callee->params;
  std::string text, name = c.callee->name;
  const std::string operators = "std::operator";
  if (name.rfind(operators, 0) == 0 &&
      c.args.size() == 2) { // std::operator==<char>(a, b) finds templates that do not fit
    std::string sign = name.substr(operators.size());
    if (std::size_t end = sign.find_first_not_of("=!<>+-*/%&|^"); end != sign.npos)
      sign.erase(end);
    if (sign.size() > 1 && sign.back() == '<' && name.back() == '>') // the template's own
      sign.pop_back();
    auto operand = [&](std::size_t i) {
      return params.at(i).is_reference() ? print_.object(c.args[i]) : "(" + passed(c, i) + ")";
    };
    if (!sign.empty())
      return operand(0) + " " + sign + " " + operand(1);
  }
  bool is_method = !name.empty() && name[0] == '.' && !c.args.empty();
  for (std::size_t i = 0; i < c.args.size(); ++i) {
    bool by_reference = i < params.size() ? params[i].is_reference() : c.args[i].type().is_reference();
    std::string arg = by_reference ? print_.object(c.args[i]) : passed(c, i);
    const Type &given = c.args[i].type();
    if (by_reference && i < params.size() && given.is(Type::Pointer) && given.element().is_const() &&
        !params[i].element().is_const()) // an adjoint that a member leads to
      arg = "const_cast<" + spell(params[i].element()) + " &>(" + arg + ")";
    if (is_method && i == 0)
      name = (arg[0] == '*' ? "(" + arg + ")" : arg) + name;
    else
      text += (text.empty() ? "" : ", ") + arg;
  }
  return name + "(" + text + ")";
}

void StatementPrinter::call(const Call &c) {
  std::string text = call_text(c);
  if (!c.result)
    return line(text + ";");
  bool takes_address = c.callee->result.is_reference() && c.result->type().is(Type::Pointer) &&
                       !c.result->type().is_reference();
  line(target(*c.result) + (takes_address ? "&" : "") + text + ";");
}

std::string StatementPrinter::allocation(const Allocate &a) const {
  std::string element = spell(a.element.with_const(false)), count = a.count ? print_.exact(a.count) : "1";
  bool zero = a.zero;
  switch (a.how) {
  case Allocate::New:
    if (!a.init && a.element.has_constructor())
      return "new " + element + "(" + zeroed(a.element) + ")";
    return "new " + element + (a.init ? "(" + print_.converted(*a.init) + ")" : zero ? "()" : "");
  case Allocate::NewArray: {
    bool is_compound = a.element.is(Type::Array); // new double[n][3]
    std::string declarator = is_compound ? spell(a.element.with_const(false), "[" + count + "]") : "";
    std::size_t space = declarator.find(" [");
    if (space != std::string::npos)
      declarator.erase(space, 1);
    return "new " + (is_compound ? declarator : element + "[" + count + "]") + (zero ? "()" : "");
  }
  case Allocate::Malloc:
    if (!zero)
      return "static_cast<" + spell(Type::pointer(a.element.with_const(false))) + ">(::malloc(" +
             (a.count ? print_.enclosed(a.count) : "1") + " * sizeof(" + element + ")))";
    [[fallthrough]];
  case Allocate::Calloc:
    return "static_cast<" + spell(Type::pointer(a.element.with_const(false))) + ">(::calloc(" + count +
           ", sizeof(" + element + ")))";
  case Allocate::Arena: {
    Var record = names_.visible_of_type(record_type);
    return (record ? names_(record) : "record") + (zero ? ".zeros<" : ".array<") + element + ">(" +
           (a.count ? print_.index(a.count) : "1") + ")";
  }
  }
  return "";
}

void StatementPrinter::allocate(const Allocate &a) {
  std::string text = allocation(a);
  line(target(a.to) + text + ";");
}

void StatementPrinter::free(const Free &f) {
  std::string pointer = print_.exact(f.pointer);
  switch (f.how) {
  case Free::Delete:
    return line("delete " + pointer + ";");
  case Free::DeleteArray:
    return line("delete[] " + pointer + ";");
  case Free::CFree:
    return line("::free(" + pointer + ");");
  }
}

/// An argument between commas or parentheses stands as it is, else in parentheses of its own.
void StatementPrinter::opaque(const Opaque &o) {
  std::string text;
  for (std::size_t i = 0; i < o.pieces.size(); ++i) {
    text += o.pieces[i];
    if (i >= o.args.size())
      continue;
    std::string after = i + 1 < o.pieces.size() ? o.pieces[i + 1] : "";
    std::size_t last = text.find_last_not_of(' '), first = after.find_first_not_of(' ');
    bool opens = last != std::string::npos && (text[last] == '(' || text[last] == ',');
    bool closes = first != std::string::npos && (after[first] == ')' || after[first] == ',');
    text += opens && closes ? print_.exact(o.args[i]) : print_.enclosed(o.args[i]);
  }
  bool is_complete = !text.empty() && (text.back() == ';' || text.back() == '}');
  line(is_complete ? text : text + ";");
}

/// The type is written unless the text has it beyond doubt: pop<T> must find what push put there.
void StatementPrinter::push(const Push &p) {
  if (p.value.type().is(Type::Bool))
    return line(names_(p.record) + ".push_bit(" + print_.exact(p.value) + ");");
  bool is_plain = std::holds_alternative<Apply>(p.value->node) ||
                  (std::holds_alternative<Read>(p.value->node) && !p.value.type().is(Type::Pointer));
  std::string type = is_plain ? "" : "<" + spell(p.value.type().with_const(false)) + ">";
  if (auto *r = std::get_if<Read>(&p.value->node); r && r->place.path.empty() && r->place.root->is_restrict)
    return line(names_(p.record) + ".push(static_cast" + type + "(" + print_.exact(p.value) +
                "));"); // no reference binds to __restrict
  line(names_(p.record) + ".push" + type + "(" + print_.exact(p.value) + ");");
}

} // namespace nabla::emit
