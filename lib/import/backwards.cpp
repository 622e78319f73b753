#include "import/backwards.h"
#include "import/container.h"

namespace nabla::front {

namespace {

/// The iterator that this one holds.
clang::QualType forward_iterator(clang::QualType t) {
  auto *d =
      dyn_cast_or_null<clang::ClassTemplateSpecializationDecl>(t.getNonReferenceType()->getAsCXXRecordDecl());
  bool is_reverse = d && d->isInStdNamespace() && d->getIdentifier() && d->getName() == "reverse_iterator";
  return is_reverse ? d->getTemplateArgs()[0].getAsType() : clang::QualType();
}

Place current(const Place &iterator) {
  unsigned n = iterator.type().members().fields.size();
  return with_step(iterator, Field{n - 1});
}

std::optional<ChainClass> chain_behind(const clang::Expr *e) {
  return chain_of_iterator(forward_iterator(e->getType()).getUnqualifiedType());
}

} // namespace

bool is_reverse_iterator(clang::QualType t) {
  clang::QualType forward = forward_iterator(t);
  return !forward.isNull() && (forward->isPointerType() || is_iterator(forward));
}

Ex Backwards::made(const clang::CallExpr *e, const Ex &current_one) {
  Var v = b_.empty_temp("reversed", b_.type(e->getType(), e->getExprLoc()));
  b_.emit(Assign{current(Place{v, {}}), current_one});
  return read(v);
}

Backwards::Range Backwards::range(const clang::Expr *first, const clang::Expr *last) {
  std::vector<Ex> ends = b_.values({first, last});
  auto held = [&](const Ex &e, const char *name) {
    return b_.freeze_now(read(current(Place{b_.temp(name, e), {}})), name);
  };
  Ex from = held(ends[0], "from");
  return {from, held(ends[1], "to"), chain_behind(first)};
}

void Backwards::each(const Range &r, const std::function<void(const Place &)> &body) {
  Var at = b_.temp("at", r.from);
  b_.stable_.erase(at.get());
  Block loop = b_.capture([&] {
    b_.emit(Assign{Place{at, {}}, b_.stepped(read(at), r.chain, false)});
    body(b_.reached(read(at), r.chain));
  });
  b_.emit(While{native("!=", {read(at), r.to}, ir::Type::boolean()), std::move(loop)});
}

void Backwards::each(const clang::Expr *first, const clang::Expr *last,
                     const std::function<void(const Place &)> &body) {
  each(range(first, last), body);
}

void Backwards::elements(const Place &to, const clang::Expr *first, const clang::Expr *last) {
  Range r = range(first, last);
  ir::Type count_type = ir::Type::integer("unsigned long");
  Var counted = b_.temp("counted", integer(0, count_type)), i = b_.temp("i", integer(0, count_type));
  b_.stable_.erase(counted.get());
  b_.stable_.erase(i.get());
  each(r, [&](const Place &) { b_.count_up(counted); });
  b_.allocate_elements(to, b_.count_of(read(counted), "count"), false);
  each(r, [&](const Place &x) {
    b_.copy_value(element(to, read(i)), x);
    b_.count_up(i);
  });
}

/// The last element of the stretch is where the order begins.
bool Backwards::sort(const clang::CallExpr *e) {
  Range r = range(e->getArg(0), e->getArg(1));
  if (r.chain && r.chain->kind != ChainClass::Deque)
    return false;
  ir::Type t = ir::Type::integer("long");
  Ex n = b_.freeze_now(native("-", {r.from, r.to}, t), "count");
  auto element = [&](const Ex &i) {
    Ex mirrored = native("-", {native("-", {n, integer(1, t)}, t), b_.convert(i, t)}, t);
    Place p = b_.deref(r.to, mirrored);
    return r.chain ? b_.deref(read(p), {}) : p;
  };
  clang::QualType forward = forward_iterator(e->getArg(0)->getType());
  clang::QualType value = r.chain                    ? r.chain->value
                          : forward->isPointerType() ? forward->getPointeeType()
                                                     : iterator_pointer(forward)->getPointeeType();
  b_.sort_by(element, n, b_.comparison(e->getNumArgs() == 3 ? e->getArg(2) : nullptr, value, e));
  return true;
}

bool Backwards::algorithm(const clang::CallExpr *e, const std::string &name, std::optional<Ex> &result) {
  unsigned given = e->getNumArgs();
  if (!given || !is_reverse_iterator(e->getArg(0)->getType()))
    return false;
  if (one_of(name, {"sort", "stable_sort"}) && (given == 2 || given == 3))
    return sort(e);
  if (!one_of(name, {"next", "prev", "advance"}))
    return false;
  std::vector<const clang::Expr *> args{e->getArg(0)};
  if (given > 1 && !isa<clang::CXXDefaultArgExpr>(e->getArg(1)))
    args.push_back(e->getArg(1));
  std::vector<Ex> all = b_.values(args);
  Var moved = b_.temp("moved", all[0]);
  b_.stable_.erase(moved.get());
  Place at = current(Place{moved, {}});
  b_.emit(Assign{
      at, b_.stepped(read(at), chain_behind(e->getArg(0)), name == "prev", all.size() > 1 ? all[1] : Ex())});
  if (name == "advance")
    b_.emit(Assign{b_.place(e->getArg(0)), read(moved)});
  else
    result = read(moved);
  return true;
}

} // namespace nabla::front
