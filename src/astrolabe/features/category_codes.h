// SPDX-License-Identifier: Apache-2.0
// Categories for learners that take them as they are: one categorical feature.
//
// The levels that the fitting rows hold at least twice get codes 0, 1, .. from the commonest down, at most
// 1,000. Levels held once (and those beyond 1,000) share one last code, "other", when they are at least two
// rows together; a level that was never seen is most like those, so it is "other" too. Without an "other" it
// is NaN. Missing is NaN for learners that handle that, else "other".
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "astrolabe/features/column_fit.h"
#include "astrolabe/features/level_index.h"

namespace astrolabe {

inline constexpr std::size_t kMaxNativeLevels = 1000;

class CategoryCodesEncoder final : public ColumnEncoder {
 public:
  // code_of_level[i] is the code of levels[i]: a permutation of 0 .. levels-1.
  CategoryCodesEncoder(const std::string& column, LevelIndex levels, std::vector<std::uint32_t> code_of_level,
                       bool has_other, bool missing_is_other);

  [[nodiscard]] EncoderKind kind() const override;
  [[nodiscard]] const std::vector<Feature>& features() const override { return features_; }
  [[nodiscard]] std::vector<FeatureColumn> encode(const Column& column,
                                                  std::span<const RowIndex> rows) const override;
  void save(ArchiveWriter& archive) const override;
  [[nodiscard]] std::vector<std::string> names_of_codes() const override;  // the last may be "other levels"
  [[nodiscard]] static std::unique_ptr<const ColumnEncoder> load(ArchiveReader& archive,
                                                                 const WantedColumn& column);

 private:
  LevelIndex levels_;
  std::vector<std::uint32_t> code_of_level_;
  bool has_other_;
  bool missing_is_other_;
  std::vector<Feature> features_;
};

[[nodiscard]] FittedColumn fit_category_codes(const ColumnFit& fit);

}  // namespace astrolabe
