// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/report/bench_page.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "astrolabe/base/hash.h"
#include "astrolabe/base/text.h"
#include "astrolabe/report/bench_charts.h"
#include "astrolabe/report/bench_words.h"
#include "astrolabe/report/html.h"
#include "astrolabe/report/page.h"

namespace astrolabe {
namespace {

std::string cell(const std::string& content, bool is_number = false) {
  return fmt::format("<td{}>{}</td>", is_number ? " class=\"n\"" : "", content);
}

std::string table_of(std::string_view head, const std::string& rows) {
  std::string table = "<table><thead><tr>";
  for (const std::string& name : split(head, '|')) {
    const bool is_number = name.starts_with('#');
    table += fmt::format("<th{}>{}</th>", is_number ? " class=\"n\"" : "", is_number ? name.substr(1) : name);
  }
  return table + "</tr></thead>" + rows + "</table>";
}

std::string verdict_cell(const std::string& words, Verdict verdict) {
  const std::string_view css = verdict == Verdict::tie         ? "tag tie"
                               : verdict == Verdict::undecided ? "quiet"
                                                               : "tag best";
  return cell(fmt::format("<span class=\"{}\">{}</span>", css, words));
}

std::string p_text(double p) {
  return std::isfinite(p) ? fmt::format("{:.2g}", p) : "-";
}

std::string comparisons_table(const std::vector<const BenchComparison*>& slot) {
  std::string rows;
  for (const BenchComparison* comparison : slot) {
    rows += "<tr>" + cell("<code>" + escape_html_short(comparison->a, 60) + "</code>") +
            cell("<code>" + escape_html_short(comparison->b, 60) + "</code>") +
            cell(share_words(comparison->effect), true) +
            verdict_cell(bench_verdict_words(*comparison), comparison->verdict) +
            cell(p_text(comparison->p_value), true) +
            cell(fmt::format("{}", comparison->tasks.size()), true) +
            cell(comparison->is_interaction ? "" : ratio_words(comparison->seconds_ratio), true) +
            cell(comparison->is_interaction ? "" : ratio_words(comparison->bytes_ratio), true) + "</tr>";
    if (!comparison->why.empty())
      rows += fmt::format("<tr><td colspan=\"8\" class=\"quiet\">{}</td></tr>", escape_html(comparison->why));
  }
  return table_of("Part|against|#effect|verdict|#p|#tasks|#time|#memory", rows);
}

std::string tasks_of_comparison(const BenchComparison& comparison) {
  std::string rows;
  for (const BenchTaskEffect& task : comparison.tasks)
    rows += "<tr>" + cell(escape_html_short(task.task, 40)) + cell(share_words(task.effect), true) +
            cell(fmt::format("{:+.4g} {}", task.in_metric, escape_html(task.metric)), true) +
            cell(p_text(task.adjusted), true) +
            verdict_cell(task.verdict == Verdict::undecided ? "not significant"
                                                            : std::string(verdict_name(task.verdict)),
                         task.verdict) +
            "</tr>";
  return table_of("Task|#effect, 95 %|#gained in the metric|#adjusted p|mark", rows);
}

std::string parts_table(const BenchSlot& slot) {
  std::string rows;
  for (const BenchPart& part : slot.parts) {
    const bool is_ranked = slot.tasks > 1;
    rows +=
        "<tr>" +
        cell("<code>" + escape_html_short(part.part, 60) + "</code>" +
             (part.is_baseline ? " <span class=\"quiet\">baseline</span>" : "")) +
        cell(std::isfinite(part.share) ? fmt::format("{:.1f} %", 100 * part.share) : "-", true) +
        cell(is_ranked ? fmt::format("{:.2f}", part.mean_rank) : "-", true) +
        cell(is_ranked ? fmt::format("{:.0f} [{:.0f}, {:.0f}]", part.strength.elo, part.strength.low,
                                     part.strength.high)
                       : "-",
             true) +
        cell(std::isfinite(part.seconds) ? format_duration(part.seconds) : "-", true) +
        cell(std::isfinite(part.bytes) ? format_bytes(static_cast<std::uint64_t>(part.bytes)) : "-", true) +
        "</tr>";
  }
  return table_of("Part|#gain|#mean rank|#Elo, 95 %|#time of a fit|#model", rows);
}

std::string slot_section(const BenchResult& result, const std::vector<const BenchComparison*>& comparisons) {
  const std::string& name = comparisons[0]->slot;
  std::string content = panel("Over all tasks", bench_effects_chart(comparisons, result.rope));
  content += panel("In numbers", comparisons_table(comparisons));
  const auto slot = std::ranges::find(result.slots, name, &BenchSlot::slot);
  if (slot != result.slots.end()) {
    content +=
        panel("The parts beside one another", parts_table(*slot) + "<p class=\"from\">" +
                                                  escape_html(ranks_words(*slot, result.alpha)) + "</p>");
    content += panel("Ranks over tasks: a bar joins what no pair tells apart", bench_ranks_chart(*slot));
    content += panel("Time to 95 % of the best gain", bench_profiles_chart(*slot));
    content += panel("What a gain costs", bench_cost_chart(*slot));
  }
  for (const BenchComparison* comparison : comparisons)
    content += panel(fmt::format("<code>{}</code> against <code>{}</code>, task by task",
                                 escape_html_short(comparison->a, 50), escape_html_short(comparison->b, 50)),
                     bench_tasks_chart(*comparison, result.rope) + tasks_of_comparison(*comparison));
  return section(escape_html_short(name, 60), content);
}

std::string skips_panel(std::string_view title, const std::vector<BenchSkip>& skips) {
  if (skips.empty()) return "";
  std::string rows;
  for (const BenchSkip& skip : skips)
    rows += "<tr>" + cell(escape_html_short(skip.what, 120)) + cell(escape_html(skip.why)) + "</tr>";
  return panel(title, table_of("What|why", rows));
}

std::string conditions(const BenchResult& result) {
  std::string tasks;
  for (const BenchTaskLine& task : result.tasks)
    tasks += "<tr>" + cell(escape_html_short(task.name, 40)) + cell(task.kind) +
             cell(escape_html(task.metric)) + cell(format_count(task.train_rows), true) +
             cell(format_count(task.judged_rows), true) +
             cell(task.is_resampled ? "one table, held out anew" : "drawn anew") +
             cell("<code>" + hash_to_hex(task.hash) + "</code>") + "</tr>";
  std::string hosts;
  for (const std::string& host : result.hosts)
    hosts += (hosts.empty() ? "" : ", ") + std::string("<code>") + escape_html_short(host, 80) + "</code>";
  std::string text = "<p>" + escape_html(protocol_words(result)) + ". " +
                     escape_html(correction_words(result)) +
                     fmt::format(". Differences up to {:.3g} % make none.</p>", 100 * result.rope);
  text += "<p>Hosts: " + hosts + ". " + escape_html(result.hardware) + ".</p>";
  for (const std::string& note : result.notes) text += "<p class=\"warn\">" + escape_html(note) + "</p>";
  return text +
         panel("Tasks", table_of("Task|kind|metric|#rows to train|#rows to judge|each seed|hash", tasks));
}

}  // namespace

std::string bench_html(const BenchResult& result) {
  std::string page = fmt::format(
      "<header><h1>Benchmark: {}</h1><p>{} of {} rows, {} skipped, {} failed. Astrolabe "
      "{}.</p></header>",
      escape_html_short(result.suite, 80), format_count(result.rows.complete),
      format_count(result.rows.total), result.skipped.size(), result.rows.failed,
      escape_html(result.version));
  if (!result.claim.empty())
    page += fmt::format("<p><b>{}</b></p><p>{}</p>", escape_html(result.claim),
                        escape_html("This " + result.claim_verdict + "."));
  std::vector<std::vector<const BenchComparison*>> slots;
  for (const BenchComparison& comparison : result.comparisons) {
    if (slots.empty() || slots.back()[0]->slot != comparison.slot) slots.emplace_back();
    slots.back().push_back(&comparison);
  }
  page += "<div class=\"figures\">";
  for (const BenchComparison& comparison : result.comparisons)
    if (&comparison - result.comparisons.data() < 7)
      page += figure(bench_verdict_words(comparison),
                     fmt::format("{} against {}", escape_html_short(comparison.a, 30),
                                 escape_html_short(comparison.b, 30)));
  page += figure(format_duration(result.seconds), "of this process") + "</div>\n";
  for (const auto& slot : slots) page += slot_section(result, slot);
  page += section("Conditions", conditions(result));
  if (!result.skipped.empty() || !result.failed.empty())
    page += section("Left out",
                    skips_panel("Skipped", result.skipped) + skips_panel("Failed rows", result.failed));
  page += section("How to reproduce", "<pre>" + escape_html(result.command) + "</pre>");
  return html_page("Benchmark: " + escape_html_short(result.suite, 60), page);
}

}  // namespace astrolabe
