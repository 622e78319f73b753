// A mixture of two bivariate Gaussian distributions, and how well it explains the data.
#pragma once
#include <nabla/nabla.h>

/// The unconstrained parameters theta[0..10]. The first is the logit of the first component's weight; then,
/// for each of the two components, its mean (2 numbers) and the Cholesky factor [exp(a) 0; b exp(c)] of its
/// covariance as a, b, c.
constexpr int component_size = 5;
constexpr int parameters = 1 + 2 * component_size;

/// Minus the log-likelihood of `n` points (x, y, x, y, ...).
[[nabla::gradient("theta")]] double negative_log_likelihood(const double *theta, const double *points, int n);
/// What the mark declares; written out for editors and compilers without the plugin.
double negative_log_likelihood_grad(const double *theta, const double *points, int n, double *theta_bar);
