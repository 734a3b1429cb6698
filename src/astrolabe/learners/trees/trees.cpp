// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/learners/trees/trees.h"

#include <algorithm>

#include "astrolabe/learners/trees/booster.h"
#include "astrolabe/learners/trees/trees_model.h"
#include "astrolabe/learners/trees/trees_settings.h"

namespace astrolabe {
namespace {

class TreesLearner : public Learner {
 public:
  [[nodiscard]] std::string_view name() const override { return "trees"; }
  [[nodiscard]] std::string_view doc() const override {
    return "Gradient boosted decision trees on histograms: strong on most tables, takes missing values and "
           "categories as they are.";
  }
  [[nodiscard]] EncodingNeeds needs() const override {
    return {.native_categories = true, .native_missing = true, .standardized = false};
  }
  [[nodiscard]] bool stops_early() const override { return true; }
  [[nodiscard]] std::span<const SettingField> fields() const override {
    static const std::vector<SettingField> kFields = describe(trees::settings_table());
    return kFields;
  }
  [[nodiscard]] std::unique_ptr<const Model> fit(const FitRequest& request) const override {
    const auto& weights = request.train.labels.weights;
    const auto none = static_cast<std::size_t>(std::ranges::count(weights, 0.0));
    const auto settings =
        trees::settings_for(request.settings, request.train.labels.rows() - none, request.watch != nullptr);
    return trees::make_trees_model(trees::boost(request, settings));
  }
  [[nodiscard]] std::unique_ptr<const Model> load(ArchiveReader& archive, std::size_t features,
                                                  std::size_t outputs) const override {
    return trees::load_trees_model(archive, features, outputs);
  }
};

}  // namespace

const Learner& trees_learner() {
  static const TreesLearner kLearner;
  return kLearner;
}

}  // namespace astrolabe
