// The intermediate representation: every node, and what it means.
//
// Expressions are pure, immutable and shared; statements are the only effects and are structured (no goto).
// A pass is `const Function & -> Function`. What the differentiator produces is ordinary IR again.
#pragma once
#include "ir/type.h"
#include <functional>
#include <map>
#include <variant>

namespace nabla::ir {

// ---- Where things come from -----------------------------------------------------------------------------------

/// A place in the user's text. `raw` is the front end's own encoding (a clang::SourceLocation), for diagnostics.
struct Origin {
  std::string file;
  unsigned line = 0, column = 0, raw = 0;
  std::string text; ///< the user's line, trimmed, for comments in the emitted text
};
using Loc = std::shared_ptr<const Origin>; // may be null: nothing to point at

// ---- Variables and places -------------------------------------------------------------------------------------

/// Variables in the order in which they were made, so that nothing depends on where memory happens to lie.
class Serial {
public:
  Serial() : number_(next()) {}
  Serial(const Serial &) : Serial() {}
  Serial &operator=(const Serial &) { return *this; }
  unsigned long number() const { return number_; }

private:
  static unsigned long next();
  unsigned long number_;
};

struct Variable {
  enum Kind { Param, Local, StaticConst, Global };
  std::string name; ///< wished for; the emitter makes names unique within their scope
  Type type;
  Kind kind = Local;
  /// Global: how the text names it ("ns::table"). StaticConst: empty, it is declared again in the text.
  std::string qualified;
  /// Never carries a derivative: [[nabla::inactive]], a global, a name left out of the attribute's list.
  bool inactive = false;
  /// Made by a pass for one of its own values: `simplify` may write the value where it is used.
  bool temporary = false;
  /// A pointer parameter: memory that is written is led to by no other one.
  bool is_restrict = false;
  /// A pointer to adjoints, made by the pass `shadow`: null where its primal has none.
  bool is_shadow = false;
  /// The adjoint parameter of what is passed by value: a pointer to one of the kind.
  bool leads_to_one = false;
  Serial serial;
};
using Var = std::shared_ptr<Variable>; // identity is the address
} // namespace nabla::ir

/// Sets and maps of variables are in the order of their making: the text that is emitted is the same in every run.
template <> struct std::less<nabla::ir::Var> {
  bool operator()(const nabla::ir::Var &a, const nabla::ir::Var &b) const {
    return (a ? a->serial.number() : 0) < (b ? b->serial.number() : 0);
  }
};

namespace nabla::ir {

struct Expr;
/// A handle on an immutable expression. A class, not an alias of shared_ptr, so that `x == y` builds a comparison
/// and never compares two pointers; identity is asked for by `same_node`.
class Ex {
public:
  Ex() = default;
  explicit Ex(Expr e);
  const Expr &operator*() const { return *node_; }
  const Expr *operator->() const { return node_.get(); }
  explicit operator bool() const { return node_ != nullptr; }
  const Expr *get() const { return node_.get(); }
  const Type &type() const;

private:
  std::shared_ptr<const Expr> node_;
};

// clang-format off
struct Index { Ex at; };          ///< element of an array: a[at]
struct Field { unsigned number; };///< member of a struct, by its number in Struct::fields
struct Deref { Ex offset; };      ///< p[offset] for a pointer; offset null means *p (and plain use of a reference)
// clang-format on
using Step = std::variant<Index, Field, Deref>;

/// An object in memory: a variable, then steps from left to right. `s->row[i].x` is {s, [Deref, Field row, Index i, Field x]}.
struct Place {
  Var root;
  std::vector<Step> path;
  Type type() const; ///< of the object reached
};

// ---- Expressions: pure, immutable, freely shared --------------------------------------------------------------

/// One row of runtime/nabla/rules.def.
enum class Rule : unsigned short {
#define NABLA_RULE(NAME) NAME,
#include "ir/rule_names.inc"
#undef NABLA_RULE
};

// clang-format off
struct Const { std::string spelling; };            ///< a literal as C++ text: "0.5", "3", "true", "nullptr", "\"text\""
struct Read { Place place; };                      ///< the place's value when the statement begins
struct AddressOf { Place place; };                 ///< &place; of an array element too: `&a[0]` is what `a` decays to
struct Apply { Rule rule; std::vector<Ex> args; }; ///< a real-valued primitive with a derivative; all args already of the
                                                   ///< expression's type, but for the integer argument of ldexp
/// A primitive with derivative zero: integer, boolean and pointer arithmetic, comparisons.
/// op: + - * / % << >> & | ^ == != < <= > >= && || ! ~ neg (unary minus), or "call NAME" for NAME(args...).
/// `&&` and `||` evaluate their right side on demand. Pointer + integer has the pointer as args[0].
struct Native { std::string op; std::vector<Ex> args; };
struct Cast { Ex from; };                          ///< to Expr::type
struct Select { Ex cond, yes, no; };               ///< evaluates one arm only

struct Expr {
  std::variant<Const, Read, AddressOf, Apply, Native, Cast, Select> node;
  Type type;
};

// ---- Statements -----------------------------------------------------------------------------------------------

struct Stmt;
using Block = std::vector<Stmt>;

struct Function;
struct Callee;
/// What the tangent or adjoint of a real is kept in.
struct Directions {
  enum Kind {
    One,   ///< a real
    Lanes, ///< nabla::lanes<R, number>: that many directions at once
    Bits,  ///< nabla::bits<number>: which of 64 * number inputs the value depends on
    Series ///< nabla::lanes<R, number>: coefficients 1 to number of a Taylor series
  } kind = One;
  unsigned number = 0;
};

/// A generated function that user code calls: which derivative it is, and of what.
struct Derivative {
  enum Mode {
    Gradient,    ///< (args, adjoints): adds into the adjoints
    Pullback,    ///< (args, seed, adjoints)
    Pushforward, ///< (args, tangents): nabla::dual<R>
    Hvp,         ///< (args, directions, results): tangent of the gradient
    GradientHvp, ///< (args, adjoints, directions, results): both
    Taylor,      ///< (x): the derivative of that order
    Names        ///< (): "x,n", the names of its parameters
  } mode = Gradient;
  std::shared_ptr<const Callee> of;
  std::vector<bool> wrt; ///< per parameter of `of`
  Directions directions;     ///< at once; Taylor: a series
  std::vector<bool> results; ///< Hvp: per parameter of `of`, does it add into its adjoint; empty: as wrt
  bool object_last = false;  ///< the adjoint of a method's object comes behind the others
};

/// How a call's arguments are written, where C++ makes one argument of several or of none: `cat({a, b}, 0)`.
struct Token {
  enum Kind { Argument, Open, Close } kind = Argument;
  std::string text;         ///< Open: "{", "ns::Slice("; Close: "}", ")"
  bool has_adjoint = false; ///< Argument: the own pullback takes the address of an adjoint, or null
  bool is_default = false;  ///< the user left it out, and so does the primal's text
};

/// What a Call calls. Owned by import; one per C++ function.
struct Callee {
  enum Kind {
    Visible,  ///< body can be imported: `body()` gives it
    Promised, ///< marked [[nabla::gradient]] (or alike) here, defined in another file: forward/reverse by mangled name
    Own,      ///< has a pullback_of rule: `own_pullback`
    Passive   ///< [[nabla::inactive]], or a function that takes and gives no real: called as it is
  };
  std::string name;    ///< how the text names it: "ns::f", "g<double>"
  std::string mangled; ///< unique over files; helper names derive from it
  std::string helps;   ///< one of a pair: the user's function, for messages
  Kind kind = Visible;
  Type result;
  std::vector<Type> params; ///< a method's object comes first, as a reference
  std::vector<std::string> param_names;
  std::vector<bool> by_value;   ///< containers that C++ passes by value: a reference to the call's own copy here
  bool result_is_last = false;  ///< what C++ returns is filled through the last parameter: a container
  std::string own_pullback;           ///< name of the user's rule, for Own
  std::shared_ptr<const Callee> own_rule; ///< that rule as a function: its body is differentiated at second order
  std::string own_pushforward;        ///< name of the user's rule for forward mode, or empty
  std::shared_ptr<const Derivative> derivative; ///< a companion, or a request of nabla.h; null for other functions
  bool stores_pointers = true;        ///< changes pointers that it can reach, in memory that is not its own
  unsigned order = 1;                 ///< Promised: derivatives of which order the other file gives
  bool has_internal_linkage = false;  ///< static, anonymous namespace, or local: its helpers are static too
  bool is_inline = false;             ///< inline or a template: its helpers are inline
  std::vector<std::string> namespaces; ///< enclosing ones, outermost first; "" is an anonymous one
  std::vector<Token> written;         ///< an operation on handles; empty: one argument per parameter
  bool rule_takes_result = false;     ///< the own pullback wants the result as well, before its seed
  bool rule_takes_null = false;       ///< its own pullback and pushforward take null where nobody asks
  bool is_nothrow_pure = false;       ///< Passive, and reads and writes nothing but its arguments' values
  /// What it uses besides its arguments and what they lead to: variables of the file, files, generators.
  /// ChangesAny: through pointers, whichever they are; Unknown: its body is elsewhere.
  enum Reach { Arguments, ReadsOthers, ChangesOthers, ChangesAny, Unknown } reach = Unknown;
  bool changes_constants = false;     ///< writes what its const parameters lead to: mutable members, casts
  bool passes_pointers = false;       ///< Passive: stores or returns pointers to what it is given
  bool is_loop = false;               ///< the iterations of a loop under nabla::checkpoint, made by the compiler
};
using CalleeRef = std::shared_ptr<const Callee>;

struct Declare {                      ///< a new variable; without init its value is indeterminate
  Var var;
  std::optional<Ex> init;
  bool zero = false;                  ///< `= {}` / `= 0`: value-initialised
  std::vector<Ex> elements;           ///< StaticConst tables and aggregates: `= {a, b, ...}`, flattened, all constants
};
struct Assign { Place to; Ex value; };///< reads happen before the write; a struct is copied whole
struct Add { Place to; Ex value; };   ///< to += value, on reals
struct If { Ex cond; Block yes, no; };
/// index = first; while (index CMP bound) { body; index += step }, bound and first fixed on entry, index not written by body.
struct For {
  enum Cmp { LT, LE, GT, GE, NE };
  Var index;                          ///< declared by the loop
  Ex first;
  Cmp cmp = LT;
  Ex bound;
  long step = 1;
  Block body;
  bool descending = false;            ///< the same iterations in opposite order
};
struct While { Ex cond; Block body; };///< cond is evaluated before each iteration
struct Scope { std::string label; Block body; }; ///< a block; Exit{label} leaves it. break, continue and return are Exits.
struct Exit { std::string label; };
struct Return { std::optional<Ex> value; }; ///< in imported functions anywhere; after pass `structure` last in the body only
/// result = callee(args). An argument for a reference parameter is an AddressOf (or a pointer value).
struct Call {
  CalleeRef callee;
  std::vector<Ex> args;
  std::optional<Place> result;
};
struct Allocate {
  enum How { New, NewArray, Malloc, Calloc, Arena };
  Place to;                           ///< pointer that receives the address
  Type element;
  Ex count;                           ///< elements; null for New
  How how = NewArray;
  bool zero = false;                  ///< value-initialised
  std::optional<Ex> init;             ///< New: new T(init)
};
struct Free {
  enum How { Delete, DeleteArray, CFree };
  Ex pointer;
  How how = DeleteArray;
};
/// C++ text that cannot touch a derivative (printf, assert): pieces[0] args[0] pieces[1] args[1] ... pieces.back().
struct Opaque {
  std::vector<std::string> pieces;
  std::vector<Ex> args;
  std::vector<Place> writes;          ///< discrete places it may change, besides the outside world
};
struct Push { Var record; Ex value; };   ///< value onto the run-time record (a stack)
struct Pop { Var record; Place to; };    ///< undoes the matching Push
struct Comment { std::string text; };    ///< emitted as `// text`
/// try/catch, throw: part of the closed set; import refuses them until exceptions are differentiated.
struct Try { Block body; Var caught; Block handler; };
struct Throw { Ex value; };

struct Stmt {
  std::variant<Declare, Assign, Add, If, For, While, Scope, Exit, Return, Call, Allocate, Free, Opaque, Push, Pop, Comment,
               Try, Throw>
      node;
  Loc loc;
  unsigned id = 0; ///< dense and unique within a function once `renumber` ran
};

struct Function {
  CalleeRef callee;        ///< who this is the body of (null for generated functions)
  std::string name;
  std::vector<Var> params;
  Type result;
  Block body;
  Loc loc;
  bool may_alias = false;  ///< [[nabla::may_alias]]: pointer parameters may overlap
  unsigned statements = 0; ///< number of ids handed out by `renumber`
};

// clang-format on

// ---- Dispatch: a missing case does not compile ----------------------------------------------------------------

template <class... F> struct Match : F... {
  using F::operator()...;
};
template <class... F> Match(F...) -> Match<F...>;
template <class Variant, class... F> decltype(auto) match(Variant &&v, F &&...f) {
  return std::visit(Match<std::remove_cv_t<std::remove_reference_t<F>>...>{static_cast<F &&>(f)...},
                    static_cast<Variant &&>(v));
}

} // namespace nabla::ir
