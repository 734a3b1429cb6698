// SPDX-License-Identifier: Apache-2.0
// A column of two levels that are yes and no: one feature that is 1 where the cell is the greater level of
// the fitting rows ("true", "yes", "1"), 0 where it is the lesser, missing otherwise. Never standardised: an
// indicator is on the same footing as those of one_hot.h.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "astrolabe/features/column_fit.h"
#include "astrolabe/features/scaling.h"

namespace astrolabe {

class BooleanEncoder final : public ColumnEncoder {
 public:
  BooleanEncoder(const std::string& column, std::string no, std::string yes, const NumberScaling& scaling);

  [[nodiscard]] bool knows(std::string_view level) const { return level == no_ || level == yes_; }
  [[nodiscard]] EncoderKind kind() const override;
  [[nodiscard]] const std::vector<Feature>& features() const override { return features_; }
  [[nodiscard]] std::vector<FeatureColumn> encode(const Column& column,
                                                  std::span<const RowIndex> rows) const override;
  void save(ArchiveWriter& archive) const override;
  [[nodiscard]] static std::unique_ptr<const ColumnEncoder> load(ArchiveReader& archive,
                                                                 const WantedColumn& column);

 private:
  std::string no_;
  std::string yes_;
  NumberScaling scaling_;
  std::vector<Feature> features_;
};

[[nodiscard]] FittedColumn fit_boolean(const ColumnFit& fit);

}  // namespace astrolabe
