// SPDX-License-Identifier: Apache-2.0
// PNG by libpng. Only what makes up the picture is given to it (header, palette, transparency, data): texts,
// profiles and the like, which may unpack to gigabytes, never are.
#pragma once

#include <string_view>

#include "astrolabe/data/readers/picture.h"

namespace astrolabe::readers {

// From the header chunk alone. Both throw PictureFault.
[[nodiscard]] ImageShape look_at_png(std::string_view bytes);
[[nodiscard]] Picture decode_png(std::string_view bytes, const ImageShape& shape);

}  // namespace astrolabe::readers
