// SPDX-License-Identifier: Apache-2.0
// Some rows of a table that comes in batches of Arrow's.
//
//   const LineSample sample = sample_within(request, needed, rows);
//   std::shared_ptr<arrow::Table> some = read_some(next, sample, path, request.should_stop);
//   RestOfBatches rest(next_again, sample_of_rest, names, path, request.should_stop);   // the others
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <arrow/record_batch.h>
#include <arrow/table.h>

#include "astrolabe/data/raw_reader.h"
#include "astrolabe/data/readers/line_sample.h"

namespace astrolabe::readers {

// The next batch in the order of rows; null at the end.
using NextBatch = std::function<std::shared_ptr<arrow::RecordBatch>()>;

// The rows of the sample, copied, so that each batch is let go. Batches are checked before they are looked
// at. Throws bad_input, and cancelled when asked to stop.
[[nodiscard]] std::shared_ptr<arrow::Table> read_some(const NextBatch& next, const LineSample& sample,
                                                      const std::filesystem::path& path,
                                                      const std::function<bool()>& should_stop);

// The same rows, batch by batch. Not thread-safe.
class RestOfBatches : public RawBatches {
 public:
  RestOfBatches(NextBatch next, LineSample sample, std::vector<std::string> names, std::filesystem::path path,
                std::function<bool()> should_stop);
  [[nodiscard]] bool next(RawTable& table) override;

 private:
  NextBatch next_;
  LineSample sample_;
  std::vector<std::string> names_;
  std::filesystem::path path_;
  std::function<bool()> should_stop_;
  std::uint64_t row_ = 0;
};

}  // namespace astrolabe::readers
