// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/train/normal_noise.h"

#include <array>

#include "astrolabe/base/error.h"
#include "astrolabe/graph/math_parts.h"
#include "astrolabe/graph/threefry_nodes.h"

namespace astrolabe {
namespace {

using math::Term;

// sin(x) / x and cos(x) in x^2, |x| <= pi/4, rounded as Cephes' (Moshier, "Methods and programs for
// mathematical functions", 1989): within 1.1 units of 2^-24.
constexpr std::array kSine = {1.0, -0x1.555546p-3, 0x1.11073cp-7, -0x1.9943f2p-13};
constexpr std::array kCosine = {1.0, -0.5, 0x1.55554ap-5, -0x1.6c0c34p-10, 0x1.99eb9cp-16};
constexpr double kAngleUnit = 0x1.921fb6p-22;  // pi/2 over 2^22

// Random words, as numbers of 32 bits.
class Word {
 public:
  Word(Graph& graph, NodeId id) : graph_(graph), id_(id) {}

  // `count` bits, fewer than 32, from `first` on, moved to `place`.
  [[nodiscard]] NodeId bits(std::uint32_t first, std::uint32_t count, std::uint32_t place = 0) const {
    NodeId some = id_;
    if (first > place) some = graph_.binary(Op::shift_right, some, number(first - place));
    if (first < place) some = graph_.binary(Op::shift_left, some, number(place - first));
    if (place == 0 && first + count == 32) return some;  // nothing is beside them
    const std::uint32_t mask = ((1U << count) - 1) << place;
    return graph_.binary(Op::logical_and, some, number(mask));
  }

 private:
  [[nodiscard]] NodeId number(std::uint32_t value) const { return graph_.constant(value, ElementType::u32); }

  Graph& graph_;
  NodeId id_;
};

Term as_signed(Graph& graph, NodeId bits) {
  return {graph, graph.bitcast(bits, ElementType::i32)};
}

// In (0, 1].
Term uniform_of(Graph& graph, const Word& a, const Word& b) {
  const NodeId middle = graph.binary(Op::logical_or, a.bits(0, 8, 16), b.bits(0, 8, 8));
  const NodeId fine = graph.binary(Op::logical_or, middle, b.bits(8, 8));
  return fma(as_signed(graph, a.bits(8, 24)).as_floating(), 0x1p-24,
             (as_signed(graph, fine).as_floating() + 0.5) * 0x1p-48);
}

}  // namespace

NodeId place_normal(Graph& graph, NodeId key, std::size_t count) {
  ASTROLABE_CHECK(count % 2 == 0, "pairs of normal numbers");
  const std::array<NodeId, 2> words = place_threefry(graph, key, Shape{count / 2}, 0);
  const Word a(graph, words[0]), b(graph, words[1]);
  const Term logarithm = math::log_of_normal(uniform_of(graph, a, b));
  const Term radius(graph, graph.math("sqrt", negate(logarithm).id()));
  const Term angle = (as_signed(graph, b.bits(8, 22)).as_floating() - (0x1p21 - 0.5)) * kAngleUnit;
  const Term square = angle * angle;
  const Term sine = angle * horner(square, kSine), cosine = horner(square, kCosine);
  const auto with_sign = [&](const Term& value, std::uint32_t bit) {
    return (value.bits() ^ as_signed(graph, b.bits(bit, 1, 31))).floating_bits().id();
  };
  const std::array<NodeId, 2> pairs{with_sign(radius * (cosine - sine), 30),
                                    with_sign(radius * (cosine + sine), 31)};
  return graph.concat(pairs, 0);
}

}  // namespace astrolabe
