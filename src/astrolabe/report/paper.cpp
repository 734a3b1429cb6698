// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/report/paper.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "astrolabe/base/error.h"
#include "astrolabe/base/text.h"

namespace astrolabe {
namespace {

using Json = nlohmann::ordered_json;

[[noreturn]] void refuse(std::string_view file, const std::string& found) {
  throw bad_input({.attempted = fmt::format("reading {}", file),
                   .expected = "JSON as astrolabe left it there",
                   .found = found,
                   .remedy = "Run the command that wrote it again; the study is kept."});
}

Json parse(std::string_view file, const std::string& text) {
  if (text.empty()) return nullptr;
  try {
    return Json::parse(text);
  } catch (const nlohmann::json::exception& error) {
    refuse(file, error.what());
  }
}

std::string number(const Json& value) {
  return value.is_number() ? fmt::format("{:.4g}", value.get<double>()) : "unknown";
}

std::string interval(const Json& estimate) {
  if (!estimate["low"].is_number() || !estimate["high"].is_number()) return "no interval";
  return number(estimate["low"]) + " to " + number(estimate["high"]);
}

// Names and cells come from the data: nothing in them is Markdown or HTML.
std::string plain(const std::string& text) {
  std::string escaped;
  for (const char c : text) {
    if (std::string_view("\\`*_[]<>|&~$").find(c) != std::string_view::npos) escaped += '\\';
    escaped += static_cast<unsigned char>(c) < ' ' ? ' ' : c;
  }
  return escaped;
}

std::string plain(const Json& text) {
  return plain(text.get<std::string>());
}

// As it is to be typed: a fence that is longer than every one within.
std::string code_block(const std::string& text) {
  std::string fence = "```";
  while (text.find(fence) != std::string::npos) fence += '`';
  return fence + "\n" + text + "\n" + fence + "\n";
}

std::string question(const Json& run) {
  const Json& task = run.at("task");
  std::string text =
      fmt::format("# {}: predicting {}\n\n", plain(run.at("data").at("path")), plain(task.at("target")));
  text += fmt::format("Which system predicts **{}** best? {}. Judged by {}, {} is better.\n\n",
                      plain(task.at("target")), plain(task.at("reason")), plain(task.at("metric").at("name")),
                      task.at("metric").at("higher_is_better").get<bool>() ? "higher" : "lower");
  return text;
}

std::string protocol(const Json& run) {
  const Json& data = run.at("data");
  std::string text = "## Protocol\n\n";
  text += fmt::format("- {}: {} rows, {} used, {} of them sealed before anything was fitted; split: {}\n",
                      plain(data.at("format")), data.at("rows").dump(), data.at("rows_used").dump(),
                      data.at("rows_sealed").dump(), plain(run.at("split")));
  text += fmt::format("- fitted on {}; seed {}; version {}; data hash {}\n",
                      plain(run.at("best").at("fitted_on")), run.at("seed").dump(), plain(run.at("version")),
                      plain(data.at("hash")));
  if (const Json search = run.value("search", Json()); search.is_object())
    text += fmt::format("- a search of {} trials, {} of them complete\n",
                        search.at("trials").at("total").dump(), search.at("trials").at("complete").dump());
  return text + "\n";
}

std::string results(const Json& run) {
  const Json& best = run.at("best");
  std::string text = "## Result\n\n";
  text += fmt::format("**{}** ships.\n\n| rows | score | 95 % interval |\n|---|---:|---|\n",
                      plain(best.at("system")));
  if (const Json& sealed = best.at("sealed"); sealed.is_object())
    text += fmt::format("| {} ({}) | {} | {} |\n", plain(sealed.at("label")), sealed.at("rows").dump(),
                        number(sealed.at("score")), interval(sealed));
  text += fmt::format("| out of fold | {} | {} |\n\n", number(best.at("validation").at("score")),
                      interval(best.at("validation")));
  text += "| system | out of fold | 95 % interval | |\n|---|---:|---|---|\n";
  for (const Json& row : run.at("leaderboard"))
    text += fmt::format("| {} | {} | {} | {} |\n", plain(row.at("system")),
                        number(row.at("validation").at("score")), interval(row.at("validation")),
                        row.at("best").get<bool>()  ? "best"
                        : row.at("tie").get<bool>() ? "tie"
                                                    : "");
  return text + "\n";
}

std::string evidence(const Json& proof) {
  std::string text = fmt::format(
      "## Evidence\n\nEach finding was trained again with fresh seeds and judged on {} rows that the search "
      "never saw "
      "(opening {}); over all of them a wrong claim has probability at most {}.\n\n",
      proof.at("rows").dump(), proof.at("look").dump(), number(proof.at("alpha")));
  text +=
      "| slot | finding | baseline | verdict | effect | 95 % interval | pairs "
      "|\n|---|---|---|---|---:|---|---:|\n";
  for (const Json& finding : proof.at("findings"))
    text += fmt::format("| {} | {} | {} | **{}** | {} | {} | {} |\n", plain(finding.at("slot")),
                        plain(finding.at("finding")), plain(finding.at("baseline")),
                        plain(finding.at("verdict")), number(finding.at("effect").at("score")),
                        interval(finding.at("effect")), finding.at("pairs").dump());
  return text + "\n" + code_block(proof.at("command").get<std::string>()) + "\n";
}

std::string changes(std::string_view title, const Json& list) {
  if (list.empty()) return "";
  std::string text = fmt::format(
      "### {}\n\n| what | instead | gain | 95 % interval | pairs |\n|---|---|---:|---|---:|\n", title);
  for (const Json& change : list)
    text += fmt::format("| {} | {} | {} | {} | {} |\n", plain(change.at("what")), plain(change.at("instead")),
                        number(change.at("gain").at("score")), interval(change.at("gain")),
                        change.at("pairs").dump());
  return text + "\n";
}

std::string explanation(const Json& why) {
  std::string text = fmt::format("## Why\n\n{}\n\n", plain(why.at("headline")));
  text += changes("From the defaults to what was found", why.at("path"));
  if (!why.at("importance").empty()) {
    text += "### Which settings mattered\n\n| setting | share | 95 % interval |\n|---|---:|---|\n";
    for (const Json& setting : why.at("importance"))
      text += fmt::format("| {} | {} | {} |\n", plain(setting.at("dimension")), number(setting.at("share")),
                          interval(setting));
    text += "\n";
  }
  for (const Json& part : why.at("parts")) {
    text += fmt::format("### The {}: {}\n\n", plain(part.at("slot")), plain(part.at("text")));
    for (const Json& property : part.at("properties"))
      text += fmt::format("- {}: {}\n", plain(property.at("name")), plain(property.at("verdict")));
    for (const Json& experiment : part.at("experiments"))
      text += fmt::format("- experiment {}: {}. {}\n", plain(experiment.at("experiment")),
                          plain(experiment.at("verdict")), plain(experiment.at("words")));
    text +=
        "\n" + changes("Knocked out", part.at("knock_outs")) + changes("Knocked in", part.at("knock_ins"));
  }
  return text + code_block(why.at("command").get<std::string>()) + "\n";
}

std::string bullets(std::string_view title, const Json& sentences) {
  if (!sentences.is_array() || sentences.empty()) return "";
  std::string text = fmt::format("## {}\n\n", title);
  for (const Json& sentence : sentences) text += "- " + plain(sentence) + "\n";
  return text + "\n";
}

// Fields that are not there are as bad as text that is no JSON.
template <class Make>
std::string reading(std::string_view file, const Make& make) {
  try {
    return make();
  } catch (const nlohmann::json::exception& error) {
    refuse(file, error.what());
  }
}

}  // namespace

std::string paper_markdown(const PaperFiles& files) {
  const Json run = parse("result.json", files.run), proof = parse("evidence.json", files.evidence),
             why = parse("explain.json", files.explain);
  std::string text = reading("result.json", [&] {
    return question(run) + protocol(run) + results(run) + bullets("Warnings", run.at("warnings"));
  });
  if (!proof.is_null()) text += reading("evidence.json", [&] { return evidence(proof); });
  if (!why.is_null()) text += reading("explain.json", [&] { return explanation(why); });
  return text + reading("result.json", [&] {
           return bullets("Limits", run.value("limits", Json::array())) + "## How to reproduce\n\n" +
                  code_block(run.at("command").get<std::string>());
         });
}

std::string paper_json(const PaperFiles& files) {
  const Json object = {{"run", parse("result.json", files.run)},
                       {"evidence", parse("evidence.json", files.evidence)},
                       {"explain", parse("explain.json", files.explain)}};
  return object.dump(2) + "\n";
}

}  // namespace astrolabe
