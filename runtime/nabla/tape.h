// The dynamic tape: derivatives of what a program computes with nabla::var, recorded while it runs.
//
//   nabla::tape tape;                                  // records on this thread from here on
//   nabla::var x = 3, y = 4;
//   tape.watch(x, y);
//   nabla::var z = sin(x) * y;                         // any templated or overloaded C++ code
//   tape.backward(z);
//   x.adjoint(); y.adjoint();
//
// Higher orders: basic_var<var> records derivatives on a second tape, basic_var<basic_dual<double>> carries a direction.
// docs/tape.md is the guide. Link with libnabla.
#pragma once
#include "tape/implicit.h"
#include "tape/modes.h"
#include "tape/nodes.h"
#include "tape/on_tape.h"
#include "tape/report.h"
#include "tape/std.h"
#include "tape/tape.h"
#include "tape/var.h"

namespace nabla {

using dynamic::basic_no_grad;
using dynamic::basic_tape;
using dynamic::basic_use_tape;
using dynamic::basic_var;
using dynamic::checkpointed;
using dynamic::external;
using dynamic::fixed_point;
using dynamic::not_current;
using dynamic::preaccumulate;
using dynamic::solve;
using dynamic::value;

/// A double on the current tape.
using var = basic_var<double>;
using tape = basic_tape<double>;
using use_tape = basic_use_tape<double>;
using no_grad = basic_no_grad<double>;

} // namespace nabla
