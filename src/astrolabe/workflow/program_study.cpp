// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/workflow/program_study.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

#include "astrolabe/base/error.h"
#include "astrolabe/base/file.h"
#include "astrolabe/base/text.h"
#include "astrolabe/search/space_text.h"
#include "astrolabe/search/study_facts.h"
#include "astrolabe/system/user_spaces.h"
#include "astrolabe/workflow/run_study.h"

namespace astrolabe {
namespace {

namespace fs = std::filesystem;
using nlohmann::ordered_json;

// StudyHead::options: a JSON object with the words and what else makes the question.
constexpr std::string_view kProgramOption = "program";

std::string question_json(const ProgramSearchOptions& options) {
  ordered_json json{{"words", options.words}, {"seed", options.seed}};
  if (!options.slots.empty()) json["slots"] = options.slots;
  if (std::isfinite(options.trial_seconds)) json["trial_seconds"] = options.trial_seconds;
  return json.dump();
}

std::string limits_json(const ProgramSearchOptions& options, double seconds) {
  ordered_json json = ordered_json::object();
  if (std::isfinite(seconds)) json["seconds"] = seconds;
  if (options.trials) json["trials"] = *options.trials;
  return json.dump();
}

StudyHead head_of(const ProgramSearchOptions& options, const ProgramTemplate& program) {
  return {
      .space = space_text(program.space()),
      .data_hash = "",
      .options = {{std::string(kProgramOption), question_json(options)},
                  {std::string(kMetricOption), options.goal.name},
                  {std::string(kDirectionOption), options.goal.higher_is_better ? "maximise" : "minimise"},
                  {std::string(kProposerOption),
                   options.proposer.empty() ? std::string(default_proposer().name) : options.proposer},
                  {std::string(kPrunerOption),
                   options.pruner.empty() ? std::string(default_pruner().name) : options.pruner}}};
}

// "train" for "python3 -u train.py": the first word behind the program that names a file.
std::string name_of(const std::vector<std::string>& words) {
  fs::path named = words.front();
  for (std::size_t i = 1; i < words.size(); ++i) {
    std::error_code ignored;
    if (words[i].starts_with('-') || !fs::is_regular_file(words[i], ignored)) continue;
    named = words[i];
    break;
  }
  std::string name = named.stem().string();
  std::erase_if(name, [](char c) { return c == '*' || c == ',' || c == '{' || c == '}'; });
  return name.empty() ? "program" : name;
}

double number_note(const std::map<std::string, std::string>& notes, std::string_view name) {
  const auto note = notes.find(std::string(name));
  return note == notes.end() ? 0 : parse_number(note->second).value_or(0);
}

ordered_json parsed(const std::map<std::string, std::string>& texts, std::string_view name) {
  const auto text = texts.find(std::string(name));
  if (text == texts.end()) return ordered_json::object();
  ordered_json json = ordered_json::parse(text->second, nullptr, false);
  return json.is_object() ? json : ordered_json::object();
}

ProgramSearchOptions question_of(StudyStore& store, const StudyAddress& address) {
  const std::optional<StudyHead> head = store.head();
  if (!head) refuse_study(address, "a study", "nothing", "Nobody has begun it yet.");
  const ordered_json json = parsed(head->options, kProgramOption);
  if (!json.contains("words") || !json["words"].is_array())
    refuse_study(address, "the study of a program", "one of a table",
                 "Go on with `astrolabe run --resume DIR`.");
  const auto option = [&](std::string_view name) {
    const auto found = head->options.find(std::string(name));
    return found == head->options.end() ? std::string() : found->second;
  };
  ProgramSearchOptions options{
      .words = json["words"].get<std::vector<std::string>>(),
      .goal = {.name = option(kMetricOption), .higher_is_better = option(kDirectionOption) == "maximise"}};
  options.slots = json.value("slots", "");
  options.proposer = option(kProposerOption);
  options.pruner = option(kPrunerOption);
  options.trial_seconds = json.value("trial_seconds", options.trial_seconds);
  options.seed = json.value("seed", options.seed);
  return options;
}

}  // namespace

ProgramTemplate program_of(const ProgramSearchOptions& options) {
  std::vector<Dimension> slots;
  if (!options.slots.empty()) {
    for (UserSlot& slot : read_user_slots(options.slots, "the slots"))
      slots.push_back({.name = std::move(slot.name), .domain = std::move(slot.domain)});
  }
  return ProgramTemplate(options.words, slots);
}

std::unique_ptr<Proposer> make_proposer(const ProgramSearchOptions& options, const Space& space, Key key) {
  const ProposerChoice choice = parse_proposer(options.proposer);
  return choice.row->make(space, choice.settings, key.split("proposer"));
}

std::unique_ptr<const Pruner> make_pruner(const ProgramSearchOptions& options) {
  const PrunerChoice choice = parse_pruner(options.pruner);
  return choice.row->make(choice.settings);
}

void require_program(const std::string& name) {
  std::error_code ignored;
  const auto can_be_executed = [&](const fs::path& path) {
    return fs::is_regular_file(path, ignored) && ::access(path.c_str(), X_OK) == 0;
  };
  std::string found = "none of that name";
  if (name.find('/') != std::string::npos) {
    if (can_be_executed(name)) return;
    if (fs::exists(name, ignored)) found = "a file that may not be executed";
  } else {
    const char* path = std::getenv("PATH");
    for (const std::string& folder : split(path == nullptr ? "/bin:/usr/bin" : path, ':'))
      if (can_be_executed(fs::path(folder.empty() ? "." : folder) / name)) return;
    if (fs::exists(name, ignored)) found = "a file here, but none in PATH";
  }
  throw usage_error({.attempted = fmt::format("starting {}", shell_text({{name}})),
                     .expected = "a program in PATH, or the path of one that may be executed",
                     .found = found,
                     .remedy = "No shell is involved: of a script, name the interpreter too, as in python3 "
                               "train.py."});
}

fs::path make_folder(const ProgramSearchOptions& options) {
  if (!options.out.empty()) {
    create_new_folder(options.out);
    return options.out;
  }
  const fs::path base = fs::path("runs") / name_of(options.words);
  for (int n = 1;; ++n) {
    const fs::path folder = n == 1 ? base.string() : fmt::format("{}-{}", base.string(), n);
    if (fs::exists(folder)) continue;
    try {
      create_new_folder(folder);
      return folder;
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::usage) throw;  // else another search was quicker
    }
  }
}

StudyAddress study_address(const ProgramSearchOptions& options, const fs::path& folder) {
  if (options.is_resumed) return study_of_folder(folder);
  if (options.study.empty()) return {.url = (folder / "study.db").string()};
  StudyAddress address{.url = options.study};
  if (!address.is_server()) address.url = fs::absolute(address.url).string();
  if (!options.study_name.empty()) {
    address.name = options.study_name;
  } else if (address.is_server()) {
    address.name = name_of(options.words);
  }
  return address;
}

StudyStore begin_study(const ProgramSearchOptions& options, const ProgramTemplate& program,
                       const StudyAddress& address) {
  StudyStore store = StudyStore::open(address);
  const StudyHead head = head_of(options, program);
  if (!store.head()) store.create(head);
  require_same_question(
      address, *store.head(), head,
      "A study has one question: give another file or --name, or go on with `astrolabe search "
      "--resume DIR`.");
  return store;
}

void note_beginning(StudyStore& store, const ProgramSearchOptions& options, const StudyAddress& address,
                    const fs::path& folder) {
  if (!options.study.empty() && !options.is_resumed) {
    const ordered_json pointer{{"url", address.url}, {"name", address.name}};
    write_file_atomically(folder / "study.json", pointer.dump() + "\n");
  }
  // A limit of seconds counts from the beginning.
  store.set_note(kLimitsNote, limits_json(options, options.seconds_before + options.seconds));
  store.set_note(kStateNote, "running");
}

void note_spending(StudyStore& store, const ProgramSearchOptions& options, double seconds) {
  store.set_note(kSecondsNote, fmt::format("{:.3f}", options.seconds_before + seconds));
}

ProgramSearchOptions program_search_of(const StudyAddress& address) {
  StudyStore store = StudyStore::open(address);
  return question_of(store, address);
}

ProgramSearchOptions program_search_of(const fs::path& folder) {
  const StudyAddress address = study_of_folder(folder);
  StudyStore store = StudyStore::open(address);
  ProgramSearchOptions options = question_of(store, address);
  options.out = folder;
  options.is_resumed = true;
  const std::map<std::string, std::string> notes = store.notes();
  const ordered_json limits = parsed(notes, kLimitsNote);
  options.seconds_before = number_note(notes, kSecondsNote);
  if (limits.contains("trials")) options.trials = limits["trials"].get<std::uint64_t>();
  if (limits.contains("seconds"))
    options.seconds = std::max(0.0, limits["seconds"].get<double>() - options.seconds_before);
  return options;
}

}  // namespace astrolabe
