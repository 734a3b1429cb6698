// SPDX-License-Identifier: Apache-2.0
#include <numeric>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "astrolabe/tensor/view.h"

namespace astrolabe {
namespace {

// A table whose element at [row, column] is row * columns + column.
struct Table {
  explicit Table(std::size_t rows, std::size_t columns) : values(rows * columns), shape{rows, columns} {
    std::iota(values.begin(), values.end(), std::size_t{0});
  }
  [[nodiscard]] View<std::size_t> view() { return {values.data(), shape}; }

  std::vector<std::size_t> values;
  Shape shape;
};

RC_GTEST_PROP(View, slice_of_a_transpose_is_the_transpose_of_a_slice, ()) {
  const auto rows = *rc::gen::inRange<std::size_t>(1, 20);
  const auto columns = *rc::gen::inRange<std::size_t>(1, 20);
  const auto begin = *rc::gen::inRange<std::size_t>(0, rows + 1);
  const auto end = *rc::gen::inRange<std::size_t>(begin, rows + 1);
  const auto step = *rc::gen::inRange<std::size_t>(1, 5);
  Table table(rows, columns);
  const auto one = table.view().slice(0, begin, end, step).transpose();
  const auto other = table.view().transpose().slice(1, begin, end, step);
  RC_ASSERT(one.shape() == other.shape());
  RC_ASSERT(one.strides() == other.strides());
  for (std::size_t column = 0; column < one.size(0); ++column) {
    for (std::size_t i = 0; i < one.size(1); ++i) {
      RC_ASSERT(one.at(column, i) == (begin + i * step) * columns + column);
      RC_ASSERT(&one.at(column, i) == &other.at(column, i));
    }
  }
}

RC_GTEST_PROP(View, pick_then_at_is_at, ()) {
  const auto rows = *rc::gen::inRange<std::size_t>(1, 20);
  const auto columns = *rc::gen::inRange<std::size_t>(1, 20);
  const auto row = *rc::gen::inRange<std::size_t>(0, rows);
  const auto column = *rc::gen::inRange<std::size_t>(0, columns);
  Table table(rows, columns);
  RC_ASSERT(&table.view().pick(0, row).at(column) == &table.view().at(row, column));
  RC_ASSERT(&table.view().pick(1, column).at(row) == &table.view().at(row, column));
  RC_ASSERT(&table.view().row(row)[column] == &table.view().at(row, column));
}

}  // namespace
}  // namespace astrolabe
