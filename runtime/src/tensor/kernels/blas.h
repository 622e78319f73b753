// OpenBLAS, loaded when the first large product needs it: a program that links only -lnabla starts without it, and runs without it.
#ifndef NABLA_TENSOR_KERNELS_BLAS_H
#define NABLA_TENSOR_KERNELS_BLAS_H

namespace nabla::kernels {

/// The entry points used, null where the library lacks them. Fortran LAPACK: all arguments by address; hidden string lengths are
/// passed as 1s, which libraries that do not expect them ignore.
struct Blas {
  using Sgemm = void (*)(int order, int trans_a, int trans_b, int m, int n, int k, float alpha,
                         const float *a, int lda, const float *b, int ldb, float beta, float *c, int ldc);
  using Dgemm = void (*)(int order, int trans_a, int trans_b, int m, int n, int k, double alpha,
                         const double *a, int lda, const double *b, int ldb, double beta, double *c, int ldc);
  Sgemm sgemm = nullptr;
  Dgemm dgemm = nullptr;
  void (*set_threads)(int) = nullptr;
  char *(*config)() = nullptr;
  char *(*core)() = nullptr;

  void (*dgetrf)(const int *m, const int *n, double *a, const int *lda, int *pivots, int *info) = nullptr;
  void (*dsyevd)(const char *job, const char *half, const int *n, double *a, const int *lda, double *w,
                 double *work, const int *lwork, int *iwork, const int *liwork, int *info, unsigned long,
                 unsigned long) = nullptr;
  void (*dgesdd)(const char *job, const int *m, const int *n, double *a, const int *lda, double *s, double *u,
                 const int *ldu, double *vt, const int *ldvt, double *work, const int *lwork, int *iwork,
                 int *info, unsigned long) = nullptr;
};

/// The loaded library, or one with all entries null. NABLA_BLAS=builtin in the environment loads none; NABLA_BLAS=<file> another.
const Blas &blas();

} // namespace nabla::kernels

#endif
