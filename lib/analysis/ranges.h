// Ranges: two accesses to one array in loops, of which the second never reaches what the first has read.
//
//   for (i = k + 1; i < n; ++i) for (j = k + 1; j < n; ++j) a[i * n + j] -= f * a[k * n + j];
//
// The element read in iteration k is not written by then, nor later: with k' >= k, i' >= k' + 1, j' >= k' + 1 and j <= n - 1
//
//   (i' * n + j') - (k * n + j) >= n * (k' - k) + k' + 2 > 0.
//
// Subscripts are polynomials in loop counters and in values that do not change in the scope. Counters are replaced by the
// bounds that make the difference smallest, the innermost first, until the sign of each term is known. One case for each loop
// around both accesses: the second comes in a later iteration of it, and in the same one of those around it.
#pragma once
#include "analysis/values.h"

namespace nabla::analysis {

/// Can `later` reach the storage of `first` when it runs after it, in the same run of the scope? `in_same_iteration`: also
/// where no loop around both has gone on. False only if it is proved that it cannot.
bool may_reach(const Values &values, const Access &first, const Access &later, const Region *scope,
               bool in_same_iteration);

} // namespace nabla::analysis
