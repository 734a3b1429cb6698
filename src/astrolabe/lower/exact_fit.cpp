// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/lower/exact_fit.h"

#include <algorithm>
#include <array>
#include <numeric>
#include <tuple>

#include "astrolabe/lower/fit_tree.h"

namespace astrolabe {
namespace {

// What makes a buffer hard to place.
struct Weight {
  double width = 0, area = 0;  // in time; in time and bytes
  std::size_t sections = 0;
  std::size_t fullest = 0;  // bytes of the fullest section that it lives in
};

std::vector<Weight> weigh(std::span<const Lifetime> buffers, const LiveSections& sections) {
  std::vector<Weight> weights;
  for (std::size_t i = 0; i < buffers.size(); ++i) {
    const double width = static_cast<double>(buffers[i].upper) - static_cast<double>(buffers[i].lower);
    const auto* bytes = sections.bytes.data();
    weights.push_back({.width = width,
                       .area = width * static_cast<double>(buffers[i].bytes),
                       .sections = sections.end[i] - sections.first[i],
                       .fullest = *std::max_element(bytes + sections.first[i], bytes + sections.end[i])});
  }
  return weights;
}

// The hardest first, by a measure.
template <class Measure>
FitTree make_tree(std::span<const Lifetime> buffers, const LiveSections& sections, std::size_t capacity,
                  bool fullest_first, Measure measure) {
  std::vector<std::uint32_t> order(buffers.size());
  std::iota(order.begin(), order.end(), 0U);
  std::ranges::stable_sort(order, std::ranges::greater{}, measure);
  RankedBuffers ranked = rank_buffers(buffers, sections, std::move(order));
  ranked.fullest_first = fullest_first;
  return {std::move(ranked), static_cast<std::int64_t>(capacity)};
}

// Where a tree looks first decides whether it finds a plan in a moment or never, and none is best everywhere.
std::vector<FitTree> make_trees(std::span<const Lifetime> buffers, std::size_t capacity) {
  const LiveSections sections = find_live_sections(buffers);
  const std::vector<Weight> weights = weigh(buffers, sections);
  std::vector<FitTree> trees;
  trees.push_back(make_tree(buffers, sections, capacity, true, [&](std::uint32_t at) {
    return std::tuple(weights[at].fullest, weights[at].width, weights[at].area);
  }));
  trees.push_back(
      make_tree(buffers, sections, capacity, false, [&](std::uint32_t at) { return weights[at].area; }));
  trees.push_back(make_tree(buffers, sections, capacity, true, [&](std::uint32_t at) {
    return std::tuple(weights[at].sections, weights[at].area);
  }));
  trees.push_back(make_tree(buffers, sections, capacity, true, [&](std::uint32_t at) {
    return std::tuple(weights[at].width, weights[at].fullest, weights[at].area);
  }));
  return trees;
}

}  // namespace

FitSearch search_fit(std::span<const Lifetime> buffers, std::size_t capacity, const FitEffort& effort) {
  FitSearch result;
  if (buffers.empty()) {
    result.offsets.emplace();
    return result;
  }
  std::vector<FitTree> trees = make_trees(buffers, capacity);
  // In turn, each from its root with three times the steps of before.
  for (std::size_t share = 2 * buffers.size(); result.steps < effort.most_steps; share *= 3) {
    for (FitTree& tree : trees) {
      const std::size_t steps = std::min(share, effort.most_steps - result.steps);
      const FitOutcome outcome = tree.run(steps);
      result.steps += steps - tree.steps_left();
      if (outcome == FitOutcome::out_of_steps) continue;
      result.is_impossible = outcome == FitOutcome::impossible;
      if (outcome == FitOutcome::found) result.offsets = tree.offsets();
      return result;
    }
  }
  return result;
}

}  // namespace astrolabe
