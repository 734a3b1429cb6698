// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/data/readers/sampled_batches.h"

#include <utility>

#include <arrow/array/builder_primitive.h>
#include <arrow/compute/api_vector.h>
#include <arrow/datum.h>

#include "astrolabe/data/readers/byte_source.h"
#include "astrolabe/data/readers/native_columns.h"

namespace astrolabe::readers {
namespace {

arrow::Result<std::shared_ptr<arrow::RecordBatch>> kept_rows(const std::shared_ptr<arrow::RecordBatch>& batch,
                                                             const LineSample& sample, std::uint64_t first) {
  ARROW_RETURN_NOT_OK(batch->ValidateFull());
  arrow::BooleanBuilder keeps;
  ARROW_RETURN_NOT_OK(keeps.Reserve(batch->num_rows()));
  for (std::int64_t row = 0; row < batch->num_rows(); ++row)
    keeps.UnsafeAppend(sample.keeps(first + static_cast<std::uint64_t>(row)));
  ARROW_ASSIGN_OR_RAISE(const std::shared_ptr<arrow::Array> mask, keeps.Finish());
  ARROW_ASSIGN_OR_RAISE(const arrow::Datum kept, arrow::compute::Filter(batch, mask));
  return kept.record_batch();
}

// The next batch's rows that stay; null at the end. `row`: of the file, that comes next.
std::shared_ptr<arrow::RecordBatch> next_kept(const NextBatch& next, const LineSample& sample,
                                              std::uint64_t& row, const std::filesystem::path& path,
                                              const std::function<bool()>& should_stop) {
  if (should_stop && should_stop()) throw error_of(arrow::Status::Cancelled("asked to stop"), path);
  const std::shared_ptr<arrow::RecordBatch> batch = next();
  if (batch == nullptr) return nullptr;
  const std::uint64_t first = row;
  row += static_cast<std::uint64_t>(batch->num_rows());
  return value_or_throw(kept_rows(batch, sample, first), path);
}

}  // namespace

std::shared_ptr<arrow::Table> read_some(const NextBatch& next, const LineSample& sample,
                                        const std::filesystem::path& path,
                                        const std::function<bool()>& should_stop) {
  arrow::RecordBatchVector batches;
  std::uint64_t row = 0;
  while (auto kept = next_kept(next, sample, row, path, should_stop)) batches.push_back(std::move(kept));
  if (batches.empty()) throw error_of(arrow::Status::Invalid("no rows"), path);
  return value_or_throw(arrow::Table::FromRecordBatches(batches), path);
}

RestOfBatches::RestOfBatches(NextBatch next, LineSample sample, std::vector<std::string> names,
                             std::filesystem::path path, std::function<bool()> should_stop)
    : next_(std::move(next)),
      sample_(sample),
      names_(std::move(names)),
      path_(std::move(path)),
      should_stop_(std::move(should_stop)) {}

bool RestOfBatches::next(RawTable& table) {
  while (auto kept = next_kept(next_, sample_, row_, path_, should_stop_)) {
    if (kept->num_rows() == 0) continue;
    table = native_table(names_, value_or_throw(arrow::Table::FromRecordBatches({kept}), path_), path_);
    return true;
  }
  return false;
}

}  // namespace astrolabe::readers
