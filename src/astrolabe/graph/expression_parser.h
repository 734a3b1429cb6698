// SPDX-License-Identifier: Apache-2.0
// Recursive descent over expression text, calling the builder as it goes; no syntax tree.
//
//   sum      product { (+|-) product }
//   product  signed { (*|/) signed }
//   signed   { -|+ } power                      so -x^2 is -(x^2) and -a*b is (-a)*b
//   power    primary [ ^ signed ]               to the right: 2^3^2 is 2^9
//   primary  number | name | name(inputs) | (sum)
//
//   ExpressionBuilder build(Vocabulary::activation);
//   ExpressionReading reading{build, macros};
//   const NodeId value = ExpressionParser(reading, "x*sigmoid(x)", {}).parse();
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "astrolabe/graph/expression_builder.h"
#include "astrolabe/graph/expression_functions.h"

namespace astrolabe {

// What the parsers of a text and of the macros in it share.
struct ExpressionReading {
  ExpressionBuilder& build;
  const MacroTable& macros;
  std::size_t depth = 0;
};

class ExpressionParser {
 public:
  using Names = std::unordered_map<std::string, NodeId>;

  // `parameters`: names that mean nodes here, before all others. The text must outlive the parser.
  ExpressionParser(ExpressionReading& reading, std::string_view text, Names parameters)
      : reading_(reading), build_(reading.build), text_(text), parameters_(std::move(parameters)) {}

  NodeId parse();  // the whole text; throws usage_error

 private:
  struct Comparison {
    NodeId condition;
    bool is_opposite;  // >= as its opposite <
  };
  struct Input {
    std::string name;  // "gamma" of gamma=2
    std::size_t at;
    NodeId node;
  };
  class Deeper;

  NodeId sum();
  NodeId product();
  NodeId signed_power();
  NodeId power();
  NodeId primary();
  NodeId number();
  NodeId name();
  NodeId bare_name(std::string_view name, std::size_t at);
  NodeId call(std::string_view name, std::size_t at);
  NodeId call_function(const FunctionRow& row, std::size_t at);
  NodeId call_math(std::string_view row);
  NodeId call_where(const FunctionRow& row);
  NodeId call_macro(const Macro& macro, std::size_t at, bool has_inputs);
  Comparison comparison();
  std::vector<Input> macro_inputs(const Macro& macro);
  std::vector<NodeId> inputs(std::string_view name, std::string_view words, std::size_t count);
  [[nodiscard]] const Macro* find_macro(std::string_view name) const;

  void skip_blanks();
  [[nodiscard]] bool is_at_end() const { return at_ == text_.size(); }
  [[nodiscard]] char peek() const { return is_at_end() ? '\0' : text_[at_]; }
  bool take(char c);  // and the blanks behind it
  bool take(std::string_view sign);
  void require_closing(std::string_view expected);
  std::string_view take_identifier();  // empty when there is none
  [[nodiscard]] std::string token_at(std::size_t at) const;

  struct Fault {
    std::size_t at;
    std::string expected;
    std::string found;  // empty: the token there
    std::string remedy;
  };
  [[noreturn]] void fail(const Fault& fault) const;
  [[noreturn]] void fail_unknown(std::string_view name, std::size_t at, bool is_call) const;
  [[noreturn]] void fail_misplaced(std::string_view name, std::size_t at) const;
  [[noreturn]] void fail_trailing() const;

  ExpressionReading& reading_;
  ExpressionBuilder& build_;
  std::string_view text_;
  Names parameters_;
  std::size_t at_ = 0;
};

}  // namespace astrolabe
