// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/stats/classification.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "astrolabe/stats/ranking.h"
#include "astrolabe/stats/scored.h"

namespace astrolabe {
namespace {

constexpr double kLeastProbability = 1e-15;

// The probability of the true class; 0 when the truth names none.
double probability_of_truth(double truth, std::span<const double> prediction) {
  if (prediction.size() == 1) return truth > 0.5 ? prediction[0] : 1 - prediction[0];
  const bool known = truth >= 0 && truth < static_cast<double>(prediction.size());
  return known ? prediction[static_cast<std::size_t>(truth)] : 0;
}

// Weights per class: of the rows that are of it, that are said to be of it, and that are both.
struct ClassWeights {
  std::vector<double> truth, predicted, hit;
};

ClassWeights class_weights(const Scored& scored) {
  const std::size_t classes = class_count(scored);
  ClassWeights result{std::vector<double>(classes), std::vector<double>(classes),
                      std::vector<double>(classes)};
  for (std::size_t row = 0; row < scored.rows(); ++row) {
    const double weight = weight_of(scored, row);
    const std::size_t truth = true_class(scored, scored.truth[row]);
    const std::size_t predicted = predicted_class(prediction_of(scored, row));
    if (truth < classes) result.truth[truth] += weight;
    result.predicted[predicted] += weight;
    if (truth == predicted) result.hit[truth] += weight;
  }
  return result;
}

}  // namespace

std::size_t predicted_class(std::span<const double> prediction) {
  if (prediction.size() == 1) return prediction[0] > 0.5 ? 1 : 0;
  return static_cast<std::size_t>(std::ranges::max_element(prediction) - prediction.begin());
}

double auc(const Scored& binary) {
  return is_sound(binary) && binary.outputs == 1 ? area_under_roc(rank(binary)) : kUndefined;
}

double log_loss_of_row(double truth, std::span<const double> prediction) {
  return -std::log(
      std::clamp(probability_of_truth(truth, prediction), kLeastProbability, 1 - kLeastProbability));
}

double log_loss(const Scored& scored) {
  return mean_of_rows(scored, log_loss_of_row);
}

double brier_of_row(double truth, std::span<const double> prediction) {
  if (prediction.size() == 1) {
    const double miss = prediction[0] - (truth > 0.5 ? 1 : 0);
    return miss * miss;
  }
  double sum = 0;
  for (std::size_t c = 0; c < prediction.size(); ++c) {
    const double miss = prediction[c] - (truth == static_cast<double>(c) ? 1 : 0);
    sum += miss * miss;
  }
  return sum;
}

double brier(const Scored& scored) {
  return mean_of_rows(scored, brier_of_row);
}

double accuracy_of_row(double truth, std::span<const double> prediction) {
  return truth == static_cast<double>(predicted_class(prediction)) ? 1 : 0;
}

double accuracy(const Scored& scored) {
  return mean_of_rows(scored, accuracy_of_row);
}

double f1(const Scored& scored) {
  if (!is_sound(scored)) return kUndefined;
  const ClassWeights weights = class_weights(scored);
  double sum = 0, classes = 0;
  for (std::size_t c = scored.outputs == 1 ? 1 : 0; c < weights.truth.size(); ++c) {
    const double both = weights.truth[c] + weights.predicted[c];
    if (!(both > 0)) continue;
    sum += 2 * weights.hit[c] / both;
    ++classes;
  }
  return sum / classes;
}

double balanced_accuracy(const Scored& scored) {
  if (!is_sound(scored)) return kUndefined;
  const ClassWeights weights = class_weights(scored);
  double sum = 0, classes = 0;
  for (std::size_t c = 0; c < weights.truth.size(); ++c) {
    if (!(weights.truth[c] > 0)) continue;
    sum += weights.hit[c] / weights.truth[c];
    ++classes;
  }
  return sum / classes;
}

}  // namespace astrolabe
