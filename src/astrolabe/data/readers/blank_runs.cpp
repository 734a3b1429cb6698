// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/data/readers/blank_runs.h"

#include <cstring>
#include <utility>

namespace astrolabe::readers {

void BlankRuns::append(std::string_view bytes, std::string& out) {
  for (const char c : bytes) {
    if (in_quotes_) {
      out.push_back(c);
      if (c == '"') in_quotes_ = false;
      after_quote_ = !in_quotes_;
      continue;
    }
    if (c == '\n' || c == '\r') {
      out.push_back(c);
      in_cell_ = line_has_cell_ = false;
    } else if (c == ' ' || c == '\t') {
      in_cell_ = false;
    } else {
      if (!in_cell_ && line_has_cell_) out.push_back(' ');
      // A doubled quote closes and opens again, which copies it as it stands.
      in_quotes_ = c == '"' && (!in_cell_ || after_quote_);
      in_cell_ = line_has_cell_ = true;
      out.push_back(c);
    }
    after_quote_ = false;
  }
}

arrow::Result<std::shared_ptr<arrow::Buffer>> BlankRunsStream::Read(std::int64_t bytes) {
  std::string out;
  while (out.empty()) {
    ARROW_ASSIGN_OR_RAISE(const std::shared_ptr<arrow::Buffer> piece, inner_->Read(bytes));
    if (piece->size() == 0) break;
    out.reserve(static_cast<std::size_t>(piece->size()) + 1);
    blanks_.append(static_cast<std::string_view>(*piece), out);
  }
  position_ += static_cast<std::int64_t>(out.size());
  return arrow::Buffer::FromString(std::move(out));
}

arrow::Result<std::int64_t> BlankRunsStream::Read(std::int64_t bytes, void* out) {
  // A piece can grow by the one space that an earlier piece left open.
  if (bytes < 2) return arrow::Status::Invalid("reads of at least two bytes are expected");
  ARROW_ASSIGN_OR_RAISE(const std::shared_ptr<arrow::Buffer> buffer, Read(bytes - 1));
  std::memcpy(out, buffer->data(), static_cast<std::size_t>(buffer->size()));
  return buffer->size();
}

}  // namespace astrolabe::readers
