// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/learners/trees/tree.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace astrolabe::trees {
namespace {

// The codes that go left, up to the last code with a bin of its own; later ones go the missing way anyway.
void write_set(const BinTree::Node& from, const FeatureBins& bins, Tree& tree, Tree::Node& node) {
  std::size_t codes = bins.category_bins.size();
  while (codes > 0 && bins.category_bins[codes - 1] == bins.missing_bin()) --codes;
  node.set_begin = static_cast<std::uint32_t>(tree.sets.size());
  node.set_words = static_cast<std::uint32_t>((codes + 31) / 32);
  tree.sets.resize(tree.sets.size() + node.set_words, 0U);
  for (std::size_t code = 0; code < std::size_t{node.set_words} * 32; ++code) {
    const bool left = code < codes ? from.left_bins.has(bins.category_bins[code]) : from.missing_left;
    if (left) tree.sets[node.set_begin + code / 32] |= 1U << (code % 32);
  }
}

// Children after their parents and one parent each: with one leaf more than nodes, that is a tree, without
// cycles, which the root reaches whole.
void require_child(std::int32_t child, std::size_t parent, std::vector<bool>& node_has_parent,
                   std::vector<bool>& leaf_has_parent) {
  const bool is_leaf = child < 0;
  const auto index = static_cast<std::size_t>(is_leaf ? ~child : child);
  std::vector<bool>& has_parent = is_leaf ? leaf_has_parent : node_has_parent;
  if (index >= has_parent.size() || (!is_leaf && index <= parent) || has_parent[index])
    ArchiveReader::damaged("a child in a tree");
  has_parent[index] = true;
}

}  // namespace

void require_tree(const Tree& tree, std::size_t features, std::size_t values) {
  const std::size_t leaves = tree.nodes.size() + 1;
  if (tree.leaves.size() != leaves * values) ArchiveReader::damaged("the number of leaves of a tree");
  for (const double leaf : tree.leaves)
    if (!std::isfinite(leaf)) ArchiveReader::damaged("the value of a leaf");
  if (!tree.covers.empty() && tree.covers.size() != leaves) ArchiveReader::damaged("the covers of a tree");
  for (const float cover : tree.covers)
    if (!std::isfinite(cover) || !(cover > 0)) ArchiveReader::damaged("the cover of a leaf");
  std::vector<bool> node_has_parent(tree.nodes.size(), false);
  std::vector<bool> leaf_has_parent(leaves, false);
  std::size_t set_words = 0;
  for (std::size_t at = 0; at < tree.nodes.size(); ++at) {
    const Tree::Node& node = tree.nodes[at];
    if (node.feature >= features) ArchiveReader::damaged("a feature in a tree");
    const bool finite = std::isfinite(node.threshold) || node.threshold > 0;
    if (node.set_words == 0 && !finite) ArchiveReader::damaged("a threshold in a tree");
    set_words += node.set_words;
    if (node.set_words > kMaxSetWords || set_words > tree.sets.size() ||
        std::uint64_t{node.set_begin} + node.set_words > tree.sets.size())
      ArchiveReader::damaged("a set of categories in a tree");
    require_child(node.left, at, node_has_parent, leaf_has_parent);
    require_child(node.right, at, node_has_parent, leaf_has_parent);
  }
}

std::size_t Tree::bytes() const {
  constexpr std::size_t kOverhead = 64;  // of its allocations
  return sizeof(Tree) + nodes.size() * sizeof(Node) + leaves.size() * sizeof(double) +
         covers.size() * sizeof(float) + sets.size() * sizeof(std::uint32_t) +
         linear.starts.size() * sizeof(std::uint32_t) + linear.terms.size() * sizeof(LinearTerm) + kOverhead;
}

std::size_t Tree::leaf_of(const float* row) const {
  std::int32_t at = nodes.empty() ? ~0 : 0;
  while (at >= 0) {
    const Node& node = nodes[static_cast<std::size_t>(at)];
    at = goes_left(node, sets.data(), row[node.feature]) ? node.left : node.right;
  }
  const std::int32_t leaf = ~at;
  return static_cast<std::size_t>(leaf);
}

Tree Tree::load(ArchiveReader& archive, std::size_t features, const Format& format) {
  constexpr std::size_t kNodeBytes = 25;
  Tree tree;
  const auto count = archive.get_between<std::uint32_t>(0, kMaxLeaves - 1, "the number of nodes of a tree");
  if (count > archive.remaining() / kNodeBytes) ArchiveReader::damaged("the number of nodes of a tree");
  tree.nodes.resize(count);
  for (Node& node : tree.nodes) {
    node.feature = archive.get<std::uint32_t>();
    node.threshold = archive.get<float>();
    node.left = archive.get<std::int32_t>();
    node.right = archive.get<std::int32_t>();
    node.set_begin = archive.get<std::uint32_t>();
    node.set_words = archive.get<std::uint32_t>();
    node.missing_left = archive.get_between<std::uint8_t>(0, 1, "a flag in a tree") == 1;
  }
  tree.leaves = archive.get_array<double>(kMaxLeaves * format.values);
  tree.sets = archive.get_array<std::uint32_t>();
  if (format.has_covers) tree.covers = archive.get_array<float>(kMaxLeaves);
  require_tree(tree, features, format.values);
  if (format.has_linear) tree.linear = LinearLeaves::load(archive, tree.nodes.size() + 1, features);
  return tree;
}

Tree to_tree(const BinTree& from, const BinnedMatrix& matrix,
             std::span<const std::uint32_t> feature_of_slot) {
  Tree tree;
  tree.leaves = from.leaves;
  for (const BinTree::Node& node : from.nodes) {
    const FeatureBins& bins = matrix.bins(node.slot);
    Tree::Node to;
    to.feature = feature_of_slot[node.slot];
    to.left = node.left;
    to.right = node.right;
    to.missing_left = node.missing_left;
    if (bins.categorical) {
      write_set(node, bins, tree, to);
    } else {
      const bool all = node.last_left_bin >= bins.cuts.size();
      to.threshold = all ? std::numeric_limits<float>::infinity() : bins.cuts[node.last_left_bin];
    }
    tree.nodes.push_back(to);
  }
  return tree;
}

std::vector<float> find_covers(std::span<const std::uint32_t> rows, std::span<const std::size_t> leaf_starts,
                               std::span<const double> weights) {
  std::vector<float> covers;
  for (std::size_t leaf = 0; leaf + 1 < leaf_starts.size(); ++leaf) {
    double cover = 0;
    for (std::size_t i = leaf_starts[leaf]; i < leaf_starts[leaf + 1]; ++i)
      cover += weights.empty() ? 1.0 : weights[rows[i]];
    // What a float cannot tell from nothing is still something.
    covers.push_back(std::clamp(static_cast<float>(cover), std::numeric_limits<float>::min(),
                                std::numeric_limits<float>::max()));
  }
  return covers;
}

}  // namespace astrolabe::trees
