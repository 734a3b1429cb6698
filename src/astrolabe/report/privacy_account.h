// SPDX-License-Identifier: Apache-2.0
// What accountants say of private steps, for people and programs.
//
//   fmt::print("{}", privacy_text(account, style));
//   write_file_atomically("curve.svg", privacy_curve_svg(account));
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "astrolabe/report/terminal_text.h"

namespace astrolabe {

// One accountant's answer. What is not known, or without end, is NaN or infinite.
struct PrivacyFigure {
  std::string name;    // as in JSON: "rdp"
  std::string words;   // "upper bound, of order 8.1"
  double epsilon = 0;  // at the delta that was asked for
  double delta = 0;    // at the epsilon that was asked for
  double noise = 0;    // that keeps the epsilon that was asked for
  bool is_estimate = false;
  std::vector<double> curve = {};  // delta at each epsilon of the account's curve
};

struct PrivacyAccount {
  std::uint64_t rows = 0, batch = 0, steps = 0;
  double rate = 0, sigma = 0, delta = 0;
  bool is_replace_one = false;
  std::optional<double> target_epsilon = {};  // sigma was found for it
  std::optional<double> at_epsilon = {};      // deltas were asked for
  std::vector<std::string> also = {};         // further mechanisms, as written
  double guarantee = 0;                       // epsilon; an upper bound
  std::vector<PrivacyFigure> figures = {};
  double pld_low = 0;  // a lower bound of the true epsilon
  double prv_low = 0, prv_estimate = 0;
  double rdp_order = 0;
  double gdp_mu = 0, gdp_uniform_mu = 0;
  std::vector<std::string> warnings = {};
  std::vector<double> curve_epsilons = {};  // empty: no curve was asked for
};

[[nodiscard]] std::string privacy_text(const PrivacyAccount& account, const TextStyle& style);

// JSON: rows, batch, sampling_rate, steps, sigma, delta, neighbours, also[], guarantee.{epsilon,delta},
// epsilon.{rdp,pld,pld_rounded_up,prv,gdp_estimate,gdp_uniform_estimate},
// bounds.{pld_low,prv.{low,estimate,high}, rdp_order,gdp_mu,gdp_uniform_mu}, warnings[]; with
// --target-epsilon noise.{guarantee,rdp,gdp_estimate}; with
// --at-epsilon delta.{epsilon, and one for each accountant}. What does not exist is null.
[[nodiscard]] std::string privacy_json(const PrivacyAccount& account);

// delta against epsilon, by every accountant: a picture of its own, light and dark.
[[nodiscard]] std::string privacy_curve_svg(const PrivacyAccount& account);

}  // namespace astrolabe
