// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/learners/trees/booster.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <limits>
#include <numeric>
#include <optional>

#include "astrolabe/base/text.h"
#include "astrolabe/learners/trees/expression_loss.h"
#include "astrolabe/learners/trees/grower.h"

namespace astrolabe::trees {
namespace {

constexpr std::int64_t kMostRounds = 2000;  // with watched rows
constexpr std::int64_t kPlainRounds = 200;  // without
constexpr int kMostIdleRounds = 10;         // rounds in a row in which no sampled tree found a split
constexpr std::size_t kInnerRows = 50'000;  // from here several threads share one tree
constexpr std::uint64_t kHistogramBytes = std::uint64_t{1} << 30;

GrowthRules growth_rules(const TreesSettings& settings) {
  GrowthRules rules;
  rules.split = {.l1 = settings.l1,
                 .l2 = settings.l2,
                 .min_hessian = settings.min_hessian,
                 .min_gain = settings.min_gain,
                 .min_rows = static_cast<std::uint64_t>(settings.min_rows),
                 .cat_smooth = settings.cat_smooth,
                 .cat_l2 = settings.cat_l2,
                 .one_vs_rest = static_cast<std::size_t>(settings.one_vs_rest)};
  rules.best_first = settings.growth == "best_first";
  rules.max_leaves = static_cast<std::size_t>(settings.max_leaves);
  rules.max_depth = settings.max_depth == 0 ? std::numeric_limits<std::size_t>::max()
                                            : static_cast<std::size_t>(settings.max_depth);
  rules.learning_rate = settings.learning_rate;
  return rules;
}

// Rows with the scores that the forest gives them so far.
struct ScoredRows {
  const TrainingData* data = nullptr;
  BinnedMatrix matrix;
  std::vector<double> scores;       // [outputs, rows]
  std::vector<double> predictions;  // [outputs, rows]
  std::vector<std::uint32_t> rows;  // those with a weight
  std::vector<double> targets;      // [rows] as an expression wants them; empty for the native losses

  ScoredRows(const TrainingData& all, const std::vector<FeatureBins>& bins, Purpose purpose,
             std::span<const double> initial, ThreadPool& pool)
      : data(&all), matrix(all.features, bins, purpose, pool) {
    for (const double score : initial) scores.insert(scores.end(), all.labels.rows(), score);
    predictions.resize(scores.size());
    for (std::uint32_t row = 0; row < all.labels.rows(); ++row)
      if (all.labels.weight(row) > 0) rows.push_back(row);
  }
  [[nodiscard]] std::span<double> scores_of(std::size_t output) {
    return std::span(scores).subspan(output * data->labels.rows(), data->labels.rows());
  }
  [[nodiscard]] std::span<const double> predictions_of(std::size_t output) const {
    return std::span(predictions).subspan(output * data->labels.rows(), data->labels.rows());
  }
  void predict(Loss loss, ThreadPool& pool) {
    apply_link(loss, data->labels.rows(), scores, predictions, pool);
  }
};

// What growing one tree at a time needs; one for each that grows at the same time.
struct Workplace {
  TreeGrower grower;
  std::vector<GradientPair> pairs;
  std::vector<Cell> cells;
};

class Booster {
 public:
  Booster(const FitRequest& request, const TreesSettings& settings)
      : request_(request), settings_(settings), labels_(request.train.labels) {
    const std::string loss(trim(settings.loss));
    if (is_native_loss(loss)) {
      result_.loss = choose_loss(loss, labels_);
      result_.forest.initial = initial_scores(result_.loss, labels_);
    } else {
      expression_.emplace(loss, labels_, request.pool);
      result_.loss = expression_->link();
      result_.expression = loss;
      result_.forest.initial = expression_->initial_scores();
    }
    result_.forest.outputs = labels_.outputs();
    result_.gains.assign(request.train.features.features(), 0.0);
  }

  Boosted run() {
    fit();
    if (expression_) expression_->to_units(result_.forest);
    return std::move(result_);
  }

 private:
  void fit() {
    bins_ = find_bins(request_.train.features, labels_.weights, static_cast<std::size_t>(settings_.max_bins),
                      static_cast<std::size_t>(settings_.min_rows), request_.pool, request_.budget);
    if (stopped()) return;
    train_.emplace(request_.train, bins_, Purpose::training, result_.forest.initial, request_.pool);
    if (request_.watch != nullptr)
      watch_.emplace(*request_.watch, bins_, Purpose::watching, result_.forest.initial, request_.pool);
    prepare();
    if (!train_->rows.empty() && !stopped()) boost_rounds();
    keep_best();
  }

  bool stopped() {
    result_.cut_short = result_.cut_short || request_.budget.should_stop();
    return result_.cut_short;
  }

  void prepare() {
    if (expression_) {
      train_->targets = expression_->targets(labels_);
      if (watch_) watch_->targets = expression_->targets(watch_->data->labels);
      pairs_.resize(train_->scores.size());
    }
    const std::size_t slots = train_->matrix.slots();
    feature_of_slot_.resize(slots);
    for (std::size_t slot = 0; slot < slots; ++slot) feature_of_slot_[slot] = train_->matrix.feature(slot);
    const std::size_t outputs = result_.forest.outputs;
    const std::size_t threads = request_.pool.size();
    trees_at_a_time_ =
        train_->rows.size() < kInnerRows || outputs >= 2 * threads ? std::min(outputs, threads) : 1;
    const std::uint64_t memory =
        std::min(kHistogramBytes, request_.budget.memory_limit() / 4) / trees_at_a_time_;
    for (std::size_t i = 0; i < trees_at_a_time_; ++i)
      workplaces_.push_back(
          {TreeGrower(train_->matrix, growth_rules(settings_), memory, trees_at_a_time_ > 1 ? 1 : threads),
           std::vector<GradientPair>(labels_.rows()), std::vector<Cell>(labels_.rows())});
  }

  void boost_rounds() {
    const std::int64_t rounds = settings_.rounds > 0 ? settings_.rounds : watch_ ? kMostRounds : kPlainRounds;
    const bool sampled = settings_.row_sample < 1 || settings_.column_sample < 1;
    int idle = 0;
    for (std::int64_t round = 0; round < rounds; ++round) {
      const std::optional<bool> grew = one_round(static_cast<std::uint64_t>(round));
      if (!grew) break;
      idle = *grew ? 0 : idle + 1;
      if (idle > (sampled ? kMostIdleRounds : 0)) break;
      if (watch_ && !watched_rows_improve()) break;
      if (request_.progress) request_.progress(static_cast<double>(round + 1) / static_cast<double>(rounds));
    }
    // Rounds without a split say nothing; they are not part of the model.
    auto& trees = result_.forest.trees;
    for (; idle > 0; --idle) trees.resize(trees.size() - result_.forest.outputs);
  }

  // Whether any tree has a split; nothing, and no change, when the budget ended first.
  std::optional<bool> one_round(std::uint64_t round) {
    const std::size_t outputs = result_.forest.outputs;
    if (expression_) {
      expression_->find_pairs(train_->targets, labels_.weights, train_->scores, pairs_, request_.pool);
    } else {
      train_->predict(result_.loss, request_.pool);
    }
    const std::vector<std::uint32_t> rows = sample_rows(round);
    std::vector<std::optional<GrownTree>> grown(outputs);
    const auto grow_some = [&](std::size_t place) {
      for (std::size_t output = place; output < outputs; output += trees_at_a_time_)
        grown[output] = grow_tree(workplaces_[place], round, output, rows);
    };
    if (trees_at_a_time_ == 1) {
      grow_some(0);
    } else {
      request_.pool.for_each(trees_at_a_time_, grow_some);
    }
    for (const auto& tree : grown) {
      if (!tree) {
        result_.cut_short = true;
        return std::nullopt;
      }
    }
    bool any_split = false;
    for (std::size_t output = 0; output < outputs; ++output) {
      any_split = any_split || !grown[output]->tree.nodes.empty();
      add_tree(*grown[output], output, rows);
    }
    return any_split;
  }

  std::optional<GrownTree> grow_tree(Workplace& place, std::uint64_t round, std::size_t output,
                                     const std::vector<std::uint32_t>& rows) {
    if (!expression_)
      find_gradients(result_.loss, labels_, output, train_->predictions_of(output), place.pairs,
                     request_.pool);
    const std::span<const GradientPair> pairs =
        expression_ ? std::span<const GradientPair>(pairs_).subspan(output * labels_.rows(), labels_.rows())
                    : std::span<const GradientPair>(place.pairs);
    const FixedPoint scale = to_fixed_point(pairs, rows, place.cells, request_.pool);
    const std::vector<std::uint32_t> slots = sample_slots(round, output);
    std::optional<GrownTree> grown =
        place.grower.grow({.rows = rows, .slots = slots, .gradients = place.cells, .scale = scale},
                          request_.pool, request_.budget);
    if (grown && expression_ && expression_->refits_leaves())
      expression_->refit_leaves(train_->targets, labels_.weights, train_->scores, growth_rules(settings_),
                                *grown, request_.pool);
    return grown;
  }

  void add_tree(const GrownTree& grown, std::size_t output, const std::vector<std::uint32_t>& rows) {
    const std::span<double> scores = train_->scores_of(output);
    request_.pool.for_each(grown.tree.leaves.size(), [&](std::size_t leaf) {
      const double value = grown.tree.leaves[leaf];
      for (std::size_t i = grown.leaf_starts[leaf]; i < grown.leaf_starts[leaf + 1]; ++i)
        scores[grown.rows[i]] += value;
    });
    if (rows.size() < train_->rows.size()) {
      std::vector<std::uint32_t> others;
      std::ranges::set_difference(train_->rows, rows, std::back_inserter(others));
      add_scores(grown.tree, train_->matrix, others, scores, request_.pool);
    }
    if (watch_)
      add_scores(grown.tree, watch_->matrix, watch_->rows, watch_->scores_of(output), request_.pool);
    result_.forest.trees.push_back(to_tree(grown.tree, train_->matrix, feature_of_slot_));
    std::vector<std::pair<std::uint32_t, double>> gains;
    for (const BinTree::Node& node : grown.tree.nodes)
      gains.emplace_back(feature_of_slot_[node.slot], node.gain);
    gains_of_trees_.push_back(std::move(gains));
  }

  // Rows with a weight, each with the probability row_sample; fewer where a tree's sums could overflow.
  std::vector<std::uint32_t> sample_rows(std::uint64_t round) const {
    const double cap = 0.99 * static_cast<double>(kMaxTreeRows) / static_cast<double>(train_->rows.size());
    const double share = std::min(settings_.row_sample, cap);
    if (share >= 1) return train_->rows;
    const Key key = request_.key.split("rows").split(round);
    const auto limit = static_cast<std::uint32_t>(share * 0x1p32);
    std::vector<std::uint32_t> rows;
    rows.reserve(static_cast<std::size_t>(share * static_cast<double>(train_->rows.size())) + 64);
    for (const std::uint32_t row : train_->rows)
      if (static_cast<std::uint32_t>(random_bits(key, row) >> 32) < limit) rows.push_back(row);
    if (rows.empty()) rows.push_back(train_->rows.front());
    return rows;
  }

  std::vector<std::uint32_t> sample_slots(std::uint64_t round, std::size_t output) const {
    std::vector<std::uint32_t> slots(train_->matrix.slots());
    std::iota(slots.begin(), slots.end(), 0U);
    if (settings_.column_sample >= 1 || slots.size() < 2) return slots;
    RandomStream random(request_.key.split("columns").split(round).split(output));
    random.shuffle(slots);
    const double wanted = std::round(settings_.column_sample * static_cast<double>(slots.size()));
    slots.resize(std::max<std::size_t>(1, static_cast<std::size_t>(wanted)));
    std::ranges::sort(slots);
    return slots;
  }

  double watched_loss() {
    const Labels& labels = watch_->data->labels;
    if (expression_)
      return expression_->mean_loss(watch_->targets, labels.weights, watch_->scores, request_.pool);
    watch_->predict(result_.loss, request_.pool);
    return mean_loss(result_.loss, labels, watch_->predictions, request_.pool);
  }

  // Remembers the best round. False when `patience` rounds have passed since.
  bool watched_rows_improve() {
    const double loss = watched_loss();
    const std::size_t round = result_.forest.rounds();
    if (best_round_ == 0 || loss < best_loss_) {
      best_loss_ = loss;
      best_round_ = round;
    }
    return round < best_round_ + static_cast<std::size_t>(settings_.patience);
  }

  void keep_best() {
    Forest& forest = result_.forest;
    if (watch_) forest.trees.resize(std::min(forest.trees.size(), best_round_ * forest.outputs));
    for (std::size_t tree = 0; tree < forest.trees.size(); ++tree)
      for (const auto& [feature, gain] : gains_of_trees_[tree]) result_.gains[feature] += gain;
  }

  const FitRequest& request_;
  const TreesSettings& settings_;
  const Labels& labels_;
  Boosted result_;
  std::optional<ExpressionLoss> expression_;  // nothing: a native loss
  std::vector<GradientPair> pairs_;           // [outputs, rows] of the expression
  std::vector<FeatureBins> bins_;
  std::optional<ScoredRows> train_;
  std::optional<ScoredRows> watch_;
  std::vector<std::uint32_t> feature_of_slot_;
  std::vector<Workplace> workplaces_;
  std::size_t trees_at_a_time_ = 1;
  std::vector<std::vector<std::pair<std::uint32_t, double>>> gains_of_trees_;
  double best_loss_ = 0;
  std::size_t best_round_ = 0;
};

// The walker's rows hold only the features that some tree asks for.
void keep_used_features(Forest& forest, std::size_t features) {
  std::vector<std::uint32_t> column(features, 0);
  for (const Tree& tree : forest.trees)
    for (const Tree::Node& node : tree.nodes) column[node.feature] = 1;
  for (std::uint32_t feature = 0; feature < features; ++feature) {
    if (column[feature] == 0) continue;
    column[feature] = static_cast<std::uint32_t>(forest.features.size());
    forest.features.push_back(feature);
  }
  for (Tree& tree : forest.trees)
    for (Tree::Node& node : tree.nodes) node.feature = column[node.feature];
}

}  // namespace

Boosted boost(const FitRequest& request, const TreesSettings& settings) {
  Boosted boosted = Booster(request, settings).run();
  keep_used_features(boosted.forest, request.train.features.features());
  return boosted;
}

}  // namespace astrolabe::trees
