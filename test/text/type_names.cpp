// Types are written as the user writes them: no default template arguments, in nested ones either.
//
// RUN: %nabla %s -o %t.cpp -- -std=c++20
// RUN: FileCheck %s < %t.cpp
#include <map>
#include <memory>
#include <nabla/nabla.h>
#include <string>
#include <vector>

[[nabla::gradient]] double rows(const std::vector<std::vector<double>> &v) { return v[0][0] * v[1][0]; }
// CHECK: double rows_grad(const std::vector<std::vector<double>> &v,
// CHECK-NEXT: std::vector<std::vector<double>> &v_bar) {

[[nabla::gradient]] double owners(const std::vector<std::unique_ptr<double>> &v) { return *v[0] * *v[1]; }
// CHECK: double owners_grad(const std::vector<std::unique_ptr<double>> &v,
// CHECK-NEXT: std::vector<std::unique_ptr<double>> &v_bar) {

[[nabla::gradient]] double named(const std::map<std::string, double> &m) {
  double s = 0;
  for (auto &[key, value] : m)
    s += value * value;
  return s;
}
// CHECK: double named_grad(const std::map<std::string, double> &m, std::map<std::string, double> &m_bar) {
