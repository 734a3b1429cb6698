// SPDX-License-Identifier: Apache-2.0
// What each instruction set gives to PlaneForest. Only plain data and function names live here: an inline
// function seen by sources with different instruction sets would be merged by the linker, and the plain path
// could then run AVX-512.
//
//   const PlaneRoutines& routines = plain_plane_routines();
//   routines.compare(column, thresholds, 200, planes);   // 512 rows against 200 thresholds
//   routines.add_tree(tree, planes, scores);             // 512 scores
#pragma once

#include <cstddef>
#include <cstdint>

namespace astrolabe::trees {

inline constexpr std::size_t kPlaneRows = 512;
inline constexpr std::size_t kMostThresholds = 255;  // of one comparison: a row's place among them is a byte
inline constexpr std::size_t kIndexPlanes = 11;      // of a row's leaf: a tree has at most 2^11
inline constexpr std::size_t kSparePlanes = 4;       // written where a step has nothing to say
inline constexpr std::size_t kReachPlanes = 1025;    // the last is written by steps whose first rows are done

// A bit of each of 512 rows; row i's is bit i % 64 of words[i / 64].
struct alignas(64) Plane {
  std::uint64_t words[kPlaneRows / 64];
};

// Splits the rows in reach[from]: those that the test sends first go to reach[to]; the others stay, and the
// bits `index_a` and `index_b` of their leaf's number are turned.
struct PlaneStep {
  std::uint32_t test = 0;
  std::uint16_t from = 0, to = 0;
  std::uint8_t flip = 0;  // 0: rows that pass the test go first; 255: rows that fail it
  std::uint8_t index_a = 0, index_b = 0;
};

struct PlaneTree {
  const PlaneStep* steps = nullptr;
  std::size_t count = 0;
  const double* leaves = nullptr;  // by number
  std::size_t index_planes = 0;    // that tell them apart
};

struct PlaneRoutines {
  // planes[t] = column[i] <= thresholds[t], for 512 rows and at most kMostThresholds ascending thresholds.
  void (*compare)(const float* column, const float* thresholds, std::size_t count, Plane* planes);
  // Which of 512 cells are NaN.
  void (*find_missing)(const float* column, Plane* plane);
  // Which of 512 codes go left: those in the set of `words` words; codes beyond it as `missing_left` says.
  void (*test_set)(const std::uint32_t* codes, const std::uint32_t* set, std::size_t words, bool missing_left,
                   Plane* plane);
  // scores[i] += value of row i's leaf, for 512 rows.
  void (*add_tree)(const PlaneTree& tree, const Plane* tests, double* scores);
};

const PlaneRoutines& plain_plane_routines();
const PlaneRoutines& avx2_plane_routines();
const PlaneRoutines& avx512_plane_routines();

}  // namespace astrolabe::trees
