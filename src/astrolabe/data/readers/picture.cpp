// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/data/readers/picture.h"

#include <fmt/format.h>

#include "astrolabe/base/text.h"
#include "astrolabe/data/readers/jpeg_picture.h"
#include "astrolabe/data/readers/png_picture.h"

namespace astrolabe::readers {
namespace {

void require_small_enough(const ImageShape& shape) {
  if (std::uint64_t{shape.height} * shape.width <= kMostPixels) return;
  throw PictureFault(fmt::format("{} x {} pixels, more than the {} that are decoded", shape.width,
                                 shape.height, format_count(kMostPixels)));
}

}  // namespace

PictureFormat picture_format(std::string_view beginning) {
  if (beginning.starts_with("\x89PNG\r\n\x1A\n")) return PictureFormat::png;
  if (beginning.starts_with("\xFF\xD8\xFF")) return PictureFormat::jpeg;
  return PictureFormat::none;
}

ImageShape look_at_picture(std::string_view bytes) {
  const PictureFormat format = picture_format(bytes);
  if (format == PictureFormat::none) throw PictureFault(bytes.empty() ? "an empty file" : "no PNG or JPEG");
  const ImageShape shape = format == PictureFormat::png ? look_at_png(bytes) : look_at_jpeg(bytes);
  require_small_enough(shape);
  return shape;
}

Picture decode_picture(std::string_view bytes, const ImageShape& enough) {
  const ImageShape shape = look_at_picture(bytes);
  return picture_format(bytes) == PictureFormat::png ? decode_png(bytes, shape) : decode_jpeg(bytes, enough);
}

}  // namespace astrolabe::readers
