// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/evaluate/learning_curve.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <numeric>

#include "astrolabe/base/error.h"

namespace astrolabe {
namespace {

constexpr int kRates = 60;
constexpr double kSlowest = 0.05, kFastest = 2;
constexpr std::size_t kResamples = 400;
constexpr double kFurthest = 10;  // times the largest size
constexpr std::size_t kParameters = 3;

using Numbers = std::vector<double>;

double mean_of(std::span<const double> values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

// limit and distance by least squares for one rate; `sign` is that of a distance which falls to the limit.
PowerLaw fit_at(double rate, const Numbers& sizes, const Numbers& scores, double sign,
                std::optional<double> ideal) {
  Numbers x(sizes.size());
  std::ranges::transform(sizes, x.begin(), [&](double size) { return std::pow(size, -rate); });
  const double x_mean = mean_of(x), y_mean = mean_of(scores);
  double xy = 0, xx = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    xy += (x[i] - x_mean) * (scores[i] - y_mean);
    xx += (x[i] - x_mean) * (x[i] - x_mean);
  }
  double distance = xx > 0 ? xy / xx : 0;
  if (sign * distance < 0) distance = 0;
  const double limit = y_mean - distance * x_mean;
  if (!ideal || sign * (limit - *ideal) >= 0) return {.limit = limit, .distance = distance, .rate = rate};
  double from_ideal = 0, squared = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    from_ideal += x[i] * (scores[i] - *ideal);
    squared += x[i] * x[i];
  }
  distance = sign * std::max(0.0, sign * from_ideal / squared);
  return {.limit = *ideal, .distance = distance, .rate = rate};
}

double squares(const PowerLaw& law, const Numbers& sizes, const Numbers& scores) {
  double sum = 0;
  for (std::size_t i = 0; i < sizes.size(); ++i) {
    const double off = scores[i] - law.at(sizes[i]);
    sum += off * off;
  }
  return sum;
}

PowerLaw fit_law(const Numbers& sizes, const Numbers& scores, double sign, std::optional<double> ideal) {
  PowerLaw best;
  double least = std::numeric_limits<double>::infinity();
  for (int i = 0; i < kRates; ++i) {
    const double share = static_cast<double>(i) / (kRates - 1);
    const double rate = kSlowest * std::pow(kFastest / kSlowest, share);
    const PowerLaw law = fit_at(rate, sizes, scores, sign, ideal);
    const double sum = squares(law, sizes, scores);
    if (sum >= least) continue;
    least = sum;
    best = law;
  }
  return best;
}

Numbers means_of(std::span<const CurvePoint> points, const std::vector<std::size_t>& seeds) {
  Numbers means;
  for (const CurvePoint& point : points) {
    double sum = 0;
    for (const std::size_t seed : seeds) sum += point.scores[seed];
    means.push_back(sum / static_cast<double>(seeds.size()));
  }
  return means;
}

Estimate around(double value, Numbers drawn) {
  std::ranges::sort(drawn);
  const auto at = [&](double share) {
    return drawn[static_cast<std::size_t>(std::lround(share * static_cast<double>(drawn.size() - 1)))];
  };
  return {.value = value,
          .low = std::min(value, at(0.025)),
          .high = std::max(value, at(0.975)),
          .method = "bootstrap"};
}

void check(std::span<const CurvePoint> points, std::span<const double> sizes) {
  ASTROLABE_CHECK(points.size() >= kParameters, "a power law has three numbers");
  double largest = 0;
  for (const CurvePoint& point : points) {
    ASTROLABE_CHECK(point.size > 0 && !point.scores.empty(), "a point of a curve has a size and a score");
    ASTROLABE_CHECK(point.scores.size() == points[0].scores.size(), "every size has the same seeds");
    largest = std::max(largest, point.size);
  }
  for (const double size : sizes)
    ASTROLABE_CHECK(size > 0 && size <= kFurthest * largest, "a forecast is near what was seen");
}

}  // namespace

double PowerLaw::at(double size) const {
  return limit + distance * std::pow(size, -rate);
}

LearningCurve fit_learning_curve(std::span<const CurvePoint> points, bool higher_is_better,
                                 std::span<const double> sizes, Key key, std::optional<double> ideal) {
  check(points, sizes);
  const double sign = higher_is_better ? -1 : 1;
  Numbers at;
  for (const CurvePoint& point : points) at.push_back(point.size);
  const double largest = *std::ranges::max_element(at);
  std::vector<std::size_t> seeds(points[0].scores.size());
  std::iota(seeds.begin(), seeds.end(), std::size_t{0});
  const Numbers means = means_of(points, seeds);
  const auto count = static_cast<double>(points.size());
  LearningCurve curve;
  curve.law = fit_law(at, means, sign, ideal);
  const double sum = squares(curve.law, at, means);
  curve.residual = std::sqrt(sum / count);
  // Of the means around the law, with what three fitted numbers have swallowed; of three points nobody knows.
  const double spread = std::sqrt(sum / std::max(1.0, count - static_cast<double>(kParameters)));

  std::vector<Numbers> scores(sizes.size()), gains(sizes.size());
  for (std::size_t r = 0; r < kResamples; ++r) {
    RandomStream random(key.split(r));
    std::vector<std::size_t> drawn(seeds.size());
    for (std::size_t& seed : drawn) seed = random.below(seeds.size());
    Numbers again = means_of(points, drawn);
    for (double& mean : again) mean += spread * random.normal();
    const PowerLaw law = fit_law(at, again, sign, ideal);
    for (std::size_t i = 0; i < sizes.size(); ++i) {
      scores[i].push_back(law.at(sizes[i]));
      gains[i].push_back(sign * (law.at(largest) - law.at(sizes[i])));
    }
  }
  for (std::size_t i = 0; i < sizes.size(); ++i) {
    const double score = curve.law.at(sizes[i]);
    curve.forecasts.push_back({.size = sizes[i],
                               .score = around(score, std::move(scores[i])),
                               .gain = around(sign * (curve.law.at(largest) - score), std::move(gains[i]))});
  }
  return curve;
}

std::vector<double> expected_best(std::span<const double> scores, bool higher_is_better,
                                  std::span<const std::size_t> sizes) {
  Numbers sorted(scores.begin(), scores.end());
  if (higher_is_better) {
    std::ranges::sort(sorted, std::ranges::greater{});
  } else {
    std::ranges::sort(sorted);
  }
  const auto count = static_cast<double>(sorted.size());
  std::vector<double> expected;
  for (const std::size_t size : sizes) {
    ASTROLABE_CHECK(size >= 1 && size <= sorted.size(), "a choice of some of the scores");
    // The best is number i when it is drawn and none before it is.
    const auto drawn = static_cast<double>(size);
    double none_before = 1, mean = 0;
    for (std::size_t i = 0; i < sorted.size(); ++i) {
      const double left = count - static_cast<double>(i);
      const double taken = std::min(1.0, drawn / left);
      mean += none_before * taken * sorted[i];
      none_before *= 1 - taken;
    }
    expected.push_back(mean);
  }
  return expected;
}

}  // namespace astrolabe
