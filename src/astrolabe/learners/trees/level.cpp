// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/learners/trees/level.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace astrolabe::trees {
namespace {

constexpr double kStandardErrors = 5;
constexpr double kTolerance = 1e-3;  // of the gradients' root mean square

struct Sums {
  double gradient = 0, hessian = 0, square = 0;
};

Sums sums_of(std::span<const std::uint32_t> rows, std::span<const GradientPair> pairs) {
  Sums sums;
  for (const std::uint32_t row : rows) {
    sums.gradient += pairs[row].gradient;
    sums.hessian += pairs[row].hessian;
    sums.square += pairs[row].gradient * pairs[row].gradient;
  }
  return sums;
}

// Where the mean gradient of one output is 0: Newton's steps, and the middle of what is known where they lead
// out of it or grow no shorter ("Numerical recipes", 9.4).
class Search {
 public:
  [[nodiscard]] bool is_done() const { return is_done_; }
  [[nodiscard]] double level() const { return level_; }

  // At level(). Returns how far to move.
  double learn(const Sums& sums) {
    const double least = is_first_ ? kStandardErrors : kTolerance;
    is_done_ = !(std::abs(sums.gradient) > least * std::sqrt(sums.square) && sums.hessian > 0);
    is_first_ = false;
    if (is_done_) return 0;
    (sums.gradient < 0 ? low_ : high_) = level_;
    double to = level_ - sums.gradient / sums.hessian;
    const bool is_slow = 2 * std::abs(to - level_) > std::abs(last_);
    if (std::isfinite(low_) && std::isfinite(high_) && (is_slow || to <= low_ || to >= high_))
      to = low_ + (high_ - low_) / 2;
    last_ = to - level_;
    level_ = to;
    return last_;
  }

 private:
  double level_ = 0, last_ = 0;
  double low_ = -std::numeric_limits<double>::infinity(), high_ = std::numeric_limits<double>::infinity();
  bool is_first_ = true, is_done_ = false;
};

}  // namespace

std::vector<double> find_level(std::span<const std::uint32_t> rows, std::size_t outputs,
                               std::span<const double> scores, const FindPairs& find_pairs) {
  const std::size_t stride = scores.size() / outputs;
  std::vector<Search> searches(outputs);
  std::vector<double> moved(scores.begin(), scores.end());
  std::vector<GradientPair> pairs(scores.size());
  for (int step = 0; step < kLevelSteps && !std::ranges::all_of(searches, &Search::is_done); ++step) {
    find_pairs(moved, pairs);
    for (std::size_t output = 0; output < outputs; ++output) {
      if (searches[output].is_done()) continue;
      const double change =
          searches[output].learn(sums_of(rows, std::span(pairs).subspan(output * stride, stride)));
      for (std::size_t row = 0; row < stride; ++row) moved[output * stride + row] += change;
    }
  }
  std::vector<double> level;
  for (const Search& search : searches) level.push_back(search.level());
  return level;
}

}  // namespace astrolabe::trees
