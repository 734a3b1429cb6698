// SPDX-License-Identifier: Apache-2.0
// A private mechanism as accountants see it: what noise, how much of it, over which share of the rows, how
// often.
//
//   const Mechanism sgd{.noise_multiplier = 1.1, .sampling_rate = 256 / 60000.0, .times = 14063};
//   const Mechanism scaling{.noise = Noise::laplace, .noise_multiplier = 20};
#pragma once

#include <cstdint>

namespace astrolabe {

enum class Noise {
  gaussian,  // standard deviation noise_multiplier times the l2 norm that a row may contribute
  laplace,   // scale noise_multiplier times the l1 norm that a row may contribute
};

struct Mechanism {
  Noise noise = Noise::gaussian;
  double noise_multiplier = 1;  // positive
  double sampling_rate = 1;     // each row on its own with this probability (Poisson sampling)
  std::uint64_t times = 1;
};

// Which tables are neighbours: what the guarantee hides.
enum class Neighbours {
  add_remove,   // one has one row more: that a row took part
  replace_one,  // one row is another one: what a row says, where it is known that it took part
};

// Throws usage_error for noise that is not positive and finite, a rate outside (0, 1], no use at all.
void require_sound(const Mechanism& mechanism);
// Throws usage_error unless delta is above 0 and below 1.
void require_delta(double delta);

}  // namespace astrolabe
