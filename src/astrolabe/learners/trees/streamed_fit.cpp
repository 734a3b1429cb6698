// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/learners/trees/streamed_fit.h"

#include <algorithm>
#include <numeric>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "astrolabe/base/error.h"
#include "astrolabe/base/text.h"
#include "astrolabe/learners/trees/booster.h"
#include "astrolabe/learners/trees/class_weights.h"
#include "astrolabe/learners/trees/native_pairs.h"
#include "astrolabe/learners/trees/scored_rows.h"
#include "astrolabe/learners/trees/streamed_bins.h"
#include "astrolabe/learners/trees/streamed_grower.h"
#include "astrolabe/learners/trees/tree_gains.h"
#include "astrolabe/learners/trees/tree_sampler.h"
#include "astrolabe/learners/trees/trees_model.h"

namespace astrolabe::trees {
namespace {

constexpr std::size_t kAddRows = 65'536;
constexpr std::uint64_t kMegabyte = std::uint64_t{1} << 20;
constexpr std::uint64_t kRoom = 16 * kMegabyte;  // for blocks and tiles, beside what is counted

// Blocks whose rows weigh what their classes make them weigh.
class WeighedBlocks : public BlockSource {
 public:
  WeighedBlocks(BlockSource& blocks, std::span<const double> weights) : blocks_(blocks), weights_(weights) {}
  [[nodiscard]] std::size_t rows() const override { return blocks_.rows(); }
  [[nodiscard]] std::shared_ptr<const std::vector<Feature>> info() const override { return blocks_.info(); }
  void rewind() override { blocks_.rewind(); }
  [[nodiscard]] bool next(TrainingData& block) override {
    if (!blocks_.next(block)) return false;
    require_weights(block.labels);
    if (!weights_.empty()) block.labels = with_class_weights(block.labels, weights_);
    return true;
  }

 private:
  BlockSource& blocks_;
  std::span<const double> weights_;
};

// One pass where the weights depend on the rows.
std::vector<double> weights_of_classes(const std::string& setting, BlockSource& rows) {
  if (trim(setting) == "none" || trim(setting).empty()) return {};
  Labels totals;  // one row for each class
  TrainingData block;
  rows.rewind();
  while (rows.next(block)) {
    totals.kind = block.labels.kind;
    totals.classes = block.labels.classes;
    totals.values.resize(totals.classes);
    totals.weights.resize(totals.classes, 0.0);
    if (totals.kind == TaskKind::regression) break;  // refused below
    for (std::size_t row = 0; row < block.labels.rows(); ++row)
      totals.weights[static_cast<std::size_t>(block.labels.values[row])] += block.labels.weight(row);
  }
  std::iota(totals.values.begin(), totals.values.end(), 0.0);
  return class_weights(setting, totals);
}

class StreamedBooster {
 public:
  StreamedBooster(const StreamedFit& request, const TreesSettings& settings)
      : request_(request),
        settings_(settings),
        weights_(weights_of_classes(settings.class_weights, request.rows)),
        source_(request.rows, weights_),
        sampler_(settings, request.key) {}

  Boosted run() {
    result_.gains.assign(source_.info()->size(), 0.0);
    require_room();
    write_rows(find_bins(source_, static_cast<std::size_t>(settings_.max_bins), request_.memory_bytes - kRoom,
                         request_.pool, request_.budget));
    if (!stopped() && file_->rows() > 0) boost_rounds();
    gains_.keep_best(best_round_, watch_.has_value(), result_);
    result_.forest.keep_used_features(result_.gains.size());
    return std::move(result_);
  }

 private:
  bool stopped() {
    result_.cut_short = result_.cut_short || request_.budget.should_stop();
    return result_.cut_short;
  }

  // Of scores and leaves.
  [[nodiscard]] std::uint64_t row_bytes() const { return sizeof(double) + sizeof(NodeNumber); }

  void require_room() {
    TrainingData block;
    source_.rewind();
    if (!source_.next(block)) throw nothing_fitted({.attempted = "fitting trees", .found = "no rows"});
    labels_.kind = block.labels.kind;
    labels_.classes = block.labels.classes;
    result_.forest.outputs = block.labels.outputs();
    if (!block.labels.groups.empty())
      throw usage_error({.attempted = "fitting trees out of memory",
                         .expected = "numbers or classes",
                         .found = "a ranking",
                         .remedy = "Give more --memory."});
    objective_ = choose_loss(trim(settings_.loss), block.labels);
    if (request_.watch != nullptr) require_targets(objective_, request_.watch->labels);
    result_.loss = objective_.loss;
    constraints_ = read_constraints({.monotone = settings_.monotone, .interactions = settings_.interactions},
                                    *source_.info(), labels_.kind);
    const std::uint64_t needed = source_.rows() * block.labels.outputs() * row_bytes();
    if (needed + 2 * kRoom <= request_.memory_bytes) return;
    throw usage_error(
        {.attempted = fmt::format("fitting trees on {} rows out of memory", format_count(source_.rows())),
         .expected =
             fmt::format("{} MB for their scores", format_count((needed + 2 * kRoom) / kMegabyte + 1)),
         .found = fmt::format("{} MB that are left", format_count(request_.memory_bytes / kMegabyte)),
         .remedy = "Give more --memory, or fewer rows."});
  }

  // Without bins, as the budget ended, the first scores are found all the same.
  void write_rows(const std::vector<FeatureBins>& bins) {
    InitialScores sums(result_.loss, result_.forest.outputs);
    TrainingData block;
    source_.rewind();
    while (source_.next(block)) {
      require_targets(objective_, block.labels);
      if (!bins.empty() && !file_)
        file_.emplace(request_.folder, source_.info(), bins, static_cast<std::size_t>(settings_.min_rows),
                      !block.labels.weights.empty());
      for (std::size_t row = 0; row < block.labels.rows(); ++row) {
        const double weight = block.labels.weight(row);
        sums.add(block.labels.values[row], weight);
        heaviest_ = std::max(heaviest_, weight);
      }
      if (file_) file_->append(block, request_.pool);
    }
    if (heaviest_ == 0)
      throw bad_input({.attempted = "fitting trees out of memory",
                       .expected = "a row that weighs more than 0",
                       .found = "none",
                       .remedy = "Mend the weights."});
    result_.forest.initial = sums.scores();
    if (!file_) {
      result_.cut_short = true;
      return;
    }
    file_->finish(request_.pool);
    if (request_.tell)
      request_.tell(fmt::format("out of memory: {} rows as {} MB of bins in {}", format_count(file_->rows()),
                                format_count(file_->bytes() / kMegabyte + 1), request_.folder.string()));
  }

  void boost_rounds() {
    const std::size_t outputs = result_.forest.outputs;
    for (const double score : result_.forest.initial) scores_.resize(scores_.size() + file_->rows(), score);
    leaves_.resize(outputs * file_->rows());
    const std::uint64_t taken = outputs * file_->rows() * row_bytes() + kRoom;
    StreamedGrower grower(*file_, growth_rules(settings_, constraints_),
                          request_.memory_bytes - std::min(request_.memory_bytes, taken),
                          request_.pool.size());
    if (request_.watch != nullptr) {
      watch_labels_ = with_class_weights(request_.watch->labels, weights_);
      watch_.emplace(request_.watch->features, watch_labels_, file_->bins(), Purpose::watching,
                     result_.forest.initial, request_.pool);
    }
    for (std::size_t slot = 0; slot < file_->layout().slots(); ++slot)
      feature_of_slot_.push_back(file_->layout().feature(slot));
    const std::int64_t rounds = settings_.rounds;
    int idle = 0;
    for (std::int64_t round = 0; round < rounds; ++round) {
      const std::optional<bool> grew = one_round(grower, static_cast<std::uint64_t>(round));
      if (!grew) break;
      idle = *grew ? 0 : idle + 1;
      if (idle > (settings_.column_sample < 1 ? kMostIdleRounds : 0)) break;
      if (watch_ && !watched_rows_improve()) break;
      if (request_.progress) request_.progress(static_cast<double>(round + 1) / static_cast<double>(rounds));
    }
    auto& trees = result_.forest.trees;
    for (; idle > 0; --idle) trees.resize(trees.size() - outputs);
  }

  // Whether any tree has a split; nothing, and no change, when the budget ended first.
  std::optional<bool> one_round(StreamedGrower& grower, std::uint64_t round) {
    const std::size_t outputs = result_.forest.outputs;
    std::vector<StreamedTree> grown;
    bool any_split = false;
    for (std::size_t output = 0; output < outputs; ++output) {
      const std::vector<std::uint32_t> slots = sampler_.slots(round, output, file_->layout().slots());
      std::optional<StreamedTree> tree = grower.grow(
          {.slots = slots,
           .pairs = [&](std::size_t tile, std::span<GradientPair> pairs) { find_pairs(tile, output, pairs); },
           .bound = bound(),
           .key = request_.key.split("rounding").split(round).split(output)},
          leaves_of(output), request_.pool, request_.budget);
      if (!tree) {
        result_.cut_short = true;
        return std::nullopt;
      }
      any_split = any_split || !tree->tree.nodes.empty();
      grown.push_back(std::move(*tree));
    }
    for (std::size_t output = 0; output < outputs; ++output) add_tree(grown[output], output);
    return any_split;
  }

  [[nodiscard]] std::span<double> scores_of(std::size_t output) {
    return std::span(scores_).subspan(output * file_->rows(), file_->rows());
  }
  [[nodiscard]] std::span<NodeNumber> leaves_of(std::size_t output) {
    return std::span(leaves_).subspan(output * file_->rows(), file_->rows());
  }

  [[nodiscard]] std::optional<GradientPair> bound() const {
    if (!NativePairs::suits(objective_)) return std::nullopt;
    Labels heaviest = labels_;
    heaviest.weights = {heaviest_};
    return NativePairs(objective_, heaviest, {}).bound();
  }

  // On any thread.
  void find_pairs(std::size_t tile, std::size_t output, std::span<GradientPair> pairs) {
    const std::size_t rows = pairs.size();
    const std::size_t first = tile * file_->tile_rows();
    Labels labels = labels_;
    labels.values.resize(rows);
    file_->read_values(tile, labels.values);
    if (file_->has_weights()) {
      labels.weights.resize(rows);
      file_->read_weights(tile, labels.weights);
    }
    if (NativePairs::suits(objective_)) {
      std::vector<std::uint32_t> all(rows);
      std::iota(all.begin(), all.end(), 0U);
      NativePairs(objective_, labels, scores_of(output).subspan(first, rows))(all, pairs.data());
      return;
    }
    std::vector<double> predictions;
    for (std::size_t each = 0; each < result_.forest.outputs; ++each) {
      const std::span<const double> scores = scores_of(each).subspan(first, rows);
      predictions.insert(predictions.end(), scores.begin(), scores.end());
    }
    apply_link(objective_.loss, rows, predictions, predictions);
    find_gradients(objective_, labels, output, std::span(predictions).subspan(output * rows, rows), pairs,
                   request_.pool);
  }

  void add_tree(const StreamedTree& grown, std::size_t output) {
    const std::span<double> scores = scores_of(output);
    const std::span<const NodeNumber> leaves = leaves_of(output);
    request_.pool.for_ranges(scores.size(), kAddRows, [&](std::size_t begin, std::size_t end, std::size_t) {
      for (std::size_t row = begin; row < end; ++row) scores[row] += grown.tree.leaves[leaves[row]];
    });
    if (watch_)
      add_scores(grown.tree, watch_->matrix, watch_->rows, watch_->scores_of(output), request_.pool);
    result_.forest.trees.push_back(to_tree(grown.tree, file_->layout(), feature_of_slot_));
    result_.forest.trees.back().covers = covers_of(grown, leaves);
    gains_.add(grown.tree, feature_of_slot_);
  }

  // Weights are added in the order of the rows, as in memory.
  [[nodiscard]] std::vector<float> covers_of(const StreamedTree& grown,
                                             std::span<const NodeNumber> leaves) const {
    std::vector<double> sums(grown.leaf_rows.begin(), grown.leaf_rows.end());
    if (file_->has_weights()) {
      std::ranges::fill(sums, 0.0);
      std::vector<double> weights(file_->tile_rows());
      for (std::size_t tile = 0; tile < file_->tiles(); ++tile) {
        const std::size_t first = tile * file_->tile_rows();
        file_->read_weights(tile, weights);
        for (std::size_t i = 0; i < file_->rows_of(tile); ++i) sums[leaves[first + i]] += weights[i];
      }
    }
    // Each leaf as one row that weighs as much.
    std::vector<std::uint32_t> rows(sums.size());
    std::iota(rows.begin(), rows.end(), 0U);
    std::vector<std::size_t> starts(sums.size() + 1);
    std::iota(starts.begin(), starts.end(), std::size_t{0});
    return find_covers(rows, starts, sums);
  }

  // Remembers the best round. False when `patience` rounds have passed since.
  bool watched_rows_improve() {
    watch_->predict(result_.loss, request_.pool);
    const double loss = mean_loss(objective_, watch_labels_, watch_->predictions, request_.pool);
    const std::size_t round = result_.forest.rounds();
    if (FitCurve::is_told(round)) result_.curve.steps.push_back({.step = round, .watched = loss});
    if (best_round_ == 0 || loss < best_loss_) {
      best_loss_ = loss;
      best_round_ = round;
    }
    return round < best_round_ + static_cast<std::size_t>(settings_.patience);
  }

  const StreamedFit& request_;
  const TreesSettings& settings_;
  std::vector<double> weights_;  // of classes; empty: all 1
  WeighedBlocks source_;
  TreeSampler sampler_;
  TreeConstraints constraints_;
  Labels labels_;  // their kind and classes, without rows
  Labels watch_labels_;
  Objective objective_;
  Boosted result_;
  std::optional<BinnedFile> file_;
  double heaviest_ = 0;
  std::vector<double> scores_;      // [outputs, rows]
  std::vector<NodeNumber> leaves_;  // [outputs, rows]
  std::optional<ScoredRows> watch_;
  std::vector<std::uint32_t> feature_of_slot_;
  TreeGains gains_;
  double best_loss_ = 0;
  std::size_t best_round_ = 0;
};

}  // namespace

std::string needs_memory(const TreesSettings& settings) {
  if (!is_native_loss(trim(settings.loss))) return "loss=" + settings.loss;
  if (settings.boosting != "plain") return "boosting=" + settings.boosting;
  if (settings.max_bins > static_cast<std::int64_t>(kMaxBins))
    return fmt::format("max_bins={}", settings.max_bins);
  if (settings.linear_leaves) return "linear_leaves=true";
  if (settings.sampling != "uniform") return "sampling=" + settings.sampling;
  if (settings.row_sample < 1) return fmt::format("row_sample={}", settings.row_sample);
  if (settings.max_leaves > static_cast<std::int64_t>(StreamedGrower::kMostLeaves))
    return fmt::format("max_leaves={}", settings.max_leaves);
  return {};
}

std::unique_ptr<const Model> fit_streamed(const StreamedFit& request) {
  const auto settings = settings_for(request.settings, request.rows.rows(), request.watch != nullptr);
  if (const std::string needed = needs_memory(settings); !needed.empty())
    throw usage_error({.attempted = "fitting trees out of memory",
                       .expected = "plain boosting on all rows, at most 4,096 leaves and a loss of its own",
                       .found = needed,
                       .remedy = "Leave it out, or give more --memory."});
  if (request.rows.rows() > kMaxTreeRows / 2)
    throw bad_input({.attempted = "fitting trees out of memory",
                     .expected = fmt::format("at most {} rows", format_count(kMaxTreeRows / 2)),
                     .found = format_count(request.rows.rows()),
                     .remedy = "Give fewer rows."});
  return make_trees_model(StreamedBooster(request, settings).run());
}

}  // namespace astrolabe::trees
