// What std::list alone has: sort, reverse, remove, remove_if, unique, splice, merge. Nodes get other neighbours, so iterators and
// references stay valid; values stay where they are, and their adjoints with them.
#include "import/chain.h"
#include "import/container.h"
#include "import/list_members.h"

namespace nabla::front {

namespace {

ir::Type count_type() { return ir::Type::integer("unsigned long"); }
Place node_part(const Ex &node, unsigned which) {
  return with_step(with_step(std::get<Read>(node->node).place, Deref{}), Field{which});
}
Place end_of(const Place &v) { return with_step(v, Field{ChainPart::End}); }

} // namespace

/// All nodes, each of which may get other neighbours meanwhile.
void ListMembers::each_node(const Place &v, const std::function<void(const Ex &)> &body) {
  Ex end = b_.freeze_now(read(end_of(v)), "end");
  Var at = b_.temp("at", read(node_part(end, ChainPart::Next)));
  b_.stable_.erase(at.get());
  Block loop = b_.capture([&] {
    Ex node = b_.freeze_now(read(at), "node");
    b_.emit(Assign{Place{at, {}}, read(node_part(node, ChainPart::Next))});
    body(node);
  });
  b_.emit(While{native("!=", {read(at), end}, ir::Type::boolean()), std::move(loop)});
}

void ListMembers::sort_list(const Place &v, const Less &less) {
  Ex n = b_.freeze_now(read(part(v, Struct::Size)), "count");
  Var nodes = b_.work_array("nodes", end_of(v).type().with_const(false), n);
  Var i = b_.temp("i", integer(0, count_type()));
  b_.stable_.erase(i.get());
  each_node(v, [&](const Ex &node) {
    b_.emit(Assign{b_.deref(read(nodes), read(i)), node});
    b_.count_up(i);
  });
  auto value = [&](const Ex &k) { return node_part(read(b_.deref(read(nodes), k)), ChainPart::Value); };
  Var order = b_.sorted_order(value, b_.convert(n, ir::Type::integer("long")), less);
  b_.clear_chain(v);
  b_.count_loop(integer(0), n, [&](const Ex &k) {
    b_.link_before(read(end_of(v)),
                   b_.freeze_now(read(b_.deref(read(nodes), read(b_.deref(read(order), k)))), "node"));
  });
  b_.emit(Assign{part(v, Struct::Size), n});
}

void ListMembers::reverse_list(const Place &v) {
  auto turn = [&](const Ex &node) {
    Ex next = b_.freeze_now(read(node_part(node, ChainPart::Next)), "next");
    b_.emit(Assign{node_part(node, ChainPart::Next), read(node_part(node, ChainPart::Previous))});
    b_.emit(Assign{node_part(node, ChainPart::Previous), next});
  };
  each_node(v, turn);
  turn(b_.freeze_now(read(end_of(v)), "end"));
}

/// All nodes of the other list come before this one.
void ListMembers::take_over(const Ex &at, const Place &from) {
  Ex behind = b_.freeze_now(at, "behind");
  each_node(from, [&](const Ex &node) { b_.link_before(behind, node); });
  b_.clear_chain(from);
}

/// How many are gone.
Ex ListMembers::remove_nodes(const Place &v, const std::function<Ex(const Place &)> &wanted) {
  Var removed = b_.temp("removed", integer(0, count_type()));
  b_.stable_.erase(removed.get());
  each_node(v, [&](const Ex &node) {
    Ex is = wanted(node_part(node, ChainPart::Value));
    Block gone = b_.capture([&] {
      (void)b_.unlink(node);
      b_.count_up(removed);
    });
    b_.emit(If{is, std::move(gone), {}});
  });
  Ex n = read(part(v, Struct::Size));
  b_.emit(Assign{part(v, Struct::Size), native("-", {n, read(removed)}, count_type())});
  return read(removed);
}

/// Of neighbours that are the same the first stays; how many are gone.
Ex ListMembers::remove_repeated(const Place &v, const std::function<Ex(const Place &, const Place &)> &same) {
  Ex end = b_.freeze_now(read(end_of(v)), "end");
  Var removed = b_.temp("removed", integer(0, count_type())), kept = b_.temp("kept", end);
  Var is_same = b_.temp("is_same", boolean(false));
  for (const Var &changed : {removed, kept, is_same})
    b_.stable_.erase(changed.get());
  each_node(v, [&](const Ex &node) {
    b_.emit(Assign{Place{is_same, {}}, boolean(false)});
    Block compare = b_.capture([&] {
      Ex is = same(node_part(read(kept), ChainPart::Value), node_part(node, ChainPart::Value));
      b_.emit(Assign{Place{is_same, {}}, is});
    });
    b_.emit(If{native("!=", {read(kept), end}, ir::Type::boolean()), std::move(compare), {}});
    Block gone = b_.capture([&] {
      (void)b_.unlink(node);
      b_.count_up(removed);
    });
    Block stays = b_.capture([&] { b_.emit(Assign{Place{kept, {}}, node}); });
    b_.emit(If{read(is_same), std::move(gone), std::move(stays)});
  });
  Ex n = read(part(v, Struct::Size));
  b_.emit(Assign{part(v, Struct::Size), native("-", {n, read(removed)}, count_type())});
  return read(removed);
}

/// splice(at, other), splice(at, other, which)
bool ListMembers::splice(const Place &v, const Args &args) {
  if (args.size() != 2 && args.size() != 3)
    return false;
  std::vector<const clang::Expr *> iterators{args[0]};
  if (args.size() == 3)
    iterators.push_back(args[2]);
  std::vector<Ex> given = b_.values(iterators);
  Ex behind = b_.freeze_now(given[0], "behind");
  Place other = b_.place(b_.as_value(args[1]));
  auto add = [&](const Place &to, const char *op, const Ex &n) {
    b_.emit(Assign{part(to, Struct::Size), native(op, {read(part(to, Struct::Size)), n}, count_type())});
  };
  if (args.size() == 2) {
    add(v, "+", read(part(other, Struct::Size)));
    take_over(behind, other);
    return true;
  }
  Ex node = b_.freeze_now(given[1], "moved");
  Ex moves = native("!=", {node, behind}, ir::Type::boolean()); // else it is there already
  Block move = b_.capture([&] {
    (void)b_.unlink(node);
    b_.link_before(behind, node);
    add(other, "-", integer(1, count_type())); // which may be this one
    add(v, "+", integer(1, count_type()));
  });
  b_.emit(If{moves, std::move(move), {}});
  return true;
}

bool ListMembers::change(const clang::CallExpr *e, const std::string &name, const Place &v, const Args &args,
                         std::optional<Ex> &result) {
  clang::QualType cls = b_.s_.chain_class(v.type())->value;
  bool counts = e->getType()->isIntegerType();
  if (name == "sort" && args.size() <= 1) {
    sort_list(v, b_.comparison(args.empty() ? nullptr : args[0], cls, e));
  } else if (name == "reverse") {
    reverse_list(v);
  } else if (name == "remove" && cls->isArithmeticType()) {
    Ex x = b_.steady_value(args[0]);
    Ex n = remove_nodes(v, [&](const Place &p) { return native("==", {read(p), x}, ir::Type::boolean()); });
    if (counts)
      result = n;
  } else if (name == "remove_if" && b_.names_closure(args[0])) {
    b_.refuse_mutable_copy(args[0]);
    Body::Closure test = *b_.closure(args[0]);
    Ex n = remove_nodes(v, [&](const Place &p) { return b_.truth(b_.applied(test, {p}, e)); });
    if (counts)
      result = n;
  } else if (name == "unique" && (args.empty() ? cls->isArithmeticType() : b_.names_closure(args[0]))) {
    std::optional<Body::Closure> test;
    if (!args.empty()) {
      b_.refuse_mutable_copy(args[0]);
      test = b_.closure(args[0]);
    }
    Ex n = remove_repeated(v, [&](const Place &a, const Place &b) {
      return test ? b_.truth(b_.applied(*test, {a, b}, e))
                  : native("==", {read(a), read(b)}, ir::Type::boolean());
    });
    if (counts)
      result = n;
  } else if (name == "splice") {
    return splice(v, args);
  } else if (name == "merge" && !args.empty() && args.size() <= 2) {
    Less less = b_.comparison(args.size() > 1 ? args[1] : nullptr, cls, e);
    Place other = b_.place(b_.as_value(args[0]));
    Ex both = native("+", {read(part(v, Struct::Size)), read(part(other, Struct::Size))}, count_type());
    b_.emit(Assign{part(v, Struct::Size), both});
    take_over(read(end_of(v)), other);
    sort_list(v, less); // two sorted stretches, one behind the other
  } else {
    return false;
  }
  return true;
}

} // namespace nabla::front
