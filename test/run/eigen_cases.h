// Included by eigen.cpp. Functions over Eigen's matrices, compiled on doubles and on dual numbers. X: dynamic size, F: fixed.
template <class T> using VecX = Eigen::Matrix<T, Eigen::Dynamic, 1>;
template <class T> using MatX = Eigen::Matrix<T, Eigen::Dynamic, Eigen::Dynamic>;
template <class T> using RowX = Eigen::Matrix<T, 1, Eigen::Dynamic>;
template <class T> using ArrX = Eigen::Array<T, Eigen::Dynamic, 1>;
template <class T> using Vec3 = Eigen::Matrix<T, 3, 1>;
template <class T> using Mat3 = Eigen::Matrix<T, 3, 3>;
template <class T> using Mat4 = Eigen::Matrix<T, 4, 4>;
template <class T> using RowMajor = Eigen::Matrix<T, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
#define X_CASE(NAME) template <class T> T NAME([[maybe_unused]] const MatX<T> &a, const VecX<T> &x)
#define F_CASE(NAME) template <class T> T NAME(const Mat3<T> &a, Vec3<T> x)

// ---- Templates over expressions ----
template <class D> typename D::Scalar of_base(const Eigen::MatrixBase<D> &m) {
  typename D::Scalar s = m.sum() * m(0);
  for (int i = 0; i < m.size(); ++i)
    s += m(i) * m(i);
  return s + m.squaredNorm();
}
template <class M> typename M::Scalar of_any(const M &m) { return m.dot(m) * m(1); }
X_CASE(taken_as_they_are) {
  VecX<T> y = a * x;
  return of_base(y) + of_base(y.head(2)) * of_base(2.0 * y) + of_any(y.template head<2>()) + of_any(x - y);
}
X_CASE(integers_and_shapes) {
  Eigen::MatrixXi k(2, 2);
  k << 1, 2, 3, 4;
  Eigen::Matrix<T, 5, 5> p, q;
  for (int i = 0; i < 25; ++i) {
    p(i / 5, i % 5) = x(0) * i + x(1);
    q(i / 5, i % 5) = x(1) * x(2) * (i % 7);
  }
  MatX<T> m(2, 3); // keeps its coefficients where their number stays
  m << x(0), x(1), T(1), T(2), x(0) * x(1), T(4);
  m.resize(3, 2);
  return T((k.transpose() * k).trace()) * x(0) + (p.transpose() * q).trace() * 1e-3 + m(0, 1) * m(2, 0) +
         m(1, 1);
}
F_CASE(units_and_lists) {
  std::vector<Vec3<T>> all(3);
  all[1] = Vec3<T>::UnitX() * x(0) + x(1) * Vec3<T>::Unit(2);
  all[2] = a * all[1];
  all[0].setZero();
  all[0] += all[1];
  T s = x(2);
  for (auto &v : all)
    s += v.squaredNorm() * v(0);
  return s;
}

// ---- Arithmetic ----
X_CASE(sums) {
  VecX<T> y = 2.0 * x - x / 3.0 + a.col(1);
  y += x;
  y -= a.row(0).transpose();
  y *= 1.5;
  y /= 2;
  return y.sum() + (-y).squaredNorm() + y.norm() * y.dot(x) + y.mean() + (x + y).prod();
}
X_CASE(scalars_from_it) {
  VecX<T> y = x;
  y /= y.norm();
  y *= y(0) + x[1];
  T form = x.transpose() * a * x;
  return y.dot(a * x) + form;
}
X_CASE(products) {
  MatX<T> b = a * a.transpose() + a, c = b * a;
  VecX<T> y = a * x;
  y = b * y; // reads what it assigns
  c = c * b;
  RowX<T> r = x.transpose() * b;
  y.noalias() += a.transpose() * x;
  c.noalias() -= x * x.transpose();
  T form = r * y;
  return y.sum() + c.trace() + c(0, 2) * b(1, 0) + form + (c.transpose() * b)(1, 1);
}
X_CASE(shapes_at_run_time) {
  MatX<T> w = a.topRows(2), v = a.leftCols(2);
  MatX<T> p = w * v; // 2 x 2
  VecX<T> y(2);
  y = w * x;
  y.resize(3);
  y.setConstant(x(1));
  return p.determinant() + y.sum() * p(1, 0) + double(p.rows() + y.size()) * x(0);
}
X_CASE(parts) {
  MatX<T> b = MatX<T>::Zero(4, 3);
  b.topLeftCorner(3, 3) = a;
  b.row(3) = 2.0 * x.transpose();
  b.col(1) += b.col(0);
  b.block(1, 1, 2, 2) *= x(0);
  b.bottomRows(1) -= a.row(2);
  VecX<T> y = b.col(2);
  y.segment(1, 2) = x.tail(2);
  y.head(1).setZero();
  b.diagonal().array() += x(2);
  return b.squaredNorm() + y.dot(b.col(1)) + b.middleCols(1, 2).sum() + b.rightCols(1).norm() +
         y.reverse()(0);
}
// A row that is assigned to a column, and the other way round, is turned.
X_CASE(rows_and_columns) {
  VecX<T> y = a.row(0), z(3);
  Vec3<T> w = a.row(1);
  z = a.row(2);
  z += a.row(1);
  z -= 0.5 * a.row(0);
  MatX<T> b = a;
  b.row(0) = x;
  b.row(1) += x;
  b.col(2).swap(y);
  b.colwise() = z;
  b.array().colwise() *= (z + x).array();
  b.array().rowwise() *= a.row(1).array();
  b.row(1) = w;
  b.row(2) *= x(1);
  return y(1) + 2.0 * y(2) + w(1) * x(0) + w(2) + z(0) * z(2) + b(0, 1) * b(1, 2) + b(2, 0);
}
X_CASE(symmetric) {
  MatX<T> b = a, c = a, d = a, e = a;
  b.template selfadjointView<Eigen::Lower>().rankUpdate(x);
  c.template selfadjointView<Eigen::Upper>().rankUpdate(a, x(0));
  d.template selfadjointView<Eigen::Lower>().rankUpdate(d.col(1), T(0.5));
  e.transposeInPlace();
  MatX<T> wide = a.topRows(2);
  wide.transposeInPlace();
  MatX<T> s = a.template selfadjointView<Eigen::Lower>(), u = a.template triangularView<Eigen::Upper>();
  MatX<T> l = a.template triangularView<Eigen::StrictlyLower>(),
          one = a.template triangularView<Eigen::UnitLower>();
  VecX<T> y = a.template selfadjointView<Eigen::Upper>() * x;
  MatX<T> p = a.template triangularView<Eigen::Lower>() * b;
  return b(2, 0) * b(1, 1) + b(0, 2) + c(0, 2) * c(1, 0) + d(2, 1) * d(0, 1) + e(0, 2) * x(1) +
         wide(2, 1) * wide(0, 1) + s(0, 1) * s(2, 2) + u(1, 0) + u(0, 1) * x(2) + l(1, 0) + l(1, 1) +
         one(1, 1) * one(2, 0) + y(0) * y(2) + p(0, 1) * p(2, 0);
}
X_CASE(block_variables) {
  MatX<T> b = a;
  auto first = b.row(0);
  auto turned = b.transpose();
  first *= x(0);
  turned(2, 1) += x(1);
  auto d = b.diagonal();
  d(1) = d(0) * x(2);
  return b.sum() * turned.row(1).squaredNorm() + d.prod();
}
X_CASE(coefficients) {
  ArrX<T> y = x.array() * 0.3 + 1.0;
  ArrX<T> z =
      y.exp() + y.log() + y.sqrt() * y.square() - y.sin() / y.cos() + y.tanh() + y.pow(1.5) + y.inverse();
  z += y.cube() * exp(y) + abs(-y) + sqrt(y) + y.max(z).min(2.0 * y);
  VecX<T> w = (z * y).matrix().cwiseProduct(x) + x.cwiseQuotient(z.matrix()) + x.cwiseAbs() + x.cwiseAbs2();
  w.array() *= y;
  w.array() += 0.5;
  return w.sum() + (x.array() > 1.0).select(x.array() * x.array(), z).sum();
}
X_CASE(reductions) {
  int at = 0;
  T largest = x.maxCoeff(&at);
  T s = x(at) * a.minCoeff() + largest + a.template lpNorm<1>() + x.template lpNorm<Eigen::Infinity>();
  VecX<T> rows = a.rowwise().sum();
  RowX<T> columns = a.colwise().norm();
  MatX<T> shifted = a.colwise() - x;
  shifted.rowwise() += columns;
  if ((x.array() > 0.0).all())
    s *= 2;
  return s + rows.dot(x) * columns.sum() + shifted.squaredNorm() + a.mean();
}
X_CASE(constants) {
  VecX<T> y = VecX<T>::Ones(3) + VecX<T>::Constant(3, x(0)) + VecX<T>::LinSpaced(3, 0.5, 1.5);
  MatX<T> b = MatX<T>::Identity(3, 3) * x(1) + a;
  b.setIdentity();
  b += x.asDiagonal() * a + a * y.asDiagonal();
  y.setZero();
  y << x(2), 2, x(0) * x(1);
  VecX<T> z(4);
  z << x.head(2), y.tail(2);
  return (b * y).sum() + z.squaredNorm() + x.normalized().dot(y);
}
X_CASE(mapped) {
  VecX<T> y = x.unaryExpr([&](const T &v) { return v * v + x(0); });
  T memory[6] = {x(0), x(1), x(2), a(0, 0), a(1, 1), 2};
  Eigen::Map<MatX<T>> m(memory, 2, 3);
  Eigen::Map<const VecX<T>> v(memory + 3, 3);
  Eigen::Map<Vec3<T>> u(memory + 1);
  m(1, 0) *= 2.0;
  u += x;
  m.col(2) += m.col(0);
  return (m * y).sum() * v.sum() + u.dot(v);
}

// ---- Linear systems ----
template <class T> MatX<T> definite(const MatX<T> &a) {
  MatX<T> s = a * a.transpose();
  for (int i = 0; i < s.rows(); ++i)
    s(i, i) += 2.0;
  return s;
}
X_CASE(cholesky) {
  Eigen::LLT<MatX<T>> llt(definite(a));
  VecX<T> y = llt.solve(x);
  VecX<T> z = llt.solve(y + x);
  return y.dot(z) + (llt.info() == Eigen::Success ? z(0) : x(0)) + definite(a).llt().solve(x).sum();
}
X_CASE(lists_of_blocks) {
  MatX<T> b(2 * a.rows(), a.cols() + 1);
  b << a, x, a * a, x + x;
  Mat3<T> s, t;
  s << a.topRows(1), a.bottomRows(2) * a;
  t << x, s.leftCols(2);
  VecX<T> v(x.size() + 2);
  v << x(0), x, x(1) * x(0);
  return b.squaredNorm() + b(3, 1) * s(2, 1) + s.sum() * v.norm() + (s * t).sum();
}
X_CASE(triangles) {
  using std::log;
  MatX<T> s = definite(a), l = s.llt().matrixL();
  VecX<T> y = l.template triangularView<Eigen::Lower>().solve(x);
  T v = y.squaredNorm() / 2;
  for (int i = 0; i < l.rows(); ++i)
    v += log(l(i, i));
  Eigen::LLT<MatX<T>> llt(s);
  MatX<T> u = llt.matrixU();
  VecX<T> z = llt.matrixL().solve(x), w = llt.matrixL() * x;
  v += z.sum() * u(0, 1) + w.squaredNorm();
  VecX<T> p = s.template triangularView<Eigen::Upper>().solve(x);
  VecX<T> q = s.transpose().template triangularView<Eigen::UnitLower>().solve(p);
  MatX<T> m = s.template triangularView<Eigen::UnitUpper>().solve(s);
  return v + q.squaredNorm() + m.sum();
}
X_CASE(ldlt) { return definite(a).ldlt().solve(x).dot(x) + a.transpose().ldlt().solve(a).trace(); }
X_CASE(lu) {
  VecX<T> y = x;
  Eigen::PartialPivLU<MatX<T>> f(a);
  for (int i = 0; i < 3; ++i) {
    y = f.solve(y) + x;
    MatX<T> b = a + y * x.transpose();
    y += b.lu().solve(x);
  }
  return y.sum() + f.determinant() + a.partialPivLu().solve(a + a).sum();
}
X_CASE(least_squares) {
  MatX<T> tall(x.size() + a.rows(), x.size());
  tall << a, definite(a);
  VecX<T> right(x.size() + a.rows());
  right << x, a * x;
  right(0) += 1;
  Eigen::HouseholderQR<MatX<T>> qr(tall);
  VecX<T> y = qr.solve(right), z = tall.colPivHouseholderQr().solve(2 * right);
  z(0) *= 2;
  y += qr.solve(tall * z) + a.householderQr().solve(x);
  return y.squaredNorm() + z.sum();
}
X_CASE(inverse) {
  MatX<T> b = a.inverse();
  b = (b + a).inverse() * b;
  return b.sum() * a.determinant() + (a.inverse() * x).norm();
}

// ---- Values, calls, classes ----
template <class T> VecX<T> step(const VecX<T> &x, const MatX<T> &a, double h) { return x + h * (a * x); }
template <class T> void move(VecX<T> &x, const VecX<T> &v) { x += v; }
template <class T> T energy(VecX<T> x) {
  x *= 2;
  return 0.5 * x.squaredNorm();
}
X_CASE(calls) {
  VecX<T> y = x;
  for (int i = 0; i < 3; ++i)
    y = step<T>(y, a, 0.1);
  move<T>(y, a * x);
  VecX<T> z = y;
  z.swap(y);
  std::swap(y, z);
  return energy<T>(y) + energy<T>(y - x) + z(1) * y(0);
}
template <class T> struct Filter {
  VecX<T> x;
  MatX<T> p;
  T gain = 0.5;
  Filter(const VecX<T> &start, const MatX<T> &cov) : x(start), p(cov) {}
  void predict(const MatX<T> &f) {
    x = f * x;
    p = f * p * f.transpose();
  }
  void update(const VecX<T> &h, T z) {
    T s = h.dot(p * h) + 1.0;
    VecX<T> k = p * h / s;
    x += k * (z - h.dot(x)) * gain;
    p -= k * h.transpose() * p;
  }
};
X_CASE(classes) {
  Filter<T> f(x, definite(a));
  VecX<T> h = VecX<T>::Ones(3);
  for (int i = 0; i < 4; ++i) {
    f.predict(a);
    f.update(h, x(i % 3));
  }
  return f.x.sum() + f.p.trace();
}
X_CASE(in_vectors) {
  std::vector<VecX<T>> path;
  path.push_back(x);
  for (int i = 0; i < 3; ++i)
    path.push_back(path.back() + 0.1 * (a * path[i]));
  std::vector<Vec3<T>> fixed(2, Vec3<T>(x(0), x(1), x(2)));
  fixed[1] += fixed[0] * x(1);
  fixed.push_back(fixed[1].cross(fixed[0] + Vec3<T>(1, 2, 3)));
  T s = 0;
  for (const VecX<T> &v : path)
    s += v.squaredNorm();
  for (const Vec3<T> &v : fixed)
    s += v.sum() * v.x();
  return s;
}
X_CASE(row_major) {
  RowMajor<T> b = a;
  b(0, 2) *= x(1);
  RowMajor<T> c = b * a + b.transpose();
  RowX<T> r = c.row(1);
  return (c * x).sum() + r(2) * b.data()[1] + (b * c).sum();
}

// ---- Fixed size ----
F_CASE(fixed_arithmetic) {
  Vec3<T> y = a * x + x.cross(a.col(0)), z(x(1), 2.0, y.z());
  y += z;
  x = a.transpose() * x; // reads what it assigns
  Mat3<T> b = a * a - 2.0 * Mat3<T>::Identity();
  b *= a;
  return y.dot(x) + b.trace() + z.normalized().sum() + (y - z).norm() * b(1, 2);
}
F_CASE(fixed_systems) {
  Mat4<T> b = Mat4<T>::Identity();
  b.template topLeftCorner<3, 3>() += a;
  b.template block<1, 3>(3, 0) = x.transpose();
  Eigen::Matrix<T, 4, 1> y = b.partialPivLu().solve(Eigen::Matrix<T, 4, 1>::Ones());
  Eigen::Matrix<T, 2, 2> c = a.template bottomRightCorner<2, 2>();
  return a.inverse().sum() + a.determinant() * b.determinant() + y.sum() + c.inverse().trace() +
         (b.inverse() * y)(2);
}
template <class T> Vec3<T> gravity(const Vec3<T> &r) { return -r / (r.squaredNorm() * r.norm()); }
template <class T> struct Body {
  Vec3<T> q, v;
  T mass = 2;
};
F_CASE(fixed_classes) {
  Body<T> b{x, a.row(1).transpose()};
  Body<T> all[2] = {b, {a.col(2), x}};
  for (int i = 0; i < 3; ++i)
    for (Body<T> &each : all) {
      each.v += 0.1 * gravity<T>(each.q - all[0].v);
      each.q += 0.1 * each.v;
    }
  return all[0].mass * all[0].q.dot(all[1].v) + all[1].q.norm();
}
