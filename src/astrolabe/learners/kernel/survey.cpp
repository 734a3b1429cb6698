// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/learners/kernel/survey.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

namespace astrolabe::kernel {
namespace {

class Surveyor {
 public:
  Surveyor(std::size_t features, std::size_t wanted, Key key, ThreadPool& pool)
      : features_(features), wanted_(wanted), key_(key), pool_(pool), plain_(features, 1.0F) {
    survey.lowest = std::numeric_limits<double>::infinity();
    survey.highest = -std::numeric_limits<double>::infinity();
  }

  void take(const RowBlock& block) {
    const Labels& labels = block.data.labels;
    survey.kind = labels.kind;
    survey.classes = labels.classes;
    survey.class_weights.resize(labels.classes, 0.0);
    std::vector<Drawn> drawn;
    for (std::size_t row = 0; row < block.rows(); ++row) {
      const double weight = survey.weight_of(labels, block.begin + row);
      if (!(weight > 0)) continue;
      count(labels.values[block.begin + row], weight);
      const std::uint64_t ticket = random_bits(key_, block.first_row + row);
      if (heap_.size() < wanted_ || ticket < heap_.front().ticket)
        drawn.push_back({.ticket = ticket,
                         .row = row,
                         .value = labels.values[block.begin + row],
                         .weight = weight,
                         .x = {}});
    }
    if (drawn.empty()) return;
    fill_inputs(block.data.features, block.begin, block.end, plain_, false, {}, pool_, x_);
    for (Drawn& one : drawn) keep(std::move(one));
  }

  void finish() {
    std::ranges::sort(heap_, {}, &Drawn::ticket);
    survey.sample.rows = heap_.size();
    for (const Drawn& one : heap_) {
      survey.sample.x.insert(survey.sample.x.end(), one.x.begin(), one.x.end());
      survey.sample.values.push_back(one.value);
      survey.sample.weights.push_back(one.weight);
    }
    if (survey.kind == TaskKind::regression && survey.weight > 0)
      survey.deviation = std::sqrt(std::max(0.0, squares_ / survey.weight));
  }

  Survey survey;

 private:
  struct Drawn {
    std::uint64_t ticket = 0;
    std::size_t row = 0;
    double value = 0, weight = 0;
    std::vector<float> x;
  };

  static bool is_before(const Drawn& a, const Drawn& b) { return a.ticket < b.ticket; }

  // Mean and squares around it, row by row (Welford).
  void count(double value, double weight) {
    survey.weight += weight;
    if (survey.kind != TaskKind::regression) {
      survey.class_weights[static_cast<std::size_t>(value)] += weight;
      return;
    }
    survey.lowest = std::min(survey.lowest, value);
    survey.highest = std::max(survey.highest, value);
    const double step = value - survey.mean;
    survey.mean += step * (weight / survey.weight);
    squares_ += weight * step * (value - survey.mean);
  }

  void keep(Drawn one) {
    if (heap_.size() == wanted_) {
      if (one.ticket >= heap_.front().ticket) return;
      std::ranges::pop_heap(heap_, is_before);
      heap_.pop_back();
    }
    const auto begin = x_.begin() + static_cast<std::ptrdiff_t>(one.row * features_);
    one.x.assign(begin, begin + static_cast<std::ptrdiff_t>(features_));
    heap_.push_back(std::move(one));
    std::ranges::push_heap(heap_, is_before);
  }

  std::size_t features_, wanted_;
  Key key_;
  ThreadPool& pool_;
  std::vector<float> plain_;  // factors that change nothing
  std::vector<float> x_;
  std::vector<Drawn> heap_;  // the largest ticket first
  double squares_ = 0;
};

}  // namespace

std::optional<Survey> survey_rows(const FitRows& rows, std::size_t wanted, Key key, ThreadPool& pool,
                                  const Budget& budget) {
  for (const bool counts_alike : {false, true}) {
    Surveyor surveyor(rows.features(), wanted, key, pool);
    surveyor.survey.counts_alike = counts_alike;
    const bool whole = rows.visit([&](const RowBlock& block) {
      if (budget.should_stop() && block.first_row > 0) return false;
      surveyor.take(block);
      return true;
    });
    if (!whole) return std::nullopt;
    if (surveyor.survey.weight > 0) {
      surveyor.finish();
      return std::move(surveyor.survey);
    }
  }
  return std::nullopt;
}

}  // namespace astrolabe::kernel
