// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/workflow/expression_formulas.h"

#include <array>

#include <fmt/format.h>

#include "astrolabe/base/error.h"
#include "astrolabe/graph/gradient.h"
#include "astrolabe/graph/vocabulary.h"
#include "astrolabe/parts/catalog.h"
#include "astrolabe/passes/pass_catalog.h"
#include "astrolabe/workflow/algebra.h"

namespace astrolabe {
namespace {

constexpr int kMostRounds = 8;  // of simplification
constexpr std::array<Vocabulary, 4> kVocabularies{Vocabulary::activation, Vocabulary::loss,
                                                  Vocabulary::optimizer, Vocabulary::schedule};

// The expression in f64 with its numbers inside, so that they take part in what is simplified; log(p) is one
// of p.
struct Unfolded {
  Graph graph;
  std::unordered_map<std::string, NodeId> leaves;
  NodeId value = kNoNode;

  explicit Unfolded(const Expression& expression) {
    for (const VariableRow& row : variable_rows()) input(std::string(row.name));
    for (const Expression::Trainable& trainable : expression.trainables) input(trainable.name);
    for (std::size_t i = 0; i < expression.constants.size(); ++i)
      leaves[fmt::format("c{}", i)] = graph.constant(expression.constants[i], ElementType::f64);
    leaves["log_p"] = graph.math("log", leaves["p"]);
    leaves["log_1_p"] = graph.math("log", graph.subtract(graph.constant(1, ElementType::f64), leaves["p"]));
    value = place(expression, graph, leaves).value;
  }
  void input(const std::string& name) { leaves[name] = graph.input(name, ElementType::f64, Shape{}); }
};

std::string simplified_text(const Expression& expression, const Graph& graph, NodeId value) {
  Rewritten now{.graph = graph, .roots = {value}};
  std::size_t size = now.graph.size() + 1;
  for (int round = 0; round < kMostRounds && now.graph.size() < size; ++round) {
    size = now.graph.size();
    for (const auto& pass : {simplify, fold_constants}) now = pass(now.graph, now.roots);
    Tidied tidied = tidy(now.graph, now.roots[0]);
    now = {.graph = std::move(tidied.graph), .roots = {tidied.value}};
  }
  Expression shown = expression;
  shown.graph = now.graph;
  shown.value = now.roots[0];
  try {
    return print_expression(shown);
  } catch (const Error&) {  // longer than what the language reads
    return {};
  }
}

// Names in a text, one after the other; `call` is true where a parenthesis follows.
template <class Visit>
void for_each_name(std::string_view text, const Visit& visit) {
  const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; };
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  for (std::size_t at = 0; at < text.size();) {
    std::size_t end = at;
    while (end < text.size() && (is_letter(text[end]) || is_digit(text[end]))) ++end;
    if (end > at && is_letter(text[at])) visit(text.substr(at, end - at));
    at = std::max(end, at + 1);
  }
}

}  // namespace

std::vector<std::string> moved_variables(const Expression& expression) {
  std::vector<std::string> names;
  const auto add = [&](std::string_view name, bool is_used) {
    if (is_used) names.emplace_back(name);
  };
  switch (expression.vocabulary) {
    case Vocabulary::activation:
      add("x", expression.uses("x"));
      for (const Expression::Trainable& trainable : expression.trainables) names.push_back(trainable.name);
      break;
    case Vocabulary::loss:
      add("z", expression.uses("z"));
      add("p", expression.uses_probability());
      break;
    case Vocabulary::optimizer:
      break;
    case Vocabulary::schedule:
      add("t", expression.uses("t"));
      break;
  }
  return names;
}

std::vector<Formula> formulas_of(const Expression& expression) {
  const std::string name(vocabulary_name(expression.vocabulary));
  if (!expression.memories.empty() || expression.vocabulary == Vocabulary::optimizer)
    return {{name, expression.text}};
  Unfolded whole(expression);
  std::vector<Formula> formulas = {{name, simplified_text(expression, whole.graph, whole.value)}};
  if (formulas[0].text.empty()) formulas[0].text = expression.text;
  for (const std::string& variable : moved_variables(expression)) {
    const NodeId slope =
        gradient(whole.graph, whole.value, std::vector<NodeId>{whole.leaves.at(variable)})[0];
    formulas.push_back({"d/d" + variable, simplified_text(expression, whole.graph, slope)});
  }
  return formulas;
}

Vocabulary guess_vocabulary(std::string_view text) {
  for (const Vocabulary vocabulary : kVocabularies) {
    bool is_meant = false;
    for_each_name(text, [&](std::string_view name) {
      const VariableRow* variable = find_variable(name);
      const bool has_memory = name == "ema" || name == "prev" || name == "trace";
      is_meant = is_meant || (variable != nullptr && has_meaning(*variable, vocabulary)) ||
                 find_part(vocabulary, name) != nullptr ||
                 (has_memory && vocabulary == Vocabulary::optimizer);
    });
    // k and t mean something to optimizers too, but those look at a gradient.
    bool has_gradient = false;
    for_each_name(text, [&](std::string_view name) {
      has_gradient = has_gradient || name == "g" || name == "lr" || name == "w" || name == "ema" ||
                     name == "prev" || name == "trace" || find_part(Vocabulary::optimizer, name) != nullptr;
    });
    if (is_meant && (vocabulary != Vocabulary::optimizer || has_gradient)) return vocabulary;
  }
  return Vocabulary::activation;
}

}  // namespace astrolabe
