// SPDX-License-Identifier: Apache-2.0
// The second door to the plug-in that knows the file formats (raw_reader.h is the first): columns go in, the
// bytes of a file come out.
//
//   const std::string bytes = raw_writer().encode_parquet(columns);
#pragma once

#include <span>
#include <string>

#include "astrolabe/data/writer.h"

namespace astrolabe {

// Thread-safe; has no state.
class RawWriter {
 public:
  virtual ~RawWriter() = default;
  // A whole Parquet file. Throws `failure`.
  [[nodiscard]] virtual std::string encode_parquet(std::span<const OutputColumn> columns) const = 0;
};

// Loads the plug-in on first use, as raw_reader() does.
[[nodiscard]] const RawWriter& raw_writer();

// What the plug-in exports: `const RawWriter* astrolabe_raw_writer_1()`. The number is the version of this
// header.
inline constexpr char kRawWriterSymbol[] = "astrolabe_raw_writer_1";

}  // namespace astrolabe
