// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/graph/math_derivative.h"

#include <cctype>
#include <charconv>

#include "astrolabe/base/error.h"
#include "astrolabe/graph/math_table.h"

namespace astrolabe {
namespace {

class Builder {
 public:
  Builder(Graph& graph, std::string_view text, DerivativeAt at) : graph_(graph), rest_(text), at_(at) {}

  NodeId all() {
    const NodeId value = expression();
    ASTROLABE_CHECK(peek() == '\0', "the text of a derivative ends where its expression does");
    return value;
  }

 private:
  char peek() {
    while (!rest_.empty() && rest_.front() == ' ') rest_.remove_prefix(1);
    return rest_.empty() ? '\0' : rest_.front();
  }

  bool accept(char wanted) {
    if (peek() != wanted) return false;
    rest_.remove_prefix(1);
    return true;
  }

  NodeId expression() {
    NodeId value = term();
    for (;;) {
      if (accept('+'))
        value = graph_.add(value, term());
      else if (accept('-'))
        value = graph_.subtract(value, term());
      else
        return value;
    }
  }

  NodeId term() {
    NodeId value = factor();
    for (;;) {
      if (accept('*'))
        value = graph_.multiply(value, factor());
      else if (accept('/'))
        value = graph_.divide(value, factor());
      else
        return value;
    }
  }

  NodeId factor() {
    if (accept('-')) return graph_.negate(factor());
    const NodeId base = primary();
    if (!accept('^')) return base;
    const double exponent = number();
    ASTROLABE_CHECK(exponent >= 1 && exponent <= 16 && exponent == static_cast<int>(exponent),
                    "exponents in derivatives are whole and small");
    NodeId power = base;
    for (int i = 1; i < static_cast<int>(exponent); ++i) power = graph_.multiply(power, base);
    return power;
  }

  NodeId primary() {
    if (accept('(')) return closed(expression());
    if (std::isalpha(static_cast<unsigned char>(peek())) == 0) return graph_.constant(number(), type());
    const std::string_view name = word();
    if (name == "x") return at_.x;
    if (name == "y") return at_.y;
    ASTROLABE_CHECK(find_math_row(name) != nullptr && accept('('),
                    "a name in a derivative is x, y or a MATH row");
    return graph_.math(name, closed(expression()));
  }

  NodeId closed(NodeId value) {
    ASTROLABE_CHECK(accept(')'), "parentheses in derivatives close");
    return value;
  }

  std::string_view word() {
    std::size_t length = 0;
    while (length < rest_.size() &&
           (std::isalnum(static_cast<unsigned char>(rest_[length])) != 0 || rest_[length] == '_'))
      ++length;
    const std::string_view name = rest_.substr(0, length);
    rest_.remove_prefix(length);
    return name;
  }

  double number() {
    (void)peek();  // past blanks
    double value = 0;
    const auto [end, error] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), value);
    ASTROLABE_CHECK(error == std::errc{}, "a number in a derivative");
    rest_.remove_prefix(static_cast<std::size_t>(end - rest_.data()));
    return value;
  }

  [[nodiscard]] ElementType type() const { return graph_.type(at_.x); }

  Graph& graph_;
  std::string_view rest_;
  DerivativeAt at_;
};

}  // namespace

NodeId build_derivative(Graph& graph, std::string_view text, DerivativeAt at) {
  return Builder(graph, text, at).all();
}

}  // namespace astrolabe
