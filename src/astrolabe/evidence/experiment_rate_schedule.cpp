// SPDX-License-Identifier: Apache-2.0
// Learning rates by schedules by sharpness: full-batch gradient descent on a small regression, so that what
// is seen is the rate and not the luck of batches. The edge 2 / rate is where the sharpness is held; where a
// schedule lowers the rate the edge moves away and the net may sharpen again.
#include <algorithm>
#include <cmath>
#include <limits>

#include <fmt/format.h>

#include "astrolabe/evidence/experiments.h"
#include "astrolabe/evidence/training_probe.h"
#include "astrolabe/parts/catalog.h"
#include "astrolabe/train/divergence.h"

namespace astrolabe {
namespace {

constexpr std::size_t kRows = 160, kTestRows = 500;

struct End {
  double loss = std::numeric_limits<double>::infinity();  // of a training that diverged
  double sharpness = std::numeric_limits<double>::quiet_NaN();

  [[nodiscard]] bool trained(double first) const { return std::isfinite(loss) && loss < first; }
};

struct Column {           // of one schedule
  std::vector<End> ends;  // by rate
  double first_loss = 0;
  double largest_rate = 0, best_rate = 0;
  double best_loss = std::numeric_limits<double>::infinity();
};

End descend(const SmallNet& net, double rate, std::size_t steps, Key key) {
  Trainer trainer(net.setup({.learning_rate = rate}, steps, key.split("order")));
  trainer.start(net.first_weights(Initialization::lecun, key.split("weights")));
  DivergenceWatch watch;
  for (std::size_t step = 0; step < steps; ++step)
    if (watch.is_divergent(static_cast<double>(trainer.step()))) return {};
  LossCurvature curvature(net);
  return {.loss = curvature.loss(trainer.w()),
          .sharpness = curvature.sharpness(trainer.w(), key.split("lanczos"))};
}

Column descend_at_all(const SmallNet& net, const std::vector<double>& rates, std::size_t steps, Key key) {
  Column column;
  column.first_loss = LossCurvature(net).loss(net.first_weights(Initialization::lecun, key.split("weights")));
  for (const double rate : rates) {
    const End end = descend(net, rate, steps, key);
    column.ends.push_back(end);
    if (!end.trained(column.first_loss)) continue;
    column.largest_rate = std::max(column.largest_rate, rate);
    if (end.loss < column.best_loss) column.best_loss = end.loss, column.best_rate = rate;
  }
  return column;
}

}  // namespace

ExperimentResult run_rate_schedule(const ExperimentRequest& request) {
  const std::size_t steps = request.count("steps", 10, 100'000);
  std::vector<double> rates = request.numbers("rates", 1e-6, 100);
  std::ranges::sort(rates);
  const SmallTask task = draw_numbers(kRows, kTestRows, request.key.split("task"));
  ExperimentResult result{.key = "schedule",
                          .rows = {},
                          .plot = {"log10 of the rate", "sharpness at the end", true, {}},
                          .more_plots = {{"log10 of the rate", "loss at the end", true, {}}},
                          .prediction = {},
                          .words = {}};
  result.prediction =
      "whatever the schedule, of the rates that train the largest ends at less than half of the sharpness of "
      "the smallest; schedules that end at 0 end sharper than constant, at the largest rate at which both "
      "train";
  Column constant;
  std::vector<std::pair<std::string, Column>> columns;
  std::vector<std::string> against;
  std::size_t compared = 0;
  for (const std::string& name : request.list("schedule")) {
    const SmallNet net(task, {.architecture = request.text("architecture"),
                              .activation = request.text("activation"),
                              .optimizer = request.text("optimizer"),
                              .schedule = name});
    Column column = descend_at_all(net, rates, steps, request.key);
    ExperimentCurve sharpness{.name = name, .x = {}, .y = {}}, losses = sharpness;
    std::vector<double> trained;
    for (std::size_t i = 0; i < rates.size(); ++i) {
      if (!column.ends[i].trained(column.first_loss)) continue;
      sharpness.x.push_back(std::log10(rates[i]));
      sharpness.y.push_back(column.ends[i].sharpness);
      losses.x.push_back(std::log10(rates[i]));
      losses.y.push_back(column.ends[i].loss);
    }
    const std::vector<double>& sharp = sharpness.y;
    const double slowest = sharp.empty() ? NAN : sharp.front(), fastest = sharp.empty() ? NAN : sharp.back();
    result.rows.push_back({name,
                           {{"largest_rate", column.largest_rate},
                            {"best_rate", column.best_rate},
                            {"best_loss", column.best_loss},
                            {"sharpness_slowest", slowest},
                            {"sharpness_fastest", fastest}}});
    if (sharp.size() >= 2) {
      ++compared;
      if (!(fastest < slowest / 2))
        against.push_back(fmt::format("{} ends at {:.3g} at its largest rate, {:.3g} at its smallest", name,
                                      fastest, slowest));
    }
    result.plot.curves.push_back(std::move(sharpness));
    result.more_plots[0].curves.push_back(std::move(losses));
    if (name == "constant") constant = column;
    columns.emplace_back(name, std::move(column));
  }
  for (const auto& [name, column] : columns) {
    const Expression schedule = resolve_part(Vocabulary::schedule, name).expression;
    if (constant.ends.empty() ||
        std::abs(evaluate_expression(schedule, {{"t", 1}, {"k", static_cast<double>(steps)}})) > 1e-3)
      continue;
    for (std::size_t i = rates.size(); i-- > 0;) {
      if (!column.ends[i].trained(column.first_loss) || !constant.ends[i].trained(constant.first_loss))
        continue;
      ++compared;
      if (!(column.ends[i].sharpness > constant.ends[i].sharpness))
        against.push_back(fmt::format("{} ends at {:.3g} at rate {:g}, constant at {:.3g}", name,
                                      column.ends[i].sharpness, rates[i], constant.ends[i].sharpness));
      break;
    }
  }
  result.verdict = !against.empty() ? ExperimentVerdict::refuted
                   : compared > 0   ? ExperimentVerdict::confirmed
                                    : ExperimentVerdict::undecided;
  result.words = !against.empty() ? fmt::format("{}", fmt::join(against, "; "))
                 : compared > 0   ? fmt::format("all of {} comparisons came out so", compared)
                                  : "fewer than two rates train, so that there is nothing to compare";
  return result;
}

}  // namespace astrolabe
