// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/runtime/schedules.h"

#include <charconv>
#include <mutex>
#include <optional>

#include <fmt/format.h>

#include "astrolabe/base/error.h"
#include "astrolabe/base/hash.h"
#include "astrolabe/runtime/executable_cache.h"
#include "astrolabe/runtime/machine_key.h"

namespace astrolabe {
namespace {

std::string product_key(std::string_view shape, std::size_t threads) {
  return fmt::format("{} {}", threads, shape);
}

std::string_view name_of(NestShape shape) {
  if (shape == NestShape::lanes) return "lanes";
  return shape == NestShape::plain ? "plain" : "outer";
}

GemmShape::Form form_of(std::int64_t along_row, std::int64_t along_column) {
  if (along_row == 1) return GemmShape::Form::rows;
  return along_column == 1 ? GemmShape::Form::columns : GemmShape::Form::other;
}

// The schedules of this process.
struct Current {
  std::mutex mutex;
  std::shared_ptr<const Schedules> schedules;
  std::string warning;

  // Whatever is wrong with the file, nothing that is computed depends on it.
  void load() {
    schedules = std::make_shared<const Schedules>();
    const std::filesystem::path path = schedule_database_path();
    std::error_code error;
    if (path.empty() || !std::filesystem::exists(path, error)) return;
    try {
      schedules =
          std::make_shared<const Schedules>(read_schedules(path, machine_key(best_instruction_set())));
    } catch (const Error& problem) {
      warning = fmt::format("measured schedules are not used: {}", problem.what());
    }
  }
};

Current& current() {
  static Current& the_one = *new Current;
  return the_one;
}

}  // namespace

std::string nest_class(const NestStep& step) {
  std::string extents;
  for (const std::int64_t extent : step.extents)
    extents += fmt::format("{}{}", extents.empty() ? "" : "x", extent);
  return fmt::format("{} {} {}", name_of(step.code.shape), hash_to_hex(hash_text(nest_key(step.code))),
                     extents);
}

GemmShape shape_of(const DotStep& step) {
  return {.m = step.m,
          .n = step.n,
          .k = step.k,
          .a = form_of(step.a_column, step.a_row),
          .b = form_of(step.b_column, step.b_row)};
}

std::string nest_schedule_text(const NestSchedule& schedule) {
  return schedule.lanes == 0 ? std::string() : fmt::format("lanes={}", schedule.lanes);
}

std::optional<NestSchedule> parse_nest_schedule(std::string_view text) {
  NestSchedule schedule;
  if (text.empty()) return schedule;
  constexpr std::string_view kName = "lanes=";
  if (!text.starts_with(kName)) return std::nullopt;
  const char* const last = text.data() + text.size();
  const auto [end, error] = std::from_chars(text.data() + kName.size(), last, schedule.lanes);
  if (error != std::errc() || end != last) return std::nullopt;
  return schedule;
}

std::string nest_schedule_in_words(const NestSchedule& schedule) {
  return schedule.lanes == 0 ? "the default" : fmt::format("strips of {}", schedule.lanes);
}

Schedules::Schedules(std::span<const TunedRow> rows) {
  for (const TunedRow& row : rows) {
    if (row.schedule.empty()) continue;
    if (row.kind == ScheduleKind::product) {
      if (const auto read = parse_schedule(row.schedule))
        products_[product_key(row.shape, row.threads)] = *read;
    } else if (const auto read = parse_nest_schedule(row.schedule)) {
      nests_[row.shape] = *read;
    }
  }
}

GemmSchedule Schedules::of_product(const GemmShape& shape, std::size_t threads) const {
  if (products_.empty()) return {};
  const auto found = products_.find(product_key(shape_text(shape), threads));
  return found == products_.end() ? GemmSchedule{} : found->second;
}

NestSchedule Schedules::of_nest(const NestStep& step) const {
  if (nests_.empty()) return {};
  const auto found = nests_.find(nest_class(step));
  return found == nests_.end() ? NestSchedule{} : found->second;
}

std::shared_ptr<const Schedules> current_schedules() {
  Current& now = current();
  const std::lock_guard lock(now.mutex);
  if (now.schedules == nullptr) now.load();
  return now.schedules;
}

std::string schedule_warning() {
  Current& now = current();
  const std::lock_guard lock(now.mutex);
  return now.warning;
}

void use_schedules(std::shared_ptr<const Schedules> schedules) {
  Current& now = current();
  const std::lock_guard lock(now.mutex);
  now.schedules = std::move(schedules);
  executable_cache().clear();
}

}  // namespace astrolabe
