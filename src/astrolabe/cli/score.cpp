// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <cstdio>
#include <memory>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "astrolabe/base/text.h"
#include "astrolabe/cli/command.h"
#include "astrolabe/workflow/apply_model.h"

namespace astrolabe {
namespace {

struct ScoreArguments {
  std::string model, data;
  bool header = false, no_header = false;
  std::size_t threads = 0;
};

nlohmann::json number(double value) {
  return std::isfinite(value) ? nlohmann::json(value) : nlohmann::json(nullptr);
}

std::string score_json(const ModelScore& score) {
  nlohmann::json object = {
      {"rows", score.rows}, {"notes", score.notes}, {"metrics", nlohmann::json::object()}};
  if (score.groups > 0) object["groups"] = score.groups;
  if (!score.metrics.empty()) object["metric"] = score.metrics.front().first;
  for (const auto& [name, e] : score.metrics) {
    object["metrics"][name] = {
        {"score", number(e.value)}, {"low", number(e.low)}, {"high", number(e.high)}, {"method", e.method}};
  }
  return object.dump(2, ' ', false, nlohmann::json::error_handler_t::replace);
}

int score_and_print(const ScoreArguments& arguments, const Face& face) {
  ThreadPool pool(arguments.threads);
  const ShippedModel model = load_model(arguments.model);
  const Header header = arguments.header      ? Header::present
                        : arguments.no_header ? Header::absent
                                              : Header::detect;
  const ModelScore score = score_file(model, arguments.data, header, pool);
  for (const std::string& note : score.notes) face.say(note);
  if (face.json) {
    fmt::print("{}\n", score_json(score));
    return 0;
  }
  const std::string groups = score.groups > 0 ? fmt::format(" in {} groups", format_count(score.groups)) : "";
  fmt::print("{} rows{} of {}\n\n", format_count(score.rows), groups, arguments.data);
  for (const auto& [name, e] : score.metrics) {
    if (std::isnan(e.value)) continue;
    fmt::print("  {:<20} {:>10}   95 % interval {} to {}\n", find_metric(name)->title, format_score(e.value),
               format_score(e.low), format_score(e.high));
  }
  return 0;
}

}  // namespace

void add_score_command(CLI::App& app, Session& session) {
  auto arguments = std::make_shared<ScoreArguments>();
  CLI::App* score = app.add_subcommand("score", "Score a model on labelled rows");
  score->add_option("model", arguments->model, "A model.astro")->required()->type_name("MODEL");
  score->add_option("data", arguments->data, "Rows with the target: a table or a set of pictures")
      ->required()
      ->type_name("FILE");
  auto* header = score->add_flag("--header", arguments->header, "The first line has the column names");
  score->add_flag("--no-header", arguments->no_header, "There is no header: columns are named 1, 2, ...")
      ->excludes(header);
  score->add_option("--threads", arguments->threads, "Threads. Default: all cores")->check(from_one());
  add_face_options(*score, session.face);
  score->callback([arguments, &session] {
    session.action = [arguments, &session] { return score_and_print(*arguments, session.face); };
  });
}

}  // namespace astrolabe
