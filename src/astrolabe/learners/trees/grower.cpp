// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/learners/trees/grower.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <tuple>
#include <utility>

#include "astrolabe/base/error.h"

namespace astrolabe::trees {
namespace {

constexpr std::size_t kAhead = 16;          // leaves that each thread splits ahead of their turn
constexpr std::size_t kAheadRows = 4000;    // fewer rows of all of them are not worth waking a thread
constexpr std::size_t kKeptHistograms = 3;  // are left to what must be split next

}  // namespace

TreeGrower::TreeGrower(const BinnedMatrix& matrix, const GrowthRules& rules, std::uint64_t memory_bytes,
                       std::size_t threads)
    : matrix_(matrix),
      rules_(rules),
      builder_(matrix, threads),
      summer_(matrix, threads),
      two_valued_(matrix),
      wide_(matrix, threads),
      arena_(matrix.cells(), memory_bytes) {}

std::optional<GrownTree> TreeGrower::grow(TreeRequest request, ThreadPool& pool, const Budget& budget) {
  choose(request.slots);
  spare_.resize(std::max(spare_.size(), request.rows.size()));
  scale_ = request.packed != nullptr ? request.packed->scale() : request.scale;
  BinTree tree;
  std::vector<Leaf> leaves(1);
  leaves.reserve(std::min<std::size_t>(rules_.max_leaves, request.rows.size()) + 1);
  Leaf& root = leaves[0];
  root.end = request.rows.size();
  root.parent_node = -1;
  if (rules_.constraints != nullptr) root.path.groups = rules_.constraints->all_groups();
  root.total =
      request.packed != nullptr ? request.packed->total() : sum_cells(request.gradients, request.rows, pool);
  if (may_split(root)) {
    if (!summer_.suits(root.rows())) {
      root.histogram = take_histogram(leaves);
      count(root, request, pool, 0);
    }
    Leaf* const only = &root;
    evaluate({&only, 1}, nullptr, request, pool, 0);
    keep_if_needed(root);
  }
  while (leaves.size() < rules_.max_leaves) {
    const std::optional<std::size_t> next = next_leaf(leaves);
    if (!next) break;
    if (budget.should_stop()) {
      for (Leaf& leaf : leaves) give_back(leaf);
      return std::nullopt;
    }
    if (!leaves[*next].children) open_some(leaves, *next, request, pool);
    leaves.push_back(split_leaf(leaves[*next], tree));
  }
  return finish(leaves, request, std::move(tree));
}

// Trees that see all columns have the same slots one after another.
void TreeGrower::choose(std::span<const std::uint32_t> slots) {
  if (has_chosen_ && std::ranges::equal(slots, chosen_)) return;
  has_chosen_ = true;
  chosen_.assign(slots.begin(), slots.end());
  wide_.choose(slots);
  std::vector<std::uint32_t> narrow;
  std::ranges::set_difference(slots, wide_.slots(), std::back_inserter(narrow));
  builder_.choose(narrow);
  // Constraints are asked slot by slot.
  two_valued_.choose(narrow, rules_.constraints == nullptr);
  summer_.choose(narrow, rules_.constraints == nullptr);
}

bool TreeGrower::may_split(std::size_t depth, std::size_t rows) const {
  return depth < rules_.max_depth && rows >= 2 * rules_.split.min_rows;
}

bool TreeGrower::comes_before(const Leaf& a, const Leaf& b) const {
  if (!rules_.best_first && a.depth != b.depth) return a.depth < b.depth;
  return a.split.gain > b.split.gain;
}

std::optional<std::size_t> TreeGrower::next_leaf(std::span<const Leaf> leaves) const {
  std::optional<std::size_t> best;
  for (std::size_t i = 0; i < leaves.size(); ++i)
    if (leaves[i].split && (!best || comes_before(leaves[i], leaves[*best]))) best = i;
  return best;
}

Cell* TreeGrower::take_histogram(std::span<Leaf> leaves) {
  if (Cell* const histogram = arena_.take(); histogram != nullptr) return histogram;
  // The leaf that gains least will be split last, if ever: its histogram goes first.
  Leaf* least = nullptr;
  for (Leaf& leaf : leaves)
    if (leaf.histogram != nullptr && leaf.split && (least == nullptr || leaf.split.gain < least->split.gain))
      least = &leaf;
  ASTROLABE_CHECK(least != nullptr, "a histogram for each of parent and children, and one to take away");
  return std::exchange(least->histogram, nullptr);
}

std::span<std::uint32_t> TreeGrower::rows_of(const Leaf& leaf, TreeRequest& request, bool in_spare) {
  return std::span(in_spare ? spare_ : request.rows).subspan(leaf.begin, leaf.rows());
}

// Leaves to open together, `next` first: those whose turn comes soon, none so large that the others wait for
// it. Only `next` where more would not pay.
std::vector<TreeGrower::Leaf*> TreeGrower::leaves_ahead(std::span<Leaf> leaves, std::size_t next,
                                                        std::size_t threads) const {
  std::vector<Leaf*> ahead;
  if (threads > 1)
    for (Leaf& leaf : leaves)
      if (leaf.split) ahead.push_back(&leaf);
  // Later ones may never have their turn.
  const std::size_t most = std::min(kAhead * threads, (rules_.max_leaves - leaves.size() + 1) / 2);
  std::ranges::stable_sort(ahead, [&](const Leaf* a, const Leaf* b) { return comes_before(*a, *b); });
  ahead.resize(std::min(ahead.size(), most));
  std::erase_if(ahead, [](const Leaf* leaf) { return leaf->children != nullptr; });
  std::ranges::stable_sort(ahead, [](const Leaf* a, const Leaf* b) { return a->rows() > b->rows(); });
  std::size_t rows = 0;
  for (const Leaf* leaf : ahead) rows += leaf->rows();
  while (!ahead.empty() && ahead.front()->rows() * threads > rows && ahead.front() != &leaves[next]) {
    rows -= ahead.front()->rows();
    ahead.erase(ahead.begin());
  }
  if (ahead.size() < 2 || ahead.front()->rows() * threads > rows || rows < kAheadRows) return {&leaves[next]};
  return ahead;
}

// Takes the histograms that opening the leaf needs, its own among them.
TreeGrower::Opening TreeGrower::plan(Leaf& leaf, std::span<Leaf> leaves) {
  Opening opening = {.leaf = &leaf};
  const std::size_t lefts = scale_.rows(leaf.split.left);
  const std::size_t larger = std::max(lefts, leaf.rows() - lefts);
  const std::size_t smaller = leaf.rows() - larger;
  Cell* const own = std::exchange(leaf.histogram, nullptr);
  opening.evaluates = leaves.size() + 1 < rules_.max_leaves && may_split(leaf.depth + 1, larger);
  if (!opening.evaluates || summer_.suits(larger)) {
    arena_.give_back(own);
    return opening;
  }
  opening.subtracts = own != nullptr;
  opening.larger = own != nullptr ? own : take_histogram(leaves);
  if (own != nullptr || (may_split(leaf.depth + 1, smaller) && !summer_.suits(smaller)))
    opening.smaller = take_histogram(leaves);
  return opening;
}

void TreeGrower::open_some(std::span<Leaf> leaves, std::size_t next, TreeRequest& request, ThreadPool& pool) {
  const std::vector<Leaf*> ahead = leaves_ahead(leaves, next, pool.size());
  if (ahead.size() == 1) {
    open(plan(*ahead[0], leaves), request, pool, 0);
  } else {
    std::vector<Opening> openings;
    openings.push_back(plan(leaves[next], leaves));
    for (Leaf* const leaf : ahead)
      if (leaf != &leaves[next] && arena_.room() > kKeptHistograms &&
          (leaf->histogram != nullptr || summer_.suits(leaf->rows())))
        openings.push_back(plan(*leaf, leaves));
    std::atomic<std::size_t> first = 0;
    pool.for_each(pool.size(), [&](std::size_t place) {
      for (std::size_t i = first++; i < openings.size(); i = first++)
        open(openings[i], request, *alone_, place);
    });
  }
  for (Leaf* const leaf : ahead) {
    if (!leaf->children) continue;
    keep_if_needed(leaf->children->left);
    keep_if_needed(leaf->children->right);
  }
}

void TreeGrower::count(const Leaf& leaf, TreeRequest& request, ThreadPool& pool, std::size_t place) {
  const std::span<Cell> histogram(leaf.histogram, matrix_.cells());
  const std::span<const std::uint32_t> rows = rows_of(leaf, request, leaf.is_in_spare);
  if (request.packed != nullptr) {
    builder_.build(rows, *request.packed, histogram, pool, place);
  } else {
    builder_.build(rows, request.gradients, histogram, pool, place);
  }
}

Split TreeGrower::search_sums(const SlotSums& sums, const Leaf& leaf, double least) const {
  const FeatureBins& bins = matrix_.bins(sums.slot);
  if (sums.count == 2 && std::ranges::any_of(std::span(sums.cells).first(2), [&](const Cell& cell) {
        return scale_.rows(cell) < rules_.split.min_rows;
      }))
    return {};
  if (rules_.constraints == nullptr && !bins.categorical)
    return find_better_numeric_split(std::span(sums.bins).first(sums.count),
                                     std::span(sums.cells).first(sums.count), bins.missing_bin(), leaf.total,
                                     scale_, rules_.split, least);
  std::array<Cell, 256> cells;
  std::fill_n(cells.begin(), bins.bins + 1, Cell{});
  for (std::size_t i = 0; i < sums.count; ++i) cells[sums.bins[i]] = sums.cells[i];
  return search_cells(sums.slot, std::span<const Cell>(cells).first(bins.bins + 1), leaf, least);
}

// Finds the best split of a leaf of few rows.
void TreeGrower::search_rows(Leaf& leaf, TreeRequest& request, std::size_t place) {
  const NodeRows node = {.rows = rows_of(leaf, request, leaf.is_in_spare),
                         .gradients = request.gradients,
                         .packed = request.packed,
                         .total = leaf.total};
  const auto search_one = [&](const SlotSums& sums) {
    leaf.take_better({.split = search_sums(sums, leaf, leaf.split.gain), .slot = sums.slot});
  };
  const auto search_two_valued = [&](const CountedSums& sums) {
    leaf.take_better(find_best_two_valued(matrix_, std::span(sums.slots).first(sums.count), sums.cells.data(),
                                          {leaf.total, scale_, rules_.split}, leaf.split.gain));
  };
  summer_.sum_up(node, place, search_one, search_two_valued);
}

// Finds the splits of leaves that may split; see search for `less`.
void TreeGrower::evaluate(std::span<Leaf* const> leaves, const Leaf* less, TreeRequest& request,
                          ThreadPool& pool, std::size_t place) {
  std::array<Leaf*, 2> counted{};
  std::size_t count = 0;
  for (Leaf* const leaf : leaves) {
    if (summer_.suits(leaf->rows())) {
      search_rows(*leaf, request, place);
    } else {
      counted[count++] = leaf;
    }
  }
  if (count > 0) search(std::span<Leaf* const>(counted).first(count), less, pool);
  if (!wide_.slots().empty())
    for (Leaf* const leaf : leaves) search_wide(*leaf, request, pool, place);
}

// Finds the leaf's children and their splits. With a pool of one thread, leaves may be opened at the same
// time, each at its own place.
void TreeGrower::open(const Opening& opening, TreeRequest& request, ThreadPool& pool, std::size_t place) {
  Leaf& leaf = *opening.leaf;
  const std::size_t lefts = scale_.rows(leaf.split.left);
  const LeftBins left_bins = {leaf.split.left_bins, leaf.split.last_left_bin, leaf.split.missing_left};
  partition_rows(matrix_, leaf.slot, left_bins, rows_of(leaf, request, leaf.is_in_spare), lefts,
                 rows_of(leaf, request, !leaf.is_in_spare), pool);
  leaf.children = std::make_unique<Children>();
  Leaf& left = leaf.children->left;
  Leaf& right = leaf.children->right;
  if (rules_.constraints != nullptr)
    std::tie(left.path, right.path) = child_paths(*rules_.constraints, matrix_.feature(leaf.slot), leaf.split,
                                                  scale_, rules_.split, leaf.path);
  left.begin = leaf.begin;
  left.end = right.begin = leaf.begin + lefts;
  right.end = leaf.end;
  left.depth = right.depth = leaf.depth + 1;
  left.is_in_spare = right.is_in_spare = !leaf.is_in_spare;
  left.total = leaf.split.left;
  right.total = leaf.split.right;
  left.is_left = true;
  if (!opening.evaluates) return;
  const bool left_is_smaller = left.rows() < right.rows();
  Leaf& smaller = left_is_smaller ? left : right;
  Leaf& larger = left_is_smaller ? right : left;
  smaller.histogram = opening.smaller;
  larger.histogram = opening.larger;
  if (smaller.histogram != nullptr) count(smaller, request, pool, place);
  if (larger.histogram != nullptr && !opening.subtracts) count(larger, request, pool, place);
  const std::array<Leaf*, 2> children = {&smaller, &larger};
  evaluate(std::span<Leaf* const>(children).subspan(may_split(smaller) ? 0 : 1),
           opening.subtracts ? &smaller : nullptr, request, pool, place);
}

// A leaf without a split needs no histogram, nor does one whose children have few rows.
void TreeGrower::keep_if_needed(Leaf& leaf) {
  if (!leaf.split || summer_.suits(leaf.rows())) arena_.give_back(std::exchange(leaf.histogram, nullptr));
}

void TreeGrower::give_back(Leaf& leaf) {
  arena_.give_back(std::exchange(leaf.histogram, nullptr));
  if (!leaf.children) return;
  give_back(leaf.children->left);
  give_back(leaf.children->right);
}

// The leaf becomes its left child; returns the right one.
TreeGrower::Leaf TreeGrower::split_leaf(Leaf& leaf, BinTree& tree) {
  const auto node = static_cast<std::int32_t>(tree.nodes.size());
  tree.nodes.push_back({.slot = leaf.slot,
                        .last_left_bin = leaf.split.last_left_bin,
                        .missing_left = leaf.split.missing_left,
                        .left_bins = leaf.split.left_bins,
                        .gain = leaf.split.gain});
  if (leaf.parent_node >= 0) {
    BinTree::Node& parent = tree.nodes[static_cast<std::size_t>(leaf.parent_node)];
    (leaf.is_left ? parent.left : parent.right) = node;
  }
  const std::unique_ptr<Children> children = std::move(leaf.children);
  leaf = std::move(children->left);
  leaf.parent_node = children->right.parent_node = node;
  return std::move(children->right);
}

GrownTree TreeGrower::finish(std::vector<Leaf>& leaves, TreeRequest& request, BinTree tree) {
  std::ranges::sort(leaves, {}, &Leaf::begin);
  GrownTree grown;
  for (Leaf& leaf : leaves) {
    give_back(leaf);
    if (leaf.is_in_spare)
      std::ranges::copy(rows_of(leaf, request, true),
                        request.rows.begin() + static_cast<std::ptrdiff_t>(leaf.begin));
    const auto index = static_cast<std::int32_t>(tree.leaves.size());
    if (leaf.parent_node >= 0) {
      BinTree::Node& parent = tree.nodes[static_cast<std::size_t>(leaf.parent_node)];
      (leaf.is_left ? parent.left : parent.right) = ~index;
    }
    const double value = bounded_value(leaf.total, scale_, rules_.split, leaf.path.bounds);
    if (rules_.constraints != nullptr) grown.bounds.push_back(leaf.path.bounds);
    tree.leaves.push_back(tree.nodes.empty() ? 0.0 : rules_.learning_rate * value);
    grown.leaf_starts.push_back(leaf.begin);
  }
  grown.leaf_starts.push_back(request.rows.size());
  grown.rows = std::move(request.rows);
  grown.tree = std::move(tree);
  return grown;
}

}  // namespace astrolabe::trees
