// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <cmath>

#include "astrolabe/graph/element_visit.h"
#include "astrolabe/graph/graph.h"
#include "astrolabe/graph/op_families.h"
#include "astrolabe/graph/refusal.h"

namespace astrolabe::ops {
namespace {

constexpr std::size_t kAxes = 4;  // of pictures, filters and answers; more in front make a batch

std::size_t last(const Shape& shape, std::size_t i) {
  return shape[shape.rank() - kAxes + i];
}

bool have_equal_fronts(const Shape& a, const Shape& b) {
  return a.rank() >= kAxes && a.rank() == b.rank() &&
         std::ranges::equal(a.dimensions().first(a.rank() - kAxes), b.dimensions().first(a.rank() - kAxes));
}

// The answers' shape, or why there is none.
struct Fit {
  std::optional<Shape> answers;
  std::string expected;
};

Fit fit(const Shape& pictures, const Shape& filters, const Attributes& attributes) {
  if (!have_equal_fronts(pictures, filters) || last(pictures, 3) != last(filters, 2))
    return {std::nullopt,
            "pictures [.., n, h, w, c] and filters [.., kh, kw, c, f] with equal axes in front"};
  const auto is_empty = [](std::size_t size) { return size == 0; };
  if (std::ranges::any_of(pictures.dimensions().last(kAxes - 1), is_empty) ||
      std::ranges::any_of(filters.dimensions().last(kAxes), is_empty))
    return {std::nullopt, "pictures and filters of one element or more"};
  std::array<std::size_t, kMaxRank> dimensions{};
  std::ranges::copy(pictures.dimensions(), dimensions.begin());
  const std::size_t front = pictures.rank() - kAxes;
  for (std::size_t i = 0; i < 2; ++i) {
    const std::int32_t stride = attributes.first[i];
    const std::int32_t before = attributes.second[i], behind = attributes.second[2 + i];
    if (stride < 1 || before < 0 || behind < 0)
      return {std::nullopt, "steps of 1 or more and 0 or more zeros around"};
    const std::size_t size =
        static_cast<std::size_t>(before) + last(pictures, 1 + i) + static_cast<std::size_t>(behind);
    const std::size_t window = last(filters, i);
    if (size < window) return {std::nullopt, "filters that fit into the pictures with their zeros around"};
    dimensions[front + 1 + i] = (size - window) / static_cast<std::size_t>(stride) + 1;
  }
  dimensions[front + 3] = last(filters, 3);
  auto answers = Shape::from_untrusted(std::span(dimensions.data(), pictures.rank()));
  if (!answers) return {std::nullopt, "answers whose elements can be counted"};
  return {answers, ""};
}

void require_floating(const Graph& graph, const NodeDraft& draft) {
  const ElementType type = graph.type(draft.inputs[0]);
  if (type != graph.type(draft.inputs[1]) || (type != ElementType::f32 && type != ElementType::f64))
    throw refusal(graph, draft, "two inputs of f32, or two of f64");
}

// What a gradient is given and wants must be what a convolution would have made.
TypedShape wanted_if_fit(const Graph& graph, const NodeDraft& draft, const Shape& pictures,
                         const Shape& filters, const Shape& answers) {
  const Fit found = fit(pictures, filters, draft.attributes);
  if (!found.answers) throw refusal(graph, draft, found.expected);
  if (*found.answers != answers) throw refusal(graph, draft, "answers " + found.answers->to_text());
  return {graph.type(draft.inputs[0]), draft.wanted.shape};
}

struct Sizes {
  std::ptrdiff_t n, h, w, c, kh, kw, f, oh, ow;
  std::size_t batch;
  std::array<std::ptrdiff_t, 2> stride, before;

  [[nodiscard]] std::ptrdiff_t pictures() const { return n * h * w * c; }
  [[nodiscard]] std::ptrdiff_t filters() const { return kh * kw * c * f; }
  [[nodiscard]] std::ptrdiff_t answers() const { return n * oh * ow * f; }
};

Sizes sizes_of(const Shape& pictures, const Shape& filters, const Shape& answers,
               const Attributes& attributes) {
  const auto at = [](const Shape& shape, std::size_t i) {
    return static_cast<std::ptrdiff_t>(last(shape, i));
  };
  Sizes s{.n = at(pictures, 0),
          .h = at(pictures, 1),
          .w = at(pictures, 2),
          .c = at(pictures, 3),
          .kh = at(filters, 0),
          .kw = at(filters, 1),
          .f = at(filters, 3),
          .oh = at(answers, 1),
          .ow = at(answers, 2),
          .batch = 1,
          .stride = {},
          .before = {}};
  for (std::size_t i = 0; i + kAxes < pictures.rank(); ++i) s.batch *= pictures[i];
  for (std::size_t i = 0; i < 2; ++i) {
    s.stride[i] = attributes.first[i];
    s.before[i] = attributes.second[i];
  }
  return s;
}

// The channels of a pixel of picture n; null where only zeros are.
template <class T>
const T* pixel(const Sizes& s, const T* pictures, std::ptrdiff_t n, std::ptrdiff_t row,
               std::ptrdiff_t column) {
  const bool is_inside = row >= 0 && row < s.h && column >= 0 && column < s.w;
  return is_inside ? pictures + ((n * s.h + row) * s.w + column) * s.c : nullptr;
}

// sums[i] = left * right[i * step] + sums[i], rounded once.
template <class T>
void add_multiple(T left, const T* right, std::ptrdiff_t step, std::ptrdiff_t count, T* sums) {
  for (std::ptrdiff_t i = 0; i < count; ++i) sums[i] = std::fma(left, right[i * step], sums[i]);
}

template <class T>
void convolve(const Sizes& s, const T* pictures, const T* filters, T* answers) {
  for (std::ptrdiff_t n = 0; n < s.n; ++n) {
    for (std::ptrdiff_t at = 0; at < s.oh * s.ow; ++at, answers += s.f) {
      const std::ptrdiff_t top = at / s.ow * s.stride[0] - s.before[0];
      const std::ptrdiff_t left = at % s.ow * s.stride[1] - s.before[1];
      const T* taps = filters;
      for (std::ptrdiff_t tap = 0; tap < s.kh * s.kw; ++tap) {
        const T* x = pixel(s, pictures, n, top + tap / s.kw, left + tap % s.kw);
        for (std::ptrdiff_t c = 0; c < s.c; ++c, taps += s.f)
          add_multiple(x == nullptr ? T{0} : x[c], taps, 1, s.f, answers);
      }
    }
  }
}

// The first of the windows that may hold a pixel: the least o with i + before - o * stride < window.
std::ptrdiff_t first_window(const Sizes& s, std::size_t axis, std::ptrdiff_t i) {
  const std::ptrdiff_t past = i + s.before[axis] - (axis == 0 ? s.kh : s.kw) + 1;
  const std::ptrdiff_t stride = s.stride[axis];
  return past >= 0 ? (past + stride - 1) / stride : -(-past / stride);
}

template <class T>
void convolve_input(const Sizes& s, const T* answers, const T* filters, T* pictures) {
  for (std::ptrdiff_t at = 0; at < s.n * s.h * s.w; ++at, pictures += s.c) {
    const std::ptrdiff_t n = at / (s.h * s.w), row = at / s.w % s.h, column = at % s.w;
    for (std::ptrdiff_t y = first_window(s, 0, row); y * s.stride[0] <= row + s.before[0]; ++y) {
      for (std::ptrdiff_t x = first_window(s, 1, column); x * s.stride[1] <= column + s.before[1]; ++x) {
        const bool is_inside = y >= 0 && y < s.oh && x >= 0 && x < s.ow;
        const T* slopes = is_inside ? answers + ((n * s.oh + y) * s.ow + x) * s.f : nullptr;
        const std::ptrdiff_t kh = row + s.before[0] - y * s.stride[0];
        const std::ptrdiff_t kw = column + s.before[1] - x * s.stride[1];
        const T* taps = filters + (kh * s.kw + kw) * s.c * s.f;
        for (std::ptrdiff_t f = 0; f < s.f; ++f)
          add_multiple(is_inside ? slopes[f] : T{0}, taps + f, s.f, s.c, pictures);
      }
    }
  }
}

template <class T>
void convolve_filters(const Sizes& s, const T* pictures, const T* answers, T* filters) {
  for (std::ptrdiff_t at = 0; at < s.n * s.oh * s.ow; ++at, answers += s.f) {
    const std::ptrdiff_t n = at / (s.oh * s.ow);
    const std::ptrdiff_t top = at / s.ow % s.oh * s.stride[0] - s.before[0];
    const std::ptrdiff_t left = at % s.ow * s.stride[1] - s.before[1];
    T* taps = filters;
    for (std::ptrdiff_t tap = 0; tap < s.kh * s.kw; ++tap) {
      const T* x = pixel(s, pictures, n, top + tap / s.kw, left + tap % s.kw);
      for (std::ptrdiff_t c = 0; c < s.c; ++c, taps += s.f)
        add_multiple(x == nullptr ? T{0} : x[c], answers, 1, s.f, taps);
    }
  }
}

// One after the other over the axes in front; a result starts from zeros.
template <class Run>
Array evaluate_batch(const Evaluation& evaluation, const Sizes& s, std::ptrdiff_t a_step,
                     std::ptrdiff_t b_step, std::ptrdiff_t result_step, const Run& run) {
  Array result(evaluation.node.type, evaluation.node.shape);
  visit_floating(evaluation.node.type, [&]<class T>() {
    for (std::size_t i = 0; i < s.batch; ++i) {
      const auto member = static_cast<std::ptrdiff_t>(i);
      run(evaluation.inputs[0]->as<T>().data() + member * a_step,
          evaluation.inputs[1]->as<T>().data() + member * b_step,
          result.as<T>().data() + member * result_step);
    }
  });
  return result;
}

}  // namespace

TypedShape infer_convolve(const Graph& graph, const NodeDraft& draft) {
  require_floating(graph, draft);
  Fit found = fit(graph.shape(draft.inputs[0]), graph.shape(draft.inputs[1]), draft.attributes);
  if (!found.answers) throw refusal(graph, draft, found.expected);
  return {graph.type(draft.inputs[0]), *found.answers};
}

TypedShape infer_convolve_input(const Graph& graph, const NodeDraft& draft) {
  require_floating(graph, draft);
  return wanted_if_fit(graph, draft, draft.wanted.shape, graph.shape(draft.inputs[1]),
                       graph.shape(draft.inputs[0]));
}

TypedShape infer_convolve_filters(const Graph& graph, const NodeDraft& draft) {
  require_floating(graph, draft);
  return wanted_if_fit(graph, draft, graph.shape(draft.inputs[0]), draft.wanted.shape,
                       graph.shape(draft.inputs[1]));
}

Array evaluate_convolve(const Evaluation& evaluation) {
  const Node& node = evaluation.node;
  const Sizes s =
      sizes_of(evaluation.inputs[0]->shape(), evaluation.inputs[1]->shape(), node.shape, node.attributes);
  return evaluate_batch(evaluation, s, s.pictures(), s.filters(), s.answers(),
                        [&](const auto* x, const auto* w, auto* y) { convolve(s, x, w, y); });
}

Array evaluate_convolve_input(const Evaluation& evaluation) {
  const Node& node = evaluation.node;
  const Sizes s =
      sizes_of(node.shape, evaluation.inputs[1]->shape(), evaluation.inputs[0]->shape(), node.attributes);
  return evaluate_batch(evaluation, s, s.answers(), s.filters(), s.pictures(),
                        [&](const auto* y, const auto* w, auto* x) { convolve_input(s, y, w, x); });
}

Array evaluate_convolve_filters(const Evaluation& evaluation) {
  const Node& node = evaluation.node;
  const Sizes s =
      sizes_of(evaluation.inputs[0]->shape(), node.shape, evaluation.inputs[1]->shape(), node.attributes);
  return evaluate_batch(evaluation, s, s.pictures(), s.answers(), s.filters(),
                        [&](const auto* x, const auto* y, auto* w) { convolve_filters(s, x, y, w); });
}

}  // namespace astrolabe::ops
