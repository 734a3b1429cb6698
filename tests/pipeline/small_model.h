// SPDX-License-Identifier: Apache-2.0
// A small model of every learner over a table of every type of column, fitted in milliseconds.
#pragma once

#include "astrolabe/model/task.h"
#include "astrolabe/pipeline/shipped_model.h"

namespace astrolabe::testing {

// Columns amount, city, member, joined and note: number, category, boolean, datetime and text, each with
// missing cells.
[[nodiscard]] Table mixed_table(std::size_t rows, Key key);
// Labels that depend on all of them.
[[nodiscard]] Labels labels_of_mixed(const Table& table, TaskKind kind);

// One trees, one linear and one baseline member, fitted on 80 such rows.
[[nodiscard]] ShippedModel small_model(TaskKind kind = TaskKind::binary);

}  // namespace astrolabe::testing
