// SPDX-License-Identifier: Apache-2.0
// Proofs by cutting: a claim about all numbers of an interval, decided piece by piece.
//
//   const Sweep sweep = decide_everywhere({-10, 10}, [&](const Bounds& x) {
//     const Bounds slope = curve.slope(x);
//     return slope.low >= 0 ? Answer::yes : slope.high < 0 ? Answer::no : Answer::open;
//   });
//   sweep.verdict                                     // proved, refuted (at sweep.where), not_decided
//
// Pure when the function is. Cost: at most `pieces` calls.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string_view>
#include <vector>

#include "astrolabe/evidence/bounds.h"

namespace astrolabe {

enum class Certainty : std::uint8_t { proved, refuted, not_decided };
[[nodiscard]] std::string_view certainty_name(Certainty certainty);  // "not decided"

enum class Answer : std::uint8_t {
  yes,   // it holds for every number of the piece
  no,    // it fails for every number of the piece
  open,  // cut it
};

struct Piece {
  Bounds x;
  Answer answer = Answer::open;
};

struct Sweep {
  Certainty certainty = Certainty::not_decided;
  Bounds where;               // refuted: a piece on which it fails; not decided: one that stayed open
  std::vector<Piece> pieces;  // ascending, neighbours of one answer joined

  [[nodiscard]] bool holds_nowhere() const;
};

inline constexpr std::size_t kPieces = 20'000;

// Pieces are cut in halves until they are answered, narrower than a 2^-40 of the domain, or too many.
[[nodiscard]] Sweep decide_everywhere(const Bounds& domain,
                                      const std::function<Answer(const Bounds&)>& decide,
                                      std::size_t pieces = kPieces);

// The largest value of a function on the domain: some number reaches `reached` (at `where`), none exceeds
// `proved`.
struct Largest {
  double reached = 0, proved = 0;
  double where = 0;
};
[[nodiscard]] Largest find_largest(const Bounds& domain, const std::function<Bounds(const Bounds&)>& function,
                                   std::size_t pieces = kPieces);

}  // namespace astrolabe
