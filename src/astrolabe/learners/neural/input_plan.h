// SPDX-License-Identifier: Apache-2.0
// How features become what a net reads: columns of numbers, and indices of categories.
//
//   const InputPlan plan = InputPlan::fit(features, weights, pool);
//   plan.numbers(), plan.categories()
//   EncodedRows rows = plan.encode(features, 0, features.rows);
//   rows.x          // [rows, plan.numbers()], row by row
//   rows.codes[0]   // [rows]
//
// A dense number is centred at its median, divided by its interquartile range (where that is 0, by half of
// its whole range) and bent into (-3, 3): v / sqrt(1 + (v / 3)^2), so that no cell is too large (Holzmueller
// et al., "Better by default", NeurIPS 2024). Sparse numbers keep their zero and scale. A category of at most
// kMaxOneHot codes is as many columns of 0 and 1; a larger one is an index, 1 + code, with 0 for what is
// missing or unseen. Columns that would not fit kMaxColumns or the memory share buckets, with signs
// (Weinberger et al., "Feature hashing", ICML 2009).
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "astrolabe/base/thread_pool.h"
#include "astrolabe/model/archive.h"
#include "astrolabe/model/feature_matrix.h"
#include "astrolabe/model/start_map.h"
#include "astrolabe/train/net.h"
#include "astrolabe/train/trainer.h"

namespace astrolabe::neural {

inline constexpr std::uint32_t kMaxOneHot = 8;
inline constexpr std::size_t kMaxColumns = 4096;
inline constexpr std::size_t kMaxEmbedded = 128;                // with more dense numbers none is embedded
inline constexpr std::size_t kMaxCells = std::size_t{1} << 29;  // of encoded training rows
inline constexpr std::size_t kBins = 16;

struct EncodedRows {
  std::size_t rows = 0;
  std::vector<float> x;                          // [rows, numbers]
  std::vector<std::vector<std::int32_t>> codes;  // [rows] per category
};

// Immutable; thread-safe.
class InputPlan {
 public:
  // Where a feature goes.
  enum class Way : std::uint8_t { number, sparse, one_hot, index, bucket };
  struct Route {
    Way way = Way::number;
    std::uint32_t codes = 0;  // of a category
    float centre = 0;         // of a number
    float scale = 1;
    std::uint32_t at = 0;  // first column, index of the category, or bucket
    float sign = 1;        // in a bucket
  };

  // weights: empty or a number per row; rows that weigh nothing are not looked at.
  // max_cells: of these rows encoded, so that a net of many columns takes fewer rather than too much memory.
  [[nodiscard]] static InputPlan fit(const FeatureMatrix& features, std::span<const double> weights,
                                     ThreadPool& pool, std::size_t max_cells = kMaxCells);

  // The plan of a fit that goes on from one with the plan `old`: what is known enters as it did, on its old
  // scale, and in the order of `fit` beside what is new. Nothing where that cannot be: buckets were shared,
  // or there is no room for columns of their own.
  [[nodiscard]] static std::optional<InputPlan> extend(const InputPlan& old, const StartMap& map,
                                                       const FeatureMatrix& features,
                                                       std::span<const double> weights, ThreadPool& pool,
                                                       std::size_t max_cells = kMaxCells);

  // Of features that come scaled: numbers as they are but for the bend, whatever rows there are.
  [[nodiscard]] static InputPlan as_encoded(const std::vector<Feature>& features);

  [[nodiscard]] std::size_t features() const { return routes_.size(); }
  [[nodiscard]] std::size_t numbers() const { return numbers_; }
  [[nodiscard]] std::size_t dense_numbers() const { return dense_numbers_; }  // the first columns
  [[nodiscard]] const std::vector<NetSpec::Category>& categories() const { return categories_; }
  [[nodiscard]] const std::vector<Route>& routes() const { return routes_; }

  // Rows [begin, end) of features that have the plan's columns.
  [[nodiscard]] EncodedRows encode(const FeatureMatrix& features, std::size_t begin, std::size_t end) const;

  // Bins of the dense numbers at even quantiles of encoded rows, for piecewise linear embeddings.
  [[nodiscard]] NetBins bins(const EncodedRows& rows, std::span<const double> weights,
                             ThreadPool& pool) const;

  void save(ArchiveWriter& archive) const;
  // Throws bad_input unless it is a plan for that many features.
  [[nodiscard]] static InputPlan load(ArchiveReader& archive, std::size_t features);

 private:
  void assign(std::size_t columns_limit);

  std::vector<Route> routes_;
  std::size_t numbers_ = 0;
  std::size_t dense_numbers_ = 0;
  std::vector<NetSpec::Category> categories_;
};

}  // namespace astrolabe::neural
