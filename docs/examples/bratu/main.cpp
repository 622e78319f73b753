// Newton's method on the Bratu problem  -laplace u = lambda exp(u),  u = 0 on the boundary of the unit square: the sparse Hessian
// of its energy is found once and filled again at each step.
#include <Eigen/SparseCholesky>
#include <cstdio>
#include <nabla/nabla.h>
#include <nabla/sparse.h>
#include <vector>

/// The energy whose minimum solves the problem, on n x n inner points with spacing h.
double energy(const double *u, int n, double lambda) {
  const double h = 1.0 / (n + 1);
  double sum = 0;
  for (int i = 0; i < n; ++i)
    for (int j = 0; j < n; ++j) {
      const double here = u[i * n + j];
      const double right = j + 1 < n ? u[i * n + j + 1] - here : -here;
      const double below = i + 1 < n ? u[(i + 1) * n + j] - here : -here;
      sum += 0.5 * (right * right + below * below) - h * h * lambda * std::exp(here);
      if (i == 0) // the edges of the boundary's first row and column
        sum += 0.5 * here * here;
      if (j == 0)
        sum += 0.5 * here * here;
    }
  return sum;
}

static void draw(const std::vector<double> &norms, const char *file) {
  std::FILE *svg = std::fopen(file, "w");
  if (!svg)
    return;
  std::fprintf(svg, "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 420 260' font-family='sans-serif' "
                    "font-size='11'>\n"
                    "<rect width='420' height='260' fill='white'/>\n<text x='50' y='20'>|gradient| after "
                    "each step of Newton's "
                    "method</text>\n<polyline fill='none' stroke='#0072b2' stroke-width='2' points='");
  auto x = [&](std::size_t k) { return 60 + 340.0 * double(k) / double(norms.size() - 1); };
  auto y = [](double norm) { return 45 + 190.0 * -std::log10(norm + 1e-17) / 17; };
  for (std::size_t k = 0; k < norms.size(); ++k)
    std::fprintf(svg, "%.1f,%.1f ", x(k), y(norms[k]));
  std::fprintf(svg, "'/>\n");
  for (int power = 0; power <= 16; power += 4)
    std::fprintf(svg, "<text x='20' y='%.1f'>1e-%d</text>\n", 49 + 190.0 * power / 17, power);
  for (std::size_t k = 0; k < norms.size(); ++k)
    std::fprintf(svg,
                 "<circle cx='%.1f' cy='%.1f' r='3' fill='#0072b2'/>\n<text x='%.1f' y='252'>%zu</text>\n",
                 x(k), y(norms[k]), x(k) - 3, k);
  std::fprintf(svg, "</svg>\n");
  std::fclose(svg);
}

int main(int argc, char **argv) {
  const int n = 100;
  const std::size_t size = n * n;
  std::vector<double> u(size), norms;
  nabla::csr hessian;
  Eigen::SimplicialLDLT<Eigen::SparseMatrix<double>> solver;
  for (int step = 0; step < 8; ++step) {
    Eigen::VectorXd gradient = Eigen::VectorXd::Zero(Eigen::Index(size));
    nabla::gradient<energy, nabla::wrt<0>>(u.data(), n, 6.0, gradient.data());
    norms.push_back(gradient.norm());
    std::printf("step %d  |gradient| %.1e\n", step, norms.back());
    if (norms.back() < 1e-14)
      break;
    nabla::sparse_hessian<energy, nabla::wrt<0>>(nabla::extents{size}, u.data(), n, 6.0, hessian);
    const Eigen::SparseMatrix<double> matrix = nabla::eigen(hessian);
    if (step == 0)
      solver.analyzePattern(matrix);
    solver.factorize(matrix);
    const Eigen::VectorXd change = solver.solve(gradient);
    for (std::size_t i = 0; i < size; ++i)
      u[i] -= change[Eigen::Index(i)];
  }
  std::printf("u(1/2, 1/2) = %.6f; %zu entries in %d colours, pattern found %s\n", u[size / 2 + n / 2],
              hessian.values.size(), hessian.colour_count, hessian.patterns == 1 ? "once" : "again");
  draw(norms, argc > 1 ? argv[1] : "bratu.svg");
}
