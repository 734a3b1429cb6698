// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/search/enumeration.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include <fmt/format.h>

#include "astrolabe/base/error.h"
#include "astrolabe/base/text.h"

namespace astrolabe {
namespace {

using S = EnumerationSettings;
const std::vector<Field<S>> kTable = {
    {{.name = "order",
      .doc = "Shuffled, so that any part of it is a fair sample; or listed, the last dimension fastest.",
      .choices = {"shuffled", "listed"}},
     &S::order},
};

double lowest(const Dimension& dimension) {
  if (const auto* whole = std::get_if<WholeRange>(&dimension.domain)) return static_cast<double>(whole->low);
  if (const auto* real = std::get_if<RealRange>(&dimension.domain)) return real->low;
  return 0;
}

class Enumeration final : public Proposer {
 public:
  Enumeration(const Space& space, const S& settings, Key key)
      : index_(space), is_shuffled_(settings.order == "shuffled"), key_(key) {}

  // The order belongs to the key of the whole proposer: those of single proposals would repeat points.
  [[nodiscard]] std::optional<Proposal> propose(Key) override {
    if (next_ == index_.count()) return std::nullopt;
    const std::uint64_t number = next_++;
    return Proposal{.point = index_.point(is_shuffled_ ? shuffled(number, index_.count(), key_) : number),
                    .by = "enumeration"};
  }
  void observe(const Observation&) override {}
  [[nodiscard]] std::string summary() const override {
    return format_count(next_) + " of " + format_count(index_.count()) + " points";
  }

 private:
  PointIndex index_;
  bool is_shuffled_;
  Key key_;
  std::uint64_t next_ = 0;
};

}  // namespace

PointIndex::PointIndex(const Space& space)
    : space_(space), children_(space.size()), counts_(space.size(), 1) {
  const double points = space.count();
  if (!(points <= kMostPoints))
    throw usage_error(
        {.attempted = "enumerating a space",
         .expected = "at most 2^53 points, thus no real numbers",
         .found = std::isinf(points) ? "a space without end" : fmt::format("{:.3g} points", points),
         .remedy = "Take another proposer: auto, evolution, bayes or random."});
  const std::span<const Dimension> dimensions = space_.dimensions();
  for (std::size_t d = 0; d < dimensions.size(); ++d) {
    if (is_choice(dimensions[d])) children_[d].resize(value_count(dimensions[d]));
    if (!dimensions[d].when) {
      roots_.push_back(d);
      continue;
    }
    auto& siblings = children_[dimensions[d].when->dimension];
    for (std::size_t option = 0; option < siblings.size(); ++option)
      if (std::ranges::find(dimensions[d].when->options, option) != dimensions[d].when->options.end())
        siblings[option].push_back(d);
  }
  // What hangs on a dimension comes after it.
  for (std::size_t d = dimensions.size(); d-- > 0;) {
    counts_[d] = is_choice(dimensions[d]) ? 0 : value_count(dimensions[d]);
    for (std::size_t option = 0; option < children_[d].size(); ++option) counts_[d] += count_under(d, option);
  }
  for (const std::size_t root : roots_) count_ *= counts_[root];
}

std::uint64_t PointIndex::count_under(std::size_t d, std::size_t option) const {
  std::uint64_t product = 1;
  for (const std::size_t child : children_[d][option]) product *= counts_[child];
  return product;
}

Point PointIndex::point(std::uint64_t index) const {
  ASTROLABE_CHECK(index < count_, "a point that the space does not have");
  Point point{std::vector<double>(space_.size(), std::numeric_limits<double>::quiet_NaN())};
  decode_all(roots_, index, point.values);
  return point;
}

void PointIndex::decode_all(const std::vector<std::size_t>& trees, std::uint64_t index,
                            std::vector<double>& values) const {
  for (std::size_t i = trees.size(); i-- > 0;) {
    decode(trees[i], index % counts_[trees[i]], values);
    index /= counts_[trees[i]];
  }
}

void PointIndex::decode(std::size_t d, std::uint64_t index, std::vector<double>& values) const {
  if (!is_choice(space_.dimensions()[d])) {
    values[d] = lowest(space_.dimensions()[d]) + static_cast<double>(index);
    return;
  }
  std::size_t option = 0;
  for (std::uint64_t under = count_under(d, option); index >= under; under = count_under(d, ++option))
    index -= under;
  values[d] = static_cast<double>(option);
  decode_all(children_[d][option], index, values);
}

std::uint64_t shuffled(std::uint64_t index, std::uint64_t count, Key key) {
  ASTROLABE_CHECK(index < count, "a number outside of what is shuffled");
  constexpr std::uint64_t kRounds = 6;
  std::uint64_t half_bits = 1;
  while ((std::uint64_t{1} << (2 * half_bits)) < count) ++half_bits;
  const std::uint64_t mask = (std::uint64_t{1} << half_bits) - 1;
  // The network permutes at most four times as many numbers; what falls outside walks on.
  do {
    std::uint64_t left = index >> half_bits, right = index & mask;
    for (std::uint64_t round = 0; round < kRounds; ++round) {
      const std::uint64_t mixed = left ^ (random_bits(key, (right << 3) | round) & mask);
      left = right;
      right = mixed;
    }
    index = (left << half_bits) | right;
  } while (index >= count);
  return index;
}

std::span<const Field<EnumerationSettings>> enumeration_settings_table() {
  return kTable;
}

std::unique_ptr<Proposer> make_enumeration(const Space& space, const EnumerationSettings& settings, Key key) {
  return std::make_unique<Enumeration>(space, settings, key);
}

}  // namespace astrolabe
