// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "astrolabe/base/text.h"
#include "astrolabe/report/json_numbers.h"
#include "astrolabe/report/privacy_account.h"
#include "astrolabe/report/terminal_lines.h"

namespace astrolabe {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kIndent = 31;

// Of an epsilon: rounded up, so that what is printed holds.
std::string epsilon_text(double epsilon) {
  if (std::isnan(epsilon)) return "-";
  if (std::isinf(epsilon)) return "no bound";
  const double scale = epsilon < 1000 ? 1e4 : 1;
  return fmt::format("{:.{}f}", std::ceil(epsilon * scale - 1e-6) / scale, epsilon < 1000 ? 4 : 0);
}

std::string estimate_text(double epsilon) {
  return std::isfinite(epsilon) ? fmt::format("{:.4f}", epsilon) : "-";
}

std::string delta_text(double delta) {
  return std::isnan(delta) ? "-" : fmt::format("{:.4g}", delta);
}

// To seven digits, rounded up: with what is printed the budget is kept.
std::string sigma_text(double sigma) {
  const double unit = std::pow(10, std::floor(std::log10(sigma)) - 6);
  return fmt::format("{:.7g}", std::ceil(sigma / unit - 1e-4) * unit);
}

std::string setting_text(const PrivacyAccount& account) {
  std::string text =
      fmt::format("{} rows, {} a batch on average (each row with chance {:.4g}), {} steps, sigma {}",
                  format_count(account.rows), format_count(account.batch), account.rate,
                  format_count(account.steps), sigma_text(account.sigma));
  for (const std::string& mechanism : account.also) text += ", and " + mechanism;
  return text;
}

std::string promise_text(const PrivacyAccount& account) {
  return account.is_replace_one
             ? "Neighbours: replace-one. What a row says is hidden, not how many there are."
             : "Neighbours: add/remove. Whether a row took part at all is hidden.";
}

Json epsilons_json(const PrivacyAccount& account, double PrivacyFigure::* value) {
  Json json = Json::object();
  for (const PrivacyFigure& figure : account.figures) json[figure.name] = json_number(figure.*value);
  return json;
}

Json bounds_json(const PrivacyAccount& account) {
  double prv_high = NAN;
  for (const PrivacyFigure& figure : account.figures)
    if (figure.name == "prv") prv_high = figure.epsilon;
  return {{"pld_low", json_number(account.pld_low)},
          {"prv",
           {{"low", json_number(account.prv_low)},
            {"estimate", json_number(account.prv_estimate)},
            {"high", json_number(prv_high)}}},
          {"rdp_order", json_number(account.rdp_order)},
          {"gdp_mu", json_number(account.gdp_mu)},
          {"gdp_uniform_mu", json_number(account.gdp_uniform_mu)}};
}

}  // namespace

std::string privacy_text(const PrivacyAccount& account, const TextStyle& style) {
  std::string text = wrapped(printable(setting_text(account)), style.width, 0) + "\n";
  text += wrapped(promise_text(account), style.width, 0) + "\n\n";
  if (account.target_epsilon)
    text += fmt::format("  sigma {} keeps epsilon {} at delta {:g}\n", bold(style, sigma_text(account.sigma)),
                        *account.target_epsilon, account.delta);
  text += fmt::format("  guaranteed: ({}, {:g})-differentially private\n\n",
                      bold(style, "epsilon " + epsilon_text(account.guarantee)), account.delta);
  text += fmt::format("  {:<15}{:>12}  ", "accountant", account.at_epsilon ? "delta" : "epsilon");
  text += account.at_epsilon ? fmt::format("at epsilon {:g}\n", *account.at_epsilon)
                             : fmt::format("at delta {:g}\n", account.delta);
  for (const PrivacyFigure& figure : account.figures) {
    const std::string value = account.at_epsilon   ? delta_text(figure.delta)
                              : figure.is_estimate ? estimate_text(figure.epsilon)
                                                   : epsilon_text(figure.epsilon);
    text += fmt::format("  {:<15}{:>12}  {}\n", figure.name.substr(0, figure.name.find("_estimate")), value,
                        wrapped(figure.words, style.width, kIndent));
  }
  for (const std::string& warning : account.warnings)
    text += "\n" + wrapped("warning: " + warning, style.width, 9) + "\n";
  return text;
}

std::string privacy_json(const PrivacyAccount& account) {
  Json json = {{"rows", account.rows},
               {"batch", account.batch},
               {"sampling_rate", account.rate},
               {"steps", account.steps},
               {"sigma", account.sigma},
               {"delta", account.delta},
               {"neighbours", account.is_replace_one ? "replace-one" : "add-remove"},
               {"also", account.also},
               {"guarantee", {{"epsilon", json_number(account.guarantee)}, {"delta", account.delta}}},
               {"epsilon", epsilons_json(account, &PrivacyFigure::epsilon)},
               {"bounds", bounds_json(account)},
               {"warnings", account.warnings}};
  if (account.target_epsilon) {
    json["noise"] = epsilons_json(account, &PrivacyFigure::noise);
    json["noise"]["guarantee"] = account.sigma;
    json["target_epsilon"] = *account.target_epsilon;
  }
  if (account.at_epsilon) {
    json["at_epsilon"] = *account.at_epsilon;
    json["delta_at_epsilon"] = epsilons_json(account, &PrivacyFigure::delta);
  }
  return json.dump(2) + "\n";
}

}  // namespace astrolabe
