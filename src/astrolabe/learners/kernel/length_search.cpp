// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/learners/kernel/length_search.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

#include "astrolabe/gemm/gemm.h"
#include "astrolabe/learners/kernel/frequencies.h"
#include "astrolabe/learners/kernel/length_program.h"
#include "astrolabe/learners/kernel/moments.h"
#include "astrolabe/learners/kernel/penalised_system.h"

namespace astrolabe::kernel {
namespace {

constexpr std::size_t kFewRows = 20;
constexpr std::size_t kMostRows = 2000;
constexpr std::size_t kFrequencies = 128;
constexpr int kSteps = 60;
constexpr double kRate = 0.1;
constexpr double kLogPenalty = -7;        // to start with: 1e-3
constexpr double kLeastLogPenalty = -14;  // 1e-6
constexpr double kWidest = 6;             // of a stretch: a length 400 times as long, or as short

using Matrix = std::vector<float>;  // row-major

// a [m, k] times b [k, n]; with is_turned, a is [k, m].
Matrix product(std::span<const float> a, bool is_turned, std::span<const float> b, std::size_t m,
               std::size_t k, std::size_t n) {
  Matrix c(m * n, 0.0F);
  GemmScratch scratch;
  gemm({.m = m,
        .n = n,
        .k = k,
        .a = a.data(),
        .a_row = static_cast<std::ptrdiff_t>(is_turned ? 1 : k),
        .a_column = static_cast<std::ptrdiff_t>(is_turned ? m : 1),
        .b = b.data(),
        .b_row = static_cast<std::ptrdiff_t>(n),
        .c = c.data(),
        .c_row = static_cast<std::ptrdiff_t>(n)},
       best_instruction_set(), scratch);
  return c;
}

Matrix turned(const Matrix& a, std::size_t rows, std::size_t columns) {
  Matrix result(a.size());
  for (std::size_t i = 0; i < rows; ++i)
    for (std::size_t j = 0; j < columns; ++j) result[j * rows + i] = a[i * columns + j];
  return result;
}

// Adam (Kingma and Ba, ICLR 2015).
class Adam {
 public:
  explicit Adam(std::size_t size) : mean_(size, 0.0), square_(size, 0.0) {}
  void step(std::span<const double> slope, std::span<double> at) {
    ++steps_;
    for (std::size_t i = 0; i < slope.size(); ++i) {
      mean_[i] = 0.9 * mean_[i] + 0.1 * slope[i];
      square_[i] = 0.99 * square_[i] + 0.01 * slope[i] * slope[i];
      const double mean = mean_[i] / (1 - std::pow(0.9, steps_));
      const double square = square_[i] / (1 - std::pow(0.99, steps_));
      at[i] -= kRate * mean / (std::sqrt(square) + 1e-12);
    }
  }

 private:
  std::vector<double> mean_, square_;
  int steps_ = 0;
};

// The loss as a function of stretches and penalty.
class HeldOutRidge {
 public:
  explicit HeldOutRidge(const LengthSearch& search)
      : search_(search),
        rows_(std::min(search.sample.rows, kMostRows)),
        fitted_(rows_ / 2),
        program_(scaled_rows(), rows_, search.features, drawn_directions(), kFrequencies),
        y_(search.targets.begin(),
           search.targets.begin() + static_cast<std::ptrdiff_t>(rows_ * search.outputs)) {}

  LengthSlope at(std::span<const double> stretch, double log_penalty) {
    const std::vector<float> floats(stretch.begin(), stretch.end());
    program_.run(floats, {}, {}, search_.pool);
    const Matrix z = features();
    const std::size_t outputs = search_.outputs, held = rows_ - fitted_;
    const std::span<const float> z_fitted = std::span(z).first(fitted_ * kWidth);
    const std::span<const float> z_held = std::span(z).subspan(fitted_ * kWidth);
    const std::span<const float> y_fitted = std::span(y_).first(fitted_ * outputs);
    const double penalty = std::exp(log_penalty);
    const auto system = factor(z_fitted, penalty);
    LengthSlope result{.loss = std::numeric_limits<double>::infinity(),
                       .by_stretch = std::vector<double>(stretch.size(), 0.0)};
    if (!system) return result;

    Matrix right = product(z_fitted, true, y_fitted, kWidth, fitted_, outputs);
    const Matrix beta = solved(*system, right, 1.0 / static_cast<double>(fitted_));
    Matrix rest = product(z_held, false, beta, held, kWidth, outputs);  // residuals
    result.loss = 0;
    for (std::size_t i = 0; i < rest.size(); ++i) {
      rest[i] -= y_[fitted_ * outputs + i];
      result.loss += static_cast<double>(rest[i]) * rest[i] / static_cast<double>(held);
    }
    const Matrix pull = product(z_held, true, rest, kWidth, held, outputs);
    const Matrix u = solved(*system, pull, 2.0 / static_cast<double>(held));
    for (std::size_t i = 0; i < (kWidth - 1) * outputs; ++i)
      result.by_penalty -= penalty * static_cast<double>(u[i]) * beta[i];
    weigh_features(z_fitted, y_fitted, beta, u, rest);
    program_.run(floats, by_cosines_, by_sines_, search_.pool);
    std::ranges::copy(program_.slope(), result.by_stretch.begin());
    return result;
  }

 private:
  static constexpr std::size_t kWidth = 2 * kFrequencies + 1;  // cosines, sines and a constant

  [[nodiscard]] std::vector<float> scaled_rows() const {
    std::vector<float> x(search_.sample.x.begin(),
                         search_.sample.x.begin() + static_cast<std::ptrdiff_t>(rows_ * search_.features));
    for (float& value : x) value = static_cast<float>(value / search_.length);
    return x;
  }

  [[nodiscard]] std::vector<float> drawn_directions() const {
    KernelChoice choice = search_.choice;
    choice.features = FeatureKind::random;
    return draw_directions(choice, search_.features, kFrequencies, search_.key);
  }

  [[nodiscard]] Matrix features() const {
    const auto scale = static_cast<float>(1 / std::sqrt(static_cast<double>(kFrequencies)));
    Matrix z(rows_ * kWidth);
    for (std::size_t row = 0; row < rows_; ++row) {
      float* to = z.data() + row * kWidth;
      for (std::size_t f = 0; f < kFrequencies; ++f) {
        to[f] = scale * program_.cosines()[row * kFrequencies + f];
        to[kFrequencies + f] = scale * program_.sines()[row * kFrequencies + f];
      }
      to[kWidth - 1] = 1;
    }
    return z;
  }

  [[nodiscard]] std::optional<PenalisedSystem> factor(std::span<const float> z, double penalty) const {
    Moments moments(kWidth);
    std::vector<float> copy(z.begin(), z.end());
    moments.add(copy, fitted_, std::vector<double>(fitted_, 0.0), {}, search_.pool);
    moments.finish();
    return PenalisedSystem::factor(moments.gram(), kWidth, 1.0 / static_cast<double>(fitted_), penalty);
  }

  // system^-1 (factor * values), column by column.
  [[nodiscard]] Matrix solved(const PenalisedSystem& system, const Matrix& values, double factor) const {
    const std::size_t outputs = search_.outputs;
    Matrix result(values.size());
    std::vector<double> column(kWidth);
    for (std::size_t k = 0; k < outputs; ++k) {
      for (std::size_t i = 0; i < kWidth; ++i) column[i] = factor * values[i * outputs + k];
      system.solve(column);
      for (std::size_t i = 0; i < kWidth; ++i) result[i * outputs + k] = static_cast<float>(column[i]);
    }
    return result;
  }

  // The slope of the loss by each feature of each row. Held-out rows: 2/h r beta'. Fitted rows, through
  // beta = A^-1 Z'y / n with u = A^-1 (slope by beta): ((y - Z beta) u' - (Z u) beta') / n.
  void weigh_features(std::span<const float> z, std::span<const float> y, const Matrix& beta, const Matrix& u,
                      const Matrix& rest) {
    const std::size_t outputs = search_.outputs, held = rows_ - fitted_;
    Matrix own = product(z, false, beta, fitted_, kWidth, outputs);
    for (std::size_t i = 0; i < own.size(); ++i) own[i] = y[i] - own[i];
    const Matrix along = product(z, false, u, fitted_, kWidth, outputs);
    const Matrix beta_rows = turned(beta, kWidth, outputs), u_rows = turned(u, kWidth, outputs);
    const Matrix by_own = product(own, false, u_rows, fitted_, outputs, kWidth);
    const Matrix by_along = product(along, false, beta_rows, fitted_, outputs, kWidth);
    const Matrix by_rest = product(rest, false, beta_rows, held, outputs, kWidth);
    const double scale = 1 / std::sqrt(static_cast<double>(kFrequencies));
    by_cosines_.resize(rows_ * kFrequencies);
    by_sines_.resize(rows_ * kFrequencies);
    for (std::size_t row = 0; row < rows_; ++row) {
      for (std::size_t f = 0; f < 2 * kFrequencies; ++f) {
        double slope = 0;
        if (row < fitted_)
          slope = (static_cast<double>(by_own[row * kWidth + f]) - by_along[row * kWidth + f]) /
                  static_cast<double>(fitted_);
        else
          slope = 2.0 * by_rest[(row - fitted_) * kWidth + f] / static_cast<double>(held);
        std::vector<float>& to = f < kFrequencies ? by_cosines_ : by_sines_;
        to[row * kFrequencies + f % kFrequencies] = static_cast<float>(scale * slope);
      }
    }
  }

  const LengthSearch& search_;
  std::size_t rows_, fitted_;
  LengthProgram program_;
  Matrix y_;
  Matrix by_cosines_, by_sines_;
};

}  // namespace

LengthSlope slope_of_lengths(const LengthSearch& search, std::span<const double> stretch,
                             double log_penalty) {
  return HeldOutRidge(search).at(stretch, log_penalty);
}

std::vector<double> find_stretches(const LengthSearch& search) {
  std::vector<double> best(search.features, 0.0);
  if (search.sample.rows < kFewRows || search.features == 0) return best;
  HeldOutRidge ridge(search);
  std::vector<double> point(search.features + 1, 0.0);  // the stretches, then the logarithm of the penalty
  point.back() = kLogPenalty;
  Adam adam(point.size());
  double least = std::numeric_limits<double>::infinity();
  for (int step = 0; step < kSteps && !search.budget.should_stop(); ++step) {
    const std::span<double> stretch = std::span(point).first(search.features);
    LengthSlope slope = ridge.at(stretch, point.back());
    if (!std::isfinite(slope.loss)) break;
    if (slope.loss < least) {
      least = slope.loss;
      best.assign(stretch.begin(), stretch.end());
    }
    slope.by_stretch.push_back(slope.by_penalty);
    adam.step(slope.by_stretch, point);
    for (double& value : stretch) value = std::clamp(value, -kWidest, kWidest);
    point.back() = std::clamp(point.back(), kLeastLogPenalty, 0.0);
  }
  return best;
}

}  // namespace astrolabe::kernel
