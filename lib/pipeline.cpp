#include "pipeline.h"
#include "diff/adjoint.h"
#include "diff/inline.h"
#include "diff/simplify.h"
#include "diff/structure.h"
#include "emit/emit.h"
#include "ir/make.h"
#include "ir/print.h"
#include "ir/verify.h"
#include "ir/walk.h"
#include <cstdio>

namespace nabla {
using namespace ir;

struct Pipeline::State {
  Host &host;
  Options options;
  std::map<CalleeRef, Function> structured; ///< bodies of visible callees
  std::set<std::string> emitted;            ///< helper pairs in this file
  std::vector<std::string> underway;        ///< helper pairs being made: a recursive one calls itself
  std::vector<Text> texts, declarations;

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
        e.where = std::string("pass ") + pass;
      throw;
    }
  }

  const Function &body(const CalleeRef &callee) {
    auto it = structured.find(callee);
    if (it != structured.end())
      return it->second;
    const Function &imported = host.body(callee);
    run_pass("import", [&] { return imported; });
    Function f = run_pass("structure", [&] { return diff::structure(imported); });
    return structured.emplace(callee, std::move(f)).first->second;
  }

  Function prepared(const CalleeRef &callee) {
    Function f = body(callee);
    if (on("inline"))
      f = run_pass("inline", [&] {
        return diff::inline_calls(f, [&](const CalleeRef &c) -> const Function & { return body(c); });
      });
    return run_pass("merge", [&] { return diff::merge_declarations(expand_initialisers(f)); });
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

  diff::Adjoint differentiate(const Function &f, const std::vector<bool> &wrt, diff::AdjointOptions how) {
    how.alias = on("alias");
    how.activity = on("activity");
    how.values = on("values");
    diff::Adjoint out;
    run_pass(how.split ? "adjoint-forward" : "adjoint", [&] {
      out = diff::make_adjoint(f, wrt, how,
                               [&](const CalleeRef &c, const std::vector<bool> &active, bool overlap,
                                   const Loc &) { return split(c, active, overlap); });
      return how.split ? out.forward : out.joined;
    });
    if (how.split)
      run_pass("adjoint-reverse", [&] { return out.reverse; });
    for (auto &[loc, text] : out.remarks)
      if (options.remarks)
        host.remark(loc, text);
    return out;
  }

  Function finished(const Function &f) {
    return on("simplify") ? run_pass("simplify", [&] { return diff::simplify(f); }) : f;
  }

  // ---- Pairs for calls that stay calls ----

  static CalleeRef helper(const Function &shape, std::string name) {
    auto c = std::make_shared<Callee>();
    c->name = std::move(name);
    c->kind = Callee::Passive;
    c->result = shape.result;
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
  static diff::SplitCallee signature(const CalleeRef &c, const std::vector<bool> &wrt,
                                     const std::string &name) {
    diff::SplitCallee pair;
    pair.wrt = wrt;
    Function forward, reverse;
    forward.result = c->result;
    Var record = ir::local("record", Type::opaque("nabla::record &"));
    for (std::size_t i = 0; i < c->params.size(); ++i)
      forward.params.push_back(ir::local(c->param_names[i], c->params[i]));
    for (std::size_t i = 0; i < c->params.size(); ++i)
      if (wrt[i] && c->params[i].is(Type::Pointer))
        forward.params.push_back(
            ir::local(c->param_names[i] + "_bar", diff::adjoint_param_type(c->params[i])));
    forward.params.push_back(record);
    reverse.params.push_back(record);
    if (c->result.contains_reals())
      reverse.params.push_back(ir::local("seed", c->result.without_const()));
    for (std::size_t i = 0; i < c->params.size(); ++i)
      if (wrt[i] && !c->params[i].is(Type::Pointer))
        reverse.params.push_back(
            ir::local(c->param_names[i] + "_bar", diff::adjoint_param_type(c->params[i])));
    pair.forward = helper(forward, name + "_forward");
    pair.reverse = helper(reverse, name + "_reverse");
    return pair;
  }

  static std::vector<bool> all_real_parameters(const CalleeRef &c) {
    std::vector<bool> wrt;
    for (const Type &t : c->params)
      wrt.push_back(t.holds_reals());
    return wrt;
  }

  diff::SplitCallee split(const CalleeRef &c, const std::vector<bool> &active, bool overlap) {
    if (c->kind == Callee::Promised) {
      diff::SplitCallee pair = signature(c, all_real_parameters(c), "_nabla_" + identifier(c->mangled));
      declare_pair(pair, {});
      return pair;
    }
    std::string mask;
    for (bool b : active)
      mask += b ? '1' : '0';
    std::string name = "_nabla_" + identifier(c->mangled) + "_" + mask + (overlap ? "_overlap" : "");
    diff::SplitCallee pair = signature(c, active, name);
    make_pair(c, active, name, c->has_internal_linkage ? "static " : "inline ", {overlap, false, true});
    return pair;
  }

  void declare_pair(const diff::SplitCallee &pair, const std::string &prefix) {
    for (const CalleeRef &c : {pair.forward, pair.reverse}) {
      if (!emitted.insert("declare " + c->name).second)
        continue;
      Function shape;
      shape.name = c->name;
      shape.result = c->result;
      for (std::size_t i = 0; i < c->params.size(); ++i)
        shape.params.push_back(ir::local(c->param_names[i], c->params[i]));
      emit::EmitOptions how;
      how.prefix = prefix;
      std::string text = emit::declaration(shape, how);
      texts.push_back({c->name + "_declaration", text, text + "\n", true});
    }
  }

  struct PairKind {
    bool overlap;  ///< callers may pass overlapping arguments
    bool nullable; ///< callers may pass null shadows
    bool is_helper;
  };

  void make_pair(const CalleeRef &c, const std::vector<bool> &wrt, const std::string &name,
                 const std::string &prefix, const PairKind &kind) {
    if (!emitted.insert(name).second)
      return;
    declare_pair(signature(c, wrt, name), prefix);
    Function primal = prepared(c);
    primal.may_alias = primal.may_alias || kind.overlap;
    diff::AdjointOptions how;
    how.name = name;
    how.has_seed = true;
    how.split = true;
    how.nullable = kind.nullable;
    diff::Adjoint pair = differentiate(primal, wrt, how);
    emit_text(finished(pair.forward), prefix, {}, "forward sweep of " + c->name + ", recorded",
              kind.is_helper);
    emit_text(finished(pair.reverse), prefix, {}, "reverse sweep of " + c->name + ", from the record",
              kind.is_helper);
  }

  void emit_text(const Function &f, const std::string &prefix, const std::vector<std::string> &namespaces,
                 const std::string &head, bool is_helper) {
    emit::EmitOptions how;
    how.prefix = prefix;
    how.namespaces = namespaces;
    how.head = head;
    texts.push_back({f.name, emit::declaration(f, how), emit::emit(f, how), is_helper});
  }
};

Pipeline::Pipeline(Host &host, Options options)
    : state_(new State{host, std::move(options), {}, {}, {}, {}, {}}) {}
Pipeline::~Pipeline() = default;

namespace {

/// "gradient of f (user.cpp:3) by x, y"
std::string head_line(const Request &request, const Function &f) {
  std::string out = request.mode == Request::Gradient ? "gradient of " : "pullback of ";
  out += request.primal->name.substr(request.primal->name.find_first_not_of('.')); // a method's is ".m"
  if (f.loc) {
    std::string file = f.loc->file;
    out += " (" + file.substr(file.find_last_of('/') + 1) + ":" + std::to_string(f.loc->line) + ")";
  }
  std::string names;
  for (std::size_t i = 0; i < f.params.size(); ++i)
    if (i < request.wrt.size() && request.wrt[i])
      names += (names.empty() ? " by " : ", ") + f.params[i]->name;
  return out + names;
}

} // namespace

namespace {

/// Option check-alias: written parameters are compared with the others when the gradient is called.
Function with_alias_checks(Function f) {
  Block checks;
  for (std::size_t i = 0; i < f.params.size(); ++i)
    for (std::size_t k = 0; k < i; ++k) {
      const Var &a = f.params[k], &b = f.params[i];
      auto comparable = [](const Var &v) { return v->type.is(Type::Pointer) && v->type.holds_reals(); };
      if (f.may_alias || !comparable(a) || !comparable(b) ||
          (a->type.element().is_const() && b->type.element().is_const()))
        continue;
      auto address = [](const Var &v) {
        Type t = Type::pointer(v->type.element());
        return v->type.is_reference() ? Ex(Expr{AddressOf{Place{v, {Deref{}}}}, t})
                                      : Ex(Expr{Read{Place{v, {}}}, t});
      };
      std::string text = "\"" + a->name + "\", \"" + b->name + "\"";
      checks.push_back(
          {Opaque{{"nabla::check_distinct(", ", ", ", " + text + ")"}, {address(a), address(b)}, {}}, {}, 0});
    }
  f.body.insert(f.body.begin(), checks.begin(), checks.end());
  renumber(f);
  return f;
}

} // namespace

std::vector<Text> Pipeline::run(const Request &request) {
  State &s = *state_;
  s.texts.clear();
  Function primal = s.prepared(request.primal);
  if (s.options.check_alias)
    primal = with_alias_checks(std::move(primal));
  diff::AdjointOptions how;
  how.name = request.name;
  how.has_seed = request.mode == Request::Pullback;
  diff::Adjoint made = s.differentiate(primal, request.wrt, how);
  s.emit_text(s.finished(made.joined), request.prefix, request.namespaces, head_line(request, primal), false);
  return std::move(s.texts);
}

std::vector<Text> Pipeline::run_promised(const CalleeRef &primal) {
  State &s = *state_;
  s.texts.clear();
  try {
    s.make_pair(primal, State::all_real_parameters(primal), "_nabla_" + State::identifier(primal->mangled),
                primal->is_inline ? "inline " : "", {true, true, false});
  } catch (const Refusal &r) {
    // Its own gradient stands; callers elsewhere cannot rely on more facts than these, so they get no pair.
    if (s.options.remarks)
      s.host.remark(r.loc, "no pair for callers in other files: " + r.text());
    return {};
  }
  return std::move(s.texts);
}

} // namespace nabla
