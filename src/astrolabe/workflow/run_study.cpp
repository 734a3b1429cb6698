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

[[noreturn]] void refuse(const StudyAddress& address, const std::string& expected, const std::string& found,
                         const std::string& remedy) {
  throw bad_input({.attempted = fmt::format("going on with the study {}", address.url),
                   .expected = expected,
                   .found = found,
                   .remedy = remedy});
}

void require_same(const StudyAddress& address, const StudyHead& known, const StudyHead& head) {
  if (known.data_hash != head.data_hash)
    refuse(address, "the data that it was begun on, of hash " + known.data_hash,
           "data of hash " + head.data_hash,
           "Restore the file, or start a new run: trials on other data cannot be compared.");
  if (known.space != head.space || known.options != head.options)
    refuse(address, "what it was begun with", "other options",
           "Resume it with `astrolabe run --resume DIR`, or give this run another --out or --name.");
}

std::string limits_json(const RunOptions& options) {
  nlohmann::ordered_json json = nlohmann::ordered_json::object();
  if (std::isfinite(options.seconds)) json["seconds"] = options.seconds;
  if (options.trials) json["trials"] = *options.trials;
  return json.dump();
}

}  // namespace

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
    require_same(address, *known, same);
  } else {
    store.create(head);
  }
  if (address.is_server()) {
    const nlohmann::ordered_json pointer = {{"url", address.url}, {"name", address.name}};
    write_file_atomically(folder / "study.json", pointer.dump() + "\n");
  }
  store.set_note(kLimitsNote, limits_json(options));
  store.set_note(kStateNote, "running");
  return RunStudy(std::move(store));
}

std::uint64_t RunStudy::write(std::string_view slice, std::string_view purpose) {
  return store_.record_opening(slice, purpose);
}

void RunStudy::finish(double seconds_used) {
  const std::map<std::string, std::string> notes = store_.notes();
  const auto before = notes.find(std::string(kSecondsNote));
  if (before != notes.end()) seconds_used += parse_number(before->second).value_or(0);
  store_.set_note(kShippedNote, fmt::format("{}", store_.counts().total));
  store_.set_note(kSecondsNote, fmt::format("{}", seconds_used));
  store_.set_note(kStateNote, "ended");
  store_.checkpoint();
}

}  // namespace astrolabe
