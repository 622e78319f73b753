// Short ways to write the IR that import makes, and questions about expressions.
#pragma once
#include "import/shared.h"

namespace nabla::front {

// ---- Small builders -------------------------------------------------------------------------------------

inline Ex make(decltype(ir::Expr::node) node, ir::Type t) {
  return Ex(ir::Expr{std::move(node), t.is_const() ? t.with_const(false) : std::move(t)});
}
inline Ex read(const Place &p) { return make(Read{p}, p.type()); }
inline Place place_of(const Var &v) {
  Place p{v, {}};
  if (v->type.is_reference())
    p.path.push_back(Deref{});
  return p;
}
inline Ex read(const Var &v) { return read(place_of(v)); }
inline Ex native(std::string op, std::vector<Ex> args, ir::Type t) {
  return make(Native{std::move(op), std::move(args)}, std::move(t));
}
inline Ex integer(long v, ir::Type t = ir::Type::integer()) {
  return make(Const{std::to_string(v)}, std::move(t));
}
inline Ex boolean(bool v) { return make(Const{v ? "true" : "false"}, ir::Type::boolean()); }
inline Ex apply(Rule rule, std::vector<Ex> args, ir::Type t) {
  return make(Apply{rule, std::move(args)}, std::move(t));
}
inline Ex address(Place p) {
  ir::Type t = ir::Type::pointer(p.type());
  return make(AddressOf{std::move(p)}, t);
}
inline Place with_step(Place p, Step s) {
  p.path.push_back(std::move(s));
  return p;
}
/// x = y for a handle x: other handles on the same do not change.
bool rebinds_handle(const clang::CXXOperatorCallExpr *e);
const clang::Expr *without_load(const clang::Expr *e);
const std::string *const_spelling(const Ex &e);
bool is_zero_const(const Ex &e);
/// a + b as an index: no wrapping that C++'s pointer arithmetic would not do.
Ex add_index(Ex a, Ex b);
/// The element `by` behind this one; null where `place` is none, or the way may lead out of a row: a[0][i + 4] is
/// not what &a[0][i] + 4 leads to.
std::optional<Place> moved(const Place &place, const Ex &by);
bool all_zero(const std::vector<Ex> &elements);
std::string temporary_name(const clang::FunctionDecl *f);
std::optional<Rule> math_rule(const clang::FunctionDecl *f);
/// The same for a function that is not called, but whose address is taken: it takes and gives one type of reals.
std::optional<Rule> library_rule(const clang::FunctionDecl *f, const clang::SourceManager &sm);
inline bool one_of(const std::string &name, std::initializer_list<const char *> names) {
  return std::find(names.begin(), names.end(), name) != names.end();
}
Ex zero_of(const ir::Type &t);

} // namespace nabla::front
