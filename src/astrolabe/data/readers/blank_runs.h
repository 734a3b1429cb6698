// SPDX-License-Identifier: Apache-2.0
// Whitespace-separated text made regular: one space between cells, none around lines. Arrow's CSV reader
// wants exactly one separator. Newlines stay where they are, so line numbers stay right; quoted cells are
// left alone.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include <arrow/buffer.h>
#include <arrow/io/interfaces.h>
#include <arrow/result.h>
#include <arrow/status.h>

namespace astrolabe::readers {

// The rewriting, fed piece by piece.
class BlankRuns {
 public:
  void append(std::string_view bytes, std::string& out);

 private:
  bool in_quotes_ = false;
  bool after_quote_ = false;
  bool in_cell_ = false;
  bool line_has_cell_ = false;
};

// The rewriting as a stream over another.
class BlankRunsStream : public arrow::io::InputStream {
 public:
  explicit BlankRunsStream(std::shared_ptr<arrow::io::InputStream> inner) : inner_(std::move(inner)) {}

  arrow::Status Close() override { return inner_->Close(); }
  [[nodiscard]] bool closed() const override { return inner_->closed(); }
  [[nodiscard]] arrow::Result<std::int64_t> Tell() const override { return position_; }
  arrow::Result<std::int64_t> Read(std::int64_t bytes, void* out) override;
  arrow::Result<std::shared_ptr<arrow::Buffer>> Read(std::int64_t bytes) override;

 private:
  std::shared_ptr<arrow::io::InputStream> inner_;
  BlankRuns blanks_;
  std::int64_t position_ = 0;
};

}  // namespace astrolabe::readers
