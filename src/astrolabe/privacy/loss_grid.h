// SPDX-License-Identifier: Apache-2.0
// A privacy loss on a grid: finitely many losses, all multiples of one step, and a chance of an infinite one.
//
//   const LossGrid grid = discretise(pair, 1e-4, Rounding::connect_dots);
//   // grid.mass[i] is the chance of the loss (grid.first + i) * grid.step
//
// Sources: Meiser & Mohammadi, "Tight on budget? Privacy buckets", CCS 2018; Doroshenko, Ghazi, Kamath, Kumar
// & Manurangsi, "Connect the dots: tighter discrete approximations of privacy loss distributions", PETS 2022,
// algorithm 1; Gopi, Lee & Wutschitz, "Numerical composition of differential privacy", NeurIPS 2021.
#pragma once

#include <cstdint>
#include <vector>

#include "astrolabe/privacy/loss_pair.h"

namespace astrolabe {

enum class Rounding {
  up,            // every loss to the next grid point above: an upper bound
  connect_dots,  // split between its neighbours so that Q keeps its mass too: the least upper bound of a grid
  down,          // to the next below: a lower bound
  nearest,       // to the nearest: of unknown side, for the accountant of privacy random variables
};

struct LossGrid {
  double step = 0;
  std::int64_t first = 0;         // the loss of mass[0] is first * step
  std::vector<double> mass = {};  // of P
  double infinite = 0;            // P's chance of an infinite loss
};

// The grid covers [pair.lowest(), pair.highest()]. What is cut off on top is infinite, except under `down`;
// below it moves up to the first point, or under `down` is lost. O(points), about 150 ns each.
[[nodiscard]] LossGrid discretise(const LossPair& pair, double step, Rounding rounding);

// With probability `weight` the one mechanism, else the other, and the world sees which; steps are equal.
[[nodiscard]] LossGrid mixed(const LossGrid& a, const LossGrid& b, double weight);

}  // namespace astrolabe
