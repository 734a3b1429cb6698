// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/data/writer.h"

#include "astrolabe/base/error.h"
#include "astrolabe/base/file.h"
#include "astrolabe/data/raw_writer.h"

namespace astrolabe {

void write_parquet(const std::filesystem::path& path, std::span<const OutputColumn> columns) {
  for (const OutputColumn& column : columns)
    ASTROLABE_CHECK(column.rows() == columns.front().rows(), "columns of one table have the same length");
  write_file_atomically(path, raw_writer().encode_parquet(columns));
}

}  // namespace astrolabe
