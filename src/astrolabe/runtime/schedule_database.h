// SPDX-License-Identifier: Apache-2.0
// The schedules that were measured, on disk: one row per machine and shape class.
//
//   const std::filesystem::path path = schedule_database_path();     // ~/.cache/astrolabe/schedules.db
//   ScheduleDatabase database(path);
//   database.keep(machine_key(set), {.kind = ScheduleKind::product, .shape = "8x512x512 NN", .threads = 1,
//                                    .schedule = "tile=8x48 fetch=8", .before = 5e-5, .after = 2e-5, ...});
//   database.rows(machine_key(set));
//
// A row with an empty schedule says that the default was found to be the best. What is in the file is the
// user's own measurement and no part of any model.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "astrolabe/stats/interval.h"
#include "astrolabe/store/sqlite.h"

namespace astrolabe {

enum class ScheduleKind : std::uint8_t { product, convolution, nest };
[[nodiscard]] std::string_view schedule_kind_name(ScheduleKind kind);

struct TunedRow {
  ScheduleKind kind = ScheduleKind::product;
  std::string shape = {};     // shape_text, convolve_class or nest_class
  std::size_t threads = 1;    // that share one
  std::string schedule = {};  // its text, such as "lanes=64"; empty: the default
  double before = 0;          // seconds by the default
  double after = 0;           // seconds by the schedule
  Estimate gain = {};         // before / after
};

// ASTROLABE_SCHEDULES when set ("off": none, an empty path), else schedules.db in $XDG_CACHE_HOME/astrolabe
// or
// ~/.cache/astrolabe. Empty where there is no such folder.
[[nodiscard]] std::filesystem::path schedule_database_path();

// For whoever measures. Safe when several processes write at once.
class ScheduleDatabase {
 public:
  // Makes file and folder. Throws what Database::open and migrate throw.
  explicit ScheduleDatabase(const std::filesystem::path& path);

  void keep(const std::string& machine, const TunedRow& row);  // in place of an older one of its class
  [[nodiscard]] std::vector<TunedRow> rows(const std::string& machine);  // by kind and shape
  [[nodiscard]] std::size_t rows_of_other_machines(const std::string& machine);
  // Forgets this machine's; returns how many there were.
  std::size_t clear(const std::string& machine);
  // Folds the log into the file, which is what readers read.
  void checkpoint();

 private:
  Database database_;
};

// For whoever runs: a machine's rows from a file that others may be writing. Throws bad_input for what is no
// database of schedules or of a newer version, `failure` for what cannot be read.
[[nodiscard]] std::vector<TunedRow> read_schedules(const std::filesystem::path& path,
                                                   const std::string& machine);

}  // namespace astrolabe
