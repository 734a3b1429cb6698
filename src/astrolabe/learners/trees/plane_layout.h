// SPDX-License-Identifier: Apache-2.0
// How a forest is laid out for PlaneForest: the distinct tests of each group of trees, feature by feature,
// and each tree as steps that split planes of rows.
//
//   const PlaneLayout layout = lay_planes(forest);
//   layout.groups[0].tests;                          // planes that answering them fills
#pragma once

#include <cstdint>
#include <vector>

#include "astrolabe/learners/trees/forest.h"
#include "astrolabe/learners/trees/plane_routines.h"

namespace astrolabe::trees {

struct PlaneLayout {
  struct Range {
    std::size_t begin = 0, end = 0;
    [[nodiscard]] std::size_t size() const { return end - begin; }
    [[nodiscard]] bool empty() const { return begin == end; }
  };
  struct SetTest {
    std::size_t begin = 0, words = 0;  // of `sets`
    std::uint32_t plane = 0;
    bool missing_left = false;
  };
  // The tests of one feature in one group: thresholds, ascending, in the planes from first_plane on; sets.
  struct FeatureTests {
    std::uint32_t feature = 0;  // of the matrix
    std::uint32_t first_plane = 0;
    Range thresholds;
    Range missing_left;  // planes of thresholds that missing cells pass
    Range sets;
  };
  struct LaidTree {
    Range steps;
    std::size_t first_leaf = 0;
    std::size_t index_planes = 0;
  };
  // Consecutive trees whose planes fit the second-level cache together.
  struct Group {
    Range features, trees;
  };

  std::size_t outputs = 1;
  std::vector<double> initial;
  std::vector<Group> groups;
  std::vector<FeatureTests> features;
  std::vector<float> thresholds;
  std::vector<std::uint32_t> missing_left;
  std::vector<SetTest> set_tests;
  std::vector<std::uint32_t> sets;
  std::vector<LaidTree> trees;
  std::vector<PlaneStep> steps;
  std::vector<double> leaves;
  std::size_t planes = 1;  // of the group with most tests; plane 0 is no test: no row passes it
};

// At most 2^kIndexPlanes leaves a tree. Keeps nothing of the forest.
[[nodiscard]] PlaneLayout lay_planes(const Forest& forest);

}  // namespace astrolabe::trees
