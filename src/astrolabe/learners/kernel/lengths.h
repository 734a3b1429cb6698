// SPDX-License-Identifier: Apache-2.0
// How far a row sees when nobody says: the median distance between rows (their median length, for kernels of
// angles).
//
//   const double length = median_length(KernelShape::gaussian, survey.sample, 28);
#pragma once

#include <cstddef>

#include "astrolabe/learners/kernel/kernel_settings.h"
#include "astrolabe/learners/kernel/survey.h"

namespace astrolabe::kernel {

// Over all pairs of up to 1000 rows of the sample, each counted by the product of its weights and with itself
// too, so that a row that weighs two is a row twice. Falls to the mean where most rows are alike, and to 1
// where all are. Above 0. Source: Garreau, Jitkrittum and Kanagawa, "Large sample analysis of the median
// heuristic" (2017).
[[nodiscard]] double median_length(KernelShape shape, const Sample& sample, std::size_t features);

}  // namespace astrolabe::kernel
