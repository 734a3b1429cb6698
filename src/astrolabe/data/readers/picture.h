// SPDX-License-Identifier: Apache-2.0
// The bytes of a PNG or JPEG file as a picture of 8 bits a channel: grey, or red, green, blue.
//
//   const PictureLook look = look_at_picture(bytes);          // the size, before anything is decoded
//   const Picture picture = decode_picture(bytes, {.height = 64, .width = 64});
//
// 16 bits become 8, palettes colours, transparent parts white, CMYK red, green, blue; colour profiles, gamma
// and the orientation that cameras note are ignored. Pure; thread-safe.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string_view>
#include <vector>

#include "astrolabe/data/pixels.h"

namespace astrolabe::readers {

// Why a picture cannot be had, as a phrase: "cut off", "no PNG or JPEG".
class PictureFault : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// Larger ones are refused before they are decoded: a file of kilobytes can claim gigabytes.
inline constexpr std::uint64_t kMostPixels = 50'000'000;

struct Picture {
  ImageShape shape;
  std::vector<std::uint8_t> bytes;  // [height, width, channels]
};

enum class PictureFormat { none, png, jpeg };
[[nodiscard]] PictureFormat picture_format(std::string_view beginning);

// Size and channels. Throws PictureFault for what is no picture, and for one of more than kMostPixels.
[[nodiscard]] ImageShape look_at_picture(std::string_view bytes);

// Where `enough` is said (else 0 x 0), a JPEG may come smaller than it is, but not below twice that size.
// Throws PictureFault also for a picture that is damaged or cut off.
[[nodiscard]] Picture decode_picture(std::string_view bytes, const ImageShape& enough = {});

}  // namespace astrolabe::readers
