#include "diff/structure.h"
#include "ir/diagnostic.h"
#include "ir/make.h"
#include "ir/walk.h"

namespace nabla::diff {
using namespace ir;

namespace {

const char *const function_label = "return";

/// Can control reach the end of the block?
bool completes(const Block &block);

/// Is there an Exit to `label` in the block?
bool exits_to(const Block &block, const std::string &label) {
  bool found = false;
  for_each_stmt(block, [&](const Stmt &s) {
    if (auto *e = std::get_if<Exit>(&s.node))
      found |= e->label == label;
    found |= label == function_label && std::holds_alternative<Return>(s.node);
  });
  return found;
}

bool completes(const Stmt &s) {
  if (std::holds_alternative<Exit>(s.node) || std::holds_alternative<Return>(s.node))
    return false;
  if (auto *i = std::get_if<If>(&s.node))
    return completes(i->yes) || completes(i->no);
  if (auto *scope = std::get_if<Scope>(&s.node))
    return completes(scope->body) || exits_to(scope->body, scope->label);
  return true;
}

bool completes(const Block &block) {
  for (const Stmt &s : block)
    if (!completes(s))
      return false;
  return true;
}

class Structurer {
public:
  explicit Structurer(const Function &f) : function_(f) {}

  Function run() {
    Function out = function_;
    if (!needs_work())
      return out;
    if (!function_.result.is(Type::Void))
      result_ =
          local(unqualified(function_.name), returns_reference() ? Type::pointer(function_.result.element())
                                                                 : function_.result.with_const(false));
    out.body = lower_scope(function_label, function_.body, function_.loc);
    if (result_) {
      out.body.insert(out.body.begin(), {Declare{result_, {}, true, {}}, function_.loc, 0});
      Ex value =
          returns_reference() ? make(AddressOf{Place{result_, {Deref{}}}}, function_.result) : read(result_);
      out.body.push_back({Return{value}, function_.loc, 0});
    }
    return out;
  }

private:
  struct Flag {
    Var var;
    bool tested = false;
  };

  /// Nothing to do: no exits, and at most one Return, at the very end.
  bool needs_work() const {
    bool found = false;
    const Stmt *last = function_.body.empty() ? nullptr : &function_.body.back();
    for_each_stmt(function_.body, [&](const Stmt &s) {
      found |= std::holds_alternative<Exit>(s.node) || std::holds_alternative<Scope>(s.node);
      found |= std::holds_alternative<Return>(s.node) && &s != last;
    });
    return found;
  }

  Var flag_of(const std::string &label) {
    Flag &flag = flags_[label];
    if (!flag.var)
      flag.var = local(label == function_label ? "returned" : "left", Type::boolean());
    return flag.var;
  }

  Ex not_left(const std::set<std::string> &labels) {
    Ex any;
    for (const std::string &label : labels) {
      Ex flag = read(flag_of(label));
      flags_[label].tested = true;
      any = any ? native("||", {any, flag}, Type::boolean()) : flag;
    }
    return native("!", {any}, Type::boolean());
  }

  /// The scope's body, its exits lowered; the flag comes first if anything asks for it.
  Block lower_scope(const std::string &label, const Block &body, const Loc &loc) {
    std::optional<Flag> outer;
    if (auto it = flags_.find(label); it != flags_.end())
      outer = it->second; // the same label further out (a recursive import never does this, inlining may)
    flags_.erase(label);
    std::set<std::string> exits;
    Block out = lower(body, exits);
    Flag flag = flags_[label];
    flags_.erase(label);
    if (outer)
      flags_[label] = *outer;
    if (flag.var && flag.tested)
      out.insert(out.begin(), {Declare{flag.var, literal_false(), false, {}}, loc, 0});
    else if (flag.var)
      out = without_writes(out, flag.var);
    return out;
  }

  Block without_writes(const Block &block, const Var &flag) {
    Block out;
    for (const Stmt &s : block) {
      auto *a = std::get_if<Assign>(&s.node);
      if (a && a->to.root == flag)
        continue;
      out.push_back(with_blocks(s, [&](const Block &b) { return without_writes(b, flag); }));
    }
    return out;
  }

  /// `exits`: labels that control may have left for when the block ends.
  Block lower(const Block &block, std::set<std::string> &exits) {
    Block out;
    for (std::size_t i = 0; i < block.size(); ++i) {
      const Stmt &s = block[i];
      const Block rest(block.begin() + i + 1, block.end());
      if (auto *branch = std::get_if<If>(&s.node);
          branch && !rest.empty() && (!completes(branch->yes) || !completes(branch->no))) {
        lower_split(s, *branch, rest, out, exits);
        return out;
      }
      std::set<std::string> here;
      lower_one(s, out, here);
      exits.insert(here.begin(), here.end());
      if (!completes(s))
        return out; // what follows is never reached
      if (!here.empty() && !rest.empty()) {
        Ex guard = not_left(here);
        Block guarded = lower(rest, exits);
        if (!guarded.empty())
          out.push_back({If{guard, std::move(guarded), {}}, rest.front().loc, 0});
        return out;
      }
    }
    return out;
  }

  /// primal: if (c) { ...; exit } rest      becomes: if (c) { ...; exit } else { rest }
  void lower_split(const Stmt &s, const If &branch, const Block &rest, Block &out,
                   std::set<std::string> &exits) {
    auto joined = [&](const Block &arm) {
      Block all = arm;
      if (completes(arm))
        all.insert(all.end(), rest.begin(), rest.end());
      return lower(all, exits);
    };
    Block yes = joined(branch.yes), no = joined(branch.no);
    if (yes.empty() && no.empty())
      return;
    if (yes.empty())
      out.push_back({If{native("!", {branch.cond}, Type::boolean()), std::move(no), {}}, s.loc, 0});
    else
      out.push_back({If{branch.cond, std::move(yes), std::move(no)}, s.loc, 0});
  }

  void lower_one(const Stmt &s, Block &out, std::set<std::string> &exits) {
    auto keep = [&](const auto &node) { out.push_back({node, s.loc, s.id}); };
    match(
        s.node,
        [&](const If &n) {
          Block yes = lower(n.yes, exits), no = lower(n.no, exits);
          if (yes.empty() && !no.empty())
            keep(If{native("!", {n.cond}, Type::boolean()), std::move(no), {}});
          else
            keep(If{n.cond, std::move(yes), std::move(no)});
        },
        [&](const For &n) { lower_for(n, s.loc, out, exits); },
        [&](const While &n) {
          std::set<std::string> inside;
          Block body = lower(n.body, inside);
          exits.insert(inside.begin(), inside.end());
          keep(While{stop_at(inside, n.cond), std::move(body)});
        },
        [&](const Scope &n) {
          Block body = lower_scope(n.label, n.body, s.loc);
          collect_exits(n.body, n.label, exits);
          out.insert(out.end(), body.begin(), body.end());
        },
        [&](const Exit &n) {
          exits.insert(n.label);
          out.push_back({Assign{Place{flag_of(n.label), {}}, literal_true()}, s.loc, 0});
        },
        [&](const Return &n) {
          exits.insert(function_label);
          if (n.value)
            // A reference is a pointer until the function returns.
            out.push_back({Assign{Place{result_, {}},
                                  returns_reference() ? make(n.value->get()->node, result_->type) : *n.value},
                           s.loc, 0});
          out.push_back({Assign{Place{flag_of(function_label), {}}, literal_true()}, s.loc, 0});
        },
        [&](const Try &) { internal_error("Try in pass structure", s.loc); },
        [&](const Throw &) { internal_error("Throw in pass structure", s.loc); },
        [&](const Declare &n) { keep(n); }, [&](const Assign &n) { keep(n); }, [&](const Add &n) { keep(n); },
        [&](const Call &n) { keep(n); }, [&](const Allocate &n) { keep(n); }, [&](const Free &n) { keep(n); },
        [&](const Opaque &n) { keep(n); }, [&](const Push &n) { keep(n); }, [&](const Pop &n) { keep(n); },
        [&](const Comment &n) { keep(n); });
  }

  /// A loop that may be left keeps its index as an ordinary variable.
  void lower_for(const For &n, const Loc &loc, Block &out, std::set<std::string> &exits) {
    std::set<std::string> inside;
    Block body = lower(n.body, inside);
    exits.insert(inside.begin(), inside.end());
    if (inside.empty()) {
      For same = n;
      same.body = std::move(body);
      out.push_back({std::move(same), loc, 0});
      return;
    }
    static const char *const spelling[] = {"<", "<=", ">", ">=", "!="};
    Type type = n.index->type.with_const(false);
    out.push_back({Declare{n.index, n.first, false, {}}, loc, 0});
    Ex index = read(n.index);
    body.push_back(
        {Assign{Place{n.index, {}},
                native(n.step < 0 ? "-" : "+", {index, integer(n.step < 0 ? -n.step : n.step, type)}, type)},
         loc, 0});
    Ex more = native(spelling[n.cmp], {index, n.bound}, Type::boolean());
    out.push_back({While{stop_at(inside, more), std::move(body)}, loc, 0});
  }

  Ex stop_at(const std::set<std::string> &labels, const Ex &cond) {
    return labels.empty() ? cond : native("&&", {not_left(labels), cond}, Type::boolean());
  }

  /// Labels other than `own` that the block may leave for.
  void collect_exits(const Block &body, const std::string &own, std::set<std::string> &exits) {
    std::set<std::string> inner{own};
    for_each_stmt(body, [&](const Stmt &s) {
      if (auto *scope = std::get_if<Scope>(&s.node))
        inner.insert(scope->label);
    });
    for_each_stmt(body, [&](const Stmt &s) {
      if (auto *e = std::get_if<Exit>(&s.node); e && !inner.count(e->label))
        exits.insert(e->label);
      if (std::holds_alternative<Return>(s.node))
        exits.insert(function_label);
    });
  }

  const Function &function_;
  bool returns_reference() const { return function_.result.is_reference(); }

  Var result_;
  std::map<std::string, Flag> flags_;
};

} // namespace

Function structure(const Function &f) {
  Function out = Structurer(f).run();
  renumber(out);
  return out;
}

} // namespace nabla::diff
