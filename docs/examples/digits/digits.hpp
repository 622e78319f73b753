// The data set, and the drawing of the losses.
#pragma once

#include <nabla/tensor.h>

#include <string>
#include <vector>

/// Images [n, 64] with pixels scaled to [0, 1], and their labels [n].
struct Digits {
  nabla::Tensor images, labels;
};

/// 1797 digits of 8 x 8 pixels from a file compressed by gzip, in an order shuffled by nabla's random numbers.
Digits read_digits(const std::string &path);

/// Mean losses after each epoch.
struct Curves {
  std::vector<double> train, test;
};

/// Both curves over epochs, on a logarithmic axis.
void draw(const Curves &curves, double accuracy, const std::string &path);
