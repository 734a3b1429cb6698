// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/workflow/system_search.h"

#include <algorithm>
#include <chrono>
#include <cmath>

#include <fmt/format.h>

#include "astrolabe/base/error.h"
#include "astrolabe/base/text.h"
#include "astrolabe/search/study_facts.h"
#include "astrolabe/workflow/grow_nets.h"
#include "astrolabe/workflow/out_of_fold.h"
#include "astrolabe/workflow/trial_runner.h"

namespace astrolabe {
namespace {

class SystemSearch {
 public:
  explicit SystemSearch(const SystemSearchRequest& request)
      : request_(request), metric_(*find_metric(request.task.metric)), runner_(request) {}

  std::uint64_t work() {
    baseline_ = runner_.run_baseline();
    return search_trials();
  }

  Selection run() {
    baseline_ = runner_.run_baseline();
    if (request_.on_better) request_.on_better(select_system({baseline_}, request_.labels, request_.task));
    say_best(nullptr);
    scratch_ = runner_.run_from_nothing();
    bring_back_leader();
    // Without a column all systems are the baseline, and the best of them the luckiest.
    if (request_.table.columns().empty())
      request_.store.set_note(kStoppedNote, search_stop_name(SearchStop::exhausted));
    else
      static_cast<void>(search_trials());
    std::vector<CrossValidation> tried = shippable();
    if (request_.keeps_one) return select_grown(std::move(tried), request_);
    return select_system(std::move(tried), request_.labels, request_.task);
  }

 private:
  // Of a study that goes on by the clock: nothing that is still to be tried may take the time that the best
  // one so far needs to be fitted again.
  void bring_back_leader() {
    if (!request_.budget.has_deadline() || request_.is_shared) return;
    const std::vector<TrialRecord> best = request_.store.best(1);
    if (best.empty()) return;
    const std::shared_ptr<const CrossValidation> tried = runner_.fitted(best.front());
    if (tried == nullptr) return;
    leader_ = best.front().id;
    leader_cost_ = best.front().end.cost;
    announce(*tried);
    say_best(nullptr);
  }

  std::uint64_t search_trials() {
    const Space& space = request_.space.space();
    const ProposerChoice proposing = parse_proposer(request_.proposer);
    const PrunerChoice pruning = parse_pruner(request_.pruner);
    const Key asking = request_.asks_as.empty() ? request_.key : request_.key.split(request_.asks_as);
    const std::unique_ptr<Proposer> proposer =
        proposing.row->make(space, proposing.settings, asking.split("proposer"));
    const std::unique_ptr<const Pruner> pruner = pruning.row->make(pruning.settings);
    trials_before_ = request_.store.counts().total;
    seconds_before_ = request_.budget.seconds_used();
    const std::vector<Point> first = request_.first.empty() ? request_.space.first_points() : request_.first;
    const SearchEnd end =
        search({.space = space,
                .store = request_.store,
                .proposer = *proposer,
                .pruner = *pruner,
                .evaluate = [this](RunningTrial& trial) { return runner_.run(trial); },
                .first = first,
                .equivalence = [this](const Point& p) { return request_.space.equivalence(p); },
                .refuse = [this](const Point& p) { return refusal(p); },
                .is_affordable = [this](const Point& p) { return runner_.is_affordable(p); },
                .budget = request_.budget,
                .trials = request_.trials,
                .key = asking.split("search"),
                .is_over = request_.is_over,
                .on_end = [this](const SearchEvent& event) { hear(event); }});
    require_success(end.why);
    request_.store.set_note(kProposerNote, proposer->summary());
    request_.store.set_note(kStoppedNote, search_stop_name(end.why));
    return end.trials_here;
  }

  [[nodiscard]] std::optional<std::string> refusal(const Point& point) const {
    if (std::optional<std::string> reason = request_.space.refuse(point)) return reason;
    if (!request_.max_nodes) return std::nullopt;
    const std::size_t nodes = request_.space.fill(point).nodes;
    if (nodes <= *request_.max_nodes) return std::nullopt;
    return fmt::format("{} nodes, more than --max-nodes", nodes);
  }

  // Whoever asks for what cannot be fitted should hear of it, and not be given the baseline instead. When
  // time ended it, others of what was asked for might have been fitted: then the baseline ships, with a
  // warning.
  void require_success(SearchStop why) {
    const TrialCounts counts = request_.store.counts();
    if (failure_.empty() || counts.failed < counts.total) return;
    if (why == SearchStop::time) return request_.progress.warn("no trial was complete in time: " + failure_);
    throw usage_error(
        {.attempted = "fitting what was asked for", .expected = "", .found = failure_, .remedy = ""});
  }

  // After each trial: what leads, and whether it is a new one.
  void hear(const SearchEvent& event) {
    if (event.end.state == TrialState::failed && failure_.empty()) failure_ = event.end.reason;
    const bool is_first_of_learner = event.trial <= request_.space.learner_count();
    if (event.end.state == TrialState::failed && is_first_of_learner &&
        event.counts.total > event.counts.failed)
      request_.progress.warn(event.end.reason);
    if (event.end.state == TrialState::complete) {
      const std::shared_ptr<const CrossValidation> tried = runner_.kept(event.trial);
      if (tried != nullptr && !was_timed_ && request_.on_first) request_.on_first(*tried);
      was_timed_ = was_timed_ || tried != nullptr;
      if (tried != nullptr && (leader_ == 0 || event.end.cost < leader_cost_)) {
        leader_ = event.trial;
        leader_cost_ = event.end.cost;
        announce(*tried);
      }
    }
    say_best(&event.counts);
  }

  void announce(const CrossValidation& tried) {
    Selection selection = select_system({baseline_, tried}, request_.labels, request_.task);
    if (selection.chosen != std::vector<std::size_t>{1}) return;
    if (request_.on_better) request_.on_better(selection);
  }

  void say_best(const TrialCounts* counts) {
    const std::shared_ptr<const CrossValidation> leader = runner_.kept(leader_);
    const CrossValidation& best = leader == nullptr ? baseline_ : *leader;
    const double score = score_rows(metric_, best.rows, best.out_of_fold, request_.labels);
    std::string words;
    if (counts != nullptr && counts->total > 1) {
      const double minutes = (request_.budget.seconds_used() - seconds_before_) / 60;
      const auto tried_here = static_cast<double>(counts->total - trials_before_);
      words = fmt::format("{} trials ({} pruned, {:.0f} a minute), ", format_count(counts->total),
                          format_count(counts->pruned), tried_here / minutes);
    }
    runner_.show(fmt::format("{} {}, {}", metric_.title, format_score(score), best.candidate.name), words);
  }

  // The baseline and the best of the study, in the order of their numbers.
  std::vector<CrossValidation> shippable() {
    std::vector<TrialRecord> records = request_.store.best(kKeptSystems);
    for (std::uint64_t id = 1; id <= request_.space.learner_count(); ++id) {
      const bool is_there = std::ranges::find(records, id, &TrialRecord::id) != records.end();
      std::optional<TrialRecord> record = is_there ? std::nullopt : request_.store.trial(id);
      if (record && record->end.state == TrialState::complete) records.push_back(std::move(*record));
    }
    std::vector<std::pair<std::uint64_t, CrossValidation>> found;
    for (const TrialRecord& record : records)
      if (const auto tried = runner_.fitted(record)) {
        found.emplace_back(record.id, *tried);
        // Predictions of many classes are large: one copy of them is enough. What grew is still grown from.
        if (!request_.warm_start) runner_.forget(record.id);
      }
    std::ranges::sort(found, {}, [](const auto& entry) { return entry.first; });
    std::vector<CrossValidation> tried = {baseline_};
    tried.insert(tried.end(), scratch_.begin(), scratch_.end());
    for (auto& [id, system] : found) tried.push_back(std::move(system));
    return tried;
  }

  const SystemSearchRequest& request_;
  const Metric& metric_;
  TrialRunner runner_;
  CrossValidation baseline_;
  std::vector<CrossValidation> scratch_;  // systems that begin with nothing where others go on
  std::uint64_t leader_ = 0;              // of this process; 0: none yet
  double leader_cost_ = 0;
  std::uint64_t trials_before_ = 0;  // of the study, when this search began
  double seconds_before_ = 0;        // of the budget, then
  std::string failure_;              // the first, in words
  bool was_timed_ = false;
};

}  // namespace

Selection search_systems(const SystemSearchRequest& request) {
  return SystemSearch(request).run();
}

std::uint64_t work_on_systems(const SystemSearchRequest& request) {
  return SystemSearch(request).work();
}

}  // namespace astrolabe
