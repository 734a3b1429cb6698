// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/evaluate/cross_validation.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <iterator>
#include <limits>
#include <map>
#include <mutex>
#include <numeric>

#include "astrolabe/base/error.h"

namespace astrolabe {
namespace {

struct JudgedFold {
  FittedCandidate fitted;
  FitCurve curve = {};
  bool is_settled = true;           // not left with the watched fit for want of time
  std::vector<double> predictions;  // of the fold's judged rows
  double seconds_answering = 0;     // that these took
};

// Folds that are fitted side by side, from `first` on.
struct Wave {
  std::size_t first = 0;
  std::size_t count = 1;
  std::size_t waves_left = 1;  // this one included
  double reserved = 0;         // seconds that stay free behind all waves
};

// At most so much of the time that is left.
constexpr double kMostReserved = 0.3;

// Waves share the time that is left, so that a slow learner is cut short in each fold rather than missing in
// most. When all have ended, the sealed rows are still to be answered, by all of them.
Budget share_of_wave(const CrossValidationRequest& request, const Wave& wave) {
  if (!request.budget.has_deadline()) return request.budget;
  const double left = request.budget.seconds_left();
  const double shared = left - std::min(wave.reserved, kMostReserved * left);
  return request.budget.slice(shared / static_cast<double>(wave.waves_left));
}

// What several folds tell at a time, as one who listens would hear it from one fold after the other.
class WaveListener {
 public:
  WaveListener(const CrossValidationRequest& request, const Wave& wave)
      : request_(request), wave_(wave), fractions_(wave.count, 0.0) {}

  void progress(std::size_t index, double fraction) {
    if (!request_.progress) return;
    const std::lock_guard lock(mutex_);
    fractions_[index - wave_.first] = fraction;
    const double done = std::accumulate(fractions_.begin(), fractions_.end(), 0.0);
    const auto whole = std::min(static_cast<std::size_t>(done), wave_.count - 1);
    request_.progress(wave_.first + whole, done - static_cast<double>(whole));
  }
  // Words come from the first fold of the wave: those of its neighbours would only flicker.
  void tell(std::size_t index, std::string_view words) {
    if (!request_.tell || index != wave_.first) return;
    const std::lock_guard lock(mutex_);
    request_.tell(index, words);
  }

 private:
  const CrossValidationRequest& request_;
  Wave wave_;
  std::mutex mutex_;
  std::vector<double> fractions_;
};

// Where one fold is fitted.
struct FoldPlace {
  ThreadPool& pool;
  const Budget& budget;
  WaveListener& listener;
};

FitCurve curve_of(const Model& model) {
  const auto* recorded = dynamic_cast<const RecordedFit*>(&model);
  return recorded == nullptr ? FitCurve{} : recorded->curve();
}

// What one fold fits on: a fit of the candidate on some of its training rows.
class FoldFit {
 public:
  FoldFit(const Candidate& candidate, const CrossValidationRequest& request, std::size_t index,
          const FoldPlace& place)
      : candidate_(candidate), request_(request), index_(index), place_(place), budget_(place.budget) {}

  // With early stopping the watched rows are lost to the fit. When the time allows, a second fit on all
  // training rows, with the settings that watching found, takes its place.
  [[nodiscard]] FittedCandidate fit(bool& is_settled, FitCurve& curve) const {
    const Fold& fold = request_.folds[index_];
    if (!request_.starts.empty()) {
      FittedCandidate grown = fit_from(request_.starts[index_], fold.train);
      curve = curve_of(*grown.model);
      return grown;
    }
    if (!candidate_.learner->stops_early() || fold.watch.empty())
      return fit_on(candidate_, {.train = fold.train}, progress_between(0, 1));
    std::vector<RowIndex> fitted_rows;
    std::ranges::set_difference(fold.train, fold.watch, std::back_inserter(fitted_rows));
    FittedCandidate watched =
        fit_on(candidate_, {.train = fitted_rows, .watch = fold.watch}, progress_between(0, 0.5));
    const bool is_affordable =
        !budget_.has_deadline() || 1.5 * budget_.seconds_used() < budget_.seconds_left();
    is_settled = is_affordable;
    curve = curve_of(*watched.model);
    if (!is_affordable || watched.model->was_cut_short() || watched.model->has_diverged()) return watched;
    Candidate settled = candidate_;
    for (const auto& [name, value] : watched.model->settings_found())
      settled.settings.insert_or_assign(name, value);
    try {
      FittedCandidate whole = fit_on(settled, {.train = fold.train}, progress_between(0.5, 1));
      is_settled = !whole.model->was_cut_short();
      return is_settled ? whole : watched;
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::cancelled) throw;
      is_settled = false;
      return watched;
    }
  }

 private:
  struct FitBase {
    std::span<const RowIndex> train;
    std::span<const RowIndex> watch = {};
    const Model* start = nullptr;
  };

  [[nodiscard]] FittedCandidate fit_from(const FoldStart& start, std::span<const RowIndex> train) const {
    Candidate grown = candidate_;
    for (const auto& [name, value] : start.settings) grown.settings.insert_or_assign(name, value);
    return fit_on(grown, {.train = train, .start = start.model.get()}, progress_between(0, 1));
  }

  [[nodiscard]] FittedCandidate fit_on(const Candidate& candidate, const FitBase& base,
                                       const std::function<void(double)>& progress) const {
    const auto tell = [this](std::string_view words) { place_.listener.tell(index_, words); };
    tell("");
    return fit_candidate(candidate, {.table = request_.table,
                                     .labels = request_.labels,
                                     .train = base.train,
                                     .watch = base.watch,
                                     .key = request_.key.split("fold").split(index_),
                                     .pool = place_.pool,
                                     .budget = budget_,
                                     .progress = progress,
                                     .tell = tell,
                                     .start = base.start,
                                     .turn = index_});
  }

  // A fit is a part of its fold: progress only grows.
  [[nodiscard]] std::function<void(double)> progress_between(double begin, double end) const {
    return [this, begin, end](double fraction) {
      place_.listener.progress(index_, begin + (end - begin) * std::clamp(fraction, 0.0, 1.0));
    };
  }

  const Candidate& candidate_;
  const CrossValidationRequest& request_;
  std::size_t index_;
  const FoldPlace& place_;
  const Budget& budget_;
};

// Nothing when the fold was cancelled before anything usable was fitted.
std::optional<JudgedFold> judge_fold(const Candidate& candidate, const CrossValidationRequest& request,
                                     std::size_t index, const FoldPlace& place) {
  try {
    JudgedFold judged;
    judged.fitted = FoldFit(candidate, request, index, place).fit(judged.is_settled, judged.curve);
    const double begin = place.budget.seconds_used();
    judged.predictions = judged.fitted.predict(request.table, request.folds[index].valid, place.pool);
    judged.seconds_answering = place.budget.seconds_used() - begin;
    return judged;
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::cancelled) throw;
    return std::nullopt;
  }
}

// How many folds are fitted side by side: of a learner that prefers one thread, one on each, where there is
// memory for that. What a fold takes is told generously, so that only runs that are short of it wait.
std::size_t folds_at_once(const Candidate& candidate, const CrossValidationRequest& request) {
  constexpr std::uint64_t kOfCell = 12;  // encoded twice: by the encoder, and as the learner wants it
  constexpr std::uint64_t kOfFit = std::uint64_t{64} << 20U;
  if (!candidate.learner->prefers_one_thread()) return 1;
  const std::size_t threads = request.pool.size();
  const std::uint64_t limit = request.budget.memory_limit();
  if (threads == 1 || limit == std::numeric_limits<std::uint64_t>::max()) return threads;
  const std::uint64_t held = resident_memory();
  const std::uint64_t of_fold =
      kOfFit + kOfCell * request.table.rows() * std::max<std::size_t>(1, request.table.columns().size());
  return std::clamp<std::uint64_t>((limit - std::min(limit, held)) / of_fold, 1, threads);
}

std::vector<std::optional<JudgedFold>> judge_wave(const Candidate& candidate,
                                                  const CrossValidationRequest& request, const Wave& wave) {
  const Budget budget = share_of_wave(request, wave);
  WaveListener listener(request, wave);
  std::vector<std::optional<JudgedFold>> judged(wave.count);
  if (wave.count == 1) {
    judged[0] = judge_fold(candidate, request, wave.first, {request.pool, budget, listener});
  } else {
    request.pool.for_each(wave.count, [&](std::size_t k) {
      ThreadPool own(1);
      judged[k] = judge_fold(candidate, request, wave.first + k, {own, budget, listener});
    });
  }
  return judged;
}

double score_of(const CrossValidationRequest& request, const Fold& fold,
                const std::vector<double>& predictions) {
  const Metric* metric = find_metric(request.task.metric);
  ASTROLABE_CHECK(metric != nullptr, "a task names a known metric");
  const Labels truth = take_labels(request.labels, fold.valid);
  return metric->compute({.truth = truth.values,
                          .prediction = predictions,
                          .outputs = request.task.outputs(),
                          .weight = truth.weights,
                          .groups = truth.groups});
}

void add_fold(CrossValidation& validation, const CrossValidationRequest& request, std::size_t index,
              JudgedFold judged) {
  const Fold& fold = request.folds[index];
  validation.fold_scores.push_back(score_of(request, fold, judged.predictions));
  validation.rows.insert(validation.rows.end(), fold.valid.begin(), fold.valid.end());
  validation.out_of_fold.insert(validation.out_of_fold.end(), judged.predictions.begin(),
                                judged.predictions.end());
  // With a start, its settings are part of what makes the fit again.
  SettingValues found = judged.fitted.model->settings_found();
  if (!request.starts.empty())
    found.insert(request.starts[index].settings.begin(), request.starts[index].settings.end());
  validation.found.push_back(std::move(found));
  validation.curves.push_back(std::move(judged.curve));
  validation.fitted.push_back(std::move(judged.fitted));
}

// Brings rows and their predictions, collected fold by fold, into ascending order of rows.
void sort_by_row(CrossValidation& validation, std::size_t outputs) {
  std::vector<std::size_t> order(validation.rows.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::sort(order, {}, [&](std::size_t at) { return validation.rows[at]; });
  std::vector<RowIndex> rows;
  std::vector<double> predictions;
  rows.reserve(order.size());
  predictions.reserve(validation.out_of_fold.size());
  for (const std::size_t at : order) {
    rows.push_back(validation.rows[at]);
    const double* first = validation.out_of_fold.data() + at * outputs;
    predictions.insert(predictions.end(), first, first + outputs);
  }
  validation.rows = std::move(rows);
  validation.out_of_fold = std::move(predictions);
}

// The values that the folds found for one setting, as one value of the same type.
class FoundValues {
 public:
  void add(const SettingValue& value) {
    ++counts_[value];
    if (const auto* whole = std::get_if<std::int64_t>(&value)) {
      add_number(static_cast<double>(*whole));
    } else if (const auto* real = std::get_if<double>(&value)) {
      are_whole_ = false;
      add_number(*real);
    }
  }

  // The mean of numbers; of bools and texts the most frequent one, the first in order among equals.
  [[nodiscard]] SettingValue settled() const {
    if (numbers_ > 0) {
      const double mean = sum_ / numbers_;
      if (are_whole_) return static_cast<std::int64_t>(std::llround(mean));
      return mean;
    }
    return std::ranges::max_element(counts_, {}, [](const auto& entry) { return entry.second; })->first;
  }

 private:
  void add_number(double value) {
    sum_ += value;
    numbers_ += 1;
  }

  std::map<SettingValue, std::size_t> counts_;
  double sum_ = 0;
  double numbers_ = 0;
  bool are_whole_ = true;
};

}  // namespace

CrossValidation cross_validate(const Candidate& candidate, const CrossValidationRequest& request) {
  const auto start = std::chrono::steady_clock::now();
  ASTROLABE_CHECK(request.starts.empty() || request.starts.size() == request.folds.size(),
                  "a start for each fold");
  CrossValidation validation;
  validation.candidate = candidate;
  bool was_cut_short = false, has_ended = false;
  double answering = 0;  // seconds that a fold's judged rows took, about as many as are sealed
  const std::size_t folds = request.folds.size();
  const std::size_t at_once = folds_at_once(candidate, request);
  for (std::size_t first = 0; first < folds && !has_ended;) {
    if (request.budget.should_stop()) break;
    // A wave ends where the stage does, so that what is asked there does not depend on the threads.
    const std::size_t end = first < request.stage && request.stage < folds ? request.stage : folds;
    const Wave wave{.first = first,
                    .count = std::min(at_once, end - first),
                    .waves_left = (folds - first + at_once - 1) / at_once,
                    .reserved = answering * static_cast<double>(folds)};
    for (std::size_t k = 0; auto& judged : judge_wave(candidate, request, wave)) {
      has_ended = has_ended || !judged;
      if (has_ended) break;
      was_cut_short |= judged->fitted.model->was_cut_short();
      answering = std::max(answering, judged->seconds_answering);
      validation.settled = validation.settled && judged->is_settled;
      add_fold(validation, request, first + k++, std::move(*judged));
    }
    first += wave.count;
    if (!has_ended && first == request.stage && first < folds && request.after_stage) {
      sort_by_row(validation, request.task.outputs());
      has_ended = !request.after_stage(validation);
    }
  }
  sort_by_row(validation, request.task.outputs());
  validation.complete = validation.fitted.size() == folds && !was_cut_short;
  validation.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return validation;
}

SettingValues settings_for_refit(const CrossValidation& validation) {
  std::map<std::string, FoundValues, std::less<>> found;
  for (const SettingValues& of_fold : validation.found) {
    for (const auto& [name, value] : of_fold) found[name].add(value);
  }
  SettingValues settings = validation.candidate.settings;
  for (const auto& [name, values] : found) settings.insert_or_assign(name, values.settled());
  return settings;
}

}  // namespace astrolabe
