#include "shrink.h"
#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iostream>

namespace fuzz {

/// `WHOLE` marks implicit conversions for the oracle alone.
static std::string without_marks(std::string text) {
  for (std::size_t at; (at = text.find("WHOLE")) != std::string::npos;)
    text.erase(at, 5);
  return text;
}

static const char *plain_head = R"(#ifndef FUZZ_PLAIN
#include <nabla/nabla.h>
#endif
#include <algorithm>
#include <cassert>
#include <cmath>
#include <cstdio>
#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <array>
#include <memory>
#include <deque>
#include <list>
#include <map>
#include <optional>
#include <variant>
#include <vector>
#include "harness.h"

)";

static const char *matrix_head = R"(#include <Eigen/Dense>
#ifndef FUZZ_PLAIN
#include <nabla/eigen.h>
#endif
)";

void write_programs(const std::vector<Unit> &units, const std::string &dir) {
  std::ofstream p(dir + "/p.cpp"), o(dir + "/o.cpp");
  bool has_matrices = std::any_of(units.begin(), units.end(), [](const Unit &u) {
    return print(u.code).find("Eigen::") != std::string::npos;
  });
  p << plain_head << (has_matrices ? matrix_head : "");
  o << "#include \"oracle_dual.h\"\n"
    << (has_matrices ? "#include \"oracle_matrix.h\"\n" : "") << "\nnamespace oracle {\n";
  std::string table;
  for (const Unit &u : units) {
    std::string id = std::to_string(u.number), code = print(u.code);
    p << "// ---- f" << id << "\n"
      << without_marks(code) << u.along << "void drive_" << id
      << "(int reverse, long double *v, long double *b) {\n"
      << u.drive << "}\n"
      << "void oracle_" << id << "(long double *, double *, double *);\n\n";
    // The drivers' own double and long double stay what they are.
    o << to_dual(code) << "static void run_" << id << "(long double *v, double *d, double *m) {\n"
      << to_dual(u.oracle) << "}\n"
      << "} // namespace oracle\nvoid oracle_" << id
      << "(long double *v, double *d, double *m) { oracle::run_" << id
      << "(v, d, m); }\nnamespace oracle {\n";
    table += "  {\"f" + id + "\", \"" + u.spec + "\", drive_" + id + ", oracle_" + id + "},\n";
  }
  o << "} // namespace oracle\n";
  p << "// ---- main\nstatic const fuzz_case cases[] = {\n"
    << table << "};\nint main(int argc, char **argv) { return fuzz_main(cases, " << units.size()
    << ", argc, argv); }\n";
}

namespace {
class Shrinker {
public:
  Shrinker(Unit &u, const std::string &dir, const std::string &check) : unit_(u), dir_(dir), check_(check) {}

  bool fails() {
    write_programs({unit_}, dir_);
    ++tries_;
    return std::system((check_ + " " + dir_).c_str()) == 0;
  }

  void run() {
    for (bool again = true; again;) {
      again = false;
      again |= cut(unit_.code);
      again |= unwrap(unit_.code);
      again |= simplify(unit_.code);
    }
    write_programs({unit_}, dir_);
    std::cerr << "shrink: " << tries_ << " programs tried\n";
  }

private:
  /// Removes runs of statements, longest runs first.
  bool cut(const Ref &n) {
    bool any = false;
    if (n->kind == Node::Block)
      for (std::size_t size = std::max<std::size_t>(1, n->kids.size() / 2); size > 0; size /= 2)
        for (std::size_t at = n->kids.size(); at-- > 0;) {
          if (at + size > n->kids.size() || !removable(*n, at, size))
            continue;
          std::vector<Ref> saved = n->kids;
          n->kids.erase(n->kids.begin() + long(at), n->kids.begin() + long(at + size));
          n->text.resize(n->kids.size() + 1);
          if (fails()) {
            any = true;
          } else {
            n->kids = saved;
            n->text.resize(saved.size() + 1);
          }
        }
    for (std::size_t i = 0; i < n->kids.size(); ++i)
      any |= cut(n->kids[i]);
    return any;
  }
  static bool removable(const Node &n, std::size_t at, std::size_t size) {
    for (std::size_t i = at; i < at + size; ++i)
      if (n.kids[i]->kind != Node::Stmt)
        return false;
    return true;
  }

  /// A statement becomes the statements inside it.
  bool unwrap(const Ref &n) {
    bool any = false;
    for (std::size_t i = 0; i < n->kids.size(); ++i) {
      if (n->kind == Node::Block && n->kids[i]->kind == Node::Stmt)
        for (const Ref &inner : n->kids[i]->kids) {
          if (inner->kind != Node::Block)
            continue;
          Ref saved = n->kids[i];
          n->kids[i] = inner;
          if (fails()) {
            any = true;
            break;
          }
          n->kids[i] = saved;
        }
      any |= unwrap(n->kids[i]);
    }
    return any;
  }

  bool attempt(Ref &slot, Ref candidate) {
    Ref saved = slot;
    slot = std::move(candidate);
    if (fails())
      return true;
    slot = saved;
    return false;
  }

  bool simplify(const Ref &n) {
    bool any = false;
    for (Ref &kid : n->kids) {
      if (kid->kind == Node::Expr && !kid->kids.empty()) {
        std::string suffix = kid->ty == Ty::F ? "f" : kid->ty == Ty::L ? "L" : "";
        if (attempt(kid, make(Node::Expr, "0.5" + suffix, {}, kid->ty))) {
          any = true;
          continue;
        }
        for (bool down = true; down;) {
          down = false;
          for (const Ref &part : kid->kids)
            if (is_real(part->ty) && part->ty == kid->ty &&
                (part->kind == Node::Expr || part->kind == Node::Place) && !part->text[0].starts_with("&") &&
                attempt(kid, make(Node::Expr, "@", {part}, part->ty))) {
              any = down = true;
              kid = kid->kids[0]->kind == Node::Expr ? kid->kids[0] : kid;
              break;
            }
          down = down && kid->kids.size() > 1;
        }
      } else if (kid->kind == Node::Index && !kid->kids.empty()) {
        any |= attempt(kid, make(Node::Index, kid->ty == Ty::Bool ? "true" : "0", {}, kid->ty)) ||
               (kid->ty == Ty::Bool && attempt(kid, make(Node::Index, "false", {}, kid->ty)));
      }
      any |= simplify(kid);
    }
    return any;
  }

  Unit &unit_;
  std::string dir_, check_;
  int tries_ = 0;
};
} // namespace

int shrink(Unit &u, const std::string &dir, const std::string &check) {
  Shrinker s(u, dir, check);
  if (!s.fails()) {
    std::cerr << "shrink: the program does not fail as expected\n";
    return 1;
  }
  s.run();
  return 0;
}

} // namespace fuzz
