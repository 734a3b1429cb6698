// SPDX-License-Identifier: Apache-2.0
// The tables of a study, the same on both databases but for names of types and what came before.
//
//   connection.migrate(study_schema(connection.dialect()));
//
// Schema versions of a file: 1 is the journal of a run (options, trials, openings, one run per file); 2 is a
// study. The rows of version 1 stay: its options and trials as run_options and run_trials, its openings as
// those of study 1. A server has studies from its version 1 on.
#pragma once

#include <span>
#include <string_view>

#include "astrolabe/store/connection.h"

namespace astrolabe {

// Steps for Connection::migrate. Never change one that was released: add one.
[[nodiscard]] std::span<const std::string_view> study_schema(Dialect dialect);

}  // namespace astrolabe
