// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/report/search_formulas.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "astrolabe/base/error.h"
#include "astrolabe/parts/catalog.h"

namespace astrolabe {
namespace {

constexpr std::size_t kSamples = 201;
constexpr double kStep = 1e-4;  // of the central differences, which are exact to about 1e-8

constexpr double kSame = 1e-6;  // a difference that nobody sees

using Values = std::unordered_map<std::string, double>;

// How a slot is drawn.
struct Drawing {
  Vocabulary vocabulary;
  std::string_view variable;
  double low, high;
  std::array<std::string_view, 4> familiar;  // those that exist, and suit, are drawn
};
constexpr std::array<Drawing, 3> kDrawings = {{
    {Vocabulary::activation, "x", -5, 5, {"relu", "gelu", "tanh", "silu"}},
    {Vocabulary::loss, "z", -5, 5, {"cross_entropy", "focal", "mse", "huber"}},
    {Vocabulary::schedule, "t", 0, 1, {"cosine", "linear", "constant", ""}},
}};

const Drawing* find_drawing(std::string_view slot) {
  // Of several learners a slot may be "mlp.activation".
  const std::string_view name = slot.substr(slot.rfind('.') + 1);
  const auto found =
      std::ranges::find(kDrawings, name, [](const Drawing& d) { return vocabulary_name(d.vocabulary); });
  return found == kDrawings.end() ? nullptr : &*found;
}

// Everything that the formula may ask for, with `variable` at `v`.
Values values_at(const Drawing& drawing, const Expression& expression, double v) {
  if (drawing.vocabulary == Vocabulary::activation) return {{"x", v}};
  if (drawing.vocabulary == Vocabulary::schedule) return {{"t", v}, {"k", 1 + std::round(1000 * v)}};
  const double log_p = -std::log1p(std::exp(-v)), log_1_p = -std::log1p(std::exp(v));
  return {{"z", v},
          {"y", expression.uses_probability() ? 1.0 : 0.0},
          {"p", std::exp(log_p)},
          {"log_p", log_p},
          {"log_1_p", log_1_p},
          {"classes", 2.0}};
}

double value_at(const Drawing& drawing, const Expression& expression, double v) {
  return evaluate_expression(expression, values_at(drawing, expression, v));
}

std::vector<double> grid(const Drawing& drawing, std::size_t samples) {
  std::vector<double> at(samples);
  for (std::size_t i = 0; i < samples; ++i) {
    at[i] = drawing.low +
            (drawing.high - drawing.low) * static_cast<double>(i) / static_cast<double>(samples - 1);
  }
  return at;
}

FormulaCurve curve_of(const Drawing& drawing, std::string name, const Expression& expression,
                      const std::vector<double>& at) {
  FormulaCurve curve{.name = std::move(name), .value = {}, .slope = {}};
  for (const double v : at) {
    curve.value.push_back(value_at(drawing, expression, v));
    const double left = std::max(drawing.low, v - kStep), right = std::min(drawing.high, v + kStep);
    curve.slope.push_back((value_at(drawing, expression, right) - value_at(drawing, expression, left)) /
                          (right - left));
  }
  return curve;
}

// The named part that is most like the found formula; parts that do not suit the same task are none.
void find_nearest(const Drawing& drawing, const ResolvedPart& found, FormulaCurves& curves) {
  const std::vector<double>& mine = curves.curves[0].value;
  double least = std::numeric_limits<double>::infinity();
  for (const PartRow& row : parts_of(drawing.vocabulary)) {
    const ResolvedPart part = resolve_part(drawing.vocabulary, row.name);
    if (drawing.vocabulary == Vocabulary::loss && suits_numbers(part) != suits_numbers(found)) continue;
    double sum = 0, largest = 0;
    for (std::size_t i = 0; i < curves.at.size(); i += 4) {
      const double off = std::abs(value_at(drawing, part.expression, curves.at[i]) - mine[i]);
      sum += off * off;
      largest = std::max(largest, off);
    }
    if (!(sum < least)) continue;
    least = sum;
    curves.nearest = row.name;
    curves.difference = largest;
  }
}

}  // namespace

std::optional<FormulaCurves> curves_of(const FoundFormula& formula) {
  const Drawing* drawing = find_drawing(formula.slot);
  if (drawing == nullptr) return std::nullopt;
  ResolvedPart found;
  try {
    found = resolve_part(drawing->vocabulary, formula.text);
  } catch (const Error&) {  // another version's language: the text alone is shown
    return std::nullopt;
  }
  FormulaCurves curves{.variable = std::string(drawing->variable),
                       .at = grid(*drawing, kSamples),
                       .curves = {},
                       .nearest = {}};
  curves.curves.push_back(curve_of(*drawing, "found", found.expression, curves.at));
  find_nearest(*drawing, found, curves);
  std::vector<std::string> names(drawing->familiar.begin(), drawing->familiar.end());
  if (!curves.nearest.empty() && std::ranges::find(names, curves.nearest) == names.end())
    names.push_back(curves.nearest);
  for (const std::string& name : names) {
    const bool is_found = name == curves.nearest && curves.difference < kSame;
    if (is_found || find_part(drawing->vocabulary, name) == nullptr) continue;
    const ResolvedPart part = resolve_part(drawing->vocabulary, name);
    if (drawing->vocabulary == Vocabulary::loss && suits_numbers(part) != suits_numbers(found)) continue;
    curves.curves.push_back(curve_of(*drawing, name, part.expression, curves.at));
  }
  return curves;
}

}  // namespace astrolabe
