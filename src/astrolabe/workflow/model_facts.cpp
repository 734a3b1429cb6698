// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/workflow/model_facts.h"

#include <cmath>
#include <optional>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "astrolabe/base/file.h"
#include "astrolabe/base/text.h"
#include "astrolabe/stats/metric.h"

namespace astrolabe {
namespace {

using nlohmann::json;

constexpr std::size_t kShownColumns = 3;

// A value by its path; null where it is not.
json at(const json& object, std::string_view path) {
  json now = object;
  for (const std::string& name : split(path, '.')) {
    if (!now.is_object() || !now.contains(name)) return nullptr;
    json next = now[name];
    now = std::move(next);
  }
  return now;
}

std::optional<double> number_at(const json& object, std::string_view path) {
  const json value = at(object, path);
  if (!value.is_number()) return std::nullopt;
  return value.get<double>();
}

std::string text_at(const json& object, std::string_view path) {
  const json value = at(object, path);
  return value.is_string() ? value.get<std::string>() : "";
}

std::string interval_at(const json& object) {
  const std::optional<double> score = number_at(object, "score"), low = number_at(object, "low"),
                              high = number_at(object, "high");
  if (!score) return "";
  if (!low || !high) return format_score(*score);
  return fmt::format("{} [{}, {}]", format_score(*score), format_score(*low), format_score(*high));
}

std::string title_of(const json& result) {
  const Metric* metric = find_metric(text_at(result, "task.metric.name"));
  return metric == nullptr ? "the metric" : std::string(metric->title);
}

void tell_score(const json& result, std::vector<std::string>& facts) {
  const json sealed = at(result, "best.sealed");
  const std::string score = interval_at(sealed);
  if (!score.empty())
    facts.push_back(
        fmt::format("What ships, {}, reaches {} {} on {} {} rows (best.sealed)",
                    text_at(result, "best.system"), title_of(result), score,
                    format_count(static_cast<std::uint64_t>(number_at(sealed, "rows").value_or(0))),
                    text_at(sealed, "label")));
}

void tell_columns(const json& result, std::vector<std::string>& facts) {
  const json shuffled = at(result, "importance.by_shuffling");
  if (!shuffled.is_array()) return;
  for (std::size_t i = 0; i < std::min(shuffled.size(), kShownColumns); ++i)
    facts.push_back(fmt::format(
        "Shuffling {} costs {} of {}, number {} of {} columns (importance.by_shuffling)",
        text_at(shuffled[i], "column"), interval_at(shuffled[i]), title_of(result), i + 1, shuffled.size()));
  const json effects = at(result, "effects.columns");
  if (!effects.is_array() || effects.empty()) return;
  facts.push_back(
      fmt::format("{} moves a row's {} by {} on average, most of all columns (SHAP, effects; "
                  "the report draws its values against its effects)",
                  text_at(effects[0], "column"), text_at(result, "effects.score"),
                  format_score(number_at(effects[0], "mean_size").value_or(0))));
}

void tell_probabilities(const json& result, std::vector<std::string>& facts) {
  const std::optional<double> before = number_at(result, "best.calibration.log_loss_before"),
                              after = number_at(result, "best.calibration.log_loss_after");
  if (before && after)
    facts.push_back(
        fmt::format("Calibration by {} takes the log loss out of fold from {} to {} "
                    "(best.calibration)",
                    text_at(result, "best.calibration.kind"), format_score(*before), format_score(*after)));
  const std::string brier = interval_at(at(result, "best.sealed.others.brier"));
  if (!brier.empty())
    facts.push_back(fmt::format("The Brier score of its probabilities is {} (best.sealed.others)", brier));
  const json share = at(result, "figures.coverage.all.share");
  const std::optional<double> promised = number_at(result, "figures.coverage.promised");
  const std::string covered = share.is_object() ? interval_at(share) : "";
  if (promised && !covered.empty())
    facts.push_back(fmt::format(
        "Its ranges promise to hold {} of new rows, and held {} of {} (figures.coverage)",
        format_score(*promised), covered,
        format_count(
            static_cast<std::uint64_t>(number_at(result, "figures.coverage.all.rows").value_or(0)))));
}

}  // namespace

std::vector<std::string> model_facts(const std::filesystem::path& folder) {
  std::vector<std::string> facts;
  const std::filesystem::path file = folder / "result.json";
  if (!std::filesystem::exists(file)) return facts;
  const json result = json::parse(read_file(file, "result of the run"), nullptr, false);
  if (!result.is_object()) return facts;
  tell_score(result, facts);
  tell_columns(result, facts);
  tell_probabilities(result, facts);
  return facts;
}

}  // namespace astrolabe
