// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/learners/trees/forest_learner.h"

#include "astrolabe/learners/trees/forest_fit.h"
#include "astrolabe/learners/trees/trees_model.h"

namespace astrolabe {
namespace {

class ForestLearner : public Learner {
 public:
  [[nodiscard]] std::string_view name() const override { return "forest"; }
  [[nodiscard]] std::string_view doc() const override {
    return "Mean of deep trees with random splits (extremely randomised trees), or a random forest: strong "
           "where near rows are alike.";
  }
  [[nodiscard]] EncodingNeeds needs() const override {
    return {.native_categories = true, .native_missing = true, .standardized = false};
  }
  [[nodiscard]] std::span<const SettingField> fields() const override {
    static const std::vector<SettingField> kFields = describe(trees::forest_settings_table());
    return kFields;
  }
  [[nodiscard]] std::unique_ptr<const Model> fit(const FitRequest& request) const override {
    const auto settings = read_settings(name(), trees::forest_settings_table(), request.settings);
    return trees::make_trees_model(trees::fit_forest(request, settings));
  }
  [[nodiscard]] std::unique_ptr<const Model> load(ArchiveReader& archive, std::size_t features,
                                                  std::size_t outputs) const override {
    return trees::load_trees_model(archive, features, outputs, /*is_mean=*/true);
  }
};

}  // namespace

const Learner& forest_learner() {
  static const ForestLearner kLearner;
  return kLearner;
}

}  // namespace astrolabe
