// SPDX-License-Identifier: Apache-2.0
// Gradients of single pictures by their norms and one scaled sum, against those that vmap makes one by one.
#include "astrolabe/train/filter_rows.h"

#include <algorithm>
#include <array>
#include <cmath>

#include <gtest/gtest.h>

#include "astrolabe/base/random.h"
#include "astrolabe/graph/gradient.h"
#include "astrolabe/graph/interpret.h"
#include "astrolabe/graph/vmap.h"

namespace astrolabe {
namespace {

constexpr std::size_t kPictures = 5, kSize = 8, kClasses = 3;
constexpr ConvolveShape kSame{.before = {1, 1}, .after = {1, 1}};
constexpr ConvolveShape kHalves{.stride = {2, 2}, .before = {1, 0}, .after = {1, 1}};
const Shape kFirst{3, 3, 2, 4}, kSecond{3, 3, 4, 6};

// conv 3x3x4, tanh, conv 3x3x6 with steps of 2, tanh, mean over places, dense: for any number of pictures.
struct Net {
  NodeId x, y;                          // f32 [n, kSize, kSize, 2], f32 [n, kClasses]
  std::array<NodeId, 5> parameters;     // filters and bias twice, and the dense layer
  std::array<NodeId, 2> reads, spread;  // of the convolutions; each one's bias as every picture gets it
  NodeId pooled, losses;                // what the dense layer reads; f32 [n]
};

Net place_net(Graph& graph, std::size_t pictures, std::string_view data) {
  Net net{};
  net.x = graph.input(std::string("x") + std::string(data), ElementType::f32,
                      Shape{pictures, kSize, kSize, kFirst[2]});
  net.y = graph.input(std::string("y") + std::string(data), ElementType::f32, Shape{pictures, kClasses});
  const auto state = [&](const char* name, const Shape& shape) {
    return graph.state(name, ElementType::f32, shape);
  };
  net.parameters = {state("w0", kFirst), state("b0", Shape{kFirst[3]}), state("w1", kSecond),
                    state("b1", Shape{kSecond[3]}), state("w2", Shape{kSecond[3], kClasses})};
  NodeId h = net.x;
  for (std::size_t layer = 0; layer < 2; ++layer) {
    net.reads[layer] = h;
    const NodeId raw = graph.convolve(h, net.parameters[2 * layer], layer == 0 ? kSame : kHalves);
    const Shape shape = graph.shape(raw);
    net.spread[layer] =
        graph.expand(graph.reshape(net.parameters[2 * layer + 1], Shape{1, 1, 1, shape[3]}), shape);
    h = graph.math("tanh", graph.add(raw, net.spread[layer]));
  }
  net.pooled = graph.sum(h, {1, 2});
  const NodeId error = graph.subtract(graph.dot(net.pooled, net.parameters[4]), net.y);
  net.losses = graph.sum(graph.multiply(error, error), {1});
  return net;
}

Feed random_feed(const Graph& graph) {
  RandomStream random(Key::from_seed(3));
  const auto fill = [&](std::span<const Slot> slots, double scale) {
    std::vector<Array> arrays;
    for (const Slot& slot : slots) {
      arrays.emplace_back(slot.type, slot.shape);
      for (float& value : arrays.back().as<float>()) value = static_cast<float>(scale * random.normal());
    }
    return arrays;
  };
  return {.inputs = fill(graph.input_slots(), 1), .states = fill(graph.state_slots(), 0.3), .scalars = {}};
}

std::vector<float> values_of(const Array& array) {
  const auto span = array.as<float>();
  return {span.begin(), span.end()};
}

// Of each parameter [kPictures, ...]: every picture's gradient, by the loss of a net of one picture.
std::vector<NodeId> one_by_one(Graph& graph, const Net& many) {
  const Net one = place_net(graph, 1, "_of_one");
  const std::vector<NodeId> g = gradient(graph, graph.sum_all(one.losses), one.parameters);
  const auto apart = [&](NodeId node) {
    const Shape shape = graph.shape(node);
    std::vector<std::size_t> dimensions{shape[0], 1};
    dimensions.insert(dimensions.end(), shape.dimensions().begin() + 1, shape.dimensions().end());
    return graph.reshape(node, Shape(dimensions));
  };
  return vmap(graph, g, kPictures, {{one.x, apart(many.x)}, {one.y, apart(many.y)}});
}

FilterUse use_of(const Graph& graph, const Net& net, std::size_t layer, NodeId slopes) {
  return {.x = net.reads[layer],
          .slopes = slopes,
          .filters = graph.shape(net.parameters[2 * layer]),
          .how = layer == 0 ? kSame : kHalves};
}

double square_of(std::span<const float> values) {
  double square = 0;
  for (const float value : values) square += static_cast<double>(value) * static_cast<double>(value);
  return square;
}

TEST(FilterRows, have_the_norms_of_gradients_made_one_by_one_on_both_roads) {
  Graph graph;
  const Net net = place_net(graph, kPictures, "");
  const std::vector<NodeId> slopes = gradient(graph, graph.sum_all(net.losses), net.spread);
  std::vector<NodeId> roots = one_by_one(graph, net);
  for (std::size_t layer = 0; layer < 2; ++layer) {
    const FilterUse use = use_of(graph, net, layer, slopes[layer]);
    roots.push_back(filter_square_norms(graph, use, NormRoad::products_of_windows));
    roots.push_back(filter_square_norms(graph, use, NormRoad::gradients));
    roots.push_back(channel_square_norms(graph, use));
  }
  const std::vector<Array> values = interpret(graph, roots, random_feed(graph));
  for (std::size_t layer = 0; layer < 2; ++layer) {
    const std::vector<float> filters = values_of(values[2 * layer]), bias = values_of(values[2 * layer + 1]);
    for (std::size_t picture = 0; picture < kPictures; ++picture) {
      const auto part = [&](const std::vector<float>& all) {
        return std::span(all).subspan(picture * all.size() / kPictures, all.size() / kPictures);
      };
      const double expected = square_of(part(filters)), of_bias = square_of(part(bias));
      ASSERT_GT(expected, 1e-3);
      const auto norms = [&](std::size_t which) {
        return static_cast<double>(values_of(values[5 + 3 * layer + which])[picture]);
      };
      EXPECT_NEAR(norms(0), expected, 1e-5 * expected);
      EXPECT_NEAR(norms(1), expected, 1e-5 * expected);
      EXPECT_NEAR(norms(2), of_bias, 1e-5 * of_bias);
    }
  }
}

// Of each parameter the sum of the pictures' gradients, none longer than the scalar "clip"; then that of the
// filters once more, on the other road. Convolutions and the dense layer share one factor per picture.
std::vector<NodeId> place_clipped_sums(Graph& graph, const Net& net) {
  const NodeId z = graph.dot(net.pooled, net.parameters[4]);
  const NodeId loss = graph.sum_all(net.losses);
  std::vector<NodeId> slopes = gradient(graph, loss, net.spread);
  slopes.push_back(gradient(graph, loss, std::array{z})[0]);  // alone: nothing passes what is asked for
  const auto row_squares = [&](NodeId values) { return graph.sum(graph.multiply(values, values), {1}); };
  NodeId total = graph.multiply(row_squares(net.pooled), row_squares(slopes[2]));
  for (std::size_t layer = 0; layer < 2; ++layer) {
    const FilterUse use = use_of(graph, net, layer, slopes[layer]);
    total = graph.add(total, graph.add(filter_square_norms(graph, use), channel_square_norms(graph, use)));
  }
  const NodeId norm = graph.math("sqrt", total);
  const NodeId limit = graph.scalar("clip");
  const NodeId factors = graph.divide(limit, graph.maximum(norm, limit));
  std::vector<NodeId> sums;
  for (std::size_t layer = 0; layer < 2; ++layer) {
    const FilterUse use = use_of(graph, net, layer, slopes[layer]);
    sums.push_back(scaled_filter_sum(graph, use, factors, NormRoad::products_of_windows));
    sums.push_back(scaled_channel_sum(graph, use, factors));
  }
  const Shape wide = graph.shape(slopes[2]);
  sums.push_back(graph.dot(
      net.pooled, graph.multiply(slopes[2], graph.expand(graph.reshape(factors, Shape{kPictures, 1}), wide)),
      true));
  for (std::size_t layer = 0; layer < 2; ++layer)
    sums.push_back(
        scaled_filter_sum(graph, use_of(graph, net, layer, slopes[layer]), factors, NormRoad::gradients));
  return sums;
}

// Of each picture's gradient of all parameters, as one_by_one has them.
std::array<double, kPictures> norms_of(std::span<const Array> gradients) {
  std::array<double, kPictures> norms{};
  for (const Array& of_parameter : gradients) {
    const std::vector<float> all = values_of(of_parameter);
    const std::size_t each = all.size() / kPictures;
    for (std::size_t picture = 0; picture < kPictures; ++picture)
      norms[picture] += square_of(std::span(all).subspan(picture * each, each));
  }
  for (double& norm : norms) norm = std::sqrt(norm);
  return norms;
}

TEST(FilterRows, add_up_to_the_clipped_sum_of_gradients_made_one_by_one) {
  Graph graph;
  const Net net = place_net(graph, kPictures, "");
  const std::vector<NodeId> sums = place_clipped_sums(graph, net);
  std::vector<NodeId> roots = one_by_one(graph, net);
  roots.insert(roots.end(), sums.begin(), sums.end());
  Feed feed = random_feed(graph);
  feed.scalars = {Array::of<float>(Shape{}, {1})};
  const std::vector<Array> unclipped = interpret(graph, roots, feed);
  const std::array<double, kPictures> norms = norms_of(std::span(unclipped).first(5));
  std::array<double, kPictures> sorted = norms;
  std::ranges::sort(sorted);
  const double clip = sorted[kPictures / 2] * 1.001;  // half of the pictures are longer
  feed.scalars = {Array::of<float>(Shape{}, {static_cast<float>(clip)})};
  const std::vector<Array> values = interpret(graph, roots, feed);
  for (std::size_t i = 0; i < 5; ++i) {
    const std::vector<float> slow = values_of(values[i]), fast = values_of(values[5 + i]);
    for (std::size_t j = 0; j < fast.size(); ++j) {
      double expected = 0, scale = 1;
      for (std::size_t picture = 0; picture < kPictures; ++picture) {
        const double share =
            std::min(1.0, clip / norms[picture]) * static_cast<double>(slow[picture * fast.size() + j]);
        expected += share;
        scale += std::abs(share);
      }
      EXPECT_NEAR(static_cast<double>(fast[j]), expected, 1e-5 * scale) << i << ", " << j;
      if (i != 0 && i != 2) continue;
      EXPECT_NEAR(static_cast<double>(values[10 + i / 2].as<float>()[j]), expected, 1e-5 * scale);
    }
  }
}

TEST(FilterRows, take_the_road_with_fewer_numbers) {
  Graph graph;
  const auto road = [&](std::size_t size, std::size_t channels, std::size_t filters) {
    const NodeId x =
        graph.input("x" + std::to_string(size), ElementType::f32, Shape{2, size, size, channels});
    const NodeId slopes =
        graph.input("b" + std::to_string(size), ElementType::f32, Shape{2, size, size, filters});
    return cheaper_road(graph,
                        {.x = x, .slopes = slopes, .filters = Shape{3, 3, channels, filters}, .how = kSame});
  };
  EXPECT_EQ(road(32, 3, 16), NormRoad::gradients);              // 1024 places of 27 numbers
  EXPECT_EQ(road(4, 256, 512), NormRoad::products_of_windows);  // 16 places of 2304 numbers
  EXPECT_EQ(road(1, 4, 8), NormRoad::products_of_windows);      // a dense layer: one place
}

// H v by reverse over reverse against differences of gradients along v.
TEST(HessianVectorProducts, of_a_convolution_net_are_what_gradients_change_by) {
  Graph graph;
  const Net net = place_net(graph, kPictures, "");
  const NodeId loss = graph.sum_all(net.losses);
  const std::vector<NodeId> g = gradient(graph, loss, net.parameters);
  NodeId along = graph.constant(0);
  std::vector<NodeId> v;
  for (std::size_t i = 0; i < g.size(); ++i) {
    v.push_back(graph.input("v" + std::to_string(i), ElementType::f32, graph.shape(g[i])));
    along = graph.add(along, graph.sum_all(graph.multiply(g[i], v[i])));
  }
  const std::vector<NodeId> product = gradient(graph, along, net.parameters);
  const Feed feed = random_feed(graph);
  const std::vector<Array> exact = interpret(graph, product, feed);
  constexpr float kStep = 1e-2F;
  const auto moved = [&](float step) {
    Feed there = feed;
    for (std::size_t i = 0; i < there.states.size(); ++i) {
      const auto direction = feed.inputs[feed.inputs.size() - g.size() + i].as<float>();
      for (std::size_t j = 0; j < direction.size(); ++j)
        there.states[i].as<float>()[j] += step * direction[j];
    }
    return interpret(graph, g, there);
  };
  const std::vector<Array> above = moved(kStep), below = moved(-kStep);
  for (std::size_t i = 0; i < g.size(); ++i) {
    double error = 0, size = 0;
    for (std::size_t j = 0; j < exact[i].size(); ++j) {
      const double slope =
          (static_cast<double>(above[i].as<float>()[j]) - static_cast<double>(below[i].as<float>()[j])) /
          (2 * static_cast<double>(kStep));
      const auto found = static_cast<double>(exact[i].as<float>()[j]);
      error += (found - slope) * (found - slope);
      size += slope * slope;
    }
    EXPECT_LT(std::sqrt(error), 2e-2 * std::sqrt(size)) << i;
  }
}

}  // namespace
}  // namespace astrolabe
