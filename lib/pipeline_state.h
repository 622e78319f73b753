// Inside of the pipeline: what has been made so far, and the passes in their order. Shared by pipeline*.cpp.
#pragma once
#include "analysis/domain.h"
#include "diff/adjoint.h"
#include "diff/arena.h"
#include "diff/bases.h"
#include "diff/blocks.h"
#include "diff/boundary.h"
#include "diff/branches.h"
#include "diff/carrier.h"
#include "diff/checkpoint.h"
#include "diff/choices.h"
#include "diff/fission.h"
#include "diff/gather.h"
#include "diff/inline.h"
#include "diff/keep_arguments.h"
#include "diff/postpone.h"
#include "diff/retain.h"
#include "diff/scalars.h"
#include "diff/share.h"
#include "diff/simplify.h"
#include "diff/structure.h"
#include "diff/sums.h"
#include "diff/tangent.h"
#include "diff/zeros.h"
#include "emit/emit.h"
#include "ir/make.h"
#include "ir/print.h"
#include "ir/verify.h"
#include "ir/walk.h"
#include "pipeline.h"
#include <algorithm>
#include <cstdio>

namespace nabla {
using namespace ir;

/// While it lives, pairs are made without their texts.
struct Silence {
  bool &silent, before = silent;
  explicit Silence(bool &silent) : silent(silent) { silent = true; }
  ~Silence() { silent = before; }
};

/// A helper's name is taken while it is made; where it is refused, a caller may try again with copies of its arguments.
class Underway {
public:
  Underway(std::set<std::string> &taken, std::string name)
      : is_first(taken.insert(name).second), taken_(taken), name_(std::move(name)),
        exceptions_(std::uncaught_exceptions()) {}
  Underway(const Underway &) = delete;
  ~Underway() {
    if (is_first && std::uncaught_exceptions() > exceptions_)
      taken_.erase(name_);
  }
  const bool is_first;

private:
  std::set<std::string> &taken_;
  std::string name_;
  int exceptions_;
};

struct Pipeline::State {
  Host &host;
  Options options;
  std::map<CalleeRef, Function> structured; ///< bodies of visible callees
  std::map<CalleeRef, bool> leaving;        ///< leaves_domain
  std::map<CalleeRef, bool> writing_constants;
  std::set<std::string> emitted; ///< helper pairs in this file
  std::map<std::string, std::size_t>
      defined; ///< helpers in texts, here or in another file: number of parameters
  std::map<std::string, std::size_t> called; ///< helpers that texts of this request call: number of arguments
  std::vector<Text> texts, declarations;
  struct Made {
    Function function;
    std::string prefix, head;
    bool is_emitted;
  };
  std::map<std::string, Made> generated;  ///< helpers by name: second order differentiates them
  std::set<std::string> nested_helpers;   ///< those of derivatives that are differentiated again
  std::map<CalleeRef, bool> makes_memory; ///< of takes_record
  bool silent = false;                  ///< pairs are made for second order alone: their texts are not wanted
  bool is_differentiated_again = false; ///< what is being made is itself differentiated
  std::map<CalleeRef, bool> handing_on; ///< answers of hands_on_memory
  std::map<CalleeRef, diff::CheckpointedLoop> loops; ///< by the call that stands for them
  std::map<std::string, unsigned> loop_prefixes;     ///< how many functions of that name have such

  /// Of helpers without snapshots (with_checkpoints): they are not those that first order uses.
  /// Of helpers. Another file may make others of the same function: it sees other bodies and marks.
  static constexpr const char *own_prefix = "static inline ";
  static constexpr const char *write_nothing =
      "let that function take a const pointer or reference, and change a copy";

  const char *order_suffix() const { return silent || is_differentiated_again ? "_second" : ""; }

  bool on(const char *analysis) const { return !options.disabled.count(analysis); }

  /// Every pass ends here: verified, then shown if asked for.
  Function checked(const char *pass, Function f) {
    try {
      verify(f);
    } catch (InternalError &e) {
      e.where = std::string("after pass ") + pass;
      if (options.dump.count(pass))
        std::fprintf(stderr, "// after pass %s, not valid:\n%s\n", pass, print(f).c_str());
      throw;
    }
    if (options.dump.count(pass))
      std::fprintf(stderr, "// after pass %s\n%s\n", pass, print(f).c_str());
    return f;
  }

  template <class Fn> Function run_pass(const char *pass, const Fn &fn) {
    try {
      return checked(pass, fn());
    } catch (InternalError &e) {
      if (e.where.empty())
        e.where = pass;
      throw;
    }
  }

  const Function &body(const CalleeRef &callee) {
    auto it = structured.find(callee);
    if (it != structured.end())
      return it->second;
    auto made = generated.find(callee->name);
    if (made != generated.end())
      return made->second.function;
    if (callee->derivative)
      return structured.emplace(callee, derivative_body(*callee)).first->second;
    bool has_containers = std::any_of(callee->params.begin(), callee->params.end(),
                                      [](const Type &t) { return t.has_outside(); });
    if (callee->kind == Callee::Promised && !has_containers)
      return structured.emplace(callee, calling(callee)).first->second;
    const Function &imported = host.body(callee);
    run_pass("import", [&] { return imported; });
    Function f = run_pass("structure", [&] { return diff::structure(imported); });
    return structured.emplace(callee, std::move(f)).first->second;
  }

  /// `for_tangent`: functions with a pushforward of their own stay calls.
  Function prepared(const CalleeRef &callee, bool for_tangent = false) {
    return split_containers(inlined(callee, for_tangent));
  }

  Function split_containers(const Function &f) {
    return run_pass("scalars", [&] { return diff::split_containers(f); });
  }

  Request with_globals(Request request);
  Function without_globals(Function made, const Request &request);

  /// For users to call: with parameters of their own types.
  diff::Boundary opened(const CalleeRef &callee, const std::vector<bool> &wrt, bool for_tangent) {
    diff::Boundary b;
    run_pass("boundary", [&] {
      b = diff::open_boundary(inlined(callee, for_tangent), wrt);
      return b.function;
    });
    b.function = split_containers(b.function);
    return b;
  }

  Function inlined(const CalleeRef &callee, bool for_tangent) {
    Function f = body(callee);
    bool all = on("inline");
    auto keeps = [&](const CalleeRef &c) {
      return (for_tangent && !c->own_pushforward.empty()) ||
             (!all && may_stay_call(*c) && !hands_on_memory(c));
    };
    f = run_pass("inline", [&] {
      return diff::inline_calls(f, [&](const CalleeRef &c) -> const Function & { return body(c); }, keeps);
    });
    return run_pass("merge", [&] {
      return diff::merge_declarations(expand_initialisers(diff::assign_members_of_bases(f)));
    });
  }

  /// Does it call rules that look at memory in the reverse sweep, which its caller may have overwritten by then?
  bool hands_on_memory(const CalleeRef &c) {
    auto [known, is_new] = handing_on.try_emplace(c, false);
    bool found = false;
    if (is_new && c->kind == Callee::Visible && !c->derivative)
      for_each_stmt(body(c).body, [&](const Stmt &s) {
        auto *call = std::get_if<Call>(&s.node);
        found = found || (call && (call->callee->kind == Callee::Own || call->callee->derivative ||
                                   hands_on_memory(call->callee)));
      });
    return is_new ? handing_on[c] = found : known->second;
  }

  /// Without the pass `inline` as well, what only inlining can do is done: pointers that lead on, constructors, the
  /// library's classes.
  static bool may_stay_call(const Callee &c) {
    auto is_plain = [](const Type &t) {
      bool of_library = t.is(Type::Record) && (t.spelling().rfind("std::", 0) == 0 ||
                                               t.spelling().rfind("nabla::members<", 0) == 0);
      return !t.is(Type::Pointer) && !t.contains_real_pointers() && !of_library;
    };
    bool simple = is_plain(c.result) &&
                  (c.namespaces.empty() || (c.namespaces[0] != "std" && c.namespaces[0] != "__gnu_cxx"));
    for (const Type &t : c.params)
      simple = simple && is_plain(t.is(Type::Pointer) ? t.element().with_const(false) : t.with_const(false));
    return simple && !is_constructor(c);
  }
  /// "ns::Scaled<2>::Scaled"
  static bool is_constructor(const Callee &c) {
    std::size_t last = c.name.rfind("::");
    if (last == std::string::npos)
      return false;
    std::string own = c.name.substr(last + 2), of = c.name.substr(0, last);
    of = of.substr(0, of.find('<'));
    std::size_t inner = of.rfind("::");
    return own == (inner == std::string::npos ? of : of.substr(inner + 2));
  }

  /// p = new T(e)  becomes  p = new T; *p = e, with e evaluated first where it reads the old p
  static Function expand_initialisers(const Function &f) {
    std::function<Block(const Block &)> expand = [&](const Block &block) {
      Block out;
      for (const Stmt &s : block) {
        auto *allocation = std::get_if<Allocate>(&s.node);
        if (!allocation || !allocation->init) {
          out.push_back(with_blocks(s, expand));
          continue;
        }
        Allocate bare = *allocation;
        Ex value = *bare.init;
        bare.init.reset();
        bool reads = false;
        for_each_variable(value, [&](const Var &v) { reads |= v == bare.to.root; });
        if (reads) {
          Var first = temporary("value", value.type().with_const());
          out.push_back({Declare{first, value, false, {}}, s.loc, 0});
          value = ir::read(first);
        }
        Place target = bare.to;
        target.path.push_back(Deref{});
        out.push_back({bare, s.loc, 0});
        out.push_back({Assign{target, value}, s.loc, 0});
      }
      return out;
    };
    Function out = f;
    out.body = expand(out.body);
    renumber(out);
    return out;
  }

  /// Does the rule use its parameter with that number? A rule whose body cannot be looked into may.
  bool rule_reads(const CalleeRef &rule, std::size_t i) {
    if (!rule)
      return true;
    try {
      const Function &f = body(rule);
      bool found = false;
      for_each_variable(f.body, [&](const Var &v) { found = found || v == f.params.at(i); });
      return found;
    } catch (const Refusal &) {
      return true;
    }
  }

  /// analysis::may_leave_domain of a function whose body is known; of others, true.
  bool leaves_domain(const CalleeRef &c) {
    if (*order_suffix()) // tangents are infinite or NaN where values are not
      return true;
    if (auto known = leaving.find(c); known != leaving.end())
      return known->second;
    std::set<CalleeRef> seen;
    std::function<bool(const CalleeRef &)> visit = [&](const CalleeRef &f) {
      if (!seen.insert(f).second)
        return false;
      try {
        return f->kind != Callee::Visible || analysis::may_leave_domain(body(f), visit);
      } catch (const Refusal &) {
        return true;
      }
    };
    return leaving[c] = visit(c);
  }

  Function with_shared_calls(const Function &f) {
    std::optional<Function> made =
        on("share") && on("values") ? diff::share_calls(f, on("alias")) : std::nullopt;
    return made || options.dump.count("share") ? run_pass("share", [&] { return made ? *made : f; }) : f;
  }

  bool writes_constants(const CalleeRef &c); // pipeline_const.cpp
  void refuse_written_constants(const Function &f);

  diff::Adjoint differentiate(const Function &marked, const std::vector<bool> &wrt,
                              diff::AdjointOptions how) {
    how.rule_reads = [&](const Callee &c, std::size_t i) { return rule_reads(c.own_rule, i); };
    how.leaves_domain = [&](const CalleeRef &c) { return leaves_domain(c); };
    const Function f = with_shared_calls(one_order_more(
        diff::retain_for_rules(diff::spread_choices(with_checkpoints(marked, how.split), how.split),
                               on("alias"), how.rule_reads),
        {}));
    refuse_written_constants(f);
    refuse_changed_globals(f);
    refuse_reverse_sweeps(f);
    how.alias = on("alias");
    how.activity = on("activity");
    how.values = on("values");
    how.fusion = on("fusion");
    how.order = on("order");
    how.windows = on("windows");
    how.cut = on("cut");
    how.ranges = on("ranges");
    how.copies = on("copies");
    how.restricted = on("restrict");
    diff::Adjoint out;
    run_pass(how.split ? "adjoint-forward" : "adjoint", [&] {
      auto split_of = [&](const CalleeRef &c, const diff::CallSite &site, const Loc &loc) {
        auto loop = loops.find(c);
        return loop != loops.end() ? checkpointed(loop->second, site, how.nullable.all) : split(c, site, loc);
      };
      try {
        out = diff::make_adjoint(f, wrt, how, split_of);
      } catch (const Refusal &refusal) {
        const bool is_lost = refusal.id == Diag::SecondOrderCall || refusal.id == Diag::OwnPullbackState;
        auto kept = is_lost ? diff::keep_arguments(f) : std::nullopt;
        if (!kept)
          throw;
        out = diff::make_adjoint(*kept, wrt, how, split_of);
      }
      return how.split ? out.forward : out.joined;
    });
    if (how.split)
      run_pass("adjoint-reverse", [&] { return out.reverse; });
    if (options.report)
      std::fprintf(
          stderr, "%s",
          diff::table(out.report, how.name + (f.loc ? ", line " + std::to_string(f.loc->line) : "")).c_str());
    for (auto &[loc, text] : out.remarks)
      if (options.remarks)
        host.remark(loc, text);
    return out;
  }

  Function finished(const Function &f) {
    Function out = on("simplify") ? run_pass("simplify", [&] { return diff::simplify(f); }) : f;
    bool changed = false, loops = false, branches = false;
    for_each_stmt(out.body, [&](const Stmt &s) {
      loops = loops || std::holds_alternative<For>(s.node);
      branches = branches || std::holds_alternative<If>(s.node);
    });
    auto apply = [&](const char *pass, bool is_on, std::optional<Function> (*transform)(const Function &)) {
      std::optional<Function> made = is_on ? transform(out) : std::nullopt;
      changed = changed || made;
      if (made || options.dump.count(pass))
        out = run_pass(pass, [&] { return made ? std::move(*made) : out; });
    };
    if (loops && on("sums"))
      out = run_pass("sums", [&] { return diff::sum_in_locals(out); });
    apply("postpone", loops && on("postpone"), diff::postpone_linear);
    unsigned before = out.statements;
    if (loops && on("gather"))
      out = run_pass("gather", [&] { return diff::gather_neighbours(out); });
    if (loops && on("fission"))
      out = run_pass("fission", [&] { return diff::split_loops(out); });
    changed = changed || out.statements != before;
    apply("branches", (loops || branches) && on("branches"), diff::join_branches);
    apply("zeros", loops && on("zeros"), diff::hoist_zeros);
    bool tidy_up = on("simplify") && changed;
    return tidy_up ? run_pass("simplify", [&] { return diff::simplify(out); }) : out;
  }

  Function in_blocks(const Function &f) {
    std::optional<diff::Blocked> made = on("blocks") ? diff::record_in_blocks(f) : std::nullopt;
    if (options.remarks && made)
      for (const Loc &loc : made->loops)
        host.remark(loc, "recorded in blocks where the record is larger than the caches: the iterations of a "
                         "block run again before its reverse sweep");
    if (options.report && made)
      for (const Loc &loc : made->loops)
        std::fprintf(stderr, "%s", diff::line_of_blocks(loc).c_str());
    if (!made && !options.dump.count("blocks"))
      return f;
    Function out = run_pass("blocks", [&] { return made ? made->function : f; });
    return made && on("simplify") ? run_pass("simplify", [&] { return diff::simplify(out); }) : out;
  }

  // ---- Pairs for calls that stay calls ----

  static CalleeRef helper(const Function &shape, std::string name, unsigned order = 1,
                          std::string helps = "") {
    auto c = std::make_shared<Callee>();
    c->name = std::move(name);
    c->kind = Callee::Visible; // at second order, its body is differentiated again
    c->result = shape.result;
    c->mangled = c->name;
    c->order = order;
    c->helps = std::move(helps);
    for (const Var &v : shape.params) {
      c->params.push_back(v->type);
      c->param_names.push_back(v->name);
    }
    return c;
  }

  static std::string identifier(const std::string &mangled) {
    std::string out;
    for (char c : mangled)
      out += std::isalnum(static_cast<unsigned char>(c)) ? c : '_';
    return out;
  }

  /// Signatures of the pair, known before its bodies are.
  static diff::SplitCallee signature(const CalleeRef &c, const diff::CallSite &site, const std::string &name,
                                     unsigned order = 1) {
    diff::SplitCallee pair;
    const std::vector<bool> &wrt = pair.wrt = site.active;
    Function forward, reverse;
    forward.result = c->result;
    Var record = ir::local("record", diff::record_parameter());
    for (std::size_t i = 0; i < c->params.size(); ++i)
      forward.params.push_back(ir::local(c->param_names[i], c->params[i]));
    for (std::size_t i = 0; i < c->params.size(); ++i)
      if (wrt[i] && c->params[i].is(Type::Pointer))
        forward.params.push_back(
            ir::local(c->param_names[i] + "_bar",
                      diff::adjoint_param_type(c->params[i], i < site.bare.size() && site.bare[i])));
    forward.params.push_back(record);
    reverse.params.push_back(record);
    if (c->result.contains_reals())
      reverse.params.push_back(ir::local("seed", c->result.without_const()));
    for (std::size_t i = 0; i < c->params.size(); ++i)
      if (wrt[i] && !c->params[i].is(Type::Pointer))
        reverse.params.push_back(
            ir::local(c->param_names[i] + "_bar", diff::adjoint_param_type(c->params[i])));
    pair.forward = helper(forward, name + "_forward", order, c->name);
    pair.reverse = helper(reverse, name + "_reverse", order, c->name);
    return pair;
  }

  static std::vector<bool> all_real_parameters(const CalleeRef &c) {
    std::vector<bool> wrt;
    for (const Type &t : c->params)
      wrt.push_back(t.holds_reals());
    return wrt;
  }

  /// "1": differentiated by that parameter, "n": where it has a shadow, "0": not
  static std::string mask(const diff::CallSite &site) {
    std::string out;
    for (std::size_t i = 0; i < site.active.size(); ++i)
      out += !site.active[i] ? '0' : i < site.bare.size() && site.bare[i] ? 'n' : '1';
    return out + (site.overlap ? "_overlap" : "") + (site.guarded ? "_guarded" : "");
  }

  diff::SplitCallee split(const CalleeRef &c, const diff::CallSite &site, const Loc &loc) {
    if (c->derivative &&
        c->derivative->mode != Derivative::Pushforward) // a pushforward is code like any other
      return nested(c, site.active, loc);
    if (c->kind == Callee::Promised) {
      diff::SplitCallee pair =
          signature(c, {all_real_parameters(c), {}}, "_nabla_" + identifier(c->mangled), c->order);
      declare_pair(pair, {});
      return pair;
    }
    std::string name = "_nabla_" + identifier(c->mangled) + "_" + mask(site) + order_suffix();
    diff::SplitCallee pair = signature(c, site, name);
    pair.accepts_bare = true;
    make_pair(c, site, name, own_prefix, {silent, true});
    return pair;
  }

  void declare_pair(const diff::SplitCallee &pair, const std::string &prefix) {
    declare_function(pair.forward, prefix);
    declare_function(pair.reverse, prefix);
  }

  void declare_function(const CalleeRef &c, const std::string &prefix); // pipeline_texts.cpp

  struct PairKind {
    bool nullable; ///< callers may pass null shadows
    bool is_helper;
  };

  void make_pair(const CalleeRef &c, const diff::CallSite &site, const std::string &name,
                 const std::string &prefix, const PairKind &kind) {
    const Underway making(emitted, name);
    if (!making.is_first)
      return;
    if (!silent)
      declare_pair(signature(c, site, name), prefix);
    Function primal = prepared(c);
    primal.may_alias = primal.may_alias || site.overlap;
    diff::AdjointOptions how;
    how.name = name;
    how.has_seed = true;
    how.split = true;
    how.finite = !site.guarded && !leaves_domain(c);
    how.nullable = {kind.nullable, site.bare};
    diff::Adjoint pair = differentiate(primal, site.active, how);
    for (Function *f : {&pair.forward, &pair.reverse}) {
      *f = finished(*f);
      f->may_alias = primal.may_alias;
    }
    std::string heads[] = {"forward sweep of " + c->name + ", recorded",
                           "reverse sweep of " + c->name + ", from the record"};
    generated[pair.forward.name] = {pair.forward, prefix, heads[0], !silent};
    generated[pair.reverse.name] = {pair.reverse, prefix, heads[1], !silent};
    if (silent)
      return;
    emit_called(pair.forward);
    emit_called(pair.reverse);
    emit_text(pair.forward, prefix, {}, heads[0], kind.is_helper);
    emit_text(pair.reverse, prefix, {}, heads[1], kind.is_helper);
  }

  // ---- Forward mode and second order: pipeline_tangent.cpp ----

  Function tangent(const Function &f, const std::vector<bool> &wrt, diff::TangentOptions how,
                   bool second_order);
  diff::TangentCallee pushforward(const CalleeRef &c, const diff::CallSite &site, const Loc &loc,
                                  const diff::TangentOptions &how, bool second_order);
  bool takes_record(const CalleeRef &c);
  static Function one_order_more(Function f, const Directions &directions);
  bool is_linear(const Callee &c);
  diff::TangentCallee own_pushforward(const CalleeRef &c, const Loc &loc, const diff::TangentOptions &how,
                                      bool second_order);
  CalleeRef tangent_signature(const CalleeRef &c, const std::vector<bool> &wrt, const std::string &name,
                              const diff::TangentOptions &how);
  void make_pushforward(const CalleeRef &c, const std::vector<bool> &wrt, const CalleeRef &made,
                        diff::TangentOptions how, bool overlap, bool second_order, bool is_helper);
  void promise_second_order(const CalleeRef &c);
  Function calling(const CalleeRef &c);
  Function from_pullback(const CalleeRef &c, const std::string &name);
  bool writes_through(const Function &f, const Var &pointer);
  Function hvp(const CalleeRef &c, const std::vector<bool> &directions, const std::vector<bool> &results,
               diff::TangentOptions how, bool with_adjoints = false);
  Function hvp(const Function &primal, const std::string &name, const std::vector<bool> &directions,
               const std::vector<bool> &results, diff::TangentOptions how, bool with_adjoints);
  Function third(const CalleeRef &c, const std::vector<bool> &first, const std::vector<bool> &second,
                 const std::vector<bool> &results, diff::TangentOptions how);
  Function derivative(const CalleeRef &c, const std::vector<bool> &wrt, const std::string &name,
                      const Directions &terms);
  std::vector<Function> with_called(const Function &f);
  std::set<std::string> written_globals(const Function &f);
  void refuse_changed_globals(const Function &f);
  void refuse_reverse_sweeps(const Function &f); // pipeline_nested.cpp
  void refuse_unknown_shapes(const CalleeRef &c, const Loc &loc);
  void refuse_written_arguments(const CalleeRef &c, const Loc &loc);
  std::optional<diff::TangentCallee> nested_tangent(const CalleeRef &c, const diff::CallSite &site,
                                                    const std::string &name, const Loc &loc);
  static std::string differentiated_by(const Derivative &d);
  diff::SplitCallee nested(const CalleeRef &c, const std::vector<bool> &active, const Loc &loc);
  CalleeRef keep(const Function &f, const std::string &prefix, const std::string &head);
  Function gradient(const Function &primal, const std::vector<bool> &wrt, const std::string &name,
                    bool has_seed, const diff::Nullable &nullable = {}, bool finite = true);
  Function derivative_body(const Callee &c);
  Function with_checkpoints(const Function &f, bool split); // pipeline_checkpoint.cpp
  diff::SplitCallee checkpointed(const diff::CheckpointedLoop &loop, const diff::CallSite &site,
                                 bool nullable);
  Function wide_pullback(const Function &primal, const std::vector<bool> &wrt, const std::string &name,
                         const Directions &lanes); // pipeline_lanes.cpp
  CalleeRef lane_by_lane(const CalleeRef &c, const std::vector<bool> &wrt, const diff::TangentOptions &how,
                         const std::string &one_lane);
  Function body_in_lanes(const CalleeRef &c, const Loc &loc);
  CalleeRef wide_callee(const CalleeRef &c, const std::vector<bool> &wide, const Directions &lanes,
                        bool one_by_one, const Loc &loc);

  void emit_called(const Function &f); // pipeline_texts.cpp
  void emit_text(const Function &f, const std::string &prefix, const std::vector<std::string> &namespaces,
                 const std::string &head, bool is_helper);
  void begin_texts();
  std::vector<Text> finished_texts();
  /// What is made from here on may turn out to be refused though the file stands: `undo` forgets it.
  class Attempt {
  public:
    explicit Attempt(State &s);
    void undo();

  private:
    State &s_;
    std::set<std::string> emitted_;
    std::map<std::string, std::size_t> defined_, called_;
    std::set<CalleeRef> structured_;
    std::size_t texts_;
  };
};

} // namespace nabla
