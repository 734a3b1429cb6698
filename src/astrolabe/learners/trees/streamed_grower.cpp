// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/learners/trees/streamed_grower.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <tuple>
#include <utility>

#include "astrolabe/base/error.h"

namespace astrolabe::trees {
namespace {

constexpr std::size_t kSearchSlots = 8;  // searched by one thread at a time
constexpr std::size_t kMapRows = 65'536;
constexpr std::size_t kNoNode = std::numeric_limits<std::size_t>::max();
constexpr std::uint64_t kLeastBytes = std::uint64_t{8}
                                      << 20;  // for histograms and sums, before words are kept
constexpr std::uint64_t kMostBytes = std::uint64_t{256} << 20;  // for each of them

// Half for histograms, half for the sums that they are made of.
std::uint64_t histogram_bytes(const BinnedFile& file, std::uint64_t memory_bytes, bool keeps_words) {
  const std::uint64_t words = keeps_words ? file.rows() * sizeof(std::uint64_t) : 0;
  return std::min((memory_bytes - words) / 2, kMostBytes);
}

}  // namespace

StreamedGrower::StreamedGrower(const BinnedFile& file, const GrowthRules& rules, std::uint64_t memory_bytes,
                               std::size_t threads)
    : StreamedGrower(file, rules, memory_bytes, threads,
                     file.rows() * sizeof(std::uint64_t) + kLeastBytes <= memory_bytes) {}

StreamedGrower::StreamedGrower(const BinnedFile& file, const GrowthRules& rules, std::uint64_t memory_bytes,
                               std::size_t threads, bool keeps_words)
    : file_(file),
      rules_(rules),
      arena_(file.layout().cells(), histogram_bytes(file, memory_bytes, keeps_words)),
      pass_(file, threads),
      sum_bytes_(histogram_bytes(file, memory_bytes, keeps_words)),
      words_(keeps_words ? file.rows() : 0) {
  ASTROLABE_CHECK(rules.max_leaves <= kMostLeaves, "node numbers of 16 bits");
}

std::optional<StreamedTree> StreamedGrower::grow(const StreamedTreeRequest& request,
                                                 std::span<NodeNumber> leaf_of_row, ThreadPool& pool,
                                                 const Budget& budget) {
  ASTROLABE_CHECK(file_.rows() <= kMaxTreeRows, "more rows would overflow the sums");
  slots_ = request.slots;
  pass_.choose(slots_);
  std::ranges::fill(leaf_of_row, NodeNumber{0});
  nodes_.assign(1, {});
  if (rules_.constraints != nullptr) nodes_[0].path.groups = rules_.constraints->all_groups();
  numbers_ = 1;
  Order order;
  if (count_root(request, leaf_of_row, pool)) {
    for (bool is_whole = false; !is_whole;) {
      if (budget.should_stop()) {
        for (const Node& node : nodes_) arena_.give_back(node.histogram);
        return std::nullopt;
      }
      order = order_of_splits();
      drop_histograms(order);
      const Wave wave = plan(order);
      if (!wave.moves.empty()) pass_.run(wave.moves, wave.counts, gradients_, leaf_of_row, pool);
      search(wave.families, pool);
      is_whole = wave.families.empty();
    }
  }
  for (Node& node : nodes_) arena_.give_back(std::exchange(node.histogram, nullptr));
  return finish(order, leaf_of_row, pool);
}

bool StreamedGrower::may_split(const Node& node) const {
  return node.depth < rules_.max_depth && gradients_.scale.rows(node.total) >= 2 * rules_.split.min_rows;
}

void StreamedGrower::clear(Cell* histogram) const {
  for (const std::uint32_t slot : slots_)
    std::fill_n(histogram + file_.layout().first_cell(slot), file_.layout().bins(slot).bins + 1, Cell{});
}

// As TreeGradients chooses: words under the bound, words under the largest pair, or cells. False where the
// root cannot be split.
bool StreamedGrower::count_root(const StreamedTreeRequest& request, std::span<NodeNumber> nodes,
                                ThreadPool& pool) {
  if (rules_.max_depth == 0 || file_.rows() < 2 * rules_.split.min_rows || rules_.max_leaves < 2)
    return false;
  nodes_[0].histogram = arena_.take();
  gradients_ = {.pairs = request.pairs, .packing = std::nullopt, .scale = {}};
  const bool may_pack = file_.rows() >= kPackedFromRows;
  if (may_pack && request.bound) try_root(Packing(*request.bound, file_.rows(), request.key), nodes, pool);
  if (!gradients_.packing) {
    const GradientPair largest = pass_.find_largest(request.pairs, pool);
    if (may_pack && std::isfinite(largest.gradient) && std::isfinite(largest.hessian))
      try_root(Packing(largest, file_.rows(), request.key), nodes, pool);
    if (!gradients_.packing) {
      gradients_.scale = fixed_point_of(largest, file_.rows());
      try_root(std::nullopt, nodes, pool);
    }
  }
  const Family root;
  search({&root, 1}, pool);
  return true;
}

void StreamedGrower::try_root(const std::optional<Packing>& packing, std::span<NodeNumber> nodes,
                              ThreadPool& pool) {
  Node& root = nodes_[0];
  clear(root.histogram);
  gradients_.packing = packing;
  gradients_.has_words = false;
  if (packing) gradients_.scale = packing->scale;
  gradients_.words = packing ? std::span<std::uint64_t>(words_) : std::span<std::uint64_t>();
  const NodeCount count = {.node = 0, .histogram = root.histogram};
  const Packing::Sums sums = pass_.run({}, {&count, 1}, gradients_, nodes, pool);
  root.total = packing ? packing->total(sums) : Cell{sums[0], sums[1]};
  if (packing && !packing->is_fine(sums)) gradients_.packing.reset();
  gradients_.has_words = gradients_.packing && !words_.empty();
}

// As TreeGrower::grow and next_leaf choose them; of children that were not searched nothing is known.
StreamedGrower::Order StreamedGrower::order_of_splits() const {
  Order order;
  std::vector<std::size_t> leaves = {0};
  while (leaves.size() < rules_.max_leaves) {
    std::size_t best = kNoNode;
    for (std::size_t i = 0; i < leaves.size(); ++i) {
      if (leaves[i] == kNoNode || !nodes_[leaves[i]].split) continue;
      if (best == kNoNode) {
        best = i;
        continue;
      }
      const Node& a = nodes_[leaves[i]];
      const Node& b = nodes_[leaves[best]];
      const bool shallower = !rules_.best_first && a.depth < b.depth;
      const bool same_rank = rules_.best_first || a.depth == b.depth;
      if (shallower || (same_rank && a.split.gain > b.split.gain)) best = i;
    }
    if (best == kNoNode) return order;
    const std::size_t index = leaves[best];
    const Node& node = nodes_[index];
    order.nodes.push_back(index);
    leaves[best] = node.left == 0 ? kNoNode : node.left;
    leaves.push_back(node.left == 0 ? kNoNode : node.right);
  }
  order.is_full = true;
  return order;
}

// What is not in the order now never will be.
void StreamedGrower::drop_histograms(const Order& order) {
  std::vector<bool> is_wanted(nodes_.size(), false);
  for (const std::size_t node : order.nodes) is_wanted[node] = true;
  for (std::size_t node = 0; node < nodes_.size(); ++node)
    if (!is_wanted[node]) arena_.give_back(std::exchange(nodes_[node].histogram, nullptr));
}

// The last split of a full tree stays the last, or falls out: of its children nothing need be known.
StreamedGrower::Wave StreamedGrower::plan(const Order& order) {
  Wave wave;
  for (std::size_t i = 0; i < order.nodes.size(); ++i) {
    if (nodes_[order.nodes[i]].left != 0) continue;
    const bool is_last = order.is_full && i + 1 == order.nodes.size();
    if (!plan_family(order.nodes[i], is_last, wave)) break;
  }
  return wave;
}

// False, and nothing planned, where there is no memory left in this pass.
bool StreamedGrower::plan_family(std::size_t index, bool is_last, Wave& wave) {
  const Node& node = nodes_[index];
  const bool left_is_smaller =
      gradients_.scale.rows(node.split.left) < gradients_.scale.rows(node.split.right);
  const std::uint64_t fewest = gradients_.scale.rows(left_is_smaller ? node.split.left : node.split.right);
  const std::uint64_t most = gradients_.scale.rows(left_is_smaller ? node.split.right : node.split.left);
  const bool is_deep = node.depth + 1 >= rules_.max_depth;
  const auto may = [&](std::uint64_t rows) { return !is_deep && rows >= 2 * rules_.split.min_rows; };
  Cell* smaller = nullptr;
  Cell* larger = node.histogram;
  const bool is_searched = !is_last && may(most);
  const bool subtracts = node.histogram != nullptr;
  const std::size_t needed = !is_searched ? 0 : (subtracts || may(fewest) ? 1 : 0) + (subtracts ? 0 : 1);
  if (needed > 0 && !wave.counts.empty() &&
      (wave.counts.size() + needed) * pass_.bytes_of_count() > sum_bytes_)
    return false;
  if (numbers_ > std::numeric_limits<NodeNumber>::max()) {
    ASTROLABE_CHECK(!wave.moves.empty(), "numbers for all nodes");
    return false;
  }
  if (is_searched && (subtracts || may(fewest))) {
    smaller = take_histogram(wave, index);
    if (smaller == nullptr) return false;
  }
  if (is_searched && !subtracts) {
    larger = take_histogram(wave, index);
    if (larger == nullptr) {
      arena_.give_back(smaller);
      return false;
    }
  }
  add_children(index, wave);
  Node& parent = nodes_[index];
  parent.histogram = nullptr;
  if (!is_searched) {
    arena_.give_back(larger);
    return true;
  }
  const Family family = {.larger = left_is_smaller ? parent.right : parent.left,
                         .smaller = left_is_smaller ? parent.left : parent.right,
                         .subtracts = subtracts,
                         .searches_smaller = may(fewest)};
  nodes_[family.larger].histogram = larger;
  nodes_[family.smaller].histogram = smaller;
  if (smaller != nullptr) wave.counts.push_back({nodes_[family.smaller].number, smaller});
  if (!subtracts) wave.counts.push_back({nodes_[family.larger].number, larger});
  for (std::size_t i = wave.counts.size() - needed; i < wave.counts.size(); ++i)
    clear(wave.counts[i].histogram);
  wave.families.push_back(family);
  return true;
}

// Where none is free, the first family of a wave takes that of the leaf which gains least.
Cell* StreamedGrower::take_histogram(const Wave& wave, std::size_t but_not) {
  Cell* const histogram = arena_.take();
  if (histogram != nullptr || !wave.counts.empty()) return histogram;
  std::size_t least = kNoNode;
  for (std::size_t i = 0; i < nodes_.size(); ++i)
    if (i != but_not && nodes_[i].histogram != nullptr &&
        (least == kNoNode || nodes_[i].split.gain < nodes_[least].split.gain))
      least = i;
  ASTROLABE_CHECK(least != kNoNode, "histograms for two children, and one to take away");
  return std::exchange(nodes_[least].histogram, nullptr);
}

void StreamedGrower::add_children(std::size_t index, Wave& wave) {
  const std::size_t first = nodes_.size();
  nodes_.resize(first + 2);
  Node& parent = nodes_[index];
  Node& left = nodes_[first];
  Node& right = nodes_[first + 1];
  parent.left = first;
  parent.right = first + 1;
  left.number = parent.number;
  right.number = static_cast<NodeNumber>(numbers_++);
  left.total = parent.split.left;
  right.total = parent.split.right;
  left.depth = right.depth = parent.depth + 1;
  left.parent = right.parent = index;
  if (rules_.constraints != nullptr)
    std::tie(left.path, right.path) = child_paths(*rules_.constraints, file_.layout().feature(parent.slot),
                                                  parent.split, gradients_.scale, rules_.split, parent.path);
  wave.moves.push_back({.from = parent.number,
                        .right = right.number,
                        .slot = parent.slot,
                        .left_bins = parent.split.left_bins});
}

Split StreamedGrower::search_slot(std::uint32_t slot, const Node& node) const {
  const FeatureBins& bins = file_.layout().bins(slot);
  const std::span<const Cell> cells(node.histogram + file_.layout().first_cell(slot), bins.bins + 1);
  if (rules_.constraints != nullptr)
    return find_constrained_split(*rules_.constraints,
                                  {.index = file_.layout().feature(slot), .is_category = bins.categorical},
                                  cells, node.total, gradients_.scale, rules_.split, node.path);
  return (bins.categorical ? find_categorical_split : find_numeric_split)(cells, node.total, gradients_.scale,
                                                                          rules_.split);
}

// The best splits of all families, some slots of one family at a time.
void StreamedGrower::search(std::span<const Family> families, ThreadPool& pool) {
  struct Found {
    std::array<Split, 2> split;  // larger, smaller
    std::array<std::uint32_t, 2> slot{};
  };
  const std::size_t tasks = (slots_.size() + kSearchSlots - 1) / kSearchSlots;
  std::vector<Found> found(families.size() * tasks);
  pool.for_each(found.size(), [&](std::size_t task) {
    const Family& family = families[task / tasks];
    const std::size_t begin = task % tasks * kSearchSlots;
    for (const std::uint32_t slot : slots_.subspan(begin, std::min(kSearchSlots, slots_.size() - begin))) {
      const std::size_t first = file_.layout().first_cell(slot);
      const std::size_t end = first + file_.layout().bins(slot).bins + 1;
      if (family.subtracts)
        for (std::size_t cell = first; cell < end; ++cell)
          nodes_[family.larger].histogram[cell] -= nodes_[family.smaller].histogram[cell];
      for (const std::size_t which : {0U, 1U}) {
        if (which == 1 && !family.searches_smaller) continue;
        const Split split = search_slot(slot, nodes_[which == 0 ? family.larger : family.smaller]);
        if (!(split.gain > found[task].split[which].gain)) continue;
        found[task].split[which] = split;
        found[task].slot[which] = slot;
      }
    }
  });
  // The first of equal gains wins, as in one pass over all slots.
  for (std::size_t task = 0; task < found.size(); ++task) {
    const Family& family = families[task / tasks];
    for (const std::size_t which : {0U, 1U}) {
      Node& node = nodes_[which == 0 ? family.larger : family.smaller];
      if (!(found[task].split[which].gain > node.split.gain)) continue;
      node.split = found[task].split[which];
      node.slot = found[task].slot[which];
    }
  }
  for (const Family& family : families)
    for (const std::size_t node : {family.larger, family.smaller})
      if (!nodes_[node].split) arena_.give_back(std::exchange(nodes_[node].histogram, nullptr));
}

// The nodes of the order as a tree; rows get the number of their leaf, from left to right.
StreamedTree StreamedGrower::finish(const Order& order, std::span<NodeNumber> nodes, ThreadPool& pool) {
  StreamedTree grown;
  std::vector<std::int32_t> place(nodes_.size(), -1);  // among the tree's nodes
  for (const std::size_t index : order.nodes) {
    const Node& node = nodes_[index];
    place[index] = static_cast<std::int32_t>(grown.tree.nodes.size());
    grown.tree.nodes.push_back({.slot = node.slot,
                                .last_left_bin = node.split.last_left_bin,
                                .missing_left = node.split.missing_left,
                                .left_bins = node.split.left_bins,
                                .gain = node.split.gain});
  }
  std::vector<NodeNumber> leaf_of_number(numbers_, 0);
  struct Open {
    std::size_t node;
    std::int32_t leaf;  // that its rows are in; -1: none yet
  };
  std::vector<Open> open = {{0, -1}};
  while (!open.empty()) {
    const auto [index, above] = open.back();
    open.pop_back();
    const Node& node = nodes_[index];
    std::int32_t leaf = above;
    if (leaf < 0 && place[index] < 0) {
      leaf = static_cast<std::int32_t>(grown.tree.leaves.size());
      const double value = bounded_value(node.total, gradients_.scale, rules_.split, node.path.bounds);
      grown.tree.leaves.push_back(order.nodes.empty() ? 0.0 : rules_.learning_rate * value);
      grown.leaf_rows.push_back(order.nodes.empty() ? file_.rows() : gradients_.scale.rows(node.total));
    }
    if (above < 0 && index != 0) {
      BinTree::Node& parent = grown.tree.nodes[static_cast<std::size_t>(place[node.parent])];
      (nodes_[node.parent].left == index ? parent.left : parent.right) = leaf < 0 ? place[index] : ~leaf;
    }
    if (node.left == 0) {
      leaf_of_number[node.number] = static_cast<NodeNumber>(leaf);
      continue;
    }
    open.push_back({node.right, leaf});
    open.push_back({node.left, leaf});
  }
  pool.for_ranges(nodes.size(), kMapRows, [&](std::size_t begin, std::size_t end, std::size_t) {
    for (std::size_t row = begin; row < end; ++row) nodes[row] = leaf_of_number[nodes[row]];
  });
  return grown;
}

}  // namespace astrolabe::trees
