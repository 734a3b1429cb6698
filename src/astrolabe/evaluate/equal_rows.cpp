// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/evaluate/equal_rows.h"

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

#include "astrolabe/base/hash.h"
#include "astrolabe/data/cell_hash.h"

namespace astrolabe {
namespace {

constexpr std::size_t kChunk = 16'384;
constexpr double kCombinationsPerRow = 10;

std::size_t count_distinct(std::vector<std::uint64_t> words) {
  std::ranges::sort(words);
  return static_cast<std::size_t>(std::ranges::unique(words).begin() - words.begin());
}

// How many of the values occur more than once.
std::size_t count_repeated(std::vector<double>& values) {
  std::ranges::sort(values);
  std::size_t repeated = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const bool like_last = i > 0 && values[i] == values[i - 1];
    const bool like_next = i + 1 < values.size() && values[i] == values[i + 1];
    if (like_last || like_next) ++repeated;
  }
  return repeated;
}

}  // namespace

EqualRows count_equal_rows(const Table& table, std::span<const std::size_t> columns, const Labels& labels,
                           ThreadPool& pool) {
  using HashedRow = std::pair<std::uint64_t, RowIndex>;
  std::vector<HashedRow> hashed(table.rows());
  for (std::size_t row = 0; row < hashed.size(); ++row) hashed[row] = {0, static_cast<RowIndex>(row)};
  const double many = kCombinationsPerRow * static_cast<double>(table.rows());
  double combinations = 1;
  for (const std::size_t index : columns) {
    const std::vector<std::uint64_t> words = cell_hashes(table.column(index));
    if (combinations < many) combinations *= static_cast<double>(count_distinct(words));
    pool.for_ranges(hashed.size(), kChunk, [&](std::size_t begin, std::size_t end, std::size_t) {
      for (std::size_t row = begin; row < end; ++row) {
        hashed[row].first = hash_bytes(&words[row], sizeof words[row], hashed[row].first);
      }
    });
  }
  std::ranges::sort(hashed);
  EqualRows equal;
  equal.is_telling = combinations >= many;
  std::vector<double> targets;
  for (std::size_t begin = 0; begin < hashed.size();) {
    targets.clear();
    std::size_t end = begin;
    for (; end < hashed.size() && hashed[end].first == hashed[begin].first; ++end) {
      targets.push_back(labels.values[hashed[end].second]);
    }
    if (targets.size() > 1) {
      equal.rows += targets.size();
      equal.copies += count_repeated(targets);
    }
    begin = end;
  }
  return equal;
}

}  // namespace astrolabe
