// SPDX-License-Identifier: Apache-2.0
// Categories as what the target is like where they occur: one number per level, for columns of many levels.
//
// A level's statistic is (sum of w*y + m*prior) / (sum of w + m), m = 10: the mean of the targets y, weighted
// by w, shrunk towards the mean of all rows. Regression: y is the target. Classes: y is 1 for the class, one
// feature for the positive class of two, one per class but the first of up to 10, the 9 heaviest of more.
// For learners that want standardised features, shares of classes become log-odds. Missing is a level.
//
// No leak: a fitting row's statistics (and their prior) come from the other folds only; other rows see
// statistics of all fitting rows. A level held once, never seen in fitting, or without weight is the prior.
// Source: Micci-Barreca, "A preprocessing scheme for high-cardinality categorical attributes", SIGKDD
// Explorations 3(1), 2001, eq. 3-4; the folds as in Pargent et al., Computational Statistics 37, 2022.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "astrolabe/base/random.h"
#include "astrolabe/features/column_fit.h"
#include "astrolabe/features/level_index.h"
#include "astrolabe/features/scaling.h"

namespace astrolabe {

inline constexpr std::uint8_t kStatisticsFolds = 5;

// A fold for each row, from the key: equal in size, and alike in their labels (rows are dealt out in the
// order of their labels), so that which fold a row is in says nothing about its label.
[[nodiscard]] std::vector<std::uint8_t> deal_folds(const Labels& labels, Key key);

// One statistic: the values of the levels, then that of missing, then the prior.
struct LevelStatistic {
  std::string name;            // "city.target_mean"
  std::vector<double> values;  // [levels + 2]
  NumberScaling scaling;
};

class TargetStatisticsEncoder final : public ColumnEncoder {
 public:
  TargetStatisticsEncoder(const std::string& column, LevelIndex levels,
                          std::vector<LevelStatistic> statistics);

  [[nodiscard]] EncoderKind kind() const override;
  [[nodiscard]] const std::vector<Feature>& features() const override { return features_; }
  [[nodiscard]] std::vector<FeatureColumn> encode(const Column& column,
                                                  std::span<const RowIndex> rows) const override;
  void save(ArchiveWriter& archive) const override;
  [[nodiscard]] static std::unique_ptr<const ColumnEncoder> load(ArchiveReader& archive,
                                                                 const WantedColumn& column);

 private:
  LevelIndex levels_;
  std::vector<LevelStatistic> statistics_;
  std::vector<Feature> features_;
};

[[nodiscard]] FittedColumn fit_target_statistics(const ColumnFit& fit);

}  // namespace astrolabe
