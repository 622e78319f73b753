// What C++ converts by itself, and how literals are typed: which casts of the IR need not be written.
#pragma once
#include "ir/ir.h"

namespace nabla::emit {

/// An integer type that is known by its spelling ("unsigned long", "std::size_t"); an enum is not.
struct Integer {
  int rank; ///< bool 0, char 1, short 2, int 3, long 4 (long long too: the same width)
  bool is_signed;
  bool is_character = false;
};
std::optional<Integer> integer(const ir::Type &t);
/// float 1, double 2, long double 3, another 0.
int real_rank(const ir::Type &t);

/// Does `to` hold every value of `from`, so that writing no cast is silent and the same?
bool widens(const ir::Type &from, const ir::Type &to);
/// bool, char, short and the like as operands of an operator become int by themselves.
bool promotes(const ir::Type &from, const ir::Type &to);
/// Would `a OP b` be done in type `b` although `a` is not written as a cast to it?
bool yields_to(const ir::Type &from, const ir::Type &to);

/// Decimal digits alone: "3".
bool is_plain_integer(const std::string &spelling);
/// "0.5", "1e-3", "3": a number without sign.
bool is_number(const std::string &spelling);
/// The literal's text such that its C++ type is `type`: "2" as a float is "2.0f". What is no number stays as
/// it is.
std::string typed_literal(const std::string &spelling, const ir::Type &type);
/// Is the literal, as it is spelled, of that type?
bool has_type(const std::string &spelling, const ir::Type &type);

/// The type of a variable that is written after its declaration: what a pointer leads to stays const.
ir::Type drop_const(const ir::Type &t);

} // namespace nabla::emit
