// SPDX-License-Identifier: Apache-2.0
// The suite that every learner runs, whatever is inside it. A learner enters by a line in catalog.cpp; each
// promise of model/learner.h is a test in learner_contract.cpp (fitting and predicting),
// learner_edge_contract.cpp (odd data, clocks, signals) or learner_file_contract.cpp (save and load).
#pragma once

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "astrolabe/model/learner.h"

namespace astrolabe {

struct ContractEntry {
  const Learner* learner;
  SettingValues settings = {};  // what makes a fit quick; the suite runs hundreds
  bool learns = true;           // looks at features, so must beat the baseline
  // How far predictions may move (share of the target's spread) when rows are weighted instead of repeated.
  double weight_tolerance = 1e-6;
  // The tasks that the settings are for: a loss of classes is none of numbers.
  std::vector<TaskKind> kinds = {TaskKind::regression, TaskKind::binary, TaskKind::multiclass};
};

// The learners under contract, in the catalogue's order.
[[nodiscard]] std::vector<ContractEntry> contract_catalog();

struct ContractCase {
  ContractEntry entry;
  TaskKind kind = TaskKind::regression;
};

// How GoogleTest names the case in messages.
inline void PrintTo(const ContractCase& of, std::ostream* out) {
  *out << of.entry.learner->name() << " on " << task_kind_name(of.kind);
}

struct DataShape {
  TaskKind kind = TaskKind::regression;
  std::size_t rows = 300;
  bool categories = false;  // codes, else one-hot columns
  bool missing = false;     // NaN in a tenth of one column
  bool pictures = false;    // 5 x 6 grey ones, whose upper half is bright where the second number is large
};

// Learnable rows: two dense numbers, a sparse number, a category with 5 seen codes of 7, and noise. Classes:
// 3 when multiclass. The same key gives the same rows, and always the same truth behind them.
[[nodiscard]] TrainingData make_data(const DataShape& shape, Key key);
// Rows [rows] of both features and labels.
[[nodiscard]] TrainingData take_rows(const TrainingData& data, std::span<const std::uint32_t> rows);
[[nodiscard]] std::vector<double> predict(const Model& model, const FeatureMatrix& features);
[[nodiscard]] std::string save(const Model& model);
// Every number finite; probabilities in [0, 1], and those of a row sum to 1.
void expect_valid(TaskKind kind, std::size_t outputs, std::span<const double> prediction);

class LearnerContract : public testing::TestWithParam<ContractCase> {
 protected:
  LearnerContract() : pool_(2) {}
  ~LearnerContract() override { clear_cancel(); }

  [[nodiscard]] const Learner& learner() const { return *GetParam().entry.learner; }
  [[nodiscard]] TaskKind kind() const { return GetParam().kind; }
  [[nodiscard]] DataShape shape(std::size_t rows = 300) const;
  [[nodiscard]] TrainingData data(std::size_t rows = 300, std::uint64_t seed = 1) const;
  [[nodiscard]] std::unique_ptr<const Model> fit(const TrainingData& train, std::uint64_t seed = 1);
  [[nodiscard]] std::unique_ptr<const Model> fit_in(ThreadPool& pool, const TrainingData& train,
                                                    std::uint64_t seed = 1) const;
  // A null model when the learner threw `cancelled`, as it may when it has nothing yet.
  [[nodiscard]] std::unique_ptr<const Model> fit_within(const Budget& budget, const TrainingData& train);

  ThreadPool pool_;
};

// "linear_binary": the name of a case in test names.
[[nodiscard]] std::string case_name(const testing::TestParamInfo<ContractCase>& info);
[[nodiscard]] std::vector<ContractCase> contract_cases();

}  // namespace astrolabe
