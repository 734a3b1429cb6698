// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/learners/trees/plane_layout.h"

#include <algorithm>
#include <bit>
#include <span>
#include <unordered_set>

#include "astrolabe/base/error.h"

namespace astrolabe::trees {
namespace {

// Planes of a group, 512 KB: they are written once and read once or more, from the second-level cache.
constexpr std::size_t kGroupTests = 8192;

struct Test {
  std::uint32_t feature = 0;  // column of the forest's rows
  bool missing_left = false;
  float threshold = 0;
  std::span<const std::uint32_t> set;  // empty: a threshold
};

Test test_of(const Tree& tree, const Tree::Node& node) {
  return {.feature = node.feature,
          .missing_left = node.missing_left,
          .threshold = node.set_words == 0 ? node.threshold : 0,
          .set = std::span(tree.sets).subspan(node.set_begin, node.set_words)};
}

// By feature; then thresholds, ascending, before sets.
bool is_before(const Test& a, const Test& b) {
  if (a.feature != b.feature) return a.feature < b.feature;
  if (a.set.empty() != b.set.empty()) return a.set.empty();
  if (a.threshold != b.threshold) return a.threshold < b.threshold;
  if (!std::ranges::equal(a.set, b.set)) return std::ranges::lexicographical_compare(a.set, b.set);
  return a.missing_left < b.missing_left;
}

// Whether the trees so far ask more than a group may. Sets count one by one: they are seldom alike.
class TestCounter {
 public:
  void add(const Tree& tree) {
    for (const Tree::Node& node : tree.nodes) {
      if (node.set_words > 0) {
        ++sets_;
        continue;
      }
      const std::uint64_t who = std::uint64_t{node.feature} * 2 + (node.missing_left ? 1 : 0);
      seen_.insert(who << 32 | std::bit_cast<std::uint32_t>(node.threshold));
    }
  }
  [[nodiscard]] std::size_t tests() const { return seen_.size() + sets_; }
  void clear() {
    seen_.clear();
    sets_ = 0;
  }

 private:
  std::unordered_set<std::uint64_t> seen_;
  std::size_t sets_ = 0;
};

// How many leaves lie below each node; children come after their parents.
std::vector<std::uint32_t> count_leaves(const Tree& tree) {
  std::vector<std::uint32_t> below(tree.nodes.size());
  const auto of = [&](std::int32_t child) { return child < 0 ? 1U : below[static_cast<std::size_t>(child)]; };
  for (std::size_t at = tree.nodes.size(); at-- > 0;)
    below[at] = of(tree.nodes[at].left) + of(tree.nodes[at].right);
  return below;
}

// Leaves are numbered so that the next one differs in a single bit (a Gray code): a step then turns 1.4 bits
// on average, where counting up would turn 2.2.
std::uint32_t leaf_number(std::uint32_t place) {
  return place ^ (place >> 1);
}

class Layer {
 public:
  PlaneLayout lay(const Forest& forest) {
    layout_.outputs = forest.outputs;
    layout_.initial = forest.initial;
    TestCounter counter;
    std::size_t first = 0;
    for (std::size_t i = 0; i < forest.trees.size(); ++i) {
      counter.add(forest.trees[i]);
      const bool is_full = i + 1 == forest.trees.size() || counter.tests() >= kGroupTests;
      if (!is_full) continue;
      lay_group(forest, first, i + 1);
      counter.clear();
      first = i + 1;
    }
    return std::move(layout_);
  }

 private:
  void lay_group(const Forest& forest, std::size_t first, std::size_t last) {
    tests_.clear();
    for (std::size_t i = first; i < last; ++i)
      for (const Tree::Node& node : forest.trees[i].nodes) tests_.push_back(test_of(forest.trees[i], node));
    std::ranges::sort(tests_, is_before);
    const auto rest = std::ranges::unique(
        tests_, [](const Test& a, const Test& b) { return !is_before(a, b) && !is_before(b, a); });
    tests_.erase(rest.begin(), rest.end());
    PlaneLayout::Group group;
    group.features.begin = layout_.features.size();
    lay_tests(forest);
    group.features.end = layout_.features.size();
    group.trees = {first, last};
    layout_.groups.push_back(group);
    layout_.planes = std::max(layout_.planes, tests_.size() + 1);
    for (std::size_t i = first; i < last; ++i) lay_tree(forest.trees[i]);
  }

  void lay_tests(const Forest& forest) {
    for (std::size_t i = 0; i < tests_.size();) {
      PlaneLayout::FeatureTests of;
      of.feature = forest.features[tests_[i].feature];
      of.first_plane = static_cast<std::uint32_t>(i + 1);
      of.thresholds.begin = layout_.thresholds.size();
      of.missing_left.begin = layout_.missing_left.size();
      of.sets.begin = layout_.set_tests.size();
      const std::uint32_t feature = tests_[i].feature;
      for (; i < tests_.size() && tests_[i].feature == feature; ++i)
        lay_test(tests_[i], static_cast<std::uint32_t>(i + 1));
      of.thresholds.end = layout_.thresholds.size();
      of.missing_left.end = layout_.missing_left.size();
      of.sets.end = layout_.set_tests.size();
      layout_.features.push_back(of);
    }
  }

  void lay_test(const Test& test, std::uint32_t plane) {
    if (test.set.empty()) {
      layout_.thresholds.push_back(test.threshold);
      if (test.missing_left) layout_.missing_left.push_back(plane);
      return;
    }
    layout_.set_tests.push_back({.begin = layout_.sets.size(),
                                 .words = test.set.size(),
                                 .plane = plane,
                                 .missing_left = test.missing_left});
    layout_.sets.insert(layout_.sets.end(), test.set.begin(), test.set.end());
  }

  std::uint32_t plane_of(const Test& test) const {
    return static_cast<std::uint32_t>(std::ranges::lower_bound(tests_, test, is_before) - tests_.begin()) + 1;
  }

  // A node that is still to be laid: its rows wait in reach[from], its leaves have the places from `place`
  // on.
  struct Waiting {
    std::int32_t node = 0;
    std::uint16_t from = 0;
    std::uint32_t place = 0;
  };

  // Level by level, so that no step needs what the one before has written.
  void lay_tree(const Tree& tree) {
    below_ = count_leaves(tree);
    free_reach_.clear();
    reach_used_ = 1;
    PlaneLayout::LaidTree laid;
    laid.steps.begin = layout_.steps.size();
    laid.first_leaf = layout_.leaves.size();
    laid.index_planes = static_cast<std::size_t>(std::bit_width(tree.nodes.size()));
    layout_.leaves.resize(laid.first_leaf + (std::size_t{1} << laid.index_planes));
    double* const leaves = layout_.leaves.data() + laid.first_leaf;
    std::vector<Waiting> level;
    if (tree.nodes.empty()) {
      leaves[0] = tree.leaves[0];
    } else {
      level.push_back({});
    }
    while (!level.empty()) {
      std::vector<Waiting> next;
      for (const Waiting& waiting : level) lay_node(tree, waiting, next, leaves);
      level = std::move(next);
    }
    laid.steps.end = layout_.steps.size();
    layout_.trees.push_back(laid);
  }

  // The smaller subtree goes first and gets the lower places: that turns fewer bits.
  void lay_node(const Tree& tree, const Waiting& waiting, std::vector<Waiting>& next, double* leaves) {
    const Tree::Node& node = tree.nodes[static_cast<std::size_t>(waiting.node)];
    const bool left_first = leaves_below(node.left) < leaves_below(node.right);
    const std::int32_t first = left_first ? node.left : node.right;
    const std::int32_t second = left_first ? node.right : node.left;
    const std::uint32_t second_place = waiting.place + leaves_below(first);
    PlaneStep step;
    step.test = plane_of(test_of(tree, node));
    step.from = waiting.from;
    step.to = first < 0 ? kDone : take_reach();
    step.flip = left_first ? 0 : 255;
    lay_step(step, leaf_number(waiting.place) ^ leaf_number(second_place));
    if (second < 0) free_reach_.push_back(waiting.from);
    const auto lay_child = [&](std::int32_t child, std::uint16_t from, std::uint32_t place) {
      if (child >= 0) {
        next.push_back({.node = child, .from = from, .place = place});
      } else {
        const std::int32_t leaf = ~child;
        leaves[leaf_number(place)] = tree.leaves[static_cast<std::size_t>(leaf)];
      }
    };
    lay_child(first, step.to, waiting.place);
    lay_child(second, waiting.from, second_place);
  }

  // A step turns two bits at most; what is left is turned by steps of plane 0, which no row passes.
  void lay_step(PlaneStep step, std::uint32_t turn) {
    for (std::uint8_t* const index : {&step.index_a, &step.index_b}) {
      if (turn == 0) {
        // The spare planes take turns, so that no step waits for the store of the one before.
        *index = static_cast<std::uint8_t>(kIndexPlanes + spares_++ % kSparePlanes);
        continue;
      }
      *index = static_cast<std::uint8_t>(std::countr_zero(turn));
      turn &= turn - 1;
    }
    layout_.steps.push_back(step);
    if (turn != 0) lay_step({.test = 0, .from = step.from, .to = kDone}, turn);
  }

  std::uint32_t leaves_below(std::int32_t child) const {
    return child < 0 ? 1U : below_[static_cast<std::size_t>(child)];
  }

  std::uint16_t take_reach() {
    if (free_reach_.empty()) {
      ASTROLABE_CHECK(reach_used_ < kDone, "nodes that wait have two leaves each");
      return reach_used_++;
    }
    const std::uint16_t reach = free_reach_.back();
    free_reach_.pop_back();
    return reach;
  }

  static constexpr std::uint16_t kDone = kReachPlanes - 1;

  PlaneLayout layout_;
  std::vector<Test> tests_;           // of the group that is being laid, each once
  std::vector<std::uint32_t> below_;  // leaves below each node of the tree that is being laid
  std::vector<std::uint16_t> free_reach_;
  std::uint16_t reach_used_ = 0;
  std::size_t spares_ = 0;
};

}  // namespace

PlaneLayout lay_planes(const Forest& forest) {
  return Layer().lay(forest);
}

}  // namespace astrolabe::trees
