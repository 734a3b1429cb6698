// SPDX-License-Identifier: Apache-2.0
// A learner that has nothing to learn: it predicts the feature it was told to. So a test decides what a
// candidate predicts, by what it puts into the table.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "astrolabe/evaluate/candidate.h"

namespace astrolabe::testing {

class FixedModel : public Model {
 public:
  FixedModel(std::string column, std::size_t features) : column_(std::move(column)), features_(features) {}
  void predict(const FeatureMatrix& features, std::span<double> out) const override {
    for (std::size_t i = 0; i < features.features(); ++i) {
      if ((*features.info)[i].source != column_) continue;
      for (std::size_t row = 0; row < features.rows; ++row) out[row] = features.columns[i].dense[row];
    }
  }
  [[nodiscard]] std::size_t outputs() const override { return 1; }
  [[nodiscard]] std::vector<double> importance() const override { return std::vector<double>(features_, 0); }
  [[nodiscard]] SettingValues settings_found() const override { return {}; }
  [[nodiscard]] std::string summary() const override { return "the column " + column_; }
  void save(ArchiveWriter& archive) const override { archive.put_text(column_); }

 private:
  std::string column_;
  std::size_t features_;
};

class FixedLearner : public Learner {
 public:
  explicit FixedLearner(std::string column) : column_(std::move(column)) {}
  [[nodiscard]] std::string_view name() const override { return column_; }
  [[nodiscard]] std::string_view doc() const override { return "Predicts a column."; }
  [[nodiscard]] EncodingNeeds needs() const override {
    return {.native_categories = true, .native_missing = true, .standardized = false};
  }
  [[nodiscard]] std::span<const SettingField> fields() const override { return {}; }
  [[nodiscard]] std::unique_ptr<const Model> fit(const FitRequest& request) const override {
    if (request.tell) request.tell("loss 0");
    if (request.progress) request.progress(1);
    return std::make_unique<FixedModel>(column_, request.train.features.features());
  }
  [[nodiscard]] std::unique_ptr<const Model> load(ArchiveReader& archive, std::size_t features,
                                                  std::size_t /*outputs*/) const override {
    return std::make_unique<FixedModel>(archive.get_text(), features);
  }

 private:
  std::string column_;
};

}  // namespace astrolabe::testing
