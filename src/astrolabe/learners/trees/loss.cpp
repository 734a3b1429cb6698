// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/learners/trees/loss.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

#include <fmt/format.h>

#include "astrolabe/base/error.h"
#include "astrolabe/base/text.h"
#include "astrolabe/learners/trees/exponential.h"

namespace astrolabe::trees {
namespace {

constexpr std::size_t kChunkRows = 8192;  // part of the result: sums of losses are added chunk by chunk
constexpr double kLeastShare = 1e-12;     // of a class that no row has
constexpr double kLeastProbability = 1e-15;
constexpr double kLeastMean = 1e-100;  // of counts and amounts that are all 0
constexpr std::size_t kSoftmaxRows = 256;
constexpr double kPoissonGuard = 2.0137527074704766;  // e^0.7

// At most kSoftmaxRows rows: what they need lies on the stack, so that predicting allocates nothing.
void softmax_rows(std::size_t rows, std::size_t outputs, std::size_t begin, std::size_t end,
                  const double* scores, double* predictions) {
  std::array<double, kSoftmaxRows> largest;
  std::array<double, kSoftmaxRows> sums = {};
  std::copy(scores + begin, scores + end, largest.begin());
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
}

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
    case Loss::gamma:
    case Loss::tweedie:
      for (std::size_t i = begin; i < end; ++i) predictions[i] = exponential(scores[i]);
      break;
    case Loss::softmax:
      for (std::size_t at = begin; at < end; at += kSoftmaxRows)
        softmax_rows(rows, outputs, at, std::min(at + kSoftmaxRows, end), scores, predictions);
      break;
  }
}

// Half the unit deviance of a tweedie: 0 where the prediction is right.
double tweedie_loss(double truth, double p, double power) {
  const double log_p = logarithm(p);
  const double own =
      truth > 0 ? exponential((2 - power) * logarithm(truth)) / ((1 - power) * (2 - power)) : 0.0;
  return own + truth * exponential((1 - power) * log_p) / (power - 1) +
         exponential((2 - power) * log_p) / (2 - power);
}

double row_loss(const Objective& objective, std::size_t rows, double truth, std::size_t row,
                const double* predictions) {
  const auto minus_log = [](double p) { return -logarithm(std::max(p, kLeastProbability)); };
  switch (objective.loss) {
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
    case Loss::gamma: {
      const double ratio = truth / predictions[row];
      return ratio - 1 - logarithm(ratio);
    }
    case Loss::tweedie:
      return tweedie_loss(truth, predictions[row], objective.power);
  }
  return 0;
}

bool has_log_link(Loss loss) {
  return loss == Loss::poisson || loss == Loss::gamma || loss == Loss::tweedie;
}

TaskKind kind_of(Loss loss) {
  if (loss == Loss::logistic) return TaskKind::binary;
  return loss == Loss::softmax ? TaskKind::multiclass : TaskKind::regression;
}

// The number of "tweedie(1.7)" or "tweedie(power=1.7)"; the usual one of "tweedie"; nothing of other texts.
std::optional<double> tweedie_power(std::string_view setting) {
  constexpr std::string_view kName = "tweedie", kSetting = "power";
  if (!setting.starts_with(kName)) return std::nullopt;
  std::string_view rest = trim(setting.substr(kName.size()));
  if (rest.empty()) return Objective().power;
  if (!rest.starts_with('(') || !rest.ends_with(')')) return std::nullopt;
  rest = trim(rest.substr(1, rest.size() - 2));
  if (rest.starts_with(kSetting)) {
    rest = trim(rest.substr(kSetting.size()));
    if (!rest.starts_with('=')) return std::nullopt;
    rest = trim(rest.substr(1));
  }
  return parse_number(rest);
}

Objective tweedie_of(std::string_view setting) {
  const double power = *tweedie_power(setting);
  if (power > 1 && power < 2) return {Loss::tweedie, power};
  throw usage_error({.attempted = fmt::format("fitting trees with the loss \"{}\"", setting),
                     .expected = "a power above 1 and below 2",
                     .found = fmt::format("{}", power),
                     .remedy = "A power of 1 is the loss \"poisson\", one of 2 the loss \"gamma\"."});
}

// auto, and names that are those of parts.
std::optional<Loss> loss_named(std::string_view name, TaskKind kind) {
  const bool is_number = kind == TaskKind::regression;
  if (name == "auto" || (name == "cross_entropy" && !is_number)) {
    if (is_number) return Loss::squared;
    return kind == TaskKind::binary ? Loss::logistic : Loss::softmax;
  }
  if (name == "squared" || name == "mse") return Loss::squared;
  if (name == "logistic" || name == "cross_entropy") return Loss::logistic;
  if (name == "softmax") return Loss::softmax;
  if (name == "poisson") return Loss::poisson;
  if (name == "gamma") return Loss::gamma;
  return std::nullopt;
}

std::string_view name_of(Loss loss) {
  constexpr std::array<std::string_view, kLosses> kNames{"squared", "logistic", "softmax",
                                                         "poisson", "gamma",    "tweedie"};
  return kNames[static_cast<std::size_t>(loss)];
}

}  // namespace

bool is_native_loss(std::string_view setting) {
  return loss_named(setting, TaskKind::regression) || tweedie_power(setting);
}

void require_targets(const Objective& objective, const Labels& labels) {
  const bool is_count = objective.loss == Loss::poisson || objective.loss == Loss::tweedie;
  const bool is_amount = objective.loss == Loss::gamma;
  if (!is_count && !is_amount) return;
  const auto is_bad = [&](double y) { return is_amount ? !(y > 0) : !(y >= 0); };
  const auto bad = std::ranges::find_if(labels.values, is_bad);
  if (bad == labels.values.end()) return;
  throw bad_input(
      {.attempted = fmt::format("fitting trees with the loss \"{}\"", name_of(objective.loss)),
       .expected = is_amount ? "amounts: targets above 0" : "counts or amounts: targets of 0 or more",
       .found = fmt::format("{} of {} rows with others, such as {}",
                            std::ranges::count_if(labels.values, is_bad), labels.rows(), *bad),
       .remedy = is_amount ? "Use the loss \"tweedie\", which takes zeros, or drop these rows."
                           : "Use the loss \"squared\", or drop the rows with negative targets."});
}

Objective choose_loss(std::string_view setting, const Labels& labels) {
  const std::optional<Loss> named = loss_named(setting, labels.kind);
  const Objective objective = named ? Objective(*named) : tweedie_of(setting);
  if (kind_of(objective.loss) != labels.kind) {
    throw usage_error({.attempted = fmt::format("fitting trees with the loss \"{}\"", setting),
                       .expected = fmt::format("a {} task", task_kind_name(kind_of(objective.loss))),
                       .found = fmt::format("a {} task", task_kind_name(labels.kind)),
                       .remedy = "Leave the loss at auto, or name the task with --task."});
  }
  require_targets(objective, labels);
  return objective;
}

InitialScores::InitialScores(Loss loss, std::size_t outputs)
    : loss_(loss), sums_(std::max<std::size_t>(outputs, 1), 0.0) {}

void InitialScores::add(double target, double weight) {
  total_ += weight;
  if (loss_ == Loss::softmax) {
    sums_[static_cast<std::size_t>(target)] += weight;
  } else {
    sums_[0] += weight * target;
  }
}

std::vector<double> InitialScores::scores() const {
  std::vector<double> scores = sums_;
  for (double& score : scores) {
    const double mean = score / total_;
    if (loss_ == Loss::squared) score = mean;
    if (loss_ == Loss::softmax) score = logarithm(std::max(mean, kLeastShare));
    if (has_log_link(loss_)) score = logarithm(std::max(mean, kLeastMean));
    if (loss_ == Loss::logistic) {
      const double share = std::clamp(mean, kLeastShare, 1 - kLeastShare);
      score = logarithm(share / (1 - share));
    }
  }
  return scores;
}

std::vector<double> initial_scores(Loss loss, const Labels& labels) {
  InitialScores sums(loss, labels.outputs());
  const bool all_zero = std::ranges::none_of(labels.weights, [](double w) { return w > 0; });
  for (std::size_t row = 0; row < labels.rows(); ++row)
    sums.add(labels.values[row], all_zero ? 1.0 : labels.weight(row));
  return sums.scores();
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

void find_gradients(const Objective& objective, const Labels& labels, std::size_t output,
                    std::span<const double> predictions, std::span<GradientPair> pairs, ThreadPool& pool) {
  const auto classes = static_cast<double>(labels.classes);
  const auto wanted = static_cast<double>(output);
  pool.for_ranges(labels.rows(), kChunkRows, [&](std::size_t begin, std::size_t end, std::size_t) {
    const double* p = predictions.data();
    const double* y = labels.values.data();
    switch (objective.loss) {
      case Loss::squared:
        for (std::size_t i = begin; i < end; ++i) pairs[i] = {p[i] - y[i], 1.0};
        break;
      case Loss::logistic:
        for (std::size_t i = begin; i < end; ++i) pairs[i] = {p[i] - y[i], p[i] * (1 - p[i])};
        break;
      case Loss::poisson:
        for (std::size_t i = begin; i < end; ++i) pairs[i] = {p[i] - y[i], kPoissonGuard * p[i]};
        break;
      case Loss::gamma:
        for (std::size_t i = begin; i < end; ++i) {
          const double ratio = y[i] / p[i];
          pairs[i] = {1 - ratio, (1 + ratio) / 2};
        }
        break;
      case Loss::tweedie:
        for (std::size_t i = begin; i < end; ++i) {
          const double ratio = y[i] / p[i];
          const double size = exponential((2 - objective.power) * logarithm(p[i]));
          pairs[i] = {(1 - ratio) * size, (1 + ratio) * size / 2};
        }
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

double mean_loss(const Objective& objective, const Labels& labels, std::span<const double> predictions,
                 ThreadPool& pool) {
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
      sum.loss += weight * row_loss(objective, labels.rows(), labels.values[row], row, predictions.data());
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
