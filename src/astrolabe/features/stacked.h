// SPDX-License-Identifier: Apache-2.0
// Several encoders of one column, side by side: indicators and target statistics.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "astrolabe/features/column_fit.h"

namespace astrolabe {

class StackedEncoder final : public ColumnEncoder {
 public:
  explicit StackedEncoder(std::vector<std::unique_ptr<const ColumnEncoder>> parts);

  [[nodiscard]] EncoderKind kind() const override;
  [[nodiscard]] const std::vector<Feature>& features() const override { return features_; }
  [[nodiscard]] std::vector<FeatureColumn> encode(const Column& column,
                                                  std::span<const RowIndex> rows) const override;
  void save(ArchiveWriter& archive) const override;
  [[nodiscard]] std::vector<std::string> names_of_codes() const override;
  [[nodiscard]] static std::unique_ptr<const ColumnEncoder> load(ArchiveReader& archive,
                                                                 const WantedColumn& column);

 private:
  std::vector<std::unique_ptr<const ColumnEncoder>> parts_;
  std::vector<Feature> features_;
};

// Those of the fits that gave features, as one. None: no encoder. One: itself.
[[nodiscard]] FittedColumn stack(std::vector<FittedColumn> fits);

}  // namespace astrolabe
