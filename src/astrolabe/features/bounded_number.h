// SPDX-License-Identifier: Apache-2.0
// Numbers on a scale that no row decides: for private training, whose scales are declared or paid for.
//
//   const NumberScale scale = scale_of_bounds(0, 255);   // 0 stays 0, 255 becomes 1
//   BoundedNumberEncoder encoder("pixel1", scale);
//
// A cell is cut to [low, high], centred, scaled and, where bounds are only estimates, bent into (-3, 3) as
// nets bend theirs. What is missing is 0, the centre.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "astrolabe/features/encoder.h"

namespace astrolabe {

struct NumberScale {
  double low = 0, high = 0;  // low <= high
  double centre = 0;
  double scale = 1;  // multiplies; 0: the column tells nothing
  bool bends = false;

  friend bool operator==(const NumberScale&, const NumberScale&) = default;
};

// Of declared bounds, low < high. Where they hold 0 it stays 0 and the farther bound becomes 1 (or -1); else
// they become -1 and 1.
[[nodiscard]] NumberScale scale_of_bounds(double low, double high);

class BoundedNumberEncoder final : public ColumnEncoder {
 public:
  BoundedNumberEncoder(const std::string& column, const NumberScale& scale);

  [[nodiscard]] EncoderKind kind() const override;
  [[nodiscard]] const std::vector<Feature>& features() const override { return features_; }
  [[nodiscard]] std::vector<FeatureColumn> encode(const Column& column,
                                                  std::span<const RowIndex> rows) const override;
  void save(ArchiveWriter& archive) const override;
  [[nodiscard]] static std::unique_ptr<const ColumnEncoder> load(ArchiveReader& archive,
                                                                 const WantedColumn& column);

 private:
  NumberScale scale_;
  std::vector<Feature> features_;
};

}  // namespace astrolabe
