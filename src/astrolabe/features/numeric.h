// SPDX-License-Identifier: Apache-2.0
// Numbers and whole numbers: one feature "age", perhaps "age.missing". Missing, infinite and scaled values as
// in scaling.h. Whole numbers that are ids in disguise stay numbers unless the user types them as a category.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "astrolabe/features/column_fit.h"
#include "astrolabe/features/scaling.h"

namespace astrolabe {

class NumericEncoder final : public ColumnEncoder {
 public:
  NumericEncoder(const std::string& column, const NumberScaling& scaling);

  [[nodiscard]] EncoderKind kind() const override;
  [[nodiscard]] const std::vector<Feature>& features() const override { return features_; }
  [[nodiscard]] std::vector<FeatureColumn> encode(const Column& column,
                                                  std::span<const RowIndex> rows) const override;
  void save(ArchiveWriter& archive) const override;
  [[nodiscard]] static std::unique_ptr<const ColumnEncoder> load(ArchiveReader& archive,
                                                                 const WantedColumn& column);

 private:
  NumberScaling scaling_;
  std::vector<Feature> features_;
};

[[nodiscard]] FittedColumn fit_numeric(const ColumnFit& fit);

}  // namespace astrolabe
