// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/workflow/run_study.h"

#include <cmath>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "astrolabe/base/error.h"
#include "astrolabe/base/file.h"
#include "astrolabe/base/text.h"
#include "astrolabe/search/study_facts.h"
#include "astrolabe/workflow/run_options_json.h"

namespace astrolabe {
namespace {

struct Difference {
  std::string name, was, is;
};

// Of two texts; where both are JSON objects, of the first field that differs.
Difference difference(const std::string& name, const std::string& was, const std::string& is) {
  const auto before = nlohmann::ordered_json::parse(was, nullptr, false);
  const auto now = nlohmann::ordered_json::parse(is, nullptr, false);
  if (!before.is_object() || !now.is_object()) return {.name = name, .was = was, .is = is};
  const auto text = [](const nlohmann::ordered_json& json, const std::string& field) {
    if (!json.contains(field)) return std::string();
    return json[field].is_string() ? json[field].get<std::string>() : json[field].dump();
  };
  for (const auto* fields : {&now, &before})
    for (const auto& [field, value] : fields->items())
      if (text(before, field) != text(now, field))
        return {.name = field, .was = text(before, field), .is = text(now, field)};
  return {.name = name, .was = was, .is = is};
}

double seconds_in(const std::map<std::string, std::string>& notes) {
  const auto used = notes.find(std::string(kSecondsNote));
  return used == notes.end() ? 0 : parse_number(used->second).value_or(0);
}

// Of all sessions together; `used`: what those before this one spent.
std::string limits_json(const RunOptions& options, double used) {
  nlohmann::ordered_json json = nlohmann::ordered_json::object();
  if (std::isfinite(options.seconds)) json["seconds"] = options.seconds + used;
  if (options.trials) json["trials"] = *options.trials;
  return json.dump();
}

}  // namespace

void refuse_study(const StudyAddress& address, const std::string& expected, const std::string& found,
                  const std::string& remedy) {
  throw bad_input({.attempted = fmt::format("going on with the study {}", address.url),
                   .expected = expected,
                   .found = found,
                   .remedy = remedy});
}

void require_same_question(const StudyAddress& address, const StudyHead& known, const StudyHead& asked,
                           const std::string& remedy) {
  if (known.data_hash != asked.data_hash)
    refuse_study(address, "the data that it was begun on, of hash " + known.data_hash,
                 "data of hash " + asked.data_hash,
                 "Restore the file, or start a new run: trials on other data cannot be compared.");
  for (const auto& [name, value] : asked.options) {
    const auto there = known.options.find(name);
    const std::string was = there == known.options.end() ? "" : there->second;
    if (was == value) continue;
    const Difference differs = difference(name, was, value);
    refuse_study(address,
                 fmt::format("the {} that it was begun with: {}", differs.name,
                             differs.was.empty() ? "none" : differs.was),
                 differs.is.empty() ? "none" : differs.is, remedy);
  }
  if (known.space != asked.space || known.options != asked.options)
    refuse_study(address, "the stars that it was begun with", "others", remedy);
}

StudyAddress study_address(const RunOptions& options, const std::filesystem::path& folder) {
  if (options.study.empty()) return {.url = (folder / "study.db").string()};
  const std::string name = options.study_name.empty() ? folder.filename().string() : options.study_name;
  return {.url = options.study, .name = name};
}

StudyAddress study_of_folder(const std::filesystem::path& folder) {
  const std::filesystem::path pointer = folder / "study.json";
  if (std::filesystem::exists(pointer)) {
    const auto json = nlohmann::json::parse(read_file(pointer, "study pointer"), nullptr, false);
    if (json.is_object() && json.contains("url") && json.contains("name") && json["url"].is_string() &&
        json["name"].is_string())
      return {.url = json["url"].get<std::string>(), .name = json["name"].get<std::string>()};
  }
  const std::filesystem::path file = folder / "study.db";
  if (std::filesystem::exists(file)) return {.url = file.string()};
  throw bad_input({.attempted = "looking for the study of " + folder.string(),
                   .expected = "study.db in it, which every run leaves there",
                   .found = "none",
                   .remedy = "Give the folder of a run."});
}

std::optional<DrawnRows> drawn_rows_of(StudyStore& store) {
  const std::map<std::string, std::string> notes = store.notes();
  const auto rows = notes.find(std::string(kRowsNote));
  return rows == notes.end() ? std::nullopt : parse_drawn_rows(rows->second);
}

RunOfFolder open_run(const std::filesystem::path& folder, std::string_view doing) {
  const std::string attempted = fmt::format("{} {}", doing, folder.string());
  if (!std::filesystem::is_directory(folder)) {
    throw bad_input({.attempted = attempted,
                     .expected = "the folder of a run",
                     .found = std::filesystem::exists(folder) ? "a file" : "nothing",
                     .remedy = "Give a folder such as runs/digits."});
  }
  StudyStore store = StudyStore::open(study_of_folder(folder));
  std::optional<StudyHead> head = store.head();
  if (!head || !head->options.contains("run")) {
    throw bad_input(
        {.attempted = attempted,
         .expected = "the study of a run",
         .found = head ? "one of another kind" : "an empty one",
         .remedy = "Start a new run; `astrolabe search --resume` goes on with studies of programs."});
  }
  RunOptions options = parse_run_options(head->options.at("run"));
  options.drawn = drawn_rows_of(store);
  if (head->options.contains("command")) options.command = head->options.at("command");
  return {.study = RunStudy(std::move(store)), .head = std::move(*head), .options = std::move(options)};
}

RunStudy RunStudy::begin(const RunOptions& options, const std::filesystem::path& folder,
                         const StudyQuestion& question) {
  const StudyAddress address = study_address(options, folder);
  StudyStore store = StudyStore::open(address);
  const StudyHead head{
      .space = question.space,
      .data_hash = fmt::format("{:016x}", question.data_hash),
      .options = {{"run", run_options_json(options)},
                  {"command", options.command},
                  {std::string(kMetricOption), question.metric},
                  {std::string(kDirectionOption), question.higher_is_better ? "maximise" : "minimise"},
                  {std::string(kProposerOption), options.proposer},
                  {std::string(kPrunerOption), options.pruner}}};
  if (const std::optional<StudyHead> known = store.head()) {
    StudyHead same = head;
    same.options["command"] = known->options.contains("command") ? known->options.at("command") : "";
    require_same_question(
        address, *known, same,
        "Resume it with `astrolabe run --resume DIR`, or give this run another --out or --name.");
  } else {
    store.create(head);
    store.set_note(kRowsNote, drawn_rows_json(question.rows));
  }
  if (address.is_server()) {
    const nlohmann::ordered_json pointer = {{"url", address.url}, {"name", address.name}};
    write_file_atomically(folder / "study.json", pointer.dump() + "\n");
  }
  store.set_note(kLimitsNote, limits_json(options, seconds_in(store.notes())));
  store.set_note(kStateNote, "running");
  // Until this session ends, its models so far take the place of what an earlier one shipped.
  store.set_note(kShippedNote, "");
  return RunStudy(std::move(store));
}

std::uint64_t RunStudy::write(std::string_view slice, std::string_view purpose) {
  return store_.record_opening(slice, purpose);
}

void RunStudy::finish(double seconds_used, bool was_interrupted) {
  seconds_used += seconds_in(store_.notes());
  // What ^C cut short (a refit, the score, the importance) is still to be done, even where no trial is.
  if (!was_interrupted) store_.set_note(kShippedNote, fmt::format("{}", store_.counts().total));
  store_.set_note(kSecondsNote, fmt::format("{}", seconds_used));
  store_.set_note(kStateNote, "ended");
  store_.checkpoint();
}

}  // namespace astrolabe
