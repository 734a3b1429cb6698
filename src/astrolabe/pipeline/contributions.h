// SPDX-License-Identifier: Apache-2.0
// How much each column moved each prediction of a shipped model.
//
//   const Contributions moved = find_contributions(model, table, pool);
//   moved.of(row, output, column);   // in the units of the score
//
// A column's share is that of all features made of it. Of several members it is the weighted mean, as the
// prediction is (in a stack: the sum, with the weights of the second level); each is exact for its member's
// score. Predicted classes of several members are means of
// probabilities, perhaps calibrated, so their log-odds are near to, but not, the sum of the shares.
#pragma once

#include <string>
#include <vector>

#include "astrolabe/base/thread_pool.h"
#include "astrolabe/data/table.h"
#include "astrolabe/pipeline/shipped_model.h"

namespace astrolabe {

struct Contributions {
  std::vector<std::string> columns;  // those that the members read, in the order of wanted_columns
  std::size_t outputs = 1;
  bool is_of_prediction = false;  // of the probability or number itself, not of a score before a link
  std::vector<double> expected;   // [outputs] the score of a row of which nothing is known
  std::vector<double> values;     // [rows, outputs, columns]

  [[nodiscard]] double of(std::size_t row, std::size_t output, std::size_t column) const {
    return values[(row * outputs + output) * columns.size() + column];
  }
};

// Whether every member can tell, and all in the same units.
[[nodiscard]] bool can_explain(const ShippedModel& model);

// Throws usage_error when a member cannot tell (only trees and forests can) or tells
// in other units than another, bad_input when the file is too old to or a
// column is absent. Memory: rows x outputs x columns doubles. Same bytes for any pool.
[[nodiscard]] Contributions find_contributions(const ShippedModel& model, const Table& table,
                                               ThreadPool& pool);

}  // namespace astrolabe
