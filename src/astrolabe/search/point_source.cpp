// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/search/point_source.h"

#include <cmath>
#include <limits>
#include <utility>

namespace astrolabe {
namespace {

// A proposer that repeats itself learns from it for a while; then others choose.
constexpr std::size_t kPatience = 300;
// So many points in a row that are known or refused: there is nothing left worth looking for.
constexpr std::size_t kGiveUp = 20'000;

Observation observation_of(const Point& point, const TrialRecord& record) {
  const bool has_cost = record.end.state != TrialState::failed;
  return {.point = point,
          .by = record.what.by,
          .state = record.end.state,
          .cost = has_cost ? record.end.cost : std::numeric_limits<double>::infinity(),
          .steps = record.steps.size()};
}

}  // namespace

PointSource::PointSource(const SearchSetup& setup) : setup_(setup) {
  for (const Point& point : setup.first) first_.insert(point_text(setup.space, point));
}

std::optional<Proposal> PointSource::untried() {
  if (std::isinf(setup_.space.count())) {
    if (in_vain_ >= kGiveUp) return std::nullopt;
    return Proposal{random_point(setup_.space, setup_.key.split("untried").split(asked_)), "random"};
  }
  scanned_ = scanned_ ? next_point(setup_.space, *scanned_) : first_point(setup_.space);
  if (!scanned_) return std::nullopt;
  return Proposal{*scanned_, "enumeration"};
}

std::optional<Proposal> PointSource::propose() {
  if (asked_ < setup_.first.size()) return Proposal{setup_.first[asked_], std::string(kFirstPoints)};
  if (in_vain_ >= kPatience) return untried();
  return setup_.proposer.propose(setup_.key.split("proposal").split(asked_));
}

std::optional<PointSource::Asked> PointSource::next() {
  for (;;) {
    const bool is_first = asked_ < setup_.first.size();
    std::optional<Proposal> proposal = propose();
    if (!proposal) return std::nullopt;
    ++asked_;
    const std::string text = point_text(setup_.space, proposal->point);
    if (!is_first && first_.erase(text) > 0) continue;
    ++counters_["proposed"];
    if (setup_.refuse) {
      if (const std::optional<std::string> reason = setup_.refuse(proposal->point)) {
        ++counters_["refused"];
        ++in_vain_;
        setup_.proposer.observe({.point = std::move(proposal->point),
                                 .by = std::move(proposal->by),
                                 .state = TrialState::failed});
        continue;
      }
    }
    std::string key = setup_.equivalence ? setup_.equivalence(proposal->point) : text;
    return Asked{.point = std::move(proposal->point),
                 .trial = {.point = text, .key = std::move(key), .by = std::move(proposal->by)}};
  }
}

void PointSource::tell_known(const Asked& asked, const TrialRecord& known) {
  ++counters_[known.what.point == asked.trial.point ? "duplicates" : "equivalents"];
  ++in_vain_;
  if (known.finished == 0) return;
  Observation seen = observation_of(asked.point, known);
  seen.by = asked.trial.by;
  setup_.proposer.observe(seen);
}

void PointSource::tell(const TrialRecord& ended) {
  in_vain_ = 0;
  setup_.proposer.observe(observation_of(parse_point(setup_.space, ended.what.point), ended));
}

std::map<std::string, std::int64_t> PointSource::take_counters() {
  return std::exchange(counters_, {});
}

}  // namespace astrolabe
