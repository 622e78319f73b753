// Members of std::deque, list, map and their kin, their constructors, and range-for over them (chain.cpp).
#include "import/backwards.h"
#include "import/chain.h"
#include "import/container.h"
#include "import/list_members.h"

namespace nabla::front {

namespace {

ir::Type count_type() { return ir::Type::integer("unsigned long"); }

using Args = std::vector<const clang::Expr *>;

/// `{k, x}`, std::make_pair(k, x), std::pair(k, x): the two expressions. Empty for a pair that exists.
Args two_parts(const clang::Expr *e) {
  for (e = bare(e);;) {
    if (auto *m = dyn_cast<clang::MaterializeTemporaryExpr>(e)) {
      e = bare(m->getSubExpr());
    } else if (auto *c = dyn_cast<clang::CastExpr>(e)) {
      e = bare(c->getSubExpr());
    } else if (auto *c = dyn_cast<clang::CXXConstructExpr>(e)) {
      if (c->getNumArgs() == 2)
        return {c->getArg(0), c->getArg(1)};
      if (c->getNumArgs() != 1)
        return {};
      e = bare(c->getArg(0));
    } else {
      auto *call = dyn_cast<clang::CallExpr>(e);
      const clang::FunctionDecl *f = call ? call->getDirectCallee() : nullptr;
      bool makes = f && f->isInStdNamespace() && f->getIdentifier() && f->getName() == "make_pair";
      return makes ? Args{call->getArg(0), call->getArg(1)} : Args{};
    }
  }
}

/// A converted pair is read where it is.
const clang::Expr *existing_pair(const clang::Expr *e) {
  for (e = bare(e);;) {
    if (auto *m = dyn_cast<clang::MaterializeTemporaryExpr>(e))
      e = bare(m->getSubExpr());
    else if (auto *c = dyn_cast<clang::ImplicitCastExpr>(e))
      e = bare(c->getSubExpr());
    else if (auto *c = dyn_cast<clang::CXXConstructExpr>(e); c && c->getNumArgs() == 1)
      e = bare(c->getArg(0));
    else
      return e;
  }
}

Args own_arguments(const clang::CXXConstructExpr *e) {
  Args out;
  for (const clang::Expr *a : e->arguments())
    if (!isa<clang::CXXDefaultArgExpr>(a))
      out.push_back(a);
  return out;
}

const char *const keeps[] = {"size",     "empty",    "front",       "back",        "begin",
                             "end",      "cbegin",   "cend",        "at",          "find",
                             "count",    "contains", "lower_bound", "upper_bound", "length",
                             "max_size", "rbegin",   "rend",        "crbegin",     "crend"};

} // namespace

bool keeps_chain(const clang::CXXMethodDecl *m) {
  std::string name = m->getNameAsString();
  bool is_deque = chain_of(m->getASTContext().getRecordType(m->getParent()))->kind == ChainClass::Deque;
  return is_deque && name == "operator[]" ||
         std::find(std::begin(keeps), std::end(keeps), name) != std::end(keeps);
}

void Body::refuse_chain_use(const clang::Expr *e, const std::string &what) {
  refuse_expr(
      e, what,
      "use size, front, back, [], at, find, count, push, pop, emplace, insert, erase, clear and loops over "
      "the elements; or a std::vector");
}

void Body::refuse_unordered(const clang::Expr *e) {
  refuse_expr(e, "the order in which a hash table gives its elements",
              "use std::map or std::set, or look the keys up one by one");
}

// ---- Reading --------------------------------------------------------------------------------------------

/// The iterator that is one past the last element, or at the first.
Ex Body::chain_end(const Place &v, bool is_last) {
  Ex data = read(part(v, Struct::Data));
  if (s_.chain_class(v.type())->kind == ChainClass::Deque)
    return is_last ? native("+", {data, read(part(v, Struct::Size))}, data.type()) : data;
  Ex end = read(with_step(v, Field{ChainPart::End}));
  if (is_last)
    return end;
  return read(with_step(deref(freeze_now(end, "end"), {}), Field{ChainPart::Next}));
}

bool Body::chain_reading(const clang::CallExpr *e, const std::string &name, const Place &v, const Args &args,
                         std::optional<Ex> &result) {
  const ChainClass &c = *s_.chain_class(v.type());
  Ex size = read(part(v, Struct::Size));
  bool is_deque = c.kind == ChainClass::Deque;
  if (one_of(name, {"begin", "cbegin", "end", "cend"})) {
    bool is_last = name == "end" || name == "cend";
    if (!is_last && !c.has_order)
      refuse_unordered(e);
    result = chain_end(v, is_last);
  } else if (one_of(name, {"rbegin", "crbegin", "rend", "crend"})) {
    result = Backwards(*this).made(e, chain_end(v, one_of(name, {"rbegin", "crbegin"})));
  } else if (name == "size") {
    result = size;
  } else if (name == "empty") {
    result = native("==", {size, integer(0, count_type())}, ir::Type::boolean());
  } else if (name == "front" && !is_deque) {
    result = read(chain_element(freeze_now(chain_end(v, false), "first")));
  } else if (name == "front") {
    result = read(slot_element(v, integer(0, count_type())));
  } else if (name == "back" && is_deque) {
    result = read(slot_element(v, native("-", {size, integer(1, count_type())}, count_type())));
  } else if (name == "back") {
    Ex end = freeze_now(chain_end(v, true), "end");
    Ex last = read(with_step(deref(end, {}), Field{ChainPart::Previous}));
    result = read(chain_element(freeze_now(last, "last")));
  } else if (is_deque && one_of(name, {"operator[]", "at"})) {
    std::size_t mark = out_->size();
    Place p = v;
    Ex i = index_value(args[0]);
    protect(p, mark);
    if (name == "at")
      check_range(p, i = freeze_now(i, "at"));
    result = read(slot_element(p, i));
  } else {
    return false;
  }
  return true;
}

// ---- Sequences ------------------------------------------------------------------------------------------

/// What makes a new element of these arguments: of one that is an element already, or of a constructor's.
std::function<void(const Place &)> Body::element_of(const clang::CallExpr *e, const Args &args,
                                                    clang::QualType cls, bool is_value) {
  return [=, this](const Place &p) {
    if (is_value)
      return take_value(p, args[0]);
    if (args.empty())
      return set_element(p, {}, cls, e);
    if (!make_of(p, cls, args, e))
      refuse_expr(e, "an element made of these arguments", "give the object itself: push_back(T(...))");
  };
}

/// A new element before the iterator.
Ex Body::insert_before(const Place &v, const Ex &at, const std::function<void(const Place &)> &set) {
  Ex made = new_element(v, set);
  if (s_.chain_class(v.type())->kind == ChainClass::Deque) {
    Ex slot = count_of(native("-", {at, read(part(v, Struct::Data))}, ir::Type::integer("long")), "slot");
    insert_slot(v, slot, made);
    return native("+", {read(part(v, Struct::Data)), slot}, part(v, Struct::Data).type());
  }
  link_before(at, made);
  emit(Assign{part(v, Struct::Size),
              native("+", {read(part(v, Struct::Size)), integer(1, count_type())}, count_type())});
  return made;
}

/// The element goes that the iterator leads to; an iterator to the next one.
Ex Body::erase_at(const Place &v, const Ex &at, const clang::Expr *e) {
  const ChainClass &c = *s_.chain_class(v.type());
  Ex gone = freeze_now(at, "gone");
  if (c.kind == ChainClass::Deque) {
    Ex slot = count_of(native("-", {gone, read(part(v, Struct::Data))}, ir::Type::integer("long")), "slot");
    erase_slots(v, slot, integer(1, count_type()));
    return native("+", {read(part(v, Struct::Data)), slot}, gone.type());
  }
  if (c.kind == ChainClass::Ordered) {
    Place key = key_of(v, chain_element(gone));
    Var slot = key_position(v, key, false, e);
    erase_slots(v, read(slot), integer(1, count_type()));
  } else {
    Ex n = read(part(v, Struct::Size));
    emit(Assign{part(v, Struct::Size), native("-", {n, integer(1, count_type())}, count_type())});
  }
  return unlink(gone);
}

/// All from one iterator to another.
Ex Body::erase_between(const Place &v, const Ex &first, const Ex &last, const clang::Expr *e) {
  if (s_.chain_class(v.type())->kind == ChainClass::Deque) {
    Ex begin = freeze_now(first, "first");
    Ex slot = count_of(native("-", {begin, read(part(v, Struct::Data))}, ir::Type::integer("long")), "slot");
    erase_slots(v, slot, native("-", {last, begin}, ir::Type::integer("long")));
    return native("+", {read(part(v, Struct::Data)), slot}, begin.type());
  }
  Var at = temp("at", first);
  stable_.erase(at.get());
  Ex end = freeze_now(last, "last");
  Block body = capture([&] { emit(Assign{Place{at, {}}, erase_at(v, read(at), e)}); });
  emit(While{native("!=", {read(at), end}, ir::Type::boolean()), std::move(body)});
  return read(at);
}

void Body::pop(const Place &v, bool is_front, const clang::Expr *e) {
  Ex n = read(part(v, Struct::Size));
  if (s_.chain_class(v.type())->kind == ChainClass::List) {
    Ex end = freeze_now(chain_end(v, true), "end");
    unsigned side = is_front ? ChainPart::Next : ChainPart::Previous;
    (void)erase_at(v, read(with_step(deref(end, {}), Field{side})), e);
    return;
  }
  if (is_front) { // the room before the first is left
    Place data = part(v, Struct::Data);
    Ex room = read(part(v, Struct::Capacity));
    emit(Assign{data, native("+", {read(data), integer(1)}, data.type())});
    emit(Assign{part(v, Struct::Capacity), native("-", {room, integer(1, count_type())}, count_type())});
  }
  emit(Assign{part(v, Struct::Size), native("-", {n, integer(1, count_type())}, count_type())});
}

bool Body::sequence_change(const clang::CallExpr *e, const std::string &name, const Place &v,
                           const Args &args, std::optional<Ex> &result) {
  clang::QualType cls = s_.chain_class(v.type())->value;
  bool emplaces = name.rfind("emplace", 0) == 0;
  if (one_of(name, {"push_back", "emplace_back"})) {
    result = read(append(v, element_of(e, args, cls, !emplaces)));
  } else if (one_of(name, {"push_front", "emplace_front"})) {
    Ex at = freeze_now(chain_end(v, false), "first");
    Ex made = insert_before(v, at, element_of(e, args, cls, !emplaces));
    result = read(chain_element(freeze_now(made, "pushed")));
  } else if (one_of(name, {"insert", "emplace"}) && args.size() >= 1 &&
             (emplaces || args.size() == 2 && !is_written_list(args[1]))) {
    Ex at = freeze_now(operand(args[0]), "place");
    result = insert_before(v, at, element_of(e, Args(args.begin() + 1, args.end()), cls, !emplaces));
  } else if (name == "pop_back" || name == "pop_front") {
    pop(v, name == "pop_front", e);
  } else if (name == "resize") {
    Ex n = count_of(value(args[0]), "count");
    Ex x = args.size() > 1 ? steady_value(args[1]) : Ex();
    auto is_not = [&](const char *op) {
      return native(op, {read(part(v, Struct::Size)), n}, ir::Type::boolean());
    };
    Block grow = capture([&] { append(v, [&](const Place &p) { set_element(p, x, cls, e); }); });
    Ex is_short = is_not("<"), is_long = is_not(">");
    emit(While{is_short, std::move(grow)});
    Block shrink = capture([&] { pop(v, false, e); });
    emit(While{is_long, std::move(shrink)});
  } else if (name == "assign") {
    fill_chain(v, args, e);
  } else if (name == "shrink_to_fit") {
    return true;
  } else {
    return s_.chain_class(v.type())->kind == ChainClass::List &&
           ListMembers(*this).change(e, name, v, args, result);
  }
  return true;
}

// ---- Keys -----------------------------------------------------------------------------------------------

/// insert and its kin: an iterator, and whether the element is new.
bool Body::key_insert(const clang::CallExpr *e, const std::string &name, const Place &v, const Args &args,
                      std::optional<Ex> &result) {
  const ChainClass &c = *s_.chain_class(v.type());
  bool assigns = name == "insert_or_assign", tries = name == "try_emplace";
  if (!assigns && !tries && !one_of(name, {"insert", "emplace"}) || args.empty() ||
      is_iterator(args[0]->getType()))
    return false;
  if (name == "insert" && args.size() == 1 && is_written_list(args[0])) {
    fill_chain(v, args, e);
    return true;
  }
  Args parts = args;
  if (c.has_mapped && args.size() == 1 && !tries)
    parts = two_parts(args[0]);
  Place key, source;
  if (!c.has_mapped && args.size() == 1) {
    key = key_value(v, args[0]);
  } else if (c.has_mapped && parts.empty()) {
    source = place(existing_pair(args[0]));
    key = existing_key(v, source, args[0]);
  } else if (c.has_mapped && (tries || parts.size() == 2)) {
    key = key_value(v, parts[0]);
  } else {
    refuse_expr(e, "'" + name + "' with these arguments", "give a key and a value");
  }
  auto set = [&](const Place &entry) {
    if (!c.has_mapped)
      return;
    Place to = entry_part(entry, 1);
    if (source.root)
      return copy_value(to, entry_part(source, 1));
    element_of(e, Args(parts.begin() + 1, parts.end()), mapped_class(c), false)(to);
  };
  Var is_new, node;
  node = find_or_insert(v, key, set, assigns ? std::function<void(const Place &)>(set) : nullptr, is_new, e);
  Var both = empty_temp("inserted", type(e->getType(), e->getExprLoc()));
  emit(Assign{entry_part(Place{both, {}}, 0), read(node)});
  emit(Assign{entry_part(Place{both, {}}, 1), read(is_new)});
  result = read(both);
  return true;
}

bool Body::key_call(const clang::CallExpr *e, const std::string &name, const Place &v, const Args &args,
                    std::optional<Ex> &result) {
  const ChainClass &c = *s_.chain_class(v.type());
  if (key_insert(e, name, v, args, result))
    return true;
  if (name == "operator[]") {
    Place key = key_value(v, args[0]);
    Var is_new;
    Var node = find_or_insert(
        v, key, [&](const Place &p) { set_element(entry_part(p, 1), {}, mapped_class(c), e); }, nullptr,
        is_new, e);
    result = read(entry_part(chain_element(read(node)), 1));
    return true;
  }
  if (args.size() != 1 || is_iterator(args[0]->getType()))
    return false;
  if (!one_of(name, {"at", "find", "count", "contains", "erase", "lower_bound", "upper_bound"}))
    return false;
  Place key = key_value(v, args[0]);
  Var slot = key_position(v, key, name == "upper_bound", e);
  if (name == "lower_bound" || name == "upper_bound") {
    result = read(node_at(v, read(slot)));
    return true;
  }
  Var found = key_is_there(v, key, slot, e);
  Ex is_found = read(found), size = read(part(v, Struct::Size));
  if (name == "at") {
    Block fails = capture(
        [&] { raise("out_of_range", Opaque{{"nabla::out_of_range(", ", ", ")"}, {read(slot), size}, {}}); });
    emit(If{native("!", {is_found}, ir::Type::boolean()), std::move(fails), {}});
    result = read(entry_part(slot_element(v, read(slot)), 1));
  } else if (name == "find") {
    Var node = temp("node", chain_end(v, true));
    stable_.erase(node.get());
    Block yes = capture([&] { emit(Assign{Place{node, {}}, read(element(v, read(slot)))}); });
    emit(If{is_found, std::move(yes), {}});
    result = read(node);
  } else if (name == "erase") {
    Block yes = capture([&] {
      (void)unlink(read(element(v, read(slot))));
      erase_slots(v, read(slot), integer(1, count_type()));
    });
    emit(If{is_found, std::move(yes), {}});
    result = convert(is_found, count_type());
  } else {
    result = name == "count" ? convert(is_found, count_type()) : is_found;
  }
  return true;
}

clang::QualType Body::mapped_class(const ChainClass &c) const {
  auto *pair = cast<clang::ClassTemplateSpecializationDecl>(c.value->getAsCXXRecordDecl());
  return pair->getTemplateArgs()[1].getAsType();
}

// ---- Making them ----------------------------------------------------------------------------------------

/// One more element, from this expression or place: at the end, or where its key belongs.
void Body::add_element(const Place &v, const clang::Expr *e, const Place *from, const clang::Expr *at) {
  const ChainClass &c = *s_.chain_class(v.type());
  if (!c.is_associative()) {
    append(v, [&](const Place &p) {
      if (from)
        copy_value(p, *from);
      else
        take_value(p, e);
    });
    return;
  }
  Args parts = c.has_mapped && !from ? two_parts(e) : Args{};
  Place source = from ? *from : c.has_mapped && parts.empty() ? place(existing_pair(e)) : Place{};
  Place key = source.root     ? existing_key(v, source, at)
              : parts.empty() ? key_value(v, e)
                              : key_value(v, parts[0]);
  Var is_new;
  (void)find_or_insert(
      v, key,
      [&](const Place &p) {
        if (c.has_mapped && source.root)
          copy_value(entry_part(p, 1), entry_part(source, 1));
        else if (c.has_mapped && !make_of(entry_part(p, 1), mapped_class(c), {parts[1]}, at))
          take_value(entry_part(p, 1), parts[1]);
      },
      nullptr, is_new, at);
}

/// (n), (n, x), a list in braces, or all between two iterators: what was there goes.
void Body::fill_chain(const Place &v, const Args &args, const clang::Expr *at) {
  clang::QualType cls = s_.chain_class(v.type())->value;
  bool inserts = isa<clang::CXXMemberCallExpr>(at) && s_.chain_class(v.type())->is_associative();
  if (args.size() == 1 && is_written_list(args[0])) {
    Var made = inserts ? Var() : empty_temp("made", v.type().with_const(false));
    Place to = inserts ? v : Place{made, {}}; // an element may read what v was
    if (!inserts)
      empty_chain(to);
    for (const clang::Expr *x : written_list(args[0])->inits())
      add_element(to, x, nullptr, at);
    if (!inserts)
      emit(Assign{v, read(made)});
    return;
  }
  if (args[0]->getType()->isIntegerType() && args.size() <= 2) {
    Ex n = count_of(value(args[0]), "count");
    Ex x = args.size() > 1 ? steady_value(args[1]) : Ex();
    empty_chain(v);
    return count_loop(integer(0), n,
                      [&](const Ex &) { append(v, [&](const Place &p) { set_element(p, x, cls, at); }); });
  }
  if (args.size() == 2 && is_reverse_iterator(args[0]->getType())) {
    Var made = inserts ? Var() : empty_temp("made", v.type().with_const(false));
    Place to = inserts ? v : Place{made, {}}; // they may be elements of what v was
    if (!inserts)
      empty_chain(to);
    Backwards(*this).each(args[0], args[1], [&](const Place &x) { add_element(to, nullptr, &x, at); });
    if (!inserts)
      emit(Assign{v, read(made)});
    return;
  }
  bool walks = args.size() == 2 && (is_iterator(args[0]->getType()) || args[0]->getType()->isPointerType());
  if (!walks)
    refuse_chain_use(at, "this way to fill '" +
                             s_.spelling(s_.context.getRecordType(cls->getAsRecordDecl())) + "'");
  std::vector<Ex> ends = values({args[0], args[1]});
  Var i = temp("from", ends[0]);
  Ex last = freeze_now(ends[1], "last");
  stable_.erase(i.get());
  if (!inserts)
    empty_chain(v);
  auto chain = chain_of_iterator(args[0]->getType().getUnqualifiedType());
  if (chain && !chain->has_order)
    refuse_unordered(at);
  Block body = capture([&] {
    Place from = chain ? chain_element(read(i)) : deref(read(i), {});
    add_element(v, nullptr, &from, at);
    emit(Assign{Place{i, {}}, stepped(read(i), chain, true)});
  });
  emit(While{native("!=", {read(i), last}, ir::Type::boolean()), std::move(body)});
}

/// The iterator behind this one, or before it; or so many steps away, where a negative number turns round.
Ex Body::stepped(const Ex &at, const std::optional<ChainClass> &chain, bool is_forward, const Ex &n) {
  if (!chain || chain->kind == ChainClass::Deque)
    return native(is_forward ? "+" : "-", {at, n ? n : integer(1)}, at.type());
  const std::string *number = n ? const_spelling(n) : nullptr;
  if (!n || number && *number == "1") {
    Ex p = std::holds_alternative<Read>(at->node) ? at : freeze_now(at, "at");
    return read(with_step(deref(p, {}), Field{is_forward ? ChainPart::Next : ChainPart::Previous}));
  }
  ir::Type t = ir::Type::integer("long");
  Ex steps = freeze_now(convert(n, t), "steps");
  Var moved = temp("moved", at);
  stable_.erase(moved.get());
  auto walk_on = [&](const Ex &count, bool forward) {
    Block step = capture([&] { emit(Assign{Place{moved, {}}, stepped(read(moved), chain, forward)}); });
    emit(For{variable("i", t), integer(0, t), For::LT, count, 1, std::move(step), false});
  };
  if (!number || number->front() != '-')
    walk_on(steps, is_forward);
  if (!number || number->front() == '-')
    walk_on(native("neg", {steps}, t), !is_forward);
  return read(moved);
}

bool Body::chain_construct(const Place &to, const clang::CXXConstructExpr *e) {
  if (!s_.chain_class(to.type()))
    return false;
  const clang::CXXConstructorDecl *c = e->getConstructor();
  Args args = own_arguments(e);
  if (args.empty()) {
    empty_chain(to);
  } else if (c->isCopyOrMoveConstructor()) {
    take_value(to, args[0]);
  } else {
    fill_chain(to, args, e);
  }
  return true;
}

void Body::chain_assign(const clang::CXXOperatorCallExpr *e, std::optional<Ex> &result) {
  const clang::Expr *from = e->getArg(1);
  Var held = empty_temp("assigned", type(e->getArg(0)->getType(), e->getExprLoc()).with_const(false));
  if (is_written_list(from))
    fill_chain(Place{held, {}}, {from}, e);
  else
    take_value(Place{held, {}}, from);
  Place v = fixed(place(e->getArg(0)), e);
  emit(Assign{v, read(held)});
  result = read(v);
}

// ---- All calls ------------------------------------------------------------------------------------------

bool Body::chain_call(const clang::CallExpr *e, const clang::FunctionDecl *f, std::optional<Ex> &result) {
  auto *m = dyn_cast<clang::CXXMethodDecl>(f);
  auto *mc = dyn_cast<clang::CXXMemberCallExpr>(e);
  auto *op = dyn_cast<clang::CXXOperatorCallExpr>(e);
  const clang::Expr *object = mc ? mc->getImplicitObjectArgument() : e->getNumArgs() ? e->getArg(0) : nullptr;
  if (!object || !is_of_std(f))
    return false;
  clang::QualType t =
      object->getType()->isPointerType() ? object->getType()->getPointeeType() : object->getType();
  if (!chain_of(t) || !type(t.getNonReferenceType(), e->getExprLoc()).is(ir::Type::Record))
    return false;
  std::string name = f->getNameAsString();
  if (!m && !one_of(name, {"begin", "cbegin", "end", "cend", "size", "empty"})) {
    if (one_of(name, {"move", "forward", "as_const", "swap", "addressof", "__addressof"}))
      return false;
    refuse_chain_use(e, "'std::" + name + "' here");
  }
  if (op && op->getOperator() == clang::OO_Equal) {
    chain_assign(op, result);
    return true;
  }
  Place v = object->getType()->isPointerType() ? deref(value(object), {}) : place(object);
  Args args(e->arg_begin() + (mc ? 0 : 1), e->arg_end());
  while (!args.empty() && isa<clang::CXXDefaultArgExpr>(args.back()))
    args.pop_back();
  if (chain_reading(e, name, v, args, result))
    return true;
  v = fixed(v, e);
  if (name == "clear") {
    clear_chain(v);
  } else if (name == "swap" && args.size() == 1) {
    swap_places(v, place(args[0]));
  } else if (name == "erase" && args.size() == 1 && is_iterator(args[0]->getType())) {
    result = erase_at(v, operand(args[0]), e);
  } else if (name == "erase" && args.size() == 2) {
    std::vector<Ex> ends = values({args[0], args[1]});
    result = erase_between(v, ends[0], ends[1], e);
  } else if (name == "reserve") {
    effect(args[0]);
  } else {
    bool is_done = s_.chain_class(v.type())->is_associative() ? key_call(e, name, v, args, result)
                                                              : sequence_change(e, name, v, args, result);
    if (!is_done)
      refuse_chain_use(e, "'" + s_.qualified(m->getParent()) + "::" + name + "'");
  }
  return true;
}

// ---- Range-for ------------------------------------------------------------------------------------------

bool Body::chain_range_for(const clang::CXXForRangeStmt *s, const clang::Expr *range) {
  if (!chain_of(range->getType()) || !type(range->getType(), range->getExprLoc()).is(ir::Type::Record))
    return false;
  Place v = range->isGLValue() ? place(range) : materialize(range);
  const ChainClass &c = *s_.chain_class(v.type());
  if (!c.has_order)
    refuse_unordered(range);
  bool has_break = false;
  std::string break_label;
  Block loop;
  bool kept = structure_is_kept(range, s->getBody());
  if (c.kind == ChainClass::Deque || kept && c.kind == ChainClass::Ordered) {
    Ex count = kept ? read(part(v, Struct::Size)) : count_of(read(part(v, Struct::Size)), "count");
    Var index = variable("i", count.type());
    Block body = loop_body(s->getBody(), has_break, break_label,
                           [&] { declare_element(s->getLoopVariable(), slot_element(v, read(index))); });
    loop.push_back(
        ir::Stmt{For{index, integer(0, count.type()), For::LT, count, 1, std::move(body), false}, here_, 0});
  } else {
    Ex end = freeze_now(chain_end(v, true), "end");
    Var at = temp("at", read(with_step(deref(end, {}), Field{ChainPart::Next})));
    stable_.erase(at.get());
    Block body = loop_body(
        s->getBody(), has_break, break_label,
        [&] { declare_element(s->getLoopVariable(), chain_element(read(at))); },
        [&] { emit(Assign{Place{at, {}}, stepped(read(at), c, true)}); });
    loop.push_back(
        ir::Stmt{While{native("!=", {read(at), end}, ir::Type::boolean()), std::move(body)}, here_, 0});
  }
  wrap_break(std::move(loop), has_break, break_label);
  return true;
}

} // namespace nabla::front
