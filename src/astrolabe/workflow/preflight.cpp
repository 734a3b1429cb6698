// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/workflow/preflight.h"

#include <algorithm>
#include <array>
#include <cmath>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "astrolabe/base/text.h"
#include "astrolabe/stats/interval.h"
#include "astrolabe/stats/metric.h"
#include "astrolabe/workflow/out_of_fold.h"

namespace astrolabe {
namespace {

// Trials below which a search finds nothing but luck.
constexpr double kFewTrials = 10;
// Two systems judged on the same rows err alike: the difference of two scores is about a third as uncertain
// as one score (correlation 0.9 to 0.95 between good systems of a table).
constexpr double kPairedShare = 0.4;

// Points, when every real number is one of ten.
double count_in_steps(const Space& space) {
  Space stepped;
  for (Dimension dimension : space.dimensions()) {
    if (value_count(dimension) == 0) dimension.domain = WholeRange{.low = 1, .high = 10};
    stepped.add(std::move(dimension));
  }
  return stepped.count();
}

std::string large_count(double count) {
  if (count < 1e15) return format_count(static_cast<std::uint64_t>(count));
  return fmt::format("about 10^{:.0f}", std::log10(count));
}

}  // namespace

std::string long_duration(double seconds) {
  struct Unit {
    double seconds;
    std::string_view name;
  };
  constexpr std::array<Unit, 3> units = {{{31'557'600, "years"}, {86'400, "days"}, {3'600, "hours"}}};
  for (const Unit& unit : units) {
    const double amount = seconds / unit.seconds;
    if (amount >= 1e6) return fmt::format("10^{:.0f} {}", std::log10(amount), unit.name);
    if (amount >= 100)
      return fmt::format("{} {}", format_count(static_cast<std::uint64_t>(amount)), unit.name);
    if (amount >= 2) return fmt::format("{:.2g} {}", amount, unit.name);
  }
  return format_duration(seconds);
}

Preflight look_ahead(const SystemSpace& space, const CrossValidation& first, const Budget& budget,
                     std::optional<std::uint64_t> trials, bool has_star, const Labels& labels,
                     const Task& task) {
  const double count = count_in_steps(space.space());
  // A handful of systems is a list, not a search.
  if (count <= static_cast<double>(space.learner_count())) return {.lines = {}, .warning = {}, .json = "{}"};
  const Metric& metric = *find_metric(task.metric);
  const Estimate score =
      estimate(metric, judge(first.rows, first.out_of_fold, labels).scored(), Key::from_seed(0));
  const double smallest = kPairedShare * (score.high - score.low) / 2;

  // Most trials end after their first step, on a fold or two of them all.
  const double of_step =
      std::max(1e-4, first.seconds / static_cast<double>(std::max<std::size_t>(1, first.fitted.size())));
  const double in_full = count * first.seconds;
  double tried = trials ? static_cast<double>(*trials) : count;
  if (budget.has_deadline()) tried = std::min(tried, budget.seconds_left() / (2 * of_step));
  tried = std::min(tried, count);

  Preflight ahead;
  std::string budget_words;
  if (budget.has_deadline())
    budget_words = fmt::format("{} try about {} of them, most of them on a fold or two",
                               format_duration(budget.seconds_left()), large_count(std::floor(tried)));
  else
    budget_words = fmt::format("this run tries {} of them", large_count(tried));
  const bool has_steps = std::isinf(space.space().count());
  ahead.lines.push_back(fmt::format("{} candidates{}; training each in full would take {}",
                                    large_count(count), has_steps ? ", numbers in ten steps" : "",
                                    long_duration(in_full)));
  ahead.lines.push_back(budget_words);
  if (std::isfinite(smallest))
    ahead.lines.push_back(
        fmt::format("differences in {} below about {} cannot be told from chance on these {} rows",
                    metric.title, format_score(smallest), format_count(first.rows.size())));
  if (has_star && budget.has_deadline() && tried < kFewTrials && tried < count)
    ahead.warning = fmt::format(
        "this search is hopeless: about {:.0f} trials of {} candidates. Give more --time, fewer rows, or a "
        "list "
        "in the place of the star",
        std::max(1.0, tried), large_count(count));
  nlohmann::ordered_json json;
  json["count"] =
      std::isinf(space.space().count()) ? nlohmann::ordered_json(nullptr) : nlohmann::ordered_json(count);
  if (std::isfinite(in_full)) json["hours_in_full"] = in_full / 3600;
  json["budget"] = budget_words;
  if (std::isfinite(smallest)) json["smallest_difference"] = smallest;
  ahead.json = json.dump();
  return ahead;
}

}  // namespace astrolabe
