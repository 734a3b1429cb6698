// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/learners/trees/trees_model.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include <fmt/format.h>

#include "astrolabe/base/error.h"
#include "astrolabe/base/text.h"
#include "astrolabe/parts/catalog.h"

namespace astrolabe::trees {
namespace {

constexpr std::uint8_t kNativeFormat = 1;
constexpr std::uint8_t kExpressionFormat = 2;  // the text of the loss follows the head
constexpr std::size_t kMaxTrees = 10'000'000;
constexpr std::size_t kBlockFloats = 65'536;  // of gathered rows: they stay in the second-level cache

class TreesModel : public Model {
 public:
  explicit TreesModel(Boosted boosted) : fitted_(std::move(boosted)) {}

  void predict(const FeatureMatrix& features, std::span<double> out) const override {
    const std::size_t outputs = fitted_.forest.outputs;
    ASTROLABE_CHECK(features.features() == fitted_.gains.size() && out.size() == features.rows * outputs,
                    "the features that the model was trained on");
    const std::size_t width = std::max<std::size_t>(fitted_.forest.features.size(), 1);
    const std::size_t block = std::clamp<std::size_t>(kBlockFloats / width, 16, 1024);
    std::vector<double> scores;
    for (std::size_t begin = 0; begin < features.rows; begin += block) {
      const std::size_t count = std::min(block, features.rows - begin);
      scores.resize(outputs * count);
      fitted_.forest.score(features, begin, begin + count, scores);
      apply_link(fitted_.loss, count, scores, scores);
      for (std::size_t output = 0; output < outputs; ++output)
        for (std::size_t i = 0; i < count; ++i)
          out[(begin + i) * outputs + output] = scores[output * count + i];
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
    // 0 would mean "find out"; a model without trees has no feature that one round could split on either.
    return {{"rounds", static_cast<std::int64_t>(std::max<std::size_t>(fitted_.forest.rounds(), 1))}};
  }

  [[nodiscard]] std::string summary() const override {
    std::size_t leaves = 0;
    for (const Tree& tree : fitted_.forest.trees) leaves += tree.leaves.size();
    const std::size_t trees = fitted_.forest.trees.size();
    if (trees == 0) return "no trees: the best constant";
    return fmt::format("{} trees of {} leaves on average", format_count(trees), (leaves + trees / 2) / trees);
  }

  [[nodiscard]] bool was_cut_short() const override { return fitted_.cut_short; }

  void save(ArchiveWriter& archive) const override {
    const Forest& forest = fitted_.forest;
    archive.put(fitted_.expression.empty() ? kNativeFormat : kExpressionFormat);
    archive.put(static_cast<std::uint8_t>(fitted_.loss));
    archive.put<std::uint8_t>(fitted_.cut_short ? 1 : 0);
    if (!fitted_.expression.empty()) archive.put_text(fitted_.expression);
    archive.put_array<double>(forest.initial);
    archive.put_array<std::uint32_t>(forest.features);
    archive.put_array<double>(fitted_.gains);
    archive.put<std::uint64_t>(forest.trees.size());
    for (const Tree& tree : forest.trees) tree.save(archive);
  }

 private:
  Boosted fitted_;
};

// A text that is a loss, and scores that have the link of one.
std::string load_expression(ArchiveReader& archive, Loss link) {
  std::string text = archive.get_text(kMaxExpressionText);
  if (text.empty() || link == Loss::poisson) ArchiveReader::damaged("the loss of a trees model");
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

std::unique_ptr<const Model> load_trees_model(ArchiveReader& archive, std::size_t features,
                                              std::size_t outputs) {
  constexpr std::size_t kLeastTreeBytes = 4 + 8 + 8 + 8;
  Boosted read;
  const auto format =
      archive.get_between<std::uint8_t>(kNativeFormat, kExpressionFormat, "the version of a trees model");
  read.loss = static_cast<Loss>(archive.get_between<std::uint8_t>(0, kLosses - 1, "a loss"));
  read.cut_short = archive.get_between<std::uint8_t>(0, 1, "a flag of a trees model") == 1;
  if (format == kExpressionFormat) read.expression = load_expression(archive, read.loss);
  Forest& forest = read.forest;
  forest.outputs = outputs;
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
  const std::size_t trees = archive.get_count(kMaxTrees, kLeastTreeBytes, "the number of trees");
  if (trees % outputs != 0) ArchiveReader::damaged("the number of trees");
  for (std::size_t i = 0; i < trees; ++i) forest.trees.push_back(Tree::load(archive, forest.features.size()));
  return make_trees_model(std::move(read));
}

}  // namespace astrolabe::trees
