// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/report/limits.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "astrolabe/base/text.h"
#include "astrolabe/report/score_words.h"

namespace astrolabe {
namespace {

std::string precision(const HonestScore& honest, const std::string& metric) {
  const double width = honest.primary.high - honest.primary.low;
  if (!std::isfinite(width))
    return fmt::format("The {} of {} rows has no interval: how sure it is, nobody can say.", metric,
                       format_count(honest.rows));
  return fmt::format(
      "The 95 % interval of the {} is {} wide: on these {} rows a change of less than about {} cannot be "
      "seen.",
      metric, format_score(width), format_count(honest.rows), format_score(width / 2));
}

std::string origin(const RunResult& result, const HonestScore& honest) {
  if (honest.label == "test file")
    return fmt::format("The {} rows of the test file are as like the future as whoever chose them made them.",
                       format_count(honest.rows));
  if (honest.label == "test part")
    return fmt::format(
        "The {} rows of the set's own test part are as like the future as its makers chose them.",
        format_count(honest.rows));
  if (result.split == "random")
    return fmt::format(
        "The {} rows that it is judged by were drawn at random from the same table of {}: how it does on "
        "rows of "
        "another time or place is not measured (--split holds such rows back).",
        format_count(honest.rows), format_count(result.rows_used));
  return fmt::format("The {} rows that it is judged by are split off by {}: other changes are not measured.",
                     format_count(honest.rows), result.split);
}

std::string choice(const RunResult& result, const HonestScore& honest) {
  return fmt::format(
      "{} systems were compared on the rows of the folds to choose one, so its {} of {} there flatters it; "
      "the {} "
      "score is {}.",
      result.leaderboard.size(), metric_title(result), format_score(result.validation.value), honest.label,
      format_score(honest.primary.value));
}

}  // namespace

std::vector<std::string> limits_of(const RunResult& result) {
  std::vector<std::string> limits;
  if (result.honest) {
    limits.push_back(precision(*result.honest, metric_title(result)));
    limits.push_back(origin(result, *result.honest));
    if (result.leaderboard.size() > 1) limits.push_back(choice(result, *result.honest));
  } else {
    limits.push_back(
        fmt::format("No rows were kept apart: the {} of {} is of rows that the choice was made on.",
                    metric_title(result), format_score(result.validation.value)));
  }
  if (result.rows_used < result.rows)
    limits.push_back(fmt::format("{} of the {} rows were not used.",
                                 format_count(result.rows - result.rows_used), format_count(result.rows)));
  const auto cut = std::ranges::count_if(result.leaderboard, &LeaderboardRow::was_cut_short);
  if (cut > 0)
    limits.push_back(fmt::format("{} of the {} systems ran out of time: they could do better with more.", cut,
                                 result.leaderboard.size()));
  if (result.search && result.rows_for_proof > 0)
    limits.push_back(fmt::format(
        "What {} trials found is a finding and no proof: astrolabe prove {} tries it on {} rows that nothing "
        "has "
        "read.",
        format_count(result.search->counts.total), result.folder, format_count(result.rows_for_proof)));
  limits.push_back(fmt::format(
      "All of it is one split of one table with seed {}: importance and effects say what the model does, not "
      "what causes {}.",
      result.seed, result.task.target));
  return limits;
}

}  // namespace astrolabe
