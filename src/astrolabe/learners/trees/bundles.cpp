// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/learners/trees/bundles.h"

#include <algorithm>

namespace astrolabe::trees {
namespace {

constexpr std::uint32_t kMostCodes = 255;  // of a byte, none left out
constexpr double kLeastListed = 0.25;      // of the rows: fewer are cheaper as lists

struct Bundle {
  std::vector<std::uint32_t> features;
  std::uint32_t codes = 0;
  std::size_t listed = 0;
  std::vector<bool> has_row;  // [rows]

  [[nodiscard]] bool has_room_for(const SparseFeature& feature) const {
    return codes + feature.codes <= kMostCodes && listed + feature.rows.size() <= has_row.size() &&
           std::ranges::none_of(feature.rows, [&](std::uint32_t row) { return has_row[row]; });
  }
  void add(std::uint32_t number, const SparseFeature& feature) {
    features.push_back(number);
    codes += feature.codes;
    listed += feature.rows.size();
    for (const std::uint32_t row : feature.rows) has_row[row] = true;
  }
};

}  // namespace

std::vector<std::vector<std::uint32_t>> plan_bundles(std::span<const SparseFeature> features,
                                                     std::size_t rows) {
  std::vector<std::vector<std::uint32_t>> planned;
  std::vector<Bundle> open;
  const auto close = [&](Bundle& bundle) {
    if (bundle.features.size() > 1 &&
        static_cast<double>(bundle.listed) >= kLeastListed * static_cast<double>(rows))
      planned.push_back(std::move(bundle.features));
  };
  for (std::uint32_t number = 0; number < features.size(); ++number) {
    const SparseFeature& feature = features[number];
    if (feature.codes > kMostCodes) continue;
    auto at = std::ranges::find_if(open, [&](const Bundle& bundle) { return bundle.has_room_for(feature); });
    if (at == open.end()) {
      if (open.size() == kMostOpen) {
        close(open.front());
        open.erase(open.begin());
      }
      open.push_back({.features = {}, .has_row = std::vector<bool>(rows)});
      at = open.end() - 1;
    }
    at->add(number, feature);
  }
  for (Bundle& bundle : open) close(bundle);
  return planned;
}

}  // namespace astrolabe::trees
