// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/search/auto_proposer.h"

#include <algorithm>
#include <deque>
#include <vector>

#include <fmt/format.h>

#include "astrolabe/base/error.h"
#include "astrolabe/search/enumeration.h"
#include "astrolabe/search/seen_points.h"

namespace astrolabe {
namespace {

constexpr std::size_t kRecent = 256;  // trials that a new one is ranked among
constexpr double kFading = 0.95;      // of what an arm earned, for each further trial of that arm
constexpr double kPriorTrials = 3;    // as if each arm had had so many trials
constexpr double kPriorCredit = 0.5;  // that earned so much each

using S = AutoSettings;
const std::vector<Field<S>> kTable = {
    {{.name = "floor",
      .doc = "The share of the proposals that every arm is given whatever it earned.",
      .low = 0,
      .high = 0.1},
     &S::floor},
};

struct Arm {
  std::string_view name;
  std::unique_ptr<Proposer> proposer;
  double trials = 0, credit = 0;  // faded
  std::uint64_t proposals = 0, improvements = 0;

  [[nodiscard]] double earning() const {
    return (credit + kPriorTrials * kPriorCredit) / (trials + kPriorTrials);
  }
};

class AutoProposer final : public Proposer {
 public:
  AutoProposer(const Space& space, const S& settings, Key key);

  [[nodiscard]] std::optional<Proposal> propose(Key key) override;
  void observe(const Observation& seen) override;
  [[nodiscard]] std::string summary() const override;

 private:
  [[nodiscard]] std::size_t drawn_arm(Key key) const;
  // What the arm says; where it repeats itself, the next point that nobody proposed.
  [[nodiscard]] std::optional<Proposal> fresh_proposal(Arm& arm, Key key);
  [[nodiscard]] double credit_of(const Observation& seen) const;

  S settings_;
  bool is_countable_;
  std::vector<Arm> arms_;
  SeenPoints proposed_, observed_;
  std::deque<Observation> recent_;
  std::optional<Observation> best_;
};

AutoProposer::AutoProposer(const Space& space, const S& settings, Key key)
    : settings_(settings), is_countable_(space.count() <= PointIndex::kMostPoints) {
  for (const ProposerRow& row : proposer_rows()) {
    const bool is_left_out = row.name == "auto" || row.name == (is_countable_ ? "random" : "enumeration");
    if (!is_left_out)
      arms_.push_back({.name = row.name, .proposer = row.make(space, {}, key.split(row.name))});
  }
}

std::size_t AutoProposer::drawn_arm(Key key) const {
  std::vector<double> shares;
  double total = 0;
  for (const Arm& arm : arms_) {
    const double earning = arm.earning();
    shares.push_back(earning * earning * earning);
    total += shares.back();
  }
  const double floors = settings_.floor * static_cast<double>(arms_.size());
  double left = random_uniform(key, 0);
  for (std::size_t i = 0; i + 1 < arms_.size(); ++i) {
    left -= settings_.floor + (1 - floors) * shares[i] / total;
    if (left < 0) return i;
  }
  return arms_.size() - 1;
}

std::optional<Proposal> AutoProposer::fresh_proposal(Arm& arm, Key key) {
  std::optional<Proposal> proposal = arm.proposer->propose(key);
  if (proposal && !proposed_.contains(proposal->point)) return proposal;
  // The last arm draws anew, or goes through all that there is.
  const auto blind = std::ranges::find_if(
      arms_, [&](const Arm& other) { return other.name == (is_countable_ ? "enumeration" : "random"); });
  ASTROLABE_CHECK(blind != arms_.end(), "an arm that needs no observations");
  do {
    proposal = blind->proposer->propose(key.split("again"));
  } while (is_countable_ && proposal && proposed_.contains(proposal->point));
  return proposal;
}

std::optional<Proposal> AutoProposer::propose(Key key) {
  std::optional<Proposal> proposal = fresh_proposal(arms_[drawn_arm(key.split("arm"))], key);
  if (!proposal) return proposal;
  proposed_.insert(proposal->point);
  for (Arm& arm : arms_)
    if (arm.name == proposal->by) ++arm.proposals;
  return proposal;
}

double AutoProposer::credit_of(const Observation& seen) const {
  if (seen.state == TrialState::failed) return 0;
  if (!best_ || is_better(seen, *best_)) return 1;
  const auto better =
      std::ranges::count_if(recent_, [&](const auto& other) { return is_better(other, seen); });
  return static_cast<double>(better) < 0.1 * static_cast<double>(recent_.size()) ? 0.5 : 0;
}

void AutoProposer::observe(const Observation& seen) {
  for (Arm& arm : arms_) arm.proposer->observe(seen);
  proposed_.insert(seen.point);
  // The known cost of a point that was tried before is nobody's merit.
  if (observed_.contains(seen.point)) return;
  observed_.insert(seen.point);
  const double credit = credit_of(seen);
  for (Arm& arm : arms_) {
    if (arm.name != seen.by) continue;
    arm.trials = kFading * arm.trials + 1;
    arm.credit = kFading * arm.credit + credit;
    if (credit == 1) ++arm.improvements;
  }
  if (!best_ || is_better(seen, *best_)) best_ = seen;
  recent_.push_back({.point = {}, .by = {}, .state = seen.state, .cost = seen.cost, .steps = seen.steps});
  if (recent_.size() > kRecent) recent_.pop_front();
}

std::string AutoProposer::summary() const {
  std::vector<const Arm*> sorted;
  for (const Arm& arm : arms_) sorted.push_back(&arm);
  std::ranges::stable_sort(sorted, [](auto a, auto b) { return a->proposals > b->proposals; });
  std::string text;
  for (const Arm* arm : sorted) {
    text += text.empty() ? fmt::format("{}: {} proposals, {} best so far", arm->name, arm->proposals,
                                       arm->improvements)
                         : fmt::format("; {}: {}, {}", arm->name, arm->proposals, arm->improvements);
  }
  return text;
}

}  // namespace

std::span<const Field<AutoSettings>> auto_settings_table() {
  return kTable;
}

std::unique_ptr<Proposer> make_auto_proposer(const Space& space, const AutoSettings& settings, Key key) {
  return std::make_unique<AutoProposer>(space, settings, key);
}

}  // namespace astrolabe
