// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/workflow/bench_rows.h"

#include <cmath>
#include <cstring>
#include <limits>
#include <numeric>
#include <optional>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "astrolabe/base/error.h"
#include "astrolabe/base/file.h"
#include "astrolabe/base/hash.h"
#include "astrolabe/base/processor_clock.h"
#include "astrolabe/base/version.h"
#include "astrolabe/report/json_numbers.h"
#include "astrolabe/workflow/fresh_fits.h"
#include "astrolabe/workflow/out_of_fold.h"

namespace astrolabe {
namespace {

using Json = nlohmann::ordered_json;

double number_in(const Json& json, std::string_view name) {
  const auto found = json.find(name);
  return found != json.end() && found->is_number() ? found->get<double>()
                                                   : std::numeric_limits<double>::quiet_NaN();
}

std::string identity_of(const BenchPlan& plan, std::size_t task, std::size_t system, std::size_t number,
                        std::uint64_t seed) {
  const BenchSystem& who = plan.systems[system];
  const Json json = {{"task", plan.tasks[task].name},
                     {"task_hash", hash_to_hex(plan.tasks[task].hash)},
                     {"system", who.text},
                     {"tuning", who.tries},
                     {"drawing", who.drawing},
                     {"seed", seed},
                     {"number", number},
                     {"version", version()}};
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

// ---- Predictions on disk: a line of JSON, then the numbers.

struct Prediction {
  std::vector<double> values;  // [rows * outputs]
  double seconds = 0, bytes = 0;
  std::string settings = {};
};

std::filesystem::path file_of(const BenchEvaluation& how, const BenchRow& row) {
  return how.cache / (hash_to_hex(hash_text(row.identity)) + ".row");
}

std::optional<Prediction> read_prediction(const BenchEvaluation& how, const BenchRow& row, std::size_t size) {
  const std::filesystem::path path = file_of(how, row);
  if (!std::filesystem::exists(path)) return std::nullopt;
  const std::string bytes = read_file(path, "cached prediction");
  const std::size_t line = bytes.find('\n');
  if (line == std::string::npos || bytes.size() - line - 1 != size * sizeof(double)) return std::nullopt;
  const Json head = Json::parse(bytes.substr(0, line), nullptr, false);
  const std::string_view numbers = std::string_view(bytes).substr(line + 1);
  if (!head.is_object() || head.value("row", "") != row.identity ||
      head.value("hash", "") != hash_to_hex(hash_text(numbers)))
    return std::nullopt;
  Prediction prediction{.values = std::vector<double>(size),
                        .seconds = number_in(head, "seconds"),
                        .bytes = number_in(head, "bytes"),
                        .settings = head.value("settings", "")};
  std::memcpy(prediction.values.data(), numbers.data(), numbers.size());
  return prediction;
}

void write_prediction(const BenchEvaluation& how, const BenchRow& row, const Prediction& prediction) {
  const std::string_view numbers(reinterpret_cast<const char*>(prediction.values.data()),
                                 prediction.values.size() * sizeof(double));
  const Json head = {{"row", row.identity},
                     {"seconds", prediction.seconds},
                     {"bytes", prediction.bytes},
                     {"settings", prediction.settings},
                     {"hash", hash_to_hex(hash_text(numbers))}};
  std::string bytes = head.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
  bytes += numbers;
  write_file_atomically(file_of(how, row), bytes);
}

std::vector<RowIndex> all_rows(std::size_t count) {
  std::vector<RowIndex> rows(count);
  std::iota(rows.begin(), rows.end(), RowIndex{0});
  return rows;
}

// Both sides of a pair see the same rows and, unless each draws for itself, the same weights and batches.
struct Fits {
  std::unique_ptr<Progress> silence = silent_progress();
  FreshFits fits;

  Fits(const BenchTask& task, const BenchDraw& draw, const BenchEvaluation& how, Key key)
      : fits({.open = draw.train, .rule = task.rule, .task = task.task}, key, how.pool, how.budget,
             *silence) {
    fits.judge_on(draw.judged, key.split("fit"));
  }
};

Key key_of(const BenchPlan& plan, const BenchRow& row, const BenchEvaluation& how) {
  return how.key.split("fits").split(plan.tasks[row.task].name).split(row.seed);
}

std::optional<Prediction> fit(const BenchPlan& plan, const BenchRow& row, const BenchDraw& draw,
                              const BenchEvaluation& how) {
  const BenchSystem& system = plan.systems[row.system];
  Fits made(plan.tasks[row.task], draw, how, key_of(plan, row, how).split(system.drawing));
  const std::size_t number = made.fits.add(
      {.learner = system.choice.name, .settings = system.choice.settings, .label = system.text});
  if (!made.fits.tune(system.tries)) return std::nullopt;
  // Of this thread: other rows beside this one do not count.
  const double began = thread_processor_seconds();
  const std::optional<FittedCandidate> fitted = made.fits.train(number, 0);
  if (!fitted) return std::nullopt;
  Prediction prediction{.values = {}, .seconds = thread_processor_seconds() - began};
  prediction.values = fitted->predict(draw.judged, all_rows(draw.judged.rows()), how.pool);
  ArchiveWriter archive;
  fitted->model->save(archive);
  prediction.bytes = static_cast<double>(archive.bytes().size());
  prediction.settings = made.fits.settings(number);
  return prediction;
}

}  // namespace

std::vector<BenchRow> rows_of(const BenchPlan& plan, std::size_t seeds, std::uint64_t seed) {
  std::vector<std::vector<bool>> is_wanted(plan.tasks.size(), std::vector<bool>(plan.systems.size(), false));
  for (const BenchContrast& contrast : plan.contrasts)
    for (const BenchContrast::InHost& in_host : contrast.hosts)
      for (std::size_t task = 0; task < plan.tasks.size(); ++task)
        if (plan.is_asked(in_host, task))
          for (const ContrastTerm& term : in_host.contrast) is_wanted[task][term.system] = true;
  std::vector<BenchRow> rows;
  for (std::size_t number = 0; number < seeds; ++number)
    for (std::size_t task = 0; task < plan.tasks.size(); ++task)
      for (std::size_t system = 0; system < plan.systems.size(); ++system)
        if (is_wanted[task][system])
          rows.push_back({.task = task,
                          .system = system,
                          .seed = number,
                          .identity = identity_of(plan, task, system, number, seed)});
  return rows;
}

std::string outcome_json(const BenchOutcome& outcome) {
  const Json json = {{"score", json_number(outcome.score)}, {"floor", json_number(outcome.floor)},
                     {"seconds", outcome.seconds},          {"memory_bytes", outcome.bytes},
                     {"settings", outcome.settings},        {"cached", outcome.was_cached}};
  return json.dump();
}

std::optional<BenchOutcome> parse_outcome(const std::string& text) {
  const Json json = Json::parse(text, nullptr, false);
  if (!json.is_object() || !json.contains("score")) return std::nullopt;
  return BenchOutcome{.score = number_in(json, "score"),
                      .floor = number_in(json, "floor"),
                      .seconds = number_in(json, "seconds"),
                      .bytes = number_in(json, "memory_bytes"),
                      .settings = json.value("settings", ""),
                      .was_cached = json.value("cached", false)};
}

std::optional<BenchOutcome> evaluate(const BenchPlan& plan, const BenchRow& row, const BenchEvaluation& how) {
  const BenchTask& task = plan.tasks[row.task];
  const BenchDraw draw = task.draw(row.seed);
  const Metric& metric = *find_metric(task.task.metric);
  const std::vector<RowIndex> judged = all_rows(draw.judged.rows());
  std::optional<Prediction> prediction = read_prediction(how, row, judged.size() * task.task.outputs());
  const bool was_cached = prediction.has_value();
  if (!was_cached) prediction = fit(plan, row, draw, how);
  if (!prediction) return std::nullopt;
  if (!was_cached) write_prediction(how, row, *prediction);
  Fits constant(task, draw, how, key_of(plan, row, how));
  const std::vector<double>* floor = constant.fits.predict(constant.fits.add_floor(), 0);
  if (floor == nullptr) return std::nullopt;
  return BenchOutcome{.score = score_rows(metric, judged, prediction->values, draw.truth),
                      .floor = score_rows(metric, judged, *floor, draw.truth),
                      .seconds = prediction->seconds,
                      .bytes = prediction->bytes,
                      .settings = std::move(prediction->settings),
                      .was_cached = was_cached};
}

}  // namespace astrolabe
