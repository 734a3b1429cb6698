// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/report/evidence_page.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "astrolabe/base/hash.h"
#include "astrolabe/base/text.h"
#include "astrolabe/report/evidence_words.h"
#include "astrolabe/report/html.h"
#include "astrolabe/report/page.h"
#include "astrolabe/report/svg_plot.h"

namespace astrolabe {
namespace {

constexpr double kWidth = 640, kHeight = 168, kLeft = 150, kRight = 20;

Range range_of(const ProvedFinding& finding) {
  Range range{.low = -finding.rope, .high = finding.rope};
  for (const double difference : finding.differences) range.include(difference);
  // Bounds that are not known yet would push everything else together.
  for (const Estimate& interval : {finding.proof.by_rows, finding.proof.by_seeds, finding.proof.difference}) {
    range.include(interval.low);
    range.include(interval.high);
  }
  range.include(0);
  range.pad(0.06);
  return range;
}

std::string interval_row(const Scale& x, const Estimate& interval, double y, std::string_view name) {
  std::string row = text_at(kLeft - 12, y + 4, "end", name);
  if (!std::isfinite(interval.value)) return row;
  const auto bounded = [&](double value) { return x(std::clamp(value, x.domain.low, x.domain.high)); };
  if (!std::isnan(interval.low) && !std::isnan(interval.high))
    row += line_at(bounded(interval.low), y, bounded(interval.high), y, "w best");
  row += fmt::format(
      "<circle class=\"f\" cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"4\"><title>{} [{}, {}]</title></circle>",
      bounded(interval.value), y, format_score(interval.value), format_score(interval.low),
      format_score(interval.high));
  return row;
}

// Every pair a dot; below, what the pairs and the rows say, over the region where nothing matters.
std::string drawing(const EvidenceResult& result, const ProvedFinding& finding) {
  if (finding.differences.empty()) return "";
  const Scale x{.domain = range_of(finding), .from = kLeft, .to = kWidth - kRight};
  std::string svg = svg_open(kWidth, kHeight, "Differences of the pairs, and their intervals");
  svg += fmt::format("<rect class=\"band\" x=\"{:.1f}\" y=\"10\" width=\"{:.1f}\" height=\"122\"/>",
                     x(-finding.rope), std::max(1.0, x(finding.rope) - x(-finding.rope)));
  svg += line_at(x(0), 10, x(0), 132, "d");
  svg += text_at(kLeft - 12, 34, "end", fmt::format("{} pairs", finding.differences.size()));
  for (const double difference : finding.differences)
    svg += fmt::format("<circle class=\"f\" fill-opacity=\".4\" cx=\"{:.1f}\" cy=\"30\" r=\"5\"/>",
                       x(difference));
  svg += interval_row(x, finding.proof.by_seeds, 64, "fresh seeds");
  svg += interval_row(x, finding.proof.by_rows, 90, "sealed rows");
  svg += interval_row(x, finding.proof.difference, 116, "both");
  const std::vector<double> marks = ticks(x.domain, 6);
  for (const double mark : marks)
    svg += text_at(x(mark), 148, "middle", tick_text(mark, step_of(marks)), "t a");
  return svg +
         text_at(x(x.domain.high), 164, "end",
                 fmt::format("{} {}: to the right the finding is better", metric_title(result),
                             is_higher_better(result) ? "gained" : "saved"),
                 "t a") +
         "</svg>";
}

std::string table_row(std::string_view name, const std::string& value) {
  return fmt::format("<tr><th>{}</th><td>{}</td></tr>", name, value);
}

std::string finding_content(const EvidenceResult& result, const ProvedFinding& finding) {
  const Proof& proof = finding.proof;
  std::string table = "<table>";
  table += table_row("Finding", fmt::format("<code>{}</code> scored {}", escape_html(finding.finding),
                                            format_score(finding.finding_score)));
  table += table_row("Baseline", fmt::format("<code>{}</code> scored {}", escape_html(finding.baseline),
                                             format_score(finding.baseline_score)));
  table +=
      table_row("Fresh seeds", fmt::format("{}, {} pairs, e-value {:.4g}", difference_words(proof.by_seeds),
                                           proof.evidence.pairs(), proof.evidence.e_value()));
  table += table_row("Sealed rows", fmt::format("{} ({})", difference_words(proof.by_rows),
                                                escape_html(proof.by_rows.method)));
  table += table_row("Both", difference_words(proof.difference));
  table += table_row(
      "To expect",
      fmt::format("{:+.4g}, shrunk for having been looked at because it was large", proof.effect()));
  table += table_row("No difference", fmt::format("up to {}", format_score(finding.rope)));
  table +=
      table_row("Error allowed", fmt::format("{:.3g} of {} for this finding", proof.alpha, result.alpha));
  return fmt::format("<p><b>{}</b>. {}</p>", verdict_name(proof.verdict),
                     escape_html(finding_words(result, finding))) +
         panel("Pairs and intervals", drawing(result, finding)) + panel("In numbers", table + "</table>");
}

std::string conditions(const EvidenceResult& result) {
  std::string table = "<table>";
  table += table_row("Protocol", escape_html(result.protocol));
  table += table_row(
      "Data", fmt::format("{} ({})", escape_html_short(result.data_path, 80), hash_to_hex(result.data_hash)));
  table += table_row("Hardware", escape_html(result.hardware));
  table += table_row(
      "Promise",
      fmt::format("over all findings and all openings together, one that is no better is called better "
                  "with probability at most {}",
                  result.alpha));
  return table + "</table>";
}

}  // namespace

std::string evidence_html(const EvidenceResult& result) {
  std::string page = fmt::format(
      "<header><h1>Evidence: {}</h1><p>What the search found, tried again on {} rows and with seeds that it "
      "never "
      "saw. Astrolabe {}.</p></header>",
      escape_html_short(result.folder, 80), format_count(result.sealed_rows), escape_html(result.version));
  page += "<div class=\"figures\">";
  for (const ProvedFinding& finding : result.findings)
    page += figure(verdict_name(finding.proof.verdict), escape_html_short(finding.slot, 40));
  page += figure(fmt::format("{}", result.look), "opening of the sealed rows");
  page += figure(format_duration(result.seconds), "of training pairs") + "</div>\n";
  for (const ProvedFinding& finding : result.findings)
    page += section(escape_html_short(finding.slot, 40), finding_content(result, finding));
  page += section("Conditions", "<div class=\"panel\">" + conditions(result) + "</div>");
  page += section("How to reproduce", "<pre>" + escape_html(result.command) + "</pre>");
  return html_page("Evidence: " + escape_html_short(result.folder, 60), page);
}

std::string evidence_chapter(const EvidenceResult& result) {
  std::string content = fmt::format(
      "<p>What the search found, tried again on {} rows that it never saw, with fresh seeds. Opening {} of "
      "these rows.</p>",
      format_count(result.sealed_rows), result.look);
  for (const ProvedFinding& finding : result.findings)
    content += fmt::format("<h3 class=\"apart\">{}</h3>", escape_html_short(finding.slot, 40)) +
               finding_content(result, finding);
  content += panel("Conditions", conditions(result));
  return section("Evidence", content + "<pre>" + escape_html(result.command) + "</pre>");
}

}  // namespace astrolabe
