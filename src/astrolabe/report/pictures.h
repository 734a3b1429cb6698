// SPDX-License-Identifier: Apache-2.0
// Pictures of the data on a page: each as a data URI, so that the page stays one file.
//
//   page += panel("Some of the pictures", picture_grid(result.pictures));
#pragma once

#include <span>
#include <string>

#include "astrolabe/report/run_result.h"

namespace astrolabe {

// "data:image/bmp;base64,...": uncompressed, 24 bits a pixel, so 4 bytes of page for each.
[[nodiscard]] std::string picture_uri(const ShownPicture& picture);

// All of them with their label below, and of mistakes what they were taken for. Empty without pictures.
[[nodiscard]] std::string picture_grid(std::span<const ShownPicture> pictures);

}  // namespace astrolabe
