// Eigen with Nabla. For differentiated functions over Eigen's matrices: products of large matrices and solutions of linear
// systems, with rules that use the factorisation that is there. For the dynamic tape: Eigen::Matrix<nabla::var, ...>.
//
//   [[nabla::gradient]] double f(const Eigen::MatrixXd &a, const Eigen::VectorXd &b) { return a.llt().solve(b).dot(b); }
#pragma once
#include "eigen_rules.h"
#include "eigen_var.h"
