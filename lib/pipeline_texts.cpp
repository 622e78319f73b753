// The texts of a request: what is written, in which order, and that everything they call is there.
#include "pipeline_state.h"

namespace nabla {

void Pipeline::State::declare_function(const CalleeRef &c, const std::string &prefix) {
  if (!emitted.insert("declare " + c->name).second)
    return;
  Function shape;
  shape.name = c->name;
  shape.result = c->result;
  for (std::size_t i = 0; i < c->params.size(); ++i)
    shape.params.push_back(ir::local(c->param_names[i], c->params[i]));
  if (prefix.empty()) // another file may define it
    defined[c->name] = c->params.size();
  emit::EmitOptions how;
  how.prefix = prefix;
  std::string text = emit::declaration(shape, how);
  texts.push_back({c->name + "_declaration", text, text + "\n", true});
}

/// Second order emits pairs only where some call of them has no tangent.
void Pipeline::State::emit_called(const Function &f) {
  for_each_stmt(f.body, [&](const Stmt &s) {
    auto *c = std::get_if<Call>(&s.node);
    auto it = c ? generated.find(c->callee->name) : generated.end();
    if (it == generated.end() || it->second.is_emitted)
      return;
    it->second.is_emitted = true;
    declare_function(c->callee, it->second.prefix);
    emit_called(it->second.function);
    emit_text(it->second.function, it->second.prefix, {}, it->second.head, true);
  });
}

void Pipeline::State::emit_text(const Function &f, const std::string &prefix,
                                const std::vector<std::string> &namespaces, const std::string &head,
                                bool is_helper) {
  emit::EmitOptions how;
  how.prefix = prefix;
  how.namespaces = namespaces;
  how.head = head;
  how.is_macro = [this](const std::string &name) { return host.is_macro(name); };
  emit::Texts text = emit::both(f, how);
  texts.push_back({f.name, std::move(text.declaration), std::move(text.definition), is_helper});
  defined[f.name] = f.params.size();
  for_each_stmt(f.body, [&](const Stmt &s) {
    auto *c = std::get_if<Call>(&s.node);
    if (c && c->callee->name.rfind("_nabla_", 0) == 0)
      called[c->callee->name] = c->args.size();
  });
}

void Pipeline::State::begin_texts() {
  texts.clear();
  called.clear();
}

/// No text may call what only the linker would miss.
std::vector<Text> Pipeline::State::finished_texts() {
  for (auto &[name, arguments] : called) {
    auto found = defined.find(name);
    if (found == defined.end() || found->second != arguments)
      internal_error("the helper '" + name + "' is called, but " +
                     (found == defined.end() ? "not made" : "has other parameters"));
  }
  return std::move(texts);
}

Pipeline::State::Attempt::Attempt(State &s)
    : s_(s), emitted_(s.emitted), defined_(s.defined), called_(s.called), texts_(s.texts.size()) {
  for (auto &[callee, body] : s.structured)
    structured_.insert(callee);
}

void Pipeline::State::Attempt::undo() {
  static const std::string declared = "declare ";
  for (const std::string &name : s_.emitted) {
    if (emitted_.count(name))
      continue;
    auto made = s_.generated.find(name.rfind(declared, 0) == 0 ? name.substr(declared.size()) : "");
    if (made != s_.generated.end())
      made->second.is_emitted = false;
    for (const char *part : {"", "_forward", "_reverse"})
      s_.generated.erase(name + part);
  }
  for (auto it = s_.structured.begin(); it != s_.structured.end();)
    it = structured_.count(it->first) ? std::next(it) : s_.structured.erase(it);
  s_.emitted = emitted_;
  s_.defined = defined_;
  s_.called = called_;
  s_.texts.resize(texts_);
}

} // namespace nabla
