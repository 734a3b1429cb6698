// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/learners/trees/fit_loss.h"

#include "astrolabe/base/text.h"

namespace astrolabe::trees {

FitLoss::FitLoss(const TreesSettings& settings, const Labels& train, const Labels* watched, ThreadPool& pool)
    : train_(train) {
  const std::string loss(trim(settings.loss));
  if (is_lambdarank(loss, train)) {
    const LambdaRankRules rules{.truncation = static_cast<std::size_t>(settings.rank_truncation),
                                .sigma = settings.rank_sigma};
    ranking_.emplace(train, rules);
    if (watched != nullptr) watched_ranking_.emplace(*watched, rules);
  } else if (is_native_loss(loss)) {
    objective_ = choose_loss(loss, train);
    if (watched != nullptr) require_targets(objective_, *watched);
  } else {
    expression_.emplace(loss, train, pool);
    objective_ = expression_->link();
    text_ = loss;
  }
}

std::vector<double> FitLoss::initial_scores() const {
  if (ranking_) return {0.0};  // only differences count
  return expression_ ? expression_->initial_scores() : trees::initial_scores(link(), train_);
}

std::vector<double> FitLoss::targets(const Labels& labels) const {
  return expression_ ? expression_->targets(labels) : std::vector<double>{};
}

void FitLoss::to_standard(std::span<double> scores) const {
  if (expression_) expression_->to_standard(scores);
}

void FitLoss::to_units(Forest& forest) const {
  if (expression_) expression_->to_units(forest);
}

void FitLoss::find_pairs(ScoredRows& train, std::span<const double> scores, std::span<GradientPair> pairs,
                         ThreadPool& pool) const {
  if (expression_) {
    expression_->find_pairs(train.targets, train_.weights, scores, pairs, pool);
    return;
  }
  if (ranking_) {
    ranking_->find_pairs(scores, pairs, pool);
    return;
  }
  const std::size_t rows = train_.rows();
  train.predict(link(), scores, pool);
  for (std::size_t output = 0; output < train_.outputs(); ++output)
    find_gradients(objective_, train_, output, train.predictions_of(output),
                   pairs.subspan(output * rows, rows), pool);
}

double FitLoss::mean(ScoredRows& rows, ThreadPool& pool) const {
  if (ranking_) return (rows.labels == &train_ ? *ranking_ : *watched_ranking_).loss(rows.scores);
  if (expression_) return expression_->mean_loss(rows.targets, rows.labels->weights, rows.scores, pool);
  rows.predict(link(), pool);
  return mean_loss(objective_, *rows.labels, rows.predictions, pool);
}

void FitLoss::refit_leaves(const ScoredRows& train, const GrowthRules& rules, GrownTree& grown,
                           ThreadPool& pool) const {
  if (expression_ && expression_->refits_leaves())
    expression_->refit_leaves(train.targets, train_.weights, train.scores, rules, grown, pool);
}

}  // namespace astrolabe::trees
