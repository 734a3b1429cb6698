// SPDX-License-Identifier: Apache-2.0
// A column of pictures for learners that take pictures as such (EncodingNeeds::images): no feature, but the
// bytes beside the features (FeatureMatrix::pixels), in the shape of the fitting rows. A missing picture is
// black.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "astrolabe/features/column_fit.h"

namespace astrolabe {

// Some pictures of a column, resized where the shape is another.
[[nodiscard]] Pixels pictures_at(const Column& column, std::span<const RowIndex> rows,
                                 const ImageShape& shape);

// What an encoder of pictures may have been fitted on: sides of 1 to 4,096 pixels, one or three channels.
void save_shape(const ImageShape& shape, ArchiveWriter& archive);
[[nodiscard]] ImageShape load_shape(ArchiveReader& archive);  // throws bad_input

class ImageBytesEncoder final : public ColumnEncoder {
 public:
  explicit ImageBytesEncoder(const ImageShape& shape) : shape_(shape) {}

  [[nodiscard]] EncoderKind kind() const override;
  [[nodiscard]] const std::vector<Feature>& features() const override { return features_; }
  [[nodiscard]] std::vector<FeatureColumn> encode(const Column& column,
                                                  std::span<const RowIndex> rows) const override;
  [[nodiscard]] Pixels encode_pixels(const Column& column, std::span<const RowIndex> rows) const override;
  [[nodiscard]] ImageShape picture() const override { return shape_; }
  void save(ArchiveWriter& archive) const override;
  [[nodiscard]] static std::unique_ptr<const ColumnEncoder> load(ArchiveReader& archive,
                                                                 const WantedColumn& column);

 private:
  ImageShape shape_;
  std::vector<Feature> features_;  // none
};

// Pictures that are all equal give no encoder.
[[nodiscard]] FittedColumn fit_image_bytes(const ColumnFit& fit);

}  // namespace astrolabe
