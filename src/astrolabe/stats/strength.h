// SPDX-License-Identifier: Apache-2.0
// How strong each contestant is, judged by who beats whom: Bradley and Terry's model on the scale of Elo.
//
//   for (const Strength& s : elo_strengths(table, key)) fmt::print("{} [{}, {}]\n", s.elo, s.low, s.high);
//
// 400 points are odds of ten to one; the mean contestant has 1000. Every pair of contestants on a task is a
// game, a tie half a win for either. Each contestant also has half a win and half a loss against a mean one,
// so that strengths stay finite. Source: Bradley & Terry, Biometrika 1952; Hunter, "MM algorithms for
// generalized Bradley-Terry models", Annals of Statistics 2004. Pure; thread-safe.
#pragma once

#include <cstddef>
#include <vector>

#include "astrolabe/base/random.h"
#include "astrolabe/stats/contestants.h"

namespace astrolabe {

struct Strength {
  double elo = 0;
  double low = 0, high = 0;  // 95 %, by resampled tasks
};

// [contestants]. Cost: resamples * (tasks k^2 + iterations k^2).
[[nodiscard]] std::vector<Strength> elo_strengths(const ScoreTable& table, Key key,
                                                  std::size_t resamples = 200);

// Strengths on the natural scale (log-odds, mean 0) from wins[i * k + j], how often i beat j. `prior` wins
// and losses against a contestant of strength 0 are added to each. At most 10,000 rounds, or until none moves
// by 1e-10.
[[nodiscard]] std::vector<double> bradley_terry(const std::vector<double>& wins, std::size_t contestants,
                                                double prior = 0.5);

}  // namespace astrolabe
