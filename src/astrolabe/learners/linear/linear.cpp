// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/learners/linear/linear.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "astrolabe/base/error.h"
#include "astrolabe/learners/linear/linear_model.h"
#include "astrolabe/learners/linear/linear_settings.h"
#include "astrolabe/learners/linear/selection.h"

namespace astrolabe {

namespace {

using linear::choose_family;
using linear::Coefficients;
using linear::Design;
using linear::Family;
using linear::load_linear_model;
using linear::make_linear_model;
using linear::make_response;
using linear::PathInput;
using linear::Response;
using linear::select_and_fit;
using linear::Selected;
using linear::settings_table;

// The share of each feature in how far the scores spread.
std::vector<double> importance_of(const Coefficients& coefficients, const Design& design) {
  std::vector<double> importance(design.features(), 0.0);
  for (const auto& slopes : coefficients.slopes)
    for (std::size_t feature = 0; feature < slopes.size(); ++feature)
      importance[feature] += std::abs(slopes[feature]) * design.spread(feature);
  const double total = std::accumulate(importance.begin(), importance.end(), 0.0);
  for (double& share : importance) share = total > 0 && std::isfinite(total) ? share / total : 0.0;
  return importance;
}

class LinearLearner final : public Learner {
 public:
  std::string_view name() const override { return "linear"; }
  std::string_view doc() const override {
    return "Linear, logistic, multinomial or Poisson regression with a ridge or lasso penalty.";
  }
  EncodingNeeds needs() const override { return {.standardized = true}; }
  std::span<const SettingField> fields() const override {
    static const std::vector<SettingField> kDescribed = describe(settings_table());
    return kDescribed;
  }
  bool stops_early() const override { return true; }

  std::unique_ptr<const Model> fit(const FitRequest& request) const override {
    const auto settings = read_settings(name(), settings_table(), request.settings);
    const Labels& labels = request.train.labels;
    ASTROLABE_CHECK(labels.rows() > 0, "a fit has at least one row");
    const Family family = choose_family(settings, labels);
    const std::vector<double> weights = labels.usable_weights();
    const Design design(request.train.features, weights);
    const Response response = make_response(family, labels, weights);
    const PathInput path{.design = design,
                         .response = response,
                         .weights = weights,
                         .l1_ratio = settings.l1_ratio,
                         .pool = request.pool,
                         .budget = request.budget};
    const Selected selected = select_and_fit({.fit = path,
                                              .labels = labels,
                                              .settings = settings,
                                              .watch = request.watch,
                                              .key = request.key,
                                              .progress = request.progress});
    return make_linear_model({.family = family,
                              .penalty = selected.penalty,
                              .l1_ratio = settings.l1_ratio,
                              .center = response.center,
                              .scale = response.scale,
                              .highest = kTrustedGrowth * response.highest,
                              .cut_short = selected.cut_short,
                              .features = design.features(),
                              .intercepts = plain_intercepts(selected.coefficients, design),
                              .coefficients = flatten(selected.coefficients),
                              .importance = importance_of(selected.coefficients, design)});
  }

  std::unique_ptr<const Model> load(ArchiveReader& archive, std::size_t features,
                                    std::size_t outputs) const override {
    return load_linear_model(archive, features, outputs);
  }

 private:
  // A Poisson prediction is believed up to this multiple of the largest label.
  static constexpr double kTrustedGrowth = 10;
};

}  // namespace

const Learner& linear_learner() {
  static const LinearLearner kLearner;
  return kLearner;
}

}  // namespace astrolabe
