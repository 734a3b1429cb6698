// SPDX-License-Identifier: Apache-2.0
// Every accountant's answer to one question about private steps, side by side.
//
//   const PrivacyAccount account = account_privacy({.rows = 60000, .batch = 256, .sigma = 1.1, .epochs =
//   60});
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "astrolabe/report/privacy_account.h"

namespace astrolabe {

struct PrivacyQuestion {
  std::uint64_t rows = 0, batch = 0;
  std::optional<double> sigma = {}, target_epsilon = {};  // one of them
  std::optional<double> epochs = {};                      // passes over the rows, or
  std::optional<std::uint64_t> steps = {};
  double delta = 1e-5;
  std::string neighbours = "add-remove";  // or replace-one
  std::string orders = "fine";            // of Renyi divergences; or classic
  std::vector<std::string> also = {};     // "gaussian(8)", "laplace(20)", "gaussian(1.1, 0.01, 1000)"
  std::optional<double> at_epsilon = {};
  bool with_curve = false;
};

// Under 0.2 s; a second with a target or a curve. Throws usage_error for what makes no sense, in words of the
// options.
[[nodiscard]] PrivacyAccount account_privacy(const PrivacyQuestion& question);

}  // namespace astrolabe
