// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/learners/kernel/kernel_fit.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include <fmt/format.h>

#include "astrolabe/base/error.h"
#include "astrolabe/base/text.h"
#include "astrolabe/learners/kernel/feature_importance.h"
#include "astrolabe/learners/kernel/kernel_model.h"
#include "astrolabe/learners/kernel/length_search.h"
#include "astrolabe/learners/kernel/lengths.h"
#include "astrolabe/learners/kernel/newton.h"
#include "astrolabe/learners/kernel/ridge.h"

namespace astrolabe::kernel {
namespace {

constexpr std::size_t kSampleRows = 2000;
constexpr std::size_t kMeasuredRows = 200;  // pairs of which tell the error of the features
constexpr double kPrepared = 0.1;           // of the progress
constexpr double kMostFactor = 1e6;

constexpr std::uint64_t kSystems = 5;  // normal equations, of all rows and parts of them, and a factor

// Where normal equations take more than there is, components must go.
void require_memory(std::size_t components, std::uint64_t bytes) {
  const std::uint64_t needed = kSystems * sizeof(double) * components * components;
  if (needed <= bytes) return;
  throw usage_error({.attempted = fmt::format("fitting {} kernel components", format_count(components)),
                     .expected = fmt::format("{} MB of memory", format_count(needed >> 20)),
                     .found = fmt::format("{} MB", format_count(bytes >> 20)),
                     .remedy = "Take fewer components, or give more --memory."});
}

Response make_response(Family family, const Survey& survey) {
  Response response{.family = family};
  if (family == Family::multinomial) response.outputs = survey.classes;
  if (family == Family::gaussian) {
    response.center = survey.mean;
    const bool varies = survey.deviation > 0 && std::isfinite(survey.deviation);
    response.scale = varies ? survey.deviation : 1;
  }
  if (family == Family::poisson) {
    response.scale = survey.mean > 0 ? survey.mean : 1;
    response.highest = std::max(survey.highest / response.scale, 1.0);
  }
  return response;
}

class Fit {
 public:
  explicit Fit(const KernelFit& request)
      : request_(request),
        settings_(read_settings("kernel", settings_table(), request.settings)),
        choice_(choose_kernel(settings_)) {}

  std::unique_ptr<const Model> run() {
    const std::size_t components = settings_.components > 0
                                       ? static_cast<std::size_t>(settings_.components)
                                       : std::clamp<std::size_t>(request_.rows.rows() / 2, 100, 1000);
    require_memory(components, request_.memory_bytes);
    const bool has_landmarks = choice_.features == FeatureKind::nystroem;
    const auto survey =
        survey_rows(request_.rows, std::max(kSampleRows, has_landmarks ? components : std::size_t{0}),
                    request_.key.split("sample"), request_.pool, request_.budget);
    if (!survey)
      throw cancelled(
          {.attempted = "fitting a kernel machine", .found = "no time for one pass over the rows"});
    KernelParts parts;
    parts.choice = choice_;
    parts.response = make_response(choose_family(settings_, survey->kind, survey->lowest), *survey);
    const bool has_median = settings_.bandwidth == 0 && !is_stationary(choice_.shape);
    parts.bandwidth = has_median ? 1 : settings_.bandwidth;
    Featurizer& featurizer = parts.featurizer;
    featurizer.factors.assign(request_.rows.features(), 1.0F);
    featurizer.with_constant = !is_stationary(choice_.shape);
    const bool has_time = !request_.budget.should_stop();
    if (has_time && request_.rows.features() > 0) make_features(*survey, components, parts);
    say(kPrepared, fmt::format("{} features", format_count(featurizer.components())));
    const HeadRequest head_request{
        .rows = request_.rows,
        .watch = request_.watch,
        .survey = *survey,
        .featurizer = featurizer,
        .response = parts.response,
        .penalty = settings_.penalty,
        .choice = choose_penalty_by(settings_, parts.response.family),
        .key = request_.key.split("head"),
        .pool = request_.pool,
        .budget = request_.budget,
        .progress = [&](double done) { say(kPrepared + (0.95 - kPrepared) * done, ""); }};
    FittedHead head = !has_time                                   ? constant_head(head_request)
                      : parts.response.family == Family::gaussian ? fit_ridge(head_request)
                                                                  : fit_likelihood(head_request);
    parts.penalty = head.penalty;
    parts.cut_short = head.cut_short;
    for (const double value : head.coefficients)
      parts.coefficients.push_back(static_cast<float>(std::clamp(value, -1e30, 1e30)));
    parts.importance = measure_importance(featurizer, parts.coefficients, survey->sample, request_.pool);
    say(1, "");
    return make_kernel_model(std::move(parts));
  }

 private:
  void say(double fraction, std::string_view words) const {
    if (request_.tell && !words.empty()) request_.tell(words);
    if (request_.progress) request_.progress(fraction);
  }

  // What the gradient of lengths fits: numbers on the response's scale, or 1 for each row's class.
  [[nodiscard]] std::vector<double> targets_of(const Survey& survey, const Response& response,
                                               std::size_t outputs) const {
    std::vector<double> targets(survey.sample.rows * outputs, 0.0);
    for (std::size_t row = 0; row < survey.sample.rows; ++row) {
      const double value = survey.sample.values[row];
      if (survey.kind == TaskKind::multiclass)
        targets[row * outputs + static_cast<std::size_t>(value)] = 1;
      else
        targets[row] = response.of(value);
    }
    return targets;
  }

  void choose_lengths(const Survey& survey, KernelParts& parts) const {
    const std::size_t features = request_.rows.features();
    parts.length = median_length(choice_.shape, survey.sample, features);
    const double whole = parts.length * (parts.bandwidth > 0 ? parts.bandwidth : 1);
    std::vector<double> stretches(features, 0.0);
    if (parts.bandwidth == 0) {
      const std::size_t outputs = parts.response.outputs;
      const std::vector<double> targets = targets_of(survey, parts.response, outputs);
      stretches = find_stretches({.choice = choice_,
                                  .sample = survey.sample,
                                  .features = features,
                                  .length = whole,
                                  .targets = targets,
                                  .outputs = outputs,
                                  .key = request_.key.split("lengths"),
                                  .pool = request_.pool,
                                  .budget = request_.budget});
    }
    for (std::size_t j = 0; j < features; ++j)
      parts.featurizer.factors[j] = static_cast<float>(std::min(std::exp(stretches[j]) / whole, kMostFactor));
  }

  // Rows of the sample in the units of the kernel: [rows, inputs].
  [[nodiscard]] std::vector<float> scaled_sample(const Sample& sample, const Featurizer& featurizer,
                                                 std::size_t rows) const {
    const std::size_t features = featurizer.factors.size(), inputs = featurizer.inputs();
    std::vector<float> x(rows * inputs, 1.0F);
    for (std::size_t row = 0; row < rows; ++row)
      for (std::size_t j = 0; j < features; ++j)
        x[row * inputs + j] = featurizer.factors[j] * sample.x[row * features + j];
    return x;
  }

  void make_features(const Survey& survey, std::size_t components, KernelParts& parts) const {
    choose_lengths(survey, parts);
    Featurizer& featurizer = parts.featurizer;
    if (choice_.features == FeatureKind::nystroem) {
      const std::size_t count = std::min(components, survey.sample.rows);
      featurizer.map =
          make_nystroem_map(choice_, scaled_sample(survey.sample, featurizer, count), featurizer.inputs());
    } else {
      featurizer.map =
          make_random_map(choice_, featurizer.inputs(), components, request_.key.split("features"));
    }
    const std::size_t measured = std::min(kMeasuredRows, survey.sample.rows);
    parts.error =
        measure_error(choice_, *featurizer.map, scaled_sample(survey.sample, featurizer, measured), measured);
  }

  const KernelFit& request_;
  KernelSettings settings_;
  KernelChoice choice_;
};

}  // namespace

std::unique_ptr<const Model> fit_kernel(const KernelFit& request) {
  return Fit(request).run();
}

}  // namespace astrolabe::kernel
