// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/learners/linear/linear_settings.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "astrolabe/base/error.h"

namespace astrolabe::linear {

std::span<const Field<LinearSettings>> settings_table() {
  using S = LinearSettings;
  static const std::array kTable{
      Field<S>{{.name = "family",
                .doc = "The distribution of the target; auto: gaussian for numbers, logistic or multinomial "
                       "for classes.",
                .choices = {"auto", "gaussian", "logistic", "multinomial", "poisson"}},
               &S::family},
      Field<S>{{.name = "penalty",
                .doc = "How strongly coefficients are pulled to zero; 0: chosen on rows held out.",
                .low = 0,
                .high = 1e6,
                .log_scale = true},
               &S::penalty},
      Field<S>{
          {.name = "l1_ratio",
           .doc = "The share of the penalty that is absolute, which drops features; 0 is ridge, 1 is lasso.",
           .low = 0,
           .high = 1},
          &S::l1_ratio},
      Field<S>{{.name = "path_length",
                .doc = "How many penalties are tried when the penalty is chosen.",
                .unit = "penalties",
                .low = 2,
                .high = 1000},
               &S::path_length},
      Field<S>{{.name = "path_end",
                .doc = "The weakest penalty that is tried, as a share of the strongest.",
                .low = 1e-8,
                .high = 0.5,
                .log_scale = true},
               &S::path_end}};
  return kTable;
}

std::string_view family_name(Family family) {
  switch (family) {
    case Family::gaussian:
      return "gaussian";
    case Family::logistic:
      return "logistic";
    case Family::multinomial:
      return "multinomial";
    case Family::poisson:
      return "poisson";
  }
  return "";
}

Family choose_family(const LinearSettings& settings, const Labels& labels) {
  const bool is_number = labels.kind == TaskKind::regression;
  const Family natural = is_number                         ? Family::gaussian
                         : labels.kind == TaskKind::binary ? Family::logistic
                                                           : Family::multinomial;
  if (settings.family == "auto" || settings.family == family_name(natural)) return natural;
  if (!is_number || settings.family != family_name(Family::poisson))
    throw usage_error({.attempted = "setting linear.family",
                       .expected = is_number ? "gaussian or poisson for a regression"
                                             : fmt::format("{} for these classes", family_name(natural)),
                       .found = fmt::format("\"{}\"", settings.family),
                       .remedy = "Leave it at auto."});
  const auto lowest = std::min_element(labels.values.begin(), labels.values.end());
  if (lowest != labels.values.end() && *lowest < 0)
    throw usage_error({.attempted = "setting linear.family to poisson",
                       .expected = "a target that is never negative",
                       .found = fmt::format("{}", *lowest),
                       .remedy = "Use gaussian for such a target."});
  return Family::poisson;
}

}  // namespace astrolabe::linear
