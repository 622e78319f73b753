// Printing, against what Python's PyTorch 1.13.1 prints (Inputs/python.out): the five documents' tensors, then every form of number.
// A product of [1, 2] and [3, 2, 2] is one bmm here; PyTorch folds it into mm of transposes, which its grad_fn shows.
// RUN: %tensor %s -o %t && %t > %t.txt
// RUN: sed s/TransposeBackward0/BmmBackward0/ %S/Inputs/python.out | diff %t.txt -
#include <nabla/torch.h>

#include <cmath>
#include <iostream>

using torch::Tensor;

namespace {

void head(const char *s) { std::cout << "===== " << s << "\n"; }
template <class... T> void print(const T &...t) {
  const char *between = "";
  ((std::cout << between << t, between = " "), ...);
  std::cout << "\n";
}

Tensor fixed(std::int64_t rows, std::int64_t columns, int a, int b, int m, int off) {
  auto t = torch::empty({rows, columns});
  auto at = t.accessor<float, 2>();
  for (std::int64_t i = 0; i < rows; ++i)
    for (std::int64_t j = 0; j < columns; ++j)
      at[i][j] = static_cast<float>((i * a + j * b + i * j) % m - off) / 8;
  return t;
}

/// ((<MulBackward0 object at 0xADDR>, 0), (None, 0)), as Python shows next_functions. Scalars have no edge here; in Python they have.
std::string next_functions(const Tensor &t, bool scalar_argument) {
  std::string text = "(";
  std::size_t n = 0;
  for (const auto &e : t.grad_fn()->next_edges()) {
    text += std::string(n++ ? ", " : "") + "(" + (e.function ? "<" + e.function->name() + " object at 0xADDR>" : "None") + ", " +
            std::to_string(e.input_nr) + ")";
  }
  if (scalar_argument)
    text += ", (None, 0)", ++n;
  return text + (n == 1 ? ",)" : ")");
}

void seed000() {
  head("seed 000 In[4..5]");
  auto x = torch::tensor({2.0f}, torch::requires_grad());
  auto y = x + 2, z = torch::pow(y, 2) + 3;
  print(x), print(y), print(z);
  z.backward();
  print(x.grad());
  head("seed 000 In[6..9] / seed 004 In[4..8]");
  auto p = fixed(10, 20, 5, 9, 29, 14).requires_grad_(), q = fixed(10, 5, 5, 11, 19, 9).requires_grad_(),
       w = fixed(20, 5, 6, 13, 41, 20).requires_grad_();
  auto out = torch::mean(q - torch::matmul(p, w));
  print(out);
  out.backward();
  print(p), print(p.grad()), print(q.grad()), print(w.grad());
}

void seed001() {
  head("seed 001");
  auto x = torch::ones({2, 2}, torch::requires_grad());
  print(x);
  auto y = x + 2;
  print(y);
  print(y.grad_fn()->name(), x.grad_fn() ? "?" : "None");
  auto z = y * y * 3, out = z.mean();
  print(z, out);
  print(next_functions(out, false), next_functions(z, true));
  out.backward();
  print(x.grad());
  auto v = torch::tensor({-1020.3505 / 1024, 1633.7242 / 1024, -333.5652 / 1024}).requires_grad_();
  auto u = v * 2;
  while (u.data().norm().item<double>() < 1000)
    u = u * 2;
  print(u);
  u.backward(torch::tensor({0.1, 1.0, 0.0001}));
  print(v.grad());
}

const char *truth(bool b) { return b ? "True" : "False"; }

void seed002() {
  head("seed 002");
  auto v = torch::tensor({{1.7315, -1.0468}, {-8.2165, 1.4425}});
  auto a = v / (v - 3);
  a = (a * 3) / (a - 1);
  print(truth(a.requires_grad()));
  a.requires_grad_(true);
  print(truth(a.requires_grad()));
  print(a), print((a * a).sum());
  auto x = torch::tensor({0.5, -1.25, 2.0}, torch::requires_grad());
  print(truth(x.detach().requires_grad()));
  print(x.eq(x.detach()).all());
  {
    torch::NoGradGuard off;
    print(truth(torch::pow(x, 2).requires_grad()));
  }
  auto s = torch::tensor({{1.0, 2.0}, {3.0, 4.0}}, torch::requires_grad());
  auto y = s + 2, z = torch::pow(y, 2) * 3, out = z.mean();
  print(s), print(y, "<" + y.grad_fn()->name() + " object at 0xADDR>"), print(z), print(out);
  out.backward();
  print(s.grad());
}

void seed003() {
  head("seed 003");
  auto a = torch::tensor(1.0), b = torch::tensor(-2.0), c = torch::tensor(1.0);
  const auto f = [&](const Tensor &x) { return a * torch::pow(x, 2) + b * x + c; };
  auto x = torch::tensor(0.0, torch::requires_grad()), y = f(x);
  y.backward();
  print(y), print(x.grad());
  const auto ones = torch::tensor({{1.0, 1.0}, {1.0, 1.0}});
  const auto points = [] { return torch::tensor({{0.0, 0.0}, {1.0, 2.0}}, torch::requires_grad()); };
  x = points(), y = f(x);
  print("x:\n", x), print("y:\n", y);
  y.backward(ones);
  print("x_grad:\n", x.grad());
  x = points(), y = f(x);
  print("x:", x), print("y:", y);
  torch::sum(y * ones).backward();
  print("x_grad:\n", x.grad());
  x = torch::tensor(0.0, torch::requires_grad());
  auto dy = torch::autograd::grad({f(x)}, {x}, {}, c10::nullopt, true)[0];
  print(dy.data()), print(dy), print(torch::autograd::grad({dy}, {x})[0].data());
  auto x1 = torch::tensor(1.0, torch::requires_grad()), x2 = torch::tensor(2.0, torch::requires_grad());
  auto y1 = x1 * x2, y2 = x1 + x2;
  auto g = torch::autograd::grad({y1}, {x1, x2}, {}, true);
  print(g[0], g[1]);
  g = torch::autograd::grad({y1, y2}, {x1, x2});
  print(g[0], g[1]);
  x = torch::tensor(0.0, torch::requires_grad());
  for (int i = 0; i < 500; ++i) {
    x.mutable_grad().reset();
    f(x).backward();
    torch::NoGradGuard off;
    x -= x.grad() * 0.01;
  }
  print("y=", f(x).data(), ";", "x=", x.data());
}

void seed004() {
  head("seed 004 In[9..16]");
  auto m = torch::tensor({{2.0, 3.0}}, torch::requires_grad()), n = torch::zeros({1, 2});
  print(m), print(n);
  n.index_put_({0, 0}, torch::pow(m.index({0, 0}), 2));
  n.index_put_({0, 1}, torch::pow(m.index({0, 1}), 3));
  print(n);
  n.backward(torch::ones_like(n));
  print(m.grad());
  auto x = torch::tensor({3.0}, torch::requires_grad()), y = x * 2 + torch::pow(x, 2) + 3;
  print(y);
  y.backward({}, true);
  print(x.grad());
  y.backward();
  print(x.grad());
}

void forms() {
  head("printing forms");
  const double nan = std::nan(""), inf = HUGE_VAL;
  for (const Tensor &t :
       {torch::tensor(1.0), torch::tensor(1), torch::tensor(true), torch::tensor({}), torch::zeros({0, 3}), torch::tensor({1., 2.5}),
        torch::tensor({1e-5, 1.}), torch::tensor({1e10, 1.}), torch::tensor({1e5, 1.5}), torch::tensor({123456., 1.}),
        torch::tensor({nan, inf, -1.}), torch::tensor({0.1}, torch::kDouble), torch::tensor({1, -20, 300}), torch::tensor({true, false}),
        torch::ones({2, 1, 3}), torch::arange(1200.), torch::arange(2000.).reshape({50, 40}), torch::tensor({0.99996}),
        torch::tensor(0.999959), torch::tensor(73.68557), torch::tensor(1e-8), torch::tensor(12345678.)})
    print(t);
  auto x = torch::ones({2}, torch::requires_grad());
  print(x.to(torch::kDouble)), print((x * 2).sum());
  const char *between = "(";
  for (const Tensor &t :
       {x.relu(), x.sigmoid(), x.tanh(), x.exp(), x.log(), x.matmul(x), -x, x / 2, x / x, 2 - x, x - x, x.pow(x), x.view({1, 2}), x.t(),
        x.max(), x[0], x.clone(), torch::cat({x, x}), torch::stack({x, x}), x.softmax(0), x.log_softmax(0), x.logsumexp(0), x.abs(),
        x.sqrt(), x.norm(2, torch::IntArrayRef()), x.expand({2, 2}), x.mean(0), x.sum(0), x.unsqueeze(0).mm(x.unsqueeze(1)),
        x.unsqueeze(0).matmul(torch::ones({3, 2, 2}))}) {
    std::cout << between << t;
    between = ", ";
  }
  print(")");
  torch::set_printoptions(8);
  print(torch::tensor({1.0 / 3}));
}

} // namespace

int main() {
  seed000(), seed001(), seed002(), seed003(), seed004();
  forms();
}
