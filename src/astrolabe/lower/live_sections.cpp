// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/lower/live_sections.h"

#include <algorithm>
#include <numeric>

namespace astrolabe {

LiveSections find_live_sections(std::span<const Lifetime> buffers) {
  std::vector<std::uint32_t> births(buffers.size());
  std::iota(births.begin(), births.end(), 0U);
  std::vector<std::uint32_t> deaths = births;
  std::ranges::sort(births, {}, [&](std::uint32_t at) { return buffers[at].lower; });
  std::ranges::sort(deaths, {}, [&](std::uint32_t at) { return buffers[at].upper; });

  LiveSections sections;
  sections.first.resize(buffers.size());
  sections.end.resize(buffers.size());
  std::size_t live = 0;
  std::size_t next_birth = 0;
  bool has_grown = false;
  for (const std::uint32_t dying : deaths) {
    for (; next_birth < births.size() && buffers[births[next_birth]].lower < buffers[dying].upper;
         ++next_birth) {
      sections.first[births[next_birth]] = static_cast<std::uint32_t>(sections.count);
      live += buffers[births[next_birth]].bytes;
      has_grown = true;
    }
    if (has_grown) {  // nobody was born since who outlives this: a largest set
      sections.bytes.push_back(live);
      ++sections.count;
      has_grown = false;
    }
    sections.end[dying] = static_cast<std::uint32_t>(sections.count);
    live -= buffers[dying].bytes;
  }
  return sections;
}

}  // namespace astrolabe
