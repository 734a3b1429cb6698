// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/workflow/certify_part.h"

#include <array>
#include <cmath>

#include <fmt/format.h>

#include "astrolabe/base/error.h"
#include "astrolabe/base/text.h"
#include "astrolabe/parts/catalog.h"

namespace astrolabe {
namespace {

constexpr std::array kSlots = {Vocabulary::activation, Vocabulary::loss, Vocabulary::optimizer,
                               Vocabulary::schedule};

Vocabulary find_slot_of_formulas(const std::string& name) {
  for (const Vocabulary slot : kSlots)
    if (vocabulary_name(slot) == name) return slot;
  throw usage_error({.attempted = "certifying a part",
                     .expected = "--as activation, loss, optimizer or schedule",
                     .found = name,
                     .remedy = "Say what it is: --as activation."});
}

std::vector<Certificate> certificates_of(Vocabulary slot, const ResolvedPart& part, const Bounds& domain) {
  switch (slot) {
    case Vocabulary::activation:
      return certify_activation(part.expression, domain);
    case Vocabulary::loss:
      return certify_loss(part.expression, !suits_numbers(part), domain);
    case Vocabulary::optimizer:
      return certify_optimizer(part.expression);
    case Vocabulary::schedule:
      break;
  }
  return certify_schedule(part.expression);
}

}  // namespace

CertifiedPart certify_part(const std::string& slot, const std::string& text, std::optional<Bounds> domain) {
  const Vocabulary vocabulary = find_slot_of_formulas(slot);
  const ResolvedPart part = resolve_part(vocabulary, text);
  const Bounds on = domain.value_or(Bounds{-10, 10});
  return {.text = text,
          .expression = part.expression.text,
          .slot = slot,
          .domain = on,
          .certificates = certificates_of(vocabulary, part, on)};
}

Bounds parse_domain(const std::string& text) {
  const std::size_t dots = text.find("..");
  const std::optional<double> low = parse_number(text.substr(0, dots));
  const std::optional<double> high =
      dots == std::string::npos ? std::nullopt : parse_number(text.substr(dots + 2));
  if (low && high && std::isfinite(*low) && std::isfinite(*high) && *low < *high) return {*low, *high};
  throw usage_error({.attempted = "reading --on",
                     .expected = "two numbers, the smaller one first, such as -10..10",
                     .found = text,
                     .remedy = "Write --on=-10..10."});
}

}  // namespace astrolabe
