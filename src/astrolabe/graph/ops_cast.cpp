// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/graph/ops_cast.h"

#include <cmath>
#include <limits>
#include <type_traits>

#include "astrolabe/graph/element_visit.h"
#include "astrolabe/tensor/narrow_float.h"

namespace astrolabe::ops {
namespace {

template <class Whole, class Floating>
Whole saturated(Floating value) {
  using Limits = std::numeric_limits<Whole>;
  // The least value and one past the greatest are 0 or powers of two, so they are exact in f32.
  constexpr auto kLeast = static_cast<Floating>(Limits::min());
  constexpr auto kPast = static_cast<Floating>(std::uint64_t{1} << (Limits::digits - 1)) * Floating{2};
  if (std::isnan(value)) return 0;
  if (value <= kLeast) return Limits::min();
  if (value >= kPast) return Limits::max();
  return static_cast<Whole>(value);
}

template <class To, class From>
To converted(From value) {
  if constexpr (std::is_same_v<To, bool>)
    return value != From{};
  else if constexpr (std::is_floating_point_v<From> && !std::is_floating_point_v<To>)
    return saturated<To>(value);
  else
    return static_cast<To>(value);
}

template <class Function>
void visit_computed(ElementType type, Function&& function) {
  if (type == ElementType::boolean)
    function.template operator()<bool>();
  else
    visit_number(type, function);
}

template <class To, class From, class Function>
Array mapped(const Array& array, Function function) {
  Array result(element_type_of<To>, array.shape());
  const std::span<const From> from = array.as<From>();
  const std::span<To> to = result.as<To>();
  for (std::size_t i = 0; i < from.size(); ++i) to[i] = function(from[i]);
  return result;
}

}  // namespace

Array cast_elements(const Array& array, ElementType type) {
  if (array.type() == ElementType::bf16)
    return mapped<float, Bf16>(array, [](Bf16 value) { return to_f32(value); });
  if (array.type() == ElementType::f16)
    return mapped<float, F16>(array, [](F16 value) { return to_f32(value); });
  if (type == ElementType::bf16)
    return mapped<Bf16, float>(array, [](float value) { return to_bf16(value); });
  if (type == ElementType::f16) return mapped<F16, float>(array, [](float value) { return to_f16(value); });
  Array result;
  visit_computed(array.type(), [&]<class From>() {
    visit_computed(type, [&]<class To>() { result = mapped<To, From>(array, converted<To, From>); });
  });
  return result;
}

}  // namespace astrolabe::ops
