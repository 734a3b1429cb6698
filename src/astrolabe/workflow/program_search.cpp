// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/workflow/program_search.h"

#include <atomic>
#include <chrono>
#include <cmath>
#include <exception>
#include <mutex>
#include <set>
#include <thread>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "astrolabe/base/error.h"
#include "astrolabe/base/file.h"
#include "astrolabe/base/text.h"
#include "astrolabe/search/space_text.h"
#include "astrolabe/search/study_facts.h"
#include "astrolabe/workflow/program_study.h"

namespace astrolabe {
namespace {

using Clock = std::chrono::steady_clock;

// How often what was spent is written down: so much a kill may forget.
constexpr std::chrono::seconds kNoteEvery{5};
constexpr std::size_t kMostWarnings = 3;

// What the workers of one call share.
class Workshop {
 public:
  Workshop(const ProgramSearchOptions& options, const ProgramTemplate& program, StudyAddress address,
           const std::filesystem::path& folder, Progress& progress)
      : options_(options),
        program_(program),
        address_(std::move(address)),
        folder_(folder),
        progress_(progress),
        budget_({.seconds = options.seconds}) {}

  void run(StudyStore& store) {
    const std::vector<TrialRecord> best = store.best(1);
    if (!best.empty()) best_ = best.front().end.cost;
    counts_ = store.counts();
    ended_before_ = ended(counts_);
    std::vector<std::jthread> others;
    for (std::size_t worker = 1; worker < options_.jobs; ++worker)
      others.emplace_back([this, worker] {
        guard([&] {
          StudyStore own = StudyStore::open(address_);
          work(own, worker);
        });
      });
    guard([&] { work(store, 0); });
    others.clear();  // joins
    progress_.finish();
    if (error_) std::rethrow_exception(error_);
  }

  [[nodiscard]] SearchStop why() const { return why_; }
  [[nodiscard]] std::uint64_t trials_here() const { return trials_here_; }
  [[nodiscard]] double seconds() const { return budget_.seconds_used(); }

 private:
  static std::uint64_t ended(const TrialCounts& counts) {
    return counts.complete + counts.pruned + counts.failed;
  }

  // What one worker cannot deal with ends all.
  template <class Work>
  void guard(const Work& work) {
    try {
      work();
    } catch (...) {
      const std::lock_guard lock(mutex_);
      if (!error_) error_ = std::current_exception();
      has_failed_ = true;
    }
  }

  void work(StudyStore& store, std::size_t worker) {
    // The first has the study's own key, so that a search by one is the same however often it is begun.
    const Key study = Key::from_seed(options_.seed).split("search");
    const Key key = worker == 0 ? study : study.split(worker);
    const std::unique_ptr<Proposer> proposer = make_proposer(options_, program_.space(), key);
    const std::unique_ptr<const Pruner> pruner = make_pruner(options_);
    const ProgramTrials trials{.program = program_,
                               .goal = options_.goal,
                               .seconds = options_.trial_seconds,
                               .seed = options_.seed,
                               .logs = folder_ / "trials",
                               .may_go_on = [this] { return show(); }};
    Clock::time_point noted = Clock::now();
    const SearchEnd end = search({.space = program_.space(),
                                  .store = store,
                                  .proposer = *proposer,
                                  .pruner = *pruner,
                                  .evaluate = [&](RunningTrial& trial) -> std::optional<TrialEnd> {
                                    if (has_failed_) return std::nullopt;
                                    return run_program_trial(trials, trial, budget_);
                                  },
                                  .budget = budget_,
                                  .trials = options_.trials,
                                  .key = key,
                                  .on_end =
                                      [&](const SearchEvent& event) {
                                        hear(event);
                                        if (worker != 0 || Clock::now() - noted < kNoteEvery) return;
                                        noted = Clock::now();
                                        note_spending(store, options_, budget_.seconds_used());
                                      }});
    const std::lock_guard lock(mutex_);
    if (worker == 0) {
      store.set_note(kProposerNote, proposer->summary());
      why_ = end.why;
    }
    trials_here_ += end.trials_here;
  }

  void hear(const SearchEvent& event) {
    const std::lock_guard lock(mutex_);
    counts_ = event.counts;
    if (event.end.state == TrialState::complete && (!best_ || event.end.cost < *best_))
      best_ = event.end.cost;
    if (event.end.state == TrialState::failed && warned_.size() < kMostWarnings &&
        warned_.insert(event.end.reason).second) {
      const std::string log = (folder_ / "trials" / fmt::format("{}.log", event.trial)).string();
      progress_.warn(fmt::format("trial {} failed: {} ({})", event.trial, event.end.reason, log));
    }
    draw();
  }

  // Called while trials run. False: end them.
  bool show() {
    if (has_failed_) return false;
    if (const std::unique_lock lock(mutex_, std::try_to_lock); lock.owns_lock()) draw();
    return true;
  }

  void draw() {
    const double seconds = budget_.seconds_used();
    const std::uint64_t ended_now = ended(counts_);
    std::string stage = fmt::format("{} trials", format_count(ended_now));
    if (counts_.pruned > 0) stage += fmt::format(", {} pruned", format_count(counts_.pruned));
    if (counts_.failed > 0) stage += fmt::format(", {} failed", format_count(counts_.failed));
    if (ended_now > ended_before_)
      stage += fmt::format(", {:.0f}/min", static_cast<double>(ended_now - ended_before_) / seconds * 60);
    ProgressEvent event;
    event.stage = stage;
    if (budget_.has_deadline()) {
      event.fraction = seconds / budget_.seconds_limit();
      event.seconds_left = budget_.seconds_left();
    }
    if (options_.trials && *options_.trials > 0)
      event.fraction =
          std::max(event.fraction, static_cast<double>(ended_now) / static_cast<double>(*options_.trials));
    if (best_)
      event.best = fmt::format("{} {}", options_.goal.name, format_score(options_.goal.score_of(*best_)));
    progress_.update(event);
  }

  const ProgramSearchOptions& options_;
  const ProgramTemplate& program_;
  const StudyAddress address_;
  const std::filesystem::path& folder_;
  Progress& progress_;
  const Budget budget_;
  std::atomic<bool> has_failed_{false};
  std::mutex mutex_;  // guards what follows, and the progress
  std::exception_ptr error_;
  TrialCounts counts_;
  std::uint64_t ended_before_ = 0, trials_here_ = 0;
  std::optional<double> best_;
  std::set<std::string> warned_;
  SearchStop why_ = SearchStop::trials;
};

std::string limits_text(const ProgramSearchOptions& options) {
  std::vector<std::string> limits;
  if (options.trials) limits.push_back(fmt::format("{} trials", format_count(*options.trials)));
  if (std::isfinite(options.seconds)) limits.push_back(format_duration(options.seconds));
  return limits.empty() ? "until it is stopped" : "until " + join(limits, " or ");
}

// What is searched, and how far this budget goes.
std::string preflight_line(const ProgramSearchOptions& options, const Space& space) {
  std::vector<std::string> names;
  for (const Dimension& dimension : space.dimensions()) names.push_back(dimension.name);
  const double count = space.count();
  const std::string points =
      !std::isfinite(count) ? "more points than can be counted"
      : count < 1e15 ? format_count(static_cast<std::uint64_t>(count)) + (count == 1 ? " point" : " points")
                     : fmt::format("{:.1e} points", count);
  const ProposerRow& proposer = *parse_proposer(options.proposer).row;
  const PrunerRow& pruner = *parse_pruner(options.pruner).row;
  return fmt::format(
      "{} over {}: {}; {} proposes, {} prunes, {}",
      options.goal.higher_is_better ? "maximising " + options.goal.name : "minimising " + options.goal.name,
      join(names, ", "), points, proposer.name, pruner.name, limits_text(options));
}

void note_preflight(StudyStore& store, const ProgramSearchOptions& options, const Space& space) {
  if (store.notes().contains(std::string(kPreflightNote))) return;
  nlohmann::ordered_json note{{"budget", limits_text(options)}};
  note["count"] = std::isfinite(space.count()) ? nlohmann::ordered_json(space.count()) : nullptr;
  store.set_note(kPreflightNote, note.dump());
}

// All into the one file, unless somebody else has it open: then it is for them to do.
void hand_over(StudyStore& store) try { store.checkpoint(); } catch (const Error& error) {
  if (error.kind() != ErrorKind::try_again) throw;
}

}  // namespace

ProgramSearchResult search_program(const ProgramSearchOptions& options, Progress& progress,
                                   const ProgramSearchHooks& hooks) {
  // 1. The question: everything that may be at fault, before anything is written.
  const ProgramTemplate program = program_of(options);
  if (!program.program().empty()) require_program(program.program());
  (void)make_proposer(options, program.space(), Key{});
  (void)make_pruner(options);
  const std::string line = preflight_line(options, program.space());

  // 2. The study, in its folder or where others work on it too: then it may refuse us before there is one.
  if (!options.study.empty() && !options.is_resumed)
    (void)begin_study(options, program, study_address(options, {}));
  ProgramSearchResult result{.folder = options.is_resumed ? options.out : make_folder(options)};
  std::filesystem::create_directories(result.folder / "trials");
  result.study = study_address(options, result.folder);
  StudyStore store = begin_study(options, program, result.study);
  note_beginning(store, options, result.study, result.folder);
  note_preflight(store, options, program.space());
  if (hooks.on_start) hooks.on_start(line);

  // 3. The trials.
  Workshop workshop(options, program, result.study, result.folder, progress);
  workshop.run(store);
  note_spending(store, options, workshop.seconds());
  store.set_note(kStateNote, "ended");
  hand_over(store);

  // 4. What came out.
  result.trials_here = workshop.trials_here();
  result.why = workshop.why();
  result.seconds = workshop.seconds();
  result.counts = store.counts();
  const std::vector<TrialRecord> best = store.best(1);
  if (!best.empty()) {
    result.best = best.front();
    result.best_words = program.fill(parse_point(program.space(), best.front().what.point));
  }
  return result;
}

}  // namespace astrolabe
