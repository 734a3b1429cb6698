// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/learners/trees/linear_fit.h"

#include <array>
#include <cmath>
#include <limits>

#include "astrolabe/learners/trees/feature_cell.h"

namespace astrolabe::trees {
namespace {

constexpr double kLeastSpread = 1e-6;  // deviation of a column over its size: less is rounding
constexpr double kLeastRidge = 1e-9;   // of the hessians: l2 may be 0, columns may repeat one another

using Numbers = std::array<double, kMostTerms>;
using Square = std::array<Numbers, kMostTerms>;  // the lower half counts

// [leaves] The features of numbers between the root and each leaf, the nearest ones.
std::vector<std::vector<std::uint32_t>> path_features(const BinTree& tree, const BinnedMatrix& matrix) {
  std::vector<std::vector<std::uint32_t>> of_nodes(tree.nodes.size()), of_leaves(tree.leaves.size());
  for (std::size_t at = 0; at < tree.nodes.size(); ++at) {  // children stand behind their parents
    const BinTree::Node& node = tree.nodes[at];
    std::vector<std::uint32_t> path = of_nodes[at];
    if (!matrix.bins(node.slot).categorical) {
      const std::uint32_t feature = matrix.feature(node.slot);
      std::erase(path, feature);
      path.push_back(feature);
      if (path.size() > kMostTerms) path.erase(path.begin());
    }
    for (const std::int32_t child : {node.left, node.right}) {
      const std::int32_t leaf = ~child;
      (child >= 0 ? of_nodes[static_cast<std::size_t>(child)] : of_leaves[static_cast<std::size_t>(leaf)]) =
          path;
    }
  }
  return of_leaves;
}

// Solves (a + ridge I) x = b by Cholesky; a is spent.
void solve(Square& a, Numbers& b, std::size_t size, double ridge) {
  for (std::size_t j = 0; j < size; ++j) {
    a[j][j] += ridge;
    for (std::size_t k = 0; k < j; ++k) a[j][j] -= a[j][k] * a[j][k];
    a[j][j] = std::sqrt(std::max(a[j][j], ridge));
    for (std::size_t i = j + 1; i < size; ++i) {
      for (std::size_t k = 0; k < j; ++k) a[i][j] -= a[i][k] * a[j][k];
      a[i][j] /= a[j][j];
    }
  }
  for (std::size_t i = 0; i < size; ++i) {
    for (std::size_t k = 0; k < i; ++k) b[i] -= a[i][k] * b[k];
    b[i] /= a[i][i];
  }
  for (std::size_t i = size; i-- > 0;) {
    for (std::size_t k = i + 1; k < size; ++k) b[i] -= a[k][i] * b[k];
    b[i] /= a[i][i];
  }
}

// The slopes of one leaf.
class LeafFit {
 public:
  LeafFit(std::span<const std::uint32_t> rows, std::span<const std::uint32_t> columns,
          const FeatureMatrix& features, std::span<const GradientPair> pairs)
      : rows_(rows), features_(features), pairs_(pairs) {
    find_terms(columns);
  }

  std::vector<LinearTerm> fit(const LinearRules& rules) {
    if (terms_.empty()) return {};
    add_products();
    const std::size_t size = terms_.size();
    Numbers deviation{};
    for (std::size_t j = 0; j < size; ++j) deviation[j] = std::sqrt(products_[j][j] / hessian_);
    for (std::size_t i = 0; i < size; ++i) {
      pull_[i] /= -deviation[i];
      for (std::size_t j = 0; j <= i; ++j) products_[i][j] /= deviation[i] * deviation[j];
    }
    solve(products_, pull_, size, std::max(rules.l2, kLeastRidge * hessian_));
    for (std::size_t j = 0; j < size; ++j) terms_[j].slope = rules.learning_rate * pull_[j] / deviation[j];
    std::erase_if(terms_, [](const LinearTerm& term) {
      return term.slope == 0 || !std::isfinite(term.slope) || !std::isfinite(term.value(term.low)) ||
             !std::isfinite(term.value(term.high));
    });
    return std::move(terms_);
  }

 private:
  [[nodiscard]] float cell(const LinearTerm& term, std::uint32_t row) const {
    return cell_of(features_.columns[term.feature], row);
  }

  // Means, ranges and deviations; columns that do not move in this leaf go.
  void find_terms(std::span<const std::uint32_t> columns) {
    for (const std::uint32_t row : rows_) hessian_ += pairs_[row].hessian;
    for (const std::uint32_t feature : columns) {
      LinearTerm term = {.feature = feature,
                         .low = std::numeric_limits<float>::infinity(),
                         .high = -std::numeric_limits<float>::infinity()};
      double weight = 0, sum = 0, squares = 0;
      for (const std::uint32_t row : rows_) {
        const float value = cell(term, row);
        if (!std::isfinite(value)) continue;
        weight += pairs_[row].hessian;
        sum += pairs_[row].hessian * static_cast<double>(value);
        term.low = std::min(term.low, value);
        term.high = std::max(term.high, value);
      }
      if (!(term.low < term.high) || !(weight > 0)) continue;
      term.centre = sum / weight;
      for (const std::uint32_t row : rows_) {
        const float value = cell(term, row);
        const double off = std::isfinite(value) ? static_cast<double>(value) - term.centre : 0.0;
        squares += pairs_[row].hessian * off * off;
      }
      const double size =
          std::max(std::abs(static_cast<double>(term.low)), std::abs(static_cast<double>(term.high)));
      if (std::isfinite(squares) && std::sqrt(squares / weight) > kLeastSpread * size) terms_.push_back(term);
    }
  }

  void add_products() {
    Numbers off{};
    for (const std::uint32_t row : rows_) {
      for (std::size_t j = 0; j < terms_.size(); ++j) {
        const float value = cell(terms_[j], row);
        off[j] = std::isfinite(value) ? static_cast<double>(value) - terms_[j].centre : 0.0;
      }
      for (std::size_t i = 0; i < terms_.size(); ++i) {
        pull_[i] += pairs_[row].gradient * off[i];
        for (std::size_t j = 0; j <= i; ++j) products_[i][j] += pairs_[row].hessian * off[i] * off[j];
      }
    }
  }

  std::span<const std::uint32_t> rows_;
  const FeatureMatrix& features_;
  std::span<const GradientPair> pairs_;
  double hessian_ = 0;
  std::vector<LinearTerm> terms_;
  Square products_{};
  Numbers pull_{};
};

std::span<const std::uint32_t> rows_of(const GrownTree& grown, std::size_t leaf) {
  return std::span(grown.rows)
      .subspan(grown.leaf_starts[leaf], grown.leaf_starts[leaf + 1] - grown.leaf_starts[leaf]);
}

void add_leaf(const GrownTree& grown, std::size_t leaf, const FeatureMatrix& features,
              std::span<const std::uint32_t> rows, std::span<double> scores) {
  const std::span<const LinearTerm> terms = grown.linear.of(leaf);
  for (const std::uint32_t row : rows) {
    double value = grown.tree.leaves[leaf];
    for (const LinearTerm& term : terms) value += term.value(cell_of(features.columns[term.feature], row));
    scores[row] += value;
  }
}

}  // namespace

LinearLeaves fit_linear_leaves(const GrownTree& grown, const BinnedMatrix& matrix,
                               const FeatureMatrix& features, std::span<const GradientPair> pairs,
                               const LinearRules& rules, ThreadPool& pool) {
  const std::vector<std::vector<std::uint32_t>> paths = path_features(grown.tree, matrix);
  std::vector<std::vector<LinearTerm>> terms(paths.size());
  pool.for_each(paths.size(), [&](std::size_t leaf) {
    terms[leaf] = LeafFit(rows_of(grown, leaf), paths[leaf], features, pairs).fit(rules);
  });
  LinearLeaves linear;
  linear.starts.push_back(0);
  for (const std::vector<LinearTerm>& of_leaf : terms) {
    linear.terms.insert(linear.terms.end(), of_leaf.begin(), of_leaf.end());
    linear.starts.push_back(static_cast<std::uint32_t>(linear.terms.size()));
  }
  if (linear.terms.empty()) linear.starts.clear();
  return linear;
}

void add_linear_scores(const GrownTree& grown, const FeatureMatrix& features, std::span<double> scores,
                       ThreadPool& pool) {
  pool.for_each(grown.tree.leaves.size(),
                [&](std::size_t leaf) { add_leaf(grown, leaf, features, rows_of(grown, leaf), scores); });
}

void add_tree_scores(const GrownTree& grown, const BinnedMatrix& matrix, const FeatureMatrix& features,
                     std::span<const std::uint32_t> rows, std::span<double> scores, ThreadPool& pool) {
  if (grown.linear.empty()) {
    add_scores(grown.tree, matrix, rows, scores, pool);
    return;
  }
  for_each_leaf(grown.tree, matrix, rows, pool, [&](std::size_t leaf, std::span<const std::uint32_t> inside) {
    add_leaf(grown, leaf, features, inside, scores);
  });
}

}  // namespace astrolabe::trees
