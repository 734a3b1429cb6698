// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/codegen/nest_schedule.h"

#include <algorithm>
#include <numeric>

namespace astrolabe {
namespace {

constexpr std::size_t kLongBody = 48;     // instructions
constexpr std::size_t kMostWritten = 96;  // instructions of a body that is written out
constexpr std::size_t kMostPermuted = 3;  // loops of which every order is tried

// Loops that may be walked in any order: all but the reduced ones, and but the innermost one of sums.
std::size_t free_loops(const NestCode& code) {
  return code.loops - std::size_t{code.reduced_loops} - (code.shape == NestShape::lanes ? 1 : 0);
}

// In the default's order: of `outer` the innermost loop comes before the reduced ones.
std::vector<std::uint8_t> default_order(const NestCode& code) {
  std::vector<std::uint8_t> order;
  const auto inner = static_cast<std::uint8_t>(code.loops - 1);
  const auto kept = static_cast<std::uint8_t>(inner - code.reduced_loops);
  for (std::uint8_t loop = 0; loop < kept; ++loop) order.push_back(loop);
  order.push_back(inner);
  for (std::uint8_t loop = kept; loop < inner; ++loop) order.push_back(loop);
  return order;
}

// Where a store stands still in a loop the last turn would have to stay the last.
bool may_be_reordered(const NestCode& code) {
  return std::ranges::all_of(code.stores, [&](const NestStore& store) {
    const auto& strides = code.accesses[store.access].strides;
    return std::none_of(strides.begin(), strides.begin() + code.loops,
                        [](Stride stride) { return stride == Stride::zero; });
  });
}

bool is_allowed_order(const NestCode& code, const NestSchedule& schedule) {
  const std::vector<std::uint8_t> usual = default_order(code);
  const auto free = static_cast<std::ptrdiff_t>(free_loops(code));
  return may_be_reordered(code) &&
         std::is_permutation(usual.begin(), usual.begin() + free, schedule.order.begin()) &&
         std::equal(usual.begin() + free, usual.end(), schedule.order.begin() + free) &&
         std::all_of(schedule.order.begin() + code.loops, schedule.order.end(),
                     [](std::uint8_t loop) { return loop == 0; });
}

}  // namespace

std::vector<std::size_t> NestSchedule::loop_order(const NestCode& code) const {
  if (!has_order()) return {};
  return {order.begin(), order.begin() + code.loops};
}

std::vector<NestSchedule> nest_strips(const NestCode& code, InstructionSet set) {
  std::vector<NestSchedule> schedules;
  if (code.shape == NestShape::lanes) return schedules;
  const unsigned most = 2 * kVectorLanes[static_cast<std::size_t>(set)];
  for (unsigned lanes = 8; lanes <= most; lanes *= 2)
    schedules.push_back({.lanes = static_cast<std::uint16_t>(lanes)});
  return schedules;
}

std::vector<NestSchedule> nest_unrolls(const NestCode& code) {
  std::vector<NestSchedule> schedules;
  for (const std::uint8_t times : {std::uint8_t{2}, std::uint8_t{4}})
    if (code.body.size() * times <= kMostWritten) schedules.push_back({.unroll = times});
  return schedules;
}

std::vector<NestSchedule> nest_orders(const NestCode& code) {
  std::vector<NestSchedule> schedules;
  const std::size_t free = free_loops(code);
  if (free < 2 || !may_be_reordered(code)) return schedules;
  const std::vector<std::uint8_t> usual = default_order(code);
  const auto add = [&](const std::vector<std::uint8_t>& order) {
    NestSchedule schedule;
    std::ranges::copy(order, schedule.order.begin());
    if (order != usual && std::ranges::find(schedules, schedule) == schedules.end())
      schedules.push_back(schedule);
  };
  const auto at = [](auto& order, std::size_t i) { return order.begin() + static_cast<std::ptrdiff_t>(i); };
  if (free <= kMostPermuted) {
    std::vector<std::size_t> places(free);
    std::iota(places.begin(), places.end(), 0);
    while (std::next_permutation(places.begin(), places.end())) {
      std::vector<std::uint8_t> order = usual;
      for (std::size_t i = 0; i < free; ++i) order[i] = usual[places[i]];
      add(order);
    }
    return schedules;
  }
  std::vector<std::uint8_t> order = usual;  // the last one first
  std::rotate(order.begin(), at(order, free - 1), at(order, free));
  add(order);
  order = usual;  // the first one last
  std::rotate(order.begin(), order.begin() + 1, at(order, free));
  add(order);
  order = usual;
  std::swap(order[free - 1], order[free - 2]);
  add(order);
  order = usual;
  std::swap(order[0], order[1]);
  add(order);
  return schedules;
}

std::vector<NestSchedule> nest_schedules(const NestCode& code, InstructionSet set) {
  const std::vector<NestSchedule> strips = nest_strips(code, set), unrolls = nest_unrolls(code),
                                  orders = nest_orders(code);
  std::vector<NestSchedule> all = strips;
  all.insert(all.end(), unrolls.begin(), unrolls.end());
  all.insert(all.end(), orders.begin(), orders.end());
  for (std::size_t i = 0; i < orders.size() && !unrolls.empty(); ++i) {
    NestSchedule both = orders[i];
    both.unroll = unrolls[i % unrolls.size()].unroll;
    if (!strips.empty()) both.lanes = strips[i % strips.size()].lanes;
    all.push_back(both);
  }
  for (std::size_t i = 0; i < unrolls.size() && !strips.empty(); ++i)
    all.push_back({.lanes = strips[(i + 1) % strips.size()].lanes, .unroll = unrolls[i].unroll});
  return all;
}

NestSchedule allowed_schedule(const NestCode& code, InstructionSet set, const NestSchedule& wanted) {
  NestSchedule schedule = wanted;
  const auto has = [](const std::vector<NestSchedule>& some, auto choice, auto value) {
    return std::ranges::any_of(some, [&](const NestSchedule& each) { return each.*choice == value; });
  };
  if (!has(nest_strips(code, set), &NestSchedule::lanes, wanted.lanes)) schedule.lanes = 0;
  if (!has(nest_unrolls(code), &NestSchedule::unroll, wanted.unroll)) schedule.unroll = 0;
  if (!is_allowed_order(code, wanted)) schedule.order = {};
  return schedule;
}

// A long body has enough to do at a time with one register of AVX-512; two would double what is compiled.
// A short row does not fill two.
unsigned nest_lanes(const NestCode& code, InstructionSet set, const NestSchedule& schedule) {
  if (schedule.lanes != 0) return schedule.lanes;
  const unsigned most = kVectorLanes[static_cast<std::size_t>(set)];
  const bool is_long = code.shape != NestShape::lanes && code.body.size() >= kLongBody;
  return set == InstructionSet::avx512 && (is_long || code.is_narrow) ? most / 2 : most;
}

}  // namespace astrolabe
