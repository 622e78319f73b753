// Eigen's matrices and vectors. To the IR one of fixed size is a struct of an array, one of dynamic size a container
// (container.h) with a shape. An expression is evaluated as Eigen does, coefficient by coefficient, into what it is assigned to.
//
//   y = A * x + 2 * b;   ->   t = record n;  for k, i: t[i] += A[i + k * n] * x[k];  for i: y[i] = t[i] + 2.0 * b[i]
#pragma once
#include "import/body.h"

namespace nabla::front {

/// Matrix, Array, or a Map or Ref of one: what has elements of its own, or views them.
struct MatrixClass {
  clang::QualType scalar;
  long rows, columns; ///< -1: known at run time
  long options = 0;   ///< Eigen's
  bool row_major = false, is_view = false, is_fixed = false;
  bool is_vector() const { return rows == 1 || columns == 1; }
};
std::optional<MatrixClass> matrix_of(clang::QualType t);
bool is_fixed_matrix(clang::QualType t);
/// A class that is copied member by member, and holds a matrix of fixed size, whose copy constructor does just that.
bool holds_matrices(const clang::CXXRecordDecl *cls);
/// Any class of Eigen's that stands for a matrix: `a + b`, `m.row(0)`.
bool is_dense(clang::QualType t);
/// The matrix that Eigen::MatrixBase<Eigen::VectorXd> and the other bases stand for; nothing for those of expressions.
std::optional<MatrixClass> matrix_of_base(clang::QualType t);
/// A parameter of a template that takes `m.row(0)` or `a + b` as it is.
bool is_matrix_expression(clang::QualType parameter);
/// Eigen::ArrayXd and expressions of arrays, whose `*` is coefficient by coefficient.
bool is_array(clang::QualType t);
/// The name of a class of Eigen's, or empty.
llvm::StringRef eigen_class(clang::QualType t);
/// Eigen::Vector3d, Eigen::Matrix<double, 3, 4>
std::string matrix_spelling(const MatrixClass &m, const std::string &scalar, bool is_array);
/// What stands for a matrix of dynamic size inside of generated code, and the class outside.
void matrix_fields(Struct &made, Struct &outside, const MatrixClass &m);
bool is_eigens(const clang::FunctionDecl *f);
std::shared_ptr<Struct> fixed_matrix_struct(std::string spelling, const MatrixClass &m,
                                            const ir::Type &scalar);

/// A matrix, stored or not, as its shape and its coefficients.
struct Dense {
  using At = std::function<Ex(const Ex &, const Ex &)>;
  using Where = std::function<Place(const Ex &, const Ex &)>;
  Ex rows, columns; ///< of type long
  ir::Type scalar;
  At at;                          ///< pure: what needs statements was computed before
  Where where;                    ///< of stored ones
  bool is_transposed = false;     ///< rows lie together in memory, not columns
  bool is_diagonal = false;       ///< `at(i, i)` is the diagonal, the rest is zero
  std::optional<Place> whole;     ///< a Matrix itself, which an assignment may resize
  std::optional<MatrixClass> cls; ///< of `whole`
};

/// Rows from r, columns from c of x.
Dense block_of(const Dense &x, const Ex &r, const Ex &c, const Ex &rows, const Ex &columns);

/// A factorisation: the matrix, its factor, and where its rows went, in the record.
struct Factor {
  std::string kind;
  Ex n, matrix, factor, pivots, failed;
  Ex rows; ///< of qr, which need not be square
  ir::Type scalar;
};

/// A triangle of a matrix; `mode` as Eigen's triangularView has it.
struct Triangle {
  Dense matrix;
  long mode;
};

/// Imports what concerns matrices, into the function that `body` imports.
class Matrices {
public:
  /// A parameter that is_matrix_expression, in the body that is imported in place.
  void bind(const clang::ParmVarDecl *p, const clang::Expr *given, bool may_change);
  explicit Matrices(Body &body) : b_(body), s_(body.s_) {}
  /// Each: true where it is about a matrix, and done.
  bool call(const clang::CallExpr *e, const Place *into, std::optional<Ex> &result);
  bool construct(const Place &to, const clang::CXXConstructExpr *e);
  bool declare(const clang::VarDecl *v);

private:
  // -- expressions (matrix_expression.cpp)
  Dense dense(const clang::Expr *e);
  Dense stored(const Place &p, const MatrixClass &m);
  Dense object(const clang::Expr *e, const MatrixClass &m);
  Dense computed(const clang::CallExpr *e);
  Dense unary(const clang::CallExpr *e, const std::string &op, const Dense &x);
  Dense binary(const clang::CallExpr *e, const std::string &op);
  Dense constant(const clang::CallExpr *e);
  Dense selected(const clang::CallExpr *e);
  Dense mapped(const clang::CallExpr *e, const clang::Expr *function, const Dense &x);
  Dense cross(const Dense &x, const Dense &y);
  Dense broadcast(const Ex &x, const Ex &rows, const Ex &columns);
  std::vector<Dense> operands(const std::vector<const clang::Expr *> &es);
  [[noreturn]] void refuse(const clang::Expr *e, const std::string &what, const std::string &advice = {});

  // -- parts (matrix_part.cpp)
  Dense section(const clang::CallExpr *e, const std::string &name, const Dense &x);
  Dense transposed(const Dense &x);
  Dense reversed(const Dense &x);
  Dense diagonal(const Dense &x);
  Dense as_diagonal(const Dense &x);
  Dense replicated(const Dense &x, const Ex &down, const Ex &across);
  Dense normalised(const Dense &x);
  Dense triangle(const Dense &x, long mode, bool is_mirrored);
  Dense along(const clang::CallExpr *e);

  // -- memory and loops (matrix_memory.cpp)
  Ex dimension(const clang::Expr *e, const std::string &name);
  void each(const Ex &count, const std::function<void(const Ex &)> &body);
  void each(const Dense &shape, const std::function<void(const Ex &, const Ex &)> &body);
  void in_fours(const Ex &count, const std::function<void(const std::vector<Ex> &)> &body);
  Dense fresh(const Ex &rows, const Ex &columns, const ir::Type &scalar, bool zero, bool in_record = false);
  Dense kept(const Dense &x, bool in_record = false);
  Dense named(const Dense &x); ///< itself where reading a coefficient twice costs nothing
  Ex pointer(const Dense &x);  ///< to a copy in the record, columns one after another
  void resize(const Dense &to, const Ex &rows, const Ex &columns, bool keeps = false);
  void fit(const Dense &to, Dense &from);
  Dense facing(const Dense &to, const Dense &from); ///< as Eigen turns a row that is assigned to a column
  void assign(const Dense &to, const Dense &from);

  // -- products and factorisations (matrix_product.cpp)
  Dense product(const clang::Expr *e, const Dense &x, const Dense &y);
  Dense large_product(const clang::Expr *e, const Dense &x, const Dense &y);
  std::optional<Factor> factor_of(const clang::Expr *e);
  Factor factorise(const clang::Expr *e, const std::string &kind, const Dense &x);
  Dense solve(const clang::Expr *e, const Factor &f, const Dense &rhs);
  Dense lower_factor(const clang::Expr *e, const Factor &f);
  std::optional<Dense> factor_part(const clang::CallExpr *e);
  std::optional<Triangle> triangle_of(const clang::Expr *e);
  Dense solve(const clang::Expr *e, const Triangle &t, const Dense &rhs);
  Ex determinant(const clang::Expr *e, const Dense &x);
  Dense inverse(const clang::Expr *e, const Dense &x);
  CalleeRef function(const clang::Expr *e, const std::string &name, const ir::Type &scalar);

  // -- statements and numbers (matrix_call.cpp)
  bool coefficient(const clang::CallExpr *e, const std::string &name, std::optional<Ex> &result);
  Ex dot(const std::vector<const clang::Expr *> &args);
  Ex norm(const clang::CallExpr *e, Dense x);
  Ex counted(const Dense &x, const std::string &how);
  bool number(const clang::CallExpr *e, const std::string &name, std::optional<Ex> &result);
  Ex reduced(const Dense &x, const std::string &how);
  Ex extreme(const clang::CallExpr *e, const Dense &x, bool largest);
  bool change(const clang::CallExpr *e, const std::string &name, std::optional<Ex> &result);
  void update(const clang::CXXOperatorCallExpr *e, const Dense &to);
  bool rank_update(const clang::CallExpr *e, const std::vector<const clang::Expr *> &args);
  Dense reshaped(const clang::CallExpr *e, const clang::Expr *matrix,
                 const std::vector<const clang::Expr *> &sizes);
  void fill(const clang::CallExpr *e, const Dense &to, const Ex &v);
  void swap(const clang::CallExpr *e, const Dense &to, const Dense &other);
  void list(const clang::CXXOperatorCallExpr *e);
  void list_of_blocks(const std::vector<const clang::Expr *> &items, const Dense &to);
  // -- declarations and constructors (matrix_construct.cpp)
  void set_shape(const Place &to, const Ex &rows, const Ex &columns);
  void copied(const Place &to, const MatrixClass &m, const clang::CXXConstructExpr *e,
              const clang::Expr *arg);
  void view(const Place &to, const MatrixClass &m, const clang::CXXConstructExpr *e,
            std::vector<const clang::Expr *> args);
  bool factor_call(const clang::CallExpr *e, const std::string &name, std::optional<Ex> &result);

  Body &b_;
  Shared &s_;
  std::map<const clang::VarDecl *, Dense> views_;    ///< auto r = m.row(0);
  std::map<const clang::VarDecl *, Factor> factors_; ///< Eigen::LLT<...> llt(a);
};

/// Without temporaries and conversions between Eigen's classes.
const clang::Expr *bare_matrix(const clang::Expr *e);
std::string method_name(const clang::CallExpr *e);
/// Of a method, its object; of an operator or function, the first argument.
std::vector<const clang::Expr *> matrix_operands(const clang::CallExpr *e);
ir::Type long_type();
Ex sum_of(const Ex &a, const Ex &b); ///< of dimensions, literals folded
Ex product_of(const Ex &a, const Ex &b);
bool is_literal(const Ex &e, long value);
std::optional<long> literal(const Ex &e);

} // namespace nabla::front
