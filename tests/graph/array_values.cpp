// SPDX-License-Identifier: Apache-2.0
#include "tests/graph/array_values.h"

#include <cmath>

#include "astrolabe/graph/element_visit.h"
#include "astrolabe/tensor/narrow_float.h"

namespace astrolabe::testing {
namespace {

template <class Function>
void visit_any(ElementType type, Function&& function) {
  if (type == ElementType::boolean)
    function.template operator()<bool>();
  else
    visit_number(type, function);
}

}  // namespace

Array array_of(const TypedShape& type, const std::vector<double>& values) {
  Array array(type.type, type.shape);
  ASTROLABE_CHECK(values.size() == array.size(), "a value per element");
  if (type.type == ElementType::bf16) {
    for (std::size_t i = 0; i < values.size(); ++i)
      array.as<Bf16>()[i] = to_bf16(static_cast<float>(values[i]));
    return array;
  }
  visit_any(type.type, [&]<class T>() {
    for (std::size_t i = 0; i < values.size(); ++i) array.as<T>()[i] = static_cast<T>(values[i]);
  });
  return array;
}

std::vector<double> values_of(const Array& array) {
  std::vector<double> values;
  if (array.type() == ElementType::bf16) {
    for (const Bf16 value : array.as<Bf16>()) values.push_back(to_f32(value));
    return values;
  }
  visit_any(array.type(), [&]<class T>() {
    for (const T value : array.as<T>()) values.push_back(static_cast<double>(value));
  });
  return values;
}

std::vector<double> spread_values(std::size_t count, double offset) {
  std::vector<double> values(count);
  for (std::size_t i = 0; i < count; ++i) {
    const double turns = 0.6180339887498949 * static_cast<double>(i + 1) + offset;
    values[i] = 2 * (turns - std::floor(turns)) - 1;
  }
  return values;
}

Feed widened(const Feed& feed) {
  const auto widen_all = [](std::vector<Array> arrays) {
    for (Array& array : arrays)
      if (array.type() == ElementType::f32)
        array = array_of({ElementType::f64, array.shape()}, values_of(array));
    return arrays;
  };
  return {
      .inputs = widen_all(feed.inputs), .states = widen_all(feed.states), .scalars = widen_all(feed.scalars)};
}

Array value_of(const Graph& graph, NodeId root, const Feed& feed) {
  return interpret(graph, std::vector{root}, feed).at(0);
}

}  // namespace astrolabe::testing
