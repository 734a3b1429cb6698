// SPDX-License-Identifier: Apache-2.0
#include "tests/graph/same_expression.h"
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "astrolabe/base/error.h"
#include "astrolabe/graph/expression.h"

namespace astrolabe {
namespace {

// Writes a text of the grammar out of a list of choices, so that shrinking the list shrinks the text.
class RandomText {
 public:
  RandomText(Vocabulary vocabulary, std::vector<int> choices)
      : vocabulary_(vocabulary), choices_(std::move(choices)) {}

  std::string sum(int depth) {
    switch (depth <= 0 ? choose(2) : choose(14)) {
      case 0:
        return variable();
      case 1:
        return number();
      case 2:
        return sum(depth - 1) + "+" + sum(depth - 1);
      case 3:
        return sum(depth - 1) + "-" + sum(depth - 1);
      case 4:
        return sum(depth - 1) + "*" + sum(depth - 1);
      case 5:
        return sum(depth - 1) + "/" + sum(depth - 1);
      case 6:
        return "(" + sum(depth - 1) + ")^" + exponent();
      case 7:
        return "-" + sum(depth - 1);
      case 8:
        return "(" + sum(depth - 1) + ")";
      case 9:
        return pick({"min", "max", "pow"}) + "(" + sum(depth - 1) + "," + sum(depth - 1) + ")";
      case 10:
        return "where(" + sum(depth - 1) + pick({"<", ">", "<=", ">=", "=="}) + sum(depth - 1) + "," +
               sum(depth - 1) + "," + sum(depth - 1) + ")";
      case 11:
        return pick({"exp", "log", "sigmoid", "softplus", "tanh", "log1p", "cosh", "sqrt", "sign", "abs"}) +
               "(" + sum(depth - 1) + ")";
      case 12:
        return vocabulary_ == Vocabulary::optimizer ? memory(depth) : "1-" + sum(depth - 1);
      default:
        return "1+exp(" + sum(depth - 1) + ")";
    }
  }

 private:
  int choose(int count) {
    if (at_ == choices_.size()) return 0;
    return choices_[at_++] % count;
  }
  std::string pick(std::vector<std::string> words) { return words[choose(static_cast<int>(words.size()))]; }
  std::string number() {
    return pick({"0", "1", "2", "-1", "0.5", "4", "7", "1.5", "e", "pi", "1e-8", "1e30", "-0.3", "0.9"});
  }
  std::string exponent() {
    return pick({"2", "3", "-1", "7", "0.5", "1.5", "16", variable(), "0", "-0.5", "2^3"});
  }
  std::string variable() {
    switch (vocabulary_) {
      case Vocabulary::activation:
        return pick({"x", "alpha", "beta"});
      case Vocabulary::loss:
        return pick({"p", "y", "z", "classes"});
      case Vocabulary::optimizer:
        return pick({"g", "w", "lr", "k", "t"});
      case Vocabulary::schedule:
        return pick({"t", "k"});
    }
    return {};
  }
  std::string memory(int depth) {
    switch (choose(4)) {
      case 0:
        return "ema(" + sum(depth - 1) + "," + sum(depth - 1) + ")";
      case 1:
        return "trace(" + sum(depth - 1) + "," + sum(depth - 1) + ")";
      case 2:
        return "sum(" + sum(depth - 1) + ")";
      default:
        return "prev(" + sum(depth - 1) + ")";
    }
  }

  Vocabulary vocabulary_;
  std::vector<int> choices_;
  std::size_t at_ = 0;
};

RC_GTEST_PROP(ExpressionProperty, what_is_printed_is_the_same_graph_again, ()) {
  const auto vocabulary = *rc::gen::element(Vocabulary::activation, Vocabulary::loss, Vocabulary::optimizer,
                                            Vocabulary::schedule);
  const auto choices = *rc::gen::container<std::vector<int>>(60, rc::gen::inRange(0, 1000));
  const std::string text = RandomText(vocabulary, choices).sum(5);
  Expression first;
  try {
    first = parse_expression(vocabulary, text);
  } catch (const Error&) {
    RC_DISCARD("too large");
  }
  RC_CLASSIFY(first.text.size() > 40, "long");
  const Expression second = parse_expression(vocabulary, first.text);
  RC_LOG() << text << " -> " << first.text << " -> " << second.text;
  RC_ASSERT(first.text == second.text);
  RC_ASSERT(have_same_graph(first, second));
}

RC_GTEST_PROP(ExpressionProperty, any_bytes_are_an_expression_or_a_usage_error, (const std::string& text)) {
  for (const Vocabulary vocabulary : {Vocabulary::activation, Vocabulary::optimizer}) {
    try {
      (void)parse_expression(vocabulary, text);
    } catch (const Error& error) {
      RC_ASSERT(error.kind() == ErrorKind::usage);
    }
  }
}

RC_GTEST_PROP(ExpressionProperty, pieces_of_the_language_in_any_order_are_harmless, ()) {
  const auto pieces = *rc::gen::container<std::vector<std::string>>(rc::gen::element<std::string>(
      "x", "g", "1", "0.5", "1e", "(", ")", ",", "+", "-", "*", "/", "^", "where(", "<", "==", "exp(", "ema(",
      "abs(", "=", " ", ".", "\xc3", "log(1-", "min", "\n"));
  std::string text;
  for (const std::string& piece : pieces) text += piece;
  try {
    (void)parse_expression(Vocabulary::optimizer, text);
  } catch (const Error& error) {
    RC_ASSERT(error.kind() == ErrorKind::usage);
  }
}

}  // namespace
}  // namespace astrolabe
