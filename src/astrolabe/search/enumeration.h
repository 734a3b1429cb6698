// SPDX-License-Identifier: Apache-2.0
// Every point of a countable space, each once, without a memory of those that were shown: number i of the
// space is decoded from i, and the numbers are shuffled by a keyed permutation.
//
//   const PointIndex index(space);                       // of at most 2^53 points
//   for (std::uint64_t i = 0; i < index.count(); ++i) use(index.point(shuffled(i, index.count(), key)));
//
// Conditional dimensions count only where they exist: the dimensions are a forest, in which each hangs on the
// choice of its condition, so points are numbers in a mixed radix, tree by tree.
// Source of the permutation: Black and Rogaway, "Ciphers with arbitrary finite domains", CT-RSA 2002 (a
// Feistel network that walks until it is back inside).
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "astrolabe/search/proposer.h"

namespace astrolabe {

class PointIndex {
 public:
  static constexpr double kMostPoints = 9007199254740992.0;  // 2^53

  // Throws usage_error for a space with real numbers, or with more than kMostPoints points.
  explicit PointIndex(const Space& space);
  [[nodiscard]] std::uint64_t count() const { return count_; }
  // Number `index` of them, below count(). Pure; thread-safe. Cost: O(dimensions x options).
  [[nodiscard]] Point point(std::uint64_t index) const;

 private:
  [[nodiscard]] std::uint64_t count_under(std::size_t d, std::size_t option) const;
  void decode(std::size_t d, std::uint64_t index, std::vector<double>& values) const;
  // Splits `index` into one for each of `trees`, the last of them fastest.
  void decode_all(const std::vector<std::size_t>& trees, std::uint64_t index,
                  std::vector<double>& values) const;

  Space space_;
  std::vector<std::size_t> roots_;
  std::vector<std::vector<std::vector<std::size_t>>> children_;  // [dimensions, options] of choices
  std::vector<std::uint64_t> counts_;  // [dimensions] ways to fill it and what hangs on it
  std::uint64_t count_ = 1;
};

// A permutation of [0, count), count at most 2^53: where `index` goes. Pure; thread-safe.
[[nodiscard]] std::uint64_t shuffled(std::uint64_t index, std::uint64_t count, Key key);

struct EnumerationSettings {
  std::string order = "shuffled";
};
[[nodiscard]] std::span<const Field<EnumerationSettings>> enumeration_settings_table();

[[nodiscard]] std::unique_ptr<Proposer> make_enumeration(const Space& space,
                                                         const EnumerationSettings& settings, Key key);

}  // namespace astrolabe
