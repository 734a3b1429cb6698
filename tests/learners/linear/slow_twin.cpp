// SPDX-License-Identifier: Apache-2.0
#include "tests/learners/linear/slow_twin.h"

#include <algorithm>
#include <cmath>

namespace astrolabe::linear {

namespace {

using Table = std::vector<std::vector<double>>;

struct Problem {
  Family family;
  Table x;                // [rows][features + 1]: the last is the constant 1, which is free
  std::vector<double> y;  // in the unit of penalties
  std::vector<double> w;  // sums to 1
  std::size_t blocks;
  double penalty, l1_ratio;
};

double dot(const std::vector<double>& a, const std::vector<double>& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
  return sum;
}

std::vector<double> shares(const std::vector<double>& scores) {
  const double largest = *std::max_element(scores.begin(), scores.end());
  std::vector<double> shares;
  double sum = 0;
  for (const double score : scores) sum += shares.emplace_back(std::exp(score - largest));
  for (double& share : shares) share /= sum;
  return shares;
}

// Smooth part of the objective, and its gradient [blocks][features + 1].
double evaluate(const Problem& problem, const Table& b, Table* gradient) {
  double value = 0;
  if (gradient != nullptr) gradient->assign(problem.blocks, std::vector<double>(problem.x[0].size(), 0.0));
  for (std::size_t row = 0; row < problem.x.size(); ++row) {
    std::vector<double> scores;
    for (const auto& block : b) scores.push_back(dot(block, problem.x[row]));
    std::vector<double> slopes(problem.blocks);
    const double y = problem.y[row];
    double loss = 0;
    if (problem.family == Family::gaussian) {
      loss = std::pow(y - scores[0], 2) / 2;
      slopes[0] = scores[0] - y;
    } else if (problem.family == Family::logistic) {
      loss = std::log(1 + std::exp(-std::abs(scores[0]))) + std::max(scores[0], 0.0) - y * scores[0];
      slopes[0] = 1 / (1 + std::exp(-scores[0])) - y;
    } else if (problem.family == Family::poisson) {
      loss = std::exp(scores[0]) - y * scores[0];
      slopes[0] = std::exp(scores[0]) - y;
    } else {
      slopes = shares(scores);
      loss = -std::log(slopes[static_cast<std::size_t>(y)]);
      slopes[static_cast<std::size_t>(y)] -= 1;
    }
    value += problem.w[row] * loss;
    if (gradient == nullptr) continue;
    for (std::size_t k = 0; k < problem.blocks; ++k)
      for (std::size_t j = 0; j < problem.x[row].size(); ++j)
        (*gradient)[k][j] += problem.w[row] * slopes[k] * problem.x[row][j];
  }
  for (std::size_t k = 0; k < problem.blocks; ++k) {
    for (std::size_t j = 0; j + 1 < b[k].size(); ++j) {
      value += problem.penalty * (1 - problem.l1_ratio) / 2 * b[k][j] * b[k][j];
      if (gradient != nullptr) (*gradient)[k][j] += problem.penalty * (1 - problem.l1_ratio) * b[k][j];
    }
  }
  return value;
}

// A gradient step of length `step` from `at`, then the absolute penalty.
Table shrink_step(const Problem& problem, const Table& at, const Table& gradient, double step) {
  Table moved = at;
  for (std::size_t k = 0; k < moved.size(); ++k) {
    for (std::size_t j = 0; j < moved[k].size(); ++j) {
      const double b = at[k][j] - step * gradient[k][j];
      const double by = j + 1 < moved[k].size() ? step * problem.penalty * problem.l1_ratio : 0;
      moved[k][j] = std::copysign(std::max(std::abs(b) - by, 0.0), b);
    }
  }
  return moved;
}

Table minimise(const Problem& problem) {
  Table b(problem.blocks, std::vector<double>(problem.x[0].size(), 0.0));
  Table ahead = b;
  double momentum = 1;
  double step = 1;
  for (int round = 0; round < 200000; ++round) {
    Table gradient;
    const double value = evaluate(problem, ahead, &gradient);
    Table moved;
    for (;; step /= 2) {
      moved = shrink_step(problem, ahead, gradient, step);
      double model = value;
      for (std::size_t k = 0; k < b.size(); ++k)
        for (std::size_t j = 0; j < b[k].size(); ++j) {
          const double by = moved[k][j] - ahead[k][j];
          model += gradient[k][j] * by + by * by / (2 * step);
        }
      if (evaluate(problem, moved, nullptr) <= model + 1e-15 || step < 1e-12) break;
    }
    double largest = 0;
    double uphill = 0;
    for (std::size_t k = 0; k < b.size(); ++k)
      for (std::size_t j = 0; j < b[k].size(); ++j) {
        largest = std::max(largest, std::abs(moved[k][j] - b[k][j]));
        uphill += (ahead[k][j] - moved[k][j]) * (moved[k][j] - b[k][j]);
      }
    if (uphill > 0) momentum = 1;
    const double next = (1 + std::sqrt(1 + 4 * momentum * momentum)) / 2;
    for (std::size_t k = 0; k < b.size(); ++k)
      for (std::size_t j = 0; j < b[k].size(); ++j)
        ahead[k][j] = moved[k][j] + (momentum - 1) / next * (moved[k][j] - b[k][j]);
    momentum = next;
    b = moved;
    if (largest < 1e-12 && round > 10) break;
  }
  return b;
}

Table to_table(const FeatureMatrix& features) {
  Table x(features.rows, std::vector<double>(features.features() + 1, 0.0));
  for (std::size_t j = 0; j < features.features(); ++j) {
    const FeatureColumn& column = features.columns[j];
    for (std::size_t row = 0; row < column.dense.size(); ++row) x[row][j] = column.dense[row];
    for (std::size_t i = 0; i < column.sparse_rows.size(); ++i)
      x[column.sparse_rows[i]][j] = column.sparse_values[i];
  }
  for (auto& row : x) row.back() = 1;
  return x;
}

}  // namespace

std::vector<double> predict_slowly(const TrainingData& train, Family family, double penalty,
                                   double l1_ratio) {
  Problem problem{.family = family,
                  .x = to_table(train.features),
                  .y = train.labels.values,
                  .w = {},
                  .blocks = family == Family::multinomial ? train.labels.classes : 1,
                  .penalty = penalty,
                  .l1_ratio = l1_ratio};
  double total = 0;
  double mean = 0;
  for (std::size_t row = 0; row < problem.y.size(); ++row)
    total += problem.w.emplace_back(train.labels.weight(row));
  for (std::size_t row = 0; row < problem.y.size(); ++row) mean += (problem.w[row] /= total) * problem.y[row];
  double variance = 0;
  for (std::size_t row = 0; row < problem.y.size(); ++row)
    variance += problem.w[row] * std::pow(problem.y[row] - mean, 2);
  const double center = family == Family::gaussian ? mean : 0;
  const double scale = family == Family::gaussian  ? std::sqrt(variance)
                       : family == Family::poisson ? mean
                                                   : 1;
  for (double& y : problem.y) y = (y - center) / scale;

  const Table b = minimise(problem);
  std::vector<double> out;
  for (const auto& row : problem.x) {
    std::vector<double> scores;
    for (const auto& block : b) scores.push_back(dot(block, row));
    if (family == Family::gaussian) out.push_back(center + scale * scores[0]);
    if (family == Family::logistic) out.push_back(1 / (1 + std::exp(-scores[0])));
    if (family == Family::poisson) out.push_back(scale * std::exp(scores[0]));
    if (family == Family::multinomial)
      for (const double share : shares(scores)) out.push_back(share);
  }
  return out;
}

}  // namespace astrolabe::linear
