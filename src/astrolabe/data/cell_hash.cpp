// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/data/cell_hash.h"

#include <bit>

#include "astrolabe/base/hash.h"

namespace astrolabe {
namespace {

class CellHasher {
 public:
  explicit CellHasher(const Column& column) : column_(column) {
    for (const std::string& level : column.levels) level_hashes_.push_back(hash_text(level));
  }

  [[nodiscard]] std::uint64_t operator()(std::size_t row) const {
    if (column_.is_missing(row)) return kMissingCellHash;
    if (column_.has_levels()) return level_hashes_[static_cast<std::size_t>(column_.codes[row])];
    if (column_.is_image())
      return hash_bytes(column_.pixels.picture(row).data(), column_.pixels.shape.size());
    if (!column_.is_numeric()) return hash_text(column_.text[row]);
    const double number = column_.numbers[row];
    return std::bit_cast<std::uint64_t>(number == 0 ? 0.0 : number);
  }

 private:
  const Column& column_;
  std::vector<std::uint64_t> level_hashes_;
};

}  // namespace

std::vector<std::uint64_t> cell_hashes(const Column& column) {
  const CellHasher hash(column);
  std::vector<std::uint64_t> words(column.rows());
  for (std::size_t row = 0; row < words.size(); ++row) words[row] = hash(row);
  return words;
}

std::vector<std::uint64_t> cell_hashes(const Column& column, std::span<const RowIndex> rows) {
  const CellHasher hash(column);
  std::vector<std::uint64_t> words;
  words.reserve(rows.size());
  for (const RowIndex row : rows) words.push_back(hash(row));
  return words;
}

}  // namespace astrolabe
