// SPDX-License-Identifier: Apache-2.0
// Calibration: probabilities that mean what they say. A fitted map from predicted probabilities to better
// ones.
//
//   ChosenCalibration chosen = choose_calibration({.truth = y, .prediction = p, .outputs = 1, .weight = {}},
//                                                 metric, Predictor::one_fit, key.split("calibration"));
//   chosen.calibration.apply(new_predictions);          // does nothing when none was surely better
//
// temperature: every probability to the power `power`, made to sum to 1 again (Guo et al., "On calibration of
// modern neural networks", ICML 2017, with power = 1 / temperature). It never changes an order.
// isotonic: the rising curve of least squared error, by pooling adjacent violators (Zadrozny and Elkan,
// "Transforming classifier scores into accurate multiclass probability estimates", KDD 2002); several classes
// get a curve each, and are made to sum to 1 again. Straight lines between the pools keep most orders.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

#include "astrolabe/base/random.h"
#include "astrolabe/stats/metric.h"

namespace astrolabe {

enum class CalibrationKind { none, temperature, isotonic };
[[nodiscard]] std::string_view calibration_kind_name(CalibrationKind kind);

// A rising curve through knots; constant beyond the first and the last.
struct RisingCurve {
  std::vector<double> x;  // strictly ascending, at least one
  std::vector<double> y;  // ascending, each in (0, 1)

  [[nodiscard]] double at(double probability) const;
};

// Thread-safe.
struct Calibration {
  CalibrationKind kind = CalibrationKind::none;
  double power = 1;                 // of a temperature; positive
  std::vector<RisingCurve> curves;  // of isotonic: [outputs]

  // Changes [rows, outputs] probabilities in place. Cost O(rows x outputs x log(knots)).
  void apply(std::span<double> predictions, std::size_t outputs) const;
};

// Both take rows of a binary or multiclass task, as stats/metric.h shapes them, some with a positive weight.
// The power between 1/20 and 20 of least log loss, on every so manyth row of many: 45 passes over at most
// 100,000 probabilities.
[[nodiscard]] Calibration fit_temperature(const Scored& scored);
// Values stay 1 / (rows + 2) away from 0 and 1, so that one surprise costs no fortune. O(n log n) per output.
[[nodiscard]] Calibration fit_isotonic(const Scored& scored);

struct ChosenCalibration {
  Calibration calibration;           // fitted on all rows
  std::vector<double> cross_fitted;  // [rows, outputs] each row by a fit without it; none: as they came
  double log_loss_before = 0;        // of all rows
  double log_loss_after = 0;         // of the cross-fitted; equal to before for none
};
// Who will predict: one fit like those that made the out-of-fold predictions, or the mean of several.
enum class Predictor { one_fit, mean_of_fits };
// What is surely better in log loss, judged on rows that the fit did not see (five parts, drawn by the key),
// and does no harm to `metric`; of two such the better one. A metric of ranks (AUC) takes temperatures only,
// which leave it alone. A mean of fits is less sure of itself than each of them, by how much no out-of-fold
// row can tell: it takes only what makes even its parts surer, a power above 1. (Nets on digits: a power of
// 0.67, right for each of five fits, took the log loss of their mean from 0.091 to 0.103.) Below 100 rows,
// and for regression: none.
[[nodiscard]] ChosenCalibration choose_calibration(const Scored& scored, const Metric& metric,
                                                   Predictor predictor, Key key);

}  // namespace astrolabe
