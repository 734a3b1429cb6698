// SPDX-License-Identifier: Apache-2.0
// Where a worker's next points come from: the ones to begin with, then the proposer's, and when that only
// repeats itself, whatever of the space nobody has tried.
//
// Not thread-safe. A function of its setup and the calls so far.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>

#include "astrolabe/search/search_loop.h"

namespace astrolabe {

// Who asked for the points of SearchSetup::first.
inline constexpr std::string_view kFirstPoints = "first";

class PointSource {
 public:
  explicit PointSource(const SearchSetup& setup);

  struct Asked {
    Point point;
    NewTrial trial;
  };
  // The next that is not refused; nothing when the space is exhausted. A first point that the proposer comes
  // to as well is the same question: it is asked once.
  [[nodiscard]] std::optional<Asked> next();
  // The last one is no news: it is equal to a trial of the study.
  void tell_known(const Asked& asked, const TrialRecord& known);
  // A trial of the study has ended, whoever asked for it.
  void tell(const TrialRecord& ended);

  // What happened since the last call: "proposed", "duplicates", "equivalents", "refused".
  [[nodiscard]] std::map<std::string, std::int64_t> take_counters();

 private:
  [[nodiscard]] std::optional<Proposal> propose();
  [[nodiscard]] std::optional<Proposal> untried();

  const SearchSetup& setup_;
  std::uint64_t asked_ = 0;
  std::size_t in_vain_ = 0;                // since a trial came of it
  std::unordered_set<std::string> first_;  // texts of first points that the proposer has not come to
  std::optional<Point> scanned_;           // where the scan of a countable space stands
  std::map<std::string, std::int64_t> counters_;
};

}  // namespace astrolabe
