// SPDX-License-Identifier: Apache-2.0
// What a program says about itself: `name=value` wherever it stands in a line, anything else is passed over.
//
//   read_program_values("epoch 3: loss=0.31, acc=92.5% (best)", [](std::string_view name, double value) {
//     ...                                                       // loss 0.31, acc 92.5
//   });
//
// Pure; thread-safe. Cost: one pass over the line.
#pragma once

#include <functional>
#include <string_view>

namespace astrolabe {

// Calls `on_value` for each, from left to right. A name begins with a letter or _ and goes on with those,
// digits and . / -; it is not part of a longer word. A value is a number up to white space or one of ,;)]}%,
// nan and inf among them in any case ("-inf", "NaN", "infinity").
void read_program_values(std::string_view line,
                         const std::function<void(std::string_view name, double value)>& on_value);

}  // namespace astrolabe
