// SPDX-License-Identifier: Apache-2.0
// What the contract suite does not ask of convolutions: any shape against a plain loop, the order of sums,
// and how batches are formed.
#include <algorithm>
#include <cmath>

#include "tests/graph/array_values.h"
#include "tests/graph/finite_differences.h"
#include <gtest/gtest.h>

#include "astrolabe/graph/gradient.h"
#include "astrolabe/graph/print.h"
#include "astrolabe/graph/verify.h"
#include "astrolabe/graph/vmap.h"

namespace astrolabe {
namespace {

using testing::array_of;
using testing::value_of;
using testing::values_of;
using enum ElementType;

struct Case {
  std::size_t n, h, w, c, kh, kw, f;
  ConvolveShape how;
};

const std::vector<Case>& cases() {
  static const std::vector<Case> all = {
      {1, 1, 1, 1, 1, 1, 1, {}},
      {2, 5, 7, 3, 3, 3, 4, {.stride = {1, 1}, .before = {1, 1}, .after = {1, 1}}},
      {2, 6, 5, 2, 3, 2, 3, {.stride = {2, 2}, .before = {1, 0}, .after = {0, 1}}},
      {1, 7, 9, 2, 1, 1, 5, {.stride = {3, 2}, .before = {0, 0}, .after = {0, 0}}},
      {2, 4, 4, 1, 4, 3, 2, {.stride = {1, 3}, .before = {2, 5}, .after = {3, 4}}},
      {1, 9, 8, 2, 2, 3, 2, {.stride = {4, 5}, .before = {0, 1}, .after = {0, 0}}},
  };
  return all;
}

// A convolution and its gradients for slopes y, in one graph of three inputs.
struct Built {
  Graph graph;
  NodeId x, w, y, answers, to_x, to_w;
  Feed feed;

  explicit Built(const Case& one) {
    const auto add = [this](const std::string& name, const Shape& shape) {
      const NodeId node = graph.input(name, f32, shape);
      feed.inputs.push_back(array_of(
          {f32, shape}, testing::spread_values(shape.element_count(), 0.1 * static_cast<double>(node))));
      return node;
    };
    x = add("x", Shape{one.n, one.h, one.w, one.c});
    w = add("w", Shape{one.kh, one.kw, one.c, one.f});
    answers = graph.convolve(x, w, one.how);
    y = add("y", graph.shape(answers));
    const std::vector<NodeId> slopes = pull_back(graph, answers, y, std::array{x, w});
    to_x = slopes[0];
    to_w = slopes[1];
    verify(graph, std::array{answers, to_x, to_w});
  }
};

// Every product of the form sum y * x * w, by the windows that make it.
template <class Visit>
void for_each_product(const Case& one, const Shape& answers, const Visit& visit) {
  const auto& how = one.how;
  for (std::size_t n = 0; n < one.n; ++n)
    for (std::size_t oh = 0; oh < answers[1]; ++oh)
      for (std::size_t ow = 0; ow < answers[2]; ++ow)
        for (std::size_t kh = 0; kh < one.kh; ++kh)
          for (std::size_t kw = 0; kw < one.kw; ++kw) {
            const std::size_t row = oh * static_cast<std::size_t>(how.stride[0]) + kh;
            const std::size_t column = ow * static_cast<std::size_t>(how.stride[1]) + kw;
            const auto top = static_cast<std::size_t>(how.before[0]);
            const auto left = static_cast<std::size_t>(how.before[1]);
            if (row < top || row - top >= one.h || column < left || column - left >= one.w) continue;
            for (std::size_t c = 0; c < one.c; ++c)
              for (std::size_t f = 0; f < one.f; ++f)
                visit(((n * one.h + row - top) * one.w + column - left) * one.c + c,
                      ((kh * one.kw + kw) * one.c + c) * one.f + f,
                      ((n * answers[1] + oh) * answers[2] + ow) * one.f + f);
          }
}

void expect_near(const Array& found, const std::vector<double>& expected) {
  const std::vector<double> values = values_of(found);
  ASSERT_EQ(values.size(), expected.size());
  for (std::size_t i = 0; i < values.size(); ++i) EXPECT_NEAR(values[i], expected[i], 1e-5) << i;
}

TEST(Convolve, and_its_gradients_equal_the_plain_loop) {
  for (const Case& one : cases()) {
    Built built(one);
    const std::vector<Array> values =
        interpret(built.graph, std::array{built.answers, built.to_x, built.to_w}, built.feed);
    const std::vector<double> x = values_of(built.feed.inputs[0]), w = values_of(built.feed.inputs[1]),
                              y = values_of(built.feed.inputs[2]);
    std::vector<double> answers(y.size()), to_x(x.size()), to_w(w.size());
    for_each_product(one, values[0].shape(), [&](std::size_t i, std::size_t j, std::size_t k) {
      answers[k] += x[i] * w[j];
      to_x[i] += y[k] * w[j];
      to_w[j] += x[i] * y[k];
    });
    expect_near(values[0], answers);
    expect_near(values[1], to_x);
    expect_near(values[2], to_w);
  }
}

TEST(Convolve, has_the_gradients_of_central_differences_twice) {
  for (const Case& one : cases()) {
    if (one.n * one.h * one.w > 60) continue;
    Built built(one);
    Graph& g = built.graph;
    const NodeId value = testing::weighted_sum(g, g.math("tanh", built.answers));
    testing::expect_gradient(g, value, {built.x, built.w}, built.feed, {.step = 1e-5, .tolerance = 1e-6});
    testing::expect_second_gradient(g, value, {built.x, built.w}, built.feed,
                                    {.step = 1e-5, .tolerance = 1e-5});
  }
}

// Numbers of both signs and many magnitudes: their sum in f32 depends on the order.
std::vector<float> rough(std::size_t count, double offset) {
  const std::vector<double> spread = testing::spread_values(count, offset);
  std::vector<float> numbers(count);
  for (std::size_t i = 0; i < count; ++i)
    numbers[i] = static_cast<float>(spread[i] * std::pow(10.0, static_cast<double>(i * 7 % 5)));
  return numbers;
}

TEST(Convolve, is_one_chain_in_the_order_that_is_written_down) {
  Graph g;
  const ConvolveShape same{.stride = {1, 1}, .before = {1, 1}, .after = {1, 1}};
  const NodeId x = g.input("x", f32, Shape{2, 3, 3, 2}), w = g.input("w", f32, Shape{3, 3, 2, 4});
  const NodeId y = g.input("y", f32, Shape{2, 3, 3, 4});
  const std::vector<float> xs = rough(36, 0), ws = rough(72, 0.3), ys = rough(72, 0.7);
  const Feed feed{.inputs = {Array::of(g.shape(x), xs), Array::of(g.shape(w), ws), Array::of(g.shape(y), ys)},
                  .states = {},
                  .scalars = {}};
  // The middle pixel of the first picture sees all of it; filter 1.
  float answer = 0;
  for (std::size_t k = 0; k < 18; ++k) answer = std::fma(xs[k], ws[4 * k + 1], answer);
  EXPECT_EQ(value_of(g, g.convolve(x, w, same), feed).as<float>()[4 * 4 + 1], answer);
  // All nine windows hold it, the first one with its last tap; channel 1.
  float slope = 0;
  for (std::size_t k = 0; k < 9; ++k)
    for (std::size_t f = 0; f < 4; ++f) slope = std::fma(ys[4 * k + f], ws[(2 * (8 - k) + 1) * 4 + f], slope);
  EXPECT_EQ(value_of(g, g.convolve_input(y, w, g.shape(x), same), feed).as<float>()[4 * 2 + 1], slope);
  // The middle tap meets every pixel; channel 0, filter 3.
  float tap = 0;
  for (std::size_t p = 0; p < 18; ++p) tap = std::fma(xs[2 * p], ys[4 * p + 3], tap);
  EXPECT_EQ(value_of(g, g.convolve_filters(x, y, g.shape(w), same), feed).as<float>()[(4 * 2) * 4 + 3], tap);
}

TEST(Convolve, of_one_by_one_filters_is_the_matrix_product) {
  Graph g;
  const NodeId x = g.input("x", f32, Shape{2, 3, 4, 5}), w = g.input("w", f32, Shape{1, 1, 5, 6});
  const NodeId product = g.dot(g.reshape(x, Shape{24, 5}), g.reshape(w, Shape{5, 6}));
  const Feed feed{.inputs = {Array::of(g.shape(x), rough(120, 0)), Array::of(g.shape(w), rough(30, 0.4))},
                  .states = {},
                  .scalars = {}};
  EXPECT_EQ(value_of(g, g.convolve(x, w, {}), feed),
            value_of(g, g.reshape(product, Shape{2, 3, 4, 6}), feed));
}

TEST(Convolve, of_a_zero_around_a_picture_and_an_infinite_tap_is_nan) {
  Graph g;
  const NodeId x = g.input("x", f32, Shape{1, 1, 1, 1}), w = g.input("w", f32, Shape{1, 2, 1, 1});
  const Feed feed{
      .inputs = {array_of({f32, Shape{1, 1, 1, 1}}, {3}), array_of({f32, Shape{1, 2, 1, 1}}, {INFINITY, 1})},
      .states = {},
      .scalars = {}};
  const NodeId answer = g.convolve(x, w, {.stride = {1, 1}, .before = {0, 1}, .after = {0, 0}});
  EXPECT_TRUE(std::isnan(value_of(g, answer, feed).as<float>()[0]));
}

TEST(Convolve, with_filters_that_a_batch_shares_is_one_convolution_of_more_pictures) {
  Built built(cases()[1]);
  Graph& g = built.graph;
  const NodeId many = g.input("many", f32, Shape{3, 2, 5, 7, 3});
  const NodeId result = vmap(g, std::vector{built.answers}, 3, {{built.x, many}}).at(0);
  EXPECT_EQ(g.shape(g.input_of(g.input_of(result, 0), 0)), (Shape{6, 5, 7, 3}));
}

TEST(Convolve, has_gradients_per_example_by_vmap) {
  Graph g;
  const ConvolveShape same{.stride = {1, 1}, .before = {1, 1}, .after = {1, 1}};
  const NodeId x = g.input("x", f32, Shape{1, 4, 3, 2}), w = g.input("w", f32, Shape{3, 3, 2, 3});
  const NodeId h = g.math("tanh", g.convolve(x, w, same));
  const NodeId slope = gradient(g, g.sum_all(g.multiply(h, h)), std::vector{w}).at(0);
  const NodeId many = g.input("many", f32, Shape{5, 1, 4, 3, 2});
  const NodeId each = vmap(g, std::vector{slope}, 5, {{x, many}}).at(0);
  verify(g, std::vector{each});
  ASSERT_EQ(g.shape(each), (Shape{5, 3, 3, 2, 3}));
  Feed feed{.inputs = {Array(f32, g.shape(x)), Array::of(g.shape(w), rough(54, 0)),
                       Array::of(g.shape(many), rough(120, 0.2))},
            .states = {},
            .scalars = {}};
  const Array together = value_of(g, each, feed);
  for (std::size_t i = 0; i < 5; ++i) {
    std::ranges::copy(feed.inputs[2].as<float>().subspan(24 * i, 24), feed.inputs[0].as<float>().begin());
    EXPECT_TRUE(
        std::ranges::equal(together.as<float>().subspan(54 * i, 54), value_of(g, slope, feed).as<float>()))
        << i;
  }
}

TEST(Convolve, is_printed_with_its_windows) {
  Built built(cases()[2]);
  const std::string text = print_graph(built.graph, std::array{built.answers});
  EXPECT_NE(text.find("convolve %0, %1 step [2, 2] before [1, 0] behind [0, 1] : f32 [2, 3, 3, 3]"),
            std::string::npos)
      << text;
}

}  // namespace
}  // namespace astrolabe
