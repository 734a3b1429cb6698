// SPDX-License-Identifier: Apache-2.0
// Schedules of the engine, measured by request.
//
// --json: machine, database, shapes[].{kind,shape,threads,where,default_gflops,tuned_gflops,
// gain.{score,low,high},kept,schedule,words,tried}, mean_gain.{all,products,convolutions},
// programs[].{name,default_us,tuned_us,gain,dropped}, left_out; with --clear: database, forgotten. GFLOP/s of
// a nest count its operations; with --list there are none of nests.
#include "astrolabe/workflow/tune.h"

#include <algorithm>
#include <cstdio>
#include <memory>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "astrolabe/base/budget.h"
#include "astrolabe/base/error.h"
#include "astrolabe/base/text.h"
#include "astrolabe/cli/command.h"
#include "astrolabe/report/terminal_lines.h"

namespace astrolabe {
namespace {

constexpr std::size_t kWidestName = 60;

struct TuneArguments {
  std::string shapes, time = "30s", database;
  std::size_t threads = 1;
  std::uint64_t seed = 1;
  bool list = false, clear = false;
};

double speed(const TuneLine& line, double seconds) {
  return seconds > 0 ? line.work / seconds / 1e9 : 0;
}

nlohmann::json gain_json(const Estimate& gain) {
  return {{"score", gain.value}, {"low", gain.low}, {"high", gain.high}};
}

nlohmann::json line_json(const TuneLine& line) {
  const TunedRow& row = line.row;
  nlohmann::json object = {{"kind", schedule_kind_name(row.kind)},
                           {"shape", row.shape},
                           {"threads", row.threads},
                           {"gain", gain_json(row.gain)},
                           {"kept", line.is_kept},
                           {"schedule", row.schedule},
                           {"words", line.words}};
  if (!line.where.empty()) object["where"] = line.where;
  if (line.tried != 0) object["tried"] = line.tried;
  if (line.work > 0) {
    object["default_gflops"] = speed(line, row.before);
    object["tuned_gflops"] = speed(line, row.after);
  }
  return object;
}

void print_json(const TuneResult& result) {
  nlohmann::json object = {{"machine", result.machine},
                           {"database", result.database.string()},
                           {"shapes", nlohmann::json::array()},
                           {"mean_gain",
                            {{"all", result.mean_gain},
                             {"products", result.mean_gain_products},
                             {"convolutions", result.mean_gain_convolutions}}},
                           {"programs", nlohmann::json::array()},
                           {"left_out", result.left_out}};
  for (const TuneLine& line : result.lines) object["shapes"].push_back(line_json(line));
  for (const ProgramGain& each : result.programs)
    object["programs"].push_back({{"name", each.name},
                                  {"default_us", 1e6 * each.times.before},
                                  {"tuned_us", 1e6 * each.times.after},
                                  {"gain", gain_json(each.times.gain)},
                                  {"dropped", each.is_dropped}});
  fmt::print("{}\n", object.dump(2));
}

std::string speed_text(const TuneLine& line, double seconds) {
  return line.work > 0 ? fmt::format("{:.1f}", speed(line, seconds)) : "-";
}

void print_line(const TuneLine& line, std::size_t width, const TextStyle& style) {
  const Estimate& gain = line.row.gain;
  const std::string interval =
      line.is_kept ? fmt::format("{:.2f} [{:.2f}, {:.2f}]", gain.value, gain.low, gain.high) : "1";
  const std::string text =
      fmt::format("{:<{}}  {:>7}  {:>7}  {:<17}  {}", shortened(printable(line.name), width), width,
                  speed_text(line, line.row.before), speed_text(line, line.row.after), interval, line.words);
  fmt::print("{}\n", line.is_kept ? text : painted(style, "2", text));
}

std::string time_text(double seconds) {
  return seconds < 1e-3 ? fmt::format("{:.1f} us", 1e6 * seconds) : fmt::format("{:.2f} ms", 1e3 * seconds);
}

// What is gained where it counts: gains of single shapes are measured by themselves, with warm operands.
void print_programs(const TuneResult& result, const TextStyle& style) {
  if (result.programs.empty()) return;
  fmt::print("\n{}\n", bold(style, "Whole programs, without and with all schedules in turns:"));
  std::size_t width = 0;
  for (const ProgramGain& each : result.programs) width = std::max(width, each.name.size());
  for (const ProgramGain& each : result.programs) {
    const Estimate& gain = each.times.gain;
    const std::string verdict = gain.low > 1      ? "faster"
                                : each.is_dropped ? "slower: the schedules of its shapes were dropped"
                                                  : "no difference beyond noise";
    fmt::print("{:<{}}  {:>10} -> {:>10}  {:.3f} [{:.3f}, {:.3f}]  {}\n", each.name, width,
               time_text(each.times.before), time_text(each.times.after), gain.value, gain.low, gain.high,
               verdict);
  }
}

void print_result(const TuneResult& result, const TextStyle& style) {
  if (result.lines.empty()) {
    fmt::print("No schedules are kept for this machine ({}).\nMeasure some: astrolabe tune --shapes RUN\n",
               result.machine);
    return;
  }
  std::size_t width = 5;
  for (const TuneLine& line : result.lines) width = std::max(width, std::min(kWidestName, line.name.size()));
  fmt::print("{}\n", bold(style, fmt::format("{:<{}}  {:>7}  {:>7}  {:<17}  {}", "shape", width, "default",
                                             "tuned", "gain", "schedule")));
  std::vector<std::string> places;  // in the order of their first line
  for (const TuneLine& line : result.lines)
    if (std::ranges::find(places, line.where) == places.end()) places.push_back(line.where);
  for (const std::string& where : places) {
    if (!where.empty()) fmt::print("{}:\n", where);
    for (const TuneLine& line : result.lines)
      if (line.where == where) print_line(line, width, style);
  }
  const auto kept = std::ranges::count_if(result.lines, &TuneLine::is_kept);
  fmt::print(
      "\nGFLOP/s (of nests: operations), by processor time. {} of {} have a schedule that beats the "
      "default beyond noise.\n",
      kept, result.lines.size());
  fmt::print(
      "Geometric mean of the gains: {:.3f}; of products alone {:.3f}, of convolutions {:.3f}. The bytes stay "
      "the same.\n",
      result.mean_gain, result.mean_gain_products, result.mean_gain_convolutions);
  print_programs(result, style);
  if (result.left_out != 0)
    fmt::print("No time was left for {} shapes: give more --time.\n", result.left_out);
}

int clear_and_tell(const TuneArguments& arguments, const Face& face) {
  const std::size_t count = clear_schedules(arguments.database);
  const std::string database =
      arguments.database.empty() ? schedule_database_path().string() : arguments.database;
  if (face.json)
    fmt::print("{}\n", nlohmann::json{{"database", database}, {"forgotten", count}}.dump(2));
  else
    fmt::print("Forgot {} schedules of this machine in {}.\n", count, database);
  return 0;
}

int tune(const TuneArguments& arguments, const Face& face) {
  if (arguments.clear) return clear_and_tell(arguments, face);
  if (!arguments.list && arguments.shapes.empty())
    throw usage_error({.attempted = "tuning",
                       .expected = "--shapes with a run's folder, a model.astro, a file of shapes, or shapes",
                       .found = "none",
                       .remedy = "For instance: astrolabe tune --shapes 128x784x256"});
  TuneResult result;
  if (arguments.list) {
    result = list_schedules(arguments.database);
  } else {
    install_signal_handlers();
    const double seconds = parse_duration(arguments.time, "--time");
    const TuneRequest request = shapes_of_request(arguments.shapes, arguments.threads);
    result = tune_shapes(
        request, {.seconds = seconds, .database = arguments.database, .key = Key::from_seed(arguments.seed)},
        *face.progress());
    face.say("Kept in " + result.database.string());
  }
  if (face.json)
    print_json(result);
  else
    print_result(result, face.style());
  return arguments.list ? 0 : exit_code_of_work();
}

}  // namespace

void add_tune_command(CLI::App& app, Session& session) {
  auto arguments = std::make_shared<TuneArguments>();
  TuneArguments& a = *arguments;
  CLI::App* command = app.add_subcommand(
      "tune", "Measure schedules for the shapes of a run; later runs on this machine use what is faster");
  command
      ->add_option(
          "--shapes", a.shapes,
          "A run's folder, a model.astro, a file of shapes, or shapes: 128x784x256,conv 64x28x28x16 3x3x32")
      ->type_name("RUN|FILE|SHAPES");
  command->add_option("--time", a.time, "For all shapes together")
      ->type_name("30s|5m")
      ->capture_default_str();
  command->add_option("--threads", a.threads, "2 tunes products also for two threads that share one")
      ->check(CLI::Range(std::size_t{1}, std::size_t{2}))
      ->capture_default_str();
  command->add_option("--seed", a.seed, "Of the search")->capture_default_str();
  command
      ->add_option(
          "--database", a.database,
          "Where schedules are kept. Default: ASTROLABE_SCHEDULES, else astrolabe/schedules.db in the "
          "user's cache folder")
      ->type_name("FILE");
  auto* list = command->add_flag("--list", a.list, "Show what is kept for this machine");
  command->add_flag("--clear", a.clear, "Forget what is kept for this machine")->excludes(list);
  add_face_options(*command, session.face);
  command->callback([arguments, &session] {
    session.action = [arguments, &session] { return tune(*arguments, session.face); };
  });
}

}  // namespace astrolabe
