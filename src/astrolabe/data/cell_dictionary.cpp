// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/data/cell_dictionary.h"

#include <bit>
#include <cstring>

#include "astrolabe/data/cells.h"

namespace astrolabe {
namespace {

// Eight bytes a step, multiply and fold: cells are short, and a call per cell would cost more than the hash.
std::uint64_t hash_cell(std::string_view cell) {
  constexpr std::uint64_t kOdd = 0x9E3779B97F4A7C15ULL;
  std::uint64_t hash = cell.size() * kOdd;
  const char* at = cell.data();
  std::size_t left = cell.size();
  for (; left >= 8; at += 8, left -= 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, at, 8);
    hash = (std::rotl(hash, 29) ^ word) * kOdd;
  }
  std::uint64_t word = 0;
  if (left != 0) std::memcpy(&word, at, left);
  hash = (std::rotl(hash, 29) ^ word) * kOdd;
  return hash ^ (hash >> 32);
}

// Open addressing over indices into the distinct cells; at most half full.
class Slots {
 public:
  // The place where the cell is, or where it belongs.
  template <typename Equal>
  std::int32_t& find(std::uint64_t hash, Equal equal) {
    std::size_t place = hash & mask_;
    while (slots_[place] >= 0 &&
           !(hashes_[place] == static_cast<std::uint32_t>(hash) && equal(slots_[place])))
      place = (place + 1) & mask_;
    hashes_[place] = static_cast<std::uint32_t>(hash);
    return slots_[place];
  }
  [[nodiscard]] bool is_full(std::size_t used) const { return 2 * used > mask_; }
  void grow(const std::vector<DistinctCell>& cells) {
    mask_ = 4 * mask_ + 3;
    slots_.assign(mask_ + 1, -1);
    hashes_.assign(mask_ + 1, 0);
    for (std::size_t i = 0; i < cells.size(); ++i)
      find(hash_cell(cells[i].text), [](std::int32_t) { return false; }) = static_cast<std::int32_t>(i);
  }

 private:
  std::size_t mask_ = 255;
  std::vector<std::int32_t> slots_ = std::vector<std::int32_t>(256, -1);
  std::vector<std::uint32_t> hashes_ = std::vector<std::uint32_t>(256, 0);
};

}  // namespace

CellDictionary::CellDictionary(const RawColumn& column) {
  std::size_t rows = 0;
  for (const TextChunk& chunk : column.chunks) rows += chunk.rows;
  codes_.reserve(rows);
  Slots slots;
  for_each_cell(column, [&](std::size_t row, std::string_view as_read) {
    const std::string_view cell = trim_cell(as_read);
    any_trimmed_ |= cell.size() != as_read.size() && !cell.empty();
    std::int32_t& slot =
        slots.find(hash_cell(cell), [&](std::int32_t i) { return distinct_[i].text == cell; });
    if (slot < 0) {
      slot = static_cast<std::int32_t>(distinct_.size());
      codes_.push_back(slot);
      distinct_.push_back({cell, 1, static_cast<RowIndex>(row), is_missing_marker(cell)});
      if (slots.is_full(distinct_.size())) slots.grow(distinct_);
      return;
    }
    codes_.push_back(slot);
    ++distinct_[slot].count;
  });
}

}  // namespace astrolabe
