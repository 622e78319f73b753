// Included by eigen.h. Eigen matrices of variables: Eigen::Matrix<nabla::var, ...> with every operation that Eigen has for a real scalar, mixed
// with matrices and scalars of doubles. For large linear systems nabla::solve is one node instead of n^3 statements.
//
//   Eigen::Matrix<nabla::var, 3, 3> a;  ...  nabla::var d = a.determinant();
#pragma once
#include "tape.h"
#include <Eigen/Core>

namespace Eigen {

template <class T> struct NumTraits<nabla::basic_var<T>> : GenericNumTraits<nabla::basic_var<T>> {
  using Real = nabla::basic_var<T>;
  using NonInteger = nabla::basic_var<T>;
  using Nested = nabla::basic_var<T>;
  using Literal = nabla::basic_var<T>;
  enum {
    IsComplex = 0,
    IsInteger = 0,
    IsSigned = 1,
    RequireInitialization = 1,
    ReadCost = 2,
    AddCost = 8,
    MulCost = 8
  };
  static Real epsilon() { return std::numeric_limits<Real>::epsilon(); }
  static Real dummy_precision() { return Real(NumTraits<T>::dummy_precision()); }
  static Real highest() { return (std::numeric_limits<Real>::max)(); }
  static Real lowest() { return std::numeric_limits<Real>::lowest(); }
  static Real infinity() { return std::numeric_limits<Real>::infinity(); }
  static Real quiet_NaN() { return std::numeric_limits<Real>::quiet_NaN(); }
  static int digits10() { return NumTraits<T>::digits10(); }
  static int max_digits10() { return std::numeric_limits<T>::max_digits10; }
};

template <class T, class Op> struct ScalarBinaryOpTraits<nabla::basic_var<T>, T, Op> {
  using ReturnType = nabla::basic_var<T>;
};
template <class T, class Op> struct ScalarBinaryOpTraits<T, nabla::basic_var<T>, Op> {
  using ReturnType = nabla::basic_var<T>;
};

} // namespace Eigen
