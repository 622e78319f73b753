// The rule table over expressions, declared in rules.h.
#include "ir/rules.h"
#include "ir/build.h"
#include "ir/diagnostic.h"
#include "ir/walk.h"
#include <array>
#include <nabla/rules.h>

namespace nabla::ir {

namespace {

template <rules::id I> constexpr RuleInfo make_info() {
  using Row = rules::row<I>;
  bool is_word = (Row::spelling[0] >= 'a' && Row::spelling[0] <= 'z');
  return {Row::name, Row::spelling, Row::arity, !is_word, Row::singular, Row::integer_second, Row::cost};
}

constexpr RuleInfo infos[] = {
#define NABLA_RULE(NAME) make_info<rules::id::NAME>(),
#include "ir/rule_names.inc"
#undef NABLA_RULE
};
static_assert(sizeof infos / sizeof infos[0] == rules::count);

template <class Row, unsigned I> Ex partial_of(const std::vector<Ex> &a, const Ex &r) {
  if constexpr (Row::arity == 1)
    return Row::template partial<I>(a[0], r);
  else if constexpr (Row::arity == 2)
    return Row::template partial<I>(a[0], a[1], r);
  else
    return Row::template partial<I>(a[0], a[1], a[2], r);
}

/// The partial by the argument of that number, which may be known at run time only.
template <rules::id I> Ex any_partial_of(unsigned arg, const std::vector<Ex> &a, const Ex &r) {
  using Row = rules::row<I>;
  constexpr unsigned reals = Row::integer_second ? 1 : Row::arity;
  if (arg == 0)
    return partial_of<Row, 0>(a, r);
  if constexpr (reals > 1)
    if (arg == 1)
      return partial_of<Row, 1>(a, r);
  if constexpr (reals > 2)
    if (arg == 2)
      return partial_of<Row, 2>(a, r);
  return constant(a[0], 0);
}

constexpr Ex (*partials[])(unsigned, const std::vector<Ex> &, const Ex &) = {
#define NABLA_RULE(NAME) any_partial_of<rules::id::NAME>,
#include "ir/rule_names.inc"
#undef NABLA_RULE
};

/// Takes the partial of marker variables and looks which of them occur.
ReadSet computed_read_set(Rule rule, unsigned arg) {
  Var markers[4];
  for (Var &m : markers) {
    m = std::make_shared<Variable>();
    m->type = Type::real();
  }
  if (info(rule).integer_second)
    markers[1]->type = Type::integer();
  std::vector<Ex> args(info(rule).arity);
  for (unsigned i = 0; i < args.size(); ++i)
    args[i] = read(markers[i]);
  bool occurs[4] = {};
  for_each_variable(partial(rule, arg, args, read(markers[3])), [&](const Var &v) {
    for (unsigned i = 0; i < 4; ++i)
      occurs[i] = occurs[i] || v == markers[i];
  });
  return {occurs[0], occurs[1], occurs[2], occurs[3]};
}

} // namespace

const RuleInfo &info(Rule rule) { return infos[static_cast<unsigned>(rule)]; }

std::optional<Rule> rule_named(std::string_view name) {
  for (unsigned i = 0; i < rules::count; ++i)
    if (name == infos[i].name)
      return static_cast<Rule>(i);
  return std::nullopt;
}

std::optional<Rule> rule_spelled(std::string_view spelling, unsigned arity) {
  for (unsigned i = 0; i < rules::count; ++i)
    if (spelling == infos[i].spelling && arity == infos[i].arity)
      return static_cast<Rule>(i);
  return std::nullopt;
}

Ex partial(Rule rule, unsigned arg, const std::vector<Ex> &args, const Ex &result) {
  if (args.size() != info(rule).arity || arg >= args.size())
    internal_error("a partial of '" + std::string(info(rule).name) + "' by a wrong argument");
  return partials[static_cast<unsigned>(rule)](arg, args, result);
}

ReadSet read_set(Rule rule, unsigned arg) {
  static const auto all = [] {
    std::vector<std::array<ReadSet, 3>> sets(rules::count);
    for (unsigned r = 0; r < rules::count; ++r)
      for (unsigned i = 0; i < infos[r].arity; ++i)
        sets[r][i] = computed_read_set(static_cast<Rule>(r), i);
    return sets;
  }();
  return all[static_cast<unsigned>(rule)][arg];
}

} // namespace nabla::ir
