// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/report/start_words.h"

#include <cmath>

#include <fmt/format.h>

#include "astrolabe/base/text.h"

namespace astrolabe {
namespace {

constexpr std::size_t kShown = 8;

std::string listed(const std::vector<std::string>& names) {
  std::vector<std::string> shown(names.begin(),
                                 names.begin() + static_cast<std::ptrdiff_t>(std::min(names.size(), kShown)));
  if (names.size() > kShown) shown.push_back(fmt::format("and {} more", names.size() - kShown));
  return join(shown, ", ");
}

std::string counted(const std::vector<std::string>& names, std::string_view what) {
  return fmt::format("{} {}{} ({})", names.size(), what, names.size() == 1 ? "" : "s", listed(names));
}

}  // namespace

std::string certificate_words(const StartResult& start) {
  if (start.fits == 0) return {};
  if (start.warm_fits == 0)
    return fmt::format("does not start as the old model: {}", start.why.empty() ? "nothing fits" : start.why);
  std::string words = fmt::format("starts as the old model: largest difference {:.2g} on {} rows",
                                  start.difference, format_count(start.compared_rows));
  if (start.answer_scale != 1 && start.difference > 0)
    words += fmt::format(" (numbers that spread by {:.3g})", start.answer_scale);
  if (start.warm_fits < start.fits)
    words += fmt::format("; {} of {} fits began with nothing", start.fits - start.warm_fits, start.fits);
  if (!start.is_exact && !start.why.empty()) words += fmt::format("; not exact: {}", start.why);
  return words;
}

std::string changes_words(const StartResult& start) {
  std::vector<std::string> parts;
  if (start.was != start.is) parts.push_back(fmt::format("the net {} is {} now", start.was, start.is));
  if (!start.added.empty()) parts.push_back("reads " + counted(start.added, "new column"));
  if (!start.gone.empty()) parts.push_back("does without " + counted(start.gone, "column"));
  for (const auto& [column, count] : start.levels)
    parts.push_back(fmt::format("{} has {} new categor{}", column, count, count == 1 ? "y" : "ies"));
  if (!start.new_classes.empty())
    parts.push_back(fmt::format("tells {} new class{} ({})", start.new_classes.size(),
                                start.new_classes.size() == 1 ? "" : "es", listed(start.new_classes)));
  return join(parts, "; ");
}

std::string gain_words(const StartResult& start, const Metric& metric) {
  if (start.scratch.empty()) return {};
  std::string words = fmt::format("{}: {} going on, {} from nothing", metric.title, format_score(start.score),
                                  format_score(start.scratch_score));
  if (start.gain && std::isfinite(start.gain->low)) {
    const char* verdict = start.gain->low > 0    ? "going on is better"
                          : start.gain->high < 0 ? "from nothing is better"
                                                 : "no difference that could be told from chance";
    words += fmt::format("; {} ({:+.3g}, 95 %: {:+.3g} to {:+.3g})", verdict, start.gain->value,
                         start.gain->low, start.gain->high);
  }
  if (start.epochs > 0 && start.scratch_epochs > 0)
    words += fmt::format("; {} epochs of all fits instead of {}", format_count(start.epochs),
                         format_count(start.scratch_epochs));
  if (start.epoch_share)
    words += fmt::format("; as good as from nothing after {:.0f} % of its epochs", 100 * *start.epoch_share);
  return words;
}

std::string memory_words(const StartResult& start, const Metric& metric) {
  if (!start.old_rows) return {};
  const OldRowsResult& old = *start.old_rows;
  std::string words = fmt::format("{} old rows rehearsed", format_count(old.trained));
  if (old.judged == 0) return words + "; none was kept to measure what is forgotten";
  words +=
      fmt::format("; {} on {} old rows that no fit saw: {} before, {} after", metric.title,
                  format_count(old.judged), format_score(old.before.value), format_score(old.after.value));
  if (old.fell) words += ": something was forgotten";
  return words;
}

std::vector<std::string> start_words(const StartResult& start, const Metric& metric) {
  std::vector<std::string> lines;
  for (std::string words : {certificate_words(start), changes_words(start), gain_words(start, metric),
                            memory_words(start, metric)})
    if (!words.empty()) lines.push_back(std::move(words));
  return lines;
}

}  // namespace astrolabe
