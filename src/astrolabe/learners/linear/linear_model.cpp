// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/learners/linear/linear_model.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include <fmt/format.h>

#include "astrolabe/base/error.h"
#include "astrolabe/base/text.h"

namespace astrolabe::linear {

namespace {

constexpr double kMost = std::numeric_limits<double>::max();

class LinearModel final : public Model {
 public:
  explicit LinearModel(LinearParts parts) : parts_(std::move(parts)) {}

  void predict(const FeatureMatrix& features, std::span<double> out) const override {
    ASTROLABE_CHECK(features.features() == parts_.features, "a model meets the features it was fitted on");
    ASTROLABE_CHECK(out.size() == features.rows * outputs(), "a prediction is [rows, outputs]");
    const auto scores = score_rows(parts_.intercepts, parts_.coefficients, features);
    for (std::size_t row = 0; row < features.rows; ++row) {
      if (parts_.family == Family::multinomial)
        soften(scores, row, out.subspan(row * scores.size(), scores.size()));
      else
        out[row] = answer(scores[0][row]);
    }
  }

  std::size_t outputs() const override { return parts_.intercepts.size(); }
  std::vector<double> importance() const override { return parts_.importance; }
  bool was_cut_short() const override { return parts_.cut_short; }
  SettingValues settings_found() const override { return {{"penalty", parts_.penalty}}; }

  std::string summary() const override {
    std::size_t used = 0;
    for (std::size_t feature = 0; feature < parts_.features; ++feature) {
      bool is_used = false;
      for (std::size_t block = 0; block < parts_.intercepts.size(); ++block)
        is_used = is_used || parts_.coefficients[block * parts_.features + feature] != 0;
      used += is_used ? 1 : 0;
    }
    return fmt::format("{} regression on {} of {} features, penalty {:.3g}{}", family_name(parts_.family),
                       format_count(used), format_count(parts_.features), parts_.penalty,
                       parts_.l1_ratio > 0 ? fmt::format(", l1 ratio {:.3g}", parts_.l1_ratio) : "");
  }

  void save(ArchiveWriter& archive) const override {
    archive.put(static_cast<std::uint8_t>(parts_.family));
    archive.put(parts_.penalty);
    archive.put(parts_.l1_ratio);
    archive.put(parts_.center);
    archive.put(parts_.scale);
    archive.put(parts_.highest);
    archive.put(parts_.cut_short);
    archive.put_array<double>(parts_.intercepts);
    archive.put_array<double>(parts_.coefficients);
    archive.put_array<double>(parts_.importance);
  }

 private:
  [[nodiscard]] double answer(double score) const {
    switch (parts_.family) {
      case Family::logistic:
        return 1 / (1 + std::exp(-score));
      case Family::poisson:
        return std::clamp(parts_.scale * std::min(std::exp(score), parts_.highest), 0.0, kMost);
      case Family::gaussian:
      case Family::multinomial:
        break;
    }
    return std::clamp(parts_.center + parts_.scale * score, -kMost, kMost);
  }

  static void soften(const std::vector<std::vector<double>>& scores, std::size_t row, std::span<double> out) {
    double largest = -std::numeric_limits<double>::infinity();
    for (const auto& block : scores) largest = std::max(largest, block[row]);
    double sum = 0;
    for (std::size_t block = 0; block < scores.size(); ++block)
      sum += out[block] = std::exp(scores[block][row] - largest);
    for (double& share : out) share /= sum;
  }

  LinearParts parts_;
};

bool all_within(const std::vector<double>& values, double low, double high) {
  return std::all_of(values.begin(), values.end(),
                     [&](double value) { return value >= low && value <= high; });
}

}  // namespace

std::vector<std::vector<double>> score_rows(std::span<const double> intercepts,
                                            std::span<const double> coefficients,
                                            const FeatureMatrix& features) {
  std::vector<std::vector<double>> scores;
  for (std::size_t block = 0; block < intercepts.size(); ++block) {
    std::vector<double>& score = scores.emplace_back(features.rows, intercepts[block]);
    for (std::size_t feature = 0; feature < features.features(); ++feature) {
      const double slope = coefficients[block * features.features() + feature];
      if (slope == 0) continue;
      const FeatureColumn& column = features.columns[feature];
      for (std::size_t i = 0; i < column.sparse_rows.size(); ++i)
        score[column.sparse_rows[i]] += slope * column.sparse_values[i];
      for (std::size_t row = 0; row < column.dense.size(); ++row) score[row] += slope * column.dense[row];
    }
    // The ends of double stand for what lies beyond.
    for (double& value : score) value = std::isnan(value) ? 0 : std::clamp(value, -kMost, kMost);
  }
  return scores;
}

std::unique_ptr<const Model> make_linear_model(LinearParts parts) {
  return std::make_unique<LinearModel>(std::move(parts));
}

std::unique_ptr<const Model> load_linear_model(ArchiveReader& archive, std::size_t features,
                                               std::size_t outputs) {
  LinearParts parts;
  parts.family = static_cast<Family>(archive.get_between<std::uint8_t>(
      0, static_cast<std::uint8_t>(Family::poisson), "the family of a linear model"));
  parts.penalty = archive.get_between(0.0, kMost, "the penalty of a linear model");
  parts.l1_ratio = archive.get_between(0.0, 1.0, "the l1 ratio of a linear model");
  parts.center = archive.get_between(-kMost, kMost, "the centre of a linear model");
  parts.scale = archive.get_between(0.0, kMost, "the scale of a linear model");
  parts.highest = archive.get_between(0.0, kMost, "the limit of a linear model");
  parts.cut_short = archive.get<bool>();
  parts.features = features;
  parts.intercepts = archive.get_array<double>(outputs);
  if (parts.intercepts.size() != outputs || (parts.family == Family::multinomial) != (outputs > 1))
    ArchiveReader::damaged("the outputs of a linear model");
  if (features > 0 && outputs > UINT64_MAX / features) ArchiveReader::damaged("the size of a linear model");
  parts.coefficients = archive.get_array<double>(outputs * features);
  parts.importance = archive.get_array<double>(features);
  if (parts.coefficients.size() != outputs * features || parts.importance.size() != features)
    ArchiveReader::damaged("the features of a linear model");
  if (!all_within(parts.intercepts, -kMost, kMost) || !all_within(parts.coefficients, -kMost, kMost))
    ArchiveReader::damaged("the coefficients of a linear model");
  if (!all_within(parts.importance, 0, 1)) ArchiveReader::damaged("the importance of a linear model");
  return make_linear_model(std::move(parts));
}

}  // namespace astrolabe::linear
