// Range-for over views of <ranges>: one loop over what they are views of, the steps on the way in its body.
//
//   for (double e : v | std::views::filter(f) | std::views::transform(g)) body(e);
//   ->  for (i = 0; i < v.size; ++i) { if (f(v[i])) { e = g(v[i]); body(e); } }
#include "import/body.h"
#include "import/container.h"

namespace nabla::front {

namespace {

struct ViewStep {
  std::string name;        ///< of the adaptor
  const clang::Expr *with; ///< its function or number, or null
  const clang::Expr *at;
};

/// std::views::NAME, or empty.
std::string adaptor_name(const clang::Expr *e) {
  auto *name = dyn_cast<clang::DeclRefExpr>(e->IgnoreParenImpCasts()); // as its base _RangeAdaptor
  auto *v = name ? dyn_cast<clang::VarDecl>(name->getDecl()) : nullptr;
  auto *space = v ? dyn_cast<clang::NamespaceDecl>(v->getDeclContext()->getRedeclContext()) : nullptr;
  bool is_view = space && space->getName() == "views" && v->isInStdNamespace();
  auto *ranges =
      space ? dyn_cast<clang::NamespaceDecl>(space->getDeclContext()->getRedeclContext()) : nullptr;
  is_view = is_view || ranges && ranges->getName() == "ranges" && space->getName() == "views";
  return is_view ? v->getNameAsString() : "";
}

const clang::Expr *unwrapped(const clang::Expr *e) {
  return bare(e, [](const clang::CXXConstructExpr *c) {
    return c->getNumArgs() == 1 && c->getConstructor()->isCopyOrMoveConstructor();
  });
}

} // namespace

class ViewLoop {
public:
  ViewLoop(Body &body, const clang::CXXForRangeStmt *s) : b_(body), s_(s) {}

  /// False where the range is no chain of adaptors that are known by name.
  bool parse(const clang::Expr *e) {
    e = unwrapped(e);
    auto *op = dyn_cast<clang::CXXOperatorCallExpr>(e);
    if (op && op->getOperator() == clang::OO_Pipe && parse_base(op->getArg(0)))
      return parse_adaptor(unwrapped(op->getArg(1)));
    if (!op || op->getOperator() != clang::OO_Call || adaptor_name(op->getArg(0)).empty())
      return false;
    std::string name = adaptor_name(op->getArg(0));
    if (name == "iota" && op->getNumArgs() >= 2) {
      first_ = op->getArg(1);
      last_ = op->getNumArgs() > 2 ? op->getArg(2) : nullptr;
      return true;
    }
    if (op->getNumArgs() < 2 || !parse_base(op->getArg(1)))
      return false;
    steps_.push_back({name, op->getNumArgs() > 2 ? op->getArg(2) : nullptr, op});
    return true;
  }

  void emit_loop() {
    prepare();
    bool is_reversed = take_reversals();
    Ex count = first_ ? counted_range() : container_range();
    Var index = b_.variable("i", count.type());
    Ex at = read(index);
    if (is_reversed)
      at = native("-", {native("-", {count, integer(1, count.type())}, count.type()), at}, count.type());
    bool has_break = false;
    std::string break_label;
    std::vector<std::pair<std::size_t, Ex>> tests; // what follows the statement of that number runs if ...
    Block whole = b_.loop_body(s_->getBody(), has_break, break_label, [&] {
      Place element =
          first_
              ? Place{b_.temp("counted", native("+", {b_.convert(begin_, count.type()), at}, count.type())),
                      {}}
              : with_step(elements_, Deref{at});
      if (first_)
        element = Place{b_.temp("counted", b_.convert(read(element), begin_.type())), {}};
      for (std::size_t k = 0; k < steps_.size(); ++k)
        step(k, element, tests);
      b_.declare_element(s_->getLoopVariable(), element);
    });
    for (std::size_t k = tests.size(); k-- > 0;) {
      Block rest(std::make_move_iterator(whole.begin() + tests[k].first),
                 std::make_move_iterator(whole.end()));
      whole.resize(tests[k].first);
      whole.push_back(ir::Stmt{If{tests[k].second, std::move(rest), {}}, b_.here_, 0});
    }
    Block loop;
    loop.push_back(ir::Stmt{For{index, integer(0, count.type()), For::LT, count, 1, std::move(whole), false},
                            b_.here_, 0});
    b_.wrap_break(std::move(loop), has_break, break_label);
  }

private:
  bool parse_base(const clang::Expr *e) {
    const clang::Expr *inner = unwrapped(e);
    if (parse(inner))
      return true;
    base_ = named_object(inner);
    return container_of(base_->getType()).has_value();
  }
  bool parse_adaptor(const clang::Expr *e) {
    if (std::string name = adaptor_name(e); !name.empty()) {
      steps_.push_back({name, nullptr, e});
      return true;
    }
    auto *op = dyn_cast<clang::CXXOperatorCallExpr>(e);
    if (!op || op->getOperator() != clang::OO_Call || op->getNumArgs() != 2 ||
        adaptor_name(op->getArg(0)).empty())
      return false;
    steps_.push_back({adaptor_name(op->getArg(0)), op->getArg(1), op});
    return true;
  }
  [[noreturn]] void refuse(const ViewStep &s) {
    b_.refuse_expr(s.at, "std::views::" + s.name + " here",
                   "use filter, transform, take, drop, take_while, iota and, "
                   "before those that choose, reverse; or write the loop out");
  }

  /// Functions and numbers are what they are where the view is made.
  void prepare() {
    for (const ViewStep &s : steps_) {
      Body::Closure closure;
      Var number;
      if (one_of(s.name, {"filter", "transform", "take_while"})) {
        auto known = s.with ? b_.closure(s.with) : std::nullopt;
        if (!known)
          refuse(s);
        closure = *known;
      } else if (one_of(s.name, {"take", "drop"}) && s.with) {
        number = b_.temp("left", b_.convert(b_.operand(s.with), ir::Type::integer("long")));
        b_.stable_.erase(number.get());
      } else if (s.name != "reverse" && s.name != "all") {
        refuse(s);
      }
      closures_.push_back(closure);
      numbers_.push_back(number);
    }
  }

  /// Is what the loop runs over reversed? Only where nothing before chooses.
  bool take_reversals() {
    bool is_reversed = false, chooses = false;
    for (const ViewStep &s : steps_) {
      if (s.name == "reverse" && chooses)
        refuse(s);
      is_reversed = is_reversed != (s.name == "reverse");
      chooses = chooses || s.name != "reverse" && s.name != "transform" && s.name != "all";
    }
    return is_reversed;
  }

  Ex counted_range() {
    if (!first_->getType()->isIntegerType() || !last_)
      b_.refuse_expr(first_, "this std::views::iota", "give it two integers");
    begin_ = b_.freeze_now(b_.operand(first_), "first");
    ir::Type t = ir::Type::integer("long");
    Ex end = b_.convert(b_.operand(last_), t);
    return b_.freeze_now(native("-", {end, b_.convert(begin_, t)}, t), "count");
  }

  Ex container_range() {
    Place v = base_->isGLValue() ? b_.place(base_) : b_.materialize(base_);
    elements_ = Place{b_.temp("range", read(part(v, Struct::Data))), {}};
    return b_.count_of(read(part(v, Struct::Size)), "count");
  }

  void step(std::size_t k, Place &element, std::vector<std::pair<std::size_t, Ex>> &tests) {
    const std::string &name = steps_[k].name;
    if (name == "transform") {
      element = Place{b_.temp("value", b_.applied(closures_[k], {element}, steps_[k].at)), {}};
      b_.escaped_.insert(element.root.get());
    } else if (name == "filter") {
      Var test = b_.temp("keep", b_.truth(b_.applied(closures_[k], {element}, steps_[k].at)));
      tests.push_back({b_.out_->size(), read(test)});
    } else if (name == "drop") {
      Var test = b_.temp(
          "keep", native("<=", {read(numbers_[k]), integer(0, numbers_[k]->type)}, ir::Type::boolean()));
      count_down(numbers_[k]);
      tests.push_back({b_.out_->size(), read(test)});
    } else if (name == "take" || name == "take_while") {
      Ex goes_on = name == "take"
                       ? native(">", {read(numbers_[k]), integer(0, numbers_[k]->type)}, ir::Type::boolean())
                       : b_.truth(b_.applied(closures_[k], {element}, steps_[k].at));
      Block out = b_.capture([&] { b_.emit(Exit{b_.breaks_.back().label}); });
      b_.breaks_.back().used = true;
      b_.emit(If{native("!", {goes_on}, ir::Type::boolean()), std::move(out), {}});
      if (name == "take")
        count_down(numbers_[k]);
    }
  }
  void count_down(const Var &n) {
    b_.emit(Assign{Place{n, {}}, native("-", {read(n), integer(1, n->type)}, n->type)});
  }

  Body &b_;
  const clang::CXXForRangeStmt *s_;
  const clang::Expr *base_ = nullptr, *first_ = nullptr,
                    *last_ = nullptr; ///< a container, or integers from .. to
  std::vector<ViewStep> steps_;
  std::vector<Body::Closure> closures_;
  std::vector<Var> numbers_; ///< that take and drop still have to do
  Place elements_;
  Ex begin_;
};

bool Body::view_range_for(const clang::CXXForRangeStmt *s, const clang::Expr *range) {
  ViewLoop loop(*this, s);
  if (!loop.parse(range))
    return false;
  loop.emit_loop();
  return true;
}

} // namespace nabla::front
