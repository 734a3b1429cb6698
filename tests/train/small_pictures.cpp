// SPDX-License-Identifier: Apache-2.0
#include "tests/train/small_pictures.h"

#include <algorithm>
#include <numeric>

#include "astrolabe/parts/catalog.h"
#include "astrolabe/train/batch_loss.h"

namespace astrolabe::testing {

SmallPictures::SmallPictures(const PictureCase& wanted) : shape(wanted) {
  PictureArchitecture layers = parse_picture_architecture(shape.architecture);
  NetSpec net{
      .outputs = 3,
      .architecture = std::move(layers.dense),
      .activation = resolve_part(Vocabulary::activation, shape.activation).expression,
      .trunk = {
          .picture = shape.size, .blocks = std::move(layers.blocks), .normalization = shape.normalization}};
  net.drops = shape.numbers.dropout > 0;
  spec = {.net = net,
          .head = Head::classes,
          .loss = resolve_part(Vocabulary::loss, "cross_entropy").expression,
          .optimizer = resolve_part(Vocabulary::optimizer, "adam").expression,
          .schedule = resolve_part(Vocabulary::schedule, "constant").expression,
          .rows = shape.rows,
          .batch = shape.batch,
          .mixes = parse_augmentation(shape.augmentation).mixes};
  layout = layout_of(net);
  RandomStream random(Key::from_seed(5));
  const PictureSize& size = shape.size;
  for (std::size_t row = 0; row < shape.rows; ++row) {
    const std::size_t corner = random.below(3);
    y.push_back(static_cast<float>(corner));
    for (std::size_t i = 0; i < size.height; ++i)
      for (std::size_t j = 0; j < size.width; ++j)
        for (std::size_t channel = 0; channel < size.channels; ++channel) {
          const bool is_low = 2 * i >= size.height, is_right = 2 * j >= size.width;
          const bool is_bright = (is_low ? 2U : 0U) + (is_right ? 1U : 0U) == corner;
          bytes.push_back(static_cast<std::uint8_t>(random.below(100) + (is_bright ? 100 : 20)));
        }
  }
  rows = {.rows = shape.rows, .y = y, .pictures = {.bytes = bytes, .centre = 90, .scale = 1.0F / 60}};
}

std::vector<float> SmallPictures::values(std::size_t count) const {
  std::vector<std::int32_t> first(count);
  std::iota(first.begin(), first.end(), 0);
  std::vector<float> numbers(count * shape.size.count());
  read_pictures(rows.pictures, shape.size, first, numbers);
  return numbers;
}

std::vector<float> SmallPictures::outputs(std::vector<float> w, std::vector<float> running,
                                          std::size_t count) const {
  Program program;
  NetInputs inputs{.rows = count};
  inputs.pictures = picture_input(program.graph, spec.net, count);
  program.outputs = {place_net(program.graph, spec.net, layout, inputs).z};
  Execution run(compile(program, {.tier = Tier::tiles}));
  const std::vector<float> shown = values(count);
  run.bind_input("pictures", shown.data());
  run.bind_state("w", w.data());
  run.bind_state("running", running.data());
  set_constants(run, spec.net.activation, "activation");
  run.run();
  const std::span<const float> z = run.output<float>(0);
  return {z.begin(), z.end()};
}

}  // namespace astrolabe::testing
