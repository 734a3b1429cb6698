// SPDX-License-Identifier: Apache-2.0
// Schedules measured by request: which shapes, how long, what was gained, where it is kept.
//
//   const TuneRequest request = shapes_of_request("runs/digits", 1);
//   const TuneResult result = tune_shapes(request, {.seconds = 30}, *progress);
//   fmt::print("a step: {:.2f} times the default's speed\n", result.programs[0].times.gain.value);
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "astrolabe/base/progress.h"
#include "astrolabe/base/random.h"
#include "astrolabe/gemm/schedule.h"
#include "astrolabe/lower/plan.h"
#include "astrolabe/runtime/paired_times.h"
#include "astrolabe/runtime/program.h"
#include "astrolabe/runtime/schedule_database.h"

namespace astrolabe {

// One class of work: a product, or a convolution or nest of a plan.
struct TuneShape {
  ScheduleKind kind = ScheduleKind::product;
  std::size_t threads = 1;
  GemmShape product = {};
  ConvolveStep convolution = {};
  std::shared_ptr<const Plan> plan = nullptr;  // of a nest
  std::size_t step = 0;                        // of a nest, in its plan
  std::string name = {};                       // for people: "128x784x256 NN", "nest 64x128, 31 operations"
  std::string where = {};                      // "a training step of 64 rows"; empty: asked for by hand
  double work = 0;                             // multiplications and additions of one call, about
};

// A whole program that shapes come from.
struct TuneProgram {
  std::string name = {};  // "a training step of 64 rows"
  std::shared_ptr<const Program> program = nullptr;
};

struct TuneRequest {
  std::vector<TuneShape> shapes = {};      // each class once, most work first
  std::vector<TuneProgram> programs = {};  // of a run
};

// A run's folder or a model.astro (its nets' training and prediction programs), a file of shapes (one a line,
// # begins a comment), or shapes with commas: "128x784x256, conv 64x28x28x16 3x3x32". `threads` above 1 adds
// the same products shared by two threads. Throws usage_error for what is none of these, bad_input for a run
// without a net and a file that is no list of shapes.
[[nodiscard]] TuneRequest shapes_of_request(const std::string& request, std::size_t threads);

struct TuneOptions {
  double seconds = 30;                  // for all
  std::filesystem::path database = {};  // empty: schedule_database_path()
  Key key = Key::from_seed(1);
};

struct TuneLine {
  TunedRow row = {};
  std::string name = {}, where = {};
  std::string words = {};  // the schedule that is kept
  double work = 0;         // per call
  std::size_t tried = 0;
  bool is_kept = false;  // something better than the default
};

// What all kept schedules together gained in a whole program, before and after in turns. Where the whole was
// slower beyond noise, the schedules of its shapes are forgotten again.
struct ProgramGain {
  std::string name = {};
  PairedTimes times = {};
  bool is_dropped = false;
};

struct TuneResult {
  std::string machine = {};
  std::filesystem::path database = {};
  std::vector<TuneLine> lines = {};
  std::vector<ProgramGain> programs = {};
  std::size_t left_out = 0;  // shapes for which there was no time
  double mean_gain = 1;      // geometric, of what is kept; a shape that keeps the default counts 1
  double mean_gain_products = 1, mean_gain_convolutions = 1;
};

// Measures, keeps what is better, and folds the database together; then runs each program without and with
// all that is kept. Stops early when the user asks (^C): what was measured is kept. Throws what opening the
// database throws.
[[nodiscard]] TuneResult tune_shapes(const TuneRequest& request, const TuneOptions& options,
                                     Progress& progress);

// What is kept for this machine. Without a file: nothing.
[[nodiscard]] TuneResult list_schedules(const std::filesystem::path& database);
// Forgets it; returns how many there were.
std::size_t clear_schedules(const std::filesystem::path& database);

// What is wrong with the schedules that this process looked for; empty: nothing.
[[nodiscard]] std::string warning_about_schedules();

}  // namespace astrolabe
