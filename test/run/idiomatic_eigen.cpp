// Programs with Eigen as C++ programmers write them: a Kalman filter, Gauss-Newton, a Gaussian process, a recurrent cell.
//
// RUN: %nablaxx -std=c++17 -O0 -Wall -Wextra -I%include -isystem /usr/include/eigen3 %check %s -o %t && %t
#ifdef CASES

template <int R, int C> using Mat = Eigen::Matrix<double, R, C>;
template <int N> using Vec = Eigen::Matrix<double, N, 1>;
using MatX = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic>;
using VecX = Eigen::Matrix<double, Eigen::Dynamic, 1>;

// ---- A Kalman filter that tracks a target ----

class Kalman {
public:
  Kalman(double dt, double process, double measurement) : noise_(measurement) {
    f_.setIdentity();
    f_(0, 2) = f_(1, 3) = dt;
    q_ = process * Mat<4, 4>::Identity();
    q_.template topLeftCorner<2, 2>() *= dt * dt;
    h_.setZero();
    h_(0, 0) = h_(1, 1) = 1;
    x_.setZero();
    p_ = 10 * Mat<4, 4>::Identity();
  }
  void predict() {
    x_ = f_ * x_;
    p_ = f_ * p_ * f_.transpose() + q_;
  }
  double update(const Vec<2> &z) {
    Vec<2> innovation = z - h_ * x_;
    Mat<2, 2> s = h_ * p_ * h_.transpose() + noise_ * Mat<2, 2>::Identity();
    Mat<4, 2> gain = p_ * h_.transpose() * s.inverse();
    x_ += gain * innovation;
    p_ = (Mat<4, 4>::Identity() - gain * h_) * p_;
    return -0.5 * (innovation.dot(s.ldlt().solve(innovation)) + std::log(s.determinant()));
  }
  const Vec<4> &state() const { return x_; }

private:
  Mat<4, 4> f_, q_, p_;
  Mat<2, 4> h_;
  Vec<4> x_;
  double noise_;
};
double kalman(const std::vector<double> &z, double process, double measurement) {
  Kalman filter(0.5, process, measurement);
  double log_likelihood = 0;
  for (std::size_t i = 0; i + 1 < z.size(); i += 2) {
    filter.predict();
    log_likelihood += filter.update(Vec<2>(z[i], z[i + 1]));
  }
  return log_likelihood + 0.1 * filter.state().squaredNorm();
}

// ---- A curve fitted by Gauss-Newton ----

struct Decay {
  static VecX residual(const VecX &theta, const VecX &t, const VecX &y) {
    VecX r(t.size());
    for (int i = 0; i < t.size(); ++i)
      r(i) = theta(0) * std::exp(-theta(1) * t(i)) - y(i);
    return r;
  }
  static MatX jacobian(const VecX &theta, const VecX &t) {
    MatX j(t.size(), 2);
    for (int i = 0; i < t.size(); ++i) {
      double e = std::exp(-theta(1) * t(i));
      j.row(i) << e, -theta(0) * t(i) * e;
    }
    return j;
  }
};
double fitted(const std::vector<double> &measured, double damping) {
  VecX t(4), y = Eigen::Map<const VecX>(measured.data(), measured.size()), theta(2);
  t << 0, 0.5, 1, 2;
  theta << 1, 0.5;
  for (int iteration = 0; iteration < 3; ++iteration) {
    MatX j = Decay::jacobian(theta, t);
    VecX r = Decay::residual(theta, t, y);
    MatX normal = j.transpose() * j + damping * MatX::Identity(2, 2);
    theta -= normal.llt().solve(j.transpose() * r);
  }
  return theta.prod() + Decay::residual(theta, t, y).squaredNorm();
}

// ---- A Gaussian process ----

double process(const std::vector<double> &x, double width, double noise) {
  const int n = static_cast<int>(x.size());
  MatX k(n, n);
  VecX y(n);
  for (int i = 0; i < n; ++i) {
    y(i) = std::sin(2 * x[i]);
    for (int j = 0; j < n; ++j) {
      double d = (x[i] - x[j]) / width;
      k(i, j) = std::exp(-0.5 * d * d) + (i == j ? noise : double(0));
    }
  }
  Eigen::LLT<MatX> llt(k);
  if (llt.info() != Eigen::Success)
    return 0;
  VecX alpha = llt.solve(y);
  return -0.5 * y.dot(alpha) - 0.5 * std::log(k.determinant());
}

// ---- A recurrent cell ----

class Cell {
public:
  Cell(int inputs, int hidden, const std::vector<double> &weights)
      : from_input_(hidden, inputs), from_state_(hidden, hidden), bias_(hidden) {
    const double *w = weights.data();
    from_input_ = Eigen::Map<const MatX>(w, hidden, inputs);
    from_state_ = Eigen::Map<const MatX>(w + hidden * inputs, hidden, hidden);
    bias_ = Eigen::Map<const VecX>(w + hidden * (inputs + hidden), hidden);
  }
  VecX step(const VecX &x, const VecX &state) const {
    VecX sum = from_input_ * x + from_state_ * state + bias_;
    return sum.array().tanh().matrix();
  }

private:
  MatX from_input_, from_state_;
  VecX bias_;
};
double recurrent(const std::vector<double> &weights) {
  Cell cell(1, 2, weights);
  VecX state = VecX::Zero(2), x(1);
  double loss = 0;
  for (int t = 0; t < 4; ++t) {
    x(0) = 0.3 * t - 0.4;
    state = cell.step(x, state);
    loss += (state - VecX::Constant(2, 0.1)).squaredNorm();
  }
  return loss + state.maxCoeff();
}

#else
#define CASES "idiomatic_eigen.cpp"
#include "eigen_dual.h"
#include "twice.h"
#include <nabla/eigen.h>

int main() {
  VERIFY(kalman, reals{0.1, 0.2, 0.5, 0.4, 1.1, 0.5, 1.4, 0.9}, 0.1, 0.3);
  VERIFY(fitted, reals{1.9, 1.3, 0.8, 0.4}, 0.1);
  VERIFY(process, reals{0.1, 0.7, 1.3, 1.8}, 0.6, 0.2);
  VERIFY(recurrent, reals{0.3, -0.4, 0.5, 0.1, -0.2, 0.6, 0.05, -0.1});
  return check::report();
}
#endif
