// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/workflow/algebra.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <optional>
#include <vector>

#include <fmt/format.h>

#include "astrolabe/base/text.h"
#include "astrolabe/passes/rewrite.h"

namespace astrolabe {
namespace {

constexpr int kMostOpened = 300;  // nodes of one sum or product: shared ones count anew wherever they stand
constexpr int kMostPower = 16;    // of a factor that is written as a power

// number * factors[0]^powers[0] * ...; powers below 0 stand under the line.
struct Product {
  struct Factor {
    NodeId base;
    int power;
    friend bool operator==(const Factor&, const Factor&) = default;
  };
  double number = 1;
  std::vector<Factor> factors;
};

// Terms of a sum, in the order in which they were met.
struct Sum {
  std::vector<Product> terms;
};

class Algebra {
 public:
  Algebra(Graph& graph, ElementType type) : graph_(graph), type_(type) {}

  // The node that stands for a draft whose inputs are tidy.
  NodeId rule(const NodeDraft& draft) {
    opened_ = 0;
    switch (draft.op) {
      case Op::add:
      case Op::subtract: {
        Sum sum;
        add_terms(draft.inputs[0], 1, sum);
        add_terms(draft.inputs[1], draft.op == Op::add ? 1 : -1, sum);
        return build(sum);
      }
      case Op::negate: {
        Sum sum;
        add_terms(draft.inputs[0], -1, sum);
        return build(sum);
      }
      case Op::multiply:
      case Op::divide: {
        if (const auto moved = into_branches(draft)) return *moved;
        Product product;
        multiply_by(draft.inputs[0], 1, product);
        multiply_by(draft.inputs[1], draft.op == Op::multiply ? 1 : -1, product);
        return build(product);
      }
      default:
        return graph_.append(draft);
    }
  }

 private:
  // What folding has rounded, 0.09999999999999998, as it is meant: where 15 digits make it much shorter.
  NodeId number(double value) {
    const std::string rounded = fmt::format("{:.15g}", value);
    const bool is_shorter = rounded.size() + 3 <= fmt::format("{}", value).size();
    return graph_.constant(is_shorter ? parse_number(rounded).value_or(value) : value, type_);
  }
  [[nodiscard]] std::optional<double> as_number(NodeId node) const {
    if (graph_[node].op != Op::constant) return std::nullopt;
    return graph_[node].constant_value();
  }

  void add_terms(NodeId node, double sign, Sum& sum) {
    const Node here = graph_[node];
    if (++opened_ < kMostOpened && (here.op == Op::add || here.op == Op::subtract)) {
      const NodeId left = graph_.input_of(node, 0), right = graph_.input_of(node, 1);
      const bool is_sum = here.op == Op::add;
      add_terms(left, sign, sum);
      add_terms(right, is_sum ? sign : -sign, sum);
      return;
    }
    if (here.op == Op::negate) {
      add_terms(graph_.input_of(node, 0), -sign, sum);
      return;
    }
    Product term;
    term.number = sign;
    multiply_by(node, 1, term);
    for (Product& known : sum.terms) {
      if (known.factors != term.factors) continue;
      known.number += term.number;
      return;
    }
    sum.terms.push_back(std::move(term));
  }

  void multiply_by(NodeId node, int power, Product& product) {
    const Node here = graph_[node];
    const NodeId left = here.input_count > 0 ? graph_.input_of(node, 0) : node;
    const bool may_open = ++opened_ < kMostOpened && std::abs(power) < kMostOpened;
    if (const auto value = as_number(node); value && (power > 0 || *value != 0)) {
      product.number = power > 0 ? product.number * *value : product.number / *value;
    } else if (here.op == Op::negate) {
      product.number = -product.number;
      multiply_by(left, power, product);
    } else if (may_open && here.op == Op::multiply) {
      const NodeId right = graph_.input_of(node, 1);
      multiply_by(left, left == right ? 2 * power : power, product);
      if (left == right) return;
      multiply_by(right, power, product);
    } else if (may_open && here.op == Op::divide) {
      const NodeId right = graph_.input_of(node, 1);
      multiply_by(left, power, product);
      multiply_by(right, -power, product);
    } else {
      const auto known = std::ranges::find(product.factors, node, &Product::Factor::base);
      // Cancelling would forget where the quotient has no value; factors on one side of the line only meet.
      const bool is_one_side = known != product.factors.end() && (known->power > 0) == (power > 0);
      if (is_one_side) {
        known->power += power;
      } else {
        product.factors.push_back({node, power});
      }
    }
  }

  // where(c, 1, 0) * a and the like: the product moves to where it counts.
  std::optional<NodeId> into_branches(const NodeDraft& draft) {
    if (draft.op != Op::multiply) return std::nullopt;
    for (const std::size_t side : {0U, 1U}) {
      const NodeId choice = draft.inputs[side], other = draft.inputs[1 - side];
      if (graph_[choice].op != Op::select) continue;
      const NodeId condition = graph_.input_of(choice, 0);
      const NodeId yes = graph_.input_of(choice, 1), no = graph_.input_of(choice, 2);
      if (!as_number(yes) || !as_number(no)) continue;
      return graph_.select(condition, times(yes, other), times(no, other));
    }
    return std::nullopt;
  }
  NodeId times(NodeId value, NodeId other) {
    if (*as_number(value) == 0) return value;
    Product product;
    multiply_by(value, 1, product);
    multiply_by(other, 1, product);
    return build(product);
  }

  NodeId power_of(NodeId base, int power) {
    // As the language builds powers, so that it knows them again.
    if (power == 1) return base;
    if (power % 2 == 0) {
      const NodeId half = power_of(base, power / 2);
      return graph_.multiply(half, half);
    }
    return graph_.multiply(power_of(base, power - 1), base);
  }

  NodeId power_of_any(const Product::Factor& factor) {
    NodeId built = kNoNode;
    for (int left = std::abs(factor.power); left > 0; left -= kMostPower) {
      const NodeId piece = power_of(factor.base, std::min(left, kMostPower));
      built = built == kNoNode ? piece : graph_.multiply(built, piece);
    }
    return built;
  }

  // number * above / below, the number in front; a number of -1 is a sign of the first factor.
  NodeId build(const Product& product) {
    if (product.number == 0) return number(0);
    const bool is_sign = product.number == -1;
    NodeId top = std::abs(product.number) != 1 ? number(product.number) : kNoNode;
    for (const Product::Factor& factor : product.factors) {
      if (factor.power < 0) continue;
      const NodeId piece = power_of_any(factor);
      top = top != kNoNode ? graph_.multiply(top, piece) : is_sign ? graph_.negate(piece) : piece;
    }
    if (top == kNoNode) top = number(product.number);
    NodeId below = kNoNode;
    for (const Product::Factor& factor : product.factors) {
      if (factor.power > 0) continue;
      const NodeId piece = power_of_any(factor);
      below = below == kNoNode ? piece : graph_.multiply(below, piece);
    }
    return below == kNoNode ? top : graph_.divide(top, below);
  }

  // where(c, a, b) + where(c, d, e), under any numbers.
  void join_choices(Sum& sum) {
    for (std::size_t i = 0; i < sum.terms.size(); ++i) {
      for (std::size_t j = sum.terms.size() - 1; j > i && is_choice(sum.terms[i]); --j) {
        const NodeId a = sum.terms[i].factors[0].base;
        if (!is_choice(sum.terms[j])) continue;
        const NodeId b = sum.terms[j].factors[0].base;
        if (graph_.input_of(a, 0) != graph_.input_of(b, 0)) continue;
        std::array<NodeId, 2> branches{};
        for (std::size_t side = 0; side < 2; ++side) {
          Sum branch;
          add_terms(graph_.input_of(a, side + 1), sum.terms[i].number, branch);
          add_terms(graph_.input_of(b, side + 1), sum.terms[j].number, branch);
          branches[side] = build(branch);
        }
        const NodeId joined = graph_.select(graph_.input_of(a, 0), branches[0], branches[1]);
        sum.terms.erase(sum.terms.begin() + static_cast<std::ptrdiff_t>(j));
        sum.terms[i] = {.number = 1, .factors = {{joined, 1}}};
      }
    }
  }
  [[nodiscard]] bool is_choice(const Product& term) const {
    return term.factors.size() == 1 && term.factors[0].power == 1 &&
           graph_[term.factors[0].base].op == Op::select;
  }

  // Terms with a plus first, so that no formula begins with a minus that it can spare.
  NodeId build(Sum& sum) {
    join_choices(sum);
    std::erase_if(sum.terms, [](const Product& term) { return term.number == 0; });
    if (sum.terms.empty()) return number(0);
    const auto first = std::ranges::find_if(sum.terms, [](const Product& term) { return term.number > 0; });
    if (first != sum.terms.end()) std::rotate(sum.terms.begin(), first, first + 1);
    NodeId built = build(sum.terms[0]);
    for (std::size_t i = 1; i < sum.terms.size(); ++i) {
      Product term = sum.terms[i];
      const bool is_minus = term.number < 0;
      if (is_minus) term.number = -term.number;
      const NodeId next = build(term);
      built = is_minus ? graph_.subtract(built, next) : graph_.add(built, next);
    }
    return built;
  }

  Graph& graph_;
  ElementType type_;
  int opened_ = 0;
};

}  // namespace

Tidied tidy(const Graph& graph, NodeId value) {
  const ElementType type = graph.type(value);
  Rewritten after =
      rewrite(graph, std::vector<NodeId>{value},
              [&](Graph& to, const NodeDraft& draft, NodeId) { return Algebra(to, type).rule(draft); });
  return {std::move(after.graph), after.roots[0]};
}

}  // namespace astrolabe
