// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/workflow/private_mechanisms.h"

#include <cmath>
#include <optional>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "astrolabe/base/error.h"
#include "astrolabe/base/text.h"

namespace astrolabe {
namespace {

Error no_mechanism(const std::string& text) {
  return usage_error(
      {.attempted = "reading --also",
       .expected = "gaussian(NOISE) or laplace(NOISE), with sampling rate and times if need be",
       .found = text,
       .remedy = "Write gaussian(8) for one use of the whole table, gaussian(1.1, 0.01, 1000) for "
                 "1000 uses of samples of 1 %."});
}

}  // namespace

Mechanism parse_mechanism(const std::string& text) {
  const std::size_t open = text.find('('), close = text.rfind(')');
  if (open == std::string::npos || close != text.size() - 1) throw no_mechanism(text);
  const std::string_view name = trim(std::string_view(text).substr(0, open));
  if (name != "gaussian" && name != "laplace") throw no_mechanism(text);
  std::vector<double> numbers;
  for (const std::string& word : split(text.substr(open + 1, close - open - 1), ',')) {
    const std::optional<double> number = parse_number(trim(word));
    if (!number) throw no_mechanism(text);
    numbers.push_back(*number);
  }
  if (numbers.empty() || numbers.size() > 3) throw no_mechanism(text);
  Mechanism mechanism{.noise = name == "laplace" ? Noise::laplace : Noise::gaussian,
                      .noise_multiplier = numbers[0]};
  if (numbers.size() > 1) mechanism.sampling_rate = numbers[1];
  if (numbers.size() > 2) {
    if (!(numbers[2] >= 1 && numbers[2] <= 1e12) || numbers[2] != std::floor(numbers[2]))
      throw no_mechanism(text);
    mechanism.times = static_cast<std::uint64_t>(numbers[2]);
  }
  require_sound(mechanism);
  return mechanism;
}

Neighbours parse_neighbours(const std::string& text) {
  if (text == "add-remove") return Neighbours::add_remove;
  if (text == "replace-one") return Neighbours::replace_one;
  throw usage_error({.attempted = "reading --neighbours",
                     .expected = "add-remove or replace-one",
                     .found = text,
                     .remedy = "add-remove hides whether a row took part, replace-one what it says."});
}

}  // namespace astrolabe
