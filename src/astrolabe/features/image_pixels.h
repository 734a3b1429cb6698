// SPDX-License-Identifier: Apache-2.0
// A column of pictures for learners that know numbers only: one feature for each pixel that is not the same
// in all fitting rows, "image[3,7]" (row, column), of colours "image[3,7,r]".
//
// The feature is the pixel's value, 0 to 255. needs.standardized: less its mean over the fitting rows,
// divided by the root mean variance of all pixels, one unit for all: a pixel at the border that is lit twice
// is not blown up. A missing picture: NaN when needs.native_missing, else the mean picture.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "astrolabe/features/column_fit.h"

namespace astrolabe {

// What one pixel's feature is: (value - centre) * unit.
struct PixelScale {
  std::uint32_t at = 0;  // into the picture
  float mean = 0;        // stands for missing
};

class ImagePixelsEncoder final : public ColumnEncoder {
 public:
  // `pixels` ascending. `unit` 0: the values themselves.
  ImagePixelsEncoder(const std::string& column, const ImageShape& shape, std::vector<PixelScale> pixels,
                     float unit, bool keeps_missing);

  [[nodiscard]] EncoderKind kind() const override;
  [[nodiscard]] const std::vector<Feature>& features() const override { return features_; }
  // [pixels] of [rows]
  [[nodiscard]] std::vector<FeatureColumn> encode(const Column& column,
                                                  std::span<const RowIndex> rows) const override;
  [[nodiscard]] ImageShape picture() const override { return shape_; }
  void save(ArchiveWriter& archive) const override;
  [[nodiscard]] static std::unique_ptr<const ColumnEncoder> load(ArchiveReader& archive,
                                                                 const WantedColumn& column);

 private:
  [[nodiscard]] float value_of(const PixelScale& pixel, float byte) const {
    return unit_ > 0 ? (byte - pixel.mean) * unit_ : byte;
  }

  ImageShape shape_;
  std::vector<PixelScale> pixels_;
  float unit_;
  bool keeps_missing_;
  std::vector<Feature> features_;
};

[[nodiscard]] FittedColumn fit_image_pixels(const ColumnFit& fit);

}  // namespace astrolabe
