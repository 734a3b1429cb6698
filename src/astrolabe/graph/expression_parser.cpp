// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/graph/expression_parser.h"

#include <algorithm>
#include <limits>
#include <numbers>
#include <optional>

#include <fmt/format.h>

#include "astrolabe/base/text.h"
#include "astrolabe/graph/math_table.h"
#include "astrolabe/graph/vocabulary.h"

namespace astrolabe {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool begins_identifier(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

}  // namespace

// One more level of the parser's recursion, for as long as it lives.
class ExpressionParser::Deeper {
 public:
  explicit Deeper(const ExpressionParser& parser) : depth_(parser.reading_.depth) {
    if (++depth_ <= kMaxExpressionDepth) return;
    --depth_;
    parser.fail({.at = parser.at_,
                 .expected = fmt::format("parentheses and powers inside one another at most {} deep",
                                         kMaxExpressionDepth),
                 .found = "more",
                 .remedy = "Write it flatter."});
  }
  ~Deeper() { --depth_; }
  Deeper(const Deeper&) = delete;
  Deeper& operator=(const Deeper&) = delete;

 private:
  std::size_t& depth_;
};

void ExpressionParser::skip_blanks() {
  while (!is_at_end() && is_blank(text_[at_])) ++at_;
}

bool ExpressionParser::take(char c) {
  return take(std::string_view(&c, 1));
}

bool ExpressionParser::take(std::string_view sign) {
  if (!text_.substr(at_).starts_with(sign)) return false;
  at_ += sign.size();
  skip_blanks();
  return true;
}

std::string_view ExpressionParser::take_identifier() {
  const std::size_t begin = at_;
  if (!begins_identifier(peek())) return {};
  while (begins_identifier(peek()) || is_digit(peek())) ++at_;
  const std::string_view identifier = text_.substr(begin, at_ - begin);
  skip_blanks();
  return identifier;
}

NodeId ExpressionParser::parse() {
  if (text_.size() > kMaxExpressionText) {
    fail({.at = kMaxExpressionText,
          .expected = fmt::format("at most {} characters", kMaxExpressionText),
          .found = fmt::format("{}", text_.size()),
          .remedy = "Shorten it."});
  }
  skip_blanks();
  const NodeId value = sum();
  if (!is_at_end()) fail_trailing();
  return value;
}

NodeId ExpressionParser::sum() {
  NodeId value = product();
  while (true) {
    if (take('+')) {
      value = build_.add(value, product());
    } else if (take('-')) {
      value = build_.subtract(value, product());
    } else {
      return value;
    }
  }
}

NodeId ExpressionParser::product() {
  NodeId value = signed_power();
  while (true) {
    const std::size_t at = at_;
    if (take("**"))
      fail({.at = at, .expected = "an operator", .found = {}, .remedy = "Powers are written a^b."});
    if (take('*')) {
      value = build_.multiply(value, signed_power());
    } else if (take('/')) {
      value = build_.divide(value, signed_power());
    } else {
      return value;
    }
  }
}

NodeId ExpressionParser::signed_power() {
  bool is_negative = false;
  while (true) {
    if (take('-')) {
      is_negative = !is_negative;
    } else if (!take('+')) {
      break;
    }
  }
  const NodeId value = power();
  return is_negative ? build_.negate(value) : value;
}

NodeId ExpressionParser::power() {
  const NodeId base = primary();
  if (!take('^')) return base;
  const Deeper deeper(*this);
  return build_.power(base, signed_power());
}

NodeId ExpressionParser::primary() {
  if (is_digit(peek()) || peek() == '.') return number();
  if (begins_identifier(peek())) return name();
  const std::size_t at = at_;
  if (!take('(')) {
    fail({.at = at_,
          .expected = "a number, a name or (",
          .found = {},
          .remedy = is_at_end() ? "Something is missing at the end." : "Something is missing before it."});
  }
  const Deeper deeper(*this);
  const NodeId value = sum();
  if (!take(')')) {
    fail({.at = at_,
          .expected = fmt::format(") for the ( at character {}", at + 1),
          .found = {},
          .remedy = "Close the parenthesis."});
  }
  return value;
}

NodeId ExpressionParser::number() {
  const std::size_t begin = at_;
  while (is_digit(peek())) ++at_;
  if (peek() == '.') ++at_;
  while (is_digit(peek())) ++at_;
  if (peek() == 'e' || peek() == 'E') {
    std::size_t digits = at_ + 1;
    if (digits < text_.size() && (text_[digits] == '+' || text_[digits] == '-')) ++digits;
    if (digits < text_.size() && is_digit(text_[digits])) at_ = digits;
    while (is_digit(peek())) ++at_;
  }
  const std::string_view digits = text_.substr(begin, at_ - begin);
  const auto value = parse_number(digits);
  if (!value || *value > std::numeric_limits<float>::max()) {
    fail({.at = begin,
          .expected = "a number of at most 3.4e38",
          .found = fmt::format("'{}'", digits),
          .remedy = "Numbers are written 2, 0.5 or 1e-3."});
  }
  if (begins_identifier(peek()) || peek() == '.') {
    fail({.at = at_,
          .expected = "an operator or the end",
          .found = {},
          .remedy = "A product is written 2*x, a number with one point."});
  }
  skip_blanks();
  return build_.number(*value);
}

NodeId ExpressionParser::name() {
  const std::size_t at = at_;
  const std::string_view identifier = take_identifier();
  return peek() == '(' ? call(identifier, at) : bare_name(identifier, at);
}

const Macro* ExpressionParser::find_macro(std::string_view name) const {
  return reading_.macros.find ? reading_.macros.find(name) : nullptr;
}

NodeId ExpressionParser::bare_name(std::string_view name, std::size_t at) {
  if (const auto known = parameters_.find(std::string(name)); known != parameters_.end())
    return known->second;
  const VariableRow* variable = find_variable(name);
  if (variable != nullptr && has_meaning(*variable, build_.vocabulary())) return build_.variable(name);
  if (is_trainable(name) && build_.vocabulary() == Vocabulary::activation) return build_.variable(name);
  if (name == "pi") return build_.number(std::numbers::pi);
  if (name == "e") return build_.number(std::numbers::e);
  if (const Macro* macro = find_macro(name)) return call_macro(*macro, at, false);
  if (variable != nullptr || is_trainable(name)) fail_misplaced(name, at);
  const FunctionRow* function = find_function(name);
  if (function != nullptr || find_math_row(name) != nullptr) {
    fail({.at = at_,
          .expected = fmt::format("( behind {}", name),
          .found = {},
          .remedy = fmt::format("A function is written {}({}).", name, function ? function->inputs : "a")});
  }
  fail_unknown(name, at, false);
}

NodeId ExpressionParser::call(std::string_view name, std::size_t at) {
  if (const FunctionRow* function = find_function(name)) return call_function(*function, at);
  if (const MathRow* row = find_math_row(name)) return call_math(row->name);
  if (const Macro* macro = find_macro(name)) return call_macro(*macro, at, true);
  const bool is_value = parameters_.contains(std::string(name)) || find_variable(name) != nullptr ||
                        is_trainable(name) || name == "pi" || name == "e";
  if (is_value) {
    fail({.at = at_,
          .expected = fmt::format("an operator behind {}", name),
          .found = {},
          .remedy = fmt::format("{} is not a function; a product is written {}*(...).", name, name)});
  }
  fail_unknown(name, at, true);
}

void ExpressionParser::require_closing(std::string_view expected) {
  if (take(')')) return;
  fail({.at = at_, .expected = std::string(expected), .found = {}, .remedy = "Close the parenthesis."});
}

std::vector<NodeId> ExpressionParser::inputs(std::string_view name, std::string_view words,
                                             std::size_t count) {
  const std::string shape = fmt::format("{}({})", name, words);
  take('(');
  const Deeper deeper(*this);
  std::vector<NodeId> nodes;
  while (peek() != ')' || !nodes.empty()) {
    if (nodes.size() == count) {
      fail({.at = at_,
            .expected =
                fmt::format("{} in {}", count == 1 ? "one input" : fmt::format("{} inputs", count), shape),
            .found = "more",
            .remedy = "Take out what is too much."});
    }
    nodes.push_back(sum());
    if (!take(',')) break;
  }
  if (nodes.size() < count && peek() == ')') {
    fail({.at = at_,
          .expected =
              fmt::format("{} in {}", count == 1 ? "one input" : fmt::format("{} inputs", count), shape),
          .found = nodes.empty() ? "none" : fmt::format("{}", nodes.size()),
          .remedy = "Write all of them."});
  }
  require_closing(nodes.size() < count ? "a comma or )" : ")");
  return nodes;
}

NodeId ExpressionParser::call_math(std::string_view row) {
  return build_.math(row, inputs(row, "a", 1)[0]);
}

NodeId ExpressionParser::call_function(const FunctionRow& row, std::size_t at) {
  if (row.has_memory && build_.vocabulary() != Vocabulary::optimizer) {
    fail({.at = at,
          .expected = fmt::format("a function without memory in {}", with_article(build_.vocabulary())),
          .found = {},
          .remedy = fmt::format("{} remembers earlier steps, which only optimizers do.", row.name)});
  }
  if (row.build == nullptr) return call_where(row);
  return row.build(build_, inputs(row.name, row.inputs, row.input_count));
}

ExpressionParser::Comparison ExpressionParser::comparison() {
  const NodeId left = sum();
  const std::size_t at = at_;
  for (const std::string_view sign : {"<=", ">=", "==", "<", ">"}) {
    if (!take(sign)) continue;
    const NodeId right = sum();
    if (sign == "==") return {build_.equal(left, right), false};
    if (sign == "<" || sign == ">=") return {build_.less(left, right), sign == ">="};
    return {build_.less(right, left), sign == "<="};
  }
  fail({.at = at,
        .expected = "a comparison: <, >, <=, >= or ==",
        .found = {},
        .remedy = "A choice is written where(a < b, u, v)."});
}

NodeId ExpressionParser::call_where(const FunctionRow& row) {
  take('(');
  const Deeper deeper(*this);
  const Comparison asked = comparison();
  std::vector<NodeId> branches;
  while (branches.size() < 2) {
    if (!take(',')) {
      fail({.at = at_,
            .expected = fmt::format("a comma: {}({})", row.name, row.inputs),
            .found = {},
            .remedy = "where() takes a comparison, the value where it holds, and the value elsewhere."});
    }
    branches.push_back(sum());
  }
  require_closing(")");
  if (asked.is_opposite) std::swap(branches[0], branches[1]);
  return build_.select(asked.condition, branches[0], branches[1]);
}

std::vector<ExpressionParser::Input> ExpressionParser::macro_inputs(const Macro& macro) {
  std::vector<Input> given;
  take('(');
  const Deeper deeper(*this);
  while (peek() != ')' || !given.empty()) {
    const std::size_t at = at_;
    std::string_view name = take_identifier();
    const bool is_named = !name.empty() && peek() == '=' && !text_.substr(at_).starts_with("==");
    if (is_named) {
      take('=');
    } else {
      at_ = at;
      name = {};
      if (!given.empty() && !given.back().name.empty()) {
        fail({.at = at,
              .expected = fmt::format("name=value, as before in {}", macro.name),
              .found = {},
              .remedy = "Values without a name come first."});
      }
    }
    given.push_back({std::string(name), at, sum()});
    if (!take(',')) break;
  }
  require_closing("a comma or )");
  return given;
}

NodeId ExpressionParser::call_macro(const Macro& macro, std::size_t at, bool has_inputs) {
  const std::vector<Input> given = has_inputs ? macro_inputs(macro) : std::vector<Input>{};
  std::vector<std::string> names;
  for (const Macro::Parameter& parameter : macro.parameters) names.push_back(parameter.name);
  const std::string shape = fmt::format("{}({})", macro.name, join(names, ", "));
  Names bound;
  for (std::size_t i = 0; i < given.size(); ++i) {
    const Input& input = given[i];
    if (input.name.empty() && i >= names.size()) {
      fail({.at = input.at,
            .expected = names.empty() ? fmt::format("{} alone: it has no settings", macro.name)
                                      : fmt::format("at most {} inputs: {}", names.size(), shape),
            .found = {},
            .remedy = "Take out what is too much."});
    }
    const std::string& name = input.name.empty() ? names[i] : input.name;
    if (std::ranges::find(names, name) == names.end()) {
      const auto nearest = nearest_name(name, names);
      fail({.at = input.at,
            .expected = names.empty() ? fmt::format("{} alone: it has no settings", macro.name)
                                      : fmt::format("a setting of {}: {}", macro.name, join(names, ", ")),
            .found = {},
            .remedy = nearest ? fmt::format("Did you mean {}?", *nearest) : "Take it out."});
    }
    if (!bound.emplace(name, input.node).second) {
      fail({.at = input.at,
            .expected = fmt::format("{} once", name),
            .found = "it again",
            .remedy = "Take one of them out."});
    }
  }
  const Deeper deeper(*this);
  for (const Macro::Parameter& parameter : macro.parameters) {
    if (bound.contains(parameter.name)) continue;
    if (parameter.default_text.empty()) {
      fail({.at = at,
            .expected = fmt::format("{} in {}", parameter.name, shape),
            .found = "none",
            .remedy = fmt::format("Write {}.", shape)});
    }
    bound.emplace(parameter.name, ExpressionParser(reading_, parameter.default_text, {}).parse());
  }
  return ExpressionParser(reading_, macro.body, std::move(bound)).parse();
}

}  // namespace astrolabe
