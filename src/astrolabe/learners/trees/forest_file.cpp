// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/learners/trees/forest_file.h"

#include <algorithm>
#include <utility>

#include "astrolabe/learners/trees/packed_items.h"

namespace astrolabe::trees {
namespace {

constexpr std::size_t kWordBits = 64;
constexpr std::string_view kShape = "the shape of a tree";

// Bits one behind the other.
class BitWriter {
 public:
  void put(bool bit) {
    if (size_ % kWordBits == 0) words_.push_back(0);
    words_.back() |= std::uint64_t{bit ? 1U : 0U} << (size_++ % kWordBits);
  }
  [[nodiscard]] const std::vector<std::uint64_t>& words() const { return words_; }

 private:
  std::vector<std::uint64_t> words_;
  std::size_t size_ = 0;
};

class BitReader {
 public:
  explicit BitReader(std::vector<std::uint64_t> words) : words_(std::move(words)) {}
  [[nodiscard]] bool get() {
    const std::size_t at = at_++;
    return (words_[at / kWordBits] >> (at % kWordBits) & 1U) != 0;
  }

 private:
  std::vector<std::uint64_t> words_;
  std::size_t at_ = 0;
};

// Bits of the shapes of trees of so many nodes: none of a single leaf.
std::size_t shape_bits(std::span<const std::uint32_t> nodes) {
  std::size_t bits = 0;
  for (const std::size_t count : nodes) bits += count == 0 ? 0 : 2 * count + 1;
  return bits;
}

void put_shape(const Tree& tree, BitWriter& bits) {
  std::vector<std::int32_t> pending;
  if (!tree.nodes.empty()) pending.push_back(0);
  while (!pending.empty()) {
    const std::int32_t at = pending.back();
    pending.pop_back();
    bits.put(at >= 0);
    if (at < 0) continue;
    pending.push_back(tree.nodes[static_cast<std::size_t>(at)].right);
    pending.push_back(tree.nodes[static_cast<std::size_t>(at)].left);
  }
}

// Fills left and right of the tree's nodes.
void get_shape(BitReader& bits, Tree& tree) {
  struct Open {
    std::size_t node;
    bool has_left;
  };
  const std::size_t count = tree.nodes.size();
  std::vector<Open> open;
  std::size_t nodes = 0, leaves = 0;
  for (std::size_t i = 0; count > 0 && i < 2 * count + 1; ++i) {
    const bool is_node = bits.get();
    if ((i > 0 && open.empty()) || (is_node ? nodes == count : leaves == count + 1))
      ArchiveReader::damaged(kShape);
    const auto child = is_node ? static_cast<std::int32_t>(nodes++) : ~static_cast<std::int32_t>(leaves++);
    if (i > 0) {
      Open& parent = open.back();
      (parent.has_left ? tree.nodes[parent.node].right : tree.nodes[parent.node].left) = child;
      if (parent.has_left)
        open.pop_back();
      else
        parent.has_left = true;
    }
    if (is_node) open.push_back({nodes - 1, false});
  }
  if (!open.empty()) ArchiveReader::damaged(kShape);
}

// Everything but shapes and slopes, of all trees.
struct Columns {
  std::vector<std::uint32_t> features;                  // [nodes]
  std::vector<std::uint8_t> categorical, missing_left;  // [nodes]
  std::vector<std::vector<float>> thresholds;           // [features][their numeric nodes]
  std::vector<std::uint32_t> set_words, sets;           // [categorical nodes], and their words
  std::vector<double> leaves;                           // [leaves, values]
  std::vector<std::uint8_t> has_covers;                 // [trees]
  std::vector<float> covers;                            // [leaves of those]

  void add(const Tree& tree) {
    for (const Tree::Node& node : tree.nodes) {
      features.push_back(node.feature);
      categorical.push_back(node.set_words > 0 ? 1 : 0);
      missing_left.push_back(node.missing_left ? 1 : 0);
      if (node.set_words == 0) {
        thresholds.resize(std::max<std::size_t>(thresholds.size(), node.feature + std::size_t{1}));
        thresholds[node.feature].push_back(node.threshold);
      } else {
        set_words.push_back(node.set_words);
      }
    }
    sets.insert(sets.end(), tree.sets.begin(), tree.sets.end());
    leaves.insert(leaves.end(), tree.leaves.begin(), tree.leaves.end());
    has_covers.push_back(tree.covers.empty() ? 0 : 1);
    covers.insert(covers.end(), tree.covers.begin(), tree.covers.end());
  }
  void save(ArchiveWriter& archive, std::size_t all_features, std::size_t values) {
    put_packed<std::uint32_t>(archive, features);
    put_packed<std::uint8_t>(archive, categorical);
    put_packed<std::uint8_t>(archive, missing_left);
    thresholds.resize(std::max(thresholds.size(), all_features));
    for (const std::vector<float>& of_feature : thresholds) put_packed<float>(archive, of_feature);
    put_packed<std::uint32_t>(archive, set_words);
    put_packed<std::uint32_t>(archive, sets);
    put_packed<double>(archive, leaves, values);
    put_packed<std::uint8_t>(archive, has_covers);
    put_packed<float>(archive, covers);
  }
};

std::vector<std::uint8_t> get_flags(ArchiveReader& archive, std::size_t count) {
  std::vector<std::uint8_t> flags = get_packed<std::uint8_t>(archive, count);
  if (std::ranges::any_of(flags, [](std::uint8_t flag) { return flag > 1; }))
    ArchiveReader::damaged("a flag in a tree");
  return flags;
}

// Reads the columns of trees whose nodes and leaves are there, and fills these.
class ColumnReader {
 public:
  ColumnReader(ArchiveReader& archive, std::size_t features, std::size_t values)
      : archive_(archive), all_features_(features), values_(values) {}

  void fill(std::vector<Tree>& trees) {
    std::size_t nodes = 0;
    for (const Tree& tree : trees) nodes += tree.nodes.size();
    read_nodes(nodes);
    const std::size_t leaves = nodes + trees.size();
    leaves_ = get_packed<double>(archive_, leaves, values_);
    const std::vector<std::uint8_t> has_covers = get_flags(archive_, trees.size());
    std::size_t covered = 0;
    for (std::size_t i = 0; i < trees.size(); ++i)
      covered += has_covers[i] == 1 ? trees[i].nodes.size() + 1 : 0;
    covers_ = get_packed<float>(archive_, covered);
    for (std::size_t i = 0; i < trees.size(); ++i) fill_tree(trees[i], has_covers[i] == 1);
  }

 private:
  void read_nodes(std::size_t nodes) {
    features_ = get_packed<std::uint32_t>(archive_, nodes);
    categorical_ = get_flags(archive_, nodes);
    missing_left_ = get_flags(archive_, nodes);
    std::vector<std::size_t> numeric(all_features_, 0);
    for (std::size_t i = 0; i < nodes; ++i) {
      if (features_[i] >= all_features_) ArchiveReader::damaged("a feature in a tree");
      numeric[features_[i]] += categorical_[i] == 1 ? 0 : 1;
    }
    for (const std::size_t count : numeric) thresholds_.push_back(get_packed<float>(archive_, count));
    next_threshold_.assign(all_features_, 0);
    const auto categorical = static_cast<std::size_t>(std::ranges::count(categorical_, 1));
    set_words_ = get_packed<std::uint32_t>(archive_, categorical);
    std::size_t words = 0;
    for (const std::uint32_t count : set_words_) {
      if (count == 0 || count > kMaxSetWords) ArchiveReader::damaged("a set of categories in a tree");
      words += count;
    }
    sets_ = get_packed<std::uint32_t>(archive_, words);
  }

  void fill_tree(Tree& tree, bool has_covers) {
    for (Tree::Node& node : tree.nodes) {
      node.feature = features_[node_];
      node.missing_left = missing_left_[node_] == 1;
      if (categorical_[node_++] == 0) {
        node.threshold = thresholds_[node.feature][next_threshold_[node.feature]++];
        continue;
      }
      node.set_begin = static_cast<std::uint32_t>(tree.sets.size());
      node.set_words = set_words_[set_++];
      const auto words = std::span(sets_).subspan(word_, node.set_words);
      tree.sets.insert(tree.sets.end(), words.begin(), words.end());
      word_ += node.set_words;
    }
    const std::size_t leaves = tree.nodes.size() + 1;
    const auto own = std::span(leaves_).subspan(leaf_ * values_, leaves * values_);
    tree.leaves.assign(own.begin(), own.end());
    leaf_ += leaves;
    if (!has_covers) return;
    const auto covers = std::span(covers_).subspan(cover_, leaves);
    tree.covers.assign(covers.begin(), covers.end());
    cover_ += leaves;
  }

  ArchiveReader& archive_;
  std::size_t all_features_, values_;
  std::vector<std::uint32_t> features_, set_words_, sets_;
  std::vector<std::uint8_t> categorical_, missing_left_;
  std::vector<std::vector<float>> thresholds_;
  std::vector<double> leaves_;
  std::vector<float> covers_;
  std::vector<std::size_t> next_threshold_;
  std::size_t node_ = 0, set_ = 0, word_ = 0, leaf_ = 0, cover_ = 0;  // what comes next of each
};

void copy_leaf(const Tree& from, std::size_t leaf, std::size_t values, Tree& to) {
  for (std::size_t i = 0; i < values; ++i) to.leaves.push_back(from.leaves[leaf * values + i]);
  if (!from.covers.empty()) to.covers.push_back(from.covers[leaf]);
  if (from.linear.empty()) return;
  const auto terms = from.linear.of(leaf);
  to.linear.starts.push_back(static_cast<std::uint32_t>(to.linear.terms.size()));
  to.linear.terms.insert(to.linear.terms.end(), terms.begin(), terms.end());
}

}  // namespace

Tree in_preorder(const Tree& from, std::size_t values) {
  struct Pending {
    std::int32_t child, parent;
    bool is_left;
  };
  Tree to;
  to.nodes.reserve(from.nodes.size());
  std::size_t leaves = 0;
  std::vector<Pending> pending = {{.child = from.nodes.empty() ? ~0 : 0, .parent = -1, .is_left = false}};
  while (!pending.empty()) {
    const Pending at = pending.back();
    pending.pop_back();
    const auto number =
        at.child < 0 ? ~static_cast<std::int32_t>(leaves++) : static_cast<std::int32_t>(to.nodes.size());
    if (at.parent >= 0) {
      Tree::Node& parent = to.nodes[static_cast<std::size_t>(at.parent)];
      (at.is_left ? parent.left : parent.right) = number;
    }
    if (at.child < 0) {
      copy_leaf(from, static_cast<std::size_t>(~at.child), values, to);
      continue;
    }
    Tree::Node& node = to.nodes.emplace_back(from.nodes[static_cast<std::size_t>(at.child)]);
    const auto words = std::span(from.sets).subspan(node.set_begin, node.set_words);
    node.set_begin = node.set_words == 0 ? 0 : static_cast<std::uint32_t>(to.sets.size());
    to.sets.insert(to.sets.end(), words.begin(), words.end());
    pending.push_back({.child = node.right, .parent = number, .is_left = false});
    pending.push_back({.child = node.left, .parent = number, .is_left = true});
  }
  if (!from.linear.empty()) to.linear.starts.push_back(static_cast<std::uint32_t>(to.linear.terms.size()));
  return to;
}

void save_trees(ArchiveWriter& archive, const Forest& forest) {
  std::vector<std::uint32_t> nodes;
  BitWriter shapes;
  Columns columns;
  for (const Tree& each : forest.trees) {
    const Tree tree = in_preorder(each, forest.leaf_values);
    nodes.push_back(static_cast<std::uint32_t>(tree.nodes.size()));
    put_shape(tree, shapes);
    columns.add(tree);
  }
  archive.put_array<std::uint32_t>(nodes);
  archive.put_array<std::uint64_t>(shapes.words());
  columns.save(archive, forest.features.size(), forest.leaf_values);
  const bool has_linear = forest.has_linear();
  archive.put<std::uint8_t>(has_linear ? 1 : 0);
  for (std::size_t i = 0; has_linear && i < forest.trees.size(); ++i)
    in_preorder(forest.trees[i], forest.leaf_values).linear.save(archive);
}

std::vector<Tree> load_trees(ArchiveReader& archive, std::size_t features, std::size_t values) {
  const std::vector<std::uint32_t> nodes = archive.get_array<std::uint32_t>(kMaxTrees);
  for (const std::uint32_t count : nodes)
    if (count >= kMaxLeaves) ArchiveReader::damaged("the number of nodes of a tree");
  std::vector<std::uint64_t> words = archive.get_array<std::uint64_t>();
  if (words.size() != (shape_bits(nodes) + kWordBits - 1) / kWordBits) ArchiveReader::damaged(kShape);
  BitReader shapes(std::move(words));
  std::vector<Tree> trees(nodes.size());
  for (std::size_t i = 0; i < trees.size(); ++i) {
    trees[i].nodes.resize(nodes[i]);
    get_shape(shapes, trees[i]);
  }
  ColumnReader(archive, features, values).fill(trees);
  const bool has_linear = archive.get_between<std::uint8_t>(0, 1, "a flag of a forest") == 1;
  for (Tree& tree : trees) {
    require_tree(tree, features, values);
    if (has_linear) tree.linear = LinearLeaves::load(archive, tree.nodes.size() + 1, features);
  }
  return trees;
}

}  // namespace astrolabe::trees
