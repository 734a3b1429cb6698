// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/learners/trees/tree_shap.h"

#include <algorithm>
#include <array>
#include <numeric>

#include "astrolabe/base/error.h"
#include "astrolabe/learners/trees/gauss_rule.h"

namespace astrolabe::trees {
namespace {

constexpr std::size_t kMostPoints = 128;
constexpr std::size_t kMostLevels = 512;  // recursion is that deep
// A share that weights of very different sizes would make 0: nothing is divided by 0.
constexpr double kLeastShare = 1e-15;
constexpr double kLeastProduct = 1e-200;

// Few sizes, so that loops over points have a fixed length. A rule with more points than needed is exact too.
constexpr std::array<std::size_t, 6> kPointSizes = {4, 8, 16, 32, 64, 128};

std::size_t points_for(std::size_t features) {
  const std::size_t needed = std::max<std::size_t>((features + 1) / 2, 1);
  return *std::ranges::lower_bound(kPointSizes, needed);
}

[[noreturn]] void refuse(std::string expected, std::string found, std::string remedy) {
  throw bad_input({.attempted = "explaining predictions of trees",
                   .expected = std::move(expected),
                   .found = std::move(found),
                   .remedy = std::move(remedy)});
}

double cover_of(std::int32_t child, const Tree& tree, const std::vector<double>& of_nodes) {
  if (child >= 0) return of_nodes[static_cast<std::size_t>(child)];
  const std::int32_t leaf = ~child;
  return tree.covers[static_cast<std::size_t>(leaf)];
}

// The weight that reaches each node; children come after their parents.
std::vector<double> node_covers(const Tree& tree) {
  std::vector<double> covers(tree.nodes.size());
  for (std::size_t at = tree.nodes.size(); at-- > 0;)
    covers[at] = cover_of(tree.nodes[at].left, tree, covers) + cover_of(tree.nodes[at].right, tree, covers);
  return covers;
}

// The most different features on a path from the root to a leaf; refuses a tree that is too deep.
class PathCounter {
 public:
  PathCounter(const Tree& tree, std::size_t width) : tree_(tree), seen_(width, 0) {}

  std::size_t most() {
    if (!tree_.nodes.empty()) visit(0, 0);
    return most_;
  }

 private:
  void visit(std::int32_t child, std::size_t level) {
    if (child < 0) return;
    if (level >= kMostLevels)
      refuse("trees of at most 512 levels", "a deeper one", "Train with a max_depth below that.");
    const Tree::Node& node = tree_.nodes[static_cast<std::size_t>(child)];
    if (seen_[node.feature]++ == 0) most_ = std::max(most_, ++different_);
    visit(node.left, level + 1);
    visit(node.right, level + 1);
    if (--seen_[node.feature] == 0) --different_;
  }

  const Tree& tree_;
  std::vector<std::uint32_t> seen_;
  std::size_t different_ = 0, most_ = 0;
};

// What is known of a feature where a walk stands: 1 and 1 where no node on the way asked for it.
struct Known {
  double own = 1;    // 1 if the row itself goes this way at every node that asks for the feature, else 0
  double share = 1;  // of the rows that do
};

// Which of a leaf's values.
struct LeafValue {
  std::size_t stride = 1, at = 0;
};

// One row in one tree, with a rule of kPoints points.
template <std::size_t kPoints>
class Walk {
 public:
  using Points = std::array<double, kPoints>;

  Walk(const Tree& tree, LeafValue leaf_value, const std::vector<double>& left_shares, const float* row,
       std::vector<Known>& known, std::vector<std::uint32_t>& on_path)
      : tree_(tree),
        leaf_value_(leaf_value),
        left_shares_(left_shares),
        row_(row),
        known_(known),
        on_path_(on_path),
        rule_(rule()) {}

  void contributions(double* values) {
    values_ = values;
    Points product;
    product.fill(1);
    (void)visit(tree_.nodes.empty() ? ~0 : 0, product);
  }

  // values [width, width]: pairs only, both cells of each.
  void pairs(std::size_t width, double* values) {
    values_ = values;
    width_ = width;
    Points product;
    product.fill(1);
    visit_pairs(tree_.nodes.empty() ? ~0 : 0, product);
  }

 private:
  struct Rule {
    Points points{}, rest{}, weights{};
    Rule() {
      const GaussRule rule = gauss_rule(kPoints);
      std::ranges::copy(rule.points, points.begin());
      std::ranges::copy(rule.weights, weights.begin());
      for (std::size_t i = 0; i < kPoints; ++i) rest[i] = 1 - points[i];
    }
  };
  static const Rule& rule() {
    static const Rule kRule;
    return kRule;
  }

  // (o - z) / f: what knowing the feature does to a leaf below, over the leaf's product.
  void find_effect(const Known& known, Points& effect) const {
    for (std::size_t i = 0; i < kPoints; ++i)
      effect[i] = (known.own - known.share) / (known.own * rule_.points[i] + known.share * rule_.rest[i]);
  }

  // The product of a path where one feature's part of it changes.
  void replace(const Known& before, const Known& after, const Points& product, Points& changed) const {
    for (std::size_t i = 0; i < kPoints; ++i)
      changed[i] = product[i] * (after.own * rule_.points[i] + after.share * rule_.rest[i]) /
                   (before.own * rule_.points[i] + before.share * rule_.rest[i]);
  }

  Known after(std::size_t at, bool left, bool goes, const Known& before) const {
    const double share = left ? left_shares_[at] : 1 - left_shares_[at];
    return {.own = left == goes ? before.own : 0, .share = std::max(before.share * share, kLeastProduct)};
  }

  double leaf_value(std::int32_t child) const {
    const std::int32_t leaf = ~child;
    return tree_.leaves[static_cast<std::size_t>(leaf) * leaf_value_.stride + leaf_value_.at];
  }

  std::span<const LinearTerm> terms_of(std::int32_t child) const {
    const std::int32_t leaf = ~child;
    return tree_.linear.of(static_cast<std::size_t>(leaf));
  }

  // A slope counts where its column is known, which is with probability t: of f = o t + (1 - t) z, its leaf's
  // product then has o t d. Adds that to `sum`; for other features it is as a leaf's value. Returns what the
  // term's own feature has beside its effect on `sum`: d o / f without the effect's d o t / f (o - z) / f.
  Points add_term(const LinearTerm& term, const Points& product, Points& sum) const {
    Points own{};
    const Known& known = known_[term.feature];
    const double moved = term.value(row_[term.feature]);
    if (known.own == 0 || moved == 0) return own;
    for (std::size_t i = 0; i < kPoints; ++i) {
      const double factor = rule_.points[i] + known.share * rule_.rest[i];
      const double part = moved * product[i] / factor;
      sum[i] += part * rule_.points[i];
      own[i] = part * known.share / factor;
    }
    return own;
  }

  // Returns the sum of the leaves below, each times its product.
  Points visit(std::int32_t child, const Points& product) {
    Points sum;
    if (child < 0) {
      for (std::size_t i = 0; i < kPoints; ++i) sum[i] = leaf_value(child) * product[i];
      for (const LinearTerm& term : terms_of(child)) {
        const Points own = add_term(term, product, sum);
        values_[term.feature] += std::inner_product(own.begin(), own.end(), rule_.weights.begin(), 0.0);
      }
      return sum;
    }
    const auto at = static_cast<std::size_t>(child);
    const Tree::Node& node = tree_.nodes[at];
    const bool goes = goes_left(node, tree_.sets.data(), row_[node.feature]);
    const Known before = known_[node.feature];
    Points effect_before, effect, changed;
    find_effect(before, effect_before);
    sum.fill(0);
    double value = 0;
    for (const bool left : {true, false}) {
      const Known now = after(at, left, goes, before);
      replace(before, now, product, changed);
      known_[node.feature] = now;
      const Points below = visit(left ? node.left : node.right, changed);
      // What was counted for this feature further up is of the same leaves: only the change is new.
      find_effect(now, effect);
      for (std::size_t i = 0; i < kPoints; ++i) {
        value += rule_.weights[i] * below[i] * (effect[i] - effect_before[i]);
        sum[i] += below[i];
      }
    }
    known_[node.feature] = before;
    values_[node.feature] += value;
    return sum;
  }

  void visit_pairs(std::int32_t child, const Points& product) {
    if (child < 0) {
      add_pairs(child, product);
      return;
    }
    const auto at = static_cast<std::size_t>(child);
    const Tree::Node& node = tree_.nodes[at];
    const bool goes = goes_left(node, tree_.sets.data(), row_[node.feature]);
    const Known before = known_[node.feature];
    const bool is_new = std::ranges::find(on_path_, node.feature) == on_path_.end();
    if (is_new) on_path_.push_back(node.feature);
    for (const bool left : {true, false}) {
      const Known now = after(at, left, goes, before);
      Points changed;
      replace(before, now, product, changed);
      known_[node.feature] = now;
      visit_pairs(left ? node.left : node.right, changed);
    }
    known_[node.feature] = before;
    if (is_new) on_path_.pop_back();
  }

  void add_pairs(std::int32_t child, const Points& product) {
    Points sum;
    for (std::size_t i = 0; i < kPoints; ++i) sum[i] = leaf_value(child) * product[i];
    std::vector<Points> own(terms_of(child).empty() ? 0 : on_path_.size(), Points{});  // as add_term says
    for (const LinearTerm& term : terms_of(child)) {
      const auto at = std::ranges::find(on_path_, term.feature) - on_path_.begin();
      const Points added = add_term(term, product, sum);
      if (static_cast<std::size_t>(at) < own.size()) own[static_cast<std::size_t>(at)] = added;
    }
    for (std::size_t a = 1; a < on_path_.size(); ++a) {
      Points effect_a;
      find_effect(known_[on_path_[a]], effect_a);
      for (std::size_t b = 0; b < a; ++b) {
        Points effect_b;
        find_effect(known_[on_path_[b]], effect_b);
        double value = 0;
        for (std::size_t i = 0; i < kPoints; ++i)
          value += 0.5 * rule_.weights[i] * sum[i] * effect_a[i] * effect_b[i];
        if (!own.empty())
          for (std::size_t i = 0; i < kPoints; ++i)
            value += 0.5 * rule_.weights[i] * (own[a][i] * effect_b[i] + own[b][i] * effect_a[i]);
        values_[on_path_[a] * width_ + on_path_[b]] += value;
        values_[on_path_[b] * width_ + on_path_[a]] += value;
      }
    }
  }

  const Tree& tree_;
  LeafValue leaf_value_;
  const std::vector<double>& left_shares_;
  const float* row_;
  std::vector<Known>& known_;            // by feature; as it was again after each visit
  std::vector<std::uint32_t>& on_path_;  // different features between the root and here
  const Rule& rule_;
  double* values_ = nullptr;
  std::size_t width_ = 0;
};

// Calls use(std::integral_constant) with the number of points as a constant.
template <class Use>
void with_points(std::size_t points, const Use& use) {
  switch (points) {
    case 4:
      return use(std::integral_constant<std::size_t, 4>());
    case 8:
      return use(std::integral_constant<std::size_t, 8>());
    case 16:
      return use(std::integral_constant<std::size_t, 16>());
    case 32:
      return use(std::integral_constant<std::size_t, 32>());
    case 64:
      return use(std::integral_constant<std::size_t, 64>());
    default:
      return use(std::integral_constant<std::size_t, kMostPoints>());
  }
}

}  // namespace

bool TreeShap::suits(const Forest& forest) {
  try {
    const TreeShap shap(forest);
  } catch (const Error&) {
    return false;
  }
  return true;
}

TreeShap::TreeShap(const Forest& forest) : forest_(forest), expected_(forest.initial) {
  for (std::size_t i = 0; i < forest.trees.size(); ++i) {
    const Tree& tree = forest.trees[i];
    if (tree.covers.size() != tree.nodes.size() + 1)
      refuse("a model that knows how many rows each leaf was grown on", "one from before Astrolabe kept that",
             "Train the model again.");
    const std::size_t features = PathCounter(tree, width()).most();
    if (features > 2 * kMostPoints)
      refuse("at most 256 features on the way to a leaf", std::to_string(features),
             "Train with a max_depth of at most 256.");
    const std::vector<double> covers = node_covers(tree);
    LaidTree laid;
    laid.points = points_for(features);
    for (std::size_t at = 0; at < tree.nodes.size(); ++at)
      laid.left_shares.push_back(
          std::clamp(cover_of(tree.nodes[at].left, tree, covers) / covers[at], kLeastShare, 1 - kLeastShare));
    trees_.push_back(std::move(laid));
    const std::size_t values = forest.leaf_values;
    for (std::size_t value = 0; value < values; ++value) {
      double sum = 0, all = 0;
      for (std::size_t leaf = 0; leaf < tree.covers.size(); ++leaf) {
        sum += tree.leaves[leaf * values + value] * tree.covers[leaf];
        all += tree.covers[leaf];
      }
      expected_[(i * values + value) % forest.outputs] += sum / all;
    }
  }
}

template <class Visit>
void TreeShap::walk_all(const float* row, Visit visit) const {
  std::vector<Known> known(width());
  std::vector<std::uint32_t> on_path;
  const std::size_t stride = forest_.leaf_values;
  for (std::size_t i = 0; i < trees_.size() * stride; ++i)
    with_points(trees_[i / stride].points, [&](auto points) {
      visit(Walk<points()>(forest_.trees[i / stride], {stride, i % stride}, trees_[i / stride].left_shares,
                           row, known, on_path),
            i % outputs());
    });
}

void TreeShap::add_contributions(const float* row, std::span<double> values) const {
  ASTROLABE_CHECK(values.size() == outputs() * width(), "a value for each output and feature");
  walk_all(row,
           [&](auto&& walk, std::size_t output) { walk.contributions(values.data() + output * width()); });
}

void TreeShap::add_interactions(const float* row, std::span<double> values) const {
  const std::size_t cells = width() * width();
  ASTROLABE_CHECK(values.size() == outputs() * cells, "a value for each output and pair of features");
  std::vector<double> pairs(values.size(), 0.0);
  std::vector<double> alone(outputs() * width(), 0.0);
  add_contributions(row, alone);
  walk_all(row, [&](auto&& walk, std::size_t output) { walk.pairs(width(), pairs.data() + output * cells); });
  // What a feature does alone is what its pairs leave of its contribution.
  for (std::size_t a = 0; a < outputs() * width(); ++a) {
    double* const of_a = pairs.data() + a * width();
    of_a[a % width()] = alone[a] - std::accumulate(of_a, of_a + width(), 0.0);
  }
  for (std::size_t i = 0; i < values.size(); ++i) values[i] += pairs[i];
}

}  // namespace astrolabe::trees
