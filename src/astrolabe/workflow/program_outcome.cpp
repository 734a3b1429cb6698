// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/workflow/program_outcome.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "astrolabe/base/file.h"
#include "astrolabe/report/search_json.h"
#include "astrolabe/report/search_page.h"
#include "astrolabe/report/search_text.h"
#include "astrolabe/workflow/study_reading.h"

namespace astrolabe {
namespace {

std::filesystem::path report_path(const ProgramOutcome& outcome) {
  return outcome.result.folder / "report.html";
}

// Without the password of postgresql://user:password@host.
std::string shown_url(const std::string& url) {
  const std::size_t host = url.find('@'), user = url.find("://");
  const std::size_t password = user == std::string::npos ? user : url.find(':', user + 3);
  if (host == std::string::npos || password == std::string::npos || password > host) return url;
  return url.substr(0, password) + url.substr(host);
}

}  // namespace

ProgramOutcome read_outcome(const ProgramSearchOptions& options, const ProgramSearchResult& result) {
  StudyReading reading(result.study);
  return {.result = result, .found = reading.result(), .question = shell_text(options.words)};
}

void write_outcome(const ProgramOutcome& outcome) {
  write_file_atomically(report_path(outcome), search_page_html(outcome.found, outcome.question));
  write_file_atomically(outcome.result.folder / "result.json", outcome_json(outcome) + "\n");
}

std::string outcome_text(const ProgramOutcome& outcome, const TextStyle& style) {
  std::string text = search_text(outcome.found, style);
  if (!outcome.result.best_words.empty())
    text += fmt::format("\nThe best command\n  {}\n", shell_text(outcome.result.best_words));
  return text + fmt::format("\nreport  {}\n", report_path(outcome).string());
}

std::string outcome_json(const ProgramOutcome& outcome) {
  const ProgramSearchResult& result = outcome.result;
  auto json = nlohmann::ordered_json::parse(search_json_text(outcome.found));
  json["question"] = outcome.question;
  json["command"] = nullptr;
  if (!result.best_words.empty()) json["command"] = shell_text(result.best_words);
  json["words"] = result.best_words;
  json["stopped"] = search_stop_name(result.why);
  json["trials_here"] = result.trials_here;
  json["folder"] = result.folder.string();
  json["study"] = {{"url", shown_url(result.study.url)}, {"name", result.study.name}};
  json["report"] = report_path(outcome).string();
  json["time_s"] = result.seconds;
  return json.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

}  // namespace astrolabe
