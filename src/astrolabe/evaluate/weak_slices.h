// SPDX-License-Identifier: Apache-2.0
// Where predictions are worse than elsewhere: values of a column, quarters of its numbers, its missing cells.
//
//   for (const WeakSlice& slice : find_weak_slices(features, losses))
//     fmt::print("{}: {:.3g} against {:.3g} elsewhere\n", slice.words, slice.loss.value, slice.elsewhere);
//
// Pure; thread-safe. Cost: O(rows log rows) for each column of numbers.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "astrolabe/data/table.h"
#include "astrolabe/stats/interval.h"

namespace astrolabe {

struct WeakSlice {
  std::string column;
  std::string words;  // "city is Oslo", "age from 52 to 90", "age is missing"
  std::size_t rows = 0;
  Estimate loss;         // mean of its rows, 95 %
  double elsewhere = 0;  // mean of all other rows
  double p_value = 1;    // Welch's, adjusted over all slices that were looked at (Benjamini and Hochberg)
};

// `losses` is [rows of `features`], finite, larger is worse. Slices of at least 30 rows, with as many
// elsewhere, whose loss is larger at 5 %; the worst first, at most `most`.
[[nodiscard]] std::vector<WeakSlice> find_weak_slices(const Table& features, std::span<const double> losses,
                                                      std::size_t most = 5);

}  // namespace astrolabe
