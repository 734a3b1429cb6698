// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/workflow/explain_system.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include <fmt/format.h>

#include "astrolabe/base/text.h"
#include "astrolabe/workflow/system_difference.h"

namespace astrolabe {
namespace {

constexpr std::array<double, 5> kShares = {0.125, 0.25, 0.5, 0.75, 1};
constexpr std::size_t kLeastRows = 40;  // of the smallest share; below, a class may be missing
constexpr std::array<double, 3> kFurther = {2, 4, 10};
constexpr std::size_t kLeastTrials = 20;
constexpr std::size_t kResampledStudies = 24;

std::string value_words(const FilledSystem& system, const std::string& setting) {
  const auto found = system.settings.find(setting);
  return found == system.settings.end() ? "its default" : format_setting(found->second);
}

// The setting that gains most when it goes in next; nothing: no time to see that.
std::optional<std::string> choose_next(TrainedChanges& trained, const FilledSystem& now,
                                       const FilledSystem& found, const std::vector<std::string>& left) {
  if (left.size() == 1) return left.front();
  std::optional<std::string> best;
  double most = -std::numeric_limits<double>::infinity();
  for (const std::string& setting : left) {
    FilledSystem next = with_setting_of(now, found, setting);
    next.label = fmt::format("{} with {}", now.label, setting);
    const std::optional<double> gain = trained.glance(now, next);
    if (!gain) return std::nullopt;
    if (*gain <= most) continue;
    most = *gain;
    best = setting;
  }
  return best;
}

void put_in_at_once(TrainedChanges& trained, const FilledSystem& now, const FilledSystem& found,
                    const std::vector<std::string>& left, ExplainResult& result) {
  trained.until(1);
  if (std::optional<TrainedChange> rest = trained.compare(now, found, true)) {
    rest->what = join(left, ", ");
    rest->instead = "all as found, at once for lack of time";
    result.path.push_back(std::move(*rest));
  } else {
    result.left_out.push_back(fmt::format("the steps of {} on the path, for lack of time", join(left, ", ")));
  }
}

// [seeds] scores of all shares, in the metric's own direction; empty: no time.
std::vector<double> scores_of_seed(TrainedChanges& trained, std::size_t system, std::size_t seed) {
  std::vector<double> scores;
  for (const double share : kShares) {
    if (!trained.has_time()) return {};
    const std::optional<double> score = trained.fits().score_open(system, seed, share);
    if (!score) return {};
    scores.push_back(trained.sign() * *score);
  }
  return scores;
}

std::vector<double> sizes_beyond(double largest) {
  std::vector<double> sizes;
  for (const double factor : kFurther) sizes.push_back(factor * largest);
  return sizes;
}

// Every metric that grows ends at 1, every loss at 0.
double ideal_of(bool higher_is_better) {
  return higher_is_better ? 1 : 0;
}

}  // namespace

void follow_path(TrainedChanges& trained, const FilledSystem& defaults, const FilledSystem& found,
                 ExplainResult& result) {
  std::vector<std::string> left = differing_settings(found, defaults);
  if (left.empty()) {
    result.left_out.emplace_back("the path from the defaults: nothing else of this learner was tried");
    return;
  }
  FilledSystem now = defaults;
  now.label = "the baseline";
  result.whole = trained.compare(now, found, true);
  if (!result.whole) {
    result.left_out.emplace_back("the path from the defaults, for lack of time: two pairs did not fit");
    return;
  }
  result.whole->what = join(left, ", ");
  while (!left.empty()) {
    const std::optional<std::string> setting = choose_next(trained, now, found, left);
    FilledSystem next = setting ? with_setting_of(now, found, *setting) : now;
    if (setting) next.label = fmt::format("{} with {}", now.label, *setting);
    std::optional<TrainedChange> step =
        setting ? trained.compare(now, left.size() == 1 ? found : next, true) : std::nullopt;
    if (!step) return put_in_at_once(trained, now, found, left, result);
    step->what = *setting;
    step->text = value_words(now, *setting);
    step->instead = value_words(found, *setting);
    step->others = left.size() - 1;
    result.path.push_back(std::move(*step));
    std::erase(left, *setting);
    now = std::move(next);
  }
}

std::optional<SpentCurve> curve_over_rows(TrainedChanges& trained, const FilledSystem& system,
                                          std::size_t seeds, bool higher_is_better, Key key) {
  if (trained.fits().fitted_rows(kShares[0]) < kLeastRows) return std::nullopt;
  const std::size_t index = trained.fits().add(system);
  SpentCurve spent{.unit = "rows", .points = {}, .curve = {}};
  for (const double share : kShares)
    spent.points.push_back({.size = static_cast<double>(trained.fits().fitted_rows(share)), .scores = {}});
  for (std::size_t seed = 0; seed < seeds; ++seed) {
    const std::vector<double> scores = scores_of_seed(trained, index, seed);
    if (scores.empty()) break;
    for (std::size_t i = 0; i < scores.size(); ++i) spent.points[i].scores.push_back(scores[i]);
  }
  if (spent.points[0].scores.empty()) return std::nullopt;
  spent.curve = fit_learning_curve(spent.points, higher_is_better, sizes_beyond(spent.points.back().size),
                                   key, ideal_of(higher_is_better));
  return spent;
}

std::optional<SpentCurve> curve_over_trials(const SearchResult& search, Key key) {
  std::vector<double> scores;
  for (const SearchTrial& trial : search.trials)
    if (trial.state == TrialState::complete && std::isfinite(trial.score)) scores.push_back(trial.score);
  if (scores.size() < kLeastTrials) return std::nullopt;
  std::vector<std::size_t> sizes;
  for (const double share : kShares)
    sizes.push_back(
        std::max<std::size_t>(1, static_cast<std::size_t>(share * static_cast<double>(scores.size()))));
  SpentCurve spent{.unit = "trials", .points = {}, .curve = {}};
  for (const std::size_t size : sizes)
    spent.points.push_back({.size = static_cast<double>(size), .scores = {}});
  const auto add = [&](std::span<const double> some, std::vector<CurvePoint>& points) {
    const std::vector<double> best = expected_best(some, search.higher_is_better, sizes);
    for (std::size_t i = 0; i < best.size(); ++i) points[i].scores.assign(1, best[i]);
  };
  add(scores, spent.points);
  const std::vector<double> beyond = sizes_beyond(spent.points.back().size);
  spent.curve = fit_learning_curve(spent.points, search.higher_is_better, beyond, key.split("law"),
                                   ideal_of(search.higher_is_better));
  // Other trials would have been found as well: the interval is that of resampled studies.
  for (std::size_t r = 0; r < kResampledStudies; ++r) {
    RandomStream random(key.split("studies").split(r));
    std::vector<double> drawn(scores.size());
    for (double& score : drawn) score = scores[random.below(scores.size())];
    std::vector<CurvePoint> points = spent.points;
    add(drawn, points);
    const LearningCurve curve =
        fit_learning_curve(points, search.higher_is_better, beyond, key.split("again").split(r),
                           ideal_of(search.higher_is_better));
    for (std::size_t i = 0; i < beyond.size(); ++i) {
      const auto widen = [](Estimate& interval, double value) {
        interval.low = std::min(interval.low, value);
        interval.high = std::max(interval.high, value);
      };
      widen(spent.curve.forecasts[i].score, curve.forecasts[i].score.value);
      widen(spent.curve.forecasts[i].gain, curve.forecasts[i].gain.value);
    }
  }
  return spent;
}

}  // namespace astrolabe
