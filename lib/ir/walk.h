// Going through the IR and rewriting it: every pass stands on these.
//
// "Directly in a statement" means: in the statement's own expressions and places, not in the blocks it
// encloses.
#pragma once
#include "ir/ir.h"
#include <vector>

namespace nabla::ir {

// ---- Visiting
// -------------------------------------------------------------------------------------------------

/// Every statement, outer ones before those they enclose.
void for_each_stmt(const Block &block, const std::function<void(const Stmt &)> &fn);
void for_each_stmt(Block &block, const std::function<void(Stmt &)> &fn);
/// The blocks directly enclosed: both arms of an If, a loop's body, a Try's body and its handler.
void for_each_block(const Stmt &s, const std::function<void(const Block &)> &fn);
void for_each_block(Stmt &s, const std::function<void(Block &)> &fn);
/// The outermost expressions directly in a statement, those in the path of a written place included.
void for_each_expr(const Stmt &s, const std::function<void(const Ex &)> &fn);
/// `e` and every expression in it, in the paths of its places too; outer ones first.
void for_each_subexpr(const Ex &e, const std::function<void(const Ex &)> &fn);
/// The outermost expressions in a place's path: indices and offsets.
void for_each_expr(const Place &p, const std::function<void(const Ex &)> &fn);
/// Every place whose value is read: `p[i]` reads p[i], the pointer p, and i. A reference itself is not
/// reported.
void for_each_read(const Ex &e, const std::function<void(const Place &)> &fn);
/// What finding the place reads (indices, pointers on the way), but not its own value.
void for_each_read(const Place &p, const std::function<void(const Place &)> &fn);
/// Every variable mentioned in any way, once per mention. Declarations are mentions too.
void for_each_variable(const Ex &e, const std::function<void(const Var &)> &fn);
void for_each_variable(const Place &p, const std::function<void(const Var &)> &fn);
void for_each_variable(const Stmt &s,
                       const std::function<void(const Var &)> &fn); ///< directly in the statement
void for_each_variable(const Block &b, const std::function<void(const Var &)> &fn);
/// The variable a statement brings into being: of a Declare, a For, a Try. Else null.
Var declared_by(const Stmt &s);

/// Places that are read directly; the target of an Add too. What a callee reads through its arguments is not
/// here.
std::vector<Place> reads_of(const Stmt &s);
/// Places that are written directly: a Declare's variable, a loop's index, a Call's result (not what the
/// callee writes).
std::vector<Place> writes_of(const Stmt &s);

/// Does the place read `x.data()` of a vector that is const where the user declared it, or an element of such?
bool is_constant_data(const Place &p);

// ---- Comparing
// ------------------------------------------------------------------------------------------------

bool same_node(const Ex &a, const Ex &b);  ///< the very same node: identity
bool same_value(const Ex &a, const Ex &b); ///< alike in structure, so equal when evaluated at the same moment
bool same_place(const Place &a, const Place &b); ///< alike in structure; `*p` and `p[0]` are the same place

// ---- Rewriting
// ------------------------------------------------------------------------------------------------

/// Gives a replacement, or nothing: then the children are rewritten in turn.
using ExFn = std::function<std::optional<Ex>(const Ex &)>;
/// Gives a replacement for a place whose path has been rewritten already, or nothing.
using PlaceFn = std::function<std::optional<Place>(const Place &)>;
using VarMap = std::map<Var, Var>;
using PlaceMap = std::map<Var, Place>;

/// From the outside in; a replacement is not looked into again. Unchanged parts stay shared.
Ex rewrite(const Ex &e, const ExFn &fn);
Place rewrite(const Place &p, const ExFn &fn);
/// From the inside out: `fn` sees an expression whose children are rewritten already.
Ex rewrite_up(const Ex &e, const ExFn &fn);
Place rewrite_up(const Place &p, const ExFn &fn);
/// All expressions of a statement, of the blocks it encloses too.
Stmt rewrite_exprs(const Stmt &s, const ExFn &fn);
Block rewrite_exprs(const Block &b, const ExFn &fn);
Stmt rewrite_up(const Stmt &s, const ExFn &fn);
Block rewrite_up(const Block &b, const ExFn &fn);
/// All places, read, written and pointed at.
Ex rewrite_places(const Ex &e, const PlaceFn &fn);
Place rewrite_places(const Place &p, const PlaceFn &fn);
Stmt rewrite_places(const Stmt &s, const PlaceFn &fn);
Block rewrite_places(const Block &b, const PlaceFn &fn);

/// Variables for variables, where they are declared too.
Ex substitute(const Ex &e, const VarMap &map);
Place substitute(const Place &p, const VarMap &map);
Stmt substitute(const Stmt &s, const VarMap &map);
Block substitute(const Block &b, const VarMap &map);
/// The place that a variable stands for is put in its place; for a variable of reference type, in place of
/// what it refers to (its Deref falls away).
Place substitute(const Place &p, const PlaceMap &map);
Ex substitute(const Ex &e, const PlaceMap &map);
Block substitute(const Block &b, const PlaceMap &map);

/// `s` with each block that it encloses directly replaced.
Stmt with_blocks(const Stmt &s, const std::function<Block(const Block &)> &fn);

/// Gives each statement its id, from 0 in the order of for_each_stmt, and sets Function::statements.
void renumber(Function &f);
/// A copy whose parameters and locals are new variables: for inlining. `map` receives old -> new.
Function clone_with_fresh_locals(const Function &f, VarMap *map = nullptr);

} // namespace nabla::ir
