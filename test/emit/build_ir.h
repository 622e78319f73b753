// Small hands for the emitter's tests: IR without a front end, and a way to compile and run what was emitted.
#pragma once
#include "../check.h"
#include "emit/emit.h"
#include "ir/build.h"
#include "ir/print.h"
#include "ir/rules.h"
#include "ir/verify.h"
#include "ir/walk.h"
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <random>
#include <sstream>
#include <unistd.h>

namespace hand {
using namespace nabla::ir;

inline const Type real = Type::real(), integer = Type::integer(), boolean = Type::boolean();

inline Var var(const std::string &name, const Type &type = real, Variable::Kind kind = Variable::Local) {
  Variable v;
  v.name = name, v.type = type, v.kind = kind;
  return std::make_shared<Variable>(v);
}
inline Var param(const std::string &name, const Type &type = real) {
  return var(name, type, Variable::Param);
}
inline Ex lit(const std::string &text, const Type &type = real) { return Ex(Expr{Const{text}, type}); }
inline Ex use(const Var &v) { return read(v); }
inline Ex native(const std::string &op, std::vector<Ex> args, const Type &type = integer) {
  return Ex(Expr{Native{op, std::move(args)}, type});
}
inline Ex to(const Type &type, const Ex &e) { return Ex(Expr{Cast{e}, type}); }
inline Ex plus(const Ex &a, const Ex &b) { return apply(Rule::add, {a, b}); }
inline Ex less(const Ex &a, const Ex &b) { return apply(Rule::sub, {a, b}); }
inline Ex times(const Ex &a, const Ex &b) { return apply(Rule::mul, {a, b}); }
inline Ex over(const Ex &a, const Ex &b) { return apply(Rule::div, {a, b}); }
inline Ex minus(const Ex &a) { return apply(Rule::neg, {a}); }
inline Place at(const Var &v) { return place(v); }

template <class Node> Stmt stmt(Node node, unsigned line = 0, const std::string &text = "") {
  Stmt s{std::move(node), nullptr, 0};
  if (line)
    s.loc = std::make_shared<Origin>(Origin{"user.cpp", line, 1, 0, text});
  return s;
}

inline Function function(const std::string &name, std::vector<Var> params, const Type &result, Block body) {
  Function f;
  f.name = name, f.params = std::move(params), f.result = result, f.body = std::move(body);
  renumber(f);
  verify(f);
  return f;
}
inline Stmt ret(const Ex &e) { return stmt(Return{e}); }

/// The text of an expression as `return` prints it.
inline std::string text_of(const Ex &e, const std::vector<Var> &params) {
  std::string all = nabla::emit::emit(function("f", params, e.type(), {ret(e)}), {"", {}, "", true, 100000});
  std::size_t begin = all.find("return ") + 7;
  return all.substr(begin, all.find(";\n", begin) - begin);
}

inline bool has(const std::string &text, const std::string &part) {
  if (text.find(part) != std::string::npos)
    return true;
  std::cout << "not found: " << part << "\n in:\n" << text << "\n";
  return false;
}

inline std::string scratch(const std::string &name) {
  return (std::filesystem::temp_directory_path() / ("nabla_emit_" + std::to_string(getpid()) + "_" + name))
      .string();
}

/// Compiles with one compiler, all warnings being errors; runs it if `run`. True if both succeed.
inline bool compiles(const std::string &code, const std::string &compiler, bool run = false,
                     const std::string &flags = "") {
  std::string source = scratch("t.cpp"), program = scratch("t.out"), log = scratch("t.log");
  std::ofstream(source) << code;
  std::filesystem::path root = std::filesystem::absolute(__FILE__).parent_path().parent_path().parent_path();
  std::string runtime = (root / "runtime").string();
  std::string command = compiler + " -std=c++17 -O0 -Wall -Wextra -Werror -ffp-contract=off " + flags +
                        " -I" + runtime + " " + (run ? "-o " + program + " " : "-fsyntax-only ") + source +
                        " > " + log + " 2>&1";
  bool ok = std::system(command.c_str()) == 0;
  if (ok && run)
    ok = std::system((program + " > " + log + " 2>&1").c_str()) == 0;
  if (!ok) {
    std::stringstream text;
    text << std::ifstream(log).rdbuf();
    std::cout << compiler << ":\n" << text.str().substr(0, 4000) << "\n";
  } else {
    for (const std::string &file : {source, program, log})
      std::filesystem::remove(file);
  }
  return ok;
}
inline const char *const compilers[] = {"g++-12", "clang++-19"};

} // namespace hand
