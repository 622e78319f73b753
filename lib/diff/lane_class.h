// Tangents of classes in several lanes: a class of the same members, in which reals are lanes.
//
//   struct Body { double x, v; int n; };     ->     nabla::members<lanes<double, 4>, lanes<double, 4>, int>
//   elements<double>                          ->     elements<lanes<double, 4>>
#pragma once
#include "ir/ir.h"

namespace nabla::diff {

/// `map` gives the types of members. A class that has no such form stays as it is.
ir::Type lane_class(const ir::Type &record, const std::function<ir::Type(const ir::Type &)> &map);
/// Does the type hold, or lead to, a class with reals that has no form in lanes?
bool lacks_lanes(const ir::Type &t);

} // namespace nabla::diff
