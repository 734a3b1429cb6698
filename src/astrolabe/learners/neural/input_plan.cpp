// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/learners/neural/input_plan.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "astrolabe/base/error.h"
#include "astrolabe/base/random.h"

namespace astrolabe::neural {
namespace {

constexpr std::size_t kSampledRows = 16'384;  // that quantiles are taken of
constexpr double kBend = 3;
constexpr std::uint32_t kMaxCodes = 1U << 24;  // as far as a float can count
constexpr std::size_t kWidestEmbedding = 32;

// A value and how much of the total weight lies at or below it.
struct WeightedValues {
  std::vector<std::pair<float, double>> sorted;  // value, its own weight
  double total = 0;

  [[nodiscard]] float quantile(double q) const {
    double below = 0;
    for (const auto& [value, weight] : sorted) {
      below += weight;
      if (below >= q * total) return value;
    }
    return sorted.back().first;
  }
};

// Of evenly spaced rows, those that weigh something. value(row) may be NaN: then it is left out.
template <class Value>
WeightedValues weigh_values(std::size_t rows, std::span<const double> weights, const Value& value) {
  WeightedValues values;
  const std::size_t stride = (rows + kSampledRows - 1) / kSampledRows;
  for (std::size_t row = 0; row < rows; row += std::max<std::size_t>(stride, 1)) {
    const double weight = weights.empty() ? 1.0 : weights[row];
    const float number = value(row);
    if (weight > 0 && !std::isnan(number)) values.sorted.emplace_back(number, weight);
  }
  std::ranges::sort(values.sorted);
  for (const auto& [number, weight] : values.sorted) values.total += weight;
  return values;
}

float bent(double value) {
  const double part = value / kBend;
  const double bend = value / std::sqrt(1 + part * part);
  return std::isfinite(bend) ? static_cast<float>(bend) : 0.0F;
}

float bent(float value, const InputPlan::Route& route) {
  return bent((static_cast<double>(value) - static_cast<double>(route.centre)) *
              static_cast<double>(route.scale));
}

void fit_scale(const FeatureColumn& column, std::span<const double> weights, InputPlan::Route& route) {
  const WeightedValues values =
      weigh_values(column.dense.size(), weights, [&](std::size_t row) { return column.dense[row]; });
  if (values.sorted.empty()) return;
  const auto middle = static_cast<double>(values.quantile(0.5));
  double spread = static_cast<double>(values.quantile(0.75)) - static_cast<double>(values.quantile(0.25));
  if (!(spread > 0))
    spread =
        (static_cast<double>(values.sorted.back().first) - static_cast<double>(values.sorted.front().first)) /
        2;
  route.centre = static_cast<float>(middle);
  route.scale = spread > 0 ? static_cast<float>(1 / spread) : 0.0F;
  if (!std::isfinite(route.centre) || !std::isfinite(route.scale)) route.centre = route.scale = 0;
}

// fastai's rule of thumb.
std::size_t embedding_width(std::size_t codes) {
  const double width = 1.6 * std::pow(static_cast<double>(codes), 0.56);
  return std::min(kWidestEmbedding, static_cast<std::size_t>(width) + 1);
}

std::int32_t index_of(float code, std::uint32_t codes) {
  if (!(code >= 0 && code < static_cast<float>(codes))) return 0;
  return static_cast<std::int32_t>(code) + 1;
}

}  // namespace

InputPlan InputPlan::fit(const FeatureMatrix& features, std::span<const double> weights, ThreadPool& pool,
                         std::size_t max_cells) {
  InputPlan plan;
  plan.routes_.resize(features.features());
  pool.for_each(features.features(), [&](std::size_t feature) {
    const Feature& info = (*features.info)[feature];
    Route& route = plan.routes_[feature];
    if (info.kind == FeatureKind::categorical) {
      route.codes = std::min(info.categories, kMaxCodes);
      route.way = route.codes <= kMaxOneHot ? Way::one_hot : Way::index;
    } else if (features.columns[feature].is_sparse) {
      route.way = Way::sparse;
    } else {
      fit_scale(features.columns[feature], weights, route);
    }
  });
  plan.assign(std::clamp<std::size_t>(max_cells / std::max<std::size_t>(features.rows, 1), 64, kMaxColumns));
  return plan;
}

std::optional<InputPlan> InputPlan::extend(const InputPlan& old, const StartMap& map,
                                           const FeatureMatrix& features, std::span<const double> weights,
                                           ThreadPool& pool, std::size_t max_cells) {
  ASTROLABE_CHECK(old.features() == map.feature_of.size(),
                  "a map of the features that the plan was fitted on");
  if (map.keeps_features(features.features())) return old;
  InputPlan plan = fit(features, weights, pool, max_cells);
  std::vector<bool> is_known(plan.routes_.size(), false);
  for (std::size_t feature = 0; feature < old.routes_.size(); ++feature) {
    const std::size_t now = map.feature_of[feature];
    if (old.routes_[feature].way == Way::bucket) return std::nullopt;
    if (now == StartMap::kGone) continue;
    plan.routes_[now] = old.routes_[feature];
    is_known[now] = true;
  }
  std::size_t columns = 0;
  for (std::size_t feature = 0; feature < plan.routes_.size(); ++feature) {
    Route& route = plan.routes_[feature];
    if (!is_known[feature] && route.way == Way::bucket) return std::nullopt;
    columns += route.way == Way::one_hot ? route.codes : route.way == Way::index ? 0 : 1;
  }
  if (columns > kMaxColumns) return std::nullopt;
  plan.numbers_ = plan.dense_numbers_ = 0;
  plan.categories_.clear();
  plan.assign(kMaxColumns);
  return plan;
}

InputPlan InputPlan::as_encoded(const std::vector<Feature>& features) {
  InputPlan plan;
  for (const Feature& feature : features) {
    Route& route = plan.routes_.emplace_back();
    if (feature.kind != FeatureKind::categorical) continue;
    route.codes = std::min(feature.categories, kMaxCodes);
    route.way = route.codes <= kMaxOneHot ? Way::one_hot : Way::index;
  }
  plan.assign(kMaxColumns);
  return plan;
}

void InputPlan::assign(std::size_t columns_limit) {
  std::size_t wanted = 0;
  for (const Route& route : routes_)
    wanted += route.way == Way::one_hot ? route.codes : route.way == Way::index ? 0 : 1;
  // Where not all columns fit, half of the place is for buckets.
  const std::size_t own = wanted <= columns_limit ? wanted : columns_limit / 2;
  std::vector<std::size_t> homeless;
  const auto place = [&](Way way) {
    for (std::size_t feature = 0; feature < routes_.size(); ++feature) {
      Route& route = routes_[feature];
      if (route.way != way) continue;
      const std::size_t width = way == Way::one_hot ? route.codes : 1;
      if (numbers_ + width > own && way == Way::one_hot) {
        route.way = Way::index;
      } else if (numbers_ + width > own) {
        homeless.push_back(feature);
      } else {
        route.at = static_cast<std::uint32_t>(numbers_);
        numbers_ += width;
      }
    }
  };
  place(Way::number);
  dense_numbers_ = numbers_;
  place(Way::one_hot);
  place(Way::sparse);
  const std::size_t buckets = columns_limit - std::min(own, columns_limit);
  for (const std::size_t feature : homeless) {
    Route& route = routes_[feature];
    route.way = Way::bucket;
    const std::uint64_t bits = random_bits(Key::from_seed(0).split("buckets"), feature);
    route.at = static_cast<std::uint32_t>(numbers_ + bits % buckets);
    route.sign = (bits >> 63) != 0 ? -1.0F : 1.0F;
  }
  if (!homeless.empty()) numbers_ += buckets;
  for (Route& route : routes_) {
    if (route.way != Way::index) continue;
    route.at = static_cast<std::uint32_t>(categories_.size());
    categories_.push_back({.codes = std::size_t{route.codes} + 1, .width = embedding_width(route.codes)});
  }
}

EncodedRows InputPlan::encode(const FeatureMatrix& features, std::size_t begin, std::size_t end) const {
  ASTROLABE_CHECK(features.features() == routes_.size(), "the features that the plan was fitted on");
  EncodedRows encoded{.rows = end - begin, .x = std::vector<float>((end - begin) * numbers_), .codes = {}};
  encoded.codes.assign(categories_.size(), std::vector<std::int32_t>(end - begin, 0));
  for (std::size_t feature = 0; feature < routes_.size(); ++feature) {
    const Route& route = routes_[feature];
    const FeatureColumn& column = features.columns[feature];
    const auto put = [&](std::size_t row, float value) {
      float* const cells = encoded.x.data() + (row - begin) * numbers_;
      switch (route.way) {
        case Way::number:
        case Way::sparse:
          cells[route.at] = bent(value, route);
          break;
        case Way::bucket:
          cells[route.at] += route.sign * bent(value, route);
          break;
        case Way::one_hot:
          if (const std::int32_t index = index_of(value, route.codes); index > 0)
            cells[route.at + static_cast<std::size_t>(index) - 1] = 1;
          break;
        case Way::index:
          encoded.codes[route.at][row - begin] = index_of(value, route.codes);
      }
    };
    if (!column.is_sparse) {
      for (std::size_t row = begin; row < end; ++row) put(row, column.dense[row]);
      continue;
    }
    // What is not listed is 0: only a number that is centred elsewhere, or a code, needs to hear of it.
    if (route.way != Way::sparse && route.way != Way::bucket)
      for (std::size_t row = begin; row < end; ++row) put(row, 0.0F);
    const auto first = std::ranges::lower_bound(column.sparse_rows, begin);
    for (auto i = static_cast<std::size_t>(first - column.sparse_rows.begin());
         i < column.sparse_rows.size() && column.sparse_rows[i] < end; ++i)
      put(column.sparse_rows[i], column.sparse_values[i]);
  }
  return encoded;
}

NetBins InputPlan::bins(const EncodedRows& rows, std::span<const double> weights, ThreadPool& pool) const {
  NetBins bins{.low = std::vector<float>(dense_numbers_ * kBins),
               .scale = std::vector<float>(dense_numbers_ * kBins)};
  pool.for_each(dense_numbers_, [&](std::size_t column) {
    const WeightedValues values =
        weigh_values(rows.rows, weights, [&](std::size_t row) { return rows.x[row * numbers_ + column]; });
    if (values.sorted.empty()) return;
    std::vector<float> edges{values.sorted.front().first};
    for (std::size_t i = 1; i <= kBins; ++i) {
      const float edge = values.quantile(static_cast<double>(i) / kBins);
      if (edge > edges.back()) edges.push_back(edge);
    }
    // A bin that is not needed has scale 0, and is 0 everywhere.
    for (std::size_t i = 0; i + 1 < edges.size(); ++i) {
      bins.low[column * kBins + i] = edges[i];
      bins.scale[column * kBins + i] = 1 / (edges[i + 1] - edges[i]);
    }
  });
  // Neighbouring floats may lie closer than one over the largest number.
  for (float& scale : bins.scale) scale = std::min(scale, 1e6F);
  return bins;
}

void InputPlan::save(ArchiveWriter& archive) const {
  archive.put(static_cast<std::uint32_t>(numbers_));
  archive.put(static_cast<std::uint32_t>(dense_numbers_));
  for (const Route& route : routes_) {
    archive.put(static_cast<std::uint8_t>(route.way));
    archive.put(route.codes);
    archive.put(route.centre);
    archive.put(route.scale);
    archive.put(route.at);
    archive.put(route.sign);
  }
}

InputPlan InputPlan::load(ArchiveReader& archive, std::size_t features) {
  constexpr std::size_t kRouteBytes = 1 + 5 * 4;
  constexpr float kMost = std::numeric_limits<float>::max();
  InputPlan plan;
  plan.numbers_ = archive.get_between<std::uint32_t>(0, 2 * kMaxColumns, "the columns of a net");
  plan.dense_numbers_ = archive.get_between<std::uint32_t>(0, static_cast<std::uint32_t>(plan.numbers_),
                                                           "the columns of a net");
  if (features > archive.remaining() / kRouteBytes) ArchiveReader::damaged("the features of a net");
  for (std::size_t feature = 0; feature < features; ++feature) {
    Route route;
    route.way = static_cast<Way>(archive.get_between<std::uint8_t>(0, static_cast<std::uint8_t>(Way::bucket),
                                                                   "how a feature enters a net"));
    route.codes = archive.get_between<std::uint32_t>(0, route.way == Way::one_hot ? kMaxOneHot : kMaxCodes,
                                                     "the codes of a category");
    route.centre = archive.get_between(-kMost, kMost, "the centre of a number");
    route.scale = archive.get_between(0.0F, kMost, "the scale of a number");
    route.at = archive.get<std::uint32_t>();
    route.sign = archive.get_between(-1.0F, 1.0F, "the sign of a number");
    if (route.way == Way::index) {
      if (route.at != plan.categories_.size()) ArchiveReader::damaged("the categories of a net");
      plan.categories_.push_back(
          {.codes = std::size_t{route.codes} + 1, .width = embedding_width(route.codes)});
    } else {
      const std::size_t width = route.way == Way::one_hot ? route.codes : 1;
      if (route.at > plan.numbers_ || width > plan.numbers_ - route.at)
        ArchiveReader::damaged("the columns of a net");
    }
    plan.routes_.push_back(route);
  }
  return plan;
}

}  // namespace astrolabe::neural
