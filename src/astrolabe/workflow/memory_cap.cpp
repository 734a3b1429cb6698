// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/workflow/memory_cap.h"

#include <algorithm>
#include <numeric>

namespace astrolabe {
namespace {

constexpr std::uint64_t kBytesPerCell = 16;
constexpr std::uint64_t kCopiesOfText = 4;
constexpr std::size_t kFewestRows = 500;

std::uint64_t text_bytes(const Column& column) {
  std::uint64_t bytes = 0;
  for (std::size_t row = 0; row < column.text.size(); ++row) bytes += column.text[row].size();
  return bytes;
}

}  // namespace

std::uint64_t working_memory(const Table& features) {
  std::uint64_t bytes = kBytesPerCell * features.rows() * features.columns().size();
  for (const Column& column : features.columns()) bytes += kCopiesOfText * text_bytes(column);
  return bytes;
}

std::optional<std::vector<RowIndex>> rows_within_memory(const Table& features, std::uint64_t limit,
                                                        std::uint64_t resident, Key key) {
  const std::uint64_t free = limit > resident ? limit - resident : 0;
  const std::uint64_t needed = working_memory(features);
  if (needed <= free) return std::nullopt;
  const double share = static_cast<double>(free) / static_cast<double>(needed);
  const auto wanted = static_cast<std::size_t>(share * static_cast<double>(features.rows()));
  const std::size_t kept = std::max(std::min(kFewestRows, features.rows()), wanted);
  if (kept >= features.rows()) return std::nullopt;
  std::vector<RowIndex> rows(features.rows());
  std::iota(rows.begin(), rows.end(), RowIndex{0});
  RandomStream(key).shuffle(rows);
  rows.resize(kept);
  std::sort(rows.begin(), rows.end());
  return rows;
}

}  // namespace astrolabe
