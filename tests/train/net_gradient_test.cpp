// SPDX-License-Identifier: Apache-2.0
// The gradient of whole nets against central differences in f64.
#include <cmath>

#include "tests/train/small_training.h"
#include <gtest/gtest.h>

#include "astrolabe/graph/gradient.h"
#include "astrolabe/graph/interpret.h"
#include "astrolabe/graph/retype.h"
#include "astrolabe/train/net_graph.h"

namespace astrolabe {
namespace {

using testing::SmallShape;
using testing::SmallTraining;

constexpr double kStep = 1e-5;
constexpr double kTolerance = 1e-7;

struct GradientCase {
  std::string name;
  SmallShape shape;
};

// A training net's mean loss on its first rows, in f64, with its gradient by w.
class WideNet {
 public:
  explicit WideNet(const SmallTraining& training) {
    Graph graph;
    const std::size_t rows = training.shape.batch;
    NetInputs inputs{.rows = rows, .is_training = true};
    inputs.x = graph.input("x", ElementType::f32, Shape{rows, testing::kSmallNumbers});
    if (training.shape.categories) inputs.codes = {graph.input("codes", ElementType::i32, Shape{rows})};
    const NetNodes net = place_net(graph, training.spec.net, training.layout, inputs);
    const NodeId y = graph.input("y", ElementType::f32, Shape{rows});
    const NodeId losses =
        place_loss(graph, training.spec.loss, {.head = training.shape.head, .z = net.z, .y = y});
    const NodeId loss = graph.sum_all(losses);
    const NodeId g = join_aligned(graph, gradient(graph, loss, net.parameters));
    roots_ = retype(graph, std::vector<NodeId>{loss, g}, wide_, ElementType::f64);
    fill_feed(training);
  }

  Feed& feed() { return feed_; }
  std::span<double> w() { return feed_.states[w_slot_].as<double>(); }
  double loss() { return interpret(wide_, std::span(roots_).first(1), feed_)[0].as<double>()[0]; }
  std::vector<double> slopes() {
    const Array g = interpret(wide_, roots_, feed_)[1];
    return {g.as<double>().begin(), g.as<double>().end()};
  }

 private:
  void fill_feed(const SmallTraining& training) {
    const auto fill = [](const Slot& slot, std::span<const float> values) {
      Array array(slot.type, slot.shape);
      for (std::size_t i = 0; i < array.size(); ++i) array.as<double>()[i] = static_cast<double>(values[i]);
      return array;
    };
    for (const Slot& slot : wide_.input_slots()) {
      if (slot.name == "codes") {
        feed_.inputs.push_back(Array::of<std::int32_t>(
            slot.shape,
            {training.codes.begin(), training.codes.begin() + static_cast<std::ptrdiff_t>(slot.shape[0])}));
      } else {
        const std::vector<float>& values = slot.name == "x"         ? training.x
                                           : slot.name == "y"       ? training.y
                                           : slot.name == "bin_low" ? training.bins.low
                                                                    : training.bins.scale;
        feed_.inputs.push_back(fill(slot, values));
      }
    }
    for (const Slot& slot : wide_.state_slots()) {
      if (slot.name == "w") w_slot_ = feed_.states.size();
      feed_.states.push_back(
          fill(slot, slot.name == "w" ? training.weights() : initial_running(training.layout)));
    }
    for (const Slot& slot : wide_.scalar_slots()) {
      const bool is_loss = slot.name.starts_with("loss.");
      const Expression& expression = is_loss ? training.spec.loss : training.spec.net.activation;
      const auto index = static_cast<std::size_t>(std::stoul(slot.name.substr(slot.name.rfind('c') + 1)));
      feed_.scalars.push_back(Array::of<double>(Shape{}, {expression.constants[index]}));
    }
  }

  Graph wide_;
  std::vector<NodeId> roots_;
  Feed feed_;
  std::size_t w_slot_ = 0;
};

// So that tests are listed by name.
void PrintTo(const GradientCase& one, std::ostream* out) {  // NOLINT(readability-identifier-naming)
  *out << one.name;
}

class NetGradient : public ::testing::TestWithParam<GradientCase> {};

TEST_P(NetGradient, is_the_slope_of_the_loss) {
  const SmallTraining training(GetParam().shape);
  WideNet net(training);
  const std::vector<double> slopes = net.slopes();
  double largest = 0;
  for (const Parameter& parameter : training.layout.parameters) {
    // A few of every tensor, first and last among them.
    const std::size_t count = parameter.shape.element_count();
    for (std::size_t i = 0; i < count; i += std::max<std::size_t>(1, (count - 1) / 4)) {
      const std::size_t at = parameter.offset + i;
      const double here = net.w()[at];
      net.w()[at] = here + kStep;
      const double above = net.loss();
      net.w()[at] = here - kStep;
      const double below = net.loss();
      net.w()[at] = here;
      const double slope = (above - below) / (2 * kStep);
      largest = std::max(largest, std::abs(slope));
      EXPECT_NEAR(slopes[at], slope, kTolerance * (1 + std::abs(slope))) << parameter.name << " at " << i;
    }
    for (std::size_t i = count; i < aligned_floats(count); ++i) EXPECT_EQ(slopes[parameter.offset + i], 0.0);
  }
  EXPECT_GT(largest, 0.01) << "a loss that does not look at the net";
}

INSTANTIATE_TEST_SUITE_P(
    Nets, NetGradient,
    ::testing::Values(
        GradientCase{"numbers", {.head = Head::number, .batch = 8}},
        GradientCase{"binary", {.head = Head::binary, .batch = 8}},
        GradientCase{"classes", {.head = Head::classes, .batch = 8}},
        GradientCase{"focal", {.head = Head::classes, .loss = "focal(1.5)", .batch = 8}},
        GradientCase{"binary_focal", {.head = Head::binary, .loss = "focal(1.5)", .batch = 8}},
        GradientCase{"one_against_all",
                     {.head = Head::classes, .loss = "-y*log(p)-(1-y)*log(1-p)", .batch = 8}},
        GradientCase{"brier", {.head = Head::classes, .loss = "brier", .batch = 8}},
        GradientCase{"log_cosh", {.head = Head::number, .loss = "log_cosh", .batch = 8}},
        GradientCase{"residual", {.head = Head::number, .architecture = "6-res-res", .batch = 8}},
        GradientCase{"layer_norm",
                     {.architecture = "6-res", .normalization = Normalization::layer, .batch = 8}},
        GradientCase{"batch_norm",
                     {.architecture = "6-res", .normalization = Normalization::batch, .batch = 8}},
        GradientCase{"trained_swish", {.activation = "x*sigmoid(beta*x)", .batch = 8}},
        GradientCase{"periodic", {.embedding = NumericEmbedding::periodic, .batch = 8}},
        GradientCase{"piecewise_linear", {.embedding = NumericEmbedding::piecewise_linear, .batch = 8}},
        GradientCase{"categories", {.head = Head::classes, .categories = true, .batch = 8}},
        GradientCase{"linear", {.head = Head::classes, .architecture = "none", .batch = 8}}),
    [](const auto& one) { return one.param.name; });

}  // namespace
}  // namespace astrolabe
