// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/learners/kernel/head.h"

#include <cmath>

namespace astrolabe::kernel {
namespace {

constexpr std::size_t kFewRows = 10;
constexpr std::size_t kRowsForOneFold = 5000;
constexpr double kStrongest = 1;
constexpr int kDecades = 7;  // down to 1e-7, what products in f32 still carry

}  // namespace

std::vector<double> constant_scores(const Survey& survey, const Response& response) {
  std::vector<double> scores(response.outputs, 0.0);
  const double total = survey.weight;
  const double unseen = total > 0 ? std::min(0.5, total / 2) : 0.5;
  const auto share = [&](std::size_t one) {
    return std::max(one < survey.class_weights.size() ? survey.class_weights[one] : 0.0, unseen);
  };
  if (response.family == Family::logistic) scores[0] = std::log(share(1) / share(0));
  if (response.family == Family::multinomial)
    for (std::size_t one = 0; one < scores.size(); ++one) scores[one] = std::log(share(one));
  if (response.family == Family::multinomial) {
    double mean = 0;
    for (const double score : scores) mean += score / static_cast<double>(scores.size());
    for (double& score : scores) score -= mean;
  }
  return scores;
}

FittedHead constant_head(const HeadRequest& request) {
  FittedHead head;
  head.coefficients.assign(request.featurizer.width() * request.response.outputs, 0.0);
  const std::vector<double> scores = constant_scores(request.survey, request.response);
  for (std::size_t k = 0; k < scores.size(); ++k)
    head.coefficients[request.featurizer.components() * scores.size() + k] = scores[k];
  head.penalty = request.penalty > 0 ? request.penalty : kStrongest;
  head.cut_short = true;
  return head;
}

std::vector<double> penalties_to_try(int per_decade) {
  std::vector<double> penalties;
  for (int step = 0; step <= kDecades * per_decade; ++step)
    penalties.push_back(kStrongest * std::pow(10, -static_cast<double>(step) / per_decade));
  return penalties;
}

std::optional<HeldOut> choose_held_out(const HeadRequest& request) {
  if (request.survey.sample.rows < kFewRows) return std::nullopt;
  HeldOut held{.key = request.key.split("held out")};
  held.used = request.rows.rows() >= kRowsForOneFold ? 1 : held.folds;
  return held;
}

}  // namespace astrolabe::kernel
