// SPDX-License-Identifier: Apache-2.0
// Threefry2x32-20: the random bits of Op::bits. A pure function of key and counter, so bits do not depend on
// tiles, threads, vectors or batches; adds, rotations and xors only, so it vectorizes everywhere.
//
//   threefry({key0, key1}, {index, stream})[0]   // element `index` of the stream
//
// Source: Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011; Random123's known answers.
#pragma once

#include <array>
#include <cstdint>

namespace astrolabe {

using ThreefryWords = std::array<std::uint32_t, 2>;

// What compiled code needs to repeat it: 20 rounds, a key injection after every fourth.
inline constexpr std::uint32_t kThreefryParity = 0x1BD11BDA;
inline constexpr std::array<std::uint32_t, 8> kThreefryRotations = {13, 15, 26, 6, 17, 29, 16, 24};

// Pure; thread-safe; about 20 ns.
[[nodiscard]] ThreefryWords threefry(ThreefryWords key, ThreefryWords counter);

}  // namespace astrolabe
