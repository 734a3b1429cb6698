// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/learners/kernel/kernel_model.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include <fmt/format.h>

#include "astrolabe/base/error.h"
#include "astrolabe/base/text.h"
#include "astrolabe/learners/kernel/row_loss.h"

namespace astrolabe::kernel {
namespace {

constexpr double kMost = std::numeric_limits<double>::max();
constexpr float kMostFactor = 1e6F;  // of a column: one over its length
constexpr float kMostCoefficient = 1e30F;
constexpr double kTrustedGrowth =
    10;  // a Poisson prediction is believed up to so many times the largest label

std::string_view head_name(Family family) {
  return family == Family::gaussian ? "ridge" : family_name(family);
}

std::string error_text(const KernelChoice& choice, const ApproximationError& error) {
  std::string text = fmt::format("; kernel off by {:.2g} on average, at most {:.2g}", error.mean, error.most);
  if (error.pairs_bound > 0 && choice.features == FeatureKind::nystroem)
    return text + fmt::format(" (certain bound {:.2g})", error.pairs_bound);
  if (error.pairs_bound > 0) text += fmt::format(" (95 % bound {:.2g}", error.pairs_bound);
  if (error.space_bound > 0)
    text += error.space_bound < 2 ? fmt::format(", for all rows {:.2g}", error.space_bound)
                                  : fmt::format(", for all rows {:.2g}: vacuous", error.space_bound);
  return error.pairs_bound > 0 ? text + ")" : text;
}

class KernelModel final : public Model {
 public:
  explicit KernelModel(KernelParts parts) : parts_(std::move(parts)) {}

  void predict(const FeatureMatrix& features, std::span<double> out) const override {
    const Featurizer& featurizer = parts_.featurizer;
    ASTROLABE_CHECK(features.features() == featurizer.factors.size(),
                    "a model meets the features it was fitted on");
    ASTROLABE_CHECK(out.size() == features.rows * outputs(), "a prediction is [rows, outputs]");
    ThreadPool here(1);
    MapWork work;
    std::vector<float> x, scores;
    for (std::size_t begin = 0; begin < features.rows; begin += kChunkRows) {
      const std::size_t end = std::min(begin + kChunkRows, features.rows);
      fill_inputs(features, begin, end, featurizer.factors, featurizer.with_constant, {}, here, x);
      scores.resize((end - begin) * outputs());
      score_inputs(featurizer, parts_.coefficients, x, end - begin, scores, work);
      for (std::size_t row = begin; row < end; ++row)
        answer(std::span(scores).subspan((row - begin) * outputs(), outputs()),
               out.subspan(row * outputs(), outputs()));
    }
  }

  std::size_t outputs() const override { return parts_.response.outputs; }
  std::vector<double> importance() const override { return parts_.importance; }
  bool was_cut_short() const override { return parts_.cut_short; }
  SettingValues settings_found() const override { return {{"penalty", parts_.penalty}}; }

  std::string summary() const override {
    const std::size_t components = parts_.featurizer.components();
    if (components == 0) return fmt::format("{} regression on no feature", head_name(parts_.response.family));
    const std::string bandwidth = parts_.bandwidth > 0 ? fmt::format("bandwidth {:.3g} of the median {:.3g}",
                                                                     parts_.bandwidth, parts_.length)
                                                       : std::string("a length for each column");
    return fmt::format("{} regression on {} {} features of the {} kernel, {}, penalty {:.3g}{}",
                       head_name(parts_.response.family), format_count(components),
                       feature_kind_name(parts_.choice.features), shape_name(parts_.choice.shape), bandwidth,
                       parts_.penalty, error_text(parts_.choice, parts_.error));
  }

  void save(ArchiveWriter& archive) const override {
    archive.put(static_cast<std::uint8_t>(parts_.choice.shape));
    archive.put(static_cast<std::uint8_t>(parts_.choice.features));
    archive.put(static_cast<std::uint8_t>(parts_.choice.degree));
    archive.put(static_cast<std::uint8_t>(parts_.response.family));
    archive.put(static_cast<std::uint64_t>(parts_.featurizer.components()));
    for (const double value : {parts_.length, parts_.bandwidth, parts_.error.mean, parts_.error.most,
                               parts_.error.pairs_bound, parts_.error.space_bound, parts_.penalty,
                               parts_.response.center, parts_.response.scale, parts_.response.highest})
      archive.put(value);
    archive.put(parts_.cut_short);
    archive.put_array<float>(parts_.featurizer.factors);
    archive.put_array<float>(parts_.coefficients);
    archive.put_array<double>(parts_.importance);
    if (parts_.featurizer.map) parts_.featurizer.map->save(archive);
  }

 private:
  void answer(std::span<const float> scores, std::span<double> out) const {
    const Response& response = parts_.response;
    std::vector<double> sound(scores.begin(), scores.end());
    for (double& score : sound) score = std::isnan(score) ? 0 : std::clamp(score, -1e30, 1e30);
    switch (response.family) {
      case Family::multinomial:
        soften(sound, out);
        return;
      case Family::logistic:
        out[0] = 1 / (1 + std::exp(-sound[0]));
        return;
      case Family::poisson:
        out[0] = std::clamp(response.scale * std::min(std::exp(sound[0]), kTrustedGrowth * response.highest),
                            0.0, kMost);
        return;
      case Family::gaussian:
        break;
    }
    out[0] = std::clamp(response.center + response.scale * sound[0], -kMost, kMost);
  }

  KernelParts parts_;
};

template <class Values>
bool all_within(const Values& values, double low, double high) {
  return std::ranges::all_of(values, [&](auto value) { return value >= low && value <= high; });
}

void load_numbers(ArchiveReader& archive, KernelParts& parts) {
  const auto number = [&](double low, double high) {
    return archive.get_between(low, high, "a number of a kernel machine");
  };
  parts.length = number(0, kMost);
  parts.bandwidth = number(0, kMost);
  parts.error.mean = number(0, kMost);
  parts.error.most = number(0, kMost);
  parts.error.pairs_bound = number(0, kMost);
  parts.error.space_bound = number(0, kMost);
  parts.penalty = number(0, kMost);
  parts.response.center = number(-kMost, kMost);
  parts.response.scale = number(0, kMost);
  parts.response.highest = number(0, kMost);
}

}  // namespace

void score_inputs(const Featurizer& featurizer, std::span<const float> coefficients, std::span<const float> x,
                  std::size_t rows, std::span<float> scores, MapWork& work) {
  const std::size_t width = featurizer.width(), outputs = coefficients.size() / width;
  std::vector<float> z(rows * width);
  featurizer.apply(x, rows, z.data(), work);
  gemm({.m = rows,
        .n = outputs,
        .k = width,
        .a = z.data(),
        .a_row = static_cast<std::ptrdiff_t>(width),
        .b = coefficients.data(),
        .b_row = static_cast<std::ptrdiff_t>(outputs),
        .c = scores.data(),
        .c_row = static_cast<std::ptrdiff_t>(outputs)},
       best_instruction_set(), work.scratch);
}

std::unique_ptr<const Model> make_kernel_model(KernelParts parts) {
  return std::make_unique<KernelModel>(std::move(parts));
}

std::unique_ptr<const Model> load_kernel_model(ArchiveReader& archive, std::size_t features,
                                               std::size_t outputs) {
  KernelParts parts;
  parts.choice.shape = static_cast<KernelShape>(
      archive.get_between<std::uint8_t>(0, kKernelShapes - 1, "the kernel of a kernel machine"));
  parts.choice.features = static_cast<FeatureKind>(
      archive.get_between<std::uint8_t>(0, kFeatureKinds - 1, "the features of a kernel machine"));
  parts.choice.degree = archive.get_between<std::uint8_t>(1, 8, "the degree of a kernel machine");
  parts.response.family = static_cast<Family>(archive.get_between<std::uint8_t>(
      0, static_cast<std::uint8_t>(Family::poisson), "the family of a kernel machine"));
  if (outputs == 0 || (parts.response.family == Family::multinomial) != (outputs > 1))
    ArchiveReader::damaged("the outputs of a kernel machine");
  parts.response.outputs = outputs;
  const std::size_t components =
      archive.get_count(1U << 20, sizeof(float), "the features of a kernel machine");
  load_numbers(archive, parts);
  parts.cut_short = archive.get<bool>();
  Featurizer& featurizer = parts.featurizer;
  featurizer.factors = archive.get_array<float>(features);
  featurizer.with_constant = !is_stationary(parts.choice.shape);
  parts.coefficients = archive.get_array<float>();
  parts.importance = archive.get_array<double>(features);
  if (featurizer.factors.size() != features || parts.importance.size() != features ||
      parts.coefficients.size() % outputs != 0 || parts.coefficients.size() / outputs != components + 1)
    ArchiveReader::damaged("the size of a kernel machine");
  if (!all_within(featurizer.factors, 0, kMostFactor) ||
      !all_within(parts.coefficients, -kMostCoefficient, kMostCoefficient) ||
      !all_within(parts.importance, 0, 1))
    ArchiveReader::damaged("the coefficients of a kernel machine");
  if (components > 0 && featurizer.inputs() == 0) ArchiveReader::damaged("the inputs of a kernel machine");
  if (components > 0)
    featurizer.map = parts.choice.features == FeatureKind::nystroem
                         ? load_nystroem_map(archive, parts.choice, featurizer.inputs(), components)
                         : load_random_map(archive, parts.choice, featurizer.inputs(), components);
  return make_kernel_model(std::move(parts));
}

}  // namespace astrolabe::kernel
