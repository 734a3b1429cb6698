// SPDX-License-Identifier: Apache-2.0
// Simple theorems about a part that somebody wrote (evidence/certify.h).
//
//   const CertifiedPart part = certify_part("activation", "x*sigmoid(1.5*x)", {-10, 10});
#pragma once

#include <optional>
#include <string>

#include "astrolabe/report/certificate_text.h"

namespace astrolabe {

// `slot`: activation, loss, optimizer or schedule. `domain`: of the variable; absent: [-10, 10]. Throws
// usage_error for a slot or an expression that is none.
[[nodiscard]] CertifiedPart certify_part(const std::string& slot, const std::string& text,
                                         std::optional<Bounds> domain);

// "-10..10". Throws usage_error.
[[nodiscard]] Bounds parse_domain(const std::string& text);

}  // namespace astrolabe
