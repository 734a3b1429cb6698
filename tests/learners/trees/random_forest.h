// SPDX-License-Identifier: Apache-2.0
// Forests that no training would grow, for what must hold of any: every shape, threshold and set.
#pragma once

#include <limits>
#include <vector>

#include "astrolabe/base/random.h"
#include "astrolabe/learners/trees/forest.h"

namespace astrolabe::trees::testing {

struct ForestShape {
  std::size_t trees = 20;
  std::size_t outputs = 1;
  std::size_t most_leaves = 40;
  std::size_t numeric = 4;      // features 0 ..
  std::size_t categorical = 0;  // the features after those
  std::uint32_t categories = 6;
  bool chains = false;  // every split is of the last leaf
};

inline float any_threshold(RandomStream& random) {
  switch (random.below(12)) {
    case 0:
      return std::numeric_limits<float>::infinity();
    case 1:
      return std::numeric_limits<float>::max();
    case 2:
      return std::numeric_limits<float>::lowest();
    case 3:
      return -0.0F;
    case 4:
      return std::numeric_limits<float>::denorm_min();
    case 5:
      return static_cast<float>(random.below(5));  // meets cells of whole numbers
    default:
      return static_cast<float>(random.normal());
  }
}

inline Tree::Node any_node(const ForestShape& shape, RandomStream& random, Tree& tree) {
  Tree::Node node;
  node.feature = static_cast<std::uint32_t>(random.below(shape.numeric + shape.categorical));
  node.missing_left = random.below(2) == 1;
  if (node.feature < shape.numeric) {
    node.threshold = any_threshold(random);
    return node;
  }
  node.set_begin = static_cast<std::uint32_t>(tree.sets.size());
  node.set_words = 1 + static_cast<std::uint32_t>(random.below((shape.categories + 31) / 32));
  for (std::uint32_t word = 0; word < node.set_words; ++word)
    tree.sets.push_back(static_cast<std::uint32_t>(random.below(std::uint64_t{1} << 32)));
  return node;
}

// Leaves are split until there are enough: as best-first growth does, so children come after their parents.
inline Tree random_tree(const ForestShape& shape, std::size_t leaves, RandomStream& random) {
  struct Place {
    std::int32_t parent;
    bool is_left;
  };
  Tree tree;
  std::vector<Place> open = {{-1, false}};
  const auto attach = [&](const Place& place, std::int32_t child) {
    if (place.parent < 0) return;
    Tree::Node& parent = tree.nodes[static_cast<std::size_t>(place.parent)];
    (place.is_left ? parent.left : parent.right) = child;
  };
  while (open.size() < leaves) {
    const std::size_t chosen = shape.chains ? open.size() - 1 : random.below(open.size());
    const Place place = open[chosen];
    const auto node = static_cast<std::int32_t>(tree.nodes.size());
    tree.nodes.push_back(any_node(shape, random, tree));
    attach(place, node);
    const bool left_stays = random.below(2) == 1;
    open[chosen] = {node, left_stays};
    open.push_back({node, !left_stays});
  }
  for (const Place& place : open) {
    attach(place, ~static_cast<std::int32_t>(tree.leaves.size()));
    tree.leaves.push_back(random.normal());
  }
  return tree;
}

inline Forest random_forest(const ForestShape& shape, Key key) {
  RandomStream random(key);
  Forest forest;
  forest.outputs = shape.outputs;
  for (std::size_t i = 0; i < shape.outputs; ++i) forest.initial.push_back(random.normal());
  for (std::uint32_t i = 0; i < shape.numeric + shape.categorical; ++i) forest.features.push_back(i);
  for (std::size_t i = 0; i < shape.trees * shape.outputs; ++i)
    forest.trees.push_back(random_tree(shape, 1 + random.below(shape.most_leaves), random));
  return forest;
}

}  // namespace astrolabe::trees::testing
