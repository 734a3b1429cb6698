// SPDX-License-Identifier: Apache-2.0
// A forest laid out for many rows: 512 rows go through all tests and trees together, one bit a row.
//
//   const PlaneForest planes(forest);                  // forest: PlaneForest::suits(forest)
//   PlaneForest::Workplace place(planes);
//   planes.score(matrix, 0, 512, place);               // place.scores: [outputs, 512]
//
// Each distinct test of a group of trees (a feature and a threshold or a set) is answered once for the block:
// a plane of 512 bits. For numbers, each row is first given its place among the feature's thresholds, a byte.
// A tree then splits planes: of the rows that reach a node, those whose bit is set go one way. No row waits
// for another's memory and nothing is guessed by the processor, so the cost is that of all nodes instead of
// those on a path, 512 times shared: about 5 cycles a node for 512 rows, and 1 cycle for each row's leaf.
//
// Scores have the bits that walking each tree by each row gives (Tree::value): tests are the same, and leaves
// are added tree by tree in the same order. The idea of answering tests feature by feature is QuickScorer's
// (Lucchese et al., SIGIR 2015); splitting planes of rows instead of masks of leaves lets trees have any
// size.
//
// Immutable, so thread-safe; a Workplace belongs to one thread.
#pragma once

#include <vector>

#include "astrolabe/base/instruction_set.h"
#include "astrolabe/learners/trees/forest.h"
#include "astrolabe/learners/trees/plane_layout.h"

namespace astrolabe::trees {

class PlaneForest {
 public:
  // Not where a tree is so large that its rows share too little: more than 2048 leaves; nor where leaves have
  // slopes, for planes know which leaf a row is in but not its cells.
  [[nodiscard]] static bool suits(const Forest& forest);

  // Keeps nothing of the forest. Cost: sorting its nodes.
  explicit PlaneForest(const Forest& forest, InstructionSet set = best_instruction_set());

  struct Workplace {
    explicit Workplace(const PlaneForest& forest);
    std::vector<Plane> tests;
    std::vector<double> scores;  // [outputs, kPlaneRows]; what lies beyond the rows asked for means nothing
  };

  // At most kPlaneRows rows of the matrix that the forest was fitted on the like of.
  void score(const FeatureMatrix& matrix, std::size_t begin, std::size_t end, Workplace& place) const;

 private:
  void answer_tests(const PlaneLayout::FeatureTests& tests, const float* column, Plane* planes) const;

  const PlaneRoutines* routines_;
  PlaneLayout layout_;
};

}  // namespace astrolabe::trees
