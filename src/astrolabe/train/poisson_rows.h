// SPDX-License-Identifier: Apache-2.0
// The rows of a private step: each takes part with the same probability, on its own.
//
//   const PoissonRows rows(secret.split("rows"), 60'000, 0.034);
//   const std::vector<std::int32_t> batch = rows.of_step(0);   // about 2,040 of them, never the same number
//
// This is the sampling that accountants of a subsampled mechanism assume. Batches of one size, drawn by
// shuffling, are another mechanism with another, weaker guarantee.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "astrolabe/base/random.h"

namespace astrolabe {

// Immutable; thread-safe.
class PoissonRows {
 public:
  // A rate in (0, 1], rounded down to a multiple of 2^-32.
  PoissonRows(Key key, std::size_t rows, double rate);

  [[nodiscard]] double rate() const;  // as it is drawn
  [[nodiscard]] double expected_rows() const { return rate() * static_cast<double>(rows_); }
  // Ascending. Pure: it follows from key and step. About 2 ns a row.
  [[nodiscard]] std::vector<std::int32_t> of_step(std::uint64_t step) const;

 private:
  Key key_;
  std::size_t rows_;
  std::uint64_t threshold_;  // of 2^32
};

}  // namespace astrolabe
