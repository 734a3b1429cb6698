// SPDX-License-Identifier: Apache-2.0
// Anderson acceleration: where do rounds that each close a share of the gap end? Mixes the last few rounds so
// that their movements cancel, and proposes that point. The caller checks that it is better.
//
//   Anderson memory;
//   memory.record(before_round, after_round);
//   std::vector<double> guess = memory.propose();
//
// Source: Walker and Ni, "Anderson acceleration for fixed-point iterations", SIAM J. Numer. Anal. 49(4),
// 2011.
#pragma once

#include <deque>
#include <vector>

namespace astrolabe::linear {

class Anderson {
 public:
  // One round took `before` to `after`; both [values], in one unit.
  void record(const std::vector<double>& before, std::vector<double> after);
  // Empty until two rounds are known. Cost: values * rounds^2, of at most 5 rounds.
  [[nodiscard]] std::vector<double> propose() const;
  void forget() { rounds_.clear(); }

 private:
  struct Round {
    std::vector<double> after;
    std::vector<double> movement;
  };
  std::deque<Round> rounds_;
};

}  // namespace astrolabe::linear
