// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/learners/linear/private_linear.h"

#include <fmt/format.h>

#include "astrolabe/base/error.h"
#include "astrolabe/learners/linear/linear_model.h"
#include "astrolabe/learners/linear/linear_settings.h"
#include "astrolabe/parts/catalog.h"
#include "astrolabe/train/initialize.h"

namespace astrolabe {
namespace {

using linear::choose_family;
using linear::Family;
using linear::LinearParts;
using linear::LinearSettings;

// Rows count at most 1 each, so the steps of any table are of one size, and so is what they may be times.
constexpr double kLearningRate = 0.5;
constexpr std::string_view kOptimizer = "momentum";

LinearSettings settings_of(const SettingValues& values) {
  return read_settings("linear", linear::settings_table(), values);
}

[[noreturn]] void refuse(std::string_view setting, const std::string& found, const std::string& why) {
  throw usage_error({.attempted = "reading --privacy",
                     .expected = fmt::format("linear.{} that private training can have", setting),
                     .found = found,
                     .remedy = why});
}

// [rows, features]
std::vector<float> dense_rows(const FeatureMatrix& features) {
  const std::size_t width = features.features();
  std::vector<float> x(features.rows * width, 0.0F);
  for (std::size_t feature = 0; feature < width; ++feature) {
    const FeatureColumn& column = features.columns[feature];
    for (std::size_t row = 0; row < column.dense.size(); ++row) x[row * width + feature] = column.dense[row];
    for (std::size_t i = 0; i < column.sparse_rows.size(); ++i)
      x[column.sparse_rows[i] * width + feature] = column.sparse_values[i];
  }
  return x;
}

std::vector<float> plain_labels(const Labels& labels) {
  std::vector<float> y;
  for (const double value : labels.values) y.push_back(static_cast<float>(value));
  return y;
}

LinearParts parts_of(const PrivateFitRequest& request, const ParameterLayout& layout, const PrivateFit& fit) {
  const Labels& labels = request.train.labels;
  LinearParts parts;
  parts.features = request.train.features.features();
  parts.importance.assign(parts.features, 0.0);
  parts.cut_short = fit.cut_short;
  if (labels.kind == TaskKind::regression) {
    const BoundedAnswer answer = answer_of(request.bounds);
    parts.center = answer.centre;
    parts.scale = answer.scale;
  } else {
    parts.family = labels.kind == TaskKind::binary ? Family::logistic : Family::multinomial;
  }
  const std::size_t outputs = labels.outputs();
  const std::size_t bias = layout.find("out.b").offset;
  for (std::size_t k = 0; k < outputs; ++k) parts.intercepts.push_back(static_cast<double>(fit.w[bias + k]));
  parts.coefficients.assign(outputs * parts.features, 0.0);
  for (std::size_t feature = 0; feature < parts.features; ++feature)
    for (std::size_t k = 0; k < outputs; ++k)
      parts.coefficients[k * parts.features + feature] =
          static_cast<double>(fit.w[layout.find("out.w").offset + feature * outputs + k]);
  return parts;
}

}  // namespace

void require_private_linear(const SettingValues& values) {
  const LinearSettings settings = settings_of(values);
  if (settings.l1_ratio > 0)
    refuse("l1_ratio", fmt::format("{}", settings.l1_ratio),
           "Noise leaves no coefficient at zero: leave it out.");
  if (settings.family == "poisson")
    refuse("family", "poisson", "Its answers have no bounds: leave the family at auto.");
  for (const char* name : {"path_length", "path_end"})
    if (values.contains(name))
      refuse(name, "one", "Choosing among penalties would look at rows: give one penalty, or none.");
}

PrivateOutcome fit_linear_privately(const PrivateFitRequest& request) {
  const LinearSettings settings = settings_of(request.settings);
  const Labels& labels = request.train.labels;
  ASTROLABE_CHECK(labels.weights.empty(), "rows that count alike");
  static_cast<void>(choose_family(settings, labels));  // one that cannot have such labels is refused
  const bool is_number = labels.kind == TaskKind::regression;
  const NetSpec net{.numbers = request.train.features.features(), .outputs = labels.outputs()};
  const ParameterLayout layout = layout_of(net);
  const std::vector<float> x = dense_rows(request.train.features);
  const std::vector<float> y = is_number ? bounded_labels(labels, request.bounds) : plain_labels(labels);
  const TrainingRows rows{.rows = labels.rows(), .x = x, .y = y};
  const StepSpec spec{.net = net,
                      .head = is_number                         ? Head::number
                              : labels.kind == TaskKind::binary ? Head::binary
                                                                : Head::classes,
                      .loss = resolve_part(Vocabulary::loss, is_number ? "mse" : "cross_entropy").expression,
                      .optimizer = resolve_part(Vocabulary::optimizer, kOptimizer).expression,
                      .schedule = resolve_part(Vocabulary::schedule, "cosine").expression,
                      .rows = rows.rows,
                      .decays = settings.penalty > 0};
  const NetBins no_bins;
  const TrainerSetup setup{.spec = spec,
                           .layout = layout,
                           .rows = rows,
                           .bins = no_bins,
                           .numbers = {.learning_rate = kLearningRate, .weight_decay = settings.penalty},
                           .pool = &request.pool};
  const std::vector<float> start = initial_weights(layout, Initialization::he, {}, request.key);
  const PrivateFit fit = fit_private_net(setup, request.plan, start, request.budget, request.progress);
  LinearParts parts = parts_of(request, layout, fit);
  parts.penalty = settings.penalty;
  return {make_linear_model(std::move(parts)), fit.steps, fit.sampling_rate};
}

}  // namespace astrolabe
