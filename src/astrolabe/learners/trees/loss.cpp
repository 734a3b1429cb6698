// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/learners/trees/loss.h"

#include <algorithm>
#include <array>
#include <cmath>

#include <fmt/format.h>

#include "astrolabe/base/error.h"
#include "astrolabe/learners/trees/exponential.h"

namespace astrolabe::trees {
namespace {

constexpr std::size_t kChunkRows = 8192;  // part of the result: sums of losses are added chunk by chunk
constexpr double kLeastShare = 1e-12;     // of a class that no row has
constexpr double kLeastProbability = 1e-15;
constexpr double kPoissonGuard = 2.0137527074704766;  // e^0.7

void link_chunk(Loss loss, std::size_t rows, std::size_t outputs, std::size_t begin, std::size_t end,
                const double* scores, double* predictions) {
  switch (loss) {
    case Loss::squared:
      std::copy(scores + begin, scores + end, predictions + begin);
      break;
    case Loss::logistic:
      for (std::size_t i = begin; i < end; ++i) predictions[i] = sigmoid(scores[i]);
      break;
    case Loss::poisson:
      for (std::size_t i = begin; i < end; ++i) predictions[i] = exponential(scores[i]);
      break;
    case Loss::softmax: {
      std::vector<double> largest(scores + begin, scores + end);
      std::vector<double> sums(end - begin, 0.0);
      for (std::size_t k = 1; k < outputs; ++k)
        for (std::size_t i = begin; i < end; ++i)
          largest[i - begin] = std::max(largest[i - begin], scores[k * rows + i]);
      for (std::size_t k = 0; k < outputs; ++k) {
        for (std::size_t i = begin; i < end; ++i) {
          predictions[k * rows + i] = exponential(scores[k * rows + i] - largest[i - begin]);
          sums[i - begin] += predictions[k * rows + i];
        }
      }
      for (std::size_t k = 0; k < outputs; ++k)
        for (std::size_t i = begin; i < end; ++i) predictions[k * rows + i] /= sums[i - begin];
      break;
    }
  }
}

double row_loss(Loss loss, std::size_t rows, double truth, std::size_t row, const double* predictions) {
  const auto minus_log = [](double p) { return -logarithm(std::max(p, kLeastProbability)); };
  switch (loss) {
    case Loss::squared:
      return (predictions[row] - truth) * (predictions[row] - truth);
    case Loss::logistic:
      return minus_log(truth > 0.5 ? predictions[row] : 1 - predictions[row]);
    case Loss::softmax:
      return minus_log(predictions[static_cast<std::size_t>(truth) * rows + row]);
    case Loss::poisson: {
      const double p = predictions[row];
      return truth > 0 ? truth * (minus_log(p) + logarithm(truth)) - truth + p : p;
    }
  }
  return 0;
}

TaskKind kind_of(Loss loss) {
  if (loss == Loss::logistic) return TaskKind::binary;
  return loss == Loss::softmax ? TaskKind::multiclass : TaskKind::regression;
}

}  // namespace

bool is_native_loss(std::string_view setting) {
  constexpr std::array<std::string_view, 7> kNames{"auto",    "squared", "logistic",     "softmax",
                                                   "poisson", "mse",     "cross_entropy"};
  return std::ranges::find(kNames, setting) != kNames.end();
}

Loss choose_loss(std::string_view setting, const Labels& labels) {
  if (setting == "auto" || (setting == "cross_entropy" && labels.kind != TaskKind::regression)) {
    if (labels.kind == TaskKind::regression) return Loss::squared;
    return labels.kind == TaskKind::binary ? Loss::logistic : Loss::softmax;
  }
  const Loss loss = setting == "squared" || setting == "mse"              ? Loss::squared
                    : setting == "logistic" || setting == "cross_entropy" ? Loss::logistic
                    : setting == "softmax"                                ? Loss::softmax
                                                                          : Loss::poisson;
  if (kind_of(loss) != labels.kind) {
    throw usage_error({.attempted = fmt::format("fitting trees with the loss \"{}\"", setting),
                       .expected = fmt::format("a {} task", task_kind_name(kind_of(loss))),
                       .found = fmt::format("a {} task", task_kind_name(labels.kind)),
                       .remedy = "Leave the loss at auto, or name the task with --task."});
  }
  if (loss == Loss::poisson) {
    const double least = std::ranges::min(labels.values);
    if (least < 0) {
      throw bad_input({.attempted = "fitting trees with the loss \"poisson\"",
                       .expected = "counts: targets of 0 or more",
                       .found = fmt::format("{}", least),
                       .remedy = "Use the loss \"squared\", or drop the rows with negative targets."});
    }
  }
  return loss;
}

std::vector<double> initial_scores(Loss loss, const Labels& labels) {
  const std::size_t outputs = labels.outputs();
  std::vector<double> sums(std::max<std::size_t>(outputs, 1), 0.0);
  double total = 0;
  const bool all_zero = std::ranges::none_of(labels.weights, [](double w) { return w > 0; });
  for (std::size_t row = 0; row < labels.rows(); ++row) {
    const double weight = all_zero ? 1.0 : labels.weight(row);
    total += weight;
    if (loss == Loss::softmax) {
      sums[static_cast<std::size_t>(labels.values[row])] += weight;
    } else {
      sums[0] += weight * labels.values[row];
    }
  }
  for (double& score : sums) {
    const double mean = score / total;
    if (loss == Loss::squared) score = mean;
    if (loss == Loss::softmax || loss == Loss::poisson) score = logarithm(std::max(mean, kLeastShare));
    if (loss == Loss::logistic) {
      const double share = std::clamp(mean, kLeastShare, 1 - kLeastShare);
      score = logarithm(share / (1 - share));
    }
  }
  return sums;
}

void apply_link(Loss loss, std::size_t rows, std::span<const double> scores, std::span<double> predictions,
                ThreadPool& pool) {
  const std::size_t outputs = scores.size() / rows;
  pool.for_ranges(rows, kChunkRows, [&](std::size_t begin, std::size_t end, std::size_t) {
    link_chunk(loss, rows, outputs, begin, end, scores.data(), predictions.data());
  });
}

void apply_link(Loss loss, std::size_t rows, std::span<const double> scores, std::span<double> predictions) {
  link_chunk(loss, rows, scores.size() / rows, 0, rows, scores.data(), predictions.data());
}

void find_gradients(Loss loss, const Labels& labels, std::size_t output, std::span<const double> predictions,
                    std::span<GradientPair> pairs, ThreadPool& pool) {
  const auto classes = static_cast<double>(labels.classes);
  const auto wanted = static_cast<double>(output);
  pool.for_ranges(labels.rows(), kChunkRows, [&](std::size_t begin, std::size_t end, std::size_t) {
    const double* p = predictions.data();
    const double* y = labels.values.data();
    switch (loss) {
      case Loss::squared:
        for (std::size_t i = begin; i < end; ++i) pairs[i] = {p[i] - y[i], 1.0};
        break;
      case Loss::logistic:
        for (std::size_t i = begin; i < end; ++i) pairs[i] = {p[i] - y[i], p[i] * (1 - p[i])};
        break;
      case Loss::poisson:
        for (std::size_t i = begin; i < end; ++i) pairs[i] = {p[i] - y[i], kPoissonGuard * p[i]};
        break;
      case Loss::softmax: {
        const double factor = classes / std::max(classes - 1, 1.0);
        for (std::size_t i = begin; i < end; ++i)
          pairs[i] = {p[i] - (y[i] == wanted ? 1.0 : 0.0), factor * p[i] * (1 - p[i])};
        break;
      }
    }
    if (labels.weights.empty()) return;
    for (std::size_t i = begin; i < end; ++i) {
      pairs[i].gradient *= labels.weights[i];
      pairs[i].hessian *= labels.weights[i];
    }
  });
}

double mean_loss(Loss loss, const Labels& labels, std::span<const double> predictions, ThreadPool& pool) {
  struct Sum {
    double loss = 0;
    double weight = 0;
  };
  std::vector<Sum> sums((labels.rows() + kChunkRows - 1) / kChunkRows);
  pool.for_ranges(labels.rows(), kChunkRows, [&](std::size_t begin, std::size_t end, std::size_t chunk) {
    Sum sum;
    for (std::size_t row = begin; row < end; ++row) {
      const double weight = labels.weight(row);
      if (weight == 0) continue;
      sum.loss += weight * row_loss(loss, labels.rows(), labels.values[row], row, predictions.data());
      sum.weight += weight;
    }
    sums[chunk] = sum;
  });
  Sum total;
  for (const Sum& sum : sums) {
    total.loss += sum.loss;
    total.weight += sum.weight;
  }
  return total.weight > 0 ? total.loss / total.weight : 0;
}

}  // namespace astrolabe::trees
