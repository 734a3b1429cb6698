// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/data/readers/png_picture.h"

#include <string>

#include <png.h>

namespace astrolabe::readers {
namespace {

constexpr std::size_t kSignature = 8;
constexpr std::size_t kAround = 12;  // length, type and checksum of a chunk

std::uint32_t big_endian(std::string_view bytes, std::size_t at) {
  std::uint32_t word = 0;
  for (std::size_t i = 0; i < 4; ++i) word = word << 8U | static_cast<unsigned char>(bytes[at + i]);
  return word;
}

bool makes_up_the_picture(std::string_view type) {
  return type == "IHDR" || type == "PLTE" || type == "tRNS" || type == "IDAT" || type == "IEND";
}

std::string essential_chunks(std::string_view bytes) {
  std::string kept(bytes.substr(0, kSignature));
  for (std::size_t at = kSignature; at < bytes.size();) {
    if (bytes.size() - at < kAround) throw PictureFault("cut off");
    const std::size_t length = big_endian(bytes, at);
    if (length > bytes.size() - at - kAround) throw PictureFault("cut off");
    const std::string_view type = bytes.substr(at + 4, 4);
    if (makes_up_the_picture(type)) kept.append(bytes.substr(at, length + kAround));
    if (type == "IEND") return kept;
    at += length + kAround;
  }
  throw PictureFault("cut off");
}

}  // namespace

ImageShape look_at_png(std::string_view bytes) {
  constexpr std::size_t kHeader = kSignature + kAround + 13;
  if (bytes.size() < kHeader) throw PictureFault("cut off");
  if (bytes.substr(kSignature + 4, 4) != "IHDR") throw PictureFault("a PNG without a header");
  const ImageShape shape{
      .height = big_endian(bytes, kSignature + 12),
      .width = big_endian(bytes, kSignature + 8),
      .channels = (static_cast<unsigned char>(bytes[kSignature + 17]) & 2U) != 0 ? 3U : 1U};
  if (shape.size() == 0) throw PictureFault("a PNG of no pixels");
  return shape;
}

Picture decode_png(std::string_view bytes, const ImageShape& shape) {
  const std::string kept = essential_chunks(bytes);
  png_image image{};
  image.version = PNG_IMAGE_VERSION;
  if (png_image_begin_read_from_memory(&image, kept.data(), kept.size()) == 0)
    throw PictureFault(std::string("a damaged PNG (") + image.message + ")");
  if (image.height != shape.height || image.width != shape.width) {
    png_image_free(&image);
    throw PictureFault("a PNG with two headers");
  }
  image.flags |= PNG_IMAGE_FLAG_16BIT_sRGB;
  image.format = shape.channels == 3 ? PNG_FORMAT_RGB : PNG_FORMAT_GRAY;
  Picture picture{.shape = shape, .bytes = std::vector<std::uint8_t>(PNG_IMAGE_SIZE(image))};
  const png_color white{.red = 255, .green = 255, .blue = 255};
  if (png_image_finish_read(&image, &white, picture.bytes.data(), 0, nullptr) == 0)
    throw PictureFault(std::string("a damaged PNG (") + image.message + ")");
  return picture;
}

}  // namespace astrolabe::readers
