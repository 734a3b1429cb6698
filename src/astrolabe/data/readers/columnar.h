// SPDX-License-Identifier: Apache-2.0
// Formats that store columns with their types: Parquet and Feather (the Arrow IPC file).
#pragma once

#include "astrolabe/data/raw_reader.h"
#include "astrolabe/data/readers/byte_source.h"

namespace astrolabe::readers {

[[nodiscard]] RawRead read_parquet(const SourceFile& file, const RawRequest& request);
[[nodiscard]] RawRead read_feather(const SourceFile& file, const RawRequest& request);

}  // namespace astrolabe::readers
