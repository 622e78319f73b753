// Matrices in memory: which classes there are, where a coefficient lies, loops over coefficients, temporaries.
#include "import/container.h"
#include "import/handle.h"
#include "import/matrix.h"
#include "ir/print.h"
#include "ir/walk.h"

namespace nabla::front {

// ---- Which classes --------------------------------------------------------------------------------------

namespace {

const clang::ClassTemplateSpecializationDecl *instance(clang::QualType t) {
  if (t.isNull())
    return nullptr;
  auto *cls = t.getNonReferenceType().getCanonicalType()->getAsCXXRecordDecl();
  return dyn_cast_or_null<clang::ClassTemplateSpecializationDecl>(cls);
}

bool is_in_eigen(const clang::Decl *d) {
  for (const clang::DeclContext *dc = d->getDeclContext(); dc; dc = dc->getParent())
    if (auto *ns = dyn_cast<clang::NamespaceDecl>(dc);
        ns && ns->getName() == "Eigen" && ns->getParent()->isTranslationUnit())
      return true;
  return false;
}

long number_argument(const clang::ClassTemplateSpecializationDecl *d, unsigned i) {
  return d->getTemplateArgs()[i].getAsIntegral().getExtValue();
}

/// Map and Ref of memory without gaps.
bool is_dense_view(const clang::ClassTemplateSpecializationDecl *d, const MatrixClass &of) {
  auto *stride = instance(d->getTemplateArgs()[2].getAsType());
  if (!stride)
    return false;
  if (d->getName() == "Map")
    return stride->getName() == "Stride" && number_argument(stride, 0) == 0 &&
           number_argument(stride, 1) == 0;
  return of.is_vector() && stride->getName() == "InnerStride" && number_argument(stride, 0) == 1;
}

} // namespace

llvm::StringRef eigen_class(clang::QualType t) {
  auto *d = instance(t);
  return d && is_in_eigen(d) ? d->getName() : llvm::StringRef();
}

bool is_eigens(const clang::FunctionDecl *f) { return is_in_eigen(f); }

bool is_dense(clang::QualType t) {
  static const std::set<std::string> others = {"LLT",
                                               "LDLT",
                                               "PartialPivLU",
                                               "FullPivLU",
                                               "HouseholderQR",
                                               "ColPivHouseholderQR",
                                               "FullPivHouseholderQR",
                                               "JacobiSVD",
                                               "BDCSVD",
                                               "EigenSolver",
                                               "SelfAdjointEigenSolver",
                                               "CompleteOrthogonalDecomposition",
                                               "IOFormat",
                                               "SparseMatrix"};
  std::string name = eigen_class(t).str();
  return !name.empty() && !others.count(name);
}

std::optional<MatrixClass> matrix_of_base(clang::QualType t) {
  static const std::set<std::string> bases = {"MatrixBase", "ArrayBase",       "DenseBase",
                                              "EigenBase",  "PlainObjectBase", "DenseCoeffsBase"};
  auto *d = instance(t.getNonReferenceType());
  if (!d || !is_in_eigen(d) || !bases.count(d->getName().str()))
    return std::nullopt;
  return matrix_of(d->getTemplateArgs()[0].getAsType());
}

bool is_matrix_expression(clang::QualType parameter) {
  clang::QualType t = parameter.getNonReferenceType();
  llvm::StringRef name = eigen_class(t);
  const bool is_own = matrix_of(t) || matrix_of_base(t) || name == "Map" || name == "Ref";
  return !name.empty() && is_dense(t) && !is_own;
}

bool is_array(clang::QualType t) {
  auto *cls = t.getNonReferenceType()->getAsCXXRecordDecl();
  auto is_base = [](const clang::CXXRecordDecl *base) {
    return base->getIdentifier() && base->getName() == "ArrayBase";
  };
  return cls && cls->hasDefinition() &&
         (is_base(cls) || !cls->forallBases([&](const clang::CXXRecordDecl *b) { return !is_base(b); }));
}

std::optional<MatrixClass> matrix_of(clang::QualType t) {
  auto *d = instance(t);
  if (!d || !is_in_eigen(d))
    return std::nullopt;
  llvm::StringRef name = d->getName();
  if (name == "Map" || name == "Ref") {
    clang::QualType of = d->getTemplateArgs()[0].getAsType();
    auto m = matrix_of(of);
    if (!m || m->is_view || !is_dense_view(d, *m))
      return std::nullopt;
    m->is_view = true;
    m->is_fixed = false;
    if (of.isConstQualified())
      m->scalar = m->scalar.withConst();
    return m;
  }
  if (name != "Matrix" && name != "Array")
    return std::nullopt;
  MatrixClass m;
  m.scalar = d->getTemplateArgs()[0].getAsType();
  m.rows = number_argument(d, 1);
  m.columns = number_argument(d, 2);
  m.options = number_argument(d, 3);
  m.row_major = m.options & 1;
  m.is_fixed = m.rows >= 0 && m.columns >= 0;
  bool has_bound =
      number_argument(d, 4) != m.rows || number_argument(d, 5) != m.columns; // its memory is inline
  if (has_bound || !m.scalar->isArithmeticType() || m.scalar->isBooleanType())
    return std::nullopt;
  return m;
}

std::string matrix_spelling(const MatrixClass &m, const std::string &scalar, bool is_array) {
  static const std::map<std::string, std::string> letters = {{"double", "d"}, {"float", "f"}, {"int", "i"}};
  auto size = [](long n) { return n < 0 ? std::string("X") : std::to_string(n); };
  auto has_name = [](long n) { return n < 0 || (n >= 2 && n <= 4); };
  bool is_row = m.rows == 1 && m.columns != 1, is_column = m.columns == 1 && m.rows != 1;
  bool is_usual = m.options == (is_row ? 1 : 0) && letters.count(scalar);
  std::string suffix = is_usual ? letters.at(scalar) : "";
  if (is_usual && !is_array && (is_row || is_column) && has_name(is_row ? m.columns : m.rows))
    return std::string(is_row ? "Eigen::RowVector" : "Eigen::Vector") + size(is_row ? m.columns : m.rows) +
           suffix;
  if (is_usual && m.rows == m.columns && has_name(m.rows))
    return (is_array ? "Eigen::Array" + size(m.rows) + size(m.columns) : "Eigen::Matrix" + size(m.rows)) +
           suffix;
  if (is_usual && is_array && is_column && has_name(m.rows))
    return "Eigen::Array" + size(m.rows) + suffix;
  auto written = [](long n) { return n < 0 ? std::string("Eigen::Dynamic") : std::to_string(n); };
  std::string text = (is_array ? "Eigen::Array<" : "Eigen::Matrix<") + scalar + ", " + written(m.rows) +
                     ", " + written(m.columns);
  return text + (m.options == (is_row ? 1 : 0) ? ">" : ", " + std::to_string(m.options) + ">");
}

bool is_fixed_matrix(clang::QualType t) {
  auto m = matrix_of(t);
  return m && m->is_fixed && !t->isReferenceType();
}

bool holds_matrices(const clang::CXXRecordDecl *cls) {
  bool found = false;
  return cls->hasDefinition() && copies_parts(cls->getDefinition(), is_fixed_matrix, found) && found;
}

void matrix_fields(Struct &made, Struct &outside, const MatrixClass &m) {
  ir::Type count = ir::Type::integer("unsigned long"), element = made.fields[Struct::Data].type.element();
  outside.is_aggregate = false;
  outside.fields = {{"data()", ir::Type::pointer(element)}, {"size()", count}};
  if (m.is_vector())
    return;
  made.spelling = "nabla::shaped_elements<" + spell(element) + ">";
  made.fields.insert(made.fields.end(), {{"rows", long_type()}, {"columns", long_type()}});
  outside.fields.push_back({"size()", count}); // where the other has its capacity
  outside.fields.insert(outside.fields.end(), {{"rows()", long_type()}, {"cols()", long_type()}});
}

std::shared_ptr<Struct> fixed_matrix_struct(std::string spelling, const MatrixClass &m,
                                            const ir::Type &scalar) {
  auto made = std::make_shared<Struct>();
  made->spelling = std::move(spelling);
  made->fields = {{"data()", ir::Type::array(scalar, m.rows * m.columns)}};
  made->has_initialisers = true; // `= {}` sets nothing
  return made;
}

const clang::Expr *bare_matrix(const clang::Expr *e) {
  for (;;) {
    e = bare(e);
    if (auto *m = dyn_cast<clang::MaterializeTemporaryExpr>(e)) {
      e = m->getSubExpr();
      continue;
    }
    auto *c = dyn_cast<clang::CastExpr>(e);
    bool keeps = c && (c->getCastKind() == clang::CK_NoOp || c->getCastKind() == clang::CK_DerivedToBase ||
                       c->getCastKind() == clang::CK_UncheckedDerivedToBase ||
                       c->getCastKind() == clang::CK_BaseToDerived ||
                       c->getCastKind() == clang::CK_ConstructorConversion);
    if (!keeps)
      return e;
    e = c->getSubExpr();
  }
}

std::string method_name(const clang::CallExpr *e) {
  const clang::FunctionDecl *f = e->getDirectCallee();
  return f && f->getIdentifier() ? f->getName().str() : "";
}

std::vector<const clang::Expr *> matrix_operands(const clang::CallExpr *e) {
  std::vector<const clang::Expr *> out;
  if (auto *mc = dyn_cast<clang::CXXMemberCallExpr>(e))
    out.push_back(mc->getImplicitObjectArgument());
  out.insert(out.end(), e->arg_begin(), e->arg_end());
  return out;
}

// ---- Dimensions -----------------------------------------------------------------------------------------

ir::Type long_type() { return ir::Type::integer("long"); }

std::optional<long> literal(const Ex &e) {
  const std::string *text = const_spelling(e);
  if (!text || text->empty() || text->find_first_not_of("0123456789") != std::string::npos)
    return std::nullopt;
  return std::stol(*text);
}

bool is_literal(const Ex &e, long value) { return literal(e) == value; }

Ex sum_of(const Ex &a, const Ex &b) {
  if (auto x = literal(a), y = literal(b); x && y)
    return integer(*x + *y);
  return add_index(a, b);
}

Ex product_of(const Ex &a, const Ex &b) {
  if (auto x = literal(a), y = literal(b); x && y)
    return integer(*x * *y);
  if (is_literal(a, 1) || is_literal(b, 0))
    return is_literal(a, 1) ? b : integer(0);
  if (is_literal(b, 1) || is_literal(a, 0))
    return is_literal(b, 1) ? a : integer(0);
  auto wide = [](const Ex &e) { return e.type() == long_type() ? e : make(Cast{e}, long_type()); };
  return native("*", {wide(a), wide(b)}, long_type());
}

/// A number of rows or columns that the user gave.
Ex Matrices::dimension(const clang::Expr *e, const std::string &name) {
  Ex n = b_.index_value(e);
  return literal(n) ? integer(*literal(n)) : b_.freeze_now(b_.convert(n, long_type()), name);
}

// ---- Places ---------------------------------------------------------------------------------------------

namespace {

Ex as_long(const Ex &e) { return e.type() == long_type() ? e : make(Cast{e}, long_type()); }

/// Where coefficient (i, j) lies among the elements.
Ex offset(const Dense &x, bool row_major, const Ex &i, const Ex &j) {
  return row_major ? sum_of(product_of(i, x.columns), j) : sum_of(i, product_of(j, x.rows));
}

} // namespace

/// A Matrix, a Map or a Ref in memory.
Dense Matrices::stored(const Place &p, const MatrixClass &m) {
  Dense x;
  Ex size = m.is_fixed ? Ex() : as_long(read(part(p, Struct::Size)));
  bool has_shape = !m.is_fixed && p.type().members().has_shape();
  x.rows = m.rows >= 0 ? integer(m.rows) : has_shape ? read(part(p, Struct::Rows)) : size;
  x.columns = m.columns >= 0 ? integer(m.columns) : has_shape ? read(part(p, Struct::Columns)) : size;
  bool row_major = m.rows == 1 || (m.row_major && m.columns != 1);
  Dense shape = x;
  bool is_fixed = m.is_fixed;
  x.where = [=](const Ex &i, const Ex &j) {
    Ex at = offset(shape, row_major, i, j);
    return is_fixed ? with_step(with_step(p, Field{0}), Index{at}) : element(p, at);
  };
  x.at = [where = x.where](const Ex &i, const Ex &j) { return read(where(i, j)); };
  x.scalar = x.where(integer(0), integer(0)).type().with_const(false);
  x.is_transposed = row_major;
  x.whole = p;
  x.cls = m;
  return x;
}

// ---- Loops ----------------------------------------------------------------------------------------------

void Matrices::each(const Ex &count, const std::function<void(const Ex &)> &body) {
  if (auto n = literal(count); n && *n <= 4) {
    for (long i = 0; i < *n; ++i)
      body(integer(i));
    return;
  }
  Var i = b_.variable("i", long_type());
  Block inner = b_.capture([&] { body(read(i)); });
  b_.emit(
      For{i, integer(0, long_type()), For::LT, b_.convert(count, long_type()), 1, std::move(inner), false});
}

/// Every coefficient; few of them one by one.
void Matrices::each(const Dense &shape, const std::function<void(const Ex &, const Ex &)> &body) {
  auto all = literal(product_of(shape.rows, shape.columns));
  auto loop = [&](const Ex &count, const std::function<void(const Ex &)> &inner) {
    if (is_literal(count, 1) || (all && *all <= 4))
      return each(count, inner);
    Var i = b_.variable("i", long_type());
    Block block = b_.capture([&] { inner(read(i)); });
    b_.emit(
        For{i, integer(0, long_type()), For::LT, b_.convert(count, long_type()), 1, std::move(block), false});
  };
  loop(shape.columns, [&](const Ex &j) { loop(shape.rows, [&](const Ex &i) { body(i, j); }); });
}

/// Four numbers at a time, then those that are left: sums of four are independent of each other, as the processor likes it.
void Matrices::in_fours(const Ex &count, const std::function<void(const std::vector<Ex> &)> &body) {
  if (auto n = literal(count); n && *n < 16)
    return each(count, [&](const Ex &i) { body({i}); });
  Ex all = b_.convert(count, long_type());
  Ex whole =
      b_.freeze_now(b_.arithmetic(clang::BO_Sub, all,
                                  native("%", {all, integer(4, long_type())}, long_type()), long_type(), {}),
                    "whole");
  auto loop = [&](const Ex &first, const Ex &bound, long step) {
    Var i = b_.variable("i", long_type());
    std::vector<Ex> several{read(i)};
    for (long n = 1; n < step; ++n)
      several.push_back(sum_of(read(i), integer(n, long_type())));
    Block block = b_.capture([&] { body(several); });
    b_.emit(For{i, first, For::LT, bound, step, std::move(block), false});
  };
  loop(integer(0, long_type()), whole, 4);
  loop(whole, all, 1);
}

// ---- Temporaries ----------------------------------------------------------------------------------------

/// A matrix of our own: an array where the shape is a constant, else in the record.
Dense Matrices::fresh(const Ex &rows, const Ex &columns, const ir::Type &scalar, bool zero, bool in_record) {
  Ex count = product_of(rows, columns);
  auto n = literal(count);
  Dense x;
  x.rows = rows;
  x.columns = columns;
  x.scalar = scalar.with_const(false);
  Dense shape = x;
  if (n && !in_record && *n <= 4096) {
    Var v = b_.variable("t", ir::Type::array(x.scalar, std::max(1L, *n)));
    b_.escaped_.insert(v.get());
    b_.emit(Declare{v, std::nullopt, zero, {}});
    x.where = [=](const Ex &i, const Ex &j) {
      return with_step(Place{v, {}}, Index{offset(shape, false, i, j)});
    };
  } else {
    Var v = b_.empty_temp("t", ir::Type::pointer(x.scalar));
    Ex size = b_.convert(count, ir::Type::integer("unsigned long"));
    b_.emit(Allocate{Place{v, {}}, x.scalar, size, Allocate::Arena, zero, std::nullopt});
    b_.stable_.insert(v.get());
    x.where = [=](const Ex &i, const Ex &j) {
      return with_step(Place{v, {}}, Deref{offset(shape, false, i, j)});
    };
  }
  x.at = [where = x.where](const Ex &i, const Ex &j) { return read(where(i, j)); };
  return x;
}

/// Its coefficients as they are now.
Dense Matrices::kept(const Dense &x, bool in_record) {
  Dense copy = fresh(b_.freeze_now(x.rows, "rows"), b_.freeze_now(x.columns, "columns"), x.scalar,
                     x.is_diagonal, in_record);
  if (x.is_diagonal)
    each(copy.rows, [&](const Ex &i) { b_.emit(Assign{copy.where(i, i), x.at(i, i)}); });
  else
    each(copy, [&](const Ex &i, const Ex &j) { b_.emit(Assign{copy.where(i, j), x.at(i, j)}); });
  return copy;
}

/// What is no object is evaluated, once; Eigen does so wherever it is used, which may be after a change.
void Matrices::bind(const clang::ParmVarDecl *p, const clang::Expr *given, bool may_change) {
  Dense x = dense(given);
  if (!x.where && may_change)
    refuse(given, "an expression of Eigen's, handed to a function that may change what it is computed from,",
           "evaluate it first, as in (a + b).eval()");
  views_[p] = named(x);
}

Dense Matrices::named(const Dense &x) { return x.where ? x : kept(x); }

Ex Matrices::pointer(const Dense &x) {
  Dense copy = kept(x, true);
  return read(copy.where(integer(0), integer(0)).root);
}

// ---- Assignment -----------------------------------------------------------------------------------------

/// The matrix gets this shape; what it held is gone if it had another one, but, where it `keeps` them, for as many coefficients.
void Matrices::resize(const Dense &to, const Ex &rows, const Ex &columns, bool keeps) {
  const Place &p = *to.whole;
  Ex r = literal(rows) ? rows : b_.freeze_now(rows, "rows");
  Ex c = literal(columns) ? columns : b_.freeze_now(columns, "columns");
  Ex count = b_.count_of(product_of(r, c), "count");
  bool has_shape = p.type().members().has_shape();
  Ex is_other = has_shape ? native("||",
                                   {native("!=", {read(part(p, Struct::Rows)), r}, ir::Type::boolean()),
                                    native("!=", {read(part(p, Struct::Columns)), c}, ir::Type::boolean())},
                                   ir::Type::boolean())
                          : native("!=", {read(part(p, Struct::Size)), count}, ir::Type::boolean());
  Block grow = b_.capture([&] {
    Block renew = b_.capture([&] { b_.allocate_elements(p, count, false); });
    if (keeps && has_shape)
      b_.emit(
          If{native("!=", {read(part(p, Struct::Size)), count}, ir::Type::boolean()), std::move(renew), {}});
    else
      b_.emit(std::move(renew));
    if (!has_shape)
      return;
    b_.emit(Assign{part(p, Struct::Rows), b_.convert(r, long_type())});
    b_.emit(Assign{part(p, Struct::Columns), b_.convert(c, long_type())});
  });
  b_.emit(If{is_other, std::move(grow), {}});
}

/// What `=` does to a matrix of dynamic size first.
void Matrices::fit(const Dense &to, Dense &from) {
  if (!to.whole || to.cls->is_fixed || to.cls->is_view)
    return;
  auto same = [](const Ex &a, const Ex &b) {
    return same_value(a, b) || (literal(a) && literal(a) == literal(b));
  };
  if (same(to.rows, from.rows) && same(to.columns, from.columns))
    return;
  bool reads_itself = false;
  for_each_read(from.at(integer(0), integer(0)),
                [&](const Place &p) { reads_itself = reads_itself || p.root == to.whole->root; });
  if (reads_itself) // v = v.head(2)
    from = kept(from);
  resize(to, from.rows, from.columns);
}

Dense Matrices::facing(const Dense &to, const Dense &from) {
  bool into_column = is_literal(to.columns, 1) && !is_literal(to.rows, 1) && is_literal(from.rows, 1);
  bool into_row = is_literal(to.rows, 1) && !is_literal(to.columns, 1) && is_literal(from.columns, 1);
  return into_column || into_row ? transposed(from) : from;
}

void Matrices::assign(const Dense &to, const Dense &given) {
  Dense from = facing(to, given);
  fit(to, from);
  Dense shape = to; // a container's own dimensions may be read again and again
  each(shape, [&](const Ex &i, const Ex &j) {
    Ex v = from.at(i, j);
    Place p = to.where(i, j);
    if (p.root->kind == Variable::Global)
      s_.refuse(Diag::ActiveThroughGlobal,
                clang::SourceLocation::getFromRawEncoding(b_.here_ ? b_.here_->raw : 0), {p.root->qualified});
    b_.emit(Assign{p, b_.convert(v, to.scalar)});
  });
}

} // namespace nabla::front
