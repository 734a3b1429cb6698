// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/workflow/bench_study.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "astrolabe/base/error.h"
#include "astrolabe/base/file.h"
#include "astrolabe/base/hash.h"
#include "astrolabe/base/version.h"
#include "astrolabe/workflow/bench_suites.h"
#include "astrolabe/workflow/run_study.h"

namespace astrolabe {
namespace {

namespace fs = std::filesystem;

fs::path numbered(const fs::path& base, int number) {
  return number == 1 ? base : fs::path(fmt::format("{}-{}", base.string(), number));
}

// "my-suite" of path/my-suite.toml
std::string name_of(const std::string& suite) {
  return suite.ends_with(".toml") ? fs::path(suite).stem().string() : suite;
}

fs::path make_numbered(const fs::path& base) {
  for (int number = 1;; ++number) {
    if (fs::exists(numbered(base, number))) continue;
    try {
      create_new_folder(numbered(base, number));
      return numbered(base, number);
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::usage) throw;  // another was quicker
    }
  }
}

// Two that go on with one may start at once, and neither finds a folder.
fs::path shared_folder(const fs::path& folder) {
  fs::create_directories(folder);
  return folder;
}

fs::path choose_folder(const BenchOptions& options) {
  if (!options.out.empty()) {
    if (options.resume) return shared_folder(options.out);
    create_new_folder(options.out);
    return options.out;
  }
  const fs::path base = fs::path("runs") / ("bench-" + name_of(options.suite));
  if (!options.resume) return make_numbered(base);
  int newest = 1;
  while (fs::exists(numbered(base, newest + 1))) ++newest;
  return shared_folder(numbered(base, newest));
}

// What is asked, so that equal questions are equal texts. The tables are known by their hashes.
std::string question_text(const BenchOptions& options, const BenchPlan& plan) {
  const BenchQuestion& question = options.question;
  nlohmann::ordered_json json;
  json["version"] = version();
  json["mode"] = bench_mode_name(question.mode);
  json["seed"] = options.seed;
  json["seeds"] = question.seeds;
  json["own_draws"] = question.own_draws;
  json["hosts"] = plan.hosts;
  for (const BenchTask& task : plan.tasks) json["tasks"][task.name] = hash_to_hex(task.hash);
  for (const BenchSystem& system : plan.systems)
    json["systems"].push_back(
        fmt::format("{}: {}, tuning {}, drawing {}", system.host, system.text, system.tries, system.drawing));
  for (const BenchContrast& contrast : plan.contrasts)
    json["contrasts"].push_back(fmt::format("{}: {} against {}", contrast.slot, contrast.a, contrast.b));
  return json.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

[[noreturn]] void refuse_other_question(const StudyAddress& address, const StudyHead& known) {
  const auto command = known.options.find("command");
  throw bad_input({.attempted = "going on with the benchmark " + address.url,
                   .expected = "the same parts, hosts, tasks, seeds and version as it was begun with",
                   .found = "others",
                   .remedy = command == known.options.end() || command->second.empty()
                                 ? "Give another --out."
                                 : fmt::format("It was begun by: {}\nGive the same with --resume, or another "
                                               "--out; --cache shares the fits of both.",
                                               command->second)});
}

}  // namespace

BenchFolder folder_of_bench(const BenchOptions& options) {
  BenchFolder where{.folder = choose_folder(options), .cache = options.cache, .study = {}};
  if (where.cache.empty()) where.cache = where.folder / "predictions";
  fs::create_directories(where.cache);
  where.study.url = (where.folder / "bench.db").string();
  if (!options.study.empty()) {
    where.study.url = options.study;
    where.study.name = options.study_name.empty() ? where.folder.filename().string() : options.study_name;
  }
  return where;
}

StudyStore begin_bench(const StudyAddress& address, const BenchOptions& options, const BenchPlan& plan,
                       std::span<const BenchRow> rows) {
  StudyStore store = StudyStore::open(address);
  const StudyHead head{.space = question_text(options, plan),
                       .data_hash = "",
                       .options = {{"bench", options.suite}, {"command", options.command}}};
  if (!store.head()) {
    try {
      store.create(head);
    } catch (const Error& error) {
      // Two may begin at once, with other words for the same.
      if (error.kind() != ErrorKind::bad_input || !store.head()) throw;
    }
  }
  const std::optional<StudyHead> known = store.head();
  if (known->space != head.space) refuse_other_question(address, *known);
  if (store.counts().total >= rows.size()) return store;
  for (const BenchRow& row : rows)
    static_cast<void>(store.enqueue({.point = row.identity, .key = row.identity, .by = "bench"}));
  return store;
}

}  // namespace astrolabe
