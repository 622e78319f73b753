#include "report.h"

using namespace clang;

namespace nabla::tool {
namespace {

void say(DiagnosticsEngine &engine, DiagnosticsEngine::Level level, SourceLocation at,
         const std::string &text) {
  engine.Report(at, engine.getCustomDiagID(level, "%0")) << text;
}

} // namespace

SourceLocation location(const ir::Loc &loc) {
  return loc && loc->raw ? SourceLocation::getFromRawEncoding(loc->raw) : SourceLocation();
}

void report(DiagnosticsEngine &engine, const Refusal &refusal, SourceLocation otherwise) {
  SourceLocation at = location(refusal.loc);
  say(engine, DiagnosticsEngine::Error, at.isValid() ? at : otherwise, refusal.text());
}

void report(DiagnosticsEngine &engine, Diag id, SourceLocation at, std::vector<std::string> args) {
  report(engine, Refusal{id, nullptr, std::move(args)}, at);
}

void report(DiagnosticsEngine &engine, const InternalError &error, SourceLocation otherwise) {
  SourceLocation at = location(error.loc);
  std::string pass = error.where.empty() ? "" : " in pass " + error.where;
  say(engine, DiagnosticsEngine::Error, at.isValid() ? at : otherwise,
      "internal error" + pass + ": " + error.what + "; please report it with this file [nabla N900]");
}

void warn(DiagnosticsEngine &engine, Diag id, SourceLocation at, std::vector<std::string> args) {
  say(engine, DiagnosticsEngine::Warning, at, Refusal{id, nullptr, std::move(args)}.text());
}

void note(DiagnosticsEngine &engine, SourceLocation at, const std::string &text) {
  say(engine, DiagnosticsEngine::Note, at, text);
}

void remark(DiagnosticsEngine &engine, SourceLocation at, const std::string &text) {
  say(engine, DiagnosticsEngine::Remark, at, text + " [-Rnabla]");
}

} // namespace nabla::tool
