// SPDX-License-Identifier: Apache-2.0
// libFuzzer entry: the first byte chooses a vocabulary, the rest claims to be a part or an expression of it.
// What is understood prints as text that means the same.
#include "tests/fuzz/blame.h"

#include "astrolabe/parts/catalog.h"

namespace astrolabe {

// NOLINTNEXTLINE(readability-identifier-naming): libFuzzer looks for this name
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const fuzz::Chosen input = fuzz::choose(data, size, 4);
  const auto vocabulary = static_cast<Vocabulary>(input.way);
  std::string printed;
  if (!fuzz::is_understood([&] { printed = resolve_part(vocabulary, input.text).expression.text; })) return 0;
  // Written out it may be longer than a text may be.
  if (printed.size() > kMaxExpressionText) return 0;
  std::string again;
  if (fuzz::is_understood([&] { again = parse_expression(vocabulary, printed).text; }))
    ASTROLABE_CHECK(again == printed, "a printed expression reads back as itself: " + printed);
  return 0;
}

}  // namespace astrolabe
