// SPDX-License-Identifier: Apache-2.0
#include <nlohmann/json.hpp>

#include "astrolabe/base/hash.h"
#include "astrolabe/report/bench_page.h"
#include "astrolabe/report/bench_words.h"
#include "astrolabe/report/json_numbers.h"

namespace astrolabe {
namespace {

using Json = nlohmann::ordered_json;

Json task_effect_json(const BenchTaskEffect& task) {
  return {{"name", task.task},
          {"metric", task.metric},
          {"effect", json_estimate(task.effect)},
          {"difference", json_number(task.in_metric)},
          {"p", json_number(task.p_value)},
          {"adjusted", json_number(task.adjusted)},
          {"verdict", verdict_name(task.verdict)},
          {"differences", task.differences}};
}

Json comparison_json(const BenchComparison& comparison) {
  Json tasks = Json::array();
  for (const BenchTaskEffect& task : comparison.tasks) tasks.push_back(task_effect_json(task));
  Json json = {{"slot", comparison.slot},
               {"a", comparison.a},
               {"b", comparison.b},
               {"tasks", std::move(tasks)},
               {"effect", json_estimate(comparison.effect)},
               {"p", json_number(comparison.p_value)},
               {"verdict", verdict_name(comparison.verdict)},
               {"words", bench_verdict_words(comparison)},
               {"time_ratio", json_number(comparison.seconds_ratio)},
               {"memory_ratio", json_number(comparison.bytes_ratio)}};
  if (!comparison.why.empty()) json["why"] = comparison.why;
  return json;
}

Json skips_json(const std::vector<BenchSkip>& skips) {
  Json list = Json::array();
  for (const BenchSkip& skip : skips) list.push_back({{"what", skip.what}, {"why", skip.why}});
  return list;
}

Json tasks_json(const BenchResult& result) {
  Json list = Json::array();
  for (const BenchTaskLine& task : result.tasks)
    list.push_back({{"name", task.name},
                    {"kind", task.kind},
                    {"metric", task.metric},
                    {"source", task.source},
                    {"hash", hash_to_hex(task.hash)},
                    {"train_rows", task.train_rows},
                    {"judged_rows", task.judged_rows},
                    {"resampled", task.is_resampled}});
  return list;
}

Json parts_json(const BenchResult& result) {
  Json list = Json::array();
  for (const BenchSlot& slot : result.slots)
    for (const BenchPart& part : slot.parts) {
      Json json = {{"slot", slot.slot},
                   {"part", part.part},
                   {"baseline", part.is_baseline},
                   {"share", json_number(part.share)},
                   {"seconds", json_number(part.seconds)},
                   {"memory_bytes", json_number(part.bytes)}};
      if (slot.tasks > 1) {
        json["rank"] = json_number(part.mean_rank);
        json["elo"] = {{"score", json_number(part.strength.elo)},
                       {"low", json_number(part.strength.low)},
                       {"high", json_number(part.strength.high)}};
      }
      list.push_back(std::move(json));
    }
  return list;
}

Json ranks_json(const BenchResult& result) {
  Json list = Json::array();
  for (const BenchSlot& slot : result.slots) {
    Json pairs = Json::array();
    for (const RankedPair& pair : slot.pairs)
      pairs.push_back({{"a", slot.parts[pair.a].part},
                       {"b", slot.parts[pair.b].part},
                       {"p", json_number(pair.p_value)},
                       {"adjusted", json_number(pair.adjusted)}});
    list.push_back({{"slot", slot.slot},
                    {"tasks", slot.tasks},
                    {"friedman_p", json_number(slot.friedman.p_value)},
                    {"critical_difference", json_number(slot.critical_difference)},
                    {"pairs", std::move(pairs)}});
  }
  return list;
}

}  // namespace

std::string bench_json(const BenchResult& result) {
  Json comparisons = Json::array(), interactions = Json::array();
  for (const BenchComparison& comparison : result.comparisons)
    (comparison.is_interaction ? interactions : comparisons).push_back(comparison_json(comparison));
  Json json = {{"comparisons", std::move(comparisons)}, {"interactions", std::move(interactions)},
               {"parts", parts_json(result)},           {"ranks", ranks_json(result)},
               {"tasks", tasks_json(result)},           {"skipped", skips_json(result.skipped)},
               {"failed", skips_json(result.failed)}};
  json["rows"] = {{"total", result.rows.total},
                  {"complete", result.rows.complete},
                  {"failed", result.rows.failed},
                  {"cached", result.rows.from_cache}};
  if (!result.claim.empty()) json["claim"] = {{"text", result.claim}, {"verdict", result.claim_verdict}};
  json["suite"] = result.suite;
  json["mode"] = result.mode;
  json["hosts"] = result.hosts;
  json["seeds"] = result.seeds;
  json["tuning"] = result.tries;
  json["own_draws"] = result.own_draws;
  json["seed"] = result.seed;
  json["alpha"] = result.alpha;
  json["confidence"] = result.confidence;
  json["rope"] = result.rope;
  json["protocol"] = protocol_words(result);
  json["correction"] = correction_words(result);
  json["notes"] = result.notes;
  json["folder"] = result.folder;
  json["report"] = result.page_path;
  json["hardware"] = result.hardware;
  json["version"] = result.version;
  json["command"] = result.command;
  json["time_s"] = result.seconds;
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace astrolabe
