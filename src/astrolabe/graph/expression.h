// SPDX-License-Identifier: Apache-2.0
// Expressions are graphs: the text of an activation, loss, optimizer or schedule, and back.
//
//   const Expression swish = parse_expression(Vocabulary::activation, "x*sigmoid(1.5*x)");
//   swish.text         // "x*sigmoid(1.5*x)"
//   swish.constants    // {1.5}: a run-time scalar, so that another number needs no other code
//   const Placed placed = place(swish, graph, {{"x", z}, {"c0", scale}});
//
// The language (docs/language.md): + - * / ^ and unary minus, parentheses, where(a < b, u, v), the rows of
// the MATH table, min max pow square, the constants pi and e. Variables by vocabulary:
//   activation  x; alpha, beta, gamma: trainable constants, each beginning at 1
//   loss        y, z, p (classes: probability of the class; summed over classes), classes (their number)
//   optimizer   g, w, lr, k (step, from 1), t (fraction of training, 0..1), and functions with a memory m, 0
//               before the first step. Of ema(e, beta), sum(e), trace(e, a) the value is what m becomes:
//               beta*m+(1-beta)*e, m+e, a*m+e. prev(e) is m, which becomes e.
//   schedule    t, k
// a >= b is its opposite with the branches exchanged, so where(a >= b, u, v) is u when either is NaN.
//
// The graph is canonical: leaves in the order in which the printed text needs them, then operations in the
// order in which a reader finishes them; equal numbers once, equal memories once. Texts that print alike have
// identical graphs.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "astrolabe/graph/graph.h"

namespace astrolabe {

enum class Vocabulary : std::uint8_t { activation, loss, optimizer, schedule };

[[nodiscard]] std::string_view vocabulary_name(Vocabulary vocabulary);  // "activation"

// Texts may come from strangers: longer or deeper ones, as written or with named parts written out, are
// refused.
inline constexpr std::size_t kMaxExpressionText = 4096;   // characters
inline constexpr std::size_t kMaxExpressionDepth = 200;   // parentheses and powers inside one another
inline constexpr std::size_t kMaxExpressionChain = 1000;  // operations that wait for one another

// What a name stands for, beside the functions of the language, which come first: "focal(2)",
// "focal(gamma=2)", or "focal" when every parameter has a default.
struct Macro {
  struct Parameter {
    std::string name;
    std::string default_text;  // empty: must be given
  };
  std::string name;
  std::vector<Parameter> parameters;
  std::string body;  // in the parameters and the variables of the vocabulary
};
struct MacroTable {
  std::function<const Macro*(std::string_view name)> find;  // null for a name that it does not know
  std::vector<std::string> names;                           // to offer the nearest
};

struct Expression {
  struct Trainable {
    std::string name;  // an input of the graph: "beta"
    double initial = 1;
  };
  struct Memory {
    std::string name;       // a state of the graph: "m0", "m1", ...; 0 before the first step
    NodeId next = kNoNode;  // its value after the step
  };

  Vocabulary vocabulary = Vocabulary::activation;
  std::string text;  // the graph, printed; parses to the same graph
  Graph graph;       // f32, every node of rank 0; variables are inputs
  NodeId value = kNoNode;
  std::vector<double> constants;  // of the scalars "c0", "c1", ...: numbers in the text, in order
  std::vector<Trainable> trainables;
  std::vector<Memory> memories;

  // Whether the value, now or at a later step, depends on the leaf of that name. log(p) is the leaf "log_p".
  [[nodiscard]] bool uses(std::string_view leaf) const;
  // Of a loss: whether it looks at p, as such or in a logarithm.
  [[nodiscard]] bool uses_probability() const;
};

// Throws usage_error that shows the text with a caret under the character that is wrong: unknown names (the
// nearest is offered), wrong number of arguments, a variable that has no meaning here, a missing parenthesis.
// Whole numbers up to 4 and one half stay in the structure, as do whole exponents; other numbers become
// scalars. Of a loss, log(p) and log(1-p) become the inputs "log_p" and "log_1_p", which whoever places it
// computes stably. Logarithms of sigmoids and exponentials, exp(u)-1, 1/(1+exp(u)) and the like become the
// rows of the MATH table that lose nothing. Pure; thread-safe when `macros` is. Cost: some microseconds.
[[nodiscard]] Expression parse_expression(Vocabulary vocabulary, std::string_view text,
                                          const MacroTable& macros = {});

struct Placed {
  NodeId value = kNoNode;
  std::vector<NodeId> next;  // of the memories, in order
};
// The expression over nodes of any shape and one floating type, f32 when it has no leaves. `leaves` binds
// variables, "c0".., trainables and memories by name; every leaf that the expression uses must be there,
// others are ignored.
[[nodiscard]] Placed place(const Expression& expression, Graph& graph,
                           const std::unordered_map<std::string, NodeId>& leaves);

// Leaves for place(): the numbers of the text, "c0".., and trainables at the values that they begin with, as
// constants of f64.
[[nodiscard]] std::unordered_map<std::string, NodeId> number_leaves(const Expression& expression,
                                                                    Graph& graph);

// The text of an expression whose graph was changed, by a pass say.
[[nodiscard]] std::string print_expression(const Expression& expression);

// The value at a point in f64, by the interpreter: for probes, plots and schedules. `values` binds every
// variable; scalars, trainables and memories that it does not name have the values that they begin with.
[[nodiscard]] double evaluate_expression(const Expression& expression,
                                         const std::unordered_map<std::string, double>& values);

}  // namespace astrolabe
