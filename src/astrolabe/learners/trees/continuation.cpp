// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/learners/trees/continuation.h"

#include <algorithm>
#include <limits>
#include <utility>

#include <fmt/format.h>

#include "astrolabe/base/error.h"
#include "astrolabe/learners/trees/trees_model.h"

namespace astrolabe::trees {
namespace {

constexpr std::size_t kBlockRows = 1024;

Error refusal(std::string expected, std::string found, std::string remedy) {
  return usage_error({.attempted = "continuing to fit trees from a model",
                      .expected = std::move(expected),
                      .found = std::move(found),
                      .remedy = std::move(remedy)});
}

const Boosted& trees_of(const Model& model) {
  if (const Boosted* boosted = find_boosted(model)) return *boosted;
  throw refusal("a model of trees", "one of another family", "Start from a model of the same learner.");
}

std::string_view link_name(Loss loss) {
  switch (loss) {
    case Loss::squared:
      return "a loss of plain numbers";
    case Loss::logistic:
      return "a loss of two classes";
    case Loss::softmax:
      return "a loss of several classes";
    case Loss::poisson:
    case Loss::gamma:
    case Loss::tweedie:
      break;
  }
  return "a loss of logarithms";
}

void require_same_schema(const Boosted& start, const FitRequest& request, Loss link) {
  constexpr std::string_view kRemedy = "Start from a model that was fitted on the same columns.";
  const std::size_t features = request.train.features.features();
  if (start.gains.size() != features)
    throw refusal(fmt::format("a model of {} features", features), fmt::format("{}", start.gains.size()),
                  std::string(kRemedy));
  const std::size_t outputs = request.train.labels.outputs();
  if (start.forest.outputs != outputs)
    throw refusal(fmt::format("a model of {} outputs", outputs), fmt::format("{}", start.forest.outputs),
                  "Start from a model of the same task.");
  if (link_name(start.loss) != link_name(link))
    throw refusal(std::string(link_name(link)), std::string(link_name(start.loss)),
                  "Continue with the loss of the model.");
  for (const Tree& tree : start.forest.trees) {
    for (const Tree::Node& node : tree.nodes) {
      const Feature& feature = (*request.train.features.info)[start.forest.features[node.feature]];
      const bool is_category = feature.kind == FeatureKind::categorical;
      if (is_category == (node.set_words > 0)) continue;
      throw refusal(fmt::format("{} to be {}", feature.name, is_category ? "a category" : "a number"),
                    is_category ? "a number" : "a category", std::string(kRemedy));
    }
  }
}

// The least and the largest leaf below a child.
struct Range {
  double low = std::numeric_limits<double>::infinity();
  double high = -std::numeric_limits<double>::infinity();
};

// Every split along a monotone feature has all leaves of one side on one side: what a constrained fit grows.
bool is_monotone(const Tree& tree, std::span<const std::uint32_t> features, const TreeConstraints& rules) {
  std::vector<Range> below(tree.nodes.size());
  const auto range_of = [&](std::int32_t child) {
    if (child >= 0) return below[static_cast<std::size_t>(child)];
    const std::int32_t index = ~child;
    const double leaf = tree.leaves[static_cast<std::size_t>(index)];
    return Range{leaf, leaf};
  };
  for (std::size_t at = tree.nodes.size(); at-- > 0;) {  // children stand behind their parents
    const Tree::Node& node = tree.nodes[at];
    const Range left = range_of(node.left), right = range_of(node.right);
    const int direction = rules.direction(features[node.feature]);
    if ((direction > 0 && left.high > right.low) || (direction < 0 && left.low < right.high)) return false;
    below[at] = {std::min(left.low, right.low), std::max(left.high, right.high)};
  }
  return true;
}

bool keeps_groups(const Tree& tree, std::span<const std::uint32_t> features, const TreeConstraints& rules) {
  std::vector<TreeConstraints::Groups> groups(tree.nodes.size());
  if (!tree.nodes.empty()) groups[0] = rules.all_groups();
  for (std::size_t at = 0; at < tree.nodes.size(); ++at) {
    const Tree::Node& node = tree.nodes[at];
    const TreeConstraints::Groups left = rules.narrowed(groups[at], features[node.feature]);
    if (left.empty()) return false;
    for (const std::int32_t child : {node.left, node.right})
      if (child >= 0) groups[static_cast<std::size_t>(child)] = left;
  }
  return true;
}

void require_kept(const Boosted& start, const TreeConstraints& rules) {
  for (const Tree& tree : start.forest.trees) {
    const std::span<const std::uint32_t> features = start.forest.features;
    if ((!rules.has_monotone() || (tree.linear.empty() && is_monotone(tree, features, rules))) &&
        (!rules.has_interactions() || keeps_groups(tree, features, rules)))
      continue;
    throw refusal("a model that keeps the constraints of this fit", "one with a tree that breaks them",
                  "Start from a model that was fitted under them, or from nothing.");
  }
}

}  // namespace

Continuation::Continuation(const FitRequest& request, Loss link, const TreeConstraints& constraints)
    : start_(trees_of(*request.start)) {
  require_same_schema(start_, request, link);
  require_kept(start_, constraints);
}

std::vector<double> Continuation::scores(const FeatureMatrix& features, ThreadPool& pool) const {
  const std::size_t outputs = start_.forest.outputs;
  std::vector<double> scores(outputs * features.rows);
  pool.for_ranges(features.rows, kBlockRows, [&](std::size_t begin, std::size_t end, std::size_t) {
    const std::size_t count = end - begin;
    std::vector<double> block(outputs * count);
    start_.forest.score(features, begin, end, block);
    for (std::size_t output = 0; output < outputs; ++output)
      std::copy_n(block.data() + output * count, count, scores.data() + output * features.rows + begin);
  });
  return scores;
}

void Continuation::prepend(Boosted& boosted) const {
  std::vector<Tree> trees = start_.forest.trees;
  for (Tree& tree : trees) {
    for (Tree::Node& node : tree.nodes) node.feature = start_.forest.features[node.feature];
    for (LinearTerm& term : tree.linear.terms) term.feature = start_.forest.features[term.feature];
  }
  boosted.rounds_before = start_.forest.rounds();
  std::ranges::move(boosted.forest.trees, std::back_inserter(trees));
  boosted.forest.trees = std::move(trees);
  for (std::size_t feature = 0; feature < boosted.gains.size(); ++feature)
    boosted.gains[feature] += start_.gains[feature];
}

}  // namespace astrolabe::trees
