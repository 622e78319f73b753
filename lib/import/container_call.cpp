// Members of containers and iterators, and the functions of the library that take them. `v[i]` is the place v.data[i];
// an iterator is a pointer. What changes a container's size is written out: see container.cpp.
#include "import/body.h"
#include "import/chain.h"
#include "import/class.h"
#include "import/container.h"
#include "import/matrix.h"
#include "import/targets.h"
#include "ir/walk.h"

namespace nabla::front {

namespace {

ir::Type count_type() { return ir::Type::integer("unsigned long"); }
ir::Type distance_type() { return ir::Type::integer("long"); }

/// A subscript without the conversion to size_t that its parameter asks for.
const clang::Expr *unwidened(const clang::Expr *e) {
  e = bare(e);
  auto *c = dyn_cast<clang::ImplicitCastExpr>(e);
  return c && c->getCastKind() == clang::CK_IntegralCast ? c->getSubExpr() : e;
}

const clang::Expr *object_of(const clang::CallExpr *e) {
  if (auto *mc = dyn_cast<clang::CXXMemberCallExpr>(e))
    return mc->getImplicitObjectArgument();
  return e->getNumArgs() ? e->getArg(0) : nullptr;
}

/// An iterator whose operator its base class has.
const clang::Expr *walked(const clang::Expr *e) {
  while (auto *c = e ? dyn_cast<clang::ImplicitCastExpr>(bare(e)) : nullptr) {
    bool to_base =
        c->getCastKind() == clang::CK_DerivedToBase || c->getCastKind() == clang::CK_UncheckedDerivedToBase;
    if (!to_base && c->getCastKind() != clang::CK_NoOp)
      break;
    e = c->getSubExpr();
  }
  return e;
}

clang::QualType class_of(const clang::Expr *object) {
  clang::QualType t = object->getType();
  return t->isPointerType() ? t->getPointeeType() : t;
}

} // namespace

const char *const only_reading[] = {"operator[]", "at",         "front",   "back",  "data",  "begin",
                                    "end",        "cbegin",     "cend",    "size",  "empty", "length",
                                    "capacity",   "size_bytes", "subspan", "first", "last",  "rbegin",
                                    "rend",       "crbegin",    "crend"};

/// Does the method leave the container's size and the place of its elements alone?
bool keeps_structure(const clang::CXXMethodDecl *m) {
  std::string name = m->getNameAsString();
  if (!eigen_class(m->getASTContext().getRecordType(m->getParent())).empty())
    return m->isConst() ||
           !one_of(name, {"operator=", "operator*=", "noalias", "resize", "conservativeResize", "swap",
                          "setZero", "setOnes", "setConstant", "setIdentity"});
  return std::find(std::begin(only_reading), std::end(only_reading), name) != std::end(only_reading);
}

// ---- Iterators ------------------------------------------------------------------------------------------

/// An iterator is a pointer: its operators are those of pointers.
bool Body::iterator_call(const clang::CallExpr *e, std::optional<Ex> &result) {
  const clang::Expr *object = walked(object_of(e));
  if (!object || !is_iterator(class_of(object)))
    return false;
  auto chain = chain_of_iterator(class_of(object).getUnqualifiedType());
  if (auto *mc = dyn_cast<clang::CXXMemberCallExpr>(e)) {
    std::string name = mc->getMethodDecl()->getNameAsString();
    if (name != "base" && name != "operator->")
      return false;
    bool leads = chain && name == "operator->";
    result = leads ? address(chain_element(operand(object))) : operand(object);
    return true;
  }
  auto *op = dyn_cast<clang::CXXOperatorCallExpr>(e);
  if (!op)
    return false;
  switch (op->getOperator()) {
  case clang::OO_Equal: {
    Ex v = operand(op->getArg(1));
    std::size_t mark = out_->size();
    Place p = place(object);
    protect(v, mark);
    emit(Assign{p, v});
    result = read(p);
    return true;
  }
  case clang::OO_Arrow:
    result = chain ? address(chain_element(operand(object))) : operand(object);
    return true;
  case clang::OO_Star:
    if (op->getNumArgs() != 1)
      return false;
    result = read(chain ? chain_element(operand(object)) : deref(operand(object), {}));
    return true;
  case clang::OO_Subscript: {
    std::vector<Ex> args = values({object, unwidened(op->getArg(1))});
    Place there = deref(args[0], args[1]);
    result = read(chain ? deref(read(there), {}) : there);
    return true;
  }
  case clang::OO_PlusPlus:
  case clang::OO_MinusMinus: {
    Place p = place(object);
    bool is_postfix = op->getNumArgs() == 2;
    Ex old = read(p);
    if (is_postfix)
      old = freeze_now(old, "old");
    if (chain && !chain->has_order)
      refuse_unordered(e);
    emit(Assign{p, stepped(old, chain, op->getOperator() == clang::OO_PlusPlus)});
    result = is_postfix ? old : read(p);
    return true;
  }
  case clang::OO_PlusEqual:
  case clang::OO_MinusEqual: {
    Ex n = value(unwidened(op->getArg(1)));
    std::size_t mark = out_->size();
    Place p = place(object);
    protect(n, mark);
    Ex old = read(p);
    emit(Assign{p, native(op->getOperator() == clang::OO_PlusEqual ? "+" : "-", {old, n}, old.type())});
    result = read(p);
    return true;
  }
  default:
    break;
  }
  if (op->getNumArgs() != 2)
    return false;
  bool other_is_iterator = !op->getArg(1)->getType()->isIntegerType();
  std::vector<Ex> args =
      values({object, other_is_iterator ? walked(op->getArg(1)) : unwidened(op->getArg(1))});
  std::string sign = clang::getOperatorSpelling(op->getOperator());
  bool compares = one_of(sign, {"==", "!=", "<", "<=", ">", ">="});
  if (!compares && sign != "+" && sign != "-")
    return false;
  ir::Type t = compares ? ir::Type::boolean() : other_is_iterator ? distance_type() : args[0].type();
  result = native(sign, std::move(args), t);
  return true;
}

/// A const_iterator made of an iterator, or a copy.
std::optional<Ex> Body::iterator_value(const clang::CXXConstructExpr *e) {
  if (auto owned = smart_value(e))
    return owned;
  const bool is_chain = chain_of_iterator(e->getType().getUnqualifiedType()).has_value();
  if (is_chain && e->getNumArgs() == 0 && type(e->getType(), e->getExprLoc()).is(ir::Type::Pointer))
    return zero_of(type(e->getType(), e->getExprLoc()).with_const(false));
  if (!is_iterator(e->getType()))
    return std::nullopt;
  if (e->getNumArgs() == 0)
    return zero_of(type(e->getType(), e->getExprLoc()));
  return operand(e->getArg(0));
}

// ---- Reading --------------------------------------------------------------------------------------------

bool Body::container_reading(const clang::CallExpr *e, const std::string &name, const Place &v,
                             std::optional<Ex> &result) {
  auto *mc = dyn_cast<clang::CXXMemberCallExpr>(e);
  Ex size = read(part(v, Struct::Size)), data = read(part(v, Struct::Data));
  if (name == "operator[]" || name == "at") {
    std::size_t mark = out_->size();
    Place p = v;
    Ex i = index_value(unwidened(mc ? mc->getArg(0) : e->getArg(1)));
    protect(p, mark);
    if (name == "at") {
      i = freeze_now(i, "at");
      check_range(p, i);
    }
    result = read(element(p, i));
  } else if (name == "front") {
    result = read(element(v, integer(0)));
  } else if (name == "back") {
    result = read(element(v, native("-", {size, integer(1, count_type())}, count_type())));
  } else if (one_of(name, {"data", "begin", "cbegin"})) {
    result = data;
  } else if (name == "end" || name == "cend") {
    result = native("+", {data, size}, data.type());
  } else if (name == "size") {
    result = size;
  } else if (name == "capacity") {
    result = read(part(v, Struct::Capacity));
  } else if (name == "empty") {
    result = native("==", {size, integer(0, count_type())}, ir::Type::boolean());
  } else if (one_of(name, {"subspan", "first", "last"}) && mc) {
    std::vector<Ex> args;
    for (const clang::Expr *a : mc->arguments())
      if (!isa<clang::CXXDefaultArgExpr>(a))
        args.push_back(count_of(value(a), "count"));
    if (args.empty())
      return false; // a template argument says how many
    Var made = empty_temp("part", type(e->getType(), e->getExprLoc()));
    Ex offset = name == "subspan" ? args[0]
                : name == "first" ? integer(0, count_type())
                                  : native("-", {size, args[0]}, count_type());
    Ex n = name != "subspan" ? args[0]
           : args.size() > 1 ? args[1]
                             : native("-", {size, offset}, count_type());
    emit(Assign{part(Place{made, {}}, Struct::Data), native("+", {data, offset}, data.type())});
    emit(Assign{part(Place{made, {}}, Struct::Size), n});
    result = read(made);
  } else {
    return false;
  }
  return true;
}

/// v.at(i) throws as the library's does.
void Body::check_range(const Place &v, const Ex &i) {
  Ex n = read(part(v, Struct::Size));
  Ex at = convert(i, count_type());
  Block fails =
      capture([&] { raise("out_of_range", Opaque{{"nabla::out_of_range(", ", ", ")"}, {at, n}, {}}); });
  emit(If{native(">=", {at, n}, ir::Type::boolean()), std::move(fails), {}});
}

// ---- Changing -------------------------------------------------------------------------------------------

void Body::push_back(const Place &v, const clang::Expr *x) {
  ir::Type t = part(v, Struct::Data).type().element();
  Ex held;
  if (t.is(ir::Type::Record) || t.is(ir::Type::Array)) { // before v grows: it may be an element of v
    Var copy = empty_temp("pushed", t);
    take_value(Place{copy, {}}, x);
    held = read(copy);
  } else {
    held = steady_value(x);
  }
  reserve_one(v);
  Ex n = read(part(v, Struct::Size));
  emit(Assign{element(v, n), convert(held, t.with_const(false))});
  emit(Assign{part(v, Struct::Size), native("+", {n, integer(1, count_type())}, count_type())});
}

/// `to`, which is fresh, from a temporary, an object that is moved, or a copy.
void Body::take_value(const Place &to, const clang::Expr *e) {
  const clang::Expr *made = as_value(e);
  if (!made->isGLValue())
    return init(to, made, true);
  if (is_std_function(made->getType()) && to.type().is(ir::Type::Record))
    return set_function(to, made->getType(), made);
  if (made->isXValue())
    move_value(to, place(made), made->getType());
  else
    copy_value(to, place(made));
  if (auto *cls = made->getType()->getAsCXXRecordDecl(); cls && to.type().is(ir::Type::Record))
    set_tag(to, cls);
}

/// The expression whose value is wanted, not the temporary that a reference is bound to.
const clang::Expr *Body::as_value(const clang::Expr *e) {
  e = bare(e);
  auto *m = dyn_cast<clang::MaterializeTemporaryExpr>(e);
  return m ? bare(m->getSubExpr()) : e;
}

/// v.insert(at, x): the elements behind `at` move up by one.
Ex Body::insert_one(const Place &v, const Ex &at, const Ex &x) {
  Ex offset = count_of(native("-", {at, read(part(v, Struct::Data))}, distance_type()), "offset");
  reserve_one(v);
  Ex n = read(part(v, Struct::Size));
  count_down(offset, n, [&](const Ex &i) {
    copy_object(element(v, native("+", {i, integer(1, count_type())}, count_type())), element(v, i));
  });
  set_element(element(v, offset), x, {}, nullptr);
  emit(Assign{part(v, Struct::Size), native("+", {n, integer(1, count_type())}, count_type())});
  return address(element(v, offset));
}

/// v.insert(where[0], where[1], where[2])
Ex Body::insert_range(const Place &v, const std::vector<Ex> &where, const clang::Expr *e) {
  Ex offset = count_of(native("-", {where[0], read(part(v, Struct::Data))}, distance_type()), "offset");
  Ex from = freeze_now(where[1], "from");
  Ex added = count_of(native("-", {where[2], from}, distance_type()), "count");
  auto plus = [&](const Ex &a, const Ex &b) { return native("+", {a, b}, count_type()); };
  Ex n = read(part(v, Struct::Size));
  reserve(v, freeze_now(plus(n, added), "room"));
  count_down(offset, n, [&](const Ex &i) { copy_object(element(v, plus(i, added)), element(v, i)); });
  count_loop(integer(0), added,
             [&](const Ex &i) { take_element(element(v, plus(offset, i)), deref(from, i), e); });
  emit(Assign{part(v, Struct::Size), plus(n, added)});
  return address(element(v, offset));
}

/// v.erase(first, first + count): the elements behind move down.
Ex Body::erase_elements(const Place &v, const Ex &first, const Ex &count) {
  Ex begin = count_of(native("-", {first, read(part(v, Struct::Data))}, distance_type()), "offset");
  Ex n = count_of(count, "count");
  Ex left = freeze_now(native("-", {read(part(v, Struct::Size)), n}, count_type()), "left");
  count_loop(begin, left,
             [&](const Ex &i) { copy_object(element(v, i), element(v, native("+", {i, n}, count_type()))); });
  emit(Assign{part(v, Struct::Size), left});
  return address(element(v, begin));
}

bool Body::container_change(const clang::CallExpr *e, const std::string &name, const Place &v,
                            std::optional<Ex> &result) {
  auto *mc = dyn_cast<clang::CXXMemberCallExpr>(e);
  std::vector<const clang::Expr *> args;
  if (mc)
    args.assign(mc->arg_begin(), mc->arg_end());
  clang::QualType element_class = container_of(class_of(object_of(e)))->element;
  if (name == "push_back" && args.size() == 1 ||
      name == "emplace_back" && emplaces_value(args, element_class)) {
    push_back(v, args[0]);
    if (name == "emplace_back")
      result = read(
          element(v, native("-", {read(part(v, Struct::Size)), integer(1, count_type())}, count_type())));
  } else if (name == "emplace_back" && !args.empty()) {
    Var made = empty_temp("pushed", part(v, Struct::Data).type().element()); // before v grows
    if (!make_of(Place{made, {}}, element_class, args, e))
      return false;
    reserve_one(v);
    Ex n = read(part(v, Struct::Size));
    emit(Assign{element(v, n), read(made)});
    emit(Assign{part(v, Struct::Size), native("+", {n, integer(1, count_type())}, count_type())});
    result = read(element(v, n));
  } else if (name == "emplace_back" && args.empty()) {
    reserve_one(v);
    Ex n = read(part(v, Struct::Size));
    set_element(element(v, n), {}, element_class, e);
    emit(Assign{part(v, Struct::Size), native("+", {n, integer(1, count_type())}, count_type())});
  } else if (name == "pop_back") {
    Ex n = read(part(v, Struct::Size));
    emit(Assign{part(v, Struct::Size), native("-", {n, integer(1, count_type())}, count_type())});
  } else if (name == "clear") {
    emit(Assign{part(v, Struct::Size), integer(0, count_type())});
  } else if (name == "reserve") {
    reserve(v, count_of(value(args[0]), "count"));
  } else if (name == "shrink_to_fit") {
    return true; // the room left over can stay
  } else if (name == "resize") {
    resize(v, args[0], args.size() > 1 ? args[1] : nullptr, element_class);
  } else if (name == "assign" && args.size() == 2 && args[0]->getType()->isIntegerType()) {
    Ex n = count_of(value(args[0]), "count");
    Ex x = steady_value(args[1]);
    replace_elements(v, n, [&](const Place &to, const Ex &) { set_element(to, x, {}, nullptr); });
  } else if (name == "assign" && args.size() == 2) {
    range_elements(v, args[0], args[1], false);
  } else if (name == "assign" && is_written_list(args[0])) {
    list_elements(v, args[0], false);
  } else if (name == "swap" && args.size() == 1) {
    swap_places(v, place(args[0]));
  } else if (name == "insert" && args.size() == 2 && !is_written_list(args[1])) {
    Ex at = operand(args[0]);
    std::size_t mark = out_->size();
    Ex x = steady_value(args[1]);
    protect(at, mark);
    result = insert_one(v, at, x);
  } else if (name == "insert" && args.size() == 3 && !args[1]->getType()->isIntegerType()) {
    if (chain_of_iterator(args[1]->getType().getUnqualifiedType()))
      refuse_expr(args[1], "'insert' of a container's elements into a vector", "write the loop out");
    std::vector<Ex> all = values({args[0], args[1], args[2]});
    result = insert_range(v, all, e);
  } else if (name == "erase" && args.size() == 1) {
    result = erase_elements(v, operand(args[0]), integer(1));
  } else if (name == "erase" && args.size() == 2) {
    std::vector<Ex> all = values({args[0], args[1]});
    Ex first = freeze_now(all[0], "first");
    result = erase_elements(v, first, native("-", {all[1], first}, distance_type()));
  } else {
    return false;
  }
  return true;
}

/// emplace_back(x) where x is an element already.
bool Body::emplaces_value(const std::vector<const clang::Expr *> &args, clang::QualType element_class) const {
  if (args.size() != 1)
    return false;
  clang::QualType given = args[0]->getType();
  return element_class->isArithmeticType() && given->isArithmeticType() ||
         s_.context.hasSameUnqualifiedType(given.getNonReferenceType(), element_class);
}

/// v = w, v = std::move(w), v = {a, b}: the right side first.
void Body::container_assign(const clang::CXXOperatorCallExpr *e, std::optional<Ex> &result) {
  auto *m = cast<clang::CXXMethodDecl>(e->getDirectCallee());
  const clang::Expr *from = as_value(e->getArg(1));
  ir::Type t = type(e->getArg(0)->getType(), e->getExprLoc()).with_const(false);
  auto target = [&] {
    Place v = fixed(place(e->getArg(0)), e);
    result = read(v);
    return v;
  };
  const bool is_list = written_list(e->getArg(1)) != nullptr, moves = m->isMoveAssignmentOperator();
  if (is_list || moves && !from->isGLValue()) {
    Var held = empty_temp("assigned", t);
    if (is_list)
      list_elements(Place{held, {}}, e->getArg(1));
    else
      init(Place{held, {}}, from, true);
    Place v = target();
    return is_list ? assign_value(v, Place{held, {}}) : emit(Assign{v, read(held)});
  }
  if (!moves && !m->isCopyAssignmentOperator())
    refuse_expr(e, "this assignment", "assign a vector of the same type");
  Place source = steady(place(from));
  std::size_t mark = out_->size();
  Place v = target();
  protect(source, mark);
  if (moves)
    move_value(v, source, from->getType());
  else if (v.type().members().container == Struct::View)
    emit(Assign{v, read(source)});
  else
    assign_value(v, source);
}

// ---- All calls ------------------------------------------------------------------------------------------

/// v == w, v != w
Ex Body::compare_containers(const Place &v, const Place &w, bool equal) {
  Ex n = read(part(v, Struct::Size));
  Var same = temp("same", native("==", {n, read(part(w, Struct::Size))}, ir::Type::boolean()));
  stable_.erase(same.get());
  Block compare = capture([&] {
    count_loop(integer(0), n, [&](const Ex &i) {
      Ex differ = native("!=", {read(element(v, i)), read(element(w, i))}, ir::Type::boolean());
      Block found = capture([&] { emit(Assign{Place{same, {}}, boolean(false)}); });
      emit(If{differ, std::move(found), {}});
    });
  });
  emit(If{read(same), std::move(compare), {}});
  return equal ? read(same) : native("!", {read(same)}, ir::Type::boolean());
}

bool Body::container_call(const clang::CallExpr *e, const clang::FunctionDecl *f, std::optional<Ex> &result) {
  if (iterator_call(e, result))
    return true;
  auto *m = dyn_cast<clang::CXXMethodDecl>(f);
  if (m && is_text(s_.context.getRecordType(m->getParent())) && is_iterator(f->getReturnType()))
    refuse_expr(e, "an iterator of a string",
                "write a loop over its characters, for (char c : text), or over indices");
  auto is_ours = [&](const clang::Expr *x) {
    return container_of(class_of(x)) &&
           type(class_of(x).getNonReferenceType(), e->getExprLoc()).is(ir::Type::Record);
  };
  if (!m || !container_of(s_.context.getRecordType(m->getParent())))
    return container_function(e, f, result);
  const clang::Expr *object = object_of(e);
  if (m->isStatic() || !is_ours(object))
    return false;
  std::string name = m->getNameAsString();
  if (auto *op = dyn_cast<clang::CXXOperatorCallExpr>(e); op && op->getOperator() == clang::OO_Equal) {
    container_assign(op, result);
    return true;
  }
  if (one_of(name,
             {"rbegin", "rend", "crbegin", "crend"})) // made by the library's own text, of end() and begin()
    return false;
  Place v = object->getType()->isPointerType() ? deref(value(object), {}) : place(object);
  if (!v.type().is(ir::Type::Record) || v.type().members().container == Struct::None)
    return false;
  if (container_reading(e, name, v, result) || container_change(e, name, fixed(v, e), result))
    return true;
  refuse_expr(e, "'" + s_.qualified(m->getParent()) + "::" + name + "'",
              "use indices, push_back, resize and assign, or write the loop out");
}

/// std::begin(v), std::size(v), std::swap(v, w), v == w.
bool Body::container_function(const clang::CallExpr *e, const clang::FunctionDecl *f,
                              std::optional<Ex> &result) {
  auto ours = [&](unsigned i) {
    clang::QualType t = e->getArg(i)->getType();
    return container_of(t) && type(t.getNonReferenceType(), e->getExprLoc()).is(ir::Type::Record);
  };
  unsigned n = e->getNumArgs();
  if (!f->isInStdNamespace() || n == 0 || !ours(0))
    return false;
  if (auto *op = dyn_cast<clang::CXXOperatorCallExpr>(e)) {
    bool equal = op->getOperator() == clang::OO_EqualEqual;
    if (!equal && op->getOperator() != clang::OO_ExclaimEqual)
      refuse_expr(e, "this comparison of containers", "compare the elements in a loop");
    Place v = place(e->getArg(0));
    result = compare_containers(v, place(e->getArg(1)), equal);
    return true;
  }
  std::string name = f->getNameAsString();
  if (n == 1 && one_of(name, {"begin", "cbegin", "end", "cend", "size", "ssize", "data", "empty"})) {
    container_reading(e, name == "ssize" ? "size" : name, place(e->getArg(0)), result);
    if (name == "ssize")
      result = convert(*result, distance_type());
    return true;
  }
  return false;
}

} // namespace nabla::front
