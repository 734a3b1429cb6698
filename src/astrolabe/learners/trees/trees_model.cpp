// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/learners/trees/trees_model.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <mutex>
#include <numeric>

#include <fmt/format.h>

#include "astrolabe/base/error.h"
#include "astrolabe/base/text.h"
#include "astrolabe/learners/trees/feature_cell.h"
#include "astrolabe/learners/trees/forest_file.h"
#include "astrolabe/learners/trees/plane_forest.h"
#include "astrolabe/learners/trees/row_walk.h"
#include "astrolabe/learners/trees/tree_shap.h"
#include "astrolabe/model/explained_model.h"
#include "astrolabe/model/tree_view.h"
#include "astrolabe/parts/catalog.h"

namespace astrolabe::trees {
namespace {

// Written are the last two.
constexpr std::uint8_t kNativeFormat = 1;
[[maybe_unused]] constexpr std::uint8_t kExpressionFormat = 2;  // the text of the loss follows the head
constexpr std::uint8_t kCoverFormat = 3;       // so does it here, perhaps empty, and trees have covers
constexpr std::uint8_t kMeanFormat = 4;        // a forest, whose leaves have a value for each output
constexpr std::uint8_t kLinearFormat = 5;      // as 3, and leaves of trees may have slopes
constexpr std::uint8_t kPackedFormat = 6;      // as 5, and trees are packed (forest_file.h)
constexpr std::uint8_t kPackedMeanFormat = 7;  // as 4, likewise
constexpr std::string_view kVersion = "the version of a trees model";
constexpr std::size_t kFewFeatures = 1024;    // of a row on the stack
constexpr std::size_t kExplainedRows = 16;    // by one thread at a time
constexpr std::size_t kManyRows = 1024;       // laying planes pays from here on
constexpr std::size_t kSomeRows = 64;         // and blocks of deep trees from here
constexpr std::size_t kBlockFloats = 65'536;  // of gathered rows: they stay in the second-level cache

class TreesModel : public Model, public ExplainedModel, public RecordedFit, public TreesToView {
 public:
  explicit TreesModel(Boosted boosted) : fitted_(std::move(boosted)) {}

  [[nodiscard]] const Boosted& fitted() const { return fitted_; }

  // Many rows as planes where the trees suit that; else one by one, without allocating; wide ones in blocks.
  // The ways differ in nothing but time.
  void predict(const FeatureMatrix& features, std::span<double> out) const override {
    const Forest& forest = fitted_.forest;
    ASTROLABE_CHECK(
        features.features() == fitted_.gains.size() && out.size() == features.rows * forest.outputs,
        "the features that the model was trained on");
    if (!fitted_.is_mean && features.rows >= kManyRows && PlaneForest::suits(forest)) {
      std::call_once(planes_once_, [&] { planes_ = std::make_unique<const PlaneForest>(forest); });
      predict_planes(features, out);
      return;
    }
    // Deep trees outgrow the caches: a block of rows goes down one of them before the next.
    const bool in_blocks = fitted_.is_mean && features.rows >= kSomeRows;
    if (forest.features.size() <= kFewFeatures && !in_blocks) {
      for (std::size_t row = 0; row < features.rows; ++row)
        predict_row(features, row, out.subspan(row * forest.outputs, forest.outputs));
      return;
    }
    const std::size_t width = std::max<std::size_t>(forest.features.size(), 1);
    const std::size_t block = std::clamp<std::size_t>(kBlockFloats / width, 16, 1024);
    std::vector<double> scores;
    for (std::size_t begin = 0; begin < features.rows; begin += block) {
      const std::size_t end = std::min(begin + block, features.rows);
      scores.resize(forest.outputs * (end - begin));
      forest.score(features, begin, end, scores);
      write_predictions(scores, end - begin, begin, end, out);
    }
  }

  [[nodiscard]] std::size_t outputs() const override { return fitted_.forest.outputs; }

  [[nodiscard]] std::vector<double> importance() const override {
    std::vector<double> share = fitted_.gains;
    const double total = std::accumulate(share.begin(), share.end(), 0.0);
    for (double& gain : share) gain = total > 0 ? gain / total : 0;
    return share;
  }

  [[nodiscard]] SettingValues settings_found() const override {
    if (fitted_.is_mean) return {};
    // 0 would mean "find out"; a model without trees has no feature that one round could split on either.
    const std::size_t rounds = fitted_.forest.rounds() - fitted_.rounds_before;
    SettingValues found = {{"rounds", static_cast<std::int64_t>(std::max<std::size_t>(rounds, 1))}};
    if (fitted_.hurried_rate > 0) found["learning_rate"] = fitted_.hurried_rate;
    return found;
  }

  [[nodiscard]] std::string summary() const override {
    std::size_t leaves = 0;
    for (const Tree& tree : fitted_.forest.trees) leaves += tree.nodes.size() + 1;
    const std::size_t trees = fitted_.forest.trees.size();
    if (trees == 0) return "no trees: the best constant";
    return fmt::format("{} trees of {}{} leaves on average", format_count(trees),
                       (leaves + trees / 2) / trees, fitted_.forest.has_linear() ? " linear" : "");
  }

  [[nodiscard]] const FitCurve& curve() const override { return fitted_.curve; }

  [[nodiscard]] bool can_explain() const override { return TreeShap::suits(fitted_.forest); }

  [[nodiscard]] bool explains_prediction() const override {
    return fitted_.is_mean || fitted_.loss == Loss::squared;
  }

  [[nodiscard]] std::vector<double> expected_scores() const override {
    return TreeShap(fitted_.forest).expected();
  }

  void explain(const FeatureMatrix& features, std::span<double> out, ThreadPool& pool) const override {
    const Forest& forest = fitted_.forest;
    const std::size_t width = forest.features.size();
    ASTROLABE_CHECK(features.features() == fitted_.gains.size() &&
                        out.size() == features.rows * forest.outputs * features.features(),
                    "the features that the model was trained on");
    const TreeShap shap(forest);
    std::ranges::fill(out, 0.0);
    pool.for_ranges(features.rows, kExplainedRows, [&](std::size_t begin, std::size_t end, std::size_t) {
      std::vector<float> cells(width);
      std::vector<double> moved(forest.outputs * width);
      for (std::size_t row = begin; row < end; ++row) {
        for (std::size_t i = 0; i < width; ++i) cells[i] = cell_of(features.columns[forest.features[i]], row);
        std::ranges::fill(moved, 0.0);
        shap.add_contributions(cells.data(), moved);
        for (std::size_t output = 0; output < forest.outputs; ++output)
          for (std::size_t i = 0; i < width; ++i)
            out[(row * forest.outputs + output) * features.features() + forest.features[i]] =
                moved[output * width + i];
      }
    });
  }

  [[nodiscard]] std::size_t trees() const override {
    return fitted_.forest.trees.size() * fitted_.forest.leaf_values;
  }

  [[nodiscard]] TreeView view_tree(std::size_t index) const override {
    const std::size_t values = fitted_.forest.leaf_values;
    const Tree& tree = fitted_.forest.trees.at(index / values);
    TreeView view;
    for (std::size_t at = index % values; at < tree.leaves.size(); at += values)
      view.leaves.push_back(tree.leaves[at]);
    view.covers.assign(tree.covers.begin(), tree.covers.end());
    view.slopes.resize(tree.linear.empty() ? 0 : view.leaves.size());
    for (std::size_t leaf = 0; leaf < view.slopes.size(); ++leaf)
      for (const LinearTerm& term : tree.linear.of(leaf))
        view.slopes[leaf].push_back({.feature = fitted_.forest.features[term.feature],
                                     .centre = term.centre,
                                     .slope = term.slope,
                                     .low = term.low,
                                     .high = term.high});
    view.output = index % fitted_.forest.outputs;
    view.is_share = fitted_.is_mean && fitted_.loss != Loss::squared;
    for (const Tree::Node& node : tree.nodes) {
      const auto set = std::span(tree.sets).subspan(node.set_begin, node.set_words);
      view.nodes.push_back({.feature = fitted_.forest.features[node.feature],
                            .is_categorical = node.set_words > 0,
                            .threshold = node.threshold,
                            .set = {set.begin(), set.end()},
                            .missing_left = node.missing_left,
                            .left = node.left,
                            .right = node.right});
    }
    return view;
  }

  [[nodiscard]] bool was_cut_short() const override { return fitted_.cut_short; }

  void save(ArchiveWriter& archive) const override {
    const Forest& forest = fitted_.forest;
    archive.put(fitted_.is_mean ? kPackedMeanFormat : kPackedFormat);
    archive.put(static_cast<std::uint8_t>(fitted_.loss));
    archive.put<std::uint8_t>(fitted_.cut_short ? 1 : 0);
    archive.put_text(fitted_.expression);
    archive.put_array<double>(forest.initial);
    archive.put_array<std::uint32_t>(forest.features);
    archive.put_array<double>(fitted_.gains);
    save_trees(archive, forest);
  }

 private:
  void predict_row(const FeatureMatrix& features, std::size_t row, std::span<double> out) const {
    const Forest& forest = fitted_.forest;
    std::array<float, kFewFeatures> cells;
    for (std::size_t i = 0; i < forest.features.size(); ++i)
      cells[i] = cell_of(features.columns[forest.features[i]], row);
    std::ranges::copy(forest.initial, out.begin());
    add_row(forest.trees, forest.outputs, cells.data(), out.data(), forest.leaf_values);
    to_predictions(1, out);
  }

  void predict_planes(const FeatureMatrix& features, std::span<double> out) const {
    PlaneForest::Workplace place(*planes_);
    for (std::size_t begin = 0; begin < features.rows; begin += kPlaneRows) {
      const std::size_t end = std::min(begin + kPlaneRows, features.rows);
      planes_->score(features, begin, end, place);
      write_predictions(place.scores, kPlaneRows, begin, end, out);
    }
  }

  // scores: [outputs, stride].
  void to_predictions(std::size_t stride, std::span<double> scores) const {
    if (!fitted_.is_mean) {
      apply_link(fitted_.loss, stride, scores, scores);
    } else if (fitted_.loss != Loss::squared) {
      // A mean of shares is one, up to rounding.
      for (double& score : scores) score = std::clamp(score, 0.0, 1.0);
    }
  }

  // scores: [outputs, stride], of the rows begin .. end-1; they are overwritten.
  void write_predictions(std::span<double> scores, std::size_t stride, std::size_t begin, std::size_t end,
                         std::span<double> out) const {
    const std::size_t outputs = fitted_.forest.outputs;
    to_predictions(stride, scores);
    for (std::size_t output = 0; output < outputs; ++output)
      for (std::size_t row = begin; row < end; ++row)
        out[row * outputs + output] = scores[output * stride + row - begin];
  }

  Boosted fitted_;
  mutable std::once_flag planes_once_;
  mutable std::unique_ptr<const PlaneForest> planes_;  // made when it is first worth it
};

// A text that is a loss, and scores that have the link of one.
std::string load_expression(ArchiveReader& archive, std::uint8_t format, Loss link) {
  std::string text = archive.get_text(kMaxExpressionText);
  if (text.empty() && format >= kCoverFormat) return text;
  if (text.empty() || link > Loss::softmax) ArchiveReader::damaged("the loss of a trees model");
  try {
    static_cast<void>(resolve_part(Vocabulary::loss, text));
  } catch (const Error&) {
    ArchiveReader::damaged("the loss of a trees model");
  }
  return text;
}

}  // namespace

std::unique_ptr<const Model> make_trees_model(Boosted boosted) {
  return std::make_unique<TreesModel>(std::move(boosted));
}

const Boosted* find_boosted(const Model& model) {
  const auto* trees = dynamic_cast<const TreesModel*>(&model);
  return trees == nullptr || trees->fitted().is_mean ? nullptr : &trees->fitted();
}

namespace {

bool is_known(std::uint8_t format, bool is_mean) {
  if (is_mean) return format == kMeanFormat || format == kPackedMeanFormat;
  return format <= kPackedFormat && format != kMeanFormat;
}

// Of the formats before trees were packed.
std::vector<Tree> load_plain_trees(ArchiveReader& archive, std::uint8_t format, const Forest& forest) {
  constexpr std::size_t kLeastTreeBytes = 4 + 8 + 8 + 8;
  const std::size_t count = archive.get_count(kMaxTrees, kLeastTreeBytes, "the number of trees");
  const Tree::Format of_tree = {.has_covers = format >= kCoverFormat,
                                .has_linear = format == kLinearFormat,
                                .values = forest.leaf_values};
  std::vector<Tree> trees;
  for (std::size_t i = 0; i < count; ++i)
    trees.push_back(Tree::load(archive, forest.features.size(), of_tree));
  return trees;
}

}  // namespace

std::unique_ptr<const Model> load_trees_model(ArchiveReader& archive, std::size_t features,
                                              std::size_t outputs, bool is_mean) {
  Boosted read;
  const auto format = archive.get_between<std::uint8_t>(kNativeFormat, kPackedMeanFormat, kVersion);
  if (!is_known(format, is_mean)) ArchiveReader::damaged(kVersion);
  read.is_mean = is_mean;
  read.loss = static_cast<Loss>(archive.get_between<std::uint8_t>(0, kLosses - 1, "a loss"));
  read.cut_short = archive.get_between<std::uint8_t>(0, 1, "a flag of a trees model") == 1;
  if (format != kNativeFormat) read.expression = load_expression(archive, format, read.loss);
  Forest& forest = read.forest;
  forest.outputs = outputs;
  forest.leaf_values = is_mean ? outputs : 1;
  forest.initial = archive.get_array<double>(outputs);
  const bool is_softmax = read.loss == Loss::softmax;
  if (outputs == 0 || forest.initial.size() != outputs || (outputs > 1 && !is_softmax))
    ArchiveReader::damaged("the outputs of a trees model");
  forest.features = archive.get_array<std::uint32_t>(features);
  const bool ascending =
      std::ranges::adjacent_find(forest.features, std::ranges::greater_equal{}) == forest.features.end();
  if (!ascending || (!forest.features.empty() && forest.features.back() >= features))
    ArchiveReader::damaged("the features of a trees model");
  read.gains = archive.get_array<double>(features);
  const auto is_number = [](double value) { return std::isfinite(value); };
  if (read.gains.size() != features ||
      !std::ranges::all_of(read.gains, [](double g) { return g >= 0 && std::isfinite(g); }) ||
      !std::ranges::all_of(forest.initial, is_number))
    ArchiveReader::damaged("the numbers of a trees model");
  forest.trees = format >= kPackedFormat ? load_trees(archive, forest.features.size(), forest.leaf_values)
                                         : load_plain_trees(archive, format, forest);
  if (forest.trees.size() * forest.leaf_values % outputs != 0 || (is_mean && forest.has_linear()))
    ArchiveReader::damaged("the trees of a trees model");
  return make_trees_model(std::move(read));
}

}  // namespace astrolabe::trees
