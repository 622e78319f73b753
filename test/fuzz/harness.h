// What a generated program tells the fuzzer's run-time harness about its functions.
#pragma once

/// Derivatives that the oracle carries: FUZZ_HVP asks for the second, FUZZ_THIRD and FUZZ_NESTED for the third.
#if defined(FUZZ_THIRD) || defined(FUZZ_NESTED)
#define FUZZ_ORDER 3
#elif defined(FUZZ_HVP)
#define FUZZ_ORDER 2
#else
#define FUZZ_ORDER 1
#endif
/// Numbers per slot in the oracle's lists: the derivative by the outermost symbol, and its own by the inner ones.
inline constexpr int fuzz_width = 1 << (FUZZ_ORDER - 1);

/// One function under test. Arguments travel as flat arrays of their scalar leaves ("slots").
struct fuzz_case {
  const char *name;
  /// Slot types, one token each: d f l = differentiated real, D F L = real left out, iLO:HI = integer in a
  /// range; then =d =f =l or =v for the result, and g or p: seeded by 1 or by any number; n0 .. n3: what the
  /// function asks for with FUZZ_NESTED (driver.cpp), +: of a function that works on copies, *: in a loop; ~: floats take part.
  const char *spec;
  /// reverse == 0: runs f; else its generated gradient or pullback. v: values, in and out, the result after
  /// the slots. b: adjoints, in and out, the result's seed after the slots.
  void (*drive)(int reverse, long double *v, long double *b);
  /// The same text on the oracle's numbers: v as above; d, m: tangents and magnitudes, fuzz_width of each per slot.
  void (*oracle)(long double *v, double *d, double *m);
};

/// With FUZZ_HVP, drive(1) is gradient_and_hvp: along fuzz_direction, adding into fuzz_product; one number per slot;
/// drive(2) is hvp, which takes no adjoints.
/// With FUZZ_THIRD likewise, of the program's pushforward along fuzz_fixed.
extern long double fuzz_direction[256], fuzz_product[256];
/// With FUZZ_NESTED, drive(1) is the gradient of a function that adds up derivatives of the program along fuzz_fixed by
/// fuzz_weight.
inline constexpr double fuzz_fixed(int slot) { return (slot * 37 % 17 - 8) / 8.0; }
inline constexpr double fuzz_weight(int slot) { return (slot * 23 % 13 - 6) / 8.0 + 0.0625; }

int fuzz_main(const fuzz_case *cases, int count, int argc, char **argv);
