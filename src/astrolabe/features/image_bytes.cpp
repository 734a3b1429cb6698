// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/features/image_bytes.h"

#include <algorithm>

#include "astrolabe/data/resize.h"
#include "astrolabe/features/encoder_catalog.h"

namespace astrolabe {

Pixels pictures_at(const Column& column, std::span<const RowIndex> rows, const ImageShape& shape) {
  return resize_pictures(column.pixels.take_rows(rows), shape);
}

void save_shape(const ImageShape& shape, ArchiveWriter& archive) {
  for (const std::size_t side : {shape.height, shape.width, shape.channels})
    archive.put<std::uint32_t>(static_cast<std::uint32_t>(side));
}

ImageShape load_shape(ArchiveReader& archive) {
  constexpr std::uint32_t kLongest = 4096;
  ImageShape shape;
  shape.height = archive.get_between<std::uint32_t>(1, kLongest, "the height of a picture");
  shape.width = archive.get_between<std::uint32_t>(1, kLongest, "the width of a picture");
  shape.channels = archive.get_between<std::uint32_t>(1, 3, "the channels of a picture");
  if (shape.channels == 2) ArchiveReader::damaged("the channels of a picture");
  return shape;
}

EncoderKind ImageBytesEncoder::kind() const {
  return EncoderKind::image_bytes;
}

std::vector<FeatureColumn> ImageBytesEncoder::encode(const Column& /*column*/,
                                                     std::span<const RowIndex> /*rows*/) const {
  return {};
}

Pixels ImageBytesEncoder::encode_pixels(const Column& column, std::span<const RowIndex> rows) const {
  return pictures_at(column, rows, shape_);
}

void ImageBytesEncoder::save(ArchiveWriter& archive) const {
  save_shape(shape_, archive);
}

std::unique_ptr<const ColumnEncoder> ImageBytesEncoder::load(ArchiveReader& archive,
                                                             const WantedColumn& /*column*/) {
  return std::make_unique<ImageBytesEncoder>(load_shape(archive));
}

FittedColumn fit_image_bytes(const ColumnFit& fit) {
  const Pixels& pixels = fit.column.pixels;
  const bool varies = std::ranges::any_of(fit.rows, [&](RowIndex row) {
    return !std::ranges::equal(pixels.picture(row), pixels.picture(fit.rows.front()));
  });
  if (!varies) return {};
  return encode_fitted(fit, std::make_unique<ImageBytesEncoder>(pixels.shape));
}

}  // namespace astrolabe
