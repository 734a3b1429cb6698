// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/workflow/preflight.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "astrolabe/base/text.h"
#include "astrolabe/report/search_summary.h"
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

Preflight look_ahead(const SystemSpace& space, const CrossValidation& first, const Budget& budget,
                     std::optional<std::uint64_t> trials, bool has_star, const Labels& labels,
                     const Task& task) {
  const double count = count_in_steps(space.space());
  // A handful of systems is a list, not a search.
  if (count <= static_cast<double>(space.learner_count())) return {.lines = {}, .warning = {}, .json = "{}"};
  const std::optional<double> share = space.different_share();
  const double different = std::round(count * share.value_or(1));
  const Metric& metric = *find_metric(task.metric);
  const Estimate score =
      estimate(metric, judge(first.rows, first.out_of_fold, labels).scored(), Key::from_seed(0));
  const double smallest = kPairedShare * (score.high - score.low) / 2;

  // Most trials end after their first step, on a fold or two of them all.
  const double of_step =
      std::max(1e-4, first.seconds / static_cast<double>(std::max<std::size_t>(1, first.fitted.size())));
  const double in_full = different * first.seconds;
  double tried = trials ? static_cast<double>(*trials) : different;
  if (budget.has_deadline()) tried = std::min(tried, budget.seconds_left() / (2 * of_step));
  tried = std::min(tried, different);

  Preflight ahead;
  std::string budget_words;
  if (budget.has_deadline())
    budget_words = fmt::format("{} try about {} of them, most of them on a fold or two",
                               format_duration(budget.seconds_left()), large_count(std::floor(tried)));
  else
    budget_words = fmt::format("this run tries {} of them", large_count(tried));
  const bool has_steps = std::isinf(space.space().count());
  std::string candidates = large_count(count) + " candidates";
  if (!share) candidates = "at most " + candidates;
  if (different < count) candidates += fmt::format(", {} of them different", large_count(different));
  ahead.lines.push_back(fmt::format("{}{}; training each {}in full would take {}", candidates,
                                    has_steps ? ", numbers in ten steps" : "",
                                    different < count ? "of those " : "", long_duration(in_full)));
  ahead.lines.push_back(budget_words);
  if (std::isfinite(smallest))
    ahead.lines.push_back(
        fmt::format("differences in {} below about {} cannot be told from chance on these {} rows",
                    metric.title, format_score(smallest), format_count(first.rows.size())));
  if (has_star && budget.has_deadline() && tried < kFewTrials && tried < different)
    ahead.warning = fmt::format(
        "this search is hopeless: about {} of {} candidates. Give more --time, fewer rows, or a list in the "
        "place of the star",
        large_count(std::max(1.0, std::floor(tried))), large_count(different));
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
