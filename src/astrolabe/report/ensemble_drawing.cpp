// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/report/ensemble_drawing.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "astrolabe/base/text.h"
#include "astrolabe/report/html.h"
#include "astrolabe/report/score_words.h"
#include "astrolabe/report/svg_plot.h"

namespace astrolabe {
namespace {

constexpr std::size_t kDrawnMembers = 8;
constexpr std::size_t kNameLetters = 36;  // of a box
constexpr double kWidth = 750;
constexpr double kBoxWidth = 310, kBoxHeight = 42, kRow = 52;
constexpr double kRightBox = 500;  // where the boxes to the right begin
constexpr double kStep = 74;       // from one of them to the next

// A box, and of a member the line that leaves it.
struct Part {
  std::string name, words;  // not escaped yet
  double weight = 0;
  bool is_share = true;  // of a whole; weights of a stack are factors

  [[nodiscard]] std::string weight_words() const {
    return is_share ? fmt::format("{:.0f} %", 100 * weight) : fmt::format("x {:.2f}", weight);
  }
};

std::string box(double x, double y, double width, const std::string& name, const std::string& words,
                std::string_view css = "box") {
  std::string svg = fmt::format(
      "<rect x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{:.1f}\" rx=\"8\" class=\"{}\"/>", x,
      y - kBoxHeight / 2, width, kBoxHeight, css);
  if (words.empty())
    return svg + text_at(x + 12, y + 4, "start", escape_html_short(name, kNameLetters), "t strong");
  return svg + text_at(x + 12, y - 3, "start", escape_html_short(name, kNameLetters), "t strong") +
         text_at(x + 12, y + 13, "start", escape_html_short(words, 52), "t a");
}

std::vector<Part> parts_of(const RunResult& result) {
  const Ensemble& ensemble = *result.ensemble;
  const std::string metric = metric_title(result);
  std::vector<Part> parts;
  if (ensemble.members.size() == 1) {
    const std::vector<double>& scores = ensemble.members[0].fold_scores;
    for (std::size_t fold = 0; fold < scores.size(); ++fold)
      parts.push_back({fmt::format("fit without fold {}", fold + 1),
                       fmt::format("{} {} on that fold", metric, format_score(scores[fold])),
                       1 / static_cast<double>(scores.size())});
  } else {
    for (const EnsembleMember& member : ensemble.members)
      parts.push_back({member.system,
                       fmt::format("{} {}, mean of {} fits", metric, format_score(member.validation.value),
                                   member.fold_scores.size()),
                       member.weight, !ensemble.is_stack});
  }
  if (parts.size() > kDrawnMembers) {
    Part rest{fmt::format("and {} more", parts.size() - kDrawnMembers + 1), "the lightest ones", 0,
              !ensemble.is_stack};
    for (std::size_t i = kDrawnMembers - 1; i < parts.size(); ++i) rest.weight += parts[i].weight;
    parts.resize(kDrawnMembers - 1);
    parts.push_back(std::move(rest));
  }
  return parts;
}

// What comes after the members, from the mean down to what the score was measured on.
std::vector<Part> outcome_of(const RunResult& result) {
  const std::string metric = metric_title(result);
  const bool is_one = result.ensemble->members.size() == 1;
  std::vector<Part> boxes;
  boxes.push_back({is_one                      ? "mean of the fits"
                   : result.ensemble->is_stack ? "second level, on scores"
                                               : "weighted mean",
                   fmt::format("{} {} out of fold", metric, format_score(result.validation.value))});
  if (result.calibration.kind == "temperature")
    boxes.push_back(
        {"temperature", fmt::format("probabilities to the power {:.3g}", result.calibration.power)});
  if (result.calibration.kind == "isotonic") boxes.push_back({"rising curve", "of each probability"});
  const std::string judged =
      result.honest
          ? fmt::format("{} {} {}", metric, format_score(result.honest->primary.value), result.honest->label)
          : "no honest score";
  boxes.push_back({"prediction", judged});
  return boxes;
}

std::string link(double from_y, double to_y, double share, const std::string& words) {
  constexpr double kFrom = kBoxWidth, kTo = kRightBox, kBend = (kFrom + kTo) / 2;
  return fmt::format(
             "<path d=\"M{0} {1:.1f}C{2} {1:.1f} {2} {3:.1f} {4} {3:.1f}\" class=\"link\" "
             "stroke-width=\"{5:.1f}\"/>",
             kFrom, from_y, kBend, to_y, kTo, 1.5 + 18 * share) +
         text_at(kFrom + 12, from_y + 4, "start", words, "t halo");
}

}  // namespace

std::string ensemble_drawing(const RunResult& result) {
  if (!result.ensemble || result.ensemble->members.empty()) return "";
  const std::vector<Part> parts = parts_of(result), boxes = outcome_of(result);
  if (parts.empty()) return "";
  const double left = kRow * static_cast<double>(parts.size());
  const double right = kStep * static_cast<double>(boxes.size() - 1) + kRow;
  const double height = std::max(left, right) + 8;
  std::string svg = svg_open(kWidth, height, "what ships, and of what it is made", 560);
  const double top = (height - left) / 2 + kRow / 2;
  const double first = (height - right) / 2 + kRow / 2;
  std::string links, names;
  // Lines meet the side of the mean side by side, not all in one point.
  double before = 0, total = 0;
  for (const Part& part : parts) total += part.weight;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const double y = top + kRow * static_cast<double>(i);
    const double share = total > 0 ? parts[i].weight / total : 0;
    links += link(y, first + 26 * (before + share / 2 - 0.5), share, parts[i].weight_words());
    before += share;
    names += box(0.5, y, kBoxWidth - 1, parts[i].name, parts[i].words);
  }
  svg += links + names;
  for (std::size_t i = 0; i < boxes.size(); ++i) {
    const double y = first + kStep * static_cast<double>(i);
    if (i > 0) {
      const double x = kRightBox + 24;
      svg += line_at(x, y - kStep + kBoxHeight / 2, x, y - kBoxHeight / 2 - 5, "arrow");
      svg += fmt::format("<path d=\"M{:.1f} {:.1f}l-4 -6h8z\" class=\"head\"/>", x, y - kBoxHeight / 2 - 1);
    }
    svg += box(kRightBox, y, kWidth - kRightBox - 1, boxes[i].name, boxes[i].words,
               i + 1 == boxes.size() ? "box last" : "box");
  }
  return svg + "</svg>";
}

std::string correlation_table(const Ensemble& ensemble) {
  const std::size_t n = ensemble.members.size();
  if (n < 2 || ensemble.correlation.size() != n * n) return "";
  const std::size_t shown = std::min(n, kDrawnMembers);
  std::string table = "<div class=\"wide\"><table class=\"heat\"><tr><th></th>";
  for (std::size_t i = 0; i < shown; ++i) table += fmt::format("<th class=\"n\">{}</th>", i + 1);
  table += "</tr>";
  for (std::size_t i = 0; i < shown; ++i) {
    table += fmt::format("<tr><th>{} {}</th>", i + 1, escape_html_short(ensemble.members[i].system, 40));
    for (std::size_t k = 0; k < shown; ++k) {
      const double r = ensemble.correlation[i * n + k];
      table += i == k ? "<td class=\"none\">1</td>"
                      : fmt::format(
                            "<td style=\"background:color-mix(in srgb,var(--accent) "
                            "{:.0f}%,transparent)\">{}</td>",
                            std::isfinite(r) ? 60 * std::abs(r) * std::abs(r) : 0,
                            std::isfinite(r) ? fmt::format("{:.2f}", r) : "&ndash;");
    }
    table += "</tr>";
  }
  return table + "</table></div>";
}

}  // namespace astrolabe
