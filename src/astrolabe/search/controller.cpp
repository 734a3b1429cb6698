// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/search/controller.h"

#include <algorithm>
#include <cmath>
#include <deque>
#include <limits>
#include <vector>

#include <fmt/format.h>

#include "astrolabe/search/controller_codes.h"
#include "astrolabe/search/controller_policy.h"
#include "astrolabe/search/controller_rewards.h"
#include "astrolabe/search/seen_points.h"

namespace astrolabe {
namespace {

constexpr std::size_t kRollouts = 8;  // drawn side by side: not much dearer than one
constexpr std::uint64_t kFinest = 6;  // steps inside a share go down to a half to the fifth of it
constexpr int kTries = 12;            // rollouts in search of a point that nobody has seen

struct Episode {
  std::vector<std::int32_t> choices;
  std::vector<double> within = {};  // of each dimension: where in its share
  Observation seen;                 // without its point
  double reward = 0;
};

// An option by its chance; `at` is uniform in [0, 1).
std::int32_t drawn_option(std::span<const float> chances, double at) {
  double sum = 0;
  for (std::size_t i = 0; i + 1 < chances.size(); ++i) {
    sum += static_cast<double>(chances[i]);
    if (at < sum) return static_cast<std::int32_t>(i);
  }
  return static_cast<std::int32_t>(chances.size() - 1);
}

double own_rate(const ControllerSettings& settings) {
  if (settings.learning_rate > 0) return settings.learning_rate;
  return settings.algorithm == "ppo" ? 0.01 : 0.03;
}

std::int64_t own_patience(const ControllerSettings& settings, const Space& space) {
  if (settings.patience > 0) return settings.patience;
  return std::max<std::int64_t>(100, 10 * static_cast<std::int64_t>(space.size()));
}

class Controller final : public Proposer {
 public:
  Controller(const Space& space, const ControllerSettings& settings, Key key)
      : space_(space),
        settings_(settings),
        is_ppo_(settings.algorithm == "ppo"),
        key_(key),
        learning_rate_(own_rate(settings)),
        patience_(own_patience(settings, space)),
        codes_(space, static_cast<std::size_t>(settings.bins)),
        policy_({.options = codes_.options(), .hidden = static_cast<std::size_t>(settings.hidden)}, kRollouts,
                static_cast<std::size_t>(settings.batch + (is_ppo_ ? settings.replay : 0)), key.split(0)) {}

  std::optional<Proposal> propose(Key key) override {
    if (drawn_.empty()) draw(key);
    Point point = std::move(drawn_.front());
    drawn_.pop_front();
    known_.insert(point);
    return Proposal{.point = std::move(point), .by = "rl"};
  }

  void observe(const Observation& seen) override {
    if (observed_.contains(seen.point)) return;
    const bool is_own = known_.contains(seen.point);
    observed_.insert(seen.point);
    known_.insert(seen.point);
    Episode episode{
        .choices = codes_.encode(space_, seen.point),
        .seen = {.point = {}, .by = {}, .state = seen.state, .cost = seen.cost, .steps = seen.steps}};
    for (std::size_t d = 0; d < space_.size(); ++d)
      episode.within.push_back(codes_.within(space_, d, seen.point.values[d]));
    episode.reward = window_.add(episode.seen);
    quiet_ = is_better(episode.seen, best_) ? 0 : quiet_ + 1;
    if (quiet_ == 0) best_ = episode.seen;
    if (is_ppo_ || is_own) fresh_.push_back(std::move(episode));
    if (fresh_.size() == static_cast<std::size_t>(settings_.batch)) learn();
    if (quiet_ >= patience_) restart();
  }

  std::string summary() const override {
    return fmt::format("rl: {} updates, {} restarts, entropy {:.2f}", updates_, restarts_, policy_.entropy());
  }

 private:
  // Fills drawn_: with points that nobody has seen if some turn up, more and more at random.
  void draw(Key key) {
    for (int attempt = is_exhausted_ ? kTries - 1 : 0; attempt < kTries && drawn_.empty(); ++attempt) {
      const double wildness = static_cast<double>(attempt * attempt) / (kTries * kTries);
      const double exploration = settings_.exploration + (1 - settings_.exploration) * wildness;
      std::vector<Point> points = rollouts(key.split(static_cast<std::uint64_t>(attempt)), exploration);
      for (Point& point : points) {
        if (known_.contains(point) || std::ranges::find(drawn_, point) != drawn_.end()) continue;
        drawn_.push_back(std::move(point));
      }
      is_exhausted_ = drawn_.empty() && attempt + 1 == kTries;
      if (is_exhausted_) drawn_.push_back(std::move(points.front()));
    }
  }

  // kRollouts points; with the chance `exploration` a dimension is drawn evenly.
  std::vector<Point> rollouts(Key key, double exploration) {
    RandomStream random(key);
    const std::size_t most = policy_.shape().most_options();
    std::vector<Point> points(kRollouts,
                              {std::vector<double>(space_.size(), std::numeric_limits<double>::quiet_NaN())});
    std::vector<std::int32_t> choices(kRollouts);
    policy_.begin();
    for (std::size_t d = 0; d < space_.size(); ++d) {
      const std::span<const float> chances = policy_.chances();
      for (std::size_t row = 0; row < kRollouts; ++row) {
        choices[row] = kNotDecided;
        if (!space_.is_active(d, points[row].values)) continue;
        const std::size_t options = codes_.options()[d];
        choices[row] = random.uniform() < exploration
                           ? static_cast<std::int32_t>(random.below(options))
                           : drawn_option(chances.subspan(row * most, options), random.uniform());
        points[row].values[d] = codes_.value(space_, d, choices[row], place_within(d, choices[row], random));
      }
      policy_.decide(choices);
    }
    return points;
  }

  // Where in the share of a number: half of the time anywhere, otherwise near one of the best that has it
  // too.
  double place_within(std::size_t d, std::int32_t choice, RandomStream& random) const {
    const double place = random.uniform();
    if (codes_.is_exact(d) || elites_.empty() || random.uniform() < 0.5) return place;
    const Episode& near = elites_[random.below(elites_.size())];
    if (near.choices[d] != choice) return place;
    const double reach = 1.0 / static_cast<double>(std::uint64_t{1} << random.below(kFinest));
    return std::clamp(near.within[d] + (place - 0.5) * reach, 0.0, std::nextafter(1.0, 0.0));
  }

  void learn() {
    if (is_ppo_)
      learn_by_ppo();
    else
      learn_by_reinforce();
    fresh_.clear();
    drawn_.clear();  // by the policy as it was
    ++updates_;
  }

  void learn_by_ppo() {
    // The new ones beside the best: what the policy does now is measured against what it should do.
    std::vector<Episode> episodes = std::move(elites_);
    std::ranges::move(fresh_, std::back_inserter(episodes));
    std::ranges::stable_sort(episodes,
                             [](const Episode& a, const Episode& b) { return is_better(a.seen, b.seen); });
    std::vector<Observation> seen;
    for (const Episode& episode : episodes) seen.push_back(episode.seen);
    const std::vector<double> advantages = rank_advantages(seen);
    std::vector<Lesson> lessons;
    for (std::size_t i = 0; i < episodes.size(); ++i)
      lessons.push_back({.choices = episodes[i].choices, .advantage = advantages[i]});
    policy_.learn(lessons, {.learning_rate = learning_rate_,
                            .epochs = settings_.epochs,
                            .clip = settings_.clip,
                            .entropy = settings_.entropy});
    if (episodes.size() > static_cast<std::size_t>(settings_.replay))
      episodes.resize(static_cast<std::size_t>(settings_.replay));
    elites_ = std::move(episodes);
  }

  void learn_by_reinforce() {
    std::vector<Lesson> lessons;
    double mean = 0;
    for (const Episode& episode : fresh_) {
      lessons.push_back({.choices = episode.choices, .advantage = episode.reward - baseline_});
      mean += episode.reward / static_cast<double>(fresh_.size());
    }
    // With one epoch every ratio is 1, where the clipped objective has the gradient of REINFORCE.
    policy_.learn(
        lessons,
        {.learning_rate = learning_rate_, .epochs = 1, .clip = settings_.clip, .entropy = settings_.entropy});
    baseline_ = settings_.baseline_decay * baseline_ + (1 - settings_.baseline_decay) * mean;
  }

  void restart() {
    policy_.restart(key_.split(++restarts_));
    elites_.clear();
    fresh_.clear();
    drawn_.clear();
    best_ = kNothingYet;
    baseline_ = 0.5;
    quiet_ = 0;
  }

  static inline const Observation kNothingYet{.point = {}, .by = {}, .state = TrialState::failed};

  Space space_;
  ControllerSettings settings_;
  bool is_ppo_;
  Key key_;
  double learning_rate_;
  std::int64_t patience_;
  ControllerCodes codes_;
  ControllerPolicy policy_;
  SeenPoints observed_, known_;  // told of; told of or proposed
  std::deque<Point> drawn_;      // not proposed yet
  bool is_exhausted_ = false;    // the last drawing found nothing new
  std::vector<Episode> fresh_;   // not learnt from yet
  std::vector<Episode> elites_;  // the best since the policy began, best first
  RewardWindow window_;
  double baseline_ = 0.5;
  Observation best_ = kNothingYet;  // since the policy began
  std::int64_t quiet_ = 0;          // trials since then
  std::uint64_t updates_ = 0, restarts_ = 0;
};

}  // namespace

std::span<const Field<ControllerSettings>> controller_settings_table() {
  using S = ControllerSettings;
  static const std::vector<Field<S>> kFields = {
      {{.name = "algorithm",
        .doc = "How the policy learns: clipped steps on the newest and the best trials, or plain REINFORCE.",
        .choices = {"ppo", "reinforce"}},
       &S::algorithm},
      {{.name = "hidden", .doc = "Width of the recurrent cell.", .low = 1, .high = 512, .log_scale = true},
       &S::hidden},
      {{.name = "learning_rate", .doc = "Of Adam; 0: 0.01 for ppo, 0.03 for reinforce.", .low = 0, .high = 1},
       &S::learning_rate},
      {{.name = "batch",
        .doc = "The policy learns after so many trials.",
        .unit = "trials",
        .low = 1,
        .high = 256},
       &S::batch},
      {{.name = "replay",
        .doc = "The best trials that ppo keeps learning from.",
        .unit = "trials",
        .low = 0,
        .high = 256},
       &S::replay},
      {{.name = "epochs", .doc = "Steps of ppo after each batch.", .unit = "steps", .low = 1, .high = 100},
       &S::epochs},
      {{.name = "clip",
        .doc = "How far ppo may change a chance at once, as a share of it.",
        .low = 0.01,
        .high = 10},
       &S::clip},
      {{.name = "baseline_decay",
        .doc = "Of the moving mean of rewards of reinforce.",
        .low = 0,
        .high = 0.999},
       &S::baseline_decay},
      {{.name = "entropy", .doc = "Weight of the bonus for undecided policies.", .low = 0, .high = 10},
       &S::entropy},
      {{.name = "exploration", .doc = "Chance that a dimension is drawn evenly.", .low = 0, .high = 1},
       &S::exploration},
      {{.name = "patience",
        .doc = "The policy begins anew after so many trials without a better one; 0: 100, or ten for "
               "each dimension if that is more.",
        .unit = "trials",
        .low = 0},
       &S::patience},
      {{.name = "bins",
        .doc = "Shares of the scale of a number that has more values.",
        .low = 2,
        .high = 256},
       &S::bins},
  };
  return kFields;
}

std::unique_ptr<Proposer> make_controller(const Space& space, const ControllerSettings& settings, Key key) {
  return std::make_unique<Controller>(space, settings, key);
}

}  // namespace astrolabe
