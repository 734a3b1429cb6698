// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/workflow/tune.h"

#include <algorithm>
#include <chrono>
#include <cmath>

#include <fmt/format.h>

#include "astrolabe/base/budget.h"
#include "astrolabe/runtime/machine_key.h"
#include "astrolabe/runtime/schedules.h"
#include "astrolabe/runtime/tune_nest.h"
#include "astrolabe/runtime/tune_product.h"

namespace astrolabe {
namespace {

constexpr double kLeastSeconds = 0.15;  // for one shape: less would be drawn out of noise
constexpr double kNestSeconds = 0.3;    // all that a nest needs

std::string words_of(const TunedRow& row) {
  if (row.kind == ScheduleKind::product)
    return schedule_in_words(parse_schedule(row.schedule).value_or(GemmSchedule{}));
  return nest_schedule_in_words(parse_nest_schedule(row.schedule).value_or(NestSchedule{}));
}

TuneLine tune_one(const TuneShape& shape, double seconds, Key key) {
  const TuneEffort effort{.seconds = seconds, .threads = shape.threads, .key = key};
  TuneLine line{.row = {.kind = shape.kind, .threads = shape.threads},
                .name = shape.name,
                .where = shape.where,
                .work = shape.work};
  PairedTimes times;
  if (shape.kind == ScheduleKind::product) {
    const TunedProduct tuned = tune_product(shape.product, effort);
    line.row.shape = shape_text(shape.product);
    line.row.schedule = schedule_text(tuned.schedule);
    line.tried = tuned.tried;
    times = tuned.times;
  } else {
    const auto& nest = std::get<NestStep>(shape.plan->steps[shape.step]);
    const TunedNest tuned = tune_nest(*shape.plan, nest, effort);
    line.row.shape = nest_class(nest);
    line.row.schedule = nest_schedule_text(tuned.schedule);
    line.tried = tuned.tried;
    times = tuned.times;
  }
  line.is_kept = !line.row.schedule.empty();
  line.row.before = times.before;
  line.row.after = line.is_kept ? times.after : times.before;
  line.row.gain = line.is_kept ? times.gain : Estimate{1, 1, 1, times.gain.method};
  line.words = words_of(line.row);
  return line;
}

void count_gains(TuneResult& result) {
  double all = 0, products = 0;
  std::size_t of_products = 0;
  for (const TuneLine& line : result.lines) {
    const double gain = std::log(std::max(line.row.gain.value, 1e-9));
    all += gain;
    if (line.row.kind != ScheduleKind::product) continue;
    products += gain;
    ++of_products;
  }
  if (!result.lines.empty()) result.mean_gain = std::exp(all / static_cast<double>(result.lines.size()));
  if (of_products != 0) result.mean_gain_products = std::exp(products / static_cast<double>(of_products));
}

std::filesystem::path chosen(const std::filesystem::path& database) {
  return database.empty() ? schedule_database_path() : database;
}

}  // namespace

TuneResult tune_shapes(const std::vector<TuneShape>& shapes, const TuneOptions& options, Progress& progress) {
  TuneResult result{.machine = machine_key(best_instruction_set()), .database = chosen(options.database)};
  ScheduleDatabase database(result.database);
  double left = options.seconds;
  for (std::size_t i = 0; i < shapes.size(); ++i) {
    // Nests need little; what they leave goes to the products.
    const auto still = static_cast<double>(shapes.size() - i);
    const double share = left / still;
    if (cancel_requested() || (share < kLeastSeconds && left < kLeastSeconds)) {
      result.left_out = shapes.size() - i;
      break;
    }
    const double seconds =
        shapes[i].kind == ScheduleKind::nest ? kNestSeconds : std::max(share, kLeastSeconds);
    progress.update({.stage = "tuning " + shapes[i].name,
                     .fraction = static_cast<double>(i) / static_cast<double>(shapes.size()),
                     .seconds_left = left,
                     .best = {}});
    const auto start = std::chrono::steady_clock::now();
    result.lines.push_back(tune_one(shapes[i], seconds, options.key.split(shapes[i].name)));
    left -= std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    database.keep(result.machine, result.lines.back().row);
  }
  progress.finish();
  database.checkpoint();
  count_gains(result);
  return result;
}

TuneResult list_schedules(const std::filesystem::path& path) {
  TuneResult result{.machine = machine_key(best_instruction_set()), .database = chosen(path)};
  if (result.database.empty() || !std::filesystem::exists(result.database)) return result;
  for (TunedRow& row : read_schedules(result.database, result.machine)) {
    TuneLine line{.row = std::move(row)};
    line.name = line.row.shape;
    if (line.row.threads > 1) line.name += fmt::format(" on {} threads", line.row.threads);
    if (const auto shape = parse_shape(line.row.shape))
      line.work =
          2 * static_cast<double>(shape->m) * static_cast<double>(shape->n) * static_cast<double>(shape->k);
    line.words = words_of(line.row);
    line.is_kept = !line.row.schedule.empty();
    result.lines.push_back(std::move(line));
  }
  count_gains(result);
  return result;
}

std::size_t clear_schedules(const std::filesystem::path& path) {
  const std::filesystem::path file = chosen(path);
  if (file.empty() || !std::filesystem::exists(file)) return 0;
  ScheduleDatabase database(file);
  const std::size_t count = database.clear(machine_key(best_instruction_set()));
  database.checkpoint();
  return count;
}

std::string warning_about_schedules() {
  return schedule_warning();
}

}  // namespace astrolabe
