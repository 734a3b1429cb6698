// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/data/readers/line_sample.h"

#include <algorithm>
#include <cstring>

#include <fmt/format.h>

#include "astrolabe/base/text.h"

namespace astrolabe::readers {
namespace {

constexpr std::uint64_t kFewestRows = 1'000;  // at least, whatever the cap

double share_of(std::uint64_t part, std::uint64_t whole) {
  return static_cast<double>(part) / static_cast<double>(std::max<std::uint64_t>(1, whole));
}

}  // namespace

LineSample sample_within(const RawRequest& request, std::uint64_t needed, std::uint64_t rows) {
  LineSample sample{.key = request.sample_key.split("rows")};
  if (needed <= request.memory_bytes) return sample;
  sample.share = std::min(1.0, std::max(share_of(request.memory_bytes, needed), share_of(kFewestRows, rows)));
  return sample;
}

std::string words_of(const LineSample& sample, std::uint64_t rows_read) {
  return fmt::format(
      "--memory: the table does not fit, so {} of its rows were read, about {:.2g} % of them, chosen at "
      "random.",
      format_count(rows_read), 100 * sample.share);
}

std::uint64_t LineSample::row_in_file(std::uint64_t row) const {
  std::uint64_t place = 0;
  for (std::uint64_t left = row;; ++place) {
    if (!keeps(place)) continue;
    if (left == 0) return place;
    --left;
  }
}

void LineSampleStream::append(std::string_view bytes, std::string& out) {
  while (!bytes.empty()) {
    // A doubled quote closes and opens again: what counts is whether their number is odd.
    const std::size_t end = bytes.find_first_of(quotes_ ? "\"\n" : "\n");
    const std::size_t taken = end == std::string_view::npos ? bytes.size() : end + 1;
    const std::string_view piece = bytes.substr(0, taken);
    bytes.remove_prefix(taken);
    const bool ends_line = piece.back() == '\n' && !in_quotes_;
    if (piece.back() == '"' && quotes_) in_quotes_ = !in_quotes_;
    if (piece.find_first_not_of("\r\n") != std::string_view::npos || in_quotes_) line_is_blank_ = false;
    if (is_kept_ || line_is_blank_) out.append(piece);
    if (!ends_line) continue;
    if (!line_is_blank_) is_kept_ = sample_.keeps(++row_);
    line_is_blank_ = true;
  }
}

arrow::Result<std::shared_ptr<arrow::Buffer>> LineSampleStream::Read(std::int64_t bytes) {
  std::string out;
  while (out.empty()) {
    ARROW_ASSIGN_OR_RAISE(const std::shared_ptr<arrow::Buffer> piece, inner_->Read(bytes));
    if (piece->size() == 0) break;
    append(static_cast<std::string_view>(*piece), out);
  }
  position_ += static_cast<std::int64_t>(out.size());
  return arrow::Buffer::FromString(std::move(out));
}

arrow::Result<std::int64_t> LineSampleStream::Read(std::int64_t bytes, void* out) {
  ARROW_ASSIGN_OR_RAISE(const std::shared_ptr<arrow::Buffer> buffer, Read(bytes));
  std::memcpy(out, buffer->data(), static_cast<std::size_t>(buffer->size()));
  return buffer->size();
}

}  // namespace astrolabe::readers
