// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/learners/baseline/baseline.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include <fmt/format.h>

#include "astrolabe/base/error.h"

namespace astrolabe {

namespace {

struct BaselineSettings {
  std::string statistic = "mean";
};

const std::array kFields{Field<BaselineSettings>{
    {.name = "statistic",
     .doc =
         "What a number is guessed by: the mean (least squared error) or the median (least absolute error).",
     .choices = {"mean", "median"}},
    &BaselineSettings::statistic}};

// Weights that sum to 1. Rows that all weigh nothing count alike.
std::vector<double> row_shares(const Labels& labels) {
  const double total = std::accumulate(labels.weights.begin(), labels.weights.end(), 0.0);
  if (!(total > 0)) return std::vector<double>(labels.rows(), 1.0 / static_cast<double>(labels.rows()));
  std::vector<double> shares(labels.rows());
  for (std::size_t row = 0; row < labels.rows(); ++row) shares[row] = labels.weight(row) / total;
  return shares;
}

double weighted_mean(const Labels& labels, std::span<const double> shares) {
  // Halved, so that the sum of the largest numbers stays finite.
  double half = 0;
  for (std::size_t row = 0; row < labels.rows(); ++row) half += shares[row] * (labels.values[row] / 2);
  const auto [low, high] = std::minmax_element(labels.values.begin(), labels.values.end());
  return std::clamp(2 * half, *low, *high);
}

// The middle of the values that have at most half of the weight on either side.
double weighted_median(const Labels& labels, std::span<const double> shares) {
  std::vector<std::size_t> order;
  for (std::size_t row = 0; row < labels.rows(); ++row)
    if (shares[row] > 0) order.push_back(row);
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return labels.values[a] < labels.values[b]; });
  constexpr double kHalf = 0.5 - 1e-12;
  double below = 0;
  std::size_t low = 0;
  while (low + 1 < order.size() && below + shares[order[low]] < kHalf) below += shares[order[low++]];
  double above = 0;
  std::size_t high = order.size() - 1;
  while (high > 0 && above + shares[order[high]] < kHalf) above += shares[order[high--]];
  return std::midpoint(labels.values[order[low]], labels.values[order[high]]);
}

class BaselineModel final : public Model {
 public:
  BaselineModel(TaskKind kind, std::size_t features, bool is_median, std::vector<double> answer)
      : kind_(kind), features_(features), is_median_(is_median), answer_(std::move(answer)) {}

  void predict(const FeatureMatrix& features, std::span<double> out) const override {
    ASTROLABE_CHECK(out.size() == features.rows * answer_.size(), "a prediction is [rows, outputs]");
    for (std::size_t at = 0; at < out.size(); ++at) out[at] = answer_[at % answer_.size()];
  }
  std::size_t outputs() const override { return answer_.size(); }
  std::vector<double> importance() const override { return std::vector<double>(features_, 0.0); }
  SettingValues settings_found() const override {
    return {{"statistic", std::string(is_median_ ? "median" : "mean")}};
  }

  std::string summary() const override {
    switch (kind_) {
      case TaskKind::binary:
        return fmt::format("always the share of the positive class, {:.4g}", answer_[0]);
      case TaskKind::multiclass:
        return fmt::format("always the shares of the {} classes", answer_.size());
      case TaskKind::regression:
        break;
    }
    return fmt::format("always the {}, {:.6g}", is_median_ ? "median" : "mean", answer_[0]);
  }

  void save(ArchiveWriter& archive) const override {
    archive.put(static_cast<std::uint8_t>(kind_));
    archive.put(is_median_);
    archive.put<std::uint64_t>(features_);
    archive.put_array<double>(answer_);
  }

 private:
  TaskKind kind_;
  std::size_t features_;
  bool is_median_;
  std::vector<double> answer_;  // [outputs]
};

class BaselineLearner final : public Learner {
 public:
  std::string_view name() const override { return "baseline"; }
  std::string_view doc() const override { return "The share of each class, or the mean: the floor to beat."; }
  EncodingNeeds needs() const override { return {.native_categories = true, .native_missing = true}; }
  std::span<const SettingField> fields() const override {
    static const std::vector<SettingField> described = describe<BaselineSettings>(kFields);
    return described;
  }

  std::unique_ptr<const Model> fit(const FitRequest& request) const override {
    const auto settings = read_settings<BaselineSettings>(name(), kFields, request.settings);
    const Labels& labels = request.train.labels;
    ASTROLABE_CHECK(labels.rows() > 0, "a fit has at least one row");
    const std::vector<double> shares = row_shares(labels);
    const bool is_median = settings.statistic == "median";
    std::vector<double> answer;
    if (labels.kind == TaskKind::regression) {
      answer = {is_median ? weighted_median(labels, shares) : weighted_mean(labels, shares)};
    } else {
      answer.assign(labels.classes, 0.0);
      for (std::size_t row = 0; row < labels.rows(); ++row)
        answer[static_cast<std::size_t>(labels.values[row])] += shares[row];
      const double total = std::accumulate(answer.begin(), answer.end(), 0.0);
      for (double& share : answer) share /= total;
      if (labels.kind == TaskKind::binary) answer = {answer[1]};
    }
    if (request.progress) request.progress(1.0);
    return std::make_unique<BaselineModel>(labels.kind, request.train.features.features(), is_median,
                                           std::move(answer));
  }

  std::unique_ptr<const Model> load(ArchiveReader& archive, std::size_t features,
                                    std::size_t outputs) const override {
    const auto kind = static_cast<TaskKind>(archive.get_between<std::uint8_t>(
        0, static_cast<std::uint8_t>(TaskKind::regression), "the task of a baseline"));
    const bool is_median = archive.get<bool>();
    if (archive.get<std::uint64_t>() != features) ArchiveReader::damaged("the features of a baseline");
    std::vector<double> answer = archive.get_array<double>(outputs);
    if (answer.size() != outputs || (kind == TaskKind::multiclass) != (outputs > 1))
      ArchiveReader::damaged("the outputs of a baseline");
    for (const double value : answer)
      if (!std::isfinite(value) || (kind != TaskKind::regression && (value < 0 || value > 1)))
        ArchiveReader::damaged("the answer of a baseline");
    const double total = std::accumulate(answer.begin(), answer.end(), 0.0);
    if (kind == TaskKind::multiclass && std::abs(total - 1) > 1e-9)
      ArchiveReader::damaged("the shares of a baseline");
    return std::make_unique<BaselineModel>(kind, features, is_median, std::move(answer));
  }
};

}  // namespace

const Learner& baseline_learner() {
  static const BaselineLearner learner;
  return learner;
}

}  // namespace astrolabe
