// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/data/profile.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string_view>
#include <unordered_map>

#include "astrolabe/data/cell_hash.h"

namespace astrolabe {
namespace {

constexpr std::size_t kHistogramBins = 20;
constexpr std::size_t kCommonest = 8;

void profile_moments(const std::vector<double>& finite, ColumnProfile& profile) {
  double mean = 0;
  double squares = 0;
  double count = 0;
  for (const double value : finite) {
    count += 1;
    const double step = value - mean;
    mean += step / count;
    squares += step * (value - mean);
  }
  profile.mean = mean;
  profile.standard_deviation = count > 1 ? std::sqrt(squares / (count - 1)) : 0;
}

std::vector<std::uint64_t> histogram_of(const std::vector<double>& sorted) {
  std::vector<std::uint64_t> bins(kHistogramBins, 0);
  // Halved, so that the range of numbers near the largest double stays finite.
  const double low = sorted.front() / 2;
  const double width = sorted.back() / 2 - low;
  for (const double value : sorted) {
    const double place = width > 0 ? (value / 2 - low) / width * kHistogramBins : 0;
    ++bins[std::min(static_cast<std::size_t>(place), kHistogramBins - 1)];
  }
  return bins;
}

void profile_numbers(const Column& column, ColumnProfile& profile) {
  std::vector<double> finite;
  finite.reserve(column.numbers.size());
  bool has_plus = false;
  bool has_minus = false;
  for (const double value : column.numbers) {
    if (std::isnan(value)) {
      ++profile.missing;
    } else if (std::isinf(value)) {
      ++profile.infinities;
      (value > 0 ? has_plus : has_minus) = true;
    } else {
      finite.push_back(value);
    }
  }
  profile.distinct = static_cast<std::uint64_t>(has_plus) + static_cast<std::uint64_t>(has_minus);
  if (finite.empty()) {
    profile.min = profile.mean = profile.median = profile.max = profile.standard_deviation =
        std::numeric_limits<double>::quiet_NaN();
    return;
  }
  profile_moments(finite, profile);
  std::ranges::sort(finite);
  profile.min = finite.front();
  profile.max = finite.back();
  const std::size_t middle = finite.size() / 2;
  profile.median = finite.size() % 2 == 1 ? finite[middle] : finite[middle - 1] / 2 + finite[middle] / 2;
  profile.histogram = histogram_of(finite);
  for (std::size_t i = 0; i < finite.size(); ++i) {
    if (i == 0 || finite[i] != finite[i - 1]) ++profile.distinct;
  }
}

using CellCount = std::pair<std::string_view, std::uint64_t>;

void keep_commonest(std::vector<CellCount> counts, ColumnProfile& profile) {
  profile.distinct = counts.size();
  const auto kept = static_cast<std::ptrdiff_t>(std::min(kCommonest, counts.size()));
  std::ranges::partial_sort(counts, counts.begin() + kept, [](const CellCount& a, const CellCount& b) {
    return a.second != b.second ? a.second > b.second : a.first < b.first;
  });
  for (auto it = counts.begin(); it != counts.begin() + kept; ++it) {
    profile.commonest.emplace_back(std::string(it->first), it->second);
  }
}

void profile_levels(const Column& column, ColumnProfile& profile) {
  std::vector<std::uint64_t> per_level(column.levels.size(), 0);
  for (const std::int32_t code : column.codes) {
    if (code < 0) {
      ++profile.missing;
    } else {
      ++per_level[static_cast<std::size_t>(code)];
    }
  }
  std::vector<CellCount> counts;
  for (std::size_t level = 0; level < per_level.size(); ++level) {
    if (per_level[level] > 0) counts.emplace_back(column.levels[level], per_level[level]);
  }
  keep_commonest(std::move(counts), profile);
}

void profile_text(const Column& column, ColumnProfile& profile) {
  std::unordered_map<std::string_view, std::uint64_t> per_cell;
  for (std::size_t row = 0; row < column.text.size(); ++row) {
    if (column.text.is_missing(row)) {
      ++profile.missing;
    } else {
      ++per_cell[column.text[row]];
    }
  }
  keep_commonest({per_cell.begin(), per_cell.end()}, profile);
}

void profile_pictures(const Column& column, ColumnProfile& profile) {
  profile.picture = column.pixels.shape;
  std::vector<std::uint64_t> words = cell_hashes(column);
  profile.missing = std::erase(words, kMissingCellHash);
  std::ranges::sort(words);
  profile.distinct = static_cast<std::uint64_t>(std::ranges::unique(words).begin() - words.begin());
  profile.min = profile.mean = profile.median = profile.max = profile.standard_deviation =
      std::numeric_limits<double>::quiet_NaN();
}

ColumnProfile profile_column(const Column& column) {
  ColumnProfile profile;
  profile.name = column.name;
  profile.type = column.type;
  profile.rows = column.rows();
  if (column.is_numeric()) {
    profile_numbers(column, profile);
  } else if (column.has_levels()) {
    profile_levels(column, profile);
  } else if (column.is_image()) {
    profile_pictures(column, profile);
  } else {
    profile_text(column, profile);
  }
  return profile;
}

}  // namespace

std::vector<ColumnProfile> profile_table(const Table& table, ThreadPool& pool) {
  std::vector<ColumnProfile> profiles(table.columns().size());
  pool.for_each(profiles.size(), [&](std::size_t i) { profiles[i] = profile_column(table.column(i)); });
  return profiles;
}

}  // namespace astrolabe
