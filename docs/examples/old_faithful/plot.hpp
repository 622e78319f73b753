// Draws the points and an ellipse per component as SVG.
#pragma once
#include <string>
#include <vector>

struct Component {
  double weight, mean_x, mean_y, xx, xy, yy; ///< xx, xy, yy: the covariance
};

bool write_plot(const std::string &file, const std::vector<double> &points, const Component (&components)[2]);
