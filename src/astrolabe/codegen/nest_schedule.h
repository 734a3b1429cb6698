// SPDX-License-Identifier: Apache-2.0
// How a nest's loops are emitted, as data: strips, unrolling, order. A schedule decides about time only: what
// is summed stays one chain in its order, whatever is walked first.
//
//   NestSchedule schedule{.lanes = 32, .unroll = 2, .order = {1, 0}};   // all zeros: the default
//   compile_nests(codes, set, {&schedule, 1});
//   for (const NestSchedule& each : nest_schedules(code, set)) ...      // what a search begins with
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "astrolabe/base/instruction_set.h"
#include "astrolabe/lower/nest.h"

namespace astrolabe {

// Elements of a strip by set. Wider vectors hide more latency and cost more registers and time to compile:
// measured, see README.md. Long bodies on AVX-512 have half as many.
inline constexpr std::array<unsigned, kInstructionSets> kVectorLanes = {8, 16, 32};

struct NestSchedule {
  // Elements of the innermost loop at a time, 8, 16, 32 or 64: wider strips interleave more independent
  // chains, which hides latency, and take more registers. 0: by instruction set and length of the body.
  std::uint16_t lanes = 0;
  // Turns of the loop that is walked last (strips, or steps of a reduction) that are written out one after
  // the other: 2 or 4; full strips then need no masks. 0: one.
  std::uint8_t unroll = 0;
  // The loops in the order in which they are walked. All zeros: from the outermost one, strips of the
  // innermost loop before the loops that are reduced.
  std::array<std::uint8_t, kMaxLoops> order{};

  [[nodiscard]] bool has_order() const { return order != std::array<std::uint8_t, kMaxLoops>{}; }
  // The first `code.loops` of the order; empty: the default.
  [[nodiscard]] std::vector<std::size_t> loop_order(const NestCode& code) const;

  friend bool operator==(const NestSchedule&, const NestSchedule&) = default;
};

// What each choice may be beside its default. Sums of an innermost loop have no strips but their 32 lanes,
// which are part of their meaning, and it is walked last; reduced loops are walked last and in their order.
[[nodiscard]] std::vector<NestSchedule> nest_strips(const NestCode& code, InstructionSet set);
[[nodiscard]] std::vector<NestSchedule> nest_unrolls(const NestCode& code);
[[nodiscard]] std::vector<NestSchedule> nest_orders(const NestCode& code);
// All of them, each by itself, and each order with some strip and unrolling.
[[nodiscard]] std::vector<NestSchedule> nest_schedules(const NestCode& code, InstructionSet set);

// What of a schedule the nest allows on a set; the rest is left to the default.
[[nodiscard]] NestSchedule allowed_schedule(const NestCode& code, InstructionSet set,
                                            const NestSchedule& wanted);
// Elements of a strip by such a schedule.
[[nodiscard]] unsigned nest_lanes(const NestCode& code, InstructionSet set, const NestSchedule& schedule);

}  // namespace astrolabe
