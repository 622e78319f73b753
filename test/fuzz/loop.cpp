// Loops. Each has a bound of its own on the number of trips, whatever its body does.
#include "gen.h"
#include <algorithm>

namespace fuzz {

int Gen::trips_left(int wanted) const { return std::min(wanted, std::max(0, 200 / std::max(1, trips_))); }

Ref Gen::loop_body(int trips, int n) {
  int saved_switches = switches_, saved_trips = trips_;
  switches_ = 0, ++loops_, ++depth_;
  trips_ *= std::max(1, trips);
  Ref b = body(n);
  trips_ = saved_trips, switches_ = saved_switches, --loops_, --depth_;
  return b;
}

Ref Gen::loop() {
  if (trips_left(3) < 3 || budget_ <= 0)
    return assignment();
  if (loops_ > 0)
    row("control.nested_loops");
  switch (r_.in(0, 11)) {
  case 0:
    return for_two();
  case 1:
  case 2:
    return while_loop();
  case 3:
    return do_loop();
  case 4:
    return condition_loop();
  case 5:
    return range_for();
  case 6:
    return walk();
  default:
    return for_loop();
  }
}

/// The head of a counted loop of at most `n` trips; settles the counter's type and range.
std::string Gen::for_head(Var &i, const std::string &bound, int n) {
  std::string v = i.name, type = "int ";
  int way = r_.in(0, 9);
  if (way <= 1) {
    row("control.for_down");
    return way ? "for (int " + v + " = " + bound + "; " + v + "-- > 0;)"
               : "for (int " + v + " = " + bound + " - 1; " + v + " >= 0; --" + v + ")";
  }
  if (way == 2) {
    row("control.for_step");
    return "for (int " + v + " = 0; " + v + " < " + bound + "; " + v + " += 2)";
  }
  row("control.for");
  if (way == 3) {
    i.lo = 1, i.hi = std::max(n, 1);
    return "for (int " + v + " = 1; " + v + " <= " + bound + "; " + v + "++)";
  }
  std::string limit = bound;
  if (way == 4)
    i.ty = Ty::Size, type = "std::size_t ",
    limit = isdigit(bound[0]) ? bound : "static_cast<std::size_t>(" + bound + ")";
  if (way == 6)
    i.ty = Ty::Unsigned, type = "unsigned ",
    limit = isdigit(bound[0]) ? bound + "u" : "unsigned(" + bound + ")";
  return "for (" + type + v + " = 0; " + v + (way == 5 ? " != " : " < ") + limit + "; ++" + v + ")";
}

Ref Gen::for_loop() {
  int n = trips_left(r_.in(2, 5));
  std::string bound = std::to_string(n);
  auto sizes = visible([&](const Var &v) {
    return v.shape == Var::Scalar && v.ty == Ty::Int && v.pinned && v.hi <= 5 && v.lo >= 0 && usable(v);
  });
  if (!sizes.empty() && r_.chance(55)) {
    Var *size = r_.pick(sizes);
    bound = size->name, n = size->hi;
  }
  scopes_.emplace_back();
  Var *i = declare_name("i");
  i->ty = Ty::Int, i->pinned = true, i->ready = true;
  i->lo = 0, i->hi = std::max(0, n - 1);
  if (i->name == bound)
    i->name = fresh("i");
  std::string head = for_head(*i, bound, n);
  Ref b = loop_body(n, r_.in(1, 4));
  scopes_.pop_back();
  auto single = [](const std::string &text) {
    bool compound = false;
    for (const char *start : {"for", "if", "{", "while", "switch"})
      compound = compound || text.rfind(start, 0) == 0;
    return compound || text.find('\n') + 1 == text.size();
  };
  if (b->kids.size() == 1 && r_.chance(30) && single(print(b)))
    return make(Node::Stmt, head + "\n@", {b});
  return make(Node::Stmt, head + " {\n@}", {b});
}

/// for (int i = 0, j = n - 1; i < j; ++i, --j)
Ref Gen::for_two() {
  int n = trips_left(r_.in(3, 6));
  row("control.for_two_variables");
  scopes_.emplace_back();
  Var *i = declare_name("i");
  i->ty = Ty::Int, i->pinned = true, i->hi = n - 1;
  Var *j = declare_name("j", false);
  j->ty = Ty::Int, j->pinned = true, j->hi = n - 1;
  i->ready = j->ready = true;
  std::string a = i->name, b = j->name;
  Ref inner = loop_body(n / 2 + 1, r_.in(1, 3));
  scopes_.pop_back();
  return make(Node::Stmt,
              "for (int " + a + " = 0, " + b + " = " + std::to_string(n - 1) + "; " + a + " < " + b + "; ++" +
                  a + ", --" + b + ") {\n@}",
              {inner});
}

Ref Gen::while_loop() {
  int n = trips_left(r_.in(2, 5));
  row("control.while");
  scopes_.emplace_back();
  Var *k = declare_name("k", false);
  k->ty = Ty::Int, k->pinned = true, k->ready = true;
  std::string v = k->name, m = std::to_string(n);
  Ref s;
  switch (r_.in(0, 3)) {
  case 0: // the counter changes in the condition
    k->lo = 1, k->hi = n;
    s = make(Node::Stmt, "int " + v + " = 0;\nwhile (" + v + "++ < " + m + ") {\n@}",
             {loop_body(n, r_.in(1, 3))});
    break;
  case 1:
    k->lo = 0, k->hi = n - 1;
    s = make(Node::Stmt, "int " + v + " = " + m + ";\nwhile (" + v + "--) {\n@}",
             {loop_body(n, r_.in(1, 3))});
    break;
  case 2:
    k->lo = 1, k->hi = n;
    s = make(Node::Stmt, "int " + v + " = 0;\nwhile (true) {\nif (" + v + "++ >= " + m + ")\nbreak;\n@}",
             {loop_body(n, r_.in(1, 3))});
    break;
  default: { // also ends by the reals
    k->lo = 1, k->hi = n;
    quiet_ = true;
    Ref c = comparison(1);
    quiet_ = false;
    s = make(Node::Stmt, "int " + v + " = 0;\nwhile (" + v + " < " + m + " && @) {\n" + v + "++;\n@}",
             {c, loop_body(n, r_.in(1, 3))});
  }
  }
  scopes_.pop_back();
  return make(Node::Stmt, "{\n@}", {block({s})});
}

Ref Gen::do_loop() {
  int n = trips_left(r_.in(1, 4));
  row("control.do");
  scopes_.emplace_back();
  Var *k = declare_name("k", false);
  k->ty = Ty::Int, k->pinned = true, k->ready = true, k->lo = 0, k->hi = std::max(0, n - 1);
  std::string v = k->name;
  Ref b = loop_body(n, r_.in(1, 3));
  begin();
  Ref c = r_.chance(50) ? condition(1) : Ref();
  scopes_.pop_back();
  std::string head = "int " + v + " = 0;\ndo {\n@} while (++" + v + " < " + std::to_string(n);
  return make(Node::Stmt, "{\n@}",
              {block({c ? make(Node::Stmt, head + " && @);", {b, c}) : make(Node::Stmt, head + ");", {b})})});
}

/// while ((v = e) < limit && k++ < n)
Ref Gen::condition_loop() {
  Ref p = place(true, true, [](const Var &v) { return v.shape == Var::Scalar && v.s == nullptr; });
  if (!p)
    return for_loop();
  int n = trips_left(r_.in(2, 4));
  row("assignment.in_loop_condition");
  Ref e = value(2, 2);
  scopes_.emplace_back();
  Var *k = declare_name("k", false);
  k->ty = Ty::Int, k->pinned = true, k->ready = true, k->lo = 1, k->hi = n;
  std::string v = k->name;
  Ref b = loop_body(n, r_.in(1, 3));
  scopes_.pop_back();
  Ref limit = literal(p->ty, 0.4, 1.6);
  std::string m = std::to_string(n);
  Ref s;
  if (r_.chance(40))
    s = make(Node::Stmt, "for (int " + v + " = 0; (@ = @) < @ && " + v + "++ < " + m + ";) {\n@}",
             {p, e, limit, b});
  else
    s = make(Node::Stmt, "int " + v + " = 0;\nwhile ((@ = @) < @ && " + v + "++ < " + m + ") {\n@}",
             {p, e, limit, b});
  return make(Node::Stmt, "{\n@}", {block({s})});
}

Ref Gen::range_for() {
  auto arrays = visible([&](const Var &v) {
    return v.object && (v.shape == Var::Array || v.shape == Var::RecordArray || v.shape == Var::Carried) &&
           (v.s || is_real(v.ty)) && v.n + 1 <= trips_left(6);
  });
  if (arrays.empty())
    return for_loop();
  Var *a = r_.pick(arrays);
  bool changes = a->writable && r_.chance(50);
  row(changes ? "control.range_for_reference" : "control.range_for");
  scopes_.emplace_back();
  Var *q = declare_name("e", false);
  if (q->name == a->name) { // the range would be hidden
    scopes_.pop_back();
    return for_loop();
  }
  q->ty = a->ty, q->s = a->s, q->shape = a->s ? Var::Record : Var::Scalar, q->acc = a->acc;
  std::string type = r_.chance(30) ? "auto" : a->s ? a->s->name : spell(a->ty);
  bool by_value = !changes && r_.chance(50);
  q->memory = !by_value;
  q->writable = changes || by_value;
  q->ready = true;
  Ref b = loop_body(a->shape == Var::Carried ? a->n + 1 : a->n, r_.in(1, 3)); // a list has one more
  scopes_.pop_back();
  std::string head = changes ? type + " &" : by_value ? type + " " : "const " + type + " &";
  return make(Node::Stmt, "for (" + head + q->name + " : " + a->name + ") {\n@}", {b});
}

/// for (double *p = a; p != a + n; ++p): a pointer walks over an array.
Ref Gen::walk() {
  auto arrays = visible([&](const Var &v) {
    return v.shape == Var::Array && is_real(v.ty) && v.n >= 2 && v.n <= trips_left(6);
  });
  if (arrays.empty())
    return for_loop();
  Var *a = r_.pick(arrays);
  row("pointer.walk");
  scopes_.emplace_back();
  Var *p = declare_name("p", false);
  if (p->name == a->name) {
    scopes_.pop_back();
    return for_loop();
  }
  p->ty = a->ty, p->shape = Var::Array, p->n = 1, p->acc = a->acc, p->memory = true;
  p->writable = a->writable && r_.chance(70);
  p->ready = true;
  std::string type = std::string(p->writable ? "" : "const ") + spell(a->ty) + " *", v = p->name,
              n = std::to_string(a->n);
  Ref s;
  if (r_.chance(50))
    s = make(Node::Stmt,
             "for (" + type + v + " = " + a->name + "; " + v + (r_.chance(50) ? " != " : " < ") + a->name +
                 " + " + n + "; ++" + v + ") {\n@}",
             {loop_body(a->n, r_.in(1, 3))});
  else {
    p->ready = false;
    Var *q = declare_name("e", false);
    if (q->name == v) {
      scopes_.pop_back();
      return for_loop();
    }
    q->ty = a->ty, q->acc = a->acc, q->writable = true, q->ready = true;
    Ref b = loop_body(a->n, r_.in(1, 3));
    s = make(Node::Stmt,
             type + v + " = " + a->name + ", *const end_" + v + " = " + v + " + " + n + ";\nwhile (" + v +
                 " < end_" + v + ") {\n" + spell(a->ty) + " " + q->name + " = *" + v + "++;\n@}",
             {b});
    row("pointer.post_increment");
  }
  scopes_.pop_back();
  return make(Node::Stmt, "{\n@}", {block({s})});
}

} // namespace fuzz
