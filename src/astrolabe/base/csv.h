// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace astrolabe {

// One cell of a CSV file that we write: quoted after RFC 4180 where it must be, and text that a spreadsheet
// would run as a formula (a leading = + - @ tab or return; CWE-1236) gets a leading apostrophe. Numbers stay
// numbers.
[[nodiscard]] std::string csv_cell(std::string_view text);

}  // namespace astrolabe
