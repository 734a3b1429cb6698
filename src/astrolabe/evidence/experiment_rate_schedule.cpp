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

// What the prediction is held against.
struct Comparisons {
  std::size_t made = 0;
  std::vector<std::string> against;

  void add(bool holds, std::string otherwise) {
    ++made;
    if (!holds) against.push_back(std::move(otherwise));
  }
};

// Its row, its curves, and its largest rate against its smallest.
void note(const std::string& name, const Column& column, const std::vector<double>& rates,
          ExperimentResult& result, Comparisons& comparisons) {
  ExperimentCurve sharpness{.name = name, .x = {}, .y = {}}, losses = sharpness;
  for (std::size_t i = 0; i < rates.size(); ++i) {
    if (!column.ends[i].trained(column.first_loss)) continue;
    for (auto& [curve, value] :
         {std::pair{&sharpness, column.ends[i].sharpness}, std::pair{&losses, column.ends[i].loss}}) {
      curve->x.push_back(std::log10(rates[i]));
      curve->y.push_back(value);
    }
  }
  const std::vector<double>& sharp = sharpness.y;
  const double slowest = sharp.empty() ? NAN : sharp.front(), fastest = sharp.empty() ? NAN : sharp.back();
  result.rows.push_back({name,
                         {{"largest_rate", column.largest_rate},
                          {"best_rate", column.best_rate},
                          {"best_loss", column.best_loss},
                          {"sharpness_slowest", slowest},
                          {"sharpness_fastest", fastest}}});
  if (sharp.size() >= 2)
    comparisons.add(
        fastest < slowest / 2,
        fmt::format("{} ends at {:.3g} at its largest rate, {:.3g} at its smallest", name, fastest, slowest));
  result.plot.curves.push_back(std::move(sharpness));
  result.more_plots[0].curves.push_back(std::move(losses));
}

// A schedule that ends at 0, at the largest rate at which it and the constant one train.
void compare_with_constant(const std::string& name, const Column& column, const Column& constant,
                           const std::vector<double>& rates, Comparisons& comparisons) {
  for (std::size_t i = rates.size(); i-- > 0;) {
    const End &own = column.ends[i], &other = constant.ends[i];
    if (!own.trained(column.first_loss) || !other.trained(constant.first_loss)) continue;
    comparisons.add(own.sharpness > other.sharpness,
                    fmt::format("{} ends at {:.3g} at rate {:g}, constant at {:.3g}", name, own.sharpness,
                                rates[i], other.sharpness));
    return;
  }
}

bool ends_at_zero(const std::string& schedule, std::size_t steps) {
  const Expression text = resolve_part(Vocabulary::schedule, schedule).expression;
  return std::abs(evaluate_expression(text, {{"t", 1}, {"k", static_cast<double>(steps)}})) < 1e-3;
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
  std::vector<std::pair<std::string, Column>> columns;
  Comparisons comparisons;
  for (const std::string& name : request.list("schedule")) {
    const SmallNet net(task, {.architecture = request.text("architecture"),
                              .activation = request.text("activation"),
                              .optimizer = request.text("optimizer"),
                              .schedule = name});
    columns.emplace_back(name, descend_at_all(net, rates, steps, request.key));
    note(name, columns.back().second, rates, result, comparisons);
  }
  const auto constant = std::ranges::find(columns, "constant", &std::pair<std::string, Column>::first);
  for (const auto& [name, column] : columns)
    if (constant != columns.end() && ends_at_zero(name, steps))
      compare_with_constant(name, column, constant->second, rates, comparisons);
  const std::vector<std::string>& against = comparisons.against;
  result.verdict = !against.empty()       ? ExperimentVerdict::refuted
                   : comparisons.made > 0 ? ExperimentVerdict::confirmed
                                          : ExperimentVerdict::undecided;
  result.words = !against.empty()       ? fmt::format("{}", fmt::join(against, "; "))
                 : comparisons.made > 0 ? fmt::format("all of {} comparisons came out so", comparisons.made)
                                        : "fewer than two rates train, so that there is nothing to compare";
  return result;
}

}  // namespace astrolabe
