// SPDX-License-Identifier: Apache-2.0
#include "tests/train/small_training.h"

#include <cmath>

#include "astrolabe/parts/catalog.h"

namespace astrolabe::testing {
namespace {

constexpr std::size_t kBins = 4;

std::string loss_text(const SmallShape& shape) {
  if (!shape.loss.empty()) return shape.loss;
  return shape.head == Head::number ? "mse" : "cross_entropy";
}

}  // namespace

SmallTraining::SmallTraining(const SmallShape& wanted) : shape(wanted) {
  NetSpec net{.numbers = kSmallNumbers,
              .categories = {},
              .outputs = shape.head == Head::classes ? kSmallClasses : 1,
              .architecture = parse_architecture(shape.architecture),
              .activation = resolve_part(Vocabulary::activation, shape.activation).expression,
              .normalization = shape.normalization,
              .embedding = shape.embedding};
  if (shape.embedding != NumericEmbedding::none) net.embedded = 3;
  if (shape.embedding == NumericEmbedding::piecewise_linear) net.bins = kBins;
  if (shape.categories) net.categories = {{.codes = 8, .width = 3}};
  net.drops = shape.numbers.dropout > 0;
  spec = {.net = net,
          .head = shape.head,
          .loss = resolve_part(Vocabulary::loss, loss_text(shape)).expression,
          .optimizer = resolve_part(Vocabulary::optimizer, shape.optimizer).expression,
          .schedule = resolve_part(Vocabulary::schedule, shape.schedule).expression,
          .rows = shape.rows,
          .batch = shape.batch,
          .weighted = shape.weighted,
          .smooths = shape.numbers.smoothing > 0,
          .clips = shape.numbers.clip > 0,
          .decays = shape.numbers.weight_decay > 0};
  layout = layout_of(net);
  RandomStream random(Key::from_seed(5));
  for (std::size_t row = 0; row < shape.rows; ++row) {
    double signal = 0.2 * random.normal();
    for (std::size_t i = 0; i < kSmallNumbers; ++i) {
      x.push_back(static_cast<float>(random.normal()));
      signal += (i % 2 == 0 ? 0.8 : -0.6) * static_cast<double>(x.back());
    }
    codes.push_back(static_cast<std::int32_t>(random.below(8)));
    const double number = signal + (codes.back() == 3 ? 1 : 0);
    const double classes = number < -0.5 ? 0 : number < 0.5 ? 1 : 2;
    y.push_back(static_cast<float>(shape.head == Head::number   ? number
                                   : shape.head == Head::binary ? (number > 0 ? 1 : 0)
                                                                : classes));
    weight.push_back(static_cast<float>(0.5 + random.uniform()));
  }
  for (std::size_t i = 0; i < net.embedded * net.bins; ++i) {
    bins.low.push_back(-2.0F + static_cast<float>(i % kBins));
    bins.scale.push_back(1);
  }
  rows = {.rows = shape.rows, .x = x, .codes = {}, .y = y, .weight = weight};
  if (shape.categories) rows.codes.emplace_back(codes);
}

std::vector<float> uncommon_weights(const ParameterLayout& layout) {
  std::vector<float> w = initial_weights(layout, Initialization::he, {}, Key::from_seed(7));
  RandomStream random(Key::from_seed(8));
  for (const Parameter& parameter : layout.parameters)
    for (std::size_t i = 0; i < parameter.shape.element_count(); ++i)
      w[parameter.offset + i] += static_cast<float>(0.2 * random.normal());
  return w;
}

std::string bytes_after_training(const SmallTraining& training, const CompileOptions& options,
                                 std::size_t threads, int steps) {
  ThreadPool pool(threads);
  Trainer trainer(training.setup(options, &pool));
  trainer.start(training.weights());
  for (int i = 0; i < steps; ++i) (void)trainer.step();
  ArchiveWriter archive;
  trainer.state().save(archive);
  return archive.bytes();
}

}  // namespace astrolabe::testing
