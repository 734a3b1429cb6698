// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/stats/bootstrap.h"

#include <algorithm>
#include <array>
#include <numeric>

#include "astrolabe/stats/scored.h"

namespace astrolabe {
namespace {

// Upper ends of the counts 0, 1, ... of Poisson(1), in 65536ths; rounded so that their mean is exactly 1.
constexpr std::array<std::uint32_t, 8> kPoissonEnds{24109, 48219, 60273, 64292, 65296, 65497, 65531, 65535};
constexpr std::size_t kCountsPerDraw = 4;

// One predictor, its rows in ascending order of prediction, so that a metric of ranks has nothing left to
// sort.
class Resampled {
 public:
  Resampled(const Metric& metric, const Scored& scored) : metric_(metric), outputs_(scored.outputs) {
    order_.resize(scored.rows());
    std::iota(order_.begin(), order_.end(), std::size_t{0});
    if (outputs_ == 1) {
      std::ranges::stable_sort(order_, {}, [&](std::size_t row) { return scored.prediction[row]; });
    }
    truth_.reserve(order_.size());
    prediction_.reserve(order_.size() * outputs_);
    weight_.reserve(order_.size());
    for (const std::size_t row : order_) {
      const std::span<const double> prediction = prediction_of(scored, row);
      truth_.push_back(scored.truth[row]);
      prediction_.insert(prediction_.end(), prediction.begin(), prediction.end());
      weight_.push_back(weight_of(scored, row));
    }
    resampled_weight_.resize(order_.size());
  }

  double value(std::span<const std::uint8_t> counts) {
    for (std::size_t i = 0; i < order_.size(); ++i) resampled_weight_[i] = weight_[i] * counts[order_[i]];
    return metric_.compute({truth_, prediction_, outputs_, resampled_weight_});
  }

 private:
  const Metric& metric_;
  std::size_t outputs_;
  std::vector<std::size_t> order_;
  std::vector<double> truth_, prediction_, weight_, resampled_weight_;
};

template <class ValueOfCounts>
std::vector<double> over_resamples(const Scored& scored, Key key, ValueOfCounts value_of_counts) {
  std::vector<double> values(resample_count(scored.rows() * scored.outputs));
  std::vector<std::uint8_t> counts(scored.rows());
  for (std::size_t resample = 0; resample < values.size(); ++resample) {
    draw_counts(key.split(resample), counts);
    values[resample] = value_of_counts(counts);
  }
  return values;
}

}  // namespace

std::size_t resample_count(std::size_t predictions) {
  if (predictions <= 20'000) return 1000;
  return std::clamp<std::size_t>(100'000'000 / predictions, 100, 500);
}

void draw_counts(Key key, std::span<std::uint8_t> counts) {
  for (std::size_t begin = 0; begin < counts.size(); begin += kCountsPerDraw) {
    std::uint64_t bits = random_bits(key, begin / kCountsPerDraw);
    const std::size_t end = std::min(begin + kCountsPerDraw, counts.size());
    for (std::size_t i = begin; i < end; ++i, bits >>= 16) {
      std::uint8_t count = 0;
      for (const std::uint32_t upper : kPoissonEnds) count += (bits & 0xffff) >= upper;
      counts[i] = count;
    }
  }
}

std::vector<double> bootstrap_values(const Metric& metric, const Scored& scored, Key key) {
  Resampled resampled(metric, scored);
  return over_resamples(scored, key, [&](const auto& counts) { return resampled.value(counts); });
}

std::vector<double> bootstrap_differences(const Metric& metric, const Scored& a, const Scored& b, Key key) {
  Resampled resampled_a(metric, a), resampled_b(metric, b);
  return over_resamples(
      a, key, [&](const auto& counts) { return resampled_a.value(counts) - resampled_b.value(counts); });
}

double percentile(std::span<const double> values, double probability) {
  const double position = probability * static_cast<double>(values.size() - 1);
  const auto below = static_cast<std::size_t>(position);
  const std::size_t above = std::min(below + 1, values.size() - 1);
  return values[below] + (position - static_cast<double>(below)) * (values[above] - values[below]);
}

}  // namespace astrolabe
