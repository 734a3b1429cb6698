// SPDX-License-Identifier: Apache-2.0
// The seal: rows that no fitting or selection step may read. A `SealedTable` owns its rows and has no
// accessor but `open`, and `open` needs an `Opening`, which only a `SealJournal` can write. So a score on
// sealed rows without a record of it does not compile.
//
//   Opening opening = journal.record("score", "the run's sealed score");
//   const Table& rows = sealed.open(opening);
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "astrolabe/data/table.h"

namespace astrolabe {

// Permission to read one sealed slice, once recorded. Cannot be made or copied by anyone else.
class Opening {
 public:
  Opening(Opening&&) = default;
  Opening& operator=(Opening&&) = default;
  Opening(const Opening&) = delete;
  Opening& operator=(const Opening&) = delete;

  [[nodiscard]] const std::string& slice() const { return slice_; }
  [[nodiscard]] std::uint64_t number() const { return number_; }  // 1 for the first opening of the slice

 private:
  friend class SealJournal;
  Opening(std::string slice, std::uint64_t number) : slice_(std::move(slice)), number_(number) {}
  std::string slice_;
  std::uint64_t number_;
};

// Where openings are written before anything is read; the study implements it. Not thread-safe.
class SealJournal {
 public:
  virtual ~SealJournal() = default;
  // Writes the opening durably, then grants it.
  [[nodiscard]] Opening record(std::string_view slice, std::string_view purpose) {
    return {std::string(slice), write(slice, purpose)};
  }

 private:
  // Returns how often this slice has now been opened.
  virtual std::uint64_t write(std::string_view slice, std::string_view purpose) = 0;
};

class SealedTable {
 public:
  SealedTable(std::string slice, Table rows) : slice_(std::move(slice)), rows_(std::move(rows)) {}
  SealedTable(SealedTable&&) = default;
  SealedTable& operator=(SealedTable&&) = default;
  SealedTable(const SealedTable&) = delete;
  SealedTable& operator=(const SealedTable&) = delete;

  [[nodiscard]] const std::string& slice() const { return slice_; }
  [[nodiscard]] std::size_t rows() const { return rows_.rows(); }  // how many is no secret
  // Throws usage_error when the opening is for another slice.
  [[nodiscard]] const Table& open(const Opening& opening) const;

 private:
  std::string slice_;
  Table rows_;
};

// How much is sealed: 20 % of the rows, 10 % above 100,000, nothing below 1,000 (the score is then
// resampled).
[[nodiscard]] double sealed_share(std::size_t rows);

}  // namespace astrolabe
