// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/report/certificate_text.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "astrolabe/report/terminal_lines.h"

namespace astrolabe {

std::string certificates_text(const CertifiedPart& part, const TextStyle& style) {
  std::string text = fmt::format("{} as {}\n\n", bold(style, printable(part.expression)), part.slot);
  for (const Certificate& certificate : part.certificates) {
    const std::string statement = fmt::format("{}: {}", certificate.where, certificate.words);
    text += fmt::format("  {:<11}  {:<14}  {}\n", certainty_name(certificate.certainty), certificate.name,
                        wrapped(printable(statement), style.width, 31));
  }
  return text;
}

std::string certificates_json(const CertifiedPart& part) {
  nlohmann::ordered_json properties = nlohmann::ordered_json::array();
  for (const Certificate& certificate : part.certificates)
    properties.push_back({{"name", certificate.name},
                          {"verdict", certainty_name(certificate.certainty)},
                          {"where", certificate.where},
                          {"statement", certificate.words}});
  const nlohmann::ordered_json json = {{"part", part.text},
                                       {"expression", part.expression},
                                       {"slot", part.slot},
                                       {"properties", std::move(properties)}};
  return json.dump(2) + "\n";
}

}  // namespace astrolabe
