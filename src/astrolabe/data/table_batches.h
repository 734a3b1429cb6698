// SPDX-License-Identifier: Apache-2.0
// The rows that a reading under a memory cap left out (ReadOptions::memory_bytes), in batches, typed as the
// rows that it read.
//
//   RestOfTable rest(path, columns_of(read.table), options);
//   for (Table batch; rest.next(batch);) use(batch);
//   rest.rewind();
//
// A batch comes of about 1 MB of text. A cell that does not fit its column's type is missing, as when a file
// is read for a model. Throws bad_input as read_table does.
#pragma once

#include <filesystem>
#include <memory>
#include <vector>

#include "astrolabe/data/raw_reader.h"
#include "astrolabe/data/reader.h"

namespace astrolabe {

// Not thread-safe.
class RestOfTable {
 public:
  // `options` are those of the reading, `columns` all that it gave.
  RestOfTable(std::filesystem::path path, std::vector<WantedColumn> columns, const ReadOptions& options);
  RestOfTable(const RestOfTable&) = delete;
  RestOfTable& operator=(const RestOfTable&) = delete;

  void rewind();
  // The next batch overwrites `table`, whose columns are in the wanted order; false at the end, and at once
  // where nothing was left out.
  [[nodiscard]] bool next(Table& table);

 private:
  std::filesystem::path path_;
  std::vector<WantedColumn> columns_;
  RawRequest request_;
  std::unique_ptr<RawBatches> batches_;
};

}  // namespace astrolabe
