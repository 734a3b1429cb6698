// SPDX-License-Identifier: Apache-2.0
// A look inside the engine: an expression as formula, graph, loops and machine code.
//
// --json: slot; formulas[].{name,text}; passes[].{name,milliseconds} and text when they are shown; what is
// shown of graph, gradient, loops, llvm, assembly; with --time code_generation.{milliseconds,bytes} and
// elements_per_second.{compiled,tile_interpreter,reference}.{in_cache,from_memory}.
#include <algorithm>
#include <cstdio>
#include <memory>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "astrolabe/base/error.h"
#include "astrolabe/base/text.h"
#include "astrolabe/cli/command.h"
#include "astrolabe/workflow/compile_expression.h"

namespace astrolabe {
namespace {

const std::vector<std::string> kViews{"simplified", "graph", "gradient", "passes",
                                      "loops",      "llvm",  "assembly"};

struct CompileArguments {
  std::string expression, as, show = "simplified,graph,gradient", passes_off, instruction_set;
  bool time = false;
};

std::vector<std::string> names_of(const std::string& text) {
  std::vector<std::string> names;
  for (const std::string& name : split(text, ','))
    if (!trim(name).empty()) names.emplace_back(trim(name));
  return names;
}

std::vector<std::string> views_of(const std::string& text) {
  std::vector<std::string> views = names_of(text);
  for (const std::string& view : views) {
    if (std::ranges::find(kViews, view) != kViews.end()) continue;
    const auto nearest = nearest_name(view, kViews);
    throw usage_error({.attempted = "reading --show",
                       .expected = "some of " + join(kViews, ", "),
                       .found = "'" + view + "'",
                       .remedy = nearest ? "Did you mean " + *nearest + "?" : ""});
  }
  return views;
}

Vocabulary vocabulary_of(const std::string& name) {
  for (const Vocabulary vocabulary :
       {Vocabulary::activation, Vocabulary::loss, Vocabulary::optimizer, Vocabulary::schedule})
    if (vocabulary_name(vocabulary) == name) return vocabulary;
  ASTROLABE_CHECK(false, "the option tree checks the name");
  return Vocabulary::activation;
}

// "1.53 G/s"
std::string rate_text(double per_second) {
  if (per_second >= 1e9) return fmt::format("{:.2f} G/s", per_second / 1e9);
  if (per_second >= 1e6) return fmt::format("{:.1f} M/s", per_second / 1e6);
  return fmt::format("{:.1f} k/s", per_second / 1e3);
}

// A heading, then its lines, two columns in.
void print_section(const std::string& title, const std::string& body) {
  fmt::print("\n{}\n", title);
  for (const std::string& line : split(body, '\n')) {
    if (!line.empty()) fmt::print("  {}\n", line);
  }
}

void print_formulas(const CompiledExpression& result) {
  std::size_t width = 0;
  for (const Formula& formula : result.formulas) width = std::max(width, formula.name.size());
  for (const Formula& formula : result.formulas)
    fmt::print("{:<{}}  {}\n", formula.name, width,
               formula.text.empty() ? "too long to write out" : formula.text);
}

void print_times(const CompiledExpression& result) {
  const CompiledExpression::Times& times = *result.times;
  fmt::print("\ntimes\n");
  double total = times.code_generation;
  for (const CompiledExpression::PassView& pass : result.passes) {
    fmt::print("  {:<20} {:>9.3f} ms\n", pass.name, pass.seconds * 1e3);
    total += pass.seconds;
  }
  fmt::print("  {:<20} {:>9.3f} ms   {} bytes\n", "code generation", times.code_generation * 1e3,
             times.code_bytes);
  fmt::print("  {:<20} {:>9.3f} ms\n", "all", total * 1e3);
  fmt::print("\nelements a second, on one thread\n  {:<20} {:>12} {:>12}\n", "",
             fmt::format("{} of them", kShownElements), "from memory");
  const auto line = [&](std::string_view name, const CompiledExpression::Speed& speed) {
    fmt::print("  {:<20} {:>12} {:>12}\n", name, rate_text(speed.in_cache),
               speed.from_memory > 0 ? rate_text(speed.from_memory) : "");
  };
  line("compiled", times.compiled);
  line("tile interpreter", times.tiles);
  line("reference", times.reference);
}

nlohmann::json speed_json(const CompiledExpression::Speed& speed) {
  nlohmann::json object = {{"in_cache", speed.in_cache}};
  if (speed.from_memory > 0) object["from_memory"] = speed.from_memory;
  return object;
}

std::string result_json(const CompiledExpression& result, const std::vector<std::string>& views) {
  const auto shows = [&](std::string_view view) { return std::ranges::find(views, view) != views.end(); };
  nlohmann::json object = {{"slot", vocabulary_name(result.vocabulary)}};
  object["formulas"] = nlohmann::json::array();
  for (const Formula& formula : result.formulas)
    object["formulas"].push_back({{"name", formula.name}, {"text", formula.text}});
  object["passes"] = nlohmann::json::array();
  for (const CompiledExpression::PassView& pass : result.passes) {
    object["passes"].push_back({{"name", pass.name}, {"milliseconds", pass.seconds * 1e3}});
    if (shows("passes")) object["passes"].back()["text"] = pass.text;
  }
  if (shows("graph")) object["graph"] = result.graph;
  if (shows("gradient")) object["gradient"] = result.gradient;
  if (shows("loops")) object["loops"] = result.loops;
  if (shows("llvm")) object["llvm"] = result.llvm;
  if (shows("assembly")) object["assembly"] = result.assembly;
  if (result.times) {
    object["code_generation"] = {{"milliseconds", result.times->code_generation * 1e3},
                                 {"bytes", result.times->code_bytes}};
    object["elements_per_second"] = {{"compiled", speed_json(result.times->compiled)},
                                     {"tile_interpreter", speed_json(result.times->tiles)},
                                     {"reference", speed_json(result.times->reference)}};
  }
  return object.dump(2);
}

void print_result(const CompiledExpression& result, const std::vector<std::string>& views) {
  print_formulas(result);
  for (const std::string& view : views) {
    if (view == "graph") print_section("graph", result.graph);
    if (view == "gradient") print_section("gradient", result.gradient);
    if (view == "loops") print_section("loops", result.loops);
    if (view == "llvm") print_section("llvm", result.llvm);
    if (view == "assembly") print_section("assembly", result.assembly);
    if (view != "passes") continue;
    for (const CompiledExpression::PassView& pass : result.passes)
      print_section("after " + pass.name, pass.text);
  }
  if (result.times) print_times(result);
}

int compile_and_print(const CompileArguments& arguments, const Face& face) {
  const std::vector<std::string> views = views_of(arguments.show);
  const auto shows = [&](std::string_view view) { return std::ranges::find(views, view) != views.end(); };
  CompileRequest request{.text = arguments.expression,
                         .passes_off = names_of(arguments.passes_off),
                         .wants_machine = shows("llvm") || shows("assembly"),
                         .wants_times = arguments.time};
  if (!arguments.as.empty()) request.as = vocabulary_of(arguments.as);
  if (!arguments.instruction_set.empty()) request.set = *parse_instruction_set(arguments.instruction_set);
  const CompiledExpression result = compile_expression(request);
  if (face.json) {
    fmt::print("{}\n", result_json(result, views));
  } else {
    print_result(result, views);
  }
  return 0;
}

}  // namespace

void add_compile_command(CLI::App& app, Session& session) {
  auto arguments = std::make_shared<CompileArguments>();
  CompileArguments& a = *arguments;
  CLI::App* compile = app.add_subcommand(
      "compile",
      "Look inside the engine: an activation, loss, optimizer or schedule on its way to machine code");
  compile->add_option("expression", a.expression, "A part or an expression, such as 'x*sigmoid(1.5*x)'")
      ->required()
      ->type_name("EXPRESSION");
  compile->add_option("--as", a.as, "What it is; found from what it names unless said")
      ->check(CLI::IsMember({"activation", "loss", "optimizer", "schedule"}));
  compile->add_option("--show", a.show, "Some of " + join(kViews, ", "))
      ->capture_default_str()
      ->type_name("LIST");
  compile->add_flag("--time", a.time, "Time passes and code generation, and measure elements per second");
  compile->add_option("--passes-off", a.passes_off, "Passes to leave out")->type_name("LIST");
  compile->add_option("--instruction-set", a.instruction_set, "plain, avx2 or avx512. Default: the best here")
      ->check(CLI::IsMember({"plain", "avx2", "avx512"}));
  add_face_options(*compile, session.face);
  compile->callback([arguments, &session] {
    session.action = [arguments, &session] { return compile_and_print(*arguments, session.face); };
  });
}

}  // namespace astrolabe
