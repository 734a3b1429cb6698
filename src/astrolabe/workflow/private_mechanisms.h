// SPDX-License-Identifier: Apache-2.0
// The mechanisms that a question about privacy names.
//
//   parse_mechanism("laplace(20)");             // the whole table, once
//   parse_mechanism("gaussian(1.1, 0.01, 10)"); // noise multiplier, sampling rate, times
#pragma once

#include <string>

#include "astrolabe/privacy/mechanism.h"

namespace astrolabe {

// Throws usage_error.
[[nodiscard]] Mechanism parse_mechanism(const std::string& text);
[[nodiscard]] Neighbours parse_neighbours(const std::string& text);

}  // namespace astrolabe
