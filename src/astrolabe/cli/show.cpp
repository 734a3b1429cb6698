// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <memory>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "astrolabe/base/error.h"
#include "astrolabe/base/file.h"
#include "astrolabe/base/hash.h"
#include "astrolabe/base/text.h"
#include "astrolabe/cli/command.h"
#include "astrolabe/pipeline/shipped_model.h"
#include "astrolabe/report/json_numbers.h"
#include "astrolabe/report/terminal_text.h"
#include "astrolabe/report/tree_drawing.h"
#include "astrolabe/workflow/show_tree.h"

namespace astrolabe {
namespace {

using nlohmann::json;

constexpr std::size_t kShownColumns = 40;
constexpr std::uint64_t kMaxResultBytes = 256 << 20;

// A run's folder, or a model file alone.
struct Shown {
  ShippedModel model;
  json result;  // null without a result.json
};

Shown read_shown(const std::filesystem::path& path) {
  if (!std::filesystem::is_directory(path)) return {load_model(path), nullptr};
  Shown shown{load_model(path / "model.astro"), nullptr};
  const std::filesystem::path result = path / "result.json";
  if (!std::filesystem::exists(result)) return shown;  // a run that was killed has a model only
  shown.result = json::parse(read_file(result, "result file", kMaxResultBytes), nullptr, false);
  if (!shown.result.is_object()) {
    throw bad_input({.attempted = "reading " + result.string(),
                     .expected = "the JSON that a run wrote",
                     .found = "something else",
                     .remedy = "Run again, or show the model.astro alone."});
  }
  return shown;
}

std::string estimate_text(const Estimate& e) {
  return fmt::format("{} [{}, {}]", format_score(e.value), format_score(e.low), format_score(e.high));
}

Estimate estimate_of(const json& row) {
  const json score = row.value("validation", json::object());
  const auto number = [&](const char* key) {
    const auto at = score.find(key);
    return at == score.end() || !at->is_number() ? std::nan("") : at->get<double>();
  };
  return {.value = number("score"), .low = number("low"), .high = number("high"), .method = ""};
}

std::vector<LeaderboardRow> leaderboard_of(const json& result) {
  std::vector<LeaderboardRow> rows;
  for (const json& row : result.value("leaderboard", json::array())) {
    LeaderboardRow read;
    read.system = row.value("system", "");
    read.validation = estimate_of(row);
    read.is_best = row.value("best", false);
    read.is_tie = row.value("tie", false);
    read.was_cut_short = row.value("cut_short", false);
    read.seconds = row.value("seconds", 0.0);
    read.note = row.value("note", "");
    rows.push_back(std::move(read));
  }
  return rows;
}

void print_leaderboard(const Shown& shown, const Face& face) {
  RunResult result;
  result.task = shown.model.card().task;
  try {
    result.leaderboard = leaderboard_of(shown.result);
  } catch (const json::exception& error) {
    throw bad_input({.attempted = "reading the leaderboard of result.json",
                     .expected = "the JSON that a run wrote",
                     .found = error.what(),
                     .remedy = "Run again, or show the model.astro alone."});
  }
  if (result.leaderboard.empty()) return;
  const int width = detect_terminal_style(face.color).width;
  fmt::print("{}\n", leaderboard_text(result, {.width = width, .color = false}));
}

void print_card(const ShippedModel& model) {
  const ModelCard& card = model.card();
  fmt::print("Model\n");
  fmt::print("  system      {}\n", card.system);
  fmt::print("  task        {} of {}, judged by {}\n", card.task.kind_name(), card.task.target,
             find_metric(card.task.metric)->title);
  if (!card.task.classes.empty()) fmt::print("  classes     {}\n", join(card.task.classes, ", "));
  if (card.validation) fmt::print("  validation  {}\n", estimate_text(*card.validation));
  if (card.sealed) fmt::print("  {:<11} {}\n", card.sealed_label, estimate_text(*card.sealed));
  if (card.range)
    fmt::print("  range       {:+.6g} to {:+.6g} {}around a prediction held {:.0f} % of the rows\n",
               card.range->low, card.range->high,
               model.spread_members().empty() ? "" : "times a row's own spread (1 on average) ",
               100 * card.range->coverage);
  if (card.privacy)
    fmt::print("  privacy     ({:.4g}, {:g})-differential, of one row added or removed\n",
               card.privacy->epsilon(), card.privacy->delta);
  fmt::print("  fitted on   {} ({} rows of {}{})\n", card.fitted_on, format_count(card.rows), card.data_name,
             card.privacy ? "" : ", hash " + hash_to_hex(card.data_hash));
  fmt::print("  seed        {}, by version {}\n\n", card.seed, card.version);
}

void print_members(const ShippedModel& model) {
  fmt::print("Members\n");
  for (const Member& member : model.members()) {
    fmt::print("  {:>5.1f} %  {}: {} ({})\n", 100 * member.weight, member.learner, member.model->summary(),
               format_settings(member.settings));
  }
  fmt::print("\n");
}

void print_columns(const ShippedModel& model) {
  fmt::print("Columns, by importance\n");
  const std::vector<ColumnShare> shares = model.importance();
  std::size_t shown = 0;
  const auto type_of = [&](const std::string& name) {
    for (const WantedColumn& column : model.wanted_columns()) {
      if (column.name != name) continue;
      return column.type == ColumnType::image ? shape_words(column.picture)
                                              : std::string(column_type_name(column.type));
    }
    return std::string();
  };
  for (const ColumnShare& share : shares) {
    if (++shown > kShownColumns) break;
    fmt::print("  {:>5.1f} %  {:<12} {}\n", 100 * share.share, type_of(share.column), share.column);
  }
  if (shares.size() > kShownColumns)
    fmt::print("  and {} more; --json lists all\n", shares.size() - kShownColumns);
  const std::size_t unused = model.wanted_columns().size() - shares.size();
  if (unused > 0)
    fmt::print("  and {} {} that the model does not rely on\n", unused, unused == 1 ? "column" : "columns");
}

json estimate_json(const std::optional<Estimate>& e) {
  return e ? json_estimate<json>(*e) : json(nullptr);
}

json model_json(const ShippedModel& model) {
  const ModelCard& card = model.card();
  json columns = json::array();
  for (const WantedColumn& column : model.wanted_columns()) {
    columns.push_back({{"name", column.name}, {"type", column_type_name(column.type)}});
    if (column.type == ColumnType::image)
      columns.back()["picture"] = {{"width", column.picture.width},
                                   {"height", column.picture.height},
                                   {"channels", column.picture.channels}};
  }
  json importance = json::array();
  for (const ColumnShare& share : model.importance()) {
    importance.push_back({{"column", share.column}, {"share", share.share}});
  }
  json members = json::array();
  for (const Member& member : model.members()) {
    json settings = json::object();
    for (const auto& [name, value] : member.settings) {
      std::visit([&, &key = name](const auto& held) { settings[key] = held; }, value);
    }
    members.push_back({{"learner", member.learner},
                       {"weight", member.weight},
                       {"settings", settings},
                       {"summary", member.model->summary()}});
  }
  return {{"system", card.system},
          {"task",
           {{"kind", card.task.kind_name()},
            {"target", card.task.target},
            {"classes", card.task.classes},
            {"metric", card.task.metric}}},
          {"columns", columns},
          {"members", members},
          {"importance", importance},
          {"validation", estimate_json(card.validation)},
          {"sealed", estimate_json(card.sealed)},
          {"sealed_label", card.sealed_label},
          {"fitted_on", card.fitted_on},
          {"data", {{"name", card.data_name}, {"hash", hash_to_hex(card.data_hash)}, {"rows", card.rows}}},
          {"seed", card.seed},
          {"version", card.version}};
}

struct ShowArguments {
  std::string path, svg;
  std::size_t tree = 0;  // from 1; 0: not asked for
  std::size_t member = 1;
};

json tree_json(const NamedTree& named) {
  const TreeView& view = named.tree.view;
  json nodes = json::array();
  for (std::size_t at = 0; at < view.nodes.size(); ++at) {
    const TreeView::Node& node = view.nodes[at];
    nodes.push_back({{"question", question(named.tree, at)},
                     {"column", named.tree.features[node.feature]},
                     {"missing", node.missing_left ? "yes" : "no"},
                     {"yes", node.left},
                     {"no", node.right}});
  }
  json tree = {{"title", named.title}, {"nodes", nodes}, {"leaves", view.leaves}, {"rows", view.covers}};
  for (const std::vector<TreeView::Slope>& of_leaf : view.slopes) {
    json slopes = json::array();
    for (const TreeView::Slope& slope : of_leaf)
      slopes.push_back({{"column", named.tree.features[slope.feature]},
                        {"slope", slope.slope},
                        {"centre", slope.centre},
                        {"low", slope.low},
                        {"high", slope.high}});
    tree["slopes"].push_back(slopes);
  }
  return tree;
}

int show_tree(const ShippedModel& model, const ShowArguments& arguments, const Face& face) {
  const NamedTree named = find_tree(model, arguments.member, arguments.tree);
  if (!arguments.svg.empty()) write_file_atomically(arguments.svg, tree_drawing(named.tree, named.title));
  if (face.json) {
    const json object = {{"tree", tree_json(named)}};
    fmt::print("{}\n", object.dump(2, ' ', false, json::error_handler_t::replace));
  } else {
    fmt::print("{}\n\n{}", named.title, tree_text(named.tree));
  }
  return 0;
}

int show(const ShowArguments& arguments, const Face& face) {
  if (arguments.tree == 0 && !arguments.svg.empty()) {
    throw usage_error({.attempted = "drawing a tree",
                       .expected = "--tree N beside --svg",
                       .found = "--svg alone",
                       .remedy = "Say which tree, as in --tree 1."});
  }
  const Shown shown = read_shown(arguments.path);
  if (arguments.tree > 0) return show_tree(shown.model, arguments, face);
  if (face.json) {
    json object = {{"model", model_json(shown.model)}};
    if (!shown.result.is_null()) object["leaderboard"] = shown.result.value("leaderboard", json::array());
    fmt::print("{}\n", object.dump(2, ' ', false, json::error_handler_t::replace));
    return 0;
  }
  if (!shown.result.is_null()) print_leaderboard(shown, face);
  print_card(shown.model);
  print_members(shown.model);
  print_columns(shown.model);
  return 0;
}

}  // namespace

void add_show_command(CLI::App& app, Session& session) {
  auto arguments = std::make_shared<ShowArguments>();
  CLI::App* command = app.add_subcommand("show", "What a run found and what its model is made of");
  command->add_option("run", arguments->path, "A run's folder, or a model.astro")
      ->required()
      ->type_name("DIR");
  command->add_option("--tree", arguments->tree, "A tree of the model instead, as text: its number, from 1")
      ->check(from_one())
      ->type_name("N");
  command->add_option("--member", arguments->member, "The member whose tree it is, from 1. Default: 1")
      ->check(from_one())
      ->type_name("N");
  command->add_option("--svg", arguments->svg, "Also as a picture, to this file")->type_name("FILE");
  add_face_options(*command, session.face);
  command->callback([arguments, &session] {
    session.action = [arguments, &session] { return show(*arguments, session.face); };
  });
}

}  // namespace astrolabe
