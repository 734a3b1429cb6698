// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/workflow/resume.h"

#include <algorithm>
#include <cmath>
#include <map>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "astrolabe/base/error.h"
#include "astrolabe/base/text.h"
#include "astrolabe/search/study_facts.h"
#include "astrolabe/workflow/run_study.h"

namespace astrolabe {
namespace {

constexpr double kNoLimit = std::numeric_limits<double>::infinity();
// A session shorter than this would only write the same results again.
constexpr double kWorthStarting = 0.5;

struct Limits {
  double seconds = kNoLimit;
  std::optional<std::size_t> trials;
};

std::string note(const std::map<std::string, std::string>& notes, std::string_view name) {
  const auto found = notes.find(std::string(name));
  return found == notes.end() ? std::string() : found->second;
}

Limits limits_before(const std::map<std::string, std::string>& notes) {
  Limits limits;
  const auto json = nlohmann::json::parse(note(notes, kLimitsNote), nullptr, false);
  if (!json.is_object()) return limits;
  if (json.contains("seconds") && json["seconds"].is_number()) limits.seconds = json["seconds"].get<double>();
  if (json.contains("trials") && json["trials"].is_number_unsigned())
    limits.trials = json["trials"].get<std::size_t>();
  return limits;
}

// Of this session.
Limits limits_now(const ResumeRequest& request, const Limits& before, double used) {
  if (request.time.empty())
    return {.seconds = before.seconds - used, .trials = request.trials ? request.trials : before.trials};
  if (request.time.front() == '+')
    return {.seconds = parse_duration(std::string_view(request.time).substr(1), "--time"),
            .trials = request.trials};
  return {.seconds = parse_duration(request.time, "--time") - used, .trials = request.trials};
}

// What it takes to fit the best system again, which nobody kept, and to ship it.
double seconds_to_end(StudyStore& store) {
  const std::vector<TrialRecord> best = store.best(1);
  return kWorthStarting + (best.empty() ? 0 : 3 * best.front().end.seconds);
}

std::string why_finished(const TrialCounts& counts, const Limits& limits, const std::string& stopped) {
  if (stopped == "exhausted") return fmt::format("all {} candidates were tried", format_count(counts.total));
  if (limits.trials && counts.total >= *limits.trials)
    return fmt::format("its {} trials are done", format_count(counts.total));
  return "its time is used up";
}

}  // namespace

ResumePlan plan_resume(const ResumeRequest& request) {
  RunOfFolder known = open_run(request.folder, "resuming");
  StudyStore& store = known.study.store();
  const std::map<std::string, std::string> notes = store.notes();
  const double used = parse_number(note(notes, kSecondsNote)).value_or(0);
  const Limits limits = limits_now(request, limits_before(notes), used);

  ResumePlan plan{.options = std::move(known.options), .has_work = true, .finding = {}};
  plan.options.out = request.folder;
  plan.options.resume = true;
  const bool was_shipped = !note(notes, kShippedNote).empty();
  // Without a word from the caller what was interrupted is ended, even where its time is used up.
  const bool must_end = !was_shipped && request.time.empty();
  plan.options.seconds = std::max(limits.seconds, must_end ? seconds_to_end(store) : kWorthStarting);
  plan.options.trials = limits.trials;
  const StudyAddress address = study_of_folder(request.folder);
  if (address.is_server()) {
    plan.options.study = address.url;
    plan.options.study_name = address.name;
  }
  const TrialCounts counts = store.counts();
  const std::string stopped = note(notes, kStoppedNote);
  const bool all_tried = (limits.trials && counts.total >= *limits.trials) || stopped == "exhausted";
  const bool all_ended = counts.running + counts.waiting == 0;
  if (was_shipped && (limits.seconds < kWorthStarting || (all_tried && all_ended))) {
    plan.has_work = false;
    plan.finding =
        fmt::format("{} is finished: {}. Give more, as --time +10m or --trials {}.", request.folder.string(),
                    why_finished(counts, limits, stopped), 2 * std::max<std::uint64_t>(counts.total, 10));
  }
  return plan;
}

RunOptions plan_replay(const std::filesystem::path& folder) {
  constexpr std::size_t kReadAtOnce = 1'000;
  RunOfFolder known = open_run(folder, "replaying");
  RunOptions options = std::move(known.options);
  options.command.clear();
  for (std::uint64_t read = 0;;) {
    const std::vector<TrialRecord> ended = known.study.store().finished_after(read, kReadAtOnce);
    for (const TrialRecord& record : ended) options.replay.push_back(record.what.point);
    if (ended.size() < kReadAtOnce) break;
    read = ended.back().finished;
  }
  if (options.replay.empty()) {
    throw bad_input({.attempted = "replaying " + folder.string(),
                     .expected = "trials that ended",
                     .found = "none",
                     .remedy = "Resume the run first."});
  }
  options.trials = options.replay.size();
  return options;
}

}  // namespace astrolabe
