// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "astrolabe/base/text.h"
#include "astrolabe/report/bench_page.h"
#include "astrolabe/report/bench_words.h"
#include "astrolabe/report/terminal_lines.h"

namespace astrolabe {
namespace {

constexpr std::size_t kWidestPart = 34;
constexpr std::size_t kMostSkips = 8;

std::string named(const std::string& part) {
  return printable(shortened(part, kWidestPart));
}

// What is asked of one slot, or of two together.
std::vector<std::vector<const BenchComparison*>> by_slot(const BenchResult& result) {
  std::vector<std::vector<const BenchComparison*>> slots;
  for (const BenchComparison& comparison : result.comparisons) {
    if (slots.empty() || slots.back()[0]->slot != comparison.slot) slots.emplace_back();
    slots.back().push_back(&comparison);
  }
  return slots;
}

std::string comparison_lines(const std::vector<const BenchComparison*>& slot, const TextStyle& style) {
  std::size_t a = 0, b = 0;
  for (const BenchComparison* comparison : slot) {
    a = std::max(a, named(comparison->a).size());
    b = std::max(b, named(comparison->b).size());
  }
  std::string text = bold(style, printable(slot[0]->slot)) + "\n";
  for (const BenchComparison* comparison : slot) {
    text += fmt::format("  {:<{}}  against {:<{}}  {:<24}  {}", named(comparison->a), a, named(comparison->b),
                        b, share_words(comparison->effect),
                        bold(style, fmt::format("{:<15}", bench_verdict_words(*comparison))));
    if (!comparison->is_interaction)
      text += fmt::format("  time {}, memory {}", ratio_words(comparison->seconds_ratio),
                          ratio_words(comparison->bytes_ratio));
    text += "\n";
  }
  return text;
}

std::string mark_of(Verdict verdict) {
  if (verdict == Verdict::better) return "+";
  if (verdict == Verdict::worse) return "-";
  return verdict == Verdict::tie ? "=" : " ";
}

// Tasks down, comparisons across: percent of the best part's gain.
std::string task_table(const BenchResult& result, const std::vector<const BenchComparison*>& slot) {
  constexpr std::size_t kWidestColumn = 16;
  std::size_t widest = 4;
  for (const BenchTaskLine& task : result.tasks) widest = std::max(widest, task.name.size());
  std::string text = fmt::format("    {:<{}}", "task", widest);
  for (const BenchComparison* comparison : slot)
    text += fmt::format("  {:>{}}", printable(shortened(comparison->a, kWidestColumn)), kWidestColumn);
  text += "\n";
  for (const BenchTaskLine& task : result.tasks) {
    std::string line = fmt::format("    {:<{}}", printable(task.name), widest);
    bool is_any = false;
    for (const BenchComparison* comparison : slot) {
      const auto found = std::ranges::find(comparison->tasks, task.name, &BenchTaskEffect::task);
      const bool is_there = found != comparison->tasks.end();
      is_any = is_any || is_there;
      line += fmt::format(
          "  {:>{}}",
          is_there ? fmt::format("{:+.1f} % {}", 100 * found->effect.value, mark_of(found->verdict))
                   : std::string("."),
          kWidestColumn);
    }
    if (is_any) text += line + "\n";
  }
  return text;
}

std::string parts_lines(const BenchSlot& slot, double alpha, const TextStyle& style) {
  std::size_t widest = 4;
  for (const BenchPart& part : slot.parts) widest = std::max(widest, named(part.part).size());
  std::string text = fmt::format("    {:<{}}  {:>6}  {:>5}  {:>18}  {:>8}  {:>8}\n", "part", widest, "gain",
                                 "rank", "Elo", "time", "memory");
  for (const BenchPart& part : slot.parts) {
    const bool is_ranked = slot.tasks > 1;
    text += fmt::format(
        "    {:<{}}  {:>6}  {:>5}  {:>18}  {:>8}  {:>8}\n", named(part.part), widest,
        std::isfinite(part.share) ? fmt::format("{:.1f} %", 100 * part.share) : "-",
        is_ranked ? fmt::format("{:.2f}", part.mean_rank) : "-",
        is_ranked
            ? fmt::format("{:.0f} [{:.0f}, {:.0f}]", part.strength.elo, part.strength.low, part.strength.high)
            : "-",
        std::isfinite(part.seconds) ? format_duration(part.seconds) : "-",
        std::isfinite(part.bytes) ? format_bytes(static_cast<std::uint64_t>(part.bytes)) : "-");
  }
  return text + "    " + wrapped(ranks_words(slot, alpha), style.width, 4) + "\n";
}

std::string skip_lines(const std::vector<BenchSkip>& skips, std::string_view what, const TextStyle& style) {
  if (skips.empty()) return "";
  std::string text = fmt::format("{} {}\n", skips.size(), what);
  for (std::size_t i = 0; i < std::min(skips.size(), kMostSkips); ++i)
    text += "  " + wrapped(printable(skips[i].what + ": " + skips[i].why), style.width, 4) + "\n";
  if (skips.size() > kMostSkips)
    text += fmt::format("  and {} more: bench.json\n", skips.size() - kMostSkips);
  return text + "\n";
}

}  // namespace

std::string bench_text(const BenchResult& result, const TextStyle& style) {
  std::string text;
  if (!result.claim.empty())
    text += bold(style, "Claim: ") + wrapped(printable(result.claim), style.width, 2) + "\n  " +
            bold(style, wrapped(printable(result.claim_verdict), style.width, 2)) + "\n\n";
  for (const auto& slot : by_slot(result)) {
    text += comparison_lines(slot, style) + task_table(result, slot);
    const auto found = std::ranges::find(result.slots, slot[0]->slot, &BenchSlot::slot);
    if (found != result.slots.end()) text += parts_lines(*found, result.alpha, style);
    text += "\n";
  }
  text += skip_lines(result.skipped, "skipped", style);
  text += skip_lines(result.failed, "of the rows failed", style);
  for (const std::string& note : result.notes) text += "  " + wrapped(printable(note), style.width, 2) + "\n";
  if (!result.notes.empty()) text += "\n";
  text +=
      wrapped(
          "Percent of the gain on a constant, of which the best part of a task has 100; above 0 the first is "
          "better. + - = : a task alone says better, worse, no difference.",
          style.width, 0) +
      "\n";
  text += wrapped(protocol_words(result) + ".", style.width, 0) + "\n";
  text += wrapped(correction_words(result) + ".", style.width, 0) + "\n\n";
  text += fmt::format("  page    {}\n  done in {}, {} rows", printable(result.page_path),
                      format_duration(result.seconds), format_count(result.rows.complete));
  if (result.rows.from_cache > 0)
    text += fmt::format(", {} from the cache", format_count(result.rows.from_cache));
  return text + "\n";
}

}  // namespace astrolabe
