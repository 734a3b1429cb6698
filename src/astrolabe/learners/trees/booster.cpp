// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/learners/trees/booster.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <optional>

#include <fmt/format.h>

#include "astrolabe/learners/trees/class_weights.h"
#include "astrolabe/learners/trees/constraints.h"
#include "astrolabe/learners/trees/continuation.h"
#include "astrolabe/learners/trees/dart.h"
#include "astrolabe/learners/trees/fit_loss.h"
#include "astrolabe/learners/trees/grower.h"
#include "astrolabe/learners/trees/leaf_scores.h"
#include "astrolabe/learners/trees/level.h"
#include "astrolabe/learners/trees/linear_fit.h"
#include "astrolabe/learners/trees/linear_rules.h"
#include "astrolabe/learners/trees/native_pairs.h"
#include "astrolabe/learners/trees/scored_rows.h"
#include "astrolabe/learners/trees/tree_gains.h"
#include "astrolabe/learners/trees/tree_gradients.h"
#include "astrolabe/learners/trees/tree_sampler.h"

namespace astrolabe::trees {
namespace {

constexpr std::size_t kInnerRows = 50'000;  // from here several threads share one tree
constexpr int kTimedRounds = 3;
constexpr double kMostHurried = 0.3;
constexpr double kWatchedSteps = 40;  // sum of learning rates that watched rows may ask for: 34 on letter
// Of the time that is left: after a fit that watches rows comes another one on all of them.
constexpr double kWatchedShare = 0.4, kPlainShare = 0.9;
constexpr std::uint64_t kHistogramBytes = std::uint64_t{1} << 30;

// What growing one tree at a time needs; one for each that grows at the same time.
struct Workplace {
  TreeGrower grower;
  TreeGradients gradients = {};
  std::vector<GradientPair> pairs = {};  // where they are not found row by row
};

class Booster {
 public:
  Booster(const FitRequest& request, const TreesSettings& settings)
      : request_(request),
        settings_(settings),
        sampler_(settings, request.key),
        weights_(class_weights(settings.class_weights, request.train.labels)),
        weighed_(weights_.empty() ? Labels{} : with_class_weights(request.train.labels, weights_)),
        labels_(weights_.empty() ? request.train.labels : weighed_),
        watch_labels_(request.watch != nullptr ? with_class_weights(request.watch->labels, weights_)
                                               : Labels{}),
        constraints_(read_constraints({.monotone = settings.monotone, .interactions = settings.interactions},
                                      *request.train.features.info, labels_.kind)),
        loss_(sound_loss()) {
    result_.loss = loss_.link();
    result_.expression = loss_.expression();
    result_.forest.initial = loss_.initial_scores();
    result_.forest.outputs = labels_.outputs();
    result_.gains.assign(request.train.features.features(), 0.0);
    if (request.start != nullptr) {
      continuation_.emplace(request, result_.loss, constraints_);
      result_.forest.initial = continuation_->initial();
      loss_.to_standard(result_.forest.initial);
    }
    if (settings.boosting == "dart")
      dart_.emplace(DropoutRules{.rate = settings.drop_rate, .skip = settings.drop_skip},
                    request.key.split("dropout"), result_.forest.outputs);
  }

  Boosted run() {
    fit();
    if (dart_) dart_->weigh(result_.forest);
    loss_.to_units(result_.forest);
    if (continuation_) continuation_->prepend(result_);
    return std::move(result_);
  }

 private:
  [[nodiscard]] FitLoss sound_loss() const {
    require_weights(labels_);
    if (settings_.linear_leaves) require_slopes_fit(settings_, labels_);
    return {settings_, labels_, request_.watch != nullptr ? &watch_labels_ : nullptr, request_.pool};
  }

  void fit() {
    bins_ = find_bins(request_.train.features, labels_.weights, static_cast<std::size_t>(settings_.max_bins),
                      static_cast<std::size_t>(settings_.min_rows), request_.pool, request_.budget);
    if (stopped()) return;
    train_.emplace(request_.train.features, labels_, bins_, Purpose::training, result_.forest.initial,
                   request_.pool);
    if (request_.watch != nullptr)
      watch_.emplace(request_.watch->features, watch_labels_, bins_, Purpose::watching,
                     result_.forest.initial, request_.pool);
    prepare();
    if (!train_->rows.empty() && !stopped()) boost_rounds();
    gains_.keep_best(best_round_, watch_.has_value(), result_);
  }

  bool stopped() {
    result_.cut_short = result_.cut_short || request_.budget.should_stop();
    return result_.cut_short;
  }

  void prepare() {
    train_->targets = loss_.targets(labels_);
    if (watch_) watch_->targets = loss_.targets(watch_labels_);
    if (loss_.is_straight() && request_.tell)
      request_.tell(fmt::format("{} has no second derivative: rows count alike, leaves are searched for",
                                result_.expression));
    if (finds_pairs_first()) pairs_.resize(train_->scores.size());
    if (continuation_) {
      go_on_from(request_.train.features, *train_);
      if (watch_) go_on_from(request_.watch->features, *watch_);
      adjust_level();
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
      workplaces_.push_back({TreeGrower(train_->matrix, growth_rules(settings_, constraints_), memory,
                                        trees_at_a_time_ > 1 ? 1 : threads)});
  }

  // Gradients of all outputs before any tree: where they come from one program, say which rows to take or are
  // asked for once more.
  [[nodiscard]] bool finds_pairs_first() const {
    return !loss_.is_native() || settings_.sampling == "goss" || settings_.linear_leaves;
  }

  // Gradients of few rows at a time, as they are packed.
  [[nodiscard]] bool finds_pairs_last() const {
    return !finds_pairs_first() && NativePairs::suits(loss_.objective());
  }

  void go_on_from(const FeatureMatrix& features, ScoredRows& rows) {
    rows.scores = continuation_->scores(features, request_.pool);
    loss_.to_standard(rows.scores);
  }

  // The rows of the start may have been others. What watched rows do not confirm is taken back.
  void adjust_level() {
    if (watch_) best_loss_ = watched_loss();
    const std::vector<double> level =
        find_level(train_->rows, result_.forest.outputs, train_->scores,
                   [&](std::span<const double> scores, std::span<GradientPair> pairs) {
                     loss_.find_pairs(*train_, scores, pairs, request_.pool);
                   });
    if (std::ranges::all_of(level, [](double change) { return change == 0; })) return;
    const std::vector<double> initial = result_.forest.initial, scores = train_->scores;
    const auto move = [&](std::vector<double>& moved) {
      const std::size_t stride = moved.size() / level.size();
      for (std::size_t i = 0; i < moved.size(); ++i) moved[i] += level[i / stride];
    };
    move(result_.forest.initial);
    move(train_->scores);
    if (!watch_) return;
    std::vector<double> watched = watch_->scores;
    move(watch_->scores);
    const double loss = watched_loss();
    if (loss < best_loss_) {
      best_loss_ = loss;
      return;
    }
    result_.forest.initial = initial;
    train_->scores = scores;
    watch_->scores = std::move(watched);
  }

  void boost_rounds() {
    const std::int64_t rounds = settings_.rounds;
    const bool sampled =
        settings_.row_sample < 1 || settings_.column_sample < 1 || settings_.sampling == "goss" || dart_;
    int idle = 0;
    const auto begin = std::chrono::steady_clock::now();
    for (std::int64_t round = 0; round < rounds; ++round) {
      const std::optional<bool> grew = one_round(static_cast<std::uint64_t>(round));
      if (!grew) break;
      idle = *grew ? 0 : idle + 1;
      if (idle > (sampled ? kMostIdleRounds : 0)) break;
      if (watch_ && !watched_rows_improve()) break;
      if (round + 1 == kTimedRounds)
        hurry(std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count() / kTimedRounds);
      if (!has_room()) break;
      if (request_.progress) request_.progress(static_cast<double>(round + 1) / static_cast<double>(rounds));
    }
    // Rounds without a split say nothing; they are not part of the model.
    auto& trees = result_.forest.trees;
    for (; idle > 0; --idle) trees.resize(trees.size() - result_.forest.outputs);
  }

  // Where the usual steps would not be done in time, larger ones: a little less exact, but not cut short.
  void hurry(double seconds_a_round) {
    if (!settings_.may_hurry || !request_.budget.has_deadline()) return;
    const double share = watch_ ? kWatchedShare : kPlainShare, steps = watch_ ? kWatchedSteps : kPlainSteps;
    const double rounds = share * request_.budget.seconds_left() / std::max(seconds_a_round, 1e-9);
    const double rate = std::min(kMostHurried, steps / rounds);
    if (rate <= settings_.learning_rate) return;
    settings_.learning_rate = result_.hurried_rate = rate;
    for (Workplace& place : workplaces_) place.grower.set_learning_rate(rate);
  }

  // A round of hundreds of classes is hundreds of trees, and the models of all folds are in memory together.
  bool has_room() {
    for (; sized_trees_ < result_.forest.trees.size(); ++sized_trees_)
      bytes_ += result_.forest.trees[sized_trees_].bytes();
    result_.cut_short = bytes_ > request_.budget.memory_limit() / 32;
    return !result_.cut_short;
  }

  // Whether any tree has a split; nothing, and no change, when the budget ended first.
  std::optional<bool> one_round(std::uint64_t round) {
    const std::size_t outputs = result_.forest.outputs;
    if (dart_) dart_->take_out(round, train_->row_scores(), request_.pool);
    find_pairs();
    std::vector<std::uint32_t> sampled;
    const bool samples_rows = sampler_.samples_rows(train_->rows.size());
    if (samples_rows) sampled = sampler_.rows(round, train_->rows, outputs, pairs_);
    const std::vector<std::uint32_t>& rows = samples_rows ? sampled : train_->rows;
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
    if (dart_) {
      std::optional<RowScores> watched;
      if (watch_) watched.emplace(watch_->row_scores());
      dart_->put_back(grown, train_->row_scores(), watched ? &*watched : nullptr, request_.pool);
    }
    bool any_split = false;
    for (std::size_t output = 0; output < outputs; ++output) {
      any_split = any_split || !grown[output]->tree.nodes.empty();
      add_tree(*grown[output], output, rows);
    }
    return any_split;
  }

  void find_pairs() {
    if (finds_pairs_first()) {
      loss_.find_pairs(*train_, train_->scores, pairs_, request_.pool);
    } else if (!finds_pairs_last()) {
      train_->predict(loss_.link(), request_.pool);
    }
  }

  [[nodiscard]] std::span<GradientPair> pairs_of(std::size_t output) {
    return std::span(pairs_).subspan(output * labels_.rows(), labels_.rows());
  }

  std::optional<GrownTree> grow_tree(Workplace& place, std::uint64_t round, std::size_t output,
                                     const std::vector<std::uint32_t>& rows) {
    const std::vector<std::uint32_t> slots = sampler_.slots(round, output, train_->matrix.slots());
    TreeRequest request = {.rows = rows, .slots = slots, .gradients = {}, .scale = {}};
    fill_gradients(place, round, output, request);
    std::optional<GrownTree> grown = place.grower.grow(std::move(request), request_.pool, request_.budget);
    if (grown) loss_.refit_leaves(*train_, growth_rules(settings_, constraints_), *grown, request_.pool);
    if (grown && settings_.linear_leaves)
      grown->linear = fit_linear_leaves(*grown, train_->matrix, request_.train.features, pairs_of(output),
                                        {.l2 = settings_.linear_l2, .learning_rate = settings_.learning_rate},
                                        request_.pool);
    return grown;
  }

  void fill_gradients(Workplace& place, std::uint64_t round, std::size_t output, TreeRequest& request) {
    const Key key = request_.key.split("rounding").split(round).split(output);
    if (finds_pairs_last()) {
      const NativePairs source(loss_.objective(), labels_, train_->scores);
      place.gradients.fill(labels_.rows(), source, source.bound(), key, request_.pool, request);
      return;
    }
    std::span<const GradientPair> pairs;
    if (finds_pairs_first()) {
      pairs = pairs_of(output);
    } else {
      place.pairs.resize(labels_.rows());
      find_gradients(loss_.objective(), labels_, output, train_->predictions_of(output), place.pairs,
                     request_.pool);
      pairs = place.pairs;
    }
    place.gradients.fill(labels_.rows(), PairsOf(pairs), {}, key, request_.pool, request);
  }

  void add_tree(const GrownTree& grown, std::size_t output, const std::vector<std::uint32_t>& rows) {
    if (grown.linear.empty()) {
      leaf_scores_.add(grown, rows, train_->scores_of(output), request_.pool);
    } else {
      add_linear_scores(grown, request_.train.features, train_->scores_of(output), request_.pool);
    }
    if (rows.size() < train_->rows.size()) {
      std::vector<std::uint32_t> others;
      std::ranges::set_difference(train_->rows, rows, std::back_inserter(others));
      add_tree_scores(grown, train_->matrix, request_.train.features, others, train_->scores_of(output),
                      request_.pool);
    }
    if (watch_)
      add_tree_scores(grown, watch_->matrix, request_.watch->features, watch_->rows,
                      watch_->scores_of(output), request_.pool);
    Tree& tree = result_.forest.trees.emplace_back(to_tree(grown.tree, train_->matrix, feature_of_slot_));
    tree.covers = find_covers(grown.rows, grown.leaf_starts, labels_.weights);
    tree.linear = grown.linear;
    gains_.add(grown.tree, feature_of_slot_);
  }

  double watched_loss() { return loss_.mean(*watch_, request_.pool); }
  // The next round finds its predictions again, so that these may take their place.
  double training_loss() { return loss_.mean(*train_, request_.pool); }

  // Remembers the best round. False when `patience` rounds have passed since.
  bool watched_rows_improve() {
    const double loss = watched_loss();
    const std::size_t round = result_.forest.rounds();
    tell_curve(round, loss);
    if ((best_round_ == 0 && !continuation_) || loss < best_loss_) {
      best_loss_ = loss;
      best_round_ = round;
      if (dart_) dart_->keep_best();
    }
    return round < best_round_ + static_cast<std::size_t>(settings_.patience);
  }

  // The loss of the training rows costs a pass over them, so it is found at few rounds.
  void tell_curve(std::size_t round, double watched) {
    constexpr std::uint64_t kOften = 8;
    if (!FitCurve::is_told(round)) return;
    const double training = FitCurve::is_told(round, kOften) ? training_loss() : std::nan("");
    result_.curve.steps.push_back({round, training, watched});
  }

  const FitRequest& request_;
  TreesSettings settings_;
  TreeSampler sampler_;
  std::vector<double> weights_;  // of classes; empty: all 1
  Labels weighed_;               // where classes have weights
  const Labels& labels_;
  Labels watch_labels_;
  TreeConstraints constraints_;
  FitLoss loss_;
  Boosted result_;
  std::optional<Continuation> continuation_;
  std::optional<Dart> dart_;
  std::vector<GradientPair> pairs_;  // [outputs, rows] where they are found first
  std::vector<FeatureBins> bins_;
  std::optional<ScoredRows> train_;
  std::optional<ScoredRows> watch_;
  std::vector<std::uint32_t> feature_of_slot_;
  std::vector<Workplace> workplaces_;
  LeafScores leaf_scores_;
  std::size_t trees_at_a_time_ = 1;
  std::size_t sized_trees_ = 0;
  std::uint64_t bytes_ = 0;  // of those
  TreeGains gains_;
  double best_loss_ = 0;
  std::size_t best_round_ = 0;
};

}  // namespace

Boosted boost(const FitRequest& request, const TreesSettings& settings) {
  Boosted boosted = Booster(request, settings).run();
  boosted.forest.keep_used_features(request.train.features.features());
  return boosted;
}

}  // namespace astrolabe::trees
