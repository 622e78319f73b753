// C++ spellings of types and places, declared in print.h.
#include "ir/build.h"
#include "ir/print.h"

namespace nabla::ir {
namespace {

/// Where a function pointer's name goes: "(*)" or "(&)" that is not part of a template's argument.
std::size_t hole_of(const std::string &text) {
  int depth = 0;
  for (std::size_t i = 0; i + 2 < text.size(); ++i) {
    depth += (text[i] == '<') - (text[i] == '>');
    if (depth == 0 && text[i] == '(' && (text[i + 1] == '*' || text[i + 1] == '&') && text[i + 2] == ')')
      return i;
  }
  return std::string::npos;
}

/// A leaf's spelling around its declarator. A function pointer's name goes inside: "void (*)(int)" -> "void
/// (*p)(int)".
std::string spell_leaf(const Type &type, const std::string &declarator) {
  std::string text = type.spelling();
  std::string full = type.is_const() && !type.is(Type::Void) ? "const " + declarator : declarator;
  std::size_t hole = hole_of(text);
  if (hole != std::string::npos)
    return text.insert(hole + 2, full);
  bool ends_in_pointer = !text.empty() && (text.back() == '*' || text.back() == '&');
  if (ends_in_pointer)
    return text + full;
  if (type.is_const())
    text = "const " + text;
  return declarator.empty() ? text : text + " " + declarator;
}

} // namespace

std::string spell(const Type &type, const std::string &name) {
  std::string declarator = name;
  Type t = type;
  for (;;) {
    if (t.is(Type::Pointer)) {
      std::string sign = t.is_reference() ? "&" : "*";
      if (t.is_const() && !t.is_reference())
        sign += declarator.empty() ? "const" : "const ";
      declarator.insert(0, sign);
      t = t.element();
      if (t.is(Type::Array))
        declarator.insert(0, "(").append(")");
    } else if (t.is(Type::Array)) {
      declarator += "[" + std::to_string(t.extent()) + "]";
      t = t.is_const() ? t.element().with_const() : t.element();
    } else {
      return spell_leaf(t, declarator);
    }
  }
}

namespace {

/// Follows a place step by step; tolerant of a malformed path, which the verifier reports.
class PlaceSpeller {
public:
  PlaceSpeller(const Place &p, const std::function<std::string(const Var &)> &name,
               const std::function<std::string(const Ex &)> &print_index)
      : place_(p), print_(print_index), text_(name(p.root)), type_(p.root->type) {}

  std::string run() {
    for (const Step &step : place_.path)
      match(
          step, [&](const Index &i) { index(i.at); }, [&](const Field &f) { field(f.number); },
          [&](const Deref &d) { deref(d); });
    if (!base_.empty())
      finish_base();
    return pending_ ? "*" + text_ : text_;
  }

private:
  /// A `*` that was seen last is written when the next step says how: `p->x` or `(*p)[i]`.
  void settle() {
    if (pending_)
      text_ = "(*" + text_ + ")";
    pending_ = false;
  }
  void index(const Ex &at) {
    settle();
    text_ += "[" + print_(at) + "]";
    type_ = type_.is(Type::Array) ? type_.element() : Type();
  }
  void field(unsigned number) {
    bool known = type_.is(Type::Record) && number < type_.members().fields.size();
    if (known && is_tuple(type_))
      in_tuple_ = true;
    if (known && in_tuple_ && tuple_element(type_.members().fields[number].name)) {
      type_ = type_.members().fields[number].type;
      return;
    }
    if (!base_.empty() && is_hidden_ && !in_tuple_)
      finish_base();
    base_.clear();
    if (known &&
        type_.members().fields[number].is_base) { // its members are found through the derived class's name
      is_hidden_ = is_hidden_ || type_.members().hides_members;
      base_ = type_.members().fields[number].name;
      type_ = type_.members().fields[number].type;
      return;
    }
    if (known &&
        type_.members().fields[number].name.rfind("nabla::", 0) == 0) { // a function of ours gives it
      text_ = type_.members().fields[number].name + "(" + (pending_ ? "*" : "") + text_ + ")";
      pending_ = false;
      type_ = type_.members().fields[number].type;
      return;
    }
    if (pending_ && text_[0] == '*') // (*pp)->x
      text_ = "(" + text_ + ")";
    const char *dot = pending_ ? "->" : ".";
    pending_ = false;
    text_ += dot + (known ? type_.members().fields[number].name : "#" + std::to_string(number));
    type_ = known ? type_.members().fields[number].type : Type();
  }
  static bool is_tuple(const Type &t) {
    const std::string name = t.without_const().spelling();
    return name.rfind("std::tuple<", 0) == 0 || name.rfind("struct std::tuple<", 0) == 0;
  }
  /// The path through the bases of libstdc++'s std::tuple, which are private, is std::get.
  bool tuple_element(const std::string &name) {
    const std::string head = "std::_Head_base<";
    if (name != "_M_head_impl" || base_.compare(0, head.size(), head) != 0)
      return false;
    text_ = "std::get<" + base_.substr(head.size(), base_.find(',') - head.size()) + ">(" +
            (pending_ ? "*" : "") + text_ + ")";
    base_.clear();
    pending_ = in_tuple_ = is_hidden_ = false;
    return true;
  }
  void finish_base() {
    std::string qualifier = place_.type().is_const() ? "const " : "";
    text_ = "static_cast<" + qualifier + base_ + " &>(" + (pending_ ? "*" : "") + text_ + ")";
    pending_ = false;
  }
  void deref(const Deref &d) {
    bool is_reference = type_.is(Type::Pointer) && type_.is_reference();
    type_ = type_.is(Type::Pointer) ? type_.element() : Type();
    if (is_reference) {
      if (d.offset && !is_zero(d.offset)) // an element beside the one that it is bound to
        text_ = "(&" + text_ + ")[" + print_(d.offset) + "]";
      return;
    }
    if (d.offset) {
      settle();
      text_ += "[" + print_(d.offset) + "]";
    } else {
      if (pending_)
        text_ = "*" + text_; // **pp
      pending_ = true;
    }
  }

  std::string base_;       ///< the base class that the path has just stepped into
  bool is_hidden_ = false; ///< a member's name alone would not do
  bool in_tuple_ = false;  ///< and between its bases
  const Place &place_;
  const std::function<std::string(const Ex &)> &print_;
  std::string text_;
  Type type_;
  bool pending_ = false;
};

} // namespace

std::string spell(const Place &p, const std::function<std::string(const Var &)> &name,
                  const std::function<std::string(const Ex &)> &print_index) {
  return PlaceSpeller(p, name, print_index).run();
}

} // namespace nabla::ir
