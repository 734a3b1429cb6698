// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/learners/trees/forest_fit.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numeric>
#include <utility>

#include "astrolabe/learners/trees/class_weights.h"
#include "astrolabe/learners/trees/deep_tree.h"

namespace astrolabe::trees {
namespace {

constexpr std::size_t kWaveTrees = 8;  // of a thread, between two reports of progress
constexpr std::size_t kDeepest = 256;

class ForestFit {
 public:
  ForestFit(const FitRequest& request, const ForestSettings& settings)
      : request_(request),
        settings_(settings),
        labels_(with_class_weights(request.train.labels,
                                   class_weights(settings.class_weights, request.train.labels))),
        sums_(labels_.kind == TaskKind::multiclass ? labels_.classes : 1) {
    require_weights(labels_);
    weights_ = labels_.usable_weights();
    find_prior();
    result_.is_mean = true;
    result_.loss = labels_.kind == TaskKind::regression ? Loss::squared
                   : labels_.kind == TaskKind::binary   ? Loss::logistic
                                                        : Loss::softmax;
    result_.forest.outputs = result_.forest.leaf_values = sums_;
    result_.gains.assign(request.train.features.features(), 0.0);
  }

  Boosted run() {
    bins_ = find_bins(request_.train.features, weights_, static_cast<std::size_t>(settings_.max_bins),
                      static_cast<std::size_t>(settings_.min_rows), request_.pool, request_.budget);
    result_.cut_short = request_.budget.should_stop();
    if (!result_.cut_short) {
      matrix_.emplace(request_.train.features, bins_, Purpose::watching, request_.pool);
      if (matrix_->slots() > 0) grow_trees();
    }
    finish();
    return std::move(result_);
  }

 private:
  // The mean of all rows, or the shares of the classes.
  void find_prior() {
    prior_.assign(sums_, 0.0);
    double weight = 0;
    for (std::size_t row = 0; row < labels_.rows(); ++row) {
      weight += weights_[row];
      if (sums_ == 1) {
        prior_[0] += weights_[row] * labels_.values[row];
      } else {
        prior_[static_cast<std::size_t>(labels_.values[row])] += weights_[row];
      }
    }
    for (double& sum : prior_) sum /= weight;
    // Numbers are counted from their mean: sums keep their digits.
    if (labels_.kind != TaskKind::regression) return;
    level_ = std::exchange(prior_[0], 0.0);
    for (double& value : labels_.values) value -= level_;
  }

  [[nodiscard]] DeepRules rules() const {
    const auto slots = static_cast<double>(matrix_->slots());
    const double usual = labels_.kind == TaskKind::regression ? slots / 2 : std::sqrt(slots);
    const double columns = settings_.columns == 0 ? usual : settings_.columns * slots;
    return {.random_cuts = settings_.splits == "random",
            .columns = std::max<std::size_t>(1, static_cast<std::size_t>(std::round(columns))),
            .min_rows = static_cast<std::size_t>(settings_.min_rows),
            .max_depth = settings_.max_depth == 0 ? kDeepest : static_cast<std::size_t>(settings_.max_depth),
            .smoothing = settings_.smoothing,
            .prior = prior_};
  }

  [[nodiscard]] std::size_t most_leaves() const {
    constexpr std::uint64_t kMegabyte = 1'000'000;
    const std::uint64_t memory =
        std::min(static_cast<std::uint64_t>(settings_.megabytes) * kMegabyte,
                 request_.budget.memory_limit() / 128);  // several forests of five folds are kept
    const std::uint64_t leaf = sizeof(Tree::Node) + sizeof(float) + sums_ * sizeof(double);
    return std::clamp<std::uint64_t>(memory / leaf / static_cast<std::uint64_t>(settings_.trees), 2,
                                     kMaxLeaves);
  }

  void grow_trees() {
    for (std::uint32_t row = 0; row < labels_.rows(); ++row)
      if (weights_[row] > 0) rows_.push_back(row);
    sum_categories();
    const std::vector<std::vector<double>> positions = find_positions();
    const DeepTable table{
        .matrix = *matrix_, .targets = labels_.values, .sums = sums_, .positions = positions};
    const DeepRules rules = this->rules();
    const auto trees = static_cast<std::size_t>(settings_.trees);
    const std::size_t threads = std::min(request_.pool.size(), trees);
    std::vector<DeepTreeGrower> growers(threads, DeepTreeGrower(table, rules));
    std::vector<std::uint32_t> feature_of_slot(matrix_->slots());
    for (std::size_t slot = 0; slot < feature_of_slot.size(); ++slot)
      feature_of_slot[slot] = matrix_->feature(slot);
    for (std::size_t first = 0; first < trees && !result_.cut_short; first += threads * kWaveTrees) {
      const std::size_t count = std::min(threads * kWaveTrees, trees - first);
      std::vector<std::optional<DeepTree>> grown(count);
      request_.pool.for_each(threads, [&](std::size_t thread) {
        for (std::size_t i = thread; i < count; i += threads) grown[i] = grow_one(growers[thread], first + i);
      });
      for (const auto& tree : grown) {
        result_.cut_short = result_.cut_short || !tree;
        if (!tree) continue;
        result_.forest.trees.push_back(to_tree(tree->tree, *matrix_, feature_of_slot));
        result_.forest.trees.back().covers = tree->covers;
        for (const BinTree::Node& node : tree->tree.nodes)
          result_.gains[feature_of_slot[node.slot]] += node.gain;
      }
      if (request_.progress)
        request_.progress(static_cast<double>(first + count) / static_cast<double>(trees));
    }
  }

  [[nodiscard]] std::optional<DeepTree> grow_one(DeepTreeGrower& grower, std::uint64_t tree) const {
    const Key key = request_.key.split("tree").split(tree);
    DeepRequest request{
        .rows = rows_, .weights = weights_, .orders = {}, .max_leaves = most_leaves(), .key = key};
    std::vector<double> weights;
    if (settings_.bootstrap) {
      std::vector<double> counts(labels_.rows(), 0.0);
      RandomStream random(key.split("rows"));
      for (std::size_t i = 0; i < rows_.size(); ++i) ++counts[rows_[random.below(rows_.size())]];
      std::erase_if(request.rows, [&](std::uint32_t row) { return counts[row] == 0; });
      for (std::size_t row = 0; row < counts.size(); ++row) counts[row] *= weights_[row];
      weights = std::move(counts);
      request.weights = weights;
    }
    const std::vector<BinOrder> orders = rank_categories(key.split("classes"));
    request.orders = orders;
    return grower.grow(std::move(request), request_.budget);
  }

  // The mean of each bin of numbers; categories lie one step apart.
  [[nodiscard]] std::vector<std::vector<double>> find_positions() const {
    constexpr double kLargest = std::numeric_limits<float>::max();  // infinite values count as such
    std::vector<std::vector<double>> positions(matrix_->slots());
    request_.pool.for_each(positions.size(), [&](std::size_t slot) {
      const FeatureBins& bins = matrix_->bins(slot);
      const FeatureColumn& column = request_.train.features.columns[matrix_->feature(slot)];
      std::array<double, 256> weight{}, sum{};
      const auto add = [&](std::size_t row, float value) {
        const std::size_t bin = bins.bin(value);
        weight[bin] += weights_[row];
        sum[bin] += weights_[row] * std::clamp<double>(value, -kLargest, kLargest);
      };
      for (std::size_t i = 0; !bins.categorical && i < column.sparse_rows.size(); ++i)
        add(column.sparse_rows[i], column.sparse_values[i]);
      for (std::size_t row = 0; !bins.categorical && row < column.dense.size(); ++row)
        add(row, column.dense[row]);
      if (column.is_sparse) weight[bins.zero_bin] += unlisted_weight(column);
      for (std::size_t bin = 0; bin < bins.bins; ++bin) {
        const double mean = weight[bin] > 0 ? sum[bin] / weight[bin] : 0;
        const double least = bin > 0 ? positions[slot][bin - 1] : -kLargest;
        positions[slot].push_back(bins.categorical ? static_cast<double>(bin) : std::max(mean, least));
      }
    });
    return positions;
  }

  [[nodiscard]] double unlisted_weight(const FeatureColumn& column) const {
    double weight = std::accumulate(weights_.begin(), weights_.end(), 0.0);
    for (const std::uint32_t row : column.sparse_rows) weight -= weights_[row];
    return std::max(weight, 0.0);
  }

  // Per bin of the categorical slots its weight and the sums of its targets.
  void sum_categories() {
    std::vector<std::uint8_t> bins(rows_.size());
    categories_.resize(matrix_->slots());
    for (std::size_t slot = 0; slot < categories_.size(); ++slot) {
      if (!matrix_->bins(slot).categorical) continue;
      categories_[slot].assign(256 * (1 + sums_), 0.0);
      matrix_->gather(slot, rows_, bins.data());
      for (std::size_t i = 0; i < rows_.size(); ++i) {
        double* const sums = categories_[slot].data() + bins[i] * (1 + sums_);
        const double weight = weights_[rows_[i]], value = labels_.values[rows_[i]];
        sums[0] += weight;
        if (sums_ == 1) {
          sums[1] += weight * value;
        } else {
          sums[1 + static_cast<std::size_t>(value)] += weight;
        }
      }
    }
  }

  // Categories by the mean of their rows; of several classes, by that of random scores of the classes, which
  // differ from tree to tree.
  [[nodiscard]] std::vector<BinOrder> rank_categories(Key key) const {
    RandomStream random(key);
    std::vector<double> scores(sums_, 1.0);
    for (double& score : scores) score = sums_ == 1 ? 1.0 : random.uniform();
    const double mean = std::inner_product(scores.begin(), scores.end(), prior_.begin(), 0.0);
    std::vector<BinOrder> orders(categories_.size());
    for (std::size_t slot = 0; slot < categories_.size(); ++slot) {
      if (categories_[slot].empty()) continue;
      const std::size_t bins = matrix_->bins(slot).bins;
      std::vector<double> means;
      for (std::size_t bin = 0; bin < bins; ++bin) {
        const double* const sums = categories_[slot].data() + bin * (1 + sums_);
        const double sum = std::inner_product(scores.begin(), scores.end(), sums + 1, 0.0);
        means.push_back((sum + settings_.cat_smooth * mean) /
                        std::max(sums[0] + settings_.cat_smooth, 1e-290));
      }
      std::vector<std::uint8_t> by_mean(bins);
      std::iota(by_mean.begin(), by_mean.end(), std::uint8_t{0});
      std::ranges::stable_sort(by_mean, {}, [&](std::uint8_t bin) { return means[bin]; });
      orders[slot].resize(bins);
      for (std::size_t rank = 0; rank < bins; ++rank)
        orders[slot][by_mean[rank]] = static_cast<std::uint8_t>(rank);
    }
    return orders;
  }

  // Leaves become what they add to the mean of the trees.
  void finish() {
    Forest& forest = result_.forest;
    const auto trees = static_cast<double>(forest.trees.size());
    for (Tree& tree : forest.trees)
      for (double& leaf : tree.leaves) leaf /= trees;
    forest.initial.assign(sums_, level_);
    if (forest.trees.empty())
      for (std::size_t i = 0; i < sums_; ++i) forest.initial[i] += prior_[i];
    forest.keep_used_features(result_.gains.size());
  }

  const FitRequest& request_;
  const ForestSettings& settings_;
  Labels labels_;  // numbers less level_
  std::size_t sums_;
  std::vector<double> weights_, prior_;
  double level_ = 0;
  Boosted result_;
  std::vector<FeatureBins> bins_;
  std::optional<BinnedMatrix> matrix_;
  std::vector<std::uint32_t> rows_;              // those with a weight
  std::vector<std::vector<double>> categories_;  // [slots][bins, 1 + sums]
};

}  // namespace

Boosted fit_forest(const FitRequest& request, const ForestSettings& settings) {
  return ForestFit(request, settings).run();
}

}  // namespace astrolabe::trees
