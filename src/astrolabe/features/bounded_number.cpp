// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/features/bounded_number.h"

#include <algorithm>
#include <cmath>

#include "astrolabe/base/error.h"
#include "astrolabe/features/checked_reads.h"
#include "astrolabe/features/encoder_catalog.h"

namespace astrolabe {
namespace {

constexpr double kBend = 3;

}  // namespace

NumberScale scale_of_bounds(double low, double high) {
  ASTROLABE_CHECK(low < high, "bounds with room between them");
  if (low <= 0 && high >= 0) return {.low = low, .high = high, .scale = 1 / std::max(-low, high)};
  // Halves first: the sum of two large numbers may overflow.
  return {.low = low, .high = high, .centre = low / 2 + high / 2, .scale = 1 / (high / 2 - low / 2)};
}

BoundedNumberEncoder::BoundedNumberEncoder(const std::string& column, const NumberScale& scale)
    : scale_(scale), features_{{.name = column, .source = column}} {}

EncoderKind BoundedNumberEncoder::kind() const {
  return EncoderKind::bounded_number;
}

std::vector<FeatureColumn> BoundedNumberEncoder::encode(const Column& column,
                                                        std::span<const RowIndex> rows) const {
  std::vector<FeatureColumn> encoded(1);
  encoded[0].dense.reserve(rows.size());
  for (const RowIndex row : rows) {
    const double cell = column.numbers[row];
    double value = 0;
    if (!std::isnan(cell)) value = (std::clamp(cell, scale_.low, scale_.high) - scale_.centre) * scale_.scale;
    if (scale_.bends) value /= std::sqrt(1 + value * value / (kBend * kBend));
    encoded[0].dense.push_back(std::isfinite(value) ? static_cast<float>(value) : 0.0F);
  }
  return encoded;
}

void BoundedNumberEncoder::save(ArchiveWriter& archive) const {
  for (const double value : {scale_.low, scale_.high, scale_.centre, scale_.scale}) archive.put(value);
  archive.put<std::uint8_t>(scale_.bends ? 1 : 0);
}

std::unique_ptr<const ColumnEncoder> BoundedNumberEncoder::load(ArchiveReader& archive,
                                                                const WantedColumn& column) {
  NumberScale scale;
  scale.low = get_finite(archive, "the bounds of a number");
  scale.high = get_finite(archive, "the bounds of a number");
  scale.centre = get_finite(archive, "the centre of a number");
  scale.scale = get_finite(archive, "the scale of a number");
  if (scale.low > scale.high) ArchiveReader::damaged("the bounds of a number");
  scale.bends = get_flag(archive, "a flag of a number");
  return std::make_unique<BoundedNumberEncoder>(column.name, scale);
}

}  // namespace astrolabe
