// SPDX-License-Identifier: Apache-2.0
// Numbers in, what a learner wants of a number out: every family whose parts are numbers ends here.
//
//   std::optional<NumberScaling> scaling = NumberScaling::fit(values, needs);   // nothing: nothing to learn
//   scaling->describe("age", "age", infos);                                     // "age", "age.missing"
//   scaling->encode(values, columns);
//
// Missing (NaN) and infinite values: NaN when needs.native_missing, else the median of the fitting rows, with
// an indicator feature when they are at least 1 % of the fitting rows. needs.standardized: centred by the
// mean, divided by the standard deviation of the known fitting values (rows count alike, whatever their
// weight), and clipped to +-10. Else the value itself; it is shifted only where a float could not tell the
// values apart. More than 70 % zeros: sparse, and then never centred, so that zero stays zero.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "astrolabe/model/archive.h"
#include "astrolabe/model/feature_matrix.h"
#include "astrolabe/model/learner.h"

namespace astrolabe {

// Above this share of zeros among the fitting rows a feature is sparse.
inline constexpr double kSparseShare = 0.7;

class NumberScaling {
 public:
  // Nothing when the values are constant and their absence tells nothing either.
  [[nodiscard]] static std::optional<NumberScaling> fit(std::span<const double> values,
                                                        const EncodingNeeds& needs);
  // Appends one or two features.
  void describe(const std::string& name, const std::string& source, std::vector<Feature>& features) const;
  // Appends as many columns as describe did features.
  void encode(std::span<const double> values, std::vector<FeatureColumn>& columns) const;

  // The same without the indicator of missing values, for a part whose absence another part tells.
  [[nodiscard]] NumberScaling without_indicator() const;

  void save(ArchiveWriter& archive) const;
  [[nodiscard]] static NumberScaling load(ArchiveReader& archive);

 private:
  void fit_scale(double low, double high, std::span<const double> known, bool standardized);
  [[nodiscard]] float encode_one(double value) const;

  double centre_ = 0;
  double scale_ = 1;
  double fill_ = 0;  // stands for missing, in the column's own unit
  bool has_value_ = false;
  bool has_indicator_ = false;
  bool keeps_missing_ = false;
  bool is_sparse_ = false;
  bool clips_ = false;
};

}  // namespace astrolabe
