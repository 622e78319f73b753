// The oracle's numbers as coefficients of Eigen's matrices.
#pragma once
#include "oracle_dual.h"
#include <Eigen/Dense>

namespace Eigen {
template <class T> struct NumTraits<fz::Dual<T>> : GenericNumTraits<fz::Dual<T>> {
  using Real = fz::Dual<T>;
  using NonInteger = Real;
  using Nested = Real;
  using Literal = Real;
  enum {
    IsComplex = 0,
    IsInteger = 0,
    IsSigned = 1,
    RequireInitialization = 1,
    ReadCost = 1,
    AddCost = 2,
    MulCost = 4
  };
  static Real epsilon() { return NumTraits<T>::epsilon(); }
  static Real dummy_precision() { return NumTraits<T>::dummy_precision(); }
  static Real highest() { return NumTraits<T>::highest(); }
  static Real lowest() { return NumTraits<T>::lowest(); }
  static int digits10() { return NumTraits<T>::digits10(); }
};
template <class T, class Op> struct ScalarBinaryOpTraits<fz::Dual<T>, double, Op> {
  using ReturnType = fz::Dual<T>;
};
template <class T, class Op> struct ScalarBinaryOpTraits<double, fz::Dual<T>, Op> {
  using ReturnType = fz::Dual<T>;
};
} // namespace Eigen
