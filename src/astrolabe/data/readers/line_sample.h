// SPDX-License-Identifier: Apache-2.0
// A table with some of its rows left out, chosen at random: what one that does not fit into memory is read
// as. Rows of a text are told apart by newlines outside of quotes.
//
//   LineSample sample{.key = Key::from_seed(1), .share = 0.25};         // or sample_within(request, needed,
//   rows) auto quarter = std::make_shared<LineSampleStream>(stream, sample, quotes); sample.row_in_file(3) //
//   where the fourth row that is left stood
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include <arrow/buffer.h>
#include <arrow/io/interfaces.h>
#include <arrow/result.h>

#include "astrolabe/base/random.h"
#include "astrolabe/data/raw_reader.h"

namespace astrolabe::readers {

// What a cell takes beside its bytes in the file, from its place in a buffer to the copies that a run splits
// it into.
inline constexpr std::uint64_t kBytesPerCell = 28;

// Which rows stay: each by its own draw, so that the choice depends on nothing but key, share and place.
struct LineSample {
  Key key;
  double share = 1;
  bool is_rest = false;  // the rows that stay are those that go otherwise

  [[nodiscard]] bool keeps(std::uint64_t row) const {
    return (share >= 1 || random_uniform(key, row) < share) != is_rest;
  }
  // The place in the file, from 0, of the row that is number `row` of those that stay. Cost: one draw a row.
  [[nodiscard]] std::uint64_t row_in_file(std::uint64_t row) const;
};

// All rows where the `needed` bytes of all `rows` are within the request's memory, else the share that is, at
// least about 1,000 rows.
[[nodiscard]] LineSample sample_within(const RawRequest& request, std::uint64_t needed, std::uint64_t rows);
// What people are told of it, where rows were left out.
[[nodiscard]] std::string words_of(const LineSample& sample, std::uint64_t rows_read);

// A stream over another that begins with a row. Blank lines, which are no rows, stay. Not thread-safe.
class LineSampleStream : public arrow::io::InputStream {
 public:
  // `quotes`: whether a quoted cell may hold a newline.
  LineSampleStream(std::shared_ptr<arrow::io::InputStream> inner, LineSample sample, bool quotes)
      : inner_(std::move(inner)), sample_(sample), quotes_(quotes), is_kept_(sample.keeps(0)) {}

  arrow::Status Close() override { return inner_->Close(); }
  [[nodiscard]] bool closed() const override { return inner_->closed(); }
  [[nodiscard]] arrow::Result<std::int64_t> Tell() const override { return position_; }
  arrow::Result<std::int64_t> Read(std::int64_t bytes, void* out) override;
  arrow::Result<std::shared_ptr<arrow::Buffer>> Read(std::int64_t bytes) override;

 private:
  void append(std::string_view bytes, std::string& out);

  std::shared_ptr<arrow::io::InputStream> inner_;
  LineSample sample_;
  bool quotes_;
  bool is_kept_;  // the row that is being read
  bool in_quotes_ = false;
  bool line_is_blank_ = true;
  std::uint64_t row_ = 0;
  std::int64_t position_ = 0;
};

}  // namespace astrolabe::readers
