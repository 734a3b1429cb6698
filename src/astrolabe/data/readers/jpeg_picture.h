// SPDX-License-Identifier: Apache-2.0
// JPEG by libjpeg-turbo: baseline and progressive; grey, colour, CMYK.
#pragma once

#include <string_view>

#include "astrolabe/data/readers/picture.h"

namespace astrolabe::readers {

// Both throw PictureFault. What the library can only guess at, the rest of a file that is cut off, is a
// fault.
[[nodiscard]] ImageShape look_at_jpeg(std::string_view bytes);
[[nodiscard]] Picture decode_jpeg(std::string_view bytes, const ImageShape& enough);

}  // namespace astrolabe::readers
