// Draws one random program: a function to differentiate, what it calls, and the structs and tables it uses.
//
// Programs are well-defined by construction. Three invariants do it:
//   - every real has a nominal bound (2, or 40 for accumulators); what exceeds it is wrapped in sin, tanh, a
//   factor;
//   - every integer has a known range, so indices stay inside;
//   - within a full expression an object is read or changed, not both (`mentioned_`, `locked_`).
#pragma once
#include "node.h"
#include "rng.h"
#include <deque>
#include <functional>
#include <map>
#include <set>

namespace fuzz {

struct Struct {
  struct Field {
    std::string name;
    Ty ty = Ty::D;
    int n = 0; ///< elements; 0: a scalar
    const Struct *sub = nullptr;
  };
  std::string name;
  std::vector<Field> fields;
};

/// A class template whose objects carry reals, as a parameter. In its texts '%' is the real type (or the struct), '#' the
/// name, '$' a subscript below `n`.
struct Carrier {
  const char *type;    ///< of the object
  const char *pass;    ///< before the parameter's name: " &", " ", "const"
  const char *init;    ///< after the object's name
  const char *element; ///< one of its reals
  int n;
  bool writable, is_range, has_records;
  const char *row;
};

struct Var {
  enum Shape { Scalar, Array, Matrix, Record, RecordArray, RecordPointer, Rows, Carried };
  std::string name;
  Ty ty = Ty::D;
  Shape shape = Scalar;
  int n = 0, m = 0; ///< Array: name[0..n-1] exist; Matrix, Rows: name[0..n-1][0..m-1]
  const Struct *s = nullptr;
  const Carrier *carrier = nullptr; ///< Carried
  bool writable = true;
  bool acc = false;      ///< an accumulator: bound 40, may be added to
  bool memory = false;   ///< may be reached through pointers or references
  bool object = false;   ///< a real array (range-for), not a pointer
  bool seat = false;     ///< a pointer that may be moved
  bool pinned = false;   ///< an integer that statements must not assign
  bool constant = false; ///< at file scope
  bool ready = true;     ///< false: only hides what has the same name
  int lo = 0, hi = 0;    ///< range of an integer
  int depth = 0;         ///< of its scope: a pointer may only be moved to what outlives it
  int id = 0;
};

struct Param {
  enum Pass {
    Value,
    Ref,
    ConstRef,
    Pointer,
    ConstPointer,
    Square,
    RecordValue,
    RecordRef,
    RecordConstRef,
    RecordPointer,
    RecordArray,
    IntValue,
    IntTable,
    PointerPointer,
    PointerRef,
    Carrier
  };
  Pass pass = Value;
  Var *var = nullptr;
  std::string declarator; ///< "const double *a"
  std::string fallback;   ///< default argument's text
  bool inactive = false;  ///< marked so
  bool left_out = false;  ///< not differentiated
};

struct Function {
  enum Result { None, Real, Integer, Record };
  std::string name; ///< as calls write it
  Result result = Real;
  Ty ty = Ty::D;
  const Struct *s = nullptr;
  std::vector<Param> params;
  bool mutates = false; ///< writes through a parameter
  int cost = 10;        ///< statements run by one call
};

/// A program, ready to print.
struct Unit {
  int number = 0;
  Ref code;                  ///< Block of top-level declarations
  std::string drive, oracle; ///< bodies of the two drivers
  std::string along;         ///< the program's pushforward along fuzz_fixed, as a function (or empty)
  std::string spec;
  std::set<std::string> rows; ///< language rows drawn
};

class Gen {
public:
  Gen(std::uint64_t seed, int number);
  Unit unit();

private:
  // gen.cpp: scopes, names, places
  void row(const char *id);
  std::string fresh(const char *stem);
  Var *add(Var v);
  Var *declare_name(const char *stem, bool may_hide = true);
  std::vector<Var *> visible(const std::function<bool(const Var &)> &want);
  void begin() { mentioned_.clear(), locked_.clear(); }
  int key(const Var &v) const { return v.memory ? 0 : v.id; }
  bool usable(const Var &v) const { return !locked_.count(key(v)); }
  bool lock(const Var &v);
  Ref element(const Var &v, bool write);
  Ref field(const Struct &s, Ref base, bool acc, bool write);
  Ref place(bool write, bool lock_it, const std::function<bool(const Var &)> &want);
  Ref place(bool write);
  Ref index(int n);
  Ref integer(int depth, int &lo, int &hi);
  Ref as_int(Ref e, int lo);

  // idiom.cpp
  void make_idioms();
  Ref virtual_idiom(Ref to);
  Ref lambda_idiom(Ref to);
  Ref vector_idiom(Ref to);
  Ref pointer_idiom(Ref to);
  Ref owner_idiom(Ref to);
  Ref variant_idiom(Ref to);
  Ref guard_idiom(Ref to);
  Ref try_idiom(Ref to);
  Ref chain_idiom(Ref to);
  Ref order_idiom(Ref to);
  Ref global_idiom(Ref to);
  Ref function_idiom(Ref to);
  Ref idiom();
  // matrix.cpp
  bool draws_matrices() const;
  void make_matrices();
  Ref matrix_idiom(Ref to);

  // expression.cpp
  Ty pick_real();
  Ref literal(Ty t, double lo, double hi);
  Ref read();
  Ref real(int depth);
  Ref real_leaf();
  Ref binary(int depth);
  Ref divide(int depth);
  Ref choose(int depth);
  Ref cast_real(Ref e, Ty t);
  Ref special(int depth);
  Ref assigned(int depth);
  Ref to(Ref e, Ty t);
  Ref fit(Ref e, double limit);
  Ref value(int depth, double limit) { return fit(real(depth), limit); }
  Ref value_of(Ty t, int depth, double limit);
  Ref condition(int depth);
  Ref comparison(int depth);
  // maths.cpp
  Ref positive(int depth);
  Ref shifted(int depth, double limit);
  Ref maths(int depth);
  Ref unary_maths(int depth);
  Ref binary_maths(int depth);
  Ref named(const char *fn, Ref arg, double bound);
  Ref named2(const char *fn, Ref a, Ref b, double bound);

  // statement.cpp
  Ref statement();
  Ref body(int n);
  Ref assignment();
  Ref compound();
  Ref chained();
  Ref choice_lvalue();
  Ref declaration();
  Ref several_declarators();
  Ref reference();
  Ref int_statement();
  Ref int_declaration();
  Ref if_statement();
  Ref if_parts(Ref condition);
  Ref switch_statement();
  Ref scope_block();
  Ref passing_through();
  Ref dead_code();
  Ref jump();
  Ref result_statement();
  Ref main_result();
  bool may_return() const { return heap_ == 0; }
  // loop.cpp
  Ref loop();
  Ref for_loop();
  std::string for_head(Var &i, const std::string &bound, int n);
  Ref for_two();
  Ref while_loop();
  Ref do_loop();
  Ref condition_loop();
  Ref range_for();
  Ref walk();
  Ref loop_body(int trips, int n);
  int trips_left(int wanted) const;
  // memory.cpp
  Ref memory_statement();
  Ref array_declaration();
  Ref matrix_declaration();
  Ref vla();
  Ref heap(int rest);
  Ref heap_body(const char *form, Var v, int rest);
  Ref pointer_declaration();
  Ref reseat();
  Ref ping_pong();
  Ref pointer_pointer();
  Ref rows_declaration();
  Ref post_increment();
  Ref pointer_pair();
  Ref copied_array();
  Ref library();
  Ref frexp_modf();
  Ref record_statement();
  Ref record_declaration();
  Ref record_initialiser(const Struct &s, bool acc);
  std::vector<Ref> values(Ty t, int n, double limit);
  // call.cpp
  Ref call_statement();
  Ref call(const Function &f, bool in_expression);
  Ref argument(const Param &p, bool in_expression);
  Var *claimed(bool writes, bool in_expression, const std::function<bool(const Var &)> &want);
  Ref object_argument(const Param &p, bool in_expression);
  Ref record_argument(const Param &p, bool in_expression);
  Ref seat_argument(const Param &p);
  Ref record_source(const Struct &s, bool write, bool want_lvalue);
  Ref call_value(int depth);
  const Function *callable(const std::function<bool(const Function &)> &want);
  // program.cpp
  void make_structs();
  void make_globals();
  void make_helpers();
  void helper(int kind);
  void recursive_pair();
  void pointer_helper();
  Param param(Param::Pass pass, bool top);
  void record_param(Param &p, Var &v);
  void pointer_param(Param &p, Var &v, bool top);
  // carrier.cpp
  void carrier_param(Param &p, Var &v);
  Ref carrier_statement();
  std::string signature(const Function &f, bool defaults, bool prototype);
  void define(Function &f, int statements, const std::string &head);
  void main_function();
  void main_params(Function &f);
  void marks(const Function &f);
  std::string drivers(const Function &f, bool oracle);
  struct Traffic;
  void argument_traffic(const Param &p, bool oracle, bool active, Traffic &t);
  std::string companion(const Function &f, const std::string &linkage);
  std::string mark_, linkage_; ///< attribute in front of the main function

  Rng r_;
  int number_;
  Unit out_;
  std::deque<Var> all_;
  std::vector<std::vector<Var *>> scopes_;
  std::deque<Struct> structs_;
  std::deque<Function> functions_;
  bool has_idioms_ = false, has_carriers_ = false;
  std::vector<Ref> top_, later_; ///< definitions before and after the main function
  std::set<int> mentioned_, locked_;
  std::size_t first_function_ = 0; ///< where prototypes may go in `top_`
  int ids_ = 0, names_ = 0;
  int profile_ = 0; ///< mix of real types
  // the function being drawn
  Function *self_ = nullptr;
  int trips_ = 1, cost_ = 0, budget_ = 0, depth_ = 0, heap_ = 0;
  int seat_depth_ = -1;          ///< of the pointers that a call swaps
  int loops_ = 0, switches_ = 0; ///< enclosing loops; switches since the innermost loop
  bool quiet_ = false;           ///< no side effects in expressions here
  // marks
  enum Form { Attribute, Listed, CallSite, CallSiteWrt, ValueForm, ValueAndGradient } form_ = Attribute;
  bool pullback_ = false;
};

/// carrier.cpp: "std::vector<double>"; "std::vector<double> name(3);"; "name[subscript]".
std::string carried_type(const Var &v);
std::string carried_object(const Var &v, const std::string &name, const std::string &real);
std::string carried_element(const Var &v, const std::string &name, const std::string &subscript);

/// Ids of every language row the generator can draw.
const std::vector<std::pair<std::string, std::string>> &language_rows();

} // namespace fuzz
