// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/features/scaling.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>

#include "astrolabe/base/error.h"
#include "astrolabe/features/checked_reads.h"

namespace astrolabe {
namespace {

constexpr double kIndicatorShare = 0.01;
constexpr double kClip = 10;                // standard deviations
constexpr double kSmallestSpread = 1e-290;  // below it, numbers count as equal
constexpr double kFloatSafe = 1e35;
constexpr double kFloatLimit = std::numeric_limits<float>::max();

double median_of(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  if (values.size() % 2 == 1) return *middle;
  return *std::max_element(values.begin(), middle) / 2 + *middle / 2;
}

void append(FeatureColumn& column, std::size_t row, float value) {
  column.sparse_rows.push_back(static_cast<std::uint32_t>(row));
  column.sparse_values.push_back(value);
}

}  // namespace

std::optional<NumberScaling> NumberScaling::fit(std::span<const double> values, const EncodingNeeds& needs) {
  std::vector<double> known;
  known.reserve(values.size());
  std::copy_if(values.begin(), values.end(), std::back_inserter(known),
               [](double value) { return std::isfinite(value); });
  if (known.empty()) return std::nullopt;

  const auto rows = static_cast<double>(values.size());
  const auto missing = static_cast<double>(values.size() - known.size());
  const auto [low, high] = std::minmax_element(known.begin(), known.end());
  const bool varies = *high / 2 - *low / 2 > kSmallestSpread;

  NumberScaling scaling;
  scaling.keeps_missing_ = needs.native_missing;
  scaling.has_value_ = varies || (needs.native_missing && missing > 0);
  scaling.has_indicator_ = !needs.native_missing && missing > 0 && missing >= kIndicatorShare * rows;
  if (!scaling.has_value_ && !scaling.has_indicator_) return std::nullopt;

  const auto zeros = static_cast<double>(std::count(known.begin(), known.end(), 0.0));
  scaling.is_sparse_ = zeros > kSparseShare * rows;
  scaling.clips_ = needs.standardized;
  if (varies) scaling.fit_scale(*low, *high, known, needs.standardized);
  if (!needs.native_missing) scaling.fill_ = median_of(std::move(known));
  return scaling;
}

void NumberScaling::fit_scale(double low, double high, std::span<const double> known, bool standardized) {
  const double middle = low / 2 + high / 2;
  const double half = high / 2 - low / 2;
  const double largest = std::max(std::abs(low), std::abs(high));
  if (standardized) {
    // In units of half the range around the middle, where nothing can overflow or cancel.
    double sum = 0;
    for (const double value : known) sum += (value / 2 - middle / 2) / half;
    const double mean = 2 * sum / static_cast<double>(known.size());
    double squares = 0;
    for (const double value : known) {
      const double deviation = 2 * ((value / 2 - middle / 2) / half) - mean;
      squares += deviation * deviation;
    }
    scale_ = 1 / (half * std::sqrt(squares / static_cast<double>(known.size())));
    centre_ = is_sparse_ ? 0 : middle + half * mean;
  } else if (largest > kFloatSafe || half < 1 / kFloatSafe) {
    scale_ = 1 / half;
    centre_ = is_sparse_ ? 0 : middle;
  } else if (half < largest / 1024) {
    centre_ = low;
  }
}

void NumberScaling::describe(const std::string& name, const std::string& source,
                             std::vector<Feature>& features) const {
  if (has_value_) features.push_back({.name = name, .source = source});
  if (has_indicator_) features.push_back({.name = name + ".missing", .source = source});
}

float NumberScaling::encode_one(double value) const {
  if (!std::isfinite(value)) {
    if (keeps_missing_) return std::numeric_limits<float>::quiet_NaN();
    value = fill_;
  }
  const double limit = clips_ ? kClip : kFloatLimit;
  return static_cast<float>(std::clamp((value - centre_) * scale_, -limit, limit));
}

void NumberScaling::encode(std::span<const double> values, std::vector<FeatureColumn>& columns) const {
  if (has_value_) {
    FeatureColumn& column = columns.emplace_back();
    column.is_sparse = is_sparse_;
    if (!is_sparse_) column.dense.resize(values.size());
    for (std::size_t row = 0; row < values.size(); ++row) {
      const float value = encode_one(values[row]);
      if (!is_sparse_) {
        column.dense[row] = value;
      } else if (value != 0) {
        append(column, row, value);
      }
    }
  }
  if (has_indicator_) {
    FeatureColumn& column = columns.emplace_back();
    column.is_sparse = true;
    for (std::size_t row = 0; row < values.size(); ++row) {
      if (!std::isfinite(values[row])) append(column, row, 1.0F);
    }
  }
}

NumberScaling NumberScaling::without_indicator() const {
  ASTROLABE_CHECK(has_value_, "a scaling without value and indicator has no feature");
  NumberScaling scaling = *this;
  scaling.has_indicator_ = false;
  return scaling;
}

void NumberScaling::save(ArchiveWriter& archive) const {
  archive.put(centre_);
  archive.put(scale_);
  archive.put(fill_);
  for (const bool flag : {has_value_, has_indicator_, keeps_missing_, is_sparse_, clips_}) {
    archive.put<std::uint8_t>(flag ? 1 : 0);
  }
}

NumberScaling NumberScaling::load(ArchiveReader& archive) {
  NumberScaling scaling;
  scaling.centre_ = get_finite(archive, "the centre of a feature");
  scaling.scale_ = get_finite(archive, "the scale of a feature");
  if (!(scaling.scale_ > 0)) ArchiveReader::damaged("the scale of a feature");
  scaling.fill_ = get_finite(archive, "the fill value of a feature");
  for (bool* flag : {&scaling.has_value_, &scaling.has_indicator_, &scaling.keeps_missing_,
                     &scaling.is_sparse_, &scaling.clips_}) {
    *flag = get_flag(archive, "a flag of a feature");
  }
  if (!scaling.has_value_ && !scaling.has_indicator_) ArchiveReader::damaged("a column without a feature");
  return scaling;
}

}  // namespace astrolabe
