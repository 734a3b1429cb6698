// SPDX-License-Identifier: Apache-2.0
// What encoders read from archives, refused when it cannot be what was written.
#pragma once

#include <cmath>
#include <cstdint>

#include "astrolabe/model/archive.h"

namespace astrolabe {

[[nodiscard]] inline double get_finite(ArchiveReader& archive, std::string_view what) {
  const auto value = archive.get<double>();
  if (!std::isfinite(value)) ArchiveReader::damaged(what);
  return value;
}

[[nodiscard]] inline bool get_flag(ArchiveReader& archive, std::string_view what) {
  return archive.get_between<std::uint8_t>(0, 1, what) == 1;
}

}  // namespace astrolabe
