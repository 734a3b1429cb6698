// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/lower/fit_tree.h"

#include <algorithm>
#include <numeric>

namespace astrolabe {
namespace {

constexpr int kBoundRounds = 4;  // of inference at a node: more find little
constexpr std::size_t kLooksOfAStep =
    2'048;  // members of sections; a node that looks at more counts for more

}  // namespace

RankedBuffers rank_buffers(std::span<const Lifetime> buffers, const LiveSections& sections,
                           std::vector<std::uint32_t> order) {
  RankedBuffers ranked{.which = std::move(order)};
  ranked.members.resize(sections.count);
  for (const std::uint32_t which : ranked.which) {
    const auto at = static_cast<std::uint32_t>(ranked.bytes.size());
    ranked.bytes.push_back(static_cast<std::int64_t>(buffers[which].bytes));
    ranked.first.push_back(sections.first[which]);
    ranked.end.push_back(sections.end[which]);
    for (std::uint32_t section = ranked.first[at]; section < ranked.end[at]; ++section)
      ranked.members[section].push_back(at);
  }
  ranked.neighbours.resize(buffers.size());
  for (std::uint32_t i = 0; i < buffers.size(); ++i)
    for (std::uint32_t j = 0; j < buffers.size(); ++j)
      if (i != j && ranked.first[i] < ranked.end[j] && ranked.first[j] < ranked.end[i])
        ranked.neighbours[i].push_back(j);
  return ranked;
}

FitTree::FitTree(RankedBuffers buffers, std::int64_t capacity)
    : buffers_(std::move(buffers)),
      capacity_(capacity),
      lowest_(buffers_.bytes.size(), 0),
      bound_(lowest_),
      solution_(lowest_),
      order_(lowest_.size()),
      is_placed_(lowest_.size(), 0),
      floor_(buffers_.members.size(), 0),
      left_(floor_),
      crossing_(floor_.size(), 0),
      looks_before_(floor_.size() + 1, 0),
      frames_(2 * lowest_.size() + 2) {
  for (std::size_t section = 0; section < floor_.size(); ++section)
    looks_before_[section + 1] = looks_before_[section] + buffers_.members[section].size();
  std::iota(order_.begin(), order_.end(), Index{0});
  for (std::size_t i = 0; i < lowest_.size(); ++i) {
    for (Index section = buffers_.first[i]; section < buffers_.end[i]; ++section) {
      left_[section] += buffers_.bytes[i];
      if (section + 1 < buffers_.end[i]) ++crossing_[section];
    }
  }
}

FitOutcome FitTree::run(std::size_t steps) {
  steps_left_ = steps;
  const Sections all{0, static_cast<Index>(floor_.size())};
  if (!fits(all, 0)) return FitOutcome::impossible;
  std::vector<Index> members(lowest_.size());
  std::iota(members.begin(), members.end(), Index{0});
  return split_and_search(all, all, members, {});
}

std::vector<std::size_t> FitTree::offsets() const {
  std::vector<std::size_t> offsets(solution_.size());
  for (std::size_t i = 0; i < solution_.size(); ++i)
    offsets[buffers_.which[i]] = static_cast<std::size_t>(solution_[i]);
  return offsets;
}

// Sections between which nobody crosses any more are searched on their own: a failure in one is not answered
// by trying the other in another way. Only borders inside `touched` can have opened.
FitOutcome FitTree::split_and_search(Sections sections, Sections touched, const std::vector<Index>& members,
                                     Key last) {
  Index begin = sections.low;
  for (Index section = touched.low; section + 1 < touched.high; ++section) {
    if (crossing_[section] > 0) continue;
    const FitOutcome outcome = search_side({begin, section + 1}, members);
    if (outcome != FitOutcome::found) return outcome;
    begin = section + 1;
  }
  if (begin == sections.low) return search(sections, members, last);
  return search_side({begin, sections.high}, members);
}

FitOutcome FitTree::search_side(Sections sections, const std::vector<Index>& members) {
  std::vector<Index> inside;
  for (const Index at : members)
    if (is_placed_[at] == 0 && sections.low <= buffers_.first[at] && buffers_.first[at] < sections.high)
      inside.push_back(at);
  if (inside.empty()) return FitOutcome::found;
  if (!buffers_.fullest_first) return search(sections, inside, {});
  std::vector<std::pair<Bytes, Index>> by_fullest;
  std::vector<Index> before;
  for (const Index at : inside) {
    const auto* of = left_.data();
    by_fullest.emplace_back(-*std::max_element(of + buffers_.first[at], of + buffers_.end[at]), at);
    before.push_back(order_[at]);
  }
  std::ranges::sort(by_fullest);
  for (Index i = 0; i < by_fullest.size(); ++i) order_[by_fullest[i].second] = i;
  const FitOutcome outcome = search(sections, inside, {});
  for (std::size_t i = 0; i < inside.size(); ++i) order_[inside[i]] = before[i];
  return outcome;
}

// Places what is left of `members`, each behind `last`: other orders of the same plan are not tried again.
FitOutcome FitTree::search(Sections sections, const std::vector<Index>& members, Key last) {
  Frame& frame = frames_[depth_];
  collect(frame, members, last);
  if (frame.open.empty()) return FitOutcome::found;
  const std::size_t looks = looks_before_[sections.high] - looks_before_[sections.low];
  steps_left_ -= std::min(steps_left_, looks / kLooksOfAStep);
  if (!bounds_hold(sections, frame, last)) return FitOutcome::impossible;
  std::erase_if(frame.choices, [&](const Key& choice) { return bound_[choice.at] > choice.offset; });
  std::ranges::sort(frame.choices);
  ++depth_;
  FitOutcome outcome = FitOutcome::impossible;
  for (const Key& choice : frame.choices) {
    bool raises = false;
    outcome = try_choice(sections, frame, choice, raises);
    // What stood in nobody's way did not fail because it was placed: to place another first changes nothing.
    if (outcome != FitOutcome::impossible || !raises) break;
  }
  --depth_;
  return outcome;
}

FitOutcome FitTree::try_choice(Sections sections, const Frame& frame, const Key& choice, bool& raises) {
  if (steps_left_ == 0) return FitOutcome::out_of_steps;
  --steps_left_;
  const std::size_t lowest_mark = lowest_changes_.size(), floor_mark = floor_changes_.size();
  raises = place(choice);
  FitOutcome outcome = FitOutcome::impossible;
  if (fits(sections, choice.offset)) {
    const Sections touched{buffers_.first[choice.at], buffers_.end[choice.at]};
    outcome = split_and_search(sections, touched, frame.open, choice);
  }
  take_back(choice.at, lowest_mark, floor_mark);
  if (outcome == FitOutcome::found) solution_[choice.at] = choice.offset;
  return outcome;
}

// Who is still to be placed, who may be next, and whom `last` has passed over.
void FitTree::collect(Frame& frame, const std::vector<Index>& members, Key last) {
  frame.open.clear();
  frame.skipped.clear();
  frame.choices.clear();
  Bytes lowest_top = capacity_;
  for (const Index at : members) {
    if (is_placed_[at] != 0) continue;
    frame.open.push_back(at);
    lowest_top = std::min(lowest_top, lowest_[at] + buffers_.bytes[at]);
  }
  for (const Index at : frame.open) {
    const Key key{lowest_[at], order_[at], at};
    if (key < last)
      frame.skipped.push_back(at);
    else if (key.offset < lowest_top)  // else a gap would be left into which another fits
      frame.choices.push_back(key);
  }
}

// Raises what is known of where buffers can stand below this node; false when some cannot.
bool FitTree::bounds_hold(Sections sections, const Frame& frame, Key last) {
  for (const Index at : frame.open) bound_[at] = std::max(lowest_[at], last.offset);
  if (!push_up_skipped(frame)) return false;
  bool has_raised = true;
  for (int round = 0; has_raised && round < kBoundRounds; ++round) {
    if (!push_up_skipped(frame)) return false;
    has_raised = false;
    if (!bound_sections(sections, has_raised)) return false;
  }
  return true;
}

// Where it could have stood it was not placed, so somebody comes below it.
bool FitTree::push_up_skipped(const Frame& frame) {
  for (const Index at : frame.skipped) {
    Bytes least = capacity_ + 1;
    for (const Index other : buffers_.neighbours[at])
      if (is_placed_[other] == 0) least = std::min(least, bound_[other] + buffers_.bytes[other]);
    bound_[at] = std::max(bound_[at], least);
    if (bound_[at] + buffers_.bytes[at] > capacity_) return false;
  }
  return true;
}

// What is left of a section stands above the lowest bound there; where it would not fit above the second
// lowest, the lowest is below all others.
bool FitTree::bound_sections(Sections sections, bool& has_raised) {
  for (Index section = sections.low; section < sections.high; ++section) {
    if (left_[section] == 0) continue;
    Bytes least = capacity_ + 1, second = capacity_ + 1;
    Index lowest = 0;
    for (const Index at : buffers_.members[section]) {
      if (is_placed_[at] != 0) continue;
      if (bound_[at] < least) {
        second = least;
        least = bound_[at];
        lowest = at;
      } else {
        second = std::min(second, bound_[at]);
      }
    }
    if (least + left_[section] > capacity_) return false;
    const Bytes top = least + buffers_.bytes[lowest];
    if (second + left_[section] <= capacity_ || second >= top) continue;
    for (const Index at : buffers_.members[section]) {
      if (is_placed_[at] != 0 || at == lowest || bound_[at] >= top) continue;
      bound_[at] = top;
      has_raised = true;
    }
  }
  return true;
}

// Whether another can no longer stand as low as before.
bool FitTree::place(const Key& choice) {
  const Index at = choice.at;
  const Bytes top = choice.offset + buffers_.bytes[at];
  is_placed_[at] = 1;
  Sections raised{buffers_.first[at], buffers_.end[at]};
  for (Index section = raised.low; section < raised.high; ++section) {
    left_[section] -= buffers_.bytes[at];
    if (section + 1 < raised.high) --crossing_[section];
  }
  bool raises = false;
  for (const Index other : buffers_.neighbours[at]) {
    if (is_placed_[other] != 0 || lowest_[other] >= top) continue;
    raises = true;
    lowest_changes_.push_back({other, lowest_[other]});
    lowest_[other] = top;
    raised.low = std::min(raised.low, buffers_.first[other]);
    raised.high = std::max(raised.high, buffers_.end[other]);
  }
  for (Index section = raised.low; section < raised.high; ++section) raise_floor(section);
  return raises;
}

// As high as the lowest of those that are still to be placed there.
void FitTree::raise_floor(Index section) {
  if (left_[section] == 0) return;
  Bytes least = capacity_ + 1;
  for (const Index at : buffers_.members[section])
    if (is_placed_[at] == 0) least = std::min(least, lowest_[at]);
  if (least == floor_[section]) return;
  floor_changes_.push_back({section, floor_[section]});
  floor_[section] = least;
}

void FitTree::take_back(Index at, std::size_t lowest_mark, std::size_t floor_mark) {
  for (; floor_changes_.size() > floor_mark; floor_changes_.pop_back())
    floor_[floor_changes_.back().at] = floor_changes_.back().before;
  for (; lowest_changes_.size() > lowest_mark; lowest_changes_.pop_back())
    lowest_[lowest_changes_.back().at] = lowest_changes_.back().before;
  is_placed_[at] = 0;
  for (Index section = buffers_.first[at]; section < buffers_.end[at]; ++section) {
    left_[section] += buffers_.bytes[at];
    if (section + 1 < buffers_.end[at]) ++crossing_[section];
  }
}

// The quick look before a node: whether what is left of each section fits above its floor. Whatever comes
// next stands at `offset` or higher.
bool FitTree::fits(Sections sections, Bytes offset) const {
  for (Index section = sections.low; section < sections.high; ++section)
    if (left_[section] > 0 && std::max(offset, floor_[section]) + left_[section] > capacity_) return false;
  return true;
}

}  // namespace astrolabe
