// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/learners/linear/selection.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <optional>

#include "astrolabe/learners/linear/linear_model.h"

namespace astrolabe::linear {

namespace {

constexpr double kExact = 1e-12;      // tolerance of the fit that is kept
constexpr double kSaturated = 0.999;  // share of the loss explained at which classes are separated
constexpr std::size_t kPatience = 5;  // penalties without a better one
constexpr std::size_t kFolds = 5;
constexpr std::size_t kRowsForOneFold = 5000;  // from here on, one fold of five says enough
constexpr std::size_t kFewRows = 10;           // below this, nothing can be held out
constexpr double kPenaltyOfFewRows = 0.1;
constexpr double kSearchShare = 0.5;  // of the time left, when there is a deadline

constexpr double kInfinity = std::numeric_limits<double>::infinity();

bool is_saturated(const Path& path, Family family) {
  return (family == Family::logistic || family == Family::multinomial) && path.explained() > kSaturated;
}

// Remembers the best loss of a walk and says when to give up.
struct Record {
  double best = kInfinity;
  std::size_t at = 0;
  std::size_t since = 0;

  bool improve(double loss, std::size_t where) {
    if (loss < best) {
      best = loss;
      at = where;
      since = 0;
      return true;
    }
    ++since;
    return false;
  }
};

class Selection {
 public:
  explicit Selection(const SelectionInput& input)
      : input_(input),
        path_(input.fit),
        penalties_(path_penalties(path_.largest_penalty(),
                                  static_cast<std::size_t>(input.settings.path_length),
                                  input.settings.path_end)) {}

  Selected run() {
    if (input_.settings.penalty > 0) return fit_at(input_.settings.penalty, false);
    if (input_.fit.design.features() == 0) return fit_at(penalties_.front(), false);
    if (has_watch()) return fit_watched();
    if (counted_rows().size() < kFewRows) return fit_at(kPenaltyOfFewRows, false);
    return fit_held_out();
  }

 private:
  void report(double fraction) const {
    if (input_.progress) input_.progress(fraction);
  }

  [[nodiscard]] bool has_watch() const {
    if (input_.watch == nullptr) return false;
    const Labels& labels = input_.watch->labels;
    for (std::size_t row = 0; row < labels.rows(); ++row)
      if (labels.weight(row) > 0) return true;
    return false;
  }

  [[nodiscard]] std::vector<std::uint32_t> counted_rows() const {
    std::vector<std::uint32_t> rows;
    for (std::uint32_t row = 0; row < input_.fit.weights.size(); ++row)
      if (input_.fit.weights[row] > 0) rows.push_back(row);
    return rows;
  }

  // A decade at a time, so that Newton's method always starts near.
  Selected fit_at(double penalty, bool cut_short) {
    for (double stronger = penalties_.front(); stronger > 10 * penalty; stronger /= 10)
      if (!path_.move_to(stronger)) return {path_.finished(), stronger, true};
    const bool done = path_.move_to(penalty, kExact);
    report(1);
    return {path_.finished(), penalty, cut_short || !done};
  }

  Selected fit_watched() {
    const TrainingData& watch = *input_.watch;
    Response truth = input_.fit.response;
    truth.values = watch.labels.values;
    const bool is_number = truth.family == Family::gaussian || truth.family == Family::poisson;
    if (is_number)
      for (double& value : truth.values) value = value / truth.scale - truth.center / truth.scale;
    std::vector<double> weights(watch.labels.rows());
    for (std::size_t row = 0; row < weights.size(); ++row) weights[row] = watch.labels.weight(row);

    Record record;
    Coefficients best = path_.finished();
    bool cut_short = false;
    for (std::size_t at = 0; at < penalties_.size() && record.since < kPatience; ++at) {
      cut_short = !path_.move_to(penalties_[at]);
      const Coefficients now = path_.finished();
      const auto scores = score_rows(plain_intercepts(now, input_.fit.design), flatten(now), watch.features);
      if (record.improve(mean_loss(truth, weights, scores), at)) best = now;
      if (cut_short || is_saturated(path_, truth.family)) break;
      report(0.9 * static_cast<double>(at + 1) / static_cast<double>(penalties_.size()));
    }
    if (cut_short || !path_.move_to(penalties_[record.at], kExact))
      return {best, penalties_[record.at], true};
    report(1);
    return {path_.finished(), penalties_[record.at], false};
  }

  // Which fold each row is held out in. Rows that weigh nothing have no part in it.
  [[nodiscard]] std::vector<std::size_t> deal_folds(std::vector<std::uint32_t> rows) const {
    RandomStream random(input_.key.split("folds"));
    random.shuffle(rows);
    if (input_.labels.kind != TaskKind::regression)
      std::stable_sort(rows.begin(), rows.end(), [&](std::uint32_t a, std::uint32_t b) {
        return input_.labels.values[a] < input_.labels.values[b];
      });
    std::vector<std::size_t> folds(input_.fit.weights.size(), kFolds);
    for (std::size_t at = 0; at < rows.size(); ++at) folds[rows[at]] = at % kFolds;
    return folds;
  }

  // Loss [penalties] on the held out rows; infinite where the walk did not get.
  [[nodiscard]] std::vector<double> walk_fold(const std::vector<std::size_t>& folds, std::size_t fold,
                                              const Budget& budget) const {
    std::vector<double> fitted(folds.size(), 0.0), held_out(folds.size(), 0.0);
    double held_weight = 0;
    for (std::size_t row = 0; row < folds.size(); ++row) {
      (folds[row] == fold ? held_out : fitted)[row] = input_.fit.weights[row];
      held_weight += held_out[row];
    }
    std::vector<double> losses(penalties_.size(), kInfinity);
    if (std::accumulate(fitted.begin(), fitted.end(), 0.0) == 0) return losses;
    Path path({.design = input_.fit.design,
               .response = input_.fit.response,
               .weights = fitted,
               .l1_ratio = input_.fit.l1_ratio,
               .pool = input_.fit.pool,
               .budget = budget});
    Record record;
    for (std::size_t at = 0; at < penalties_.size() && record.since < kPatience; ++at) {
      if (!path.move_to(penalties_[at])) break;
      losses[at] = held_weight * mean_loss(input_.fit.response, held_out, path.scores());
      record.improve(losses[at], at);
      if (is_saturated(path, input_.fit.response.family)) break;
    }
    return losses;
  }

  Selected fit_held_out() {
    const std::vector<std::uint32_t> rows = counted_rows();
    const std::vector<std::size_t> folds = deal_folds(rows);
    const std::size_t count = rows.size() >= kRowsForOneFold ? 1 : kFolds;
    const Budget& whole = input_.fit.budget;
    const Budget search = whole.has_deadline() ? whole.slice(kSearchShare * whole.seconds_left()) : whole;
    std::vector<std::vector<double>> losses(count);
    input_.fit.pool.for_each(count, [&](std::size_t fold) { losses[fold] = walk_fold(folds, fold, search); });
    report(0.7);

    Record record;
    for (std::size_t at = 0; at < penalties_.size(); ++at) {
      double loss = 0;
      for (const auto& fold : losses) loss += fold[at];
      record.improve(loss, at);
    }
    const double penalty =
        std::isfinite(record.best) ? penalties_[record.at] : std::min(kPenaltyOfFewRows, penalties_.front());
    return fit_at(penalty, search.should_stop());
  }

  const SelectionInput& input_;
  Path path_;
  std::vector<double> penalties_;
};

}  // namespace

Selected select_and_fit(const SelectionInput& input) {
  return Selection(input).run();
}

std::vector<double> plain_intercepts(const Coefficients& coefficients, const Design& design) {
  std::vector<double> intercepts = coefficients.intercepts;
  for (std::size_t block = 0; block < intercepts.size(); ++block)
    for (std::size_t feature = 0; feature < design.features(); ++feature)
      intercepts[block] -= coefficients.slopes[block][feature] * design.center(feature);
  return intercepts;
}

std::vector<double> flatten(const Coefficients& coefficients) {
  std::vector<double> flat;
  for (const auto& block : coefficients.slopes) flat.insert(flat.end(), block.begin(), block.end());
  return flat;
}

}  // namespace astrolabe::linear
