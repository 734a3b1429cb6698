// SPDX-License-Identifier: Apache-2.0
// Trees as files held them before they were packed, for the tests that these are still read.
#pragma once

#include "astrolabe/learners/trees/forest.h"

namespace astrolabe::trees::testing {

// As formats 3 and 4 wrote a tree, and format 5 with `has_linear`.
inline void put_old_tree(ArchiveWriter& archive, const Tree& tree, bool has_linear = false) {
  archive.put<std::uint32_t>(static_cast<std::uint32_t>(tree.nodes.size()));
  for (const Tree::Node& node : tree.nodes) {
    archive.put(node.feature);
    archive.put(node.threshold);
    archive.put(node.left);
    archive.put(node.right);
    archive.put(node.set_begin);
    archive.put(node.set_words);
    archive.put<std::uint8_t>(node.missing_left ? 1 : 0);
  }
  archive.put_array<double>(tree.leaves);
  archive.put_array<std::uint32_t>(tree.sets);
  archive.put_array<float>(tree.covers);
  if (has_linear) tree.linear.save(archive);
}

// A model of squared loss as formats 3, 4 (a mean) and 5 wrote it.
inline std::string old_model(std::uint8_t format, const Forest& forest, std::size_t features) {
  ArchiveWriter archive;
  archive.put(format);
  archive.put<std::uint8_t>(0);  // squared
  archive.put<std::uint8_t>(0);
  archive.put_text("");
  archive.put_array<double>(forest.initial);
  archive.put_array<std::uint32_t>(forest.features);
  archive.put_array<double>(std::vector<double>(features, 1.0));
  archive.put<std::uint64_t>(forest.trees.size());
  for (const Tree& tree : forest.trees) put_old_tree(archive, tree, format == 5);
  return archive.bytes();
}

}  // namespace astrolabe::trees::testing
