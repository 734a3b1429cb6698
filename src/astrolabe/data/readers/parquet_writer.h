// SPDX-License-Identifier: Apache-2.0
// Columns of results as the bytes of a Parquet file.
#pragma once

#include <span>
#include <string>

#include "astrolabe/data/writer.h"

namespace astrolabe::readers {

// Row groups of a fixed size, Snappy where this Arrow has it; no clock and no host name inside. Throws
// `failure` when Arrow refuses (no memory, a name that is not UTF-8).
[[nodiscard]] std::string encode_parquet(std::span<const OutputColumn> columns);

}  // namespace astrolabe::readers
