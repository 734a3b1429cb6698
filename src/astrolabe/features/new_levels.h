// SPDX-License-Identifier: Apache-2.0
// Levels of a column that an encoder fitted before does not know: one categorical feature beside its own.
//
//   "city.new"   code i for the i-th of the new levels, the commonest first; NaN for every other cell
//
// The older encoder stays as it is and reads the new levels as it reads whatever it never saw, so a model
// that was fitted on it says what it said (extend.h).
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "astrolabe/features/encoder.h"

namespace astrolabe {

class NewLevelsEncoder final : public ColumnEncoder {
 public:
  // `generation`: how many such encoders the column has already.
  NewLevelsEncoder(const std::string& column, std::vector<std::string> levels, std::uint32_t generation);

  [[nodiscard]] EncoderKind kind() const override;
  [[nodiscard]] const std::vector<Feature>& features() const override { return features_; }
  [[nodiscard]] std::vector<FeatureColumn> encode(const Column& column,
                                                  std::span<const RowIndex> rows) const override;
  void save(ArchiveWriter& archive) const override;
  [[nodiscard]] std::vector<std::string> names_of_codes() const override { return levels_; }
  [[nodiscard]] static std::unique_ptr<const ColumnEncoder> load(ArchiveReader& archive,
                                                                 const WantedColumn& column);

 private:
  std::vector<std::string> levels_;  // by code
  std::uint32_t generation_;
  std::vector<Feature> features_;
};

}  // namespace astrolabe
