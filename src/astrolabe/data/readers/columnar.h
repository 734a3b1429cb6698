// SPDX-License-Identifier: Apache-2.0
// Formats that store columns with their types: Parquet and Feather (the Arrow IPC file). What does not fit
// into memory is read in batches, some rows of each.
#pragma once

#include <memory>

#include "astrolabe/data/raw_reader.h"
#include "astrolabe/data/readers/byte_source.h"

namespace astrolabe::readers {

[[nodiscard]] RawRead read_parquet(const SourceFile& file, const RawRequest& request);
[[nodiscard]] RawRead read_feather(const SourceFile& file, const RawRequest& request);

// The rows that these leave out for the request; null where it is none.
[[nodiscard]] std::unique_ptr<RawBatches> open_rest_of_parquet(const SourceFile& file,
                                                               const RawRequest& request);
[[nodiscard]] std::unique_ptr<RawBatches> open_rest_of_feather(const SourceFile& file,
                                                               const RawRequest& request);

}  // namespace astrolabe::readers
