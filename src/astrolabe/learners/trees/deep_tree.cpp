// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/learners/trees/deep_tree.h"

#include <algorithm>
#include <bit>
#include <limits>
#include <numeric>

namespace astrolabe::trees {
namespace {

constexpr std::size_t kManyRows = 4096;                       // the clock is asked at every node of so many
constexpr std::size_t kManyNodes = 256;                       // and once in so many
constexpr double kTie = 1e-11;                                // of scores
constexpr std::size_t kRows = 0, kWeight = 1, kFirstSum = 2;  // of sums

// Bins 0 .. last.
BinSet bins_to(std::size_t last) {
  BinSet set;
  for (std::size_t word = 0; word < (last + 1) / 64; ++word) set.words[word] = ~std::uint64_t{0};
  if ((last + 1) % 64 != 0) set.words[(last + 1) / 64] = (std::uint64_t{1} << ((last + 1) % 64)) - 1;
  return set;
}

}  // namespace

DeepTreeGrower::DeepTreeGrower(const DeepTable& table, const DeepRules& rules)
    : table_(table),
      rules_(rules),
      stride_(kFirstSum + table.sums),
      slots_(table.matrix.slots()),
      cells_(257 * stride_),
      left_(stride_),
      right_(stride_),
      best_left_(stride_) {}

std::optional<DeepTree> DeepTreeGrower::grow(DeepRequest request, const Budget& budget) {
  spare_.resize(request.rows.size());
  for (auto* of_rows : {&targets_, &weights_}) of_rows->resize(request.rows.size());
  ranks_.resize(request.rows.size());
  DeepTree grown;
  std::vector<Node> open(1);
  open[0].end = request.rows.size();
  open[0].key = request.key;
  (void)gather_targets(open[0], request);
  std::ranges::fill(ranks_, std::uint8_t{0});
  sum_cells(ranks_, 1);
  totals_.assign(cells_.begin(), cells_.begin() + static_cast<std::ptrdiff_t>(stride_));

  std::size_t leaves = 1, seen = 0;
  const auto attach = [&](const Node& node, std::int32_t child) {
    if (node.parent < 0) return;
    BinTree::Node& parent = grown.tree.nodes[static_cast<std::size_t>(node.parent)];
    (node.is_left ? parent.left : parent.right) = child;
  };
  while (!open.empty()) {
    std::ranges::pop_heap(open, Node::comes_later);
    const Node node = open.back();
    open.pop_back();
    if ((node.rows() >= kManyRows || ++seen % kManyNodes == 0) && budget.should_stop()) return std::nullopt;
    const std::optional<Cut> cut = leaves < request.max_leaves ? find_cut(node, request) : std::nullopt;
    if (!cut) {
      attach(node, ~static_cast<std::int32_t>(grown.covers.size()));
      add_leaf(node, grown);
      continue;
    }
    const auto index = static_cast<std::int32_t>(grown.tree.nodes.size());
    attach(node, index);
    grown.tree.nodes.push_back(node_of(*cut, node, request));
    const std::size_t lefts = split_rows(node, grown.tree.nodes.back(), request.rows);
    totals_.insert(totals_.end(), best_left_.begin(), best_left_.end());
    for (std::size_t i = 0; i < stride_; ++i) totals_.push_back(totals_[node.total + i] - best_left_[i]);
    for (const bool is_left : {true, false}) {
      open.push_back({.begin = is_left ? node.begin : node.begin + lefts,
                      .end = is_left ? node.begin + lefts : node.end,
                      .depth = node.depth + 1,
                      .parent = index,
                      .is_left = is_left,
                      .key = node.key.split(is_left ? 0 : 1),
                      .total = totals_.size() - (is_left ? 2 : 1) * stride_});
      std::ranges::push_heap(open, Node::comes_later);
    }
    ++leaves;
  }
  return grown;
}

// Whether they differ.
bool DeepTreeGrower::gather_targets(const Node& node, const DeepRequest& request) {
  const auto rows = std::span(request.rows).subspan(node.begin, node.rows());
  bool differ = false;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    targets_[i] = table_.targets[rows[i]];
    differ = differ || targets_[i] != targets_[0];
  }
  if (!differ && node.parent >= 0) return false;
  for (std::size_t i = 0; i < rows.size(); ++i) weights_[i] = request.weights[rows[i]];
  return differ;
}

std::optional<DeepTreeGrower::Cut> DeepTreeGrower::find_cut(const Node& node, const DeepRequest& request) {
  if (node.depth >= rules_.max_depth || node.rows() < 2 * rules_.min_rows) return std::nullopt;
  if (!gather_targets(node, request)) return std::nullopt;
  RandomStream random(node.key);
  std::iota(slots_.begin(), slots_.end(), 0U);
  Cut best;
  std::size_t tried = 0;
  for (std::size_t i = 0; i < slots_.size() && tried < rules_.columns; ++i) {
    std::swap(slots_[i], slots_[i + random.below(slots_.size() - i)]);
    if (try_slot(slots_[i], node, request, random, best)) ++tried;
  }
  return best.score < 0 ? std::nullopt : std::optional(best);
}

// False where the column is constant in the node.
bool DeepTreeGrower::try_slot(std::uint32_t slot, const Node& node, const DeepRequest& request,
                              RandomStream& random, Cut& best) {
  const auto rows = std::span(request.rows).subspan(node.begin, node.rows());
  const auto ranks = std::span(ranks_).first(rows.size());
  table_.matrix.gather(slot, rows, ranks.data());
  const FeatureBins& bins = table_.matrix.bins(slot);
  if (bins.categorical) {
    const BinOrder& order = request.orders[slot];
    for (std::uint8_t& rank : ranks)
      if (rank != bins.missing_bin()) rank = order[rank];
  }
  const Counted counted = rules_.random_cuts
                              ? cut_somewhere(ranks, bins.missing_bin(), table_.positions[slot], random)
                              : cut_everywhere(ranks, bins.missing_bin());
  if (counted.boundaries == 0) return false;
  sum_cells(ranks, counted.cells + 1);
  weigh(counted, slot, node, best);
  return true;
}

// Ranks become cells: 0 up to a random cut, 1 beyond it, and one more for missing.
DeepTreeGrower::Counted DeepTreeGrower::cut_somewhere(std::span<std::uint8_t> ranks, std::uint8_t missing,
                                                      std::span<const double> positions,
                                                      RandomStream& random) {
  Counted counted;
  std::uint8_t low = 255, high = 0;
  for (const std::uint8_t rank : ranks) {
    low = std::min(low, rank);
    high = std::max(high, rank == missing ? std::uint8_t{0} : rank);
    counted.has_missing |= rank == missing;
  }
  if (low == missing || (low == high && !counted.has_missing)) return counted;
  std::uint8_t cut = low;
  if (low < high) {
    const double place = positions[low] + random.uniform() * (positions[high] - positions[low]);
    const auto inside = positions.subspan(low + 1U, high - low - 1U);
    cut = static_cast<std::uint8_t>(low + (std::ranges::upper_bound(inside, place) - inside.begin()));
  }
  counted.cells = low < high ? 2 : 1;
  counted.boundaries = counted.cells - (counted.has_missing ? 0 : 1);
  counted.last_rank[0] = cut;
  counted.last_rank[counted.boundaries - 1] =
      counted.has_missing ? static_cast<std::uint8_t>(missing - 1U) : cut;
  const auto of_missing = static_cast<std::uint8_t>(counted.cells);
  for (std::uint8_t& rank : ranks)
    rank = rank == missing ? of_missing : static_cast<std::uint8_t>(rank > cut ? 1 : 0);
  return counted;
}

// Ranks become cells: one for each rank that is there, and one more for missing.
DeepTreeGrower::Counted DeepTreeGrower::cut_everywhere(std::span<std::uint8_t> ranks, std::uint8_t missing) {
  BinSet seen;
  for (const std::uint8_t rank : ranks) seen.add(rank);
  Counted counted;
  counted.has_missing = seen.has(missing);
  std::array<std::uint8_t, 256> cell_of;
  std::size_t before = 0;
  for (std::size_t word = 0; word < seen.words.size(); ++word) {
    for (std::uint64_t bits = seen.words[word]; bits != 0; bits &= bits - 1) {
      const std::size_t rank = 64 * word + static_cast<std::size_t>(std::countr_zero(bits));
      cell_of[rank] = static_cast<std::uint8_t>(counted.cells);
      if (rank == missing) break;
      // Halfway, where ranks between two neighbours have no row.
      if (counted.cells > 0)
        counted.last_rank[counted.cells - 1] = static_cast<std::uint8_t>((before + rank - 1) / 2);
      before = rank;
      ++counted.cells;
    }
  }
  if (counted.cells == 0) return counted;
  counted.last_rank[counted.cells - 1] = static_cast<std::uint8_t>(missing - 1U);
  counted.boundaries = counted.cells - (counted.has_missing ? 0 : 1);
  for (std::uint8_t& rank : ranks) rank = cell_of[rank];
  return counted;
}

void DeepTreeGrower::sum_cells(std::span<const std::uint8_t> codes, std::size_t cells) {
  std::fill_n(cells_.begin(), cells * stride_, 0.0);
  const bool is_mean = table_.sums == 1;
  for (std::size_t i = 0; i < codes.size(); ++i) {
    double* const cell = cells_.data() + codes[i] * stride_;
    cell[kRows] += 1;
    cell[kWeight] += weights_[i];
    if (is_mean) {
      cell[kFirstSum] += weights_[i] * targets_[i];
    } else {
      cell[kFirstSum + static_cast<std::size_t>(targets_[i])] += weights_[i];
    }
  }
}

double DeepTreeGrower::score(Sums sums) const {
  double squares = 0;
  for (std::size_t i = kFirstSum; i < stride_; ++i) squares += sums[i] * sums[i];
  return squares / sums[kWeight];
}

void DeepTreeGrower::weigh(const Counted& counted, std::uint32_t slot, const Node& node, Cut& best) {
  const auto least = static_cast<double>(rules_.min_rows);
  const Sums total = total_of(node);
  const auto weigh_left = [&](std::uint8_t last_left, bool missing_left) {
    if (left_[kRows] < least || total[kRows] - left_[kRows] < least) return;
    for (std::size_t i = 0; i < stride_; ++i) right_[i] = total[i] - left_[i];
    if (!(left_[kWeight] > 0) || !(right_[kWeight] > 0)) return;
    const double found = score(left_) + score(right_);
    // Two columns that part the rows alike differ in rounding: the first one stays.
    if (!(found > best.score + kTie * best.score)) return;
    best = {.score = found,
            .slot = slot,
            .last_left = last_left,
            .missing_left = counted.has_missing ? missing_left : left_[kWeight] >= right_[kWeight]};
    std::ranges::copy(left_, best_left_.begin());
  };
  const double* const missing = cells_.data() + counted.cells * stride_;
  std::ranges::fill(left_, 0.0);
  for (std::size_t i = 0; i < counted.boundaries; ++i) {
    for (std::size_t k = 0; k < stride_; ++k) left_[k] += cells_[i * stride_ + k];
    weigh_left(counted.last_rank[i], false);
    if (!counted.has_missing) continue;
    for (std::size_t k = 0; k < stride_; ++k) left_[k] += missing[k];
    weigh_left(counted.last_rank[i], true);
    for (std::size_t k = 0; k < stride_; ++k) left_[k] -= missing[k];
  }
}

BinTree::Node DeepTreeGrower::node_of(const Cut& cut, const Node& node, const DeepRequest& request) const {
  const FeatureBins& bins = table_.matrix.bins(cut.slot);
  BinTree::Node made;
  made.slot = cut.slot;
  made.last_left_bin = cut.last_left;
  made.missing_left = cut.missing_left;
  made.gain = std::max(cut.score - score(total_of(node)), 0.0);
  if (!bins.categorical) made.left_bins = bins_to(cut.last_left);
  for (std::size_t bin = 0; bins.categorical && bin < bins.bins; ++bin)
    if (request.orders[cut.slot][bin] <= cut.last_left) made.left_bins.add(bin);
  if (cut.missing_left) made.left_bins.add(bins.missing_bin());
  return made;
}

// Left rows before right ones, both ascending. Returns how many are left.
std::size_t DeepTreeGrower::split_rows(const Node& node, const BinTree::Node& by,
                                       std::span<std::uint32_t> all_rows) {
  const auto rows = all_rows.subspan(node.begin, node.rows());
  table_.matrix.gather(by.slot, rows, ranks_.data());
  std::size_t lefts = 0, rights = 0;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const bool is_left = by.left_bins.has(ranks_[i]);
    const std::uint32_t row = rows[i];
    rows[lefts] = row;
    spare_[rights] = row;
    lefts += is_left ? 1 : 0;
    rights += is_left ? 0 : 1;
  }
  std::copy_n(spare_.begin(), rights, rows.begin() + static_cast<std::ptrdiff_t>(lefts));
  return lefts;
}

void DeepTreeGrower::add_leaf(const Node& node, DeepTree& grown) const {
  const double weight = total_of(node)[kWeight] + rules_.smoothing;
  for (std::size_t i = 0; i < table_.sums; ++i)
    grown.tree.leaves.push_back((total_of(node)[kFirstSum + i] + rules_.smoothing * rules_.prior[i]) /
                                weight);
  // What a float cannot tell from nothing is still something.
  grown.covers.push_back(std::clamp(static_cast<float>(total_of(node)[kWeight]),
                                    std::numeric_limits<float>::min(), std::numeric_limits<float>::max()));
}

}  // namespace astrolabe::trees
