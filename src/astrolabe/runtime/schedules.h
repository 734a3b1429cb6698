// SPDX-License-Identifier: Apache-2.0
// The measured schedules that compile() finds, and the classes that they are found by. Without any, products,
// convolutions and nests run by their analytic defaults; with them they take less time and give the same
// bytes.
//
//   const std::shared_ptr<const Schedules> schedules = current_schedules();
//   const GemmSchedule schedule = schedules->of_product({.m = 8, .n = 512, .k = 512}, 1);
//   if (!schedule_warning().empty()) ...                 // the database was there and could not be read
#pragma once

#include <memory>
#include <span>
#include <string>
#include <unordered_map>

#include "astrolabe/codegen/nest_compiler.h"
#include "astrolabe/gemm/convolve_schedule.h"
#include "astrolabe/gemm/schedule.h"
#include "astrolabe/lower/plan.h"
#include "astrolabe/runtime/schedule_database.h"

namespace astrolabe {

// A product that threads share is tuned for so many; other teams take its schedule, too.
inline constexpr std::size_t kTunedThreads = 2;

// "plain 3f0c... 64x128": what a nest does, and how often its loops turn.
[[nodiscard]] std::string nest_class(const NestStep& step);
// How the A, B and C of a step lie.
[[nodiscard]] GemmShape shape_of(const DotStep& step);

// "lanes=64 unroll=2 order=10"; the default: "".
[[nodiscard]] std::string nest_schedule_text(const NestSchedule& schedule);
[[nodiscard]] std::optional<NestSchedule> parse_nest_schedule(std::string_view text);
[[nodiscard]] std::string nest_schedule_in_words(const NestSchedule& schedule);

// Immutable. What it does not know, and what it cannot read, is the default.
class Schedules {
 public:
  Schedules() = default;
  explicit Schedules(std::span<const TunedRow> rows);

  [[nodiscard]] GemmSchedule of_product(const GemmShape& shape, std::size_t threads) const;
  [[nodiscard]] NestSchedule of_nest(const NestStep& step) const;
  // Of any number of threads: a part of a convolution is made as the whole is.
  [[nodiscard]] ConvolveSchedule of_convolution(const ConvolveStep& step) const;
  [[nodiscard]] bool empty() const { return products_.empty() && nests_.empty() && convolutions_.empty(); }

 private:
  std::unordered_map<std::string, GemmSchedule> products_;  // "threads shape"
  std::unordered_map<std::string, NestSchedule> nests_;     // by class
  std::unordered_map<std::string, ConvolveSchedule> convolutions_;
};

// Those of this process: read from schedule_database_path() by the first call, never written. A file that is
// absent is no schedule; one that is broken or newer is none and a warning. Thread-safe.
[[nodiscard]] std::shared_ptr<const Schedules> current_schedules();
// What is wrong with the database, for people; empty while nobody has asked or nothing is.
[[nodiscard]] std::string schedule_warning();
// From now on these: for tests, and for whoever has just measured. Forgets compiled executables, not those
// in use.
void use_schedules(std::shared_ptr<const Schedules> schedules);

}  // namespace astrolabe
