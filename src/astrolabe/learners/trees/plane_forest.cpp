// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/learners/trees/plane_forest.h"

#include <algorithm>
#include <array>

namespace astrolabe::trees {
namespace {

const PlaneRoutines& routines_of(InstructionSet set) {
  switch (set) {
    case InstructionSet::plain:
      return plain_plane_routines();
    case InstructionSet::avx2:
      return avx2_plane_routines();
    case InstructionSet::avx512:
      break;
  }
  return avx512_plane_routines();
}

using Block = std::array<float, kPlaneRows>;

// The column's cells of the block: where they lie if there are enough of them, else a copy.
const float* block_of(const FeatureColumn& column, std::size_t begin, std::size_t end, Block& copy) {
  if (!column.is_sparse && end - begin == kPlaneRows) return column.dense.data() + begin;
  copy.fill(0.0F);
  if (!column.is_sparse) {
    std::copy_n(column.dense.data() + begin, end - begin, copy.begin());
    return copy.data();
  }
  auto at = static_cast<std::size_t>(
      std::ranges::lower_bound(column.sparse_rows, static_cast<std::uint32_t>(begin)) -
      column.sparse_rows.begin());
  for (; at < column.sparse_rows.size() && column.sparse_rows[at] < end; ++at)
    copy[column.sparse_rows[at] - begin] = column.sparse_values[at];
  return copy.data();
}

}  // namespace

PlaneForest::Workplace::Workplace(const PlaneForest& forest)
    : tests(forest.layout_.planes), scores(forest.layout_.outputs * kPlaneRows) {}

bool PlaneForest::suits(const Forest& forest) {
  return std::ranges::all_of(forest.trees, [](const Tree& tree) {
    return tree.leaves.size() <= std::size_t{1} << kIndexPlanes && tree.linear.empty();
  });
}

PlaneForest::PlaneForest(const Forest& forest, InstructionSet set)
    : routines_(&routines_of(set)), layout_(lay_planes(forest)) {}

void PlaneForest::answer_tests(const PlaneLayout::FeatureTests& tests, const float* column,
                               Plane* planes) const {
  for (std::size_t at = tests.thresholds.begin; at < tests.thresholds.end; at += kMostThresholds) {
    const std::size_t count = std::min(kMostThresholds, tests.thresholds.end - at);
    routines_->compare(column, layout_.thresholds.data() + at, count,
                       planes + tests.first_plane + (at - tests.thresholds.begin));
  }
  if (!tests.missing_left.empty()) {
    Plane missing;
    routines_->find_missing(column, &missing);
    for (std::size_t i = tests.missing_left.begin; i < tests.missing_left.end; ++i) {
      Plane& plane = planes[layout_.missing_left[i]];
      for (std::size_t word = 0; word < kPlaneRows / 64; ++word) plane.words[word] |= missing.words[word];
    }
  }
  if (tests.sets.empty()) return;
  constexpr float kEnd = kMaxCategories;
  std::array<std::uint32_t, kPlaneRows> codes;
  for (std::size_t i = 0; i < kPlaneRows; ++i)
    codes[i] = column[i] >= 0 && column[i] < kEnd ? static_cast<std::uint32_t>(column[i]) : UINT32_MAX;
  for (std::size_t i = tests.sets.begin; i < tests.sets.end; ++i) {
    const PlaneLayout::SetTest& test = layout_.set_tests[i];
    routines_->test_set(codes.data(), layout_.sets.data() + test.begin, test.words, test.missing_left,
                        planes + test.plane);
  }
}

void PlaneForest::score(const FeatureMatrix& matrix, std::size_t begin, std::size_t end,
                        Workplace& place) const {
  for (std::size_t output = 0; output < layout_.outputs; ++output)
    std::fill_n(place.scores.begin() + static_cast<std::ptrdiff_t>(output * kPlaneRows), kPlaneRows,
                layout_.initial[output]);
  Block copy;
  for (const PlaneLayout::Group& group : layout_.groups) {
    for (std::size_t i = group.features.begin; i < group.features.end; ++i) {
      const PlaneLayout::FeatureTests& tests = layout_.features[i];
      const float* const column = block_of(matrix.columns[tests.feature], begin, end, copy);
      answer_tests(tests, column, place.tests.data());
    }
    for (std::size_t i = group.trees.begin; i < group.trees.end; ++i) {
      const PlaneLayout::LaidTree& tree = layout_.trees[i];
      routines_->add_tree({.steps = layout_.steps.data() + tree.steps.begin,
                           .count = tree.steps.size(),
                           .leaves = layout_.leaves.data() + tree.first_leaf,
                           .index_planes = tree.index_planes},
                          place.tests.data(), place.scores.data() + i % layout_.outputs * kPlaneRows);
    }
  }
}

}  // namespace astrolabe::trees
