// SPDX-License-Identifier: Apache-2.0
// Nets of pictures: what they compute against plain loops, their gradients against differences, and
// trainings.
#include <algorithm>
#include <cmath>
#include <numeric>

#include "tests/train/small_pictures.h"
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "astrolabe/base/error.h"
#include "astrolabe/graph/gradient.h"
#include "astrolabe/graph/interpret.h"
#include "astrolabe/graph/retype.h"
#include "astrolabe/train/batch_loss.h"
#include "astrolabe/train/fit_net.h"

namespace astrolabe {
namespace {

using testing::PictureCase;
using testing::SmallPictures;
using Kind = PictureBlock::Kind;

// One picture, or what comes out of a block.
struct Plane {
  PictureSize size;
  std::vector<double> values;

  [[nodiscard]] double at(std::ptrdiff_t y, std::ptrdiff_t x, std::size_t channel) const {
    if (y < 0 || x < 0 || y >= static_cast<std::ptrdiff_t>(size.height) ||
        x >= static_cast<std::ptrdiff_t>(size.width))
      return 0;
    return values[(static_cast<std::size_t>(y) * size.width + static_cast<std::size_t>(x)) * size.channels +
                  channel];
  }
  [[nodiscard]] bool holds(std::ptrdiff_t y, std::ptrdiff_t x) const {
    return y >= 0 && x >= 0 && y < static_cast<std::ptrdiff_t>(size.height) &&
           x < static_cast<std::ptrdiff_t>(size.width);
  }
};

// The net by loops in f64: relu, no normalization.
class PlainNet {
 public:
  PlainNet(const SmallPictures& training, const std::vector<float>& w) : training_(training), w_(w) {}

  std::vector<double> answer(const std::vector<float>& picture) {
    planes_ = {{training_.shape.size, {picture.begin(), picture.end()}}};
    for (std::size_t i = 0; i < trunk().blocks.size(); ++i) planes_.push_back(block(i));
    std::vector<double> h = planes_.back().values;
    for (std::size_t i = 0; i < training_.spec.net.architecture.blocks.size(); ++i)
      h = relu(dense(h, fmt::format("b{}", i)));
    return dense(h, "out");
  }

 private:
  [[nodiscard]] const PictureTrunk& trunk() const { return training_.spec.net.trunk; }
  [[nodiscard]] const Parameter& parameter(const std::string& name) const {
    return training_.layout.find(name);
  }
  [[nodiscard]] double number(const std::string& name, std::size_t i) const {
    return static_cast<double>(w_[parameter(name).offset + i]);
  }

  static std::vector<double> relu(std::vector<double> values) {
    for (double& value : values) value = std::max(value, 0.0);
    return values;
  }
  static Plane relu(Plane plane) {
    plane.values = relu(plane.values);
    return plane;
  }

  [[nodiscard]] std::vector<double> dense(const std::vector<double>& h, const std::string& name) const {
    const Shape& shape = parameter(name + ".w").shape;
    std::vector<double> out;
    for (std::size_t j = 0; j < shape[1]; ++j) {
      double sum = number(name + ".b", j);
      for (std::size_t i = 0; i < shape[0]; ++i) sum += h[i] * number(name + ".w", i * shape[1] + j);
      out.push_back(sum);
    }
    return out;
  }

  [[nodiscard]] Plane convolve(const Plane& in, const std::string& filters, const std::string& bias,
                               std::size_t stride) const {
    const Shape shape = parameter(filters).shape;
    Plane out{{(in.size.height + stride - 1) / stride, (in.size.width + stride - 1) / stride, shape[3]}, {}};
    for (std::size_t y = 0; y < out.size.height; ++y)
      for (std::size_t x = 0; x < out.size.width; ++x)
        for (std::size_t f = 0; f < shape[3]; ++f) {
          double sum = number(bias, f);
          for (std::size_t a = 0; a < shape[0]; ++a)
            for (std::size_t b = 0; b < shape[1]; ++b)
              for (std::size_t c = 0; c < shape[2]; ++c)
                sum += in.at(static_cast<std::ptrdiff_t>(y * stride + a) -
                                 static_cast<std::ptrdiff_t>(shape[0] / 2),
                             static_cast<std::ptrdiff_t>(x * stride + b) -
                                 static_cast<std::ptrdiff_t>(shape[1] / 2),
                             c) *
                       number(filters, ((a * shape[1] + b) * shape[2] + c) * shape[3] + f);
          out.values.push_back(sum);
        }
    return out;
  }

  static Plane sum(Plane a, const Plane& b) {
    for (std::size_t i = 0; i < a.values.size(); ++i) a.values[i] += b.values[i];
    return a;
  }

  static Plane pool(const Plane& in, std::size_t size, bool is_mean) {
    Plane out{{in.size.height / size, in.size.width / size, in.size.channels}, {}};
    for (std::size_t y = 0; y < out.size.height; ++y)
      for (std::size_t x = 0; x < out.size.width; ++x)
        for (std::size_t c = 0; c < in.size.channels; ++c) {
          double most = -1e300, total = 0;
          for (std::size_t a = 0; a < size; ++a)
            for (std::size_t b = 0; b < size; ++b) {
              const double value = in.at(static_cast<std::ptrdiff_t>(y * size + a),
                                         static_cast<std::ptrdiff_t>(x * size + b), c);
              most = std::max(most, value);
              total += value;
            }
          out.values.push_back(is_mean ? total / static_cast<double>(size * size) : most);
        }
    return out;
  }

  static Plane around(const Plane& in) {
    Plane out{in.size, {}};
    for (std::size_t y = 0; y < in.size.height; ++y)
      for (std::size_t x = 0; x < in.size.width; ++x)
        for (std::size_t c = 0; c < in.size.channels; ++c) {
          double total = 0, count = 0;
          for (std::ptrdiff_t a = -1; a <= 1; ++a)
            for (std::ptrdiff_t b = -1; b <= 1; ++b) {
              const auto i = static_cast<std::ptrdiff_t>(y) + a, j = static_cast<std::ptrdiff_t>(x) + b;
              total += in.at(i, j, c);
              count += in.holds(i, j) ? 1 : 0;
            }
          out.values.push_back(total / count);
        }
    return out;
  }

  [[nodiscard]] Plane side_by_side(std::size_t i) const {
    std::vector<const Plane*> parts;
    for (const std::size_t source : sources_of(trunk(), i)) parts.push_back(&planes_[source]);
    Plane out{input_of(trunk(), shapes_of(trunk()), i), {}};
    for (std::size_t y = 0; y < out.size.height; ++y)
      for (std::size_t x = 0; x < out.size.width; ++x)
        for (const Plane* part : parts)
          for (std::size_t c = 0; c < part->size.channels; ++c)
            out.values.push_back(part->at(static_cast<std::ptrdiff_t>(y), static_cast<std::ptrdiff_t>(x), c));
    return out;
  }

  Plane cell(std::size_t i, const PictureBlock& block) {
    const Plane zeros{planes_[i].size, std::vector<double>(planes_[i].values.size(), 0.0)};
    std::array<Plane, kCellNodes> nodes{planes_[i], zeros, zeros, zeros};
    std::size_t edge = 0;
    for (std::size_t to = 1; to < kCellNodes; ++to)
      for (std::size_t from = 0; from < to; ++from, ++edge) {
        const std::string name = fmt::format("p{}.e{}", i, edge);
        if (block.edges[edge] == CellOperation::skip) nodes[to] = sum(nodes[to], nodes[from]);
        if (block.edges[edge] == CellOperation::average3) nodes[to] = sum(nodes[to], around(nodes[from]));
        if (block.edges[edge] == CellOperation::convolve1 || block.edges[edge] == CellOperation::convolve3)
          nodes[to] = sum(nodes[to], convolve(relu(nodes[from]), name + ".w", name + ".b", 1));
      }
    return nodes.back();
  }

  Plane block(std::size_t i) {
    const PictureBlock& block = trunk().blocks[i];
    const std::string name = fmt::format("p{}", i);
    const Plane& in = planes_[i];
    switch (block.kind) {
      case Kind::convolution:
        return relu(convolve(side_by_side(i), name + ".w", name + ".b", block.stride));
      case Kind::residual: {
        const Plane inner = relu(convolve(in, name + ".w", name + ".b", block.stride));
        return sum(convolve(inner, name + ".w1", name + ".b1", 1), past(in, block, name));
      }
      case Kind::cell:
        return cell(i, block);
      case Kind::max_pool:
      case Kind::average_pool:
        return pool(in, block.stride, block.kind == Kind::average_pool);
      case Kind::global_pool:
        break;
    }
    Plane out{{1, 1, 0}, {}};
    for (const std::size_t source : sources_of(trunk(), i)) {
      const Plane& read = planes_[source];
      std::vector<double> means(read.size.channels, 0.0);
      for (std::size_t j = 0; j < read.values.size(); ++j)
        means[j % means.size()] += read.values[j] / static_cast<double>(read.size.height * read.size.width);
      out.values.insert(out.values.end(), means.begin(), means.end());
      out.size.channels += means.size();
    }
    return out;
  }

  // Means over strides, zeros beyond the edge among them, mixed by filters of 1 x 1.
  [[nodiscard]] Plane past(const Plane& in, const PictureBlock& block, const std::string& name) const {
    if (block.filters == 0) return in;
    const std::size_t stride = block.stride;
    Plane means{
        {(in.size.height + stride - 1) / stride, (in.size.width + stride - 1) / stride, in.size.channels},
        {}};
    for (std::size_t y = 0; y < means.size.height; ++y)
      for (std::size_t x = 0; x < means.size.width; ++x)
        for (std::size_t c = 0; c < in.size.channels; ++c) {
          double total = 0;
          for (std::size_t a = 0; a < stride * stride; ++a)
            total += in.at(static_cast<std::ptrdiff_t>(y * stride + a / stride),
                           static_cast<std::ptrdiff_t>(x * stride + a % stride), c);
          means.values.push_back(total / static_cast<double>(stride * stride));
        }
    Plane out{{means.size.height, means.size.width, block.filters}, {}};
    for (std::size_t place = 0; place < means.size.height * means.size.width; ++place)
      for (std::size_t f = 0; f < block.filters; ++f) {
        double total = 0;
        for (std::size_t c = 0; c < in.size.channels; ++c)
          total += means.values[place * in.size.channels + c] * number(name + ".w2", c * block.filters + f);
        out.values.push_back(total);
      }
    return out;
  }

  const SmallPictures& training_;
  const std::vector<float>& w_;
  std::vector<Plane> planes_;
};

constexpr std::array<std::string_view, 11> kTexts{
    "conv3x4-gap",
    "conv3x4-res6/2-res-gap",
    "conv3x3-res5-res4/3-8",
    "conv3x3-conv3x4/2:0-conv3x5:0@1-gap@1@2",
    "conv3x2-|skip_connect~0|+|none~0|skip_connect~1|+|nor_conv_3x3~0|none~1|skip_connect~2|x2-gap",
    "conv5x3/2-conv1x3x4-8",
    "conv3x4-res-pool2-conv3x5@0@1-gap-6",
    "conv3x3/3-avgpool2",
    "pool3-conv1x2-gap",
    "conv3x2-|nor_conv_3x3~0|+|avg_pool_3x3~0|skip_connect~1|+|none~0|nor_conv_1x1~1|avg_pool_3x3~2|-gap",
    "conv3x2-|none~0|+|none~0|skip_connect~1|+|none~0|nor_conv_1x1~1|none~2|-gap",
};

TEST(PictureNet, computes_what_plain_loops_compute) {
  constexpr std::size_t kCount = 3;
  for (const std::string_view text : kTexts) {
    const SmallPictures training({.architecture = std::string(text), .activation = "relu"});
    const std::vector<float> w = training.weights(), shown = training.values(kCount);
    const std::vector<float> found = training.outputs(w, {}, kCount);
    PlainNet plain(training, w);
    for (std::size_t i = 0; i < kCount; ++i) {
      const auto begin = shown.begin() + static_cast<std::ptrdiff_t>(i * training.shape.size.count());
      const std::vector<double> expected =
          plain.answer({begin, begin + static_cast<std::ptrdiff_t>(training.shape.size.count())});
      for (std::size_t k = 0; k < 3; ++k)
        EXPECT_NEAR(static_cast<double>(found[i * 3 + k]), expected[k], 1e-4 * (1 + std::abs(expected[k])))
            << text;
    }
  }
}

// The mean loss of a batch in training, in f64, and its gradient.
class WideStep {
 public:
  explicit WideStep(const SmallPictures& training) {
    Graph graph;
    const std::size_t rows = training.shape.batch;
    NetInputs inputs{.rows = rows, .is_training = true};
    inputs.pictures = picture_input(graph, training.spec.net, rows);
    const NetNodes net = place_net(graph, training.spec.net, training.layout, inputs);
    const NodeId y = graph.input("y", ElementType::f32, Shape{rows});
    const NodeId loss =
        graph.sum_all(place_loss(graph, training.spec.loss, {.head = Head::classes, .z = net.z, .y = y}));
    const NodeId g = join_aligned(graph, gradient(graph, loss, net.parameters));
    roots_ = retype(graph, std::vector<NodeId>{loss, g}, wide_, ElementType::f64);
    const std::vector<float> w = training.weights(), shown = training.values(rows);
    for (const Slot& slot : wide_.input_slots())
      feed_.inputs.push_back(filled(slot, slot.name == "y" ? training.y : shown));
    for (const Slot& slot : wide_.state_slots())
      feed_.states.push_back(filled(slot, slot.name == "w" ? w : initial_running(training.layout)));
    for (std::size_t i = 0; i < wide_.state_slots().size(); ++i)
      if (wide_.state_slots()[i].name == "w") w_ = i;
    ASTROLABE_CHECK(wide_.scalar_slots().empty(), "activations without numbers");
  }

  std::span<double> w() { return feed_.states[w_].as<double>(); }
  double loss() { return interpret(wide_, std::span(roots_).first(1), feed_)[0].as<double>()[0]; }
  std::vector<double> slopes() {
    const Array g = interpret(wide_, roots_, feed_)[1];
    return {g.as<double>().begin(), g.as<double>().end()};
  }

 private:
  static Array filled(const Slot& slot, std::span<const float> values) {
    Array array(slot.type, slot.shape);
    for (std::size_t i = 0; i < array.size(); ++i) array.as<double>()[i] = static_cast<double>(values[i]);
    return array;
  }

  Graph wide_;
  std::vector<NodeId> roots_;
  Feed feed_;
  std::size_t w_ = 0;
};

TEST(PictureNet, has_the_gradient_of_its_differences) {
  constexpr double kStep = 1e-5;
  for (const PictureNormalization normalization : {PictureNormalization::none, PictureNormalization::batch,
                                                   PictureNormalization::layer, PictureNormalization::group})
    for (const std::string_view text : kTexts) {
      const SmallPictures training({.architecture = std::string(text),
                                    .activation = "tanh",
                                    .normalization = normalization,
                                    .size = {6, 6, 2},
                                    .batch = 2});
      WideStep step(training);
      const std::vector<double> slopes = step.slopes();
      RandomStream random(Key::from_seed(2));
      for (const Parameter& parameter : training.layout.parameters) {
        const std::size_t i = parameter.offset + random.below(parameter.shape.element_count());
        const double before = step.w()[i];
        step.w()[i] = before + kStep;
        const double up = step.loss();
        step.w()[i] = before - kStep;
        const double down = step.loss();
        step.w()[i] = before;
        EXPECT_NEAR(slopes[i], (up - down) / (2 * kStep), 1e-6 * (1 + std::abs(slopes[i])))
            << text << " " << parameter.name << " " << static_cast<int>(normalization);
      }
    }
}

TEST(PictureNet, learns_which_corner_is_bright_and_measures_it) {
  for (const std::string& augmentation : {std::string("none"), std::string("shift+cutout+mixup")}) {
    const SmallPictures training({.architecture = "conv3x8-pool2-16",
                                  .normalization = PictureNormalization::batch,
                                  .rows = 64,
                                  .batch = 16,
                                  .augmentation = augmentation});
    Trainer trainer(training.setup());
    LossMeter meter(training.setup());
    trainer.start(initial_weights(training.layout, Initialization::he, {}, Key::from_seed(1)));
    const double before = meter.measure(trainer.w(), trainer.running());
    for (int i = 0; i < 120; ++i) (void)trainer.step();
    const double after = meter.measure(trainer.w(), trainer.running());
    EXPECT_NEAR(before, std::log(3.0), 1e-5);
    EXPECT_LT(after, 0.4) << augmentation;
  }
}

TEST(PictureNet, goes_on_from_a_saved_state_bit_for_bit_on_any_pool_and_tier) {
  const SmallPictures training({.architecture = "conv3x4-res-pool2-gap",
                                .normalization = PictureNormalization::group,
                                .augmentation = "shift+flip+cutout+mixup",
                                .numbers = {.learning_rate = 0.01, .dropout = 0.2}});
  const std::vector<float> start = training.weights();
  const auto weights_of = [&](const CompileOptions& options, ThreadPool* pool, int first) {
    Trainer trainer(training.setup(options, pool));
    trainer.start(start);
    for (int i = 0; i < first; ++i) (void)trainer.step();
    Trainer again(training.setup(options, pool));
    again.restore(trainer.state());
    for (int i = first; i < 9; ++i) (void)again.step();
    return std::vector<float>(again.w().begin(), again.w().end());
  };
  const std::vector<float> expected = weights_of({.tier = Tier::reference}, nullptr, 0);
  ThreadPool pool(3);
  EXPECT_EQ(weights_of({.tier = Tier::tiles}, nullptr, 4), expected);
  EXPECT_EQ(weights_of({.tier = Tier::compiled}, &pool, 7), expected);
}

}  // namespace
}  // namespace astrolabe
