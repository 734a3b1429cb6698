// SPDX-License-Identifier: Apache-2.0
// Weights for a child net that begins with what its parent knows.
//
//   const Grown grown = grow_weights(child, {.net = parent, .w = w, .running = running},
//                                    Initialization::he, key.split("weights"));
//   grown.growth     // exact: the child computes what the parent computes, to the last few ulp
//   grown.why        // of another growth: "another activation"
//   Trainer trainer({..., .running = grown.running});
//   trainer.start(grown.w);
//
// What a child may have more than its parent, without another function:
// - wider layers. New units have fresh incoming weights and outgoing ones of zero, so they differ from each
//   other and cost nothing to the bytes. Under layer normalization every unit counts; there a layer may
//   become k times as wide, each unit k times, and what goes out of it shared unevenly by its copies.
// - residual blocks anywhere: they begin as the identity.
// - dense layers behind dense layers, without normalization and with an activation that leaves its own values
//   alone (relu, abs): they begin as the identity matrix.
// - in the part that reads pictures what picture_grow.h says.
// (Chen et al., "Net2Net", ICLR 2016; Cai et al., "Efficient architecture search by network transformation",
// AAAI 2018.)
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "astrolabe/train/initialize.h"
#include "astrolabe/train/net.h"
#include "astrolabe/train/net_ends.h"

namespace astrolabe {

// A net with its weights; looks at them.
struct FittedSpec {
  const NetSpec& net;
  std::span<const float> w;             // [layout_of(net).size]
  std::span<const float> running = {};  // [layout_of(net).running_size]
};

enum class Growth : std::uint8_t {
  exact,  // the parent's function
  warm,   // the parent's weights in another function: another activation, say
  none,   // the child does not contain the parent
};

struct Grown {
  Growth growth = Growth::none;
  std::string why;             // it is not exact, in a few words
  std::vector<float> w;        // [layout_of(child).size]; empty when there is no growth
  std::vector<float> running;  // [layout_of(child).running_size]
};

// Inputs and outputs must be the parent's for any growth, unless `ends` says which are which; normalization
// must be the parent's anyway. What is fresh is drawn from `key` as initial_weights does. Pure. Cost: that of
// initial_weights.
[[nodiscard]] Grown grow_weights(const NetSpec& child, const FittedSpec& parent,
                                 Initialization initialization, Key key, const NetEnds* ends = nullptr);

}  // namespace astrolabe
