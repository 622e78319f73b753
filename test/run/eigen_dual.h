// Eigen's matrices of dual numbers: the oracle of the tests over Eigen.
#pragma once
#include "dual.h"
#include <Eigen/Dense>

namespace Eigen {
template <> struct NumTraits<oracle::dual<double>> : GenericNumTraits<oracle::dual<double>> {
  using Real = oracle::dual<double>;
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
  static Real epsilon() { return NumTraits<double>::epsilon(); }
  static Real dummy_precision() { return 1e-12; }
  static Real highest() { return NumTraits<double>::highest(); }
  static Real lowest() { return NumTraits<double>::lowest(); }
  static int digits10() { return 15; }
};
template <class Op> struct ScalarBinaryOpTraits<oracle::dual<double>, double, Op> {
  using ReturnType = oracle::dual<double>;
};
template <class Op> struct ScalarBinaryOpTraits<double, oracle::dual<double>, Op> {
  using ReturnType = oracle::dual<double>;
};
} // namespace Eigen
