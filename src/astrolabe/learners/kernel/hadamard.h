// SPDX-License-Identifier: Apache-2.0
// The fast Walsh-Hadamard transform: H v for the matrix of +1 and -1 that doubles itself,
// H_2n = [H_n H_n; H_n -H_n], without the matrix.
//
//   std::vector<float> v = {1, 2, 3, 4};
//   walsh_hadamard(v);   // 10, -2, -4, 0
#pragma once

#include <span>

namespace astrolabe::kernel {

// In place, without the factor that would keep lengths: H H v = n v. n is a power of two (1 included).
// Cost: n log2 n additions, in a fixed order. Source: Fino and Algazi, IEEE Trans. Computers C-25 (1976).
void walsh_hadamard(std::span<float> values);

}  // namespace astrolabe::kernel
