// Draws delta and gamma over the spot price as SVG: closed forms as curves, estimates as points with error bars.
#pragma once
#include <string>
#include <vector>

struct Point {
  double spot, delta, delta_error, gamma, gamma_error; ///< errors: one standard deviation; 0 in closed form
};

bool write_plot(const std::string &file, const std::vector<Point> &curve,
                const std::vector<Point> &estimates);
