// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/lower/plan.h"

#include <fmt/format.h>

#include "astrolabe/base/text.h"
#include "astrolabe/graph/op.h"

namespace astrolabe {
namespace {

std::string region_text(const Plan& plan, const Region& region) {
  static constexpr std::array<std::string_view, 5> kPlaces = {"input", "state", "scalar", "output", "arena"};
  const PlanBuffer& buffer = plan.buffers[region.buffer];
  const std::string_view place = kPlaces[static_cast<std::size_t>(buffer.place)];
  const std::size_t where = buffer.place == Place::arena ? buffer.offset : buffer.slot;
  const std::string offset = region.offset == 0 ? "" : fmt::format("+{}", region.offset);
  return fmt::format("{} {}{}", place, where, offset);
}

std::string step_text(const Plan& plan, const NestStep& step) {
  std::string text = "nest";
  for (const std::int64_t extent : step.extents) text += fmt::format(" {}", extent);
  text += ":";
  for (std::size_t i = 0; i < step.regions.size(); ++i)
    text += fmt::format("{} m{} = {}", i == 0 ? "" : ",", i, region_text(plan, step.regions[i]));
  text += "\n";
  for (const std::string& line : split(print_nest(step.code), '\n'))
    if (!line.empty()) text += "  " + line + "\n";
  return text;
}

std::string step_text(const Plan& plan, const DotStep& step) {
  const std::string batch = step.batch == 1 ? "" : fmt::format("{} times ", step.batch);
  return fmt::format("dot {}[{}, {}] by [{}, {}]: {} x {} -> {}\n", batch, step.m, step.k, step.k, step.n,
                     region_text(plan, step.a), region_text(plan, step.b), region_text(plan, step.c));
}

std::string step_text(const Plan& plan, const ConvolveStep& step) {
  const std::string batch = step.batch == 1 ? "" : fmt::format("{} times ", step.batch);
  return fmt::format(
      "{} {}pictures [{}, {}, {}, {}], filters [{}, {}, {}, {}], answers [{}, {}, {}, {}]: {} x {} -> {}\n",
      op_rule(step.op).name, batch, step.n, step.h, step.w, step.c, step.kh, step.kw, step.c, step.f, step.n,
      step.oh, step.ow, step.f, region_text(plan, step.a), region_text(plan, step.b),
      region_text(plan, step.out));
}

std::string step_text(const Plan& plan, const BitsStep& step) {
  return fmt::format("bits {}: key {} -> {}\n", step.batch * step.count, region_text(plan, step.key),
                     region_text(plan, step.out));
}

std::string step_text(const Plan& plan, const TakeStep& step) {
  return fmt::format("take {} rows of {}: {} at {} -> {}\n", step.count, step.row_elements,
                     region_text(plan, step.table), region_text(plan, step.index),
                     region_text(plan, step.out));
}

std::string step_text(const Plan& plan, const AddAtStep& step) {
  return fmt::format("add_at {} rows of {}: {} at {} -> {}\n", step.count, step.row_elements,
                     region_text(plan, step.rows), region_text(plan, step.index),
                     region_text(plan, step.table));
}

}  // namespace

std::string print_plan(const Plan& plan) {
  std::string text;
  for (const Step& step : plan.steps)
    std::visit([&](const auto& of_kind) { text += step_text(plan, of_kind); }, step);
  text += fmt::format("arena: {} bytes, lower bound {}\n", plan.arena_bytes, plan.arena_lower_bound);
  return text;
}

}  // namespace astrolabe
