// Imports one function body. Expressions become pure Ex; their side effects become statements, in C++17's order.
//   y = a[i++] * f(x);   ->   t = i; i = i + 1; f_r = f(x); y = mul(a[t], f_r)
#pragma once
#include "import/builders.h"
#include "import/choice.h"
#include "import/handle.h"
#include "import/jumps.h"
#include "import/shared.h"
#include "import/uses.h"

namespace nabla::front {

class Matrices;
class Body {
public:
  Body(Shared &shared, const clang::FunctionDecl *f, CalleeRef callee)
      : s_(shared), f_(f), callee_(std::move(callee)) {}
  Function run();
  Function run_virtual();
  struct Complex { ///< the parts of a std::complex
    Ex re, im;
  };

private:
  friend class Matrices;    // matrix.h
  friend class ViewLoop;    // views.cpp
  friend class ListMembers; // list_members.h
  friend class Backwards;   // backwards.h
  friend class AdjointShapes;
  using Args = std::vector<const clang::Expr *>;
  using Result = std::optional<Ex>; ///< of a call: none of a void function's

  Function start();
  void name_captures();
  void initialise_members(const clang::CXXConstructorDecl *constructor);

  // -- statements (statement.cpp)
  void stmt(const clang::Stmt *s);
  void stmt_switch_on_class(const clang::Stmt *s);
  void statements_with_labels(llvm::ArrayRef<const clang::Stmt *> statements);
  void block_with_labels(llvm::ArrayRef<const clang::Stmt *> statements);
  void declare(const clang::VarDecl *v);
  void declare_scalar(const clang::VarDecl *v, const Var &var, const clang::Expr *e);
  void declare_array(const clang::VarDecl *v);
  void declare_variable_length(const clang::VarDecl *v, const clang::VariableArrayType *t);
  void declare_reference(const clang::VarDecl *v);
  void refuse_mutable_copy(const clang::Expr *e);
  void declare_closure(const clang::VarDecl *v);
  void declare_static(const clang::VarDecl *v);
  void declare_bindings(const clang::DecompositionDecl *d);
  void name_bindings(const clang::DecompositionDecl *d, const Place &whole);
  bool constant_elements(const clang::Expr *e, const ir::Type &t, std::vector<Ex> &out);
  void flatten(const clang::APValue &value, clang::QualType t, clang::SourceLocation at,
               std::vector<Ex> &out);
  void if_stmt(const clang::IfStmt *s);
  void return_stmt(const clang::ReturnStmt *s);
  const clang::VarDecl *returned_whole(const clang::ReturnStmt *s) const;
  Ex condition(const clang::VarDecl *v, const clang::Expr *e);

  // -- loops and switch (loop.cpp)
  struct Counted {
    const clang::VarDecl *index = nullptr;
    const clang::Expr *first = nullptr, *bound = nullptr;
    For::Cmp cmp = For::LT;
    long step = 1, shift = 0; ///< the condition compares index + shift
    bool declared = false;    ///< in the loop's own init
  };
  void for_stmt(const clang::ForStmt *s);
  void while_stmt(const clang::WhileStmt *s);
  void do_stmt(const clang::DoStmt *s);
  void class_range_for(const clang::CXXForRangeStmt *s);
  bool structure_is_kept(const clang::Expr *container, const clang::Stmt *loop);
  Place steady(Place array);
  Place fixed(Place p, const clang::CallExpr *e);
  void declare_element(const clang::VarDecl *v, const Place &element);
  void text_range_for(const clang::CXXForRangeStmt *s, const clang::Expr *range);
  void range_for(const clang::CXXForRangeStmt *s);
  void switch_stmt(const clang::SwitchStmt *s);
  bool counted(const clang::ForStmt *s, Counted &c);
  bool shifted_index(const clang::Expr *e, Counted &c);
  bool counted_condition(const clang::ForStmt *s, Counted &c);
  bool counted_is_safe(const clang::ForStmt *s, const Counted &c, const Uses &in_loop);
  bool is_invariant(const clang::Expr *e, const Uses &in_loop, const clang::Stmt *loop);
  bool countdown(const clang::ForStmt *s);
  void counted_loop(const clang::ForStmt *s, const Counted &c);
  bool is_plain_arithmetic(const clang::Expr *e);
  Block arm_block(const Arm &arm, bool falls);
  Block switch_chain(const std::vector<Arm> &arms, const Ex &selector);
  Block switch_falling(const std::vector<Arm> &arms, const Ex &selector);
  void hoist(const std::vector<const clang::Stmt *> &arm);
  Ex arm_test(const std::vector<const clang::SwitchCase *> &labels, const Ex &selector);
  void general_loop(const clang::VarDecl *cond_var, const clang::Expr *cond, const clang::Stmt *body,
                    const clang::Expr *inc);
  /// The body with its `continue` target; says in has_break whether something leaves the loop by `break`.
  Block loop_body(const clang::Stmt *body, bool &has_break, std::string &break_label,
                  const std::function<void()> &before = {}, const std::function<void()> &after = {});
  void wrap_break(Block loop, bool has_break, const std::string &label);
  // -- expressions (expression.cpp)
  Ex value(const clang::Expr *e);
  Ex value_of_class(const clang::Expr *e);
  void effect(const clang::Expr *e);
  Result literal(const clang::Expr *e);
  Result variable_length_size(const clang::Expr *e);
  Result evaluated(const clang::Expr *e);
  Ex constant(const clang::APValue &v, clang::QualType t, clang::SourceLocation at);
  Ex named_constant(const clang::DeclRefExpr *e);
  Ex load(const clang::CastExpr *e, const clang::Expr *sub);
  Ex cast_value(const clang::CastExpr *e);
  Ex convert(Ex v, const ir::Type &to);
  Ex truth(Ex v);
  Ex pointer_cast(const clang::CastExpr *e);
  Ex unary(const clang::UnaryOperator *e);
  Ex increment(const clang::UnaryOperator *e, Place *where, bool wants_value);
  Ex binary(const clang::BinaryOperator *e);
  Ex arithmetic(clang::BinaryOperatorKind op, Ex l, Ex r, const ir::Type &t, clang::SourceLocation at);
  Ex logical(const clang::BinaryOperator *e);
  Ex conditional(const clang::AbstractConditionalOperator *e);
  void choose(const Place &to, const clang::ConditionalOperator *e);
  Place as_class(Place part, clang::QualType t, clang::SourceLocation at);
  Place base_object(Place object, const clang::CastExpr *to_base);
  void refuse_second_base(const clang::CastExpr *to_derived, const ir::Type &to);
  Block with_temporaries_outside(const Block &arm);
  Place conditional_place(const clang::AbstractConditionalOperator *e);
  Result allocation(const clang::Expr *e, const Place *into);
  void allocate_new(const clang::CXXNewExpr *e, const Place &into);
  Ex element_count(const clang::Expr *bytes, const ir::Type &element, clang::QualType element_type);
  Ex lambda(const clang::LambdaExpr *e);

  // -- places, assignment, initialisation (place.cpp)
  Place place(const clang::Expr *e);
  Place variable_place(const clang::ValueDecl *d, clang::SourceLocation at);
  Ex index_value(const clang::Expr *e);
  Place subscript(const clang::ArraySubscriptExpr *e);
  std::optional<Place> variable_length_subscript(const clang::Expr *e, Ex *row_offset);
  Place member(const clang::MemberExpr *e);
  Place deref(Ex pointer, Ex offset);
  Place assign(const clang::BinaryOperator *e, bool wanted);
  Place compound_assign(const clang::CompoundAssignOperator *e, bool wanted);
  Place call_place(const clang::CallExpr *e);
  void store(const Place &to, Ex v, clang::SourceLocation at);
  /// Value of `e` into `to`, which nothing in `e` reads or which is fresh: no temporary for calls, ?: and
  /// lists.
  void init(const Place &to, const clang::Expr *e, bool is_fresh);
  void copy_each(const Place &to, const Place &from, const clang::Expr *e);
  void init_list(const Place &to, const clang::InitListExpr *e);
  void init_construct(const Place &to, const clang::CXXConstructExpr *e);
  void construct_inherited(const Place &to, const clang::CXXInheritedCtorInitExpr *e,
                           const clang::CXXConstructorDecl *by);
  void construct_object(const Place &to, const clang::CXXConstructExpr *e);
  void set_tag(const Place &object, const clang::CXXRecordDecl *cls);
  bool default_member(const Place &of, const Place &to, const clang::FieldDecl *field, const clang::Expr *e);
  bool init_member(const Place &to, const clang::FieldDecl *field, const clang::Expr *e);
  void default_members(const Place &to, const clang::CXXRecordDecl *rd, clang::SourceLocation at);
  void zero_fill(const Place &to);
  Ex address_of(const clang::Expr *e);
  Ex bind(const clang::Expr *e);
  Place materialize(const clang::Expr *e);
  Ex text_value(const clang::Expr *e);
  Ex computed_text(const clang::Expr *e);

  struct Closure {
    const clang::CXXRecordDecl *cls = nullptr; ///< of a lambda
    std::map<const clang::ValueDecl *, Place> captures;
    bool is_mutable() const { return cls && !cls->getLambdaCallOperator()->isConst(); }
    const clang::FunctionDecl *function = nullptr; ///< a std::function that holds a function by its name
    Var self{};                                    ///< what `this` means in it
    std::optional<Place> object{};                 ///< that keeps the captures
  };
  // -- calls (call.cpp) and the library (library.cpp)
  Result call(const clang::CallExpr *e, const Place *into);
  Result call_function(const clang::CallExpr *e, const clang::FunctionDecl *f, const Place *into, bool unused,
                       bool as_object);
  /// Emits one call: its result goes to the place, or through the pointer that is its last argument.
  using EmitCall = std::function<void(const std::optional<Place> &, const Result &)>;
  Result make_call(const Callee &like, const std::string &name, const clang::Expr *e, const Place *into,
                   bool unused, bool as_object, const EmitCall &emit_it);
  Result call_method(const clang::CallExpr *e, const clang::CXXMethodDecl *m, const Place *into, bool unused,
                     bool as_object, bool &is_done);
  std::vector<Ex> arguments(const clang::CallExpr *e, const clang::FunctionDecl *f, const Callee &c);
  void argument(const clang::Expr *e, const ir::Type &as, bool is_object_pointer, std::vector<Ex> &out);
  void construct(const Place &to, const clang::CXXConstructExpr *e);
  bool refers_to_argument(const clang::CallExpr *e, const clang::FunctionDecl *f) const;
  bool memberwise_assignment(const clang::CXXOperatorCallExpr *e, Result &result);
  void assign_object(const Place &to, const clang::CXXOperatorCallExpr *e, llvm::function_ref<void()> assign);
  bool opaque_member_call(const clang::CXXMemberCallExpr *e);
  std::optional<Closure> closure(const clang::Expr *e), closure_copy(const clang::Expr *e);
  std::map<const clang::ValueDecl *, Place> captures(const clang::LambdaExpr *l, Var &self);
  Var copied_self(const clang::Expr *object, clang::SourceLocation at);
  const clang::CXXRecordDecl *kept_closure(const clang::Expr *e) const;
  Closure closure_in(const Place &state, const clang::CXXRecordDecl *cls);
  Place closure_place(const clang::Expr *e);
  bool construct_in_place(const Place &to, const clang::CXXConstructExpr *e);
  bool in_place(const clang::CallExpr *e, Result &result);
  void bind_parameters(const clang::FunctionDecl *f, const Args &args);
  Result import_in_place(const clang::Expr *e, const clang::FunctionDecl *f, const std::string &name);
  Ex operand(const clang::Expr *e);

  // -- targets known only at run time (dispatch.cpp)
  CalleeRef known_target(clang::SourceLocation at, const clang::FunctionDecl *f);
  void emit_choice(const Ex &which, const std::vector<Branch> &branches, std::size_t from);
  const clang::CXXMethodDecl *fixed_target(const clang::CallExpr *e, const clang::CXXMethodDecl *m);
  Result virtual_call(const clang::CallExpr *e, const clang::CXXMethodDecl *m, const Place *into, bool unused,
                      bool as_object);
  Overriders overriders(clang::SourceLocation at, const clang::CXXRecordDecl *base,
                        const clang::CXXMethodDecl *m);
  Ex which_overrider(const Overriders &all, const Ex &object);
  void call_overrider(const Overriders &all, const Ex &which, const std::vector<Ex> &args,
                      const std::optional<Place> &result);
  Var asked(const std::string &question, const ir::Type &answer, const std::vector<Ex> &about);
  Ex dynamic_cast_value(const clang::CastExpr *e);
  Var which_class(const std::vector<std::string> &names, const Ex &object);
  Ex class_of_tagged(const Ex &object, const clang::CXXRecordDecl *base,
                     const std::vector<std::vector<const clang::CXXRecordDecl *>> &groups);
  Ex is_of_class(const Ex &object, const clang::CXXRecordDecl *cls, const clang::CXXRecordDecl *wanted);
  Ex downcast(const Ex &object, const ir::Type &to);
  Result function_value(const clang::Expr *e);
  KnownTarget pointed_target(clang::SourceLocation at, const clang::FunctionDecl *f);
  std::vector<KnownTarget> known_targets(clang::SourceLocation at, clang::QualType pointer);
  Ex which_target(const Ex &pointer, clang::QualType t, const std::vector<KnownTarget> &all);
  std::vector<Ex> closure_of(const KnownTarget &target);
  void call_target(const KnownTarget &target, const std::vector<Ex> &args,
                   const std::optional<Place> &result);
  Result indirect_call(const clang::CallExpr *e, const Place *into, bool unused, bool as_object);
  std::vector<Ex> method_arguments(const clang::CallExpr *e, const clang::Expr *object, const Callee &c);
  Result function_object_call(const clang::CXXOperatorCallExpr *e, const Place *into, bool unused,
                              bool as_object);
  std::vector<HeldFunction> held_functions(const clang::CXXOperatorCallExpr *e);
  void call_held(const clang::Expr *e, const HeldFunction &held, const Ex &f, const std::vector<Ex> &args,
                 const std::optional<Place> &result);
  void call_adapted(const clang::Expr *e, const KnownTarget &target, std::vector<Ex> given,
                    const std::vector<Ex> &args, const std::optional<Place> &result);
  bool names_closure(const clang::Expr *e) const;
  bool keeps_its_function(const clang::VarDecl *v) const;
  void default_object(const Place &to, const clang::CXXRecordDecl *cls, clang::SourceLocation at);

  // -- algorithms that are given a function (functional.cpp)
  Ex applied(const Closure &c, const std::vector<Place> &args, const clang::Expr *at);
  Result applied_body(const clang::FunctionDecl *body, const std::vector<Place> &args, const clang::Expr *at);
  Var first_where(const Ex &first, const Ex &count, const Closure &test, bool wanted, const clang::Expr *at);
  Ex keep_where(const Ex &first, const Ex &count, const Ex &to, const Closure &test, bool wanted,
                const clang::Expr *at);
  Ex best_element(const Ex &first, const Ex &count, const Closure &less, bool largest, const clang::Expr *at);
  using ElementAt = std::function<Place(const Ex &)>; ///< with this subscript
  using Less = std::function<Ex(const Place &, const Place &)>;
  Var work_array(const char *name, const ir::Type &element, const Ex &count);
  void merge_step(const ElementAt &element, const Less &less, const Var &order, const Var &merged,
                  const Ex &left, const Ex &middle, const Ex &right);
  Var sorted_order(const ElementAt &element, const Ex &count, const Less &less);
  void sort_by(const ElementAt &element, const Ex &count, const Less &less);
  Less comparison(const clang::Expr *given, clang::QualType element, const clang::Expr *at);
  bool sorted_search(const clang::CallExpr *e, const std::string &name, Result &result);
  bool natural_sort(const clang::CallExpr *e, const std::string &name);
  bool functional_algorithm(const clang::CallExpr *e, Result &result);

  // -- std::complex (complex.cpp)
  Complex named(const Complex &z);
  Complex quotient(const Complex &a, const Complex &b);
  Complex exponential(const Complex &z);
  Complex square_root(const Complex &z);
  Complex power(const Complex &x, const Complex &y);
  ir::Type part_type(clang::QualType complex, clang::SourceLocation at);
  static Complex parts_of(const Place &z);
  Complex complex_value(const clang::Expr *e, const ir::Type &part);
  std::vector<Complex> complex_values(const Args &es, const ir::Type &part);
  std::optional<Complex> complex_result(const clang::CallExpr *e, const clang::FunctionDecl *f);
  void set_parts(const Place &z, const Complex &to);
  bool complex_reading(const clang::CallExpr *e, const std::string &name, Result &result);
  bool complex_call(const clang::CallExpr *e, const clang::FunctionDecl *f, const Place *into,
                    Result &result);
  bool complex_construct(const Place &to, const clang::CXXConstructExpr *e);
  // -- std::unique_ptr, std::shared_ptr (smart.cpp)
  Result smart_value(const clang::CXXConstructExpr *e);
  bool smart_call(const clang::CallExpr *e, const clang::FunctionDecl *f, Result &result);
  Ex owned_object(const clang::CXXNewExpr *e);
  Ex owned_block(const ir::Type &element, const Ex &count, bool zero);
  Ex owned_by(const clang::Expr *e, const ir::Type &to);
  Ex shared_object(const clang::CallExpr *e);
  bool smart_factory(const clang::CallExpr *e, const clang::FunctionDecl *f, Result &result);
  bool smart_operator(const clang::CXXOperatorCallExpr *op, const clang::Expr *object, Result &result);
  bool make_of(const Place &to, clang::QualType made, const Args &args, const clang::Expr *at);
  bool make_of_library(const Place &to, clang::QualType made, const Args &args, const clang::Expr *at);
  // -- std::optional (optional.cpp)
  void set_optional(const Place &to, const clang::Expr *e);
  void emplace_optional(const Place &to, clang::QualType type, const Args &args, const clang::Expr *at);
  bool optional_construct(const Place &to, const clang::CXXConstructExpr *e);
  Result compare_optionals(const std::string &sign, const clang::Expr *a, const clang::Expr *b);
  bool optional_call(const clang::CallExpr *e, const clang::FunctionDecl *f, Result &result);
  // -- std::variant (variant.cpp)
  void set_variant(const Place &to, clang::QualType variant, const clang::Expr *e);
  void default_variant(const Place &to, const clang::CXXRecordDecl *variant, clang::SourceLocation at);
  void default_value(const Place &to, clang::QualType type, clang::SourceLocation at);
  bool emplace_alternative(const Place &v, clang::QualType variant, unsigned i, const Args &args,
                           const clang::Expr *at);
  bool variant_construct(const Place &to, const clang::CXXConstructExpr *e);
  bool variant_call(const clang::CallExpr *e, const clang::FunctionDecl *f, Result &result);
  bool variant_member(const clang::CXXMemberCallExpr *e, const std::string &name, const Place &v,
                      Result &result);
  Ex alternative_of(const clang::CallExpr *e, const clang::FunctionDecl *f, const Place &v, bool is_pointer);
  Result visit(const clang::CallExpr *e);
  struct Visited { ///< the alternatives chosen so far
    std::vector<Place> objects;
    std::vector<clang::QualType> types;
  };
  void visit_alternatives(const clang::CallExpr *e, const Visited &so_far,
                          const std::vector<Closure> &closures, const Place *object,
                          const std::vector<Place> &variants, const Var &result);
  void visit_one(const clang::CallExpr *e, const Visited &chosen, const std::vector<Closure> &closures,
                 const Place *object, const Var &result);
  bool names_closures(const clang::Expr *e) const;
  std::vector<Closure> closures_of(const clang::Expr *e);

  // -- std::function that the function itself makes (held.cpp)
  void set_state(const Place &to, unsigned number, const std::function<void(const Place &)> &fill);
  void require_same_function(const clang::Expr *given, clang::QualType function);
  void require_held(const Place &f, const clang::Expr *at);
  void set_closure(const Place &to, clang::QualType function, const Closure &c, const clang::Expr *at);
  bool is_stored_function(const clang::Expr *e);
  void set_function(const Place &to, clang::QualType function, const clang::Expr *e);
  void fill_captures(const Place &state, const Closure &c, const clang::Expr *at, bool for_call = false);
  std::vector<Place> closure_arguments(const clang::CXXOperatorCallExpr *e);
  Result call_stored(const clang::CXXOperatorCallExpr *e, const Place &f);
  Result call_closure(const clang::CXXOperatorCallExpr *e, const clang::CXXRecordDecl *closure,
                      const Ex &state, const std::vector<Place> &args);
  Result call_named(const clang::CXXOperatorCallExpr *e, const KnownTarget &target,
                    const std::vector<Ex> &given, const std::vector<Place> &args);
  Ex adapted(const clang::Expr *e, const ir::Type &as, const Ex &given);
  Result call_stored_target(const clang::CXXOperatorCallExpr *e, const Place &object, unsigned number,
                            const HeldTarget &held, const std::vector<Place> &args);
  bool stored_function_call(const clang::CallExpr *e, const clang::FunctionDecl *f, Result &result);

  // -- ends of lives (lifetime.cpp)
  struct Living { ///< its destructor does something
    Place object;
    const clang::CXXRecordDecl *cls;
    const clang::VarDecl *variable;
    unsigned captures;
    Loc at;
  };
  void begin_life(const Place &object, clang::QualType t, const clang::VarDecl *v);
  void begin_temporary(const Place &object, clang::QualType t, bool lasts = false);
  void delete_object(const clang::CXXDeleteExpr *d);
  void end_lives(std::size_t first);
  [[noreturn]] void refuse_conditional(const Living &temporary);
  void destroy_down_to(std::size_t first, const clang::VarDecl *but = nullptr);
  void end_temporaries();
  void destroy(const Place &object, const clang::CXXRecordDecl *cls);
  void destroy_members(const clang::CXXDestructorDecl *d);

  // -- exceptions (throw.cpp, try.cpp)
  struct Trying {
    const clang::CXXTryStmt *statement;
    std::string label;       ///< of the scope that an exception leaves
    Var which;               ///< number of the handler
    std::vector<Var> caught; ///< per handler: its object, or null
    std::size_t living;      ///< how many objects there were
  };
  void try_stmt(const clang::CXXTryStmt *s);
  bool is_handled(clang::QualType thrown, const std::string &name, const clang::Expr *object);
  void raise(const std::string &library_exception, Opaque text);
  bool call_in_try(const clang::CallExpr *e, Result &result);
  void refuse_in_try(const clang::FunctionDecl *f, clang::SourceLocation at);
  void throw_stmt(const clang::CXXThrowExpr *e);
  void text_of(const clang::Expr *e, Opaque &out);

  // -- handles (handle.cpp)
  struct Written { ///< the arguments of an operation, and how they are written
    std::vector<Token> tokens;
    std::vector<Ex> args;
    std::vector<ir::Type> types;
    bool is_default = false; ///< what follows stands in no text
  };
  Ex handle_value(const clang::Expr *e);
  void rebind_handle(const clang::CXXOperatorCallExpr *e);
  static void add_written(Written &out, Ex arg, ir::Type as, bool has_adjoint);
  void write_list(const std::string &open, const std::string &close, const Args &parts, bool has_adjoint,
                  Written &out);
  void write_object(const clang::CXXConstructExpr *c, bool has_adjoint, bool in_braces, Written &out);
  void write_argument(const clang::Expr *e, bool has_adjoint, bool in_braces, Written &out);
  bool is_steady_object(const clang::VarDecl *v);
  Ex written_number(const clang::Expr *e, bool in_braces);
  std::optional<Callee::Kind> operation_kind(const clang::CallExpr *e, const clang::FunctionDecl *f);
  struct ReadNumber { ///< how a number that is read from a handle is converted: ".to<double>"
    std::string conversion;
    clang::QualType type;
  };
  const clang::CallExpr *number_source(const clang::CallExpr *e, ReadNumber &number);
  CalleeRef operation_callee(const clang::FunctionDecl *f, Callee::Kind kind, const Written &w,
                             const ReadNumber &number);
  bool handle_call(const clang::CallExpr *e, const clang::FunctionDecl *f, const Place *into, bool unused,
                   Result &result);
  bool library(const clang::CallExpr *e, const clang::FunctionDecl *f, const Place *into, Result &result);
  bool own_row(const clang::CallExpr *e, const clang::FunctionDecl *f, Result &result);
  bool math(const clang::CallExpr *e, const std::string &name, Result &result);
  bool math_parts(const clang::CallExpr *e, const std::string &name, Result &result);
  bool min_max(const clang::CallExpr *e, const std::string &name, Result &result);
  bool bind_minmax(const clang::DecompositionDecl *d);
  bool array_method(const clang::CallExpr *e, const clang::FunctionDecl *f, Result &result);
  bool memory(const clang::CallExpr *e, const std::string &name, Result &result);
  bool algorithm(const clang::CallExpr *e, const std::string &name, Result &result);
  bool printing(const clang::CallExpr *e, const clang::FunctionDecl *f, const std::string &name,
                Result &result);
  bool stream(const clang::CallExpr *e);
  bool stream_pieces(const clang::Expr *e, Opaque &out);
  void opaque_argument(const clang::Expr *e, Opaque &out);
  bool range_algorithm(const clang::CallExpr *e, const std::string &name, Result &result);
  void copy_object(const Place &to, const Place &from);
  void copy_loop(const Ex &to, const Ex &from, const Ex &count, bool downwards);
  void copy_elements(Ex to, Ex from, Ex count, bool may_overlap, clang::SourceLocation at);
  void fill_elements(Ex to, Ex v, Ex count);
  void swap_places(Place a, Place b);
  std::vector<Ex> values(const Args &es);
  std::vector<Ex> referred(const Args &es);

  // -- containers (container.cpp, container_call.cpp)
  Ex count_of(Ex n, const std::string &name);
  void count_loop(const Ex &first, const Ex &end, const std::function<void(const Ex &)> &body);
  void count_down(const Ex &first, const Ex &end, const std::function<void(const Ex &)> &body);
  void allocate_elements(const Place &to, const Ex &n, bool zero);
  void empty_container(const Place &to);
  void regrow(const Place &v, const Ex &capacity);
  void reserve(const Place &v, const Ex &n);
  void reserve_one(const Place &v);
  void resize(const Place &v, const clang::Expr *n, const clang::Expr *fill, clang::QualType element_class);
  void set_element(const Place &to, const Ex &x, clang::QualType element_class, const clang::Expr *at);
  Ex steady_value(const clang::Expr *e);
  void copy_value(const Place &to, const Place &from), take_value(const Place &to, const clang::Expr *e);
  void move_value(const Place &to, const Place &from, clang::QualType t);
  void clear_moved(const Place &p, clang::QualType t);
  void list_elements(const Place &to, const clang::Expr *e, bool is_fresh = true);
  void list_view(const Place &to, const clang::Expr *e);
  void range_elements(const Place &to, const clang::Expr *first, const clang::Expr *last, bool is_fresh);
  bool container_construct(const Place &to, const clang::CXXConstructExpr *e);
  bool fill_container(const Place &to, clang::QualType element_class, const Args &args,
                      const clang::Expr *at);
  void view_construct(const Place &to, const clang::CXXConstructExpr *e);
  void replace_elements(const Place &to, const Ex &n,
                        llvm::function_ref<void(const Place &, const Ex &)> set);
  void copy_view(const Place &to, const Place &view), assign_value(const Place &to, const Place &from);
  bool iterator_call(const clang::CallExpr *e, Result &result);
  Result iterator_value(const clang::CXXConstructExpr *e);
  bool container_reading(const clang::CallExpr *e, const std::string &name, const Place &v, Result &result);
  void check_range(const Place &v, const Ex &i);
  void push_back(const Place &v, const clang::Expr *x);
  const clang::Expr *as_value(const clang::Expr *e);
  Ex insert_one(const Place &v, const Ex &at, const Ex &x);
  void take_element(Place made, const Place &from, const clang::Expr *at);
  Ex insert_range(const Place &v, const std::vector<Ex> &where, const clang::Expr *e);
  Ex erase_elements(const Place &v, const Ex &first, const Ex &count);
  bool container_change(const clang::CallExpr *e, const std::string &name, const Place &v, Result &result);
  bool emplaces_value(const Args &args, clang::QualType element_class) const;
  void container_assign(const clang::CXXOperatorCallExpr *e, Result &result);
  Ex compare_containers(const Place &v, const Place &w, bool equal);
  bool container_call(const clang::CallExpr *e, const clang::FunctionDecl *f, Result &result);
  bool container_function(const clang::CallExpr *e, const clang::FunctionDecl *f, Result &result);
  bool view_range_for(const clang::CXXForRangeStmt *s, const clang::Expr *range);
  bool container_range_for(const clang::CXXForRangeStmt *s, const clang::Expr *range);

  // -- std::deque, list, map ... (chain.cpp, chain_call.cpp)
  using SetElement = std::function<void(const Place &)>; ///< fills a new element
  Place chain_element(const Ex &iterator);
  Place slot_element(const Place &v, const Ex &i);
  void empty_chain(const Place &v);
  void clear_chain(const Place &v);
  Ex new_element(const Place &v, const SetElement &set);
  void link_before(const Ex &at, const Ex &node);
  Ex unlink(const Ex &node);
  void insert_slot(const Place &v, const Ex &i, const Ex &pointer);
  void erase_slots(const Place &v, const Ex &i, const Ex &count);
  Place append(const Place &v, const SetElement &set);
  void each_element(const Place &v, const std::function<void(const Place &)> &body);
  void copy_chain(const Place &to, const Place &from);
  Ex key_less(const Ex &a, const Ex &b, const clang::Expr *at);
  bool tie_assignment(const clang::CXXOperatorCallExpr *op);
  Result tie_comparison(const clang::Expr *left, const clang::Expr *right, clang::OverloadedOperatorKind op,
                        const clang::Expr *at);
  Ex key_equal(const Ex &a, const Ex &b);
  Ex rewritten_comparison(const clang::CXXRewrittenBinaryOperator *e);
  Ex key_before(const ChainClass &c, const Ex &a, const Ex &b, const clang::Expr *at);
  Place key_of(const Place &v, const Place &value);
  static Place entry_part(const Place &pair, unsigned which);
  Place key_value(const Place &v, const clang::Expr *e);
  Place existing_key(const Place &v, const Place &element, const clang::Expr *at);
  Ex text_key(const clang::Expr *e);
  Place text_place(const Place &p, const clang::Expr *e);
  Var key_position(const Place &v, const Place &key, bool is_upper, const clang::Expr *at);
  Var key_is_there(const Place &v, const Place &key, const Var &slot, const clang::Expr *at);
  Var node_at(const Place &v, const Ex &slot);
  Var find_or_insert(const Place &v, const Place &key, const SetElement &set, const SetElement &otherwise,
                     Var &is_new, const clang::Expr *at);
  [[noreturn]] void refuse_chain_use(const clang::Expr *e, const std::string &what);
  [[noreturn]] void refuse_unordered(const clang::Expr *e);
  Ex chain_end(const Place &v, bool is_last);
  bool chain_reading(const clang::CallExpr *e, const std::string &name, const Place &v, const Args &args,
                     Result &result);
  SetElement element_of(const clang::CallExpr *e, const Args &args, clang::QualType cls, bool is_value);
  Ex insert_before(const Place &v, const Ex &at, const SetElement &set);
  Ex erase_at(const Place &v, const Ex &at, const clang::Expr *e);
  Ex erase_between(const Place &v, const Ex &first, const Ex &last, const clang::Expr *e);
  void pop(const Place &v, bool is_front, const clang::Expr *e);
  bool sequence_change(const clang::CallExpr *e, const std::string &name, const Place &v, const Args &args,
                       Result &result);
  bool key_insert(const clang::CallExpr *e, const std::string &name, const Place &v, const Args &args,
                  Result &result);
  bool key_call(const clang::CallExpr *e, const std::string &name, const Place &v, const Args &args,
                Result &result);
  clang::QualType mapped_class(const ChainClass &c) const;
  void add_element(const Place &v, const clang::Expr *e, const Place *from, const clang::Expr *at);
  void fill_chain(const Place &v, const Args &args, const clang::Expr *at);
  Ex stepped(const Ex &at, const std::optional<ChainClass> &chain, bool is_forward, const Ex &n = {});
  bool chain_construct(const Place &to, const clang::CXXConstructExpr *e);
  void chain_assign(const clang::CXXOperatorCallExpr *e, Result &result);
  bool chain_call(const clang::CallExpr *e, const clang::FunctionDecl *f, Result &result);
  // -- algorithms over them (chain_algorithm.cpp)
  Place reached(const Ex &at, const std::optional<ChainClass> &chain);
  void move_on(const Var &at, const std::optional<ChainClass> &chain);
  void count_up(const Var &n);
  Var walk(const std::vector<Ex> &ends, const std::optional<ChainClass> &chain, const Var &stop,
           const std::function<void(const Var &)> &body);
  void walk_elements(const Place &to, const std::vector<Ex> &ends, const ChainClass &chain);
  std::function<Ex(const Place &)> wanted_by(const clang::CallExpr *e, const std::string &name);
  Ex extreme_element(const clang::CallExpr *e, const std::vector<Ex> &ends, const ChainClass &chain,
                     bool largest);
  bool chain_loop(const clang::CallExpr *e, const std::string &name, const std::optional<ChainClass> &chain,
                  Result &result);
  bool chain_algorithm(const clang::CallExpr *e, const clang::FunctionDecl *f, Result &result);
  bool chain_range_for(const clang::CXXForRangeStmt *s, const clang::Expr *range);

  // -- std::valarray (valarray.cpp)
  struct Elementwise {                ///< an expression of valarrays, or a number
    Ex size;                          ///< null for a number
    std::function<Ex(const Ex &)> at; ///< the element with this subscript; may emit statements
  };
  std::optional<Closure> named_closure(const clang::Expr *e);
  std::optional<Elementwise> elementwise(const clang::Expr *e);
  std::optional<Elementwise> elementwise_call(const clang::CallExpr *e);
  Elementwise array_operand(const clang::Expr *e);
  void set_array(const Place &to, const Elementwise &from);
  bool array_construct(const Place &to, const clang::CXXConstructExpr *e);
  bool array_call(const clang::CallExpr *e, const clang::FunctionDecl *f, Result &result);
  bool array_assign(const clang::CXXOperatorCallExpr *e, Result &result);
  Ex array_sum(const Elementwise &x, const ir::Type &t);
  Ex array_extreme(const Elementwise &x, const ir::Type &t, bool is_max);

  Matrices &matrices(); ///< Eigen's
  // -- building
  ir::Type type(clang::QualType t, clang::SourceLocation at) { return s_.type(t, at); }
  void emit(decltype(ir::Stmt::node) node) {
    if (auto *c = std::get_if<Call>(&node))
      hand_on_globals(*c);
    out_->push_back(ir::Stmt{std::move(node), here_, 0});
  }
  void take_globals(Function &fn);
  void hand_on_globals(Call &c);
  void emit(Block b) {
    out_->insert(out_->end(), std::make_move_iterator(b.begin()), std::make_move_iterator(b.end()));
  }
  Block capture(const std::function<void()> &fn);
  Var variable(std::string name, ir::Type t);
  Var temp(const std::string &name, Ex init);
  Var empty_temp(const std::string &name, ir::Type t);
  /// `e`, computed before the statements from `mark` on if those could change what it reads.
  void protect(Ex &e, std::size_t &mark);
  void protect(Place &p, std::size_t &mark);
  bool is_simple(const Ex &e) const; ///< a constant, or a variable that only its name can change
  Ex freeze_now(Ex e, const std::string &name);
  bool is_disturbed(const Ex &e, std::size_t mark) const;
  bool is_memory(const Var &v) const { return v->kind == Variable::Global || escaped_.count(v.get()); }
  std::string label(const char *what) { return std::string(what) + "_" + std::to_string(++labels_); }
  [[noreturn]] void refuse_expr(const clang::Expr *e, std::string what, std::string advice) {
    s_.refuse(Diag::UnsupportedExpression, e->getExprLoc(), {std::move(what), std::move(advice)});
  }

  Shared &s_;
  const clang::FunctionDecl *f_;
  CalleeRef callee_;
  Block *out_ = nullptr;
  Loc here_;
  std::map<const clang::ValueDecl *, Var> vars_;
  std::map<const clang::ValueDecl *, Place> named_places_;        ///< structured bindings, captures
  std::map<const clang::VarDecl *, std::vector<Ex>> vla_extents_; ///< outermost first
  Uses uses_;                                                     ///< of the whole function
  std::set<const Variable *> escaped_;
  std::set<const Variable *> stable_;        ///< temporaries that are written once
  Var self_, result_;                        ///< the object; what a container is returned through
  std::set<const clang::VarDecl *> hoisted_; ///< declared before their switch
  std::vector<JumpTarget> breaks_, continues_;
  std::map<const clang::LabelDecl *, JumpTarget> labels_ahead_; ///< of goto
  std::vector<Living> living_, temporaries_;
  std::vector<Trying> tries_;
  std::vector<ReturnTarget> returns_;
  std::map<const clang::VarDecl *, Closure> closures_;
  std::map<const clang::VarDecl *, std::vector<Closure>> closure_sets_; ///< overloaded{...}
  std::set<const clang::FunctionDecl *> inlining_;
  bool for_reading_ = false;                ///< the address being taken is only read through
  bool unused_ = false, as_object_ = false; ///< the next call's result is; is used as an lvalue
  std::shared_ptr<Matrices> matrices_;      ///< Eigen's (matrix.h)
  unsigned labels_ = 0, captures_ = 0;      ///< captures_: blocks that are being captured
};

} // namespace nabla::front
