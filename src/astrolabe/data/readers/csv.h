// SPDX-License-Identifier: Apache-2.0
// Text tables by Arrow's multi-threaded CSV reader, every column as text.
#pragma once

#include "astrolabe/data/raw_reader.h"
#include "astrolabe/data/readers/byte_source.h"

namespace astrolabe::readers {

// As RawReader::open_rest.
[[nodiscard]] std::unique_ptr<RawBatches> open_rest_of_csv(const SourceFile& file, const RawRequest& request);
[[nodiscard]] RawRead read_csv(const SourceFile& file, const RawRequest& request);

}  // namespace astrolabe::readers
