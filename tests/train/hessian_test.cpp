// SPDX-License-Identifier: Apache-2.0
// Hessian-vector products against differences of gradients in f64, and against a Hessian that is known.
#include "astrolabe/train/hessian.h"

#include <cmath>

#include "tests/train/small_pictures.h"
#include "tests/train/small_training.h"
#include <gtest/gtest.h>

#include "astrolabe/graph/interpret.h"
#include "astrolabe/graph/retype.h"

namespace astrolabe {
namespace {

using testing::SmallShape;
using testing::SmallTraining;

constexpr double kStep = 1e-5;

std::vector<float> direction(std::size_t size, Key key) {
  RandomStream random(key);
  std::vector<float> v(size);
  for (float& value : v) value = static_cast<float>(random.normal());
  return v;
}

Array widened(const Shape& shape, std::span<const float> values) {
  Array array(ElementType::f64, shape);
  for (std::size_t i = 0; i < array.size(); ++i) array.as<double>()[i] = static_cast<double>(values[i]);
  return array;
}

// hessian_program in f64, by the interpreter.
class WideHessian {
 public:
  explicit WideHessian(const SmallTraining& training) {
    const Program program = hessian_program(training.spec, training.layout);
    roots_ = retype(program.graph, program.outputs, wide_, ElementType::f64);
    for (const Slot& slot : wide_.input_slots()) {
      if (slot.name == "v") v_ = feed_.inputs.size();
      if (slot.name == "batch") {
        const std::vector<std::int32_t> rows = every_row(training.spec);
        feed_.inputs.push_back(Array::of<std::int32_t>(slot.shape, rows));
      } else {
        feed_.inputs.push_back(widened(slot.shape, slot.name == "x"   ? training.x
                                                   : slot.name == "y" ? training.y
                                                                      : direction(slot.shape[0], {})));
      }
    }
    for (const Slot& slot : wide_.state_slots()) {
      if (slot.name == "w") w_ = feed_.states.size();
      feed_.states.push_back(
          widened(slot.shape, slot.name == "w" ? training.weights() : initial_running(training.layout)));
    }
    for (const Slot& slot : wide_.scalar_slots()) {
      const Expression& text =
          slot.name.starts_with("loss.") ? training.spec.loss : training.spec.net.activation;
      const auto index = static_cast<std::size_t>(std::stoul(slot.name.substr(slot.name.rfind('c') + 1)));
      feed_.scalars.push_back(Array::of<double>(Shape{}, {text.constants[index]}));
    }
  }

  std::span<double> w() { return feed_.states[w_].as<double>(); }
  std::span<double> v() { return feed_.inputs[v_].as<double>(); }
  std::vector<double> output(std::size_t i) {
    const Array value = interpret(wide_, roots_, feed_)[i];
    return {value.as<double>().begin(), value.as<double>().end()};
  }

 private:
  Graph wide_;
  std::vector<NodeId> roots_;
  Feed feed_;
  std::size_t w_ = 0, v_ = 0;
};

SmallShape whole(SmallShape shape) {
  shape.batch = shape.rows;
  return shape;
}

std::vector<SmallShape> shapes() {
  return {whole({.architecture = "6-5", .activation = "tanh"}),
          whole({.head = Head::binary, .architecture = "6-res", .activation = "silu"}),
          whole({.head = Head::classes, .architecture = "6-5", .activation = "gelu"}),
          whole({.architecture = "6-5", .activation = "tanh", .normalization = Normalization::batch}),
          whole({.head = Head::classes, .activation = "tanh", .normalization = Normalization::layer})};
}

TEST(HessianProgram, gives_the_slope_of_the_gradient_along_a_direction) {
  for (const SmallShape& shape : shapes()) {
    const SmallTraining training(shape);
    WideHessian net(training);
    const std::vector<double> product = net.output(2);
    const std::vector<double> start(net.w().begin(), net.w().end());
    const auto moved = [&](double by) {
      for (std::size_t i = 0; i < start.size(); ++i) net.w()[i] = start[i] + by * net.v()[i];
      return net.output(1);
    };
    const std::vector<double> above = moved(kStep), below = moved(-kStep);
    double largest = 0;
    for (const double value : product) largest = std::max(largest, std::abs(value));
    EXPECT_GT(largest, 0.01);
    for (std::size_t i = 0; i < product.size(); ++i)
      EXPECT_NEAR(product[i], (above[i] - below[i]) / (2 * kStep), 1e-6 * (1 + largest)) << i;
  }
}

TEST(LossSurface, is_what_the_interpreter_finds_in_f64) {
  for (const SmallShape& shape : shapes()) {
    const SmallTraining training(shape);
    WideHessian net(training);
    LossSurface surface(training.setup());
    const std::vector<std::int32_t> all = every_row(training.spec);
    const std::size_t size = training.layout.size;
    const std::vector<float> w = training.weights();
    std::vector<float> g(size), product(size), v(size);
    for (std::size_t i = 0; i < size; ++i) v[i] = static_cast<float>(net.v()[i]);
    const double loss = surface.gradient(w, all, g);
    EXPECT_EQ(surface.hessian_times(w, all, v, product), loss);
    EXPECT_NEAR(loss, net.output(0)[0], 1e-5 * (1 + std::abs(loss)));
    const std::vector<double> wide_g = net.output(1), wide_product = net.output(2);
    double largest = 0;
    for (const double value : wide_product) largest = std::max(largest, std::abs(value));
    for (std::size_t i = 0; i < size; ++i) {
      EXPECT_NEAR(static_cast<double>(g[i]), wide_g[i], 1e-4 * (1 + largest)) << i;
      EXPECT_NEAR(static_cast<double>(product[i]), wide_product[i], 1e-4 * (1 + largest)) << i;
    }
  }
}

TEST(LossSurface, of_a_linear_net_has_the_moments_of_its_rows_as_hessian) {
  const SmallTraining training(whole({.architecture = "none", .loss = "mse"}));
  LossSurface surface(training.setup());
  const std::vector<std::int32_t> all = every_row(training.spec);
  const Parameter& weight = training.layout.find("out.w");
  std::vector<float> v(training.layout.size), product(training.layout.size);
  for (std::size_t a = 0; a < testing::kSmallNumbers; ++a) {
    std::ranges::fill(v, 0.0F);
    v[weight.offset + a] = 1;
    surface.hessian_times(training.weights(), all, v, product);
    for (std::size_t b = 0; b < testing::kSmallNumbers; ++b) {
      double moment = 0;
      for (std::size_t row = 0; row < all.size(); ++row) {
        const float* const x = training.x.data() + row * testing::kSmallNumbers;
        moment += 2 * static_cast<double>(x[a]) * static_cast<double>(x[b]) / static_cast<double>(all.size());
      }
      EXPECT_NEAR(static_cast<double>(product[weight.offset + b]), moment, 1e-5 * (1 + std::abs(moment)));
    }
  }
}

TEST(LossSurface, of_a_batch_is_the_mean_over_its_rows) {
  const SmallTraining training({.architecture = "6", .activation = "tanh", .rows = 4, .batch = 2});
  LossSurface pairs(training.setup());
  std::vector<float> first(training.layout.size), second = first, mixed = first;
  const std::vector<float> w = training.weights();
  const double a = pairs.gradient(w, std::vector<std::int32_t>{1, 1}, first);
  const double b = pairs.gradient(w, std::vector<std::int32_t>{3, 3}, second);
  EXPECT_NEAR(pairs.gradient(w, std::vector<std::int32_t>{1, 3}, mixed), (a + b) / 2, 1e-6);
  for (std::size_t i = 0; i < mixed.size(); ++i)
    EXPECT_NEAR(static_cast<double>(mixed[i]), static_cast<double>(first[i] + second[i]) / 2, 1e-5);
}

TEST(LossSurface, of_a_net_of_pictures_bends_as_its_gradients_differ) {
  const testing::SmallPictures training({.architecture = "conv3x4-res-avgpool2-8",
                                         .activation = "tanh",
                                         .normalization = PictureNormalization::group,
                                         .augmentation = "shift+mixup"});
  LossSurface surface(training.setup());
  const std::vector<float> w = training.weights(), v = direction(w.size(), Key::from_seed(2));
  std::vector<std::int32_t> batch(training.spec.batch);
  for (std::size_t i = 0; i < batch.size(); ++i) batch[i] = static_cast<std::int32_t>(2 * i);
  std::vector<float> product(w.size()), up(w.size()), down(w.size());
  (void)surface.hessian_times(w, batch, v, product);
  constexpr float kFar = 1e-3F;
  const auto moved = [&](float by) {
    std::vector<float> there = w;
    for (std::size_t i = 0; i < w.size(); ++i) there[i] += by * v[i];
    return there;
  };
  (void)surface.gradient(moved(kFar), batch, up);
  (void)surface.gradient(moved(-kFar), batch, down);
  double square = 0, off = 0;
  for (const Parameter& parameter : training.layout.parameters)
    for (std::size_t i = parameter.offset; i < parameter.offset + parameter.shape.element_count(); ++i) {
      const double expected = static_cast<double>(up[i] - down[i]) / (2 * static_cast<double>(kFar));
      square += expected * expected;
      off += std::pow(static_cast<double>(product[i]) - expected, 2);
    }
  EXPECT_GT(square, 0);
  EXPECT_LT(std::sqrt(off / square), 0.02);
}

}  // namespace
}  // namespace astrolabe
