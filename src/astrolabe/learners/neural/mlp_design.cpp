// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/learners/neural/mlp_design.h"

#include <algorithm>
#include <array>
#include <cmath>

#include <fmt/format.h>

#include "astrolabe/base/error.h"
#include "astrolabe/parts/catalog.h"

namespace astrolabe::neural {
namespace {

constexpr double kTrustedGrowth =
    10;  // a logarithmic answer is believed up to this multiple of the largest label

template <class Value, std::size_t kCount>
Value choose(std::string_view text, const std::array<std::pair<std::string_view, Value>, kCount>& choices) {
  for (const auto& [name, value] : choices)
    if (name == text) return value;
  throw usage_error({.attempted = "building a net",
                     .expected = "a choice of its table",
                     .found = fmt::format("\"{}\"", text)});
}

Normalization normalization_of(std::string_view text) {
  return choose<Normalization, 4>(text, {{{"none", Normalization::none},
                                          {"layer", Normalization::layer},
                                          {"batch", Normalization::batch},
                                          {"group", Normalization::layer}}});
}

PictureNormalization picture_normalization_of(std::string_view text) {
  return choose<PictureNormalization, 4>(text, {{{"none", PictureNormalization::none},
                                                 {"layer", PictureNormalization::layer},
                                                 {"batch", PictureNormalization::batch},
                                                 {"group", PictureNormalization::group}}});
}

NumericEmbedding embedding_of(std::string_view text) {
  return choose<NumericEmbedding, 3>(text, {{{"none", NumericEmbedding::none},
                                             {"periodic", NumericEmbedding::periodic},
                                             {"piecewise_linear", NumericEmbedding::piecewise_linear}}});
}

ResolvedPart resolve_loss(const MlpSettings& settings, TaskKind kind) {
  const bool is_number = kind == TaskKind::regression;
  if (settings.loss == "auto") return resolve_part(Vocabulary::loss, is_number ? "mse" : "cross_entropy");
  ResolvedPart loss = resolve_part(Vocabulary::loss, settings.loss);
  if (loss.row != nullptr && !(is_number ? loss.row->for_regression : loss.row->for_classes)) {
    throw usage_error({.attempted = fmt::format("setting loss to {}", settings.loss),
                       .expected = is_number ? "a loss of numbers, as mse, huber or log_cosh"
                                             : "a loss of classes, as cross_entropy or focal",
                       .found = is_number ? "one of classes" : "one of numbers",
                       .remedy = "Leave it at auto, or choose another."});
  }
  return loss;
}

struct Moments {
  double mean = 0, deviation = 0, lowest = 0, highest = 0;
};

Moments moments_of(const Labels& labels, std::span<const double> weights) {
  Moments moments;
  const auto [lowest, highest] = std::ranges::minmax(labels.values);
  moments.lowest = lowest;
  moments.highest = highest;
  double total = 0;
  for (std::size_t row = 0; row < labels.rows(); ++row) {
    total += weights[row];
    moments.mean += weights[row] * (labels.values[row] - lowest);
  }
  moments.mean = moments.mean / total + lowest;
  double square = 0;
  for (std::size_t row = 0; row < labels.rows(); ++row) {
    const double off = labels.values[row] - moments.mean;
    square += weights[row] * off * off;
  }
  moments.deviation = std::sqrt(square / total);
  if (!std::isfinite(moments.mean) || !std::isfinite(moments.deviation))
    moments = {.lowest = lowest, .highest = highest};
  return moments;
}

// Logarithms of shares with one row of a class added, so that an absent class is possible.
std::vector<float> class_bias(const Labels& labels, std::span<const double> weights) {
  std::vector<double> counts(labels.classes, 1.0);
  for (std::size_t row = 0; row < labels.rows(); ++row)
    counts[static_cast<std::size_t>(labels.values[row])] += weights[row];
  if (labels.kind == TaskKind::binary) return {static_cast<float>(std::log(counts[1] / counts[0]))};
  double mean = 0;
  for (const double count : counts) mean += std::log(count) / static_cast<double>(counts.size());
  std::vector<float> bias;
  for (const double count : counts) bias.push_back(static_cast<float>(std::log(count) - mean));
  return bias;
}

Answer number_answer(const ResolvedPart& loss, const Labels& labels, std::span<const double> weights) {
  const Moments moments = moments_of(labels, weights);
  if (loss.row == nullptr || loss.row->link == Link::identity)
    return {.centre = moments.mean, .scale = moments.deviation};
  const bool takes_zero = loss.row->domain != TargetDomain::positive;
  if (moments.lowest < 0 || (moments.lowest == 0 && !takes_zero))
    throw usage_error({.attempted = fmt::format("setting loss to {}", loss.row->name),
                       .expected = takes_zero ? "a target that is never negative" : "a target above 0",
                       .found = fmt::format("{}", moments.lowest),
                       .remedy = takes_zero ? "Choose a loss of numbers of any sign, such as mse."
                                            : "Choose tweedie, which takes zeros, or mse."});
  return {.is_logarithmic = true, .scale = moments.mean, .highest = kTrustedGrowth * moments.highest};
}

}  // namespace

double learning_rate_of(const MlpSettings& settings, const ResolvedPart& optimizer) {
  if (settings.learning_rate > 0) return settings.learning_rate;
  return optimizer.row == nullptr ? 0 : optimizer.row->learning_rate;
}

Initialization initialization_of(std::string_view text) {
  if (text == "glorot") return Initialization::glorot;
  if (text == "lecun") return Initialization::lecun;
  return text == "orthogonal" ? Initialization::orthogonal : Initialization::he;
}

Expression private_loss(const MlpSettings& settings, TaskKind kind) {
  const ResolvedPart loss = resolve_loss(settings, kind);
  if (loss.row == nullptr || loss.row->link == Link::identity) return loss.expression;
  throw usage_error({.attempted = fmt::format("setting mlp.loss to {}", settings.loss),
                     .expected = "a loss whose answers private training can bound",
                     .found = "one whose answers are exponentials",
                     .remedy = "Choose mse, mae or huber, or leave --privacy out."});
}

void close_gaps(const ParameterLayout& layout, std::vector<float>& w) {
  for (const Parameter& parameter : layout.parameters) {
    const std::size_t count = parameter.shape.element_count();
    for (std::size_t i = count; i < aligned_floats(count); ++i) w[parameter.offset + i] = 0;
  }
}

PictureInput PictureInput::fit(const Pixels& pixels, std::span<const double> weights) {
  PictureInput input;
  if (pixels.empty() || pixels.bytes.empty()) return input;
  input.size = {pixels.shape.height, pixels.shape.width, pixels.shape.channels};
  double count = 0, sum = 0, squares = 0;
  for (std::size_t row = 0; row < pixels.rows(); ++row) {
    std::uint64_t own_sum = 0, own_squares = 0;
    for (const std::uint64_t byte : pixels.picture(row)) {
      own_sum += byte;
      own_squares += byte * byte;
    }
    count += weights[row] * static_cast<double>(pixels.shape.size());
    sum += weights[row] * static_cast<double>(own_sum);
    squares += weights[row] * static_cast<double>(own_squares);
  }
  const double mean = sum / count;
  const double variance = squares / count - mean * mean;
  input.centre = static_cast<float>(mean);
  // Pictures of one shade have nothing to scale.
  input.scale = static_cast<float>(1 / std::max(std::sqrt(std::max(variance, 0.0)), 1.0));
  return input;
}

PictureRows PictureInput::read(const Pixels& pixels) const {
  if (!is_there()) return {};
  if (pixels.shape.height != size.height || pixels.shape.width != size.width ||
      pixels.shape.channels != size.channels)
    throw bad_input({.attempted = "reading pictures with a net",
                     .expected = fmt::format("pictures of {} x {} with {} channels, as it was fitted on",
                                             size.height, size.width, size.channels),
                     .found = fmt::format("{} x {} with {}", pixels.shape.height, pixels.shape.width,
                                          pixels.shape.channels)});
  return {.bytes = pixels.bytes, .centre = centre, .scale = scale};
}

NetSpec make_net(const NetTexts& texts, const InputPlan& plan, std::size_t outputs,
                 const PictureInput& picture) {
  PictureArchitecture layers;
  if (picture.is_there()) {
    layers = parse_picture_architecture(texts.architecture);
  } else {
    layers.dense = parse_architecture(texts.architecture);
  }
  NetSpec net{.numbers = plan.numbers(),
              .categories = plan.categories(),
              .outputs = outputs,
              .architecture = std::move(layers.dense),
              .activation = resolve_part(Vocabulary::activation, texts.activation).expression,
              .normalization = normalization_of(texts.normalization),
              .embedding = embedding_of(texts.numeric_embedding),
              .trunk = {.picture = picture.size,
                        .blocks = std::move(layers.blocks),
                        .normalization = picture_normalization_of(texts.normalization)}};
  if (plan.dense_numbers() <= kMaxEmbedded) net.embedded = plan.dense_numbers();
  if (net.embedded == 0) net.embedding = NumericEmbedding::none;
  if (net.embedding == NumericEmbedding::none) net.embedded = 0;
  if (net.embedding == NumericEmbedding::piecewise_linear) net.bins = kBins;
  return net;
}

Target make_target(const MlpSettings& settings, const Labels& labels, std::span<const double> weights) {
  const ResolvedPart loss = resolve_loss(settings, labels.kind);
  Target target;
  target.loss = loss.expression;
  switch (labels.kind) {
    case TaskKind::regression:
      target.answer = number_answer(loss, labels, weights);
      target.bias = {0.0F};
      break;
    case TaskKind::binary:
      target.answer.head = Head::binary;
      target.bias = class_bias(labels, weights);
      break;
    case TaskKind::multiclass:
      target.answer.head = Head::classes;
      target.bias = class_bias(labels, weights);
  }
  target.y = scaled_labels(target.answer, labels);
  return target;
}

StepSpec make_step(const MlpSettings& settings, const NetSpec& net, const Target& target,
                   const Expression& optimizer, const TrainingRows& rows) {
  StepSpec spec{.net = net,
                .head = target.answer.head,
                .loss = target.loss,
                .optimizer = optimizer,
                .schedule = resolve_part(Vocabulary::schedule, settings.schedule).expression,
                .rows = rows.rows,
                .batch = choose_batch(settings, rows.rows),
                .weighted = !rows.weight.empty(),
                .smooths = settings.label_smoothing > 0 && target.answer.head != Head::number,
                .clips = settings.clip > 0,
                .decays = settings.weight_decay > 0};
  spec.net.drops = settings.dropout > 0 && (net.hidden_blocks() > 0 || net.trunk.is_there());
  return spec;
}

std::vector<float> scaled_labels(const Answer& answer, const Labels& labels) {
  std::vector<float> y(labels.rows());
  const double scale = answer.scale > 0 ? answer.scale : 1;
  for (std::size_t row = 0; row < labels.rows(); ++row)
    y[row] = static_cast<float>((labels.values[row] - answer.centre) / scale);
  return y;
}

std::size_t choose_batch(const MlpSettings& settings, std::size_t rows) {
  const std::size_t wanted = settings.batch_size > 0 ? static_cast<std::size_t>(settings.batch_size)
                                                     : std::clamp<std::size_t>(rows / 25, 32, 256);
  return std::min(wanted, rows);
}

std::size_t choose_epochs(const MlpSettings& settings, std::size_t rows, std::size_t batch) {
  if (settings.epochs > 0) return static_cast<std::size_t>(settings.epochs);
  constexpr std::size_t kWantedSteps = 12'000;
  return std::clamp<std::size_t>(kWantedSteps / std::max<std::size_t>(rows / batch, 1), 30, 200);
}

}  // namespace astrolabe::neural
