// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/search/gaussian_process.h"

#include <algorithm>
#include <cmath>

#include "astrolabe/base/error.h"

namespace astrolabe {
namespace {

constexpr double kLength = 0.25;  // of the unit scale
constexpr double kLowestWeight = 1.0 / 16, kHighestWeight = 64;
constexpr double kLowestNoise = 1e-4, kHighestNoise = 1;

std::size_t row_start(std::size_t row) {
  return row * (row + 1) / 2;
}

double dot(const double* a, const double* b, std::size_t count) {
  double sums[4] = {0, 0, 0, 0};
  std::size_t i = 0;
  for (; i + 4 <= count; i += 4)
    for (std::size_t lane = 0; lane < 4; ++lane) sums[lane] += a[i + lane] * b[i + lane];
  for (; i < count; ++i) sums[0] += a[i] * b[i];
  return (sums[0] + sums[1]) + (sums[2] + sums[3]);
}

// Adds row `row` to a packed Cholesky factor; `entries` holds the row of the matrix, and gets that of the
// factor.
void factor_row(const std::vector<double>& factor, double* entries, std::size_t row) {
  for (std::size_t column = 0; column < row; ++column) {
    const double* above = factor.data() + row_start(column);
    entries[column] = (entries[column] - dot(entries, above, column)) / above[column];
  }
  entries[row] = std::sqrt(std::max(entries[row] - dot(entries, entries, row), 1e-10));
}

}  // namespace

GaussianProcess::GaussianProcess(const Space& space) : space_(space), weights_(space.size(), 1.0) {
  for (const Dimension& dimension : space.dimensions()) is_choice_.push_back(is_choice(dimension) ? 1 : 0);
  note_weights();
}

std::vector<double> GaussianProcess::encoded(const Point& point) const {
  std::vector<double> codes = point.values;
  for (std::size_t d = 0; d < codes.size(); ++d)
    if (is_choice_[d] == 0 && !std::isnan(codes[d])) codes[d] = unit_of(space_.dimensions()[d], codes[d]);
  return codes;
}

double GaussianProcess::kernel(const double* a, const double* b) const {
  double product = 1;
  for (std::size_t d = 0; d < weights_.size(); ++d) {
    if (a[d] == b[d]) continue;
    const double unlike = unlike_[d];
    if (is_choice_[d] != 0 || std::isnan(a[d]) || std::isnan(b[d])) {
      if (!std::isnan(a[d]) || !std::isnan(b[d])) product *= unlike;
      continue;
    }
    const double distance = (a[d] - b[d]) / kLength;
    product *= unlike + (1 - unlike) / (1 + distance * distance);
  }
  return product;
}

void GaussianProcess::note_weights() {
  unlike_.resize(weights_.size());
  for (std::size_t d = 0; d < weights_.size(); ++d) unlike_[d] = 1 / (1 + weights_[d]);
}

void GaussianProcess::append_row(std::size_t row) {
  const std::size_t dimensions = weights_.size();
  factor_.resize(row_start(row + 1));
  double* entries = factor_.data() + row_start(row);
  for (std::size_t column = 0; column < row; ++column)
    entries[column] = kernel(codes_.data() + row * dimensions, codes_.data() + column * dimensions);
  entries[row] = 1 + noise_;
  factor_row(factor_, entries, row);
}

void GaussianProcess::add(const Point& point) {
  const std::vector<double> codes = encoded(point);
  codes_.insert(codes_.end(), codes.begin(), codes.end());
  append_row(count_++);
}

void GaussianProcess::refactor() {
  note_weights();
  for (std::size_t row = 0; row < count_; ++row) append_row(row);
}

void GaussianProcess::keep(std::span<const std::size_t> positions) {
  const std::size_t dimensions = weights_.size();
  std::vector<double> kept;
  kept.reserve(positions.size() * dimensions);
  for (const std::size_t position : positions)
    kept.insert(kept.end(), codes_.begin() + static_cast<std::ptrdiff_t>(position * dimensions),
                codes_.begin() + static_cast<std::ptrdiff_t>((position + 1) * dimensions));
  codes_ = std::move(kept);
  count_ = positions.size();
  refactor();
}

void GaussianProcess::set_targets(std::span<const double> targets) {
  ASTROLABE_CHECK(targets.size() == count_, "a target for each point");
  double sum = 0, squares = 0;
  for (const double target : targets) sum += target;
  centre_ = sum / static_cast<double>(std::max<std::size_t>(count_, 1));
  for (const double target : targets) squares += (target - centre_) * (target - centre_);
  scale_ = std::sqrt(squares / static_cast<double>(std::max<std::size_t>(count_, 1)));
  if (scale_ == 0) scale_ = 1;
  targets_.assign(targets.begin(), targets.end());
  for (double& target : targets_) target = (target - centre_) / scale_;
  solve();
}

void GaussianProcess::solve() {
  solved_ = targets_;
  for (std::size_t row = 0; row < count_; ++row) {
    const double* entries = factor_.data() + row_start(row);
    solved_[row] = (solved_[row] - dot(entries, solved_.data(), row)) / entries[row];
  }
  for (std::size_t row = count_; row-- > 0;) {
    const double* entries = factor_.data() + row_start(row);
    solved_[row] /= entries[row];
    for (std::size_t column = 0; column < row; ++column) solved_[column] -= entries[column] * solved_[row];
  }
}

double GaussianProcess::mean(const Point& point) const {
  const std::vector<double> codes = encoded(point);
  double sum = 0;
  for (std::size_t i = 0; i < count_; ++i)
    sum += solved_[i] * kernel(codes.data(), codes_.data() + i * codes.size());
  return centre_ + scale_ * sum;
}

Estimate GaussianProcess::estimate(const Point& point) const {
  const std::vector<double> codes = encoded(point);
  std::vector<double> similar(count_ + 1);
  double sum = 0;
  for (std::size_t i = 0; i < count_; ++i) {
    similar[i] = kernel(codes.data(), codes_.data() + i * codes.size());
    sum += solved_[i] * similar[i];
  }
  similar[count_] = 1;
  factor_row(factor_, similar.data(), count_);
  const double explained = dot(similar.data(), similar.data(), count_);
  return {.mean = centre_ + scale_ * sum, .variance = scale_ * scale_ * std::max(0.0, 1 - explained)};
}

// Of the points from `first` on: the error of each, predicted from the others, is a quotient of what the
// inverse matrix has anyway.
double GaussianProcess::leave_one_out_error(std::size_t first) {
  note_weights();
  const std::size_t count = count_ - first;
  const std::size_t dimensions = weights_.size();
  std::vector<double> factor(row_start(count));
  std::vector<double> half(targets_.begin() + static_cast<std::ptrdiff_t>(first), targets_.end());
  for (std::size_t row = 0; row < count; ++row) {
    double* entries = factor.data() + row_start(row);
    for (std::size_t column = 0; column < row; ++column)
      entries[column] =
          kernel(codes_.data() + (first + row) * dimensions, codes_.data() + (first + column) * dimensions);
    entries[row] = 1 + noise_;
    factor_row(factor, entries, row);
    half[row] = (half[row] - dot(entries, half.data(), row)) / entries[row];
  }
  // Column j of the factor's inverse; the matrix's inverse is inverse^T inverse.
  double error = 0;
  std::vector<double> column(count);
  for (std::size_t j = 0; j < count; ++j) {
    column[j] = 1 / factor[row_start(j) + j];
    for (std::size_t row = j + 1; row < count; ++row) {
      const double* entries = factor.data() + row_start(row);
      column[row] = -dot(entries + j, column.data() + j, row - j) / entries[row];
    }
    const double diagonal = dot(column.data() + j, column.data() + j, count - j);
    const double missed = dot(column.data() + j, half.data() + j, count - j) / diagonal;
    error += missed * missed;
  }
  return error;
}

bool GaussianProcess::try_change(double& parameter, double factor, std::size_t first, double& best) {
  const double before = parameter;
  const bool is_noise = &parameter == &noise_;
  parameter = std::clamp(before * factor, is_noise ? kLowestNoise : kLowestWeight,
                         is_noise ? kHighestNoise : kHighestWeight);
  const double error = leave_one_out_error(first);
  if (error < best && parameter != before) {
    best = error;
    return true;
  }
  parameter = before;
  return false;
}

void GaussianProcess::fit_weights(std::size_t limit) {
  if (count_ < 4 || weights_.empty()) return;
  const std::size_t first = count_ > limit ? count_ - limit : 0;
  double best = leave_one_out_error(first);
  if (!try_change(noise_, 4, first, best)) static_cast<void>(try_change(noise_, 0.25, first, best));
  for (double& weight : weights_)
    if (!try_change(weight, 2, first, best)) static_cast<void>(try_change(weight, 0.5, first, best));
  refactor();
  solve();
}

}  // namespace astrolabe
