// Short ways to write IR: what passes build again and again.
#pragma once
#include "ir/build.h"
#include <set>

namespace nabla::ir {

inline Var local(std::string name, Type type) {
  auto v = std::make_shared<Variable>();
  v->name = std::move(name);
  v->type = std::move(type);
  return v;
}
/// "ns::f<double>" -> "f": the local that holds f's result.
inline std::string unqualified(const std::string &name) {
  std::string plain = name.substr(0, name.find('<'));
  std::size_t start = plain.find_last_of(":.");
  return start == std::string::npos ? plain : plain.substr(start + 1);
}
inline Var temporary(std::string name, Type type) {
  Var v = local(std::move(name), std::move(type));
  v->temporary = true;
  return v;
}
inline Ex make(decltype(Expr::node) node, Type type) { return Ex(Expr{std::move(node), std::move(type)}); }
inline Ex native(std::string op, std::vector<Ex> args, Type type) {
  return make(Native{std::move(op), std::move(args)}, std::move(type));
}
inline Ex integer(long value, Type type = Type::integer()) {
  return make(Const{std::to_string(value)}, std::move(type));
}
inline Ex literal_true() { return make(Const{"true"}, Type::boolean()); }
inline Ex literal_false() { return make(Const{"false"}, Type::boolean()); }
inline Ex null_pointer(const Type &type) { return make(Const{"nullptr"}, type); }
inline Ex zero(const Type &real) {
  if (real.is_handle())
    return make(Const{real.spelling() + "()"}, real.with_const(false));
  return make(Const{real.spelling() == "float"         ? "0.0f"
                    : real.spelling() == "long double" ? "0.0L"
                                                       : "0.0"},
              real.with_const(false));
}

} // namespace nabla::ir
