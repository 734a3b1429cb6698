// SPDX-License-Identifier: Apache-2.0
// The same training again, with one thing changed: the number of threads, the order of rows, the first
// weights, or both. Threads must change nothing, to the byte; the others change the score, and by how much is
// what a difference between two systems has to be larger than.
#include <algorithm>
#include <cmath>
#include <cstring>
#include <numeric>

#include <fmt/format.h>

#include "astrolabe/evidence/experiments.h"
#include "astrolabe/evidence/small_net.h"
#include "astrolabe/stats/distribution.h"

namespace astrolabe {
namespace {

constexpr std::size_t kRows = 512, kTestRows = 1000;
constexpr double kAlike = 4;  // within this factor two spreads are of one size

struct Run {
  std::vector<float> w;
  double error = 0;
};

class Repeater {
 public:
  explicit Repeater(const ExperimentRequest& request)
      : task_(draw_classes({.rows = kRows, .test_rows = kTestRows, .apart = 0.8}, request.key.split("task"))),
        net_(task_, {.architecture = request.text("architecture"),
                     .activation = request.text("activation"),
                     .loss = "cross_entropy",
                     .optimizer = request.text("optimizer"),
                     .batch = request.count("batch", 1, kRows)}),
        rate_(request.number("rate", 0, 10)),
        steps_(request.count("steps", 1, 20'000)) {}

  Run run(Key order, Key weights, std::size_t threads) {
    ThreadPool pool(threads);
    Trainer trainer(net_.setup({.learning_rate = rate_}, steps_, order, &pool));
    trainer.start(net_.first_weights(Initialization::he, weights));
    while (trainer.steps_done() < steps_) trainer.step();
    Run run{.w = {trainer.w().begin(), trainer.w().end()}};
    run.error = net_.error(run.w, task_.test);
    return run;
  }

 private:
  SmallTask task_;
  SmallNet net_;
  double rate_;
  std::size_t steps_;
};

std::size_t distinct(const std::vector<Run>& runs) {
  std::vector<const Run*> different;
  for (const Run& run : runs)
    if (std::ranges::none_of(different, [&](const Run* known) {
          return std::memcmp(known->w.data(), run.w.data(), run.w.size() * sizeof(float)) == 0;
        }))
      different.push_back(&run);
  return different.size();
}

struct Spread {
  double mean = 0, deviation = 0, low = 0, high = 0;  // the interval is of the mean, 95 % by Student's t
};

Spread spread_of(const std::vector<Run>& runs) {
  const auto n = static_cast<double>(runs.size());
  Spread spread;
  for (const Run& run : runs) spread.mean += run.error / n;
  double squares = 0;
  for (const Run& run : runs) squares += (run.error - spread.mean) * (run.error - spread.mean);
  spread.deviation = runs.size() > 1 ? std::sqrt(squares / (n - 1)) : 0;
  const double half =
      runs.size() > 1 ? student_t_quantile(0.975, n - 1) * spread.deviation / std::sqrt(n) : 0;
  spread.low = spread.mean - half;
  spread.high = spread.mean + half;
  return spread;
}

struct Changed {  // by one thing
  std::size_t results = 0;
  double deviation = 0;
};

Changed note(std::string name, std::vector<Run> runs, ExperimentResult& result) {
  const Spread spread = spread_of(runs);
  const std::size_t results = distinct(runs);
  result.rows.push_back({name,
                         {{"runs", static_cast<double>(runs.size())},
                          {"results", static_cast<double>(results)},
                          {"error", spread.mean},
                          {"low", spread.low},
                          {"high", spread.high},
                          {"deviation", spread.deviation}}});
  ExperimentCurve curve{.name = std::move(name), .x = {}, .y = {}};
  std::ranges::sort(runs, {}, &Run::error);
  for (std::size_t i = 0; i < runs.size(); ++i) {
    curve.x.push_back(static_cast<double>(i + 1));
    curve.y.push_back(runs[i].error);
  }
  result.plot.curves.push_back(std::move(curve));
  return {.results = results, .deviation = spread.deviation};
}

}  // namespace

ExperimentResult run_sensitivity(const ExperimentRequest& request) {
  const std::size_t seeds = request.count("seeds", 3, 1000);
  const std::vector<std::size_t> threads = request.counts("threads", 1, 64);
  Repeater repeater(request);
  ExperimentResult result{
      .key = "changed",
      .rows = {},
      .plot = {"repetition, by its error", "share of test rows that are wrong", false, {}},
      .prediction = {},
      .words = {}};
  result.prediction = fmt::format(
      "{} threads give one result, to the byte; every order of the rows and every start gives another one, "
      "and the two spread the test error alike, within a factor of {:g}",
      fmt::join(threads, ", "), kAlike);
  const Key order = request.key.split("order"), weights = request.key.split("weights");
  const auto repeated = [&](bool other_order, bool other_weights) {
    std::vector<Run> runs;
    for (std::size_t seed = 0; seed < seeds; ++seed)
      runs.push_back(repeater.run(other_order ? order.split(seed) : order,
                                  other_weights ? weights.split(seed) : weights, 1));
    return runs;
  };
  std::vector<Run> by_threads;
  for (const std::size_t count : threads) by_threads.push_back(repeater.run(order, weights, count));
  const Changed by_thread = note("threads", std::move(by_threads), result);
  const Changed by_order = note("order of rows", repeated(true, false), result);
  const Changed by_start = note("first weights", repeated(false, true), result);
  const Changed by_both = note("both", repeated(true, true), result);

  const bool all_differ = by_order.results == seeds && by_start.results == seeds;
  const auto [less, more] = std::minmax(by_order.deviation, by_start.deviation);
  const bool is_true = by_thread.results == 1 && all_differ && less > 0 && more <= kAlike * less;
  result.verdict = is_true ? ExperimentVerdict::confirmed : ExperimentVerdict::refuted;
  result.words = fmt::format(
      "results: {} of {} numbers of threads, {} of {} orders, {} of {} starts; the test error spreads by "
      "{:.3g} by order, by {:.3g} by start, by {:.3g} by both",
      by_thread.results, threads.size(), by_order.results, seeds, by_start.results, seeds, by_order.deviation,
      by_start.deviation, by_both.deviation);
  return result;
}

}  // namespace astrolabe
