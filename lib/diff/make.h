// Short ways to write IR: what passes build again and again.
#pragma once
#include "ir/build.h"
#include <set>

namespace nabla::diff {

inline ir::Var local(std::string name, ir::Type type) {
  auto v = std::make_shared<ir::Variable>();
  v->name = std::move(name);
  v->type = std::move(type);
  return v;
}
inline ir::Ex make(decltype(ir::Expr::node) node, ir::Type type) { return ir::Ex(ir::Expr{std::move(node), std::move(type)}); }
using ir::read; // of a Place, of a Var (through its reference)
inline ir::Ex native(std::string op, std::vector<ir::Ex> args, ir::Type type) {
  return make(ir::Native{std::move(op), std::move(args)}, std::move(type));
}
inline ir::Ex integer(long value, ir::Type type = ir::Type::integer()) {
  return make(ir::Const{std::to_string(value)}, std::move(type));
}
inline ir::Ex literal_true() { return make(ir::Const{"true"}, ir::Type::boolean()); }
inline ir::Ex literal_false() { return make(ir::Const{"false"}, ir::Type::boolean()); }
inline ir::Ex null_pointer(const ir::Type &type) { return make(ir::Const{"nullptr"}, type); }
inline ir::Ex zero(const ir::Type &real) {
  return make(ir::Const{real.spelling() == "float" ? "0.0f" : real.spelling() == "long double" ? "0.0L" : "0.0"},
              real.with_const(false));
}

} // namespace nabla::diff
