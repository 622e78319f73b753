// Eigen's matrices: small ones of fixed and of dynamic size. Every eighth file draws them, for their headers take long.
#include "gen.h"

namespace fuzz {

namespace {

struct Step {
  const char *row, *text;
};

/// What is done to zq_a (3 x 3), zq_x, zq_y and the number zq_s in a loop over zq_i.
const Step steps[] = {
    {"eigen.arithmetic", "zq_y = zq_a * zq_x - 0.5 * zq_y;"},
    {"eigen.arithmetic", "zq_y += zq_a.transpose() * zq_x;"},
    {"eigen.arithmetic", "zq_y.noalias() -= 0.3 * zq_a * zq_x.cwiseProduct(zq_x);"},
    {"eigen.arithmetic", "zq_a = zq_a * zq_a - zq_a.transpose().eval() * zq_s;"},
    {"eigen.arithmetic", "zq_a += 0.1 * zq_x * zq_y.transpose();"},
    {"eigen.arithmetic", "zq_x = (zq_y.transpose() * zq_a).transpose();"},
    {"eigen.arithmetic", "zq_s += zq_x.dot(zq_a * zq_y);"},
    {"eigen.reductions", "zq_s += zq_x.dot(zq_y) + 0.1 * zq_a.sum();"},
    {"eigen.reductions", "zq_s += zq_a.norm() * 0.2 + zq_y.squaredNorm() - zq_a.trace();"},
    {"eigen.reductions", "zq_s -= zq_y.maxCoeff() + zq_a.mean() + zq_x.lpNorm<1>();"},
    {"eigen.reductions", "zq_y = 0.5 * zq_a.rowwise().sum() - zq_a.colwise().sum().transpose();"},
    {"eigen.parts", "zq_a.row(1) *= zq_y(0);"},
    {"eigen.parts", "zq_a.col(0) = 0.5 * zq_a.col(1) + zq_y;"},
    {"eigen.parts", "zq_a.row(2) = zq_x.transpose() * zq_a;"},
    {"eigen.parts", "zq_x.head(2) = zq_a.block(1, 0, 2, 2) * zq_y.tail(2);"},
    {"eigen.parts", "zq_a.topLeftCorner(2, 1) = zq_x.segment(1, 2) * zq_s;"},
    {"eigen.parts", "zq_y += zq_a.diagonal() * 0.4;"},
    {"eigen.parts", "zq_x.swap(zq_y);"},
    {"eigen.coefficients", "zq_y = zq_x.cwiseProduct(zq_y) + zq_a.col(2).array().sin().matrix();"},
    {"eigen.coefficients", "zq_a = (zq_a.array() * zq_a.array() * 0.2).exp().matrix() - zq_a;"},
    {"eigen.coefficients", "zq_y = zq_y.cwiseQuotient(zq_x.cwiseAbs2() + zq_x.Ones(3));"},
    {"eigen.coefficients",
     "for (int zq_j = 0; zq_j < 3; ++zq_j)\nzq_a(zq_j, zq_i % 3) = std::tanh(zq_y(zq_j) * zq_s);"},
    {"eigen.coefficients", "zq_x << zq_s, 0.5 * zq_y(1), zq_x(0) * zq_y(2);"},
    {"eigen.solve", "zq_y = (0.1 * zq_a + zq_e).inverse() * zq_x;"},
    {"eigen.solve", "zq_s += 0.1 * (0.1 * zq_a + zq_e).determinant();"},
    {"eigen.solve", "zq_y = (0.1 * zq_a + zq_e).partialPivLu().solve(zq_x);"},
    {"eigen.solve", "zq_y = (0.1 * zq_a + zq_e).colPivHouseholderQr().solve(zq_x);"},
    {"eigen.solve", "zq_M# zq_b = 0.1 * zq_a * zq_a.transpose() + zq_e;\nzq_y = zq_b.llt().solve(zq_y);"},
    {"eigen.solve", "zq_M# zq_b = 0.1 * zq_a + zq_e;\nzq_b += zq_b.transpose().eval();\nEigen::LDLT<zq_M#> "
                    "zq_l(zq_b);\nzq_x = zq_l.solve(zq_x) + 0.1 * zq_l.solve(zq_y);"},
};

} // namespace

bool Gen::draws_matrices() const { return number_ / 50 % 8 == 5; }

/// A loop over a matrix and two vectors, whose coefficients stay small and whose systems can be solved.
Ref Gen::matrix_idiom(Ref to) {
  bool is_fixed = r_.chance(40);
  row(is_fixed ? "eigen.fixed" : "eigen.dynamic");
  std::string name = std::to_string(number_) + (is_fixed ? "f" : "d"), all;
  for (int i = r_.in(2, 4); i > 0; --i) {
    const Step &s = steps[r_.in(0, int(std::size(steps)) - 1)];
    row(s.row);
    all += std::string("{\n") + s.text + "\n}\n";
    if (r_.chance(20))
      all += "if (zq_s > 0.3)\ncontinue;\n";
  }
  std::string text = "{\nzq_M# zq_a, zq_e;\nzq_X# zq_x, zq_y;\n";
  if (!is_fixed)
    text += "zq_a.resize(3, 3);\nzq_e.resize(3, 3);\nzq_x.resize(3);\nzq_y.resize(3);\n";
  text += "const double zq_p = @, zq_q = @;\ndouble zq_s = @;\nzq_e.setIdentity();\nzq_e *= 3.0;\n"
          "for (int zq_i = 0; zq_i < 3; ++zq_i) {\nzq_x(zq_i) = zq_p - 0.3 * zq_i;\nzq_y[zq_i] = 0.4 * zq_q "
          "* zq_i + 0.2;\n"
          "for (int zq_j = 0; zq_j < 3; ++zq_j)\nzq_a(zq_i, zq_j) = std::sin(zq_p * zq_i + zq_q * zq_j + "
          "0.5);\n}\n"
          "for (int zq_i = 0; zq_i < 3; ++zq_i) {\nzq_a *= 1 / (1 + 0.2 * zq_a.squaredNorm());\n"
          "zq_x /= 1 + 0.2 * zq_x.squaredNorm();\nzq_y /= 1 + 0.2 * zq_y.squaredNorm();\nzq_s = "
          "std::tanh(zq_s);\n" +
          all + "}\n@ = std::tanh(zq_s + zq_x.sum() * 0.2 + zq_y(1) + 0.1 * zq_a.sum());\n}";
  for (std::size_t at; (at = text.find('#')) != std::string::npos;)
    text.replace(at, 1, name);
  return make(Node::Stmt, text, {value(1, 1), value(1, 1), read(), to});
}

/// The types of matrices that the program's idioms name.
void Gen::make_matrices() {
  std::string n = std::to_string(number_);
  top_.push_back(make(Node::Place, "using zq_M" + n +
                                       "d = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic>;\n"
                                       "using zq_X" +
                                       n +
                                       "d = Eigen::Matrix<double, Eigen::Dynamic, 1>;\n"
                                       "using zq_M" +
                                       n +
                                       "f = Eigen::Matrix<double, 3, 3>;\n"
                                       "using zq_X" +
                                       n + "f = Eigen::Matrix<double, 3, 1>;\n"));
}

} // namespace fuzz
