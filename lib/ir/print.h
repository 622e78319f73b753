// The IR as text: for dump=PASS, for FileCheck, and the spellings that the emitter shares.
#pragma once
#include "ir/ir.h"

namespace nabla::ir {

/// One line per statement, with its id in front once `renumber` ran. Variables of equal name print as x, x#2,
/// ...
std::string print(const Function &f);
std::string print(const Block &b);
std::string print(const Stmt &s);
std::string print(const Ex &e);
std::string print(const Place &p);

/// "sin": the name of a rule's row.
const char *name_of(Rule rule);

/// C++ declaration of `name` with this type: "const double *p", "double (&a)[3]". Without a name, the type
/// alone.
std::string spell(const Type &type, const std::string &name = "");

/// C++ access to a place: "x", "p[i]", "*p", "(*m)[i].x", "s->row[2]". A reference's Deref does not show.
std::string spell(const Place &p, const std::function<std::string(const Var &)> &name,
                  const std::function<std::string(const Ex &)> &print_index);

} // namespace nabla::ir
