// SPDX-License-Identifier: Apache-2.0

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "astrolabe/base/hash.h"
#include "astrolabe/base/text.h"
#include "astrolabe/report/evidence_page.h"
#include "astrolabe/report/evidence_words.h"
#include "astrolabe/report/json_numbers.h"
#include "astrolabe/report/terminal_lines.h"

namespace astrolabe {
namespace {

using Json = nlohmann::ordered_json;

Json finding_json(const ProvedFinding& finding) {
  const Proof& proof = finding.proof;
  Json json = {{"slot", finding.slot},
               {"finding", finding.finding},
               {"baseline", finding.baseline},
               {"finding_settings", finding.finding_settings},
               {"baseline_settings", finding.baseline_settings},
               {"verdict", verdict_name(proof.verdict)},
               {"effect", json_estimate(proof.difference)},
               {"by_seeds", json_estimate(proof.by_seeds)},
               {"by_rows", json_estimate(proof.by_rows)},
               {"shrunk", json_number(proof.effect())},
               {"e_value", json_number(proof.evidence.e_value())},
               {"alpha", proof.alpha},
               {"rope", finding.rope},
               {"pairs", proof.evidence.pairs()},
               {"differences", finding.differences},
               {"finding_score", json_number(finding.finding_score)},
               {"baseline_score", json_number(finding.baseline_score)}};
  if (!proof.why.empty()) json["why"] = proof.why;
  return json;
}

}  // namespace

std::string evidence_json(const EvidenceResult& result) {
  Json findings = Json::array();
  for (const ProvedFinding& finding : result.findings) findings.push_back(finding_json(finding));
  const Json json = {{"findings", std::move(findings)},
                     {"notes", result.notes},
                     {"metric", {{"name", result.metric}, {"higher_is_better", is_higher_better(result)}}},
                     {"rows", result.sealed_rows},
                     {"open_rows", result.open_rows},
                     {"look", result.look},
                     {"alpha", result.alpha},
                     {"tries", result.tries},
                     {"most_pairs", result.most_pairs},
                     {"protocol", result.protocol},
                     {"hardware", result.hardware},
                     {"data", {{"path", result.data_path}, {"hash", hash_to_hex(result.data_hash)}}},
                     {"study", result.folder},
                     {"command", result.command},
                     {"version", result.version},
                     {"ledger", result.ledger_path},
                     {"page", result.page_path},
                     {"time_s", result.seconds}};
  return json.dump(2) + "\n";
}

std::string evidence_text(const EvidenceResult& result, const TextStyle& style) {
  std::string text;
  for (const ProvedFinding& finding : result.findings) {
    text += fmt::format("  {} {}\n", bold(style, fmt::format("{:<9}", verdict_name(finding.proof.verdict))),
                        printable(finding.slot));
    text += "            " + wrapped(printable(finding_words(result, finding)), style.width, 12) + "\n";
    text +=
        fmt::format("            expect {:+.4g}; settings {} against {}\n", finding.proof.effect(),
                    printable(finding.finding_settings.empty() ? "defaults" : finding.finding_settings),
                    printable(finding.baseline_settings.empty() ? "defaults" : finding.baseline_settings));
  }
  for (const std::string& note : result.notes) text += "  " + wrapped(printable(note), style.width, 2) + "\n";
  if (result.findings.empty()) return text;
  text +=
      fmt::format("\nopening {} of the {} sealed rows; at most {:.3g} of wrong claims over all openings\n",
                  result.look, format_count(result.sealed_rows), result.alpha);
  text += fmt::format("  page    {}\n", printable(result.page_path));
  if (!result.ledger_path.empty()) text += fmt::format("  claims  {}\n", printable(result.ledger_path));
  return text;
}

}  // namespace astrolabe
