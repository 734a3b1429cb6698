// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/workflow/tune.h"

#include <algorithm>
#include <chrono>
#include <cmath>

#include <fmt/format.h>

#include "astrolabe/base/budget.h"
#include "astrolabe/gemm/convolve_schedule.h"
#include "astrolabe/runtime/convolve_class.h"
#include "astrolabe/runtime/convolve_runner.h"
#include "astrolabe/runtime/machine_key.h"
#include "astrolabe/runtime/schedules.h"
#include "astrolabe/runtime/tune_convolution.h"
#include "astrolabe/runtime/tune_nest.h"
#include "astrolabe/runtime/tune_product.h"
#include "astrolabe/runtime/tune_program.h"

namespace astrolabe {
namespace {

constexpr double kLeastSeconds = 0.15;  // for one shape: less would be drawn out of noise
constexpr double kNestSeconds = 0.3;    // all that a nest needs
constexpr double kProgramShare = 0.2;   // of the time, for whole programs

std::string words_of(const TunedRow& row) {
  if (row.kind == ScheduleKind::product)
    return schedule_in_words(parse_schedule(row.schedule).value_or(GemmSchedule{}));
  if (row.kind == ScheduleKind::convolution)
    return convolve_schedule_in_words(parse_convolve_schedule(row.schedule).value_or(ConvolveSchedule{}));
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
  } else if (shape.kind == ScheduleKind::convolution) {
    const TunedConvolution tuned = tune_convolution(shape.convolution, effort);
    line.row.shape = convolve_class(shape.convolution);
    line.row.schedule = convolve_schedule_text(tuned.schedule);
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

// The geometric mean of the gains of the lines that are meant; 1 of none.
template <class IsMeant>
double mean_gain_of(const std::vector<TuneLine>& lines, const IsMeant& is_meant) {
  double sum = 0, count = 0;
  for (const TuneLine& line : lines) {
    if (!is_meant(line.row.kind)) continue;
    sum += std::log(std::max(line.row.gain.value, 1e-9));
    ++count;
  }
  return count > 0 ? std::exp(sum / count) : 1;
}

void count_gains(TuneResult& result) {
  result.mean_gain = mean_gain_of(result.lines, [](ScheduleKind) { return true; });
  result.mean_gain_products =
      mean_gain_of(result.lines, [](ScheduleKind kind) { return kind == ScheduleKind::product; });
  result.mean_gain_convolutions =
      mean_gain_of(result.lines, [](ScheduleKind kind) { return kind == ScheduleKind::convolution; });
}

// Schedules that made a whole slower are forgotten, whatever they gained by themselves.
void drop_schedules_of(const std::string& program, ScheduleDatabase& database, TuneResult& result) {
  for (TuneLine& line : result.lines) {
    if (line.where != program || !line.is_kept) continue;
    line.is_kept = false;
    line.words = "the default (" + line.words + ": slower in the whole)";
    line.row.schedule.clear();
    line.row.after = line.row.before;
    line.row.gain = {.value = 1, .low = 1, .high = 1, .method = line.row.gain.method};
    database.keep(result.machine, line.row);
  }
  database.checkpoint();
}

// Without any schedule, and with all that the database holds for this machine.
void measure_programs(const TuneRequest& request, const TuneOptions& options, double seconds,
                      ScheduleDatabase& database, Progress& progress, TuneResult& result) {
  const auto none = std::make_shared<const Schedules>();
  for (const TuneProgram& each : request.programs) {
    if (cancel_requested()) return;
    progress.update({.stage = "measuring " + each.name, .fraction = 1, .seconds_left = -1, .best = {}});
    const auto tuned = std::make_shared<const Schedules>(read_schedules(result.database, result.machine));
    const TuneEffort effort{.seconds = seconds / static_cast<double>(request.programs.size()),
                            .key = options.key.split(each.name)};
    ProgramGain& gain = result.programs.emplace_back();
    gain = {.name = each.name, .times = compare_programs(*each.program, none, tuned, effort)};
    gain.is_dropped = gain.times.gain.high < 1;
    if (gain.is_dropped) drop_schedules_of(each.name, database, result);
  }
}

std::filesystem::path chosen(const std::filesystem::path& database) {
  return database.empty() ? schedule_database_path() : database;
}

}  // namespace

TuneResult tune_shapes(const TuneRequest& request, const TuneOptions& options, Progress& progress) {
  const std::vector<TuneShape>& shapes = request.shapes;
  TuneResult result{.machine = machine_key(best_instruction_set()), .database = chosen(options.database)};
  ScheduleDatabase database(result.database);
  const double for_programs = request.programs.empty() ? 0 : kProgramShare * options.seconds;
  double left = options.seconds - for_programs;
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
  database.checkpoint();
  measure_programs(request, options, for_programs, database, progress, result);
  progress.finish();
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
    if (const auto step = parse_convolve_class(line.row.shape)) line.work = 2 * convolve_work(*step);
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
