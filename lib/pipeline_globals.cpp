// Globals that a function writes are parameters of all that is made of it (import/globals.cpp), but not of what users
// call: there they are named, and their adjoints are locals that begin as zero, or the user's own variable `total_bar`.
#include "pipeline_state.h"

namespace nabla {
using namespace ir;

namespace {

bool is_global(const Var &v) { return v->kind == Variable::Param && !v->qualified.empty(); }

bool writes_globals(const Callee &c) {
  return !c.written.empty() && c.kind == Callee::Visible && !c.derivative;
}

/// Adjoints, directions and results that the function takes for each parameter.
std::size_t groups_of(Request::Mode mode) {
  return mode == Request::Hvp ? 2 : mode == Request::GradientHvp ? 3 : 1;
}

Var named(const std::string &qualified, const Type &type) {
  Var v = local(unqualified(qualified), type);
  v->kind = Variable::Global;
  v->qualified = qualified;
  v->inactive = true;
  return v;
}

/// The parameter as a local reference.
void refer(Block &to, const Var &parameter, const Var &what) {
  Place p{what, {}};
  to.push_back({Declare{parameter, make(AddressOf{p}, Type::pointer(what->type))}, {}, 0});
}

} // namespace

/// The same request, by the globals as well.
Request Pipeline::State::with_globals(Request request) {
  if (!writes_globals(*request.primal))
    return request;
  const Function &f = host.body(request.primal);
  for (std::size_t i = 0; i < f.params.size(); ++i)
    if (is_global(f.params[i])) {
      request.wrt.resize(f.params.size(), false);
      request.wrt[i] = true;
      bool is_possible = request.mode != Request::Taylor && !request.primal->result_is_last;
      if (!is_possible)
        refuse(Diag::UnsupportedRequest, request.loc,
               {"this derivative of '" + request.primal->name + "', which writes the global variable '" +
                    f.params[i]->qualified + "',",
                "pass it as a parameter, or ask for the gradient of a function that returns a number"});
    }
  return request;
}

Function Pipeline::State::without_globals(Function made, const Request &request) {
  if (!writes_globals(*request.primal))
    return made;
  const Function &primal = host.body(request.primal);
  std::size_t n = primal.params.size(), all = std::count(request.wrt.begin(), request.wrt.end(), true);
  std::size_t groups = groups_of(request.mode), seeds = made.params.size() - n - groups * all;
  std::set<std::size_t> gone;
  Block first;
  std::size_t rank = 0;
  for (std::size_t i = 0; i < n; ++i) {
    if (is_global(primal.params[i])) {
      gone.insert(i);
      refer(first, made.params[i], named(primal.params[i]->qualified, made.params[i]->type.element()));
      for (std::size_t g = 0; g < groups; ++g) {
        std::size_t at = n + seeds + g * all + rank;
        const Var &bar = made.params[at];
        gone.insert(at);
        bool is_adjoint = g == 0 && request.mode != Request::Pushforward && request.mode != Request::Hvp;
        std::string own =
            is_adjoint && !request.directions.kind ? host.adjoint_of_global(primal.params[i]->qualified) : "";
        Var kept = own.empty() ? local(bar->name, bar->type.element()) : named(own, bar->type.element());
        if (own.empty()) {
          Declare d{kept, std::nullopt};
          d.zero = true;
          first.push_back({std::move(d), {}, 0});
        }
        refer(first, bar, kept);
      }
    }
    rank += i < request.wrt.size() && request.wrt[i];
  }
  if (gone.empty())
    return made;
  std::vector<Var> params;
  for (std::size_t i = 0; i < made.params.size(); ++i)
    if (!gone.count(i))
      params.push_back(made.params[i]);
  made.params = std::move(params);
  made.body.insert(made.body.begin(), first.begin(), first.end());
  renumber(made);
  return made;
}

/// The function, and whomever it calls.
std::vector<Function> Pipeline::State::with_called(const Function &f) {
  std::vector<Function> out{f};
  std::set<CalleeRef> seen;
  for (std::size_t i = 0; i < out.size(); ++i) {
    std::vector<CalleeRef> called;
    for_each_stmt(out[i].body, [&](const Stmt &s) {
      if (auto *n = std::get_if<Call>(&s.node); n && n->callee->kind == Callee::Visible)
        called.push_back(n->callee->derivative ? CalleeRef(n->callee->derivative->of) : n->callee);
    });
    for (const CalleeRef &c : called)
      if (c->kind == Callee::Visible && !loops.count(c) && !c->is_loop && seen.insert(c).second)
        out.push_back(prepared(c));
  }
  return out;
}

/// Before the name of an inactive function: it may change any variable.
static const char by_function = '(';
static void add_written_globals(const Function &f, std::set<std::string> &out) {
  auto note = [&](const Place &p) {
    if (p.root->kind == Variable::Global)
      out.insert(p.root->name);
  };
  for_each_stmt(f.body, [&](const Stmt &s) {
    for (const Place &p : writes_of(s))
      note(p);
    if (auto *o = std::get_if<Opaque>(&s.node))
      for (const Place &p : o->writes)
        note(p);
    auto *n = std::get_if<Call>(&s.node);
    if (n && n->callee->kind == Callee::Passive && n->callee->reach >= Callee::ChangesOthers &&
        n->callee->reach != Callee::Unknown)
      out.insert(by_function + n->callee->name);
  });
}
std::set<std::string> Pipeline::State::written_globals(const Function &f) {
  std::set<std::string> out;
  for (const Function &called : with_called(f))
    add_written_globals(called, out);
  return out;
}

/// The rule of a derivative runs the function again, when these may have changed.
void Pipeline::State::refuse_changed_globals(const Function &f) {
  bool has_derivatives = false;
  for_each_stmt(f.body, [&](const Stmt &s) {
    auto *n = std::get_if<Call>(&s.node);
    has_derivatives = has_derivatives || (n && n->callee->derivative);
  });
  const std::set<std::string> written = has_derivatives ? written_globals(f) : std::set<std::string>();
  const bool any = !written.empty() && written.begin()->front() == by_function;
  for_each_stmt(f.body, [&](const Stmt &s) {
    auto *n = std::get_if<Call>(&s.node);
    if (written.empty() || !n || !n->callee->derivative)
      return;
    for (const Function &user : with_called(prepared(n->callee->derivative->of)))
      for_each_variable(user.body, [&](const Var &v) {
        if (v->kind == Variable::Global && !v->type.is_const() && (any || written.count(v->name)))
          refuse(
              Diag::SecondOrderCall, s.loc,
              {diff::called(*n->callee) + ", which uses the variable '" + v->name + "' that is written here,",
               "give that function the variable as a parameter"});
      });
  });
}

} // namespace nabla
