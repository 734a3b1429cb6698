// SPDX-License-Identifier: Apache-2.0
// Categories as indicators: "workclass=Private" is 1 where the cell is Private, else 0.
//
// One feature for each level that the fitting rows hold at least twice (the 10,000 commonest), one "other"
// for the levels held once or beyond that, one "missing"; the last two only when the fitting rows hold at
// least two of them. A level that was never seen is "other" where there is one, else all zeros. When two
// features would be each other's complement, the rarer stays. Indicators are 0 or 1 even for learners that
// want standardised numbers: scaled by its deviation a rare level would escape the penalty.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "astrolabe/features/column_fit.h"
#include "astrolabe/features/level_index.h"

namespace astrolabe {

inline constexpr std::size_t kMaxOneHotLevels = 10'000;

class OneHotEncoder final : public ColumnEncoder {
 public:
  // is_sparse: [levels, then other, then missing].
  OneHotEncoder(const std::string& column, LevelIndex levels, bool has_other, bool has_missing,
                std::vector<std::uint8_t> is_sparse);

  [[nodiscard]] EncoderKind kind() const override;
  [[nodiscard]] const std::vector<Feature>& features() const override { return features_; }
  [[nodiscard]] std::vector<FeatureColumn> encode(const Column& column,
                                                  std::span<const RowIndex> rows) const override;
  void save(ArchiveWriter& archive) const override;
  [[nodiscard]] static std::unique_ptr<const ColumnEncoder> load(ArchiveReader& archive,
                                                                 const WantedColumn& column);

 private:
  LevelIndex levels_;
  bool has_other_;
  bool has_missing_;
  std::vector<std::uint8_t> is_sparse_;
  std::vector<Feature> features_;
};

[[nodiscard]] FittedColumn fit_one_hot(const ColumnFit& fit);

}  // namespace astrolabe
