// The tree of a generated program. A node is text with holes: "std::sin(@)" and one child per '@'. The
// printer fills the holes; the shrinker cuts and replaces nodes. Nothing here knows C++ beyond the types of
// expressions.
#pragma once
#include <memory>
#include <string>
#include <vector>

namespace fuzz {

enum class Ty { D, F, L, Int, Unsigned, Long, Size, Char, Bool };
inline bool is_real(Ty t) { return t <= Ty::L; }
const char *spell(Ty t);
/// The usual arithmetic conversions.
Ty common(Ty a, Ty b);

struct Node;
using Ref = std::shared_ptr<Node>;

struct Node {
  enum Kind {
    Expr,  ///< a value: may be replaced by a literal or a child of its type
    Place, ///< an lvalue or anything else that must stay as it is; its children may change
    Index, ///< an integer whose range matters: may become 0
    Stmt,  ///< one deletable statement
    Block  ///< statements, all children deletable
  };
  Kind kind = Stmt;
  std::vector<std::string> text; ///< children.size() + 1 pieces
  std::vector<Ref> kids;
  Ty ty = Ty::D;
  double bound = 0; ///< |value| is below this for the inputs drawn (nominal: keeps programs tame)
};

/// Splits `form` at each '@'.
Ref make(Node::Kind kind, const std::string &form, std::vector<Ref> kids = {}, Ty ty = Ty::D,
         double bound = 0);
Ref block(std::vector<Ref> statements = {});

/// Plain C++ text, indented.
std::string print(const Ref &n);
/// The same text for the oracle: D, F, L for the real types, fz:: for std::, no attributes.
std::string to_dual(const std::string &plain);

} // namespace fuzz
