// What std::list alone has: sort, reverse, remove, remove_if, splice, merge. Nodes get other neighbours, so iterators and
// references stay valid; values stay where they are, and their adjoints with them.
#include "import/body.h"
#include "import/chain.h"
#include "import/container.h"

namespace nabla::front {

namespace {

ir::Type count_type() { return ir::Type::integer("unsigned long"); }
Place node_part(const Ex &node, unsigned which) {
  return with_step(with_step(std::get<Read>(node->node).place, Deref{}), Field{which});
}
Place end_of(const Place &v) { return with_step(v, Field{ChainPart::End}); }

} // namespace

/// All nodes, each of which may get other neighbours meanwhile.
void Body::each_node(const Place &v, const std::function<void(const Ex &)> &body) {
  Ex end = freeze_now(read(end_of(v)), "end");
  Var at = temp("at", read(node_part(end, ChainPart::Next)));
  stable_.erase(at.get());
  Block loop = capture([&] {
    Ex node = freeze_now(read(at), "node");
    emit(Assign{Place{at, {}}, read(node_part(node, ChainPart::Next))});
    body(node);
  });
  emit(While{native("!=", {read(at), end}, ir::Type::boolean()), std::move(loop)});
}

void Body::sort_list(const Place &v, const Less &less) {
  Ex n = freeze_now(read(part(v, Struct::Size)), "count");
  Var nodes = work_array("nodes", end_of(v).type().with_const(false), n);
  Var i = temp("i", integer(0, count_type()));
  stable_.erase(i.get());
  each_node(v, [&](const Ex &node) {
    emit(Assign{deref(read(nodes), read(i)), node});
    count_up(i);
  });
  auto value = [&](const Ex &k) { return node_part(read(deref(read(nodes), k)), ChainPart::Value); };
  Var order = sorted_order(value, convert(n, ir::Type::integer("long")), less);
  clear_chain(v);
  count_loop(integer(0), n, [&](const Ex &k) {
    link_before(read(end_of(v)), freeze_now(read(deref(read(nodes), read(deref(read(order), k)))), "node"));
  });
  emit(Assign{part(v, Struct::Size), n});
}

void Body::reverse_list(const Place &v) {
  auto turn = [&](const Ex &node) {
    Ex next = freeze_now(read(node_part(node, ChainPart::Next)), "next");
    emit(Assign{node_part(node, ChainPart::Next), read(node_part(node, ChainPart::Previous))});
    emit(Assign{node_part(node, ChainPart::Previous), next});
  };
  each_node(v, turn);
  turn(freeze_now(read(end_of(v)), "end"));
}

/// All nodes of the other list come before this one.
void Body::take_over(const Ex &at, const Place &from) {
  Ex behind = freeze_now(at, "behind");
  each_node(from, [&](const Ex &node) { link_before(behind, node); });
  clear_chain(from);
}

/// How many are gone.
Ex Body::remove_nodes(const Place &v, const std::function<Ex(const Place &)> &wanted) {
  Var removed = temp("removed", integer(0, count_type()));
  stable_.erase(removed.get());
  each_node(v, [&](const Ex &node) {
    Ex is = wanted(node_part(node, ChainPart::Value));
    Block gone = capture([&] {
      (void)unlink(node);
      count_up(removed);
    });
    emit(If{is, std::move(gone), {}});
  });
  Ex n = read(part(v, Struct::Size));
  emit(Assign{part(v, Struct::Size), native("-", {n, read(removed)}, count_type())});
  return read(removed);
}

/// splice(at, other), splice(at, other, which)
bool Body::splice(const Place &v, const Args &args, const clang::Expr *at) {
  if (args.size() != 2 && args.size() != 3)
    return false;
  std::vector<const clang::Expr *> iterators{args[0]};
  if (args.size() == 3)
    iterators.push_back(args[2]);
  std::vector<Ex> given = values(iterators);
  Ex behind = freeze_now(given[0], "behind");
  Place other = place(as_value(args[1]));
  auto add = [&](const Place &to, const char *op, const Ex &n) {
    emit(Assign{part(to, Struct::Size), native(op, {read(part(to, Struct::Size)), n}, count_type())});
  };
  if (args.size() == 2) {
    add(v, "+", read(part(other, Struct::Size)));
    take_over(behind, other);
    return true;
  }
  Ex node = freeze_now(given[1], "moved");
  Ex moves = native("!=", {node, behind}, ir::Type::boolean()); // else it is there already
  Block move = capture([&] {
    (void)unlink(node);
    link_before(behind, node);
    add(other, "-", integer(1, count_type())); // which may be this one
    add(v, "+", integer(1, count_type()));
  });
  emit(If{moves, std::move(move), {}});
  (void)at;
  return true;
}

bool Body::list_change(const clang::CallExpr *e, const std::string &name, const Place &v, const Args &args,
                       std::optional<Ex> &result) {
  clang::QualType cls = s_.chain_class(v.type())->value;
  bool counts = e->getType()->isIntegerType();
  if (name == "sort" && args.size() <= 1) {
    sort_list(v, comparison(args.empty() ? nullptr : args[0], cls, e));
  } else if (name == "reverse") {
    reverse_list(v);
  } else if (name == "remove" && cls->isArithmeticType()) {
    Ex x = steady_value(args[0]);
    Ex n = remove_nodes(v, [&](const Place &p) { return native("==", {read(p), x}, ir::Type::boolean()); });
    if (counts)
      result = n;
  } else if (name == "remove_if" && names_closure(args[0])) {
    refuse_mutable_copy(args[0]);
    Closure test = *closure(args[0]);
    Ex n = remove_nodes(v, [&](const Place &p) { return truth(applied(test, {p}, e)); });
    if (counts)
      result = n;
  } else if (name == "splice") {
    return splice(v, args, e);
  } else if (name == "merge" && !args.empty() && args.size() <= 2) {
    Less less = comparison(args.size() > 1 ? args[1] : nullptr, cls, e);
    Place other = place(as_value(args[0]));
    Ex both = native("+", {read(part(v, Struct::Size)), read(part(other, Struct::Size))}, count_type());
    emit(Assign{part(v, Struct::Size), both});
    take_over(read(end_of(v)), other);
    sort_list(v, less); // two sorted stretches, one behind the other
  } else {
    return false;
  }
  return true;
}

} // namespace nabla::front
