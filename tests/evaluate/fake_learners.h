// SPDX-License-Identifier: Apache-2.0
// Learners that are simple enough to know what they must answer, and that tell what they were given.
#pragma once

#include <algorithm>
#include <cmath>
#include <memory>
#include <span>
#include <vector>

#include "astrolabe/base/error.h"
#include "astrolabe/model/learner.h"

namespace astrolabe {

// Predicts the same for every row: the mean target, or the share of each class.
class MeanModel : public Model {
 public:
  MeanModel(std::vector<double> answer, SettingValues found, bool cut_short = false, bool diverged = false)
      : answer_(std::move(answer)), found_(std::move(found)), cut_short_(cut_short), diverged_(diverged) {}
  void predict(const FeatureMatrix& features, std::span<double> out) const override {
    for (std::size_t row = 0; row < features.rows; ++row) {
      std::ranges::copy(answer_, out.begin() + static_cast<std::ptrdiff_t>(row * answer_.size()));
    }
  }
  [[nodiscard]] std::size_t outputs() const override { return answer_.size(); }
  [[nodiscard]] std::vector<double> importance() const override { return {}; }
  [[nodiscard]] SettingValues settings_found() const override { return found_; }
  [[nodiscard]] std::string summary() const override { return "a mean"; }
  [[nodiscard]] bool was_cut_short() const override { return cut_short_; }
  [[nodiscard]] bool has_diverged() const override { return diverged_; }
  void save(ArchiveWriter& archive) const override { archive.put_array(std::span<const double>(answer_)); }

 private:
  std::vector<double> answer_;
  SettingValues found_;
  bool cut_short_, diverged_;
};

struct SeenFit {
  std::size_t train_rows = 0;
  std::size_t watch_rows = 0;
  Key key;
  SettingValues settings;
  const Model* start = nullptr;
};

class MeanLearner : public Learner {
 public:
  // What the next fits do besides; `seen` has one entry for each.
  bool watches = false;
  std::size_t cancelled_from = SIZE_MAX;  // number of the fit that is cancelled
  std::size_t fails_from = SIZE_MAX;      // number of the fit that fails
  bool cut_short = false;
  bool diverged = false;
  EncodingNeeds wanted = {};
  mutable std::vector<SeenFit> seen;

  [[nodiscard]] std::string_view name() const override { return "mean"; }
  [[nodiscard]] std::string_view doc() const override { return "Predicts the mean."; }
  [[nodiscard]] EncodingNeeds needs() const override { return wanted; }
  [[nodiscard]] std::span<const SettingField> fields() const override { return {}; }
  [[nodiscard]] bool stops_early() const override { return watches; }

  [[nodiscard]] std::unique_ptr<const Model> fit(const FitRequest& request) const override {
    const Labels& labels = request.train.labels;
    const std::size_t number = seen.size();
    seen.push_back({labels.rows(), request.watch == nullptr ? 0 : request.watch->labels.rows(), request.key,
                    request.settings, request.start});
    if (request.tell) request.tell("loss 0.5");
    if (request.progress) request.progress(1);
    const Complaint complaint{.attempted = "fitting", .expected = "", .found = "", .remedy = "Wait."};
    if (number >= cancelled_from) throw cancelled(complaint);
    if (number >= fails_from) throw bad_input(complaint);
    std::vector<double> answer(labels.outputs(), 0.0);
    double total = 0;
    for (std::size_t row = 0; row < labels.rows(); ++row) {
      const double weight = labels.weight(row);
      total += weight;
      if (labels.kind == TaskKind::multiclass) {
        answer[static_cast<std::size_t>(labels.values[row])] += weight;
      } else {
        answer[0] += weight * labels.values[row];
      }
    }
    for (double& value : answer) value /= total;
    return std::make_unique<MeanModel>(answer, SettingValues{{"rounds", static_cast<std::int64_t>(number)}},
                                       cut_short, diverged);
  }
  [[nodiscard]] std::unique_ptr<const Model> load(ArchiveReader& archive, std::size_t,
                                                  std::size_t) const override {
    return std::make_unique<MeanModel>(archive.get_array<double>(), SettingValues{});
  }
};

// Binary: the logistic of how much nearer a row is to the mean of class 1 than to that of class 0, over dense
// features.
class PrototypeModel : public Model {
 public:
  explicit PrototypeModel(std::vector<std::vector<double>> prototypes) : prototypes_(std::move(prototypes)) {}
  void predict(const FeatureMatrix& features, std::span<double> out) const override {
    for (std::size_t row = 0; row < features.rows; ++row) {
      double nearer = 0;
      for (std::size_t f = 0; f < features.features(); ++f) {
        const double x = features.columns[f].dense[row];
        nearer += std::pow(x - prototypes_[0][f], 2) - std::pow(x - prototypes_[1][f], 2);
      }
      out[row] = 1 / (1 + std::exp(-nearer));
    }
  }
  [[nodiscard]] std::size_t outputs() const override { return 1; }
  [[nodiscard]] std::vector<double> importance() const override { return {}; }
  [[nodiscard]] SettingValues settings_found() const override { return {}; }
  [[nodiscard]] std::string summary() const override { return "two prototypes"; }
  void save(ArchiveWriter& archive) const override {
    for (const auto& prototype : prototypes_) archive.put_array(std::span<const double>(prototype));
  }

 private:
  std::vector<std::vector<double>> prototypes_;
};

class PrototypeLearner : public Learner {
 public:
  bool watches = false;
  [[nodiscard]] std::string_view name() const override { return "prototype"; }
  [[nodiscard]] std::string_view doc() const override { return "Answers with the nearest class mean."; }
  [[nodiscard]] EncodingNeeds needs() const override { return {.standardized = true}; }
  [[nodiscard]] std::span<const SettingField> fields() const override { return {}; }
  [[nodiscard]] bool stops_early() const override { return watches; }
  [[nodiscard]] std::unique_ptr<const Model> fit(const FitRequest& request) const override {
    const FeatureMatrix& features = request.train.features;
    std::vector<std::vector<double>> prototypes(2, std::vector<double>(features.features(), 0.0));
    std::vector<double> counts(2, 0.0);
    for (std::size_t row = 0; row < features.rows; ++row) {
      const auto label = static_cast<std::size_t>(request.train.labels.values[row]);
      counts[label] += 1;
      for (std::size_t f = 0; f < features.features(); ++f) {
        prototypes[label][f] += features.columns[f].dense[row];
      }
    }
    for (std::size_t label = 0; label < 2; ++label) {
      for (double& value : prototypes[label]) value /= std::max(1.0, counts[label]);
    }
    return std::make_unique<PrototypeModel>(std::move(prototypes));
  }
  [[nodiscard]] std::unique_ptr<const Model> load(ArchiveReader& archive, std::size_t,
                                                  std::size_t) const override {
    std::vector<std::vector<double>> prototypes;
    for (int label = 0; label < 2; ++label) prototypes.push_back(archive.get_array<double>());
    return std::make_unique<PrototypeModel>(std::move(prototypes));
  }
};

}  // namespace astrolabe
