// SPDX-License-Identifier: Apache-2.0
// Text tables by Arrow's multi-threaded CSV reader, every column as text.
#pragma once

#include "astrolabe/data/raw_reader.h"
#include "astrolabe/data/readers/byte_source.h"

namespace astrolabe::readers {

[[nodiscard]] RawRead read_csv(const SourceFile& file, const RawRequest& request);

}  // namespace astrolabe::readers
