#include "emit/parts.h"
#include "emit/conversion.h"
#include "emit/statement.h"
#include "ir/print.h"
#include "ir/walk.h"
#include <algorithm>
#include <set>
#include <unordered_map>
#include <unordered_set>

namespace nabla::emit {
using namespace ir;
namespace {

constexpr std::size_t long_function = 6000,
                      part_length = 300; // statements; measured with clang 19 and GCC 12

/// Can it be a member that is set later?
bool is_plain(const Type &t) {
  if (t.is(Type::Array))
    return is_plain(t.element());
  if (t.is(Type::Record))
    return t.members().is_aggregate && !t.has_constructor() && !t.has_initialisers() && !t.has_outside() &&
           !t.holds_handles();
  return (t.is(Type::Real) && !t.is_handle()) || t.is_discrete() ||
         (t.is(Type::Pointer) && !t.is_reference());
}

/// Variables that begin with a list of values: members could not be given it.
std::set<Var> tables_of(const Block &b) {
  std::set<Var> out;
  for (const Stmt &s : b)
    if (const Declare *d = std::get_if<Declare>(&s.node);
        d && (!d->elements.empty() || (d->init && d->var->type.is(Type::Array))))
      out.insert(d->var);
  return out;
}

/// Writes a parameter itself or a member of it, so that the next part would have to know.
bool writes_parameter(const Block &b) {
  bool found = false;
  for_each_stmt(b, [&](const Stmt &s) {
    for (const Place &p : writes_of(s))
      found = found || (p.root->kind == Variable::Param &&
                        std::none_of(p.path.begin(), p.path.end(),
                                     [](const Step &step) { return std::holds_alternative<Deref>(step); }));
  });
  return found;
}

/// Makes use of the record that lies nearest, which no part but the one that mentions it would have.
bool allocates(const Block &b) {
  bool found = false;
  for_each_stmt(b, [&](const Stmt &s) { found = found || std::holds_alternative<Allocate>(s.node); });
  return found;
}

bool takes_address(const Block &b, const std::set<Var> &params) {
  bool found = false;
  for_each_stmt(b, [&](const Stmt &s) {
    for_each_expr(s, [&](const Ex &e) {
      for_each_subexpr(e, [&](const Ex &sub) {
        const AddressOf *a = std::get_if<AddressOf>(&sub->node);
        found = found || (a && params.count(a->place.root) && !a->place.root->type.is(Type::Pointer));
      });
    });
  });
  return found;
}

} // namespace

std::optional<Parts> parts_of(const Function &f) {
  if (f.body.size() < long_function || allocates(f.body) || writes_parameter(f.body))
    return std::nullopt;
  std::set<Var> params(f.params.begin(), f.params.end());
  if (takes_address(f.body, params) || !std::all_of(params.begin(), params.end(), [](const Var &p) {
        return is_plain(p->type) || p->type.is_reference();
      }))
    return std::nullopt;

  Parts out;
  std::unordered_map<const Variable *, std::size_t> last; // the part that mentioned it before
  std::unordered_set<const Variable *> shared;
  for (std::size_t begin = 0; begin < f.body.size(); begin += part_length) {
    std::size_t end = std::min(begin + part_length, f.body.size());
    out.parts.push_back({Block(f.body.begin() + begin, f.body.begin() + end), {}});
    for_each_variable(out.parts.back().statements, [&](const Var &v) {
      auto it = last.emplace(v.get(), begin).first;
      bool is_own = v->kind == Variable::Local || v->kind == Variable::StaticConst;
      if (is_own && it->second != begin && shared.insert(v.get()).second)
        out.shared.push_back(v);
      it->second = begin;
    });
    for (const Var &p : f.params)
      if (auto it = last.find(p.get()); it != last.end() && it->second == begin)
        out.parts.back().params.push_back(p);
  }
  const std::set<Var> tables = tables_of(f.body);
  bool can_move = std::all_of(out.shared.begin(), out.shared.end(), [&](const Var &v) {
    return v->kind == Variable::Local && is_plain(v->type) && !tables.count(v);
  });
  return can_move ? std::optional<Parts>(std::move(out)) : std::nullopt;
}

/// A local class whose members are what the parts share, and the parts themselves.
void StatementPrinter::in_parts(const Parts &p) {
  std::string object = names_.declare(std::string("all"));
  layout_.line(depth_, "struct {", "a function this long is compiled in parts");
  ++depth_;
  std::map<std::string, std::string> members; // by type: their names
  for (const Var &v : p.shared) {
    shared_.insert(v.get());
    bool is_value = v->type.is(Type::Real) || v->type.is_discrete();
    std::string type = is_value ? spell(drop_const(v->type), "") : "";
    const std::string &name = names_.declare(v);
    std::string &list = members[type];
    list += (list.empty()   ? ""
             : type.empty() ? "; "
                            : ", ") +
            (type.empty() ? spell(drop_const(v->type), name) : name);
  }
  for (const auto &[type, list] : members)
    line((type.empty() ? "" : type + " ") + list + ";");
  std::vector<std::string> calls;
  for (const Part &part : p.parts) {
    std::string name = names_.declare("part_" + std::to_string(calls.size() + 1)), params, args;
    for (const Var &v : part.params) {
      params += (params.empty() ? "" : ", ") + parameter(v, names_(v));
      args += (args.empty() ? "" : ", ") + names_(v);
    }
    bool is_last = calls.size() + 1 == p.parts.size();
    braced("[[gnu::noinline]] " + spell(is_last ? f_.result : Type(), name + "(" + params + ")"),
           part.statements, "");
    line("}");
    calls.push_back((is_last && !f_.result.is(Type::Void) ? "return " : "") + object + "." + name + "(" +
                    args + ");");
  }
  --depth_;
  line("} " + object + ";");
  for (const std::string &call : calls)
    line(call);
}

} // namespace nabla::emit
