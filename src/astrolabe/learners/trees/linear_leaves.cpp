// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/learners/trees/linear_leaves.h"

namespace astrolabe::trees {

void LinearLeaves::save(ArchiveWriter& archive) const {
  archive.put_array<std::uint32_t>(starts);
  for (const LinearTerm& term : terms) {
    archive.put(term.feature);
    archive.put(term.low);
    archive.put(term.high);
    archive.put(term.centre);
    archive.put(term.slope);
  }
}

LinearLeaves LinearLeaves::load(ArchiveReader& archive, std::size_t leaves, std::size_t features) {
  constexpr std::size_t kTermBytes = 4 + 4 + 4 + 8 + 8;
  constexpr auto kStarts = "where the terms of a tree's leaves begin";
  LinearLeaves linear;
  linear.starts = archive.get_array<std::uint32_t>(leaves + 1);
  if (linear.starts.empty()) return linear;
  // Nothing is written of a tree without terms.
  if (linear.starts.size() != leaves + 1 || linear.starts.front() != 0 || linear.starts.back() == 0 ||
      !std::ranges::is_sorted(linear.starts) || linear.starts.back() > archive.remaining() / kTermBytes)
    ArchiveReader::damaged(kStarts);
  linear.terms.resize(linear.starts.back());
  for (LinearTerm& term : linear.terms) {
    term.feature = archive.get<std::uint32_t>();
    term.low = archive.get<float>();
    term.high = archive.get<float>();
    term.centre = archive.get<double>();
    term.slope = archive.get<double>();
    if (term.feature >= features) ArchiveReader::damaged("a feature of a leaf");
    const bool is_sound = std::isfinite(term.low) && std::isfinite(term.high) && term.low <= term.high &&
                          std::isfinite(term.centre) && std::isfinite(term.slope) &&
                          std::isfinite(term.value(term.low)) && std::isfinite(term.value(term.high));
    if (!is_sound) ArchiveReader::damaged("a slope of a leaf");
  }
  return linear;
}

}  // namespace astrolabe::trees
