// SPDX-License-Identifier: Apache-2.0
// JSON lines: one object per line, its fields the columns; a field that a line lacks is missing there.
#pragma once

#include "astrolabe/data/raw_reader.h"
#include "astrolabe/data/readers/byte_source.h"

namespace astrolabe::readers {

[[nodiscard]] RawRead read_json_lines(const SourceFile& file, const RawRequest& request);

}  // namespace astrolabe::readers
