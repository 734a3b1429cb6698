// SPDX-License-Identifier: Apache-2.0
// What was proved of a part, for people and programs.
#pragma once

#include <string>
#include <vector>

#include "astrolabe/evidence/certify.h"
#include "astrolabe/report/terminal_text.h"

namespace astrolabe {

struct CertifiedPart {
  std::string text;        // as given
  std::string expression;  // in full
  std::string slot;        // "activation"
  Bounds domain;
  std::vector<Certificate> certificates;
};

[[nodiscard]] std::string certificates_text(const CertifiedPart& part, const TextStyle& style);
// JSON: part, expression, slot, properties[].{name, verdict, where, statement}.
[[nodiscard]] std::string certificates_json(const CertifiedPart& part);

}  // namespace astrolabe
