// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/runtime/schedules.h"

#include <algorithm>
#include <mutex>
#include <optional>

#include <fmt/format.h>

#include "astrolabe/base/error.h"
#include "astrolabe/base/hash.h"
#include "astrolabe/base/text.h"
#include "astrolabe/gemm/schedule_words.h"
#include "astrolabe/runtime/convolve_class.h"
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

// Of as many loops as there are up to the greatest: those behind it are not there.
std::string digits_of(const NestSchedule& schedule) {
  const std::size_t loops = *std::ranges::max_element(schedule.order) + std::size_t{1};
  std::string digits;
  for (std::size_t i = 0; i < loops; ++i) digits += static_cast<char>('0' + schedule.order[i]);
  return digits;
}

// "201": every loop once.
bool read_order(std::string_view digits, NestSchedule& schedule) {
  if (digits.size() < 2 || digits.size() > kMaxLoops) return false;
  for (std::size_t loop = 0; loop < digits.size(); ++loop) {
    const std::size_t place = digits.find(static_cast<char>('0' + loop));
    if (place == std::string_view::npos) return false;
    schedule.order[place] = static_cast<std::uint8_t>(loop);
  }
  return true;
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
  ScheduleWords words;
  words.number("lanes", schedule.lanes);
  words.number("unroll", schedule.unroll);
  if (schedule.has_order()) words.add("order", digits_of(schedule));
  return words.text();
}

std::optional<NestSchedule> parse_nest_schedule(std::string_view text) {
  NestSchedule schedule;
  const bool is_read = read_schedule_words(text, [&](std::string_view name, std::string_view value) {
    if (name == "lanes") return read_number(value, schedule.lanes);
    if (name == "unroll") return read_number(value, schedule.unroll);
    return name == "order" && read_order(value, schedule);
  });
  return is_read ? std::optional(schedule) : std::nullopt;
}

std::string nest_schedule_in_words(const NestSchedule& schedule) {
  std::vector<std::string> words;
  if (schedule.lanes != 0) words.push_back(fmt::format("strips of {}", schedule.lanes));
  if (schedule.unroll != 0) words.push_back(fmt::format("{} turns at a time", schedule.unroll));
  if (schedule.has_order()) words.push_back("loops in the order " + digits_of(schedule));
  return words.empty() ? "the default" : join(words, ", ");
}

Schedules::Schedules(std::span<const TunedRow> rows) {
  for (const TunedRow& row : rows) {
    if (row.schedule.empty()) continue;
    if (row.kind == ScheduleKind::product) {
      if (const auto read = parse_schedule(row.schedule))
        products_[product_key(row.shape, row.threads)] = *read;
    } else if (row.kind == ScheduleKind::convolution) {
      if (const auto read = parse_convolve_schedule(row.schedule)) convolutions_[row.shape] = *read;
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

ConvolveSchedule Schedules::of_convolution(const ConvolveStep& step) const {
  if (convolutions_.empty()) return {};
  const auto found = convolutions_.find(convolve_class(step));
  return found == convolutions_.end() ? ConvolveSchedule{} : found->second;
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
