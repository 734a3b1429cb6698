// SPDX-License-Identifier: Apache-2.0
// What a memory limit asked of a fit, of a model that remembers. For people: no file holds it.
//
//   if (const auto* limited = dynamic_cast<const LimitedFit*>(&model)) say(limited->memory_words());
#pragma once

#include <string>

namespace astrolabe {

class LimitedFit {
 public:
  virtual ~LimitedFit() = default;
  // "recomputes 12 layers: 31 MB instead of 80 MB, steps about 18 % slower"; empty: it asked for nothing.
  [[nodiscard]] virtual const std::string& memory_words() const = 0;
};

}  // namespace astrolabe
