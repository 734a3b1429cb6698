// SPDX-License-Identifier: Apache-2.0
// Which rounds a round of DART leaves out, and how much every round counts afterwards (Rashmi and
// Gilad-Bachrach, "DART: dropouts meet multiple additive regression trees", AISTATS 2015).
//
//   Dropout dropout({.rate = 0.1, .skip = 0.5}, key);
//   const std::vector<std::size_t> dropped = dropout.choose(round);   // of the rounds so far
//   ... grow a tree on the scores without them ...
//   const Dropout::Shares shares = dropout.add_round(dropped);        // what counts how much from now on
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "astrolabe/base/random.h"

namespace astrolabe::trees {

struct DropoutRules {
  double rate = 0.1;  // probability of a round to be left out
  double skip = 0.5;  // probability of a round that leaves none out
};

class Dropout {
 public:
  static constexpr std::size_t kMostDropped = 50;

  Dropout(const DropoutRules& rules, Key key) : rules_(rules), key_(key) {}

  // Ascending; at most kMostDropped. At least one, unless the round is skipped or the first.
  [[nodiscard]] std::vector<std::size_t> choose(std::uint64_t round) const;

  struct Shares {
    double added = 1;    // of the new round
    double dropped = 1;  // what each round that was left out is multiplied by
  };
  // With k rounds left out the new one counts 1 / (k + 1) and they k / (k + 1) of what they did: together
  // they are about as large as the k were.
  Shares add_round(std::span<const std::size_t> dropped);
  // A round that found nothing to add: what was left out comes back as it was.
  void add_empty_round() { weights_.push_back(1); }

  // [rounds] How much each round counts now.
  [[nodiscard]] const std::vector<double>& weights() const { return weights_; }

 private:
  DropoutRules rules_;
  Key key_;
  std::vector<double> weights_;
};

}  // namespace astrolabe::trees
