// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/evidence/certify_curve.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

namespace astrolabe {
namespace {

// So near to a corner both slopes are taken.
constexpr double kBesideCorner = 1e-6;
constexpr double kJump = 1e-3;
constexpr double kFlat = 1e-12;  // what rounding outwards makes of a slope of 0
constexpr std::size_t kShownPieces = 6;

// Where it rises and where it falls, for people.
std::string shape_words(const Sweep& sweep, int direction) {
  std::vector<std::string> parts;
  for (const Piece& piece : sweep.pieces) {
    if (piece.answer == Answer::open) continue;
    const bool rises = (piece.answer == Answer::yes) == (direction > 0);
    parts.push_back(fmt::format("{} on {}", rises ? "rises" : "falls", interval_words(piece.x)));
  }
  if (parts.size() > kShownPieces) return fmt::format("{} times up and down", parts.size());
  return fmt::format("{}", fmt::join(parts, ", "));
}

}  // namespace

std::string interval_words(const Bounds& bounds) {
  return fmt::format("[{:.6g}, {:.6g}]", bounds.low, bounds.high);
}

std::string where_words(const Sweep& sweep, const Bounds& domain, std::string_view variable) {
  switch (sweep.certainty) {
    case Certainty::proved:
      return "on " + interval_words(domain);
    case Certainty::refuted:
      return fmt::format("by {} = {:.6g}", variable, sweep.where.middle());
    case Certainty::not_decided:
      break;
  }
  return fmt::format("open near {} = {:.6g}", variable, sweep.where.middle());
}

namespace {

Sweep sweep_finite(CurveBounds& curve, const Bounds& domain) {
  return decide_everywhere(domain, [&](const Bounds& x) {
    const Bounds value = curve.value(x);
    if (value.is_finite()) return Answer::yes;
    // By bounds there may be nothing anywhere in x; its middle and its ends say so too, in numbers.
    const auto is_missing = [&](double at) {
      return !curve.value(Bounds{at}).is_finite() && !std::isfinite(curve.number_at(at));
    };
    const bool is_nothing =
        is_missing(x.middle()) && (x.width() < kBesideCorner || (is_missing(x.low) && is_missing(x.high)));
    return is_nothing ? Answer::no : Answer::open;
  });
}

}  // namespace

std::optional<Bounds> where_finite(CurveBounds& curve, const Bounds& domain) {
  std::optional<Bounds> widest;
  for (const Piece& piece : sweep_finite(curve, domain).pieces)
    if (piece.answer == Answer::yes && (!widest || piece.x.width() > widest->width())) widest = piece.x;
  return widest;
}

Certificate certify_finite(CurveBounds& curve, const Bounds& domain, std::string_view variable) {
  const Sweep sweep = sweep_finite(curve, domain);
  return {.name = "finite",
          .certainty = sweep.certainty,
          .where = where_words(sweep, domain, variable),
          .words = sweep.certainty == Certainty::proved    ? "a number everywhere"
                   : sweep.certainty == Certainty::refuted ? "no number there"
                                                           : "no number is known there"};
}

Certificate certify_differentiable(CurveBounds& curve, const Bounds& domain, std::string_view variable) {
  Sweep sweep = decide_everywhere(
      domain, [&](const Bounds& x) { return curve.may_have_corner(x) ? Answer::open : Answer::yes; }, 4'000);
  Certificate certificate{.name = "differentiable", .certainty = sweep.certainty, .where = {}, .words = {}};
  std::string corners;
  for (const Piece& piece : sweep.pieces) {
    if (piece.answer == Answer::yes) continue;
    const Bounds left = curve.slope(Bounds{piece.x.low - kBesideCorner});
    const Bounds right = curve.slope(Bounds{piece.x.high + kBesideCorner});
    const double gap = std::max(left.low - right.high, right.low - left.high);
    if (!(gap > kJump)) continue;
    certificate.certainty = Certainty::refuted;
    sweep.where = piece.x;
    corners += fmt::format("{}slope {:.4g} before and {:.4g} behind {:.4g}", corners.empty() ? "" : "; ",
                           left.middle(), right.middle(), piece.x.middle());
  }
  sweep.certainty = certificate.certainty;
  certificate.where = where_words(sweep, domain, variable);
  certificate.words = certificate.certainty == Certainty::proved ? "no corner and no jump"
                      : corners.empty()                          ? "a choice that may be smooth"
                                                                 : corners;
  return certificate;
}

Certificate certify_monotone(CurveBounds& curve, const Bounds& domain, std::string_view variable,
                             int direction) {
  const Sweep sweep = decide_everywhere(domain, [&](const Bounds& x) {
    const Bounds slope = direction > 0 ? curve.slope(x) : -curve.slope(x);
    if (!slope.is_total) return Answer::open;
    if (slope.low >= 0 || (x.width() < kBesideCorner && slope.low >= -kFlat)) return Answer::yes;
    return slope.high < 0 ? Answer::no : Answer::open;
  });
  return {.name = direction > 0 ? "increasing" : "decreasing",
          .certainty = sweep.certainty,
          .where = where_words(sweep, domain, variable),
          .words = sweep.certainty == Certainty::proved
                       ? fmt::format("the slope is never {} 0, to 1e-12", direction > 0 ? "below" : "above")
                       : shape_words(sweep, direction)};
}

Certificate certify_bounded(CurveBounds& curve, const Bounds& domain) {
  const Largest most = find_largest(domain, [&](const Bounds& x) { return curve.value(x); });
  const Largest least = find_largest(domain, [&](const Bounds& x) { return -curve.value(x); });
  const bool is_known = std::isfinite(most.proved) && std::isfinite(least.proved);
  return {.name = "bounds",
          .certainty = is_known ? Certainty::proved : Certainty::not_decided,
          .where = "on " + interval_words(domain),
          .words = fmt::format("from {:.6g} (at {:.4g}) to {:.6g} (at {:.4g})", -least.proved, least.where,
                               most.proved, most.where)};
}

Certificate certify_lipschitz(CurveBounds& curve, const Bounds& domain) {
  const Largest steepest =
      find_largest(domain, [&](const Bounds& x) { return bounds_of_math("abs", curve.slope(x)); });
  const bool is_known = std::isfinite(steepest.proved);
  const bool is_sharp = steepest.proved <= steepest.reached * (1 + 1e-6);
  std::string words =
      is_known ? fmt::format("the slope is at most {:.6g}", steepest.proved) : "no bound is known";
  words += is_sharp ? fmt::format(", near {:.4g}", steepest.where)
                    : fmt::format("; {:.6g} is reached at {:.4g}", steepest.reached, steepest.where);
  return {.name = "Lipschitz",
          .certainty = is_known ? Certainty::proved : Certainty::not_decided,
          .where = "on " + interval_words(domain),
          .words = std::move(words)};
}

Certificate certify_convex(CurveBounds& curve, const Bounds& domain, std::string_view variable) {
  // Across a corner it is the slopes beside it that tell; elsewhere the second derivative.
  if (curve.is_made_convex())
    return {.name = "convex",
            .certainty = Certainty::proved,
            .where = "everywhere",
            .words = "it is made of convex parts in ways that keep them so"};
  const Sweep sweep = decide_everywhere(domain, [&](const Bounds& x) {
    if (!curve.may_have_corner(x)) {
      const Bounds bend = curve.bend(x);
      if (!bend.is_total) return Answer::open;
      return bend.low >= 0 ? Answer::yes : bend.high < 0 ? Answer::no : Answer::open;
    }
    const Bounds left = curve.slope(Bounds{x.low}), right = curve.slope(Bounds{x.high});
    return left.low > right.high ? Answer::no : Answer::open;
  });
  Certificate certificate{.name = "convex",
                          .certainty = sweep.certainty,
                          .where = where_words(sweep, domain, variable),
                          .words = sweep.certainty == Certainty::proved
                                       ? "the second derivative is never below 0"
                                   : sweep.certainty == Certainty::refuted ? "it bends down there"
                                                                           : "bends up elsewhere"};
  // What stayed open are corners alone, and the slope jumps up at each: convex pieces that meet so are
  // convex.
  const bool corners_only =
      sweep.certainty == Certainty::not_decided && std::ranges::all_of(sweep.pieces, [&](const Piece& piece) {
        return piece.answer == Answer::yes ||
               (piece.x.width() < kBesideCorner &&
                curve.slope(Bounds{piece.x.low}).high < curve.slope(Bounds{piece.x.high}).low);
      });
  if (corners_only) {
    certificate.words = "bends up, and its slope jumps up at every corner that was found";
    certificate.where = "on " + interval_words(domain) + " but for corners narrower than 1e-6";
  }
  return certificate;
}

}  // namespace astrolabe
