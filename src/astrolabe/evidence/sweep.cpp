// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/evidence/sweep.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <queue>

namespace astrolabe {
namespace {

constexpr double kNarrowest = 0x1p-40;  // of the domain
constexpr double kCloseEnough = 1e-9;   // relative, of what is proved to what is reached

std::array<Bounds, 2> halves(const Bounds& x) {
  return {Bounds{x.low, x.middle()}, Bounds{x.middle(), x.high}};
}

bool is_narrow(const Bounds& x, const Bounds& domain) {
  return x.width() <= kNarrowest * domain.width() || x.middle() <= x.low || x.middle() >= x.high;
}

void join(std::vector<Piece>& pieces) {
  std::ranges::sort(pieces, {}, [](const Piece& piece) { return piece.x.low; });
  std::vector<Piece> joined;
  for (const Piece& piece : pieces) {
    if (!joined.empty() && joined.back().answer == piece.answer) {
      joined.back().x.high = piece.x.high;
    } else {
      joined.push_back(piece);
    }
  }
  pieces = std::move(joined);
}

}  // namespace

std::string_view certainty_name(Certainty certainty) {
  constexpr std::array<std::string_view, 3> kNames = {"proved", "refuted", "not decided"};
  return kNames.at(static_cast<std::size_t>(certainty));
}

bool Sweep::holds_nowhere() const {
  return std::ranges::all_of(pieces, [](const Piece& piece) { return piece.answer == Answer::no; });
}

Sweep decide_everywhere(const Bounds& domain, const std::function<Answer(const Bounds&)>& decide,
                        std::size_t pieces) {
  Sweep sweep{.certainty = Certainty::proved, .where = domain, .pieces = {}};
  // Breadth first, so that no corner of the domain takes all the pieces.
  std::queue<Bounds> open;
  open.push(domain);
  for (std::size_t asked = 0; !open.empty(); ++asked) {
    const Bounds x = open.front();
    open.pop();
    const Answer answer = asked < pieces ? decide(x) : Answer::open;
    if (answer != Answer::open || asked >= pieces || is_narrow(x, domain)) {
      sweep.pieces.push_back({x, answer});
      continue;
    }
    for (const Bounds& half : halves(x)) open.push(half);
  }
  join(sweep.pieces);
  for (const Piece& piece : sweep.pieces) {
    if (piece.answer == Answer::yes || sweep.certainty == Certainty::refuted) continue;
    sweep.certainty = piece.answer == Answer::no ? Certainty::refuted : Certainty::not_decided;
    sweep.where = piece.x;
  }
  return sweep;
}

Largest find_largest(const Bounds& domain, const std::function<Bounds(const Bounds&)>& function,
                     std::size_t pieces) {
  struct Open {
    Bounds x;
    double most;
    bool operator<(const Open& other) const { return most < other.most; }
  };
  Largest largest{.reached = -std::numeric_limits<double>::infinity(), .proved = 0, .where = domain.low};
  std::priority_queue<Open> open;
  const auto look = [&](const Bounds& x) {
    for (const double point : {x.low, x.middle(), x.high}) {
      const double value = function(Bounds{point}).low;
      if (value > largest.reached) largest = {.reached = value, .proved = 0, .where = point};
    }
    const Bounds value = function(x);
    open.push({x, value.is_total ? value.high : std::numeric_limits<double>::infinity()});
  };
  look(domain);
  for (std::size_t asked = 0; asked < pieces; ++asked) {
    const Open top = open.top();
    const bool is_close =
        top.most - largest.reached <= kCloseEnough * std::max(1.0, std::abs(largest.reached));
    if (is_close || is_narrow(top.x, domain)) break;
    open.pop();
    for (const Bounds& half : halves(top.x)) look(half);
  }
  largest.proved = open.top().most;
  return largest;
}

}  // namespace astrolabe
