// SPDX-License-Identifier: Apache-2.0
// Source: Bello, Zoph, Vasudevan and Le, "Neural optimizer search with reinforcement learning", ICML 2017
// (arXiv 1709.07417). Noise and drop need chance, and the language of expressions has none: they are hashes
// of the weight, its gradient and the step, which are as good as random and the same in every run.
#include <algorithm>

#include <fmt/format.h>

#include "astrolabe/base/text.h"
#include "astrolabe/system/named_spaces.h"

namespace astrolabe {
namespace {

struct Piece {
  std::string_view label;
  std::string_view text;  // # and $: the inputs; ~: a uniform number of [0, 1); |: another one
};
constexpr std::array<Piece, 17> kOperands{{
    {"g", "g"},
    {"g^2", "g^2"},
    {"g^3", "g^3"},
    {"m", "ema(g,0.9)"},
    {"v", "ema(g^2,0.999)"},
    {"y", "ema(g^3,0.999)"},
    {"sign(g)", "sign(g)"},
    {"sign(m)", "sign(ema(g,0.9))"},
    {"1", "1"},
    {"2", "2"},
    {"noise", "0.01*sqrt(-2*log(1-~))*cos(6.283185307179586*|)"},
    {"1e-4*w", "1e-4*w"},
    {"1e-3*w", "1e-3*w"},
    {"1e-2*w", "1e-2*w"},
    {"1e-1*w", "1e-1*w"},
    {"adam", "ema(g,0.9)/(1-0.9^k)/(sqrt(ema(g^2,0.999)/(1-0.999^k))+1e-8)"},
    {"rmsprop", "g/(sqrt(ema(g^2,0.99))+1e-8)"},
}};
constexpr std::array<Piece, 12> kUnaries{{
    {"x", "#"},
    {"-x", "-#"},
    {"exp(x)", "exp(#)"},
    {"log(abs(x))", "log(abs(#))"},
    {"sqrt(abs(x))", "sqrt(abs(#))"},
    {"clip(x,1e-5)", "max(min(#,1e-5),-1e-5)"},
    {"clip(x,1e-4)", "max(min(#,1e-4),-1e-4)"},
    {"clip(x,1e-3)", "max(min(#,1e-3),-1e-3)"},
    {"drop(x,0.1)", "where(~<0.1,0,#)"},
    {"drop(x,0.3)", "where(~<0.3,0,#)"},
    {"drop(x,0.5)", "where(~<0.5,0,#)"},
    {"sign(x)", "sign(#)"},
}};
constexpr std::array<Piece, 6> kBinaries{{
    {"x+y", "#+$"},
    {"x-y", "#-$"},
    {"x*y", "#*$"},
    {"x/(y+1e-8)", "#/($+1e-8)"},
    {"x^y", "#^$"},
    {"x", "#"},
}};

template <std::size_t n>
std::vector<std::string> labels_of(const std::array<Piece, n>& pieces) {
  std::vector<std::string> labels;
  for (const Piece& piece : pieces) labels.emplace_back(piece.label);
  return labels;
}

// The fraction of a large sine: another one for every `stream`.
std::string uniform(std::size_t stream) {
  const std::string wave = fmt::format("1013*sin(997*w+1009*g+12.9898*k+{}.75)", stream);
  return fmt::format("({}-floor({}))", wave, wave);
}

// Every operand and function has streams of its own, so that what it draws depends on nothing else.
std::string with_chance(std::string_view text, std::size_t& stream) {
  std::string result(text);
  for (const char mark : {'~', '|'})
    if (result.find(mark) != std::string::npos) result = filled(result, mark, uniform(stream++));
  return result;
}

struct Group {
  std::size_t op1, op2, u1, u2, b;  // dimensions
};

std::string text_of(const std::vector<Group>& groups, const Point& point) {
  std::vector<std::string> operands;
  for (const Piece& piece : kOperands) operands.emplace_back(piece.text);
  std::size_t stream = 0;
  const auto place = [&](std::size_t d) { return static_cast<std::size_t>(point.values[d]); };
  for (const Group& group : groups) {
    const auto side = [&](std::size_t op, std::size_t u) {
      const std::string operand = with_chance(operands[place(op)], stream);
      return filled(with_chance(kUnaries[place(u)].text, stream), '#', operand);
    };
    const std::string left = side(group.op1, group.u1);
    const std::string right = side(group.op2, group.u2);
    operands.push_back(filled(filled(kBinaries[place(group.b)].text, '#', left), '$', right));
  }
  return "lr*" + in_parentheses(operands.back());
}

Group write_group(const SpaceWriter& at, std::size_t earlier) {
  std::vector<std::string> operands = labels_of(kOperands);
  for (std::size_t i = 1; i <= earlier; ++i) operands.push_back(fmt::format("group {}", i));
  const std::size_t preferred = earlier == 0 ? 0 : operands.size() - 1;  // g, or what the group before gives
  Group group{};
  group.op1 = at.choice("op1", operands, preferred).dimension;
  group.op2 = at.choice("op2", operands).dimension;
  group.u1 = at.choice("u1", labels_of(kUnaries)).dimension;
  group.u2 = at.choice("u2", labels_of(kUnaries)).dimension;
  group.b = at.choice("b", labels_of(kBinaries), kBinaries.size() - 1).dimension;
  return group;
}

void add_members_of_one(const SpaceWriter& slot, WrittenSpace& space) {
  const auto member = [&](std::string name, std::string_view op1, std::string_view op2, std::string_view u1,
                          std::string_view u2, std::string_view b) {
    space.members.push_back(
        {std::move(name), slot.assignment({{"op1", op1}, {"op2", op2}, {"u1", u1}, {"u2", u2}, {"b", b}})});
  };
  member("adam", "adam", "g", "x", "x", "x");
  member("momentum", "m", "g", "x", "x", "x");
  member("rmsprop", "rmsprop", "g", "x", "x", "x");
  member("signs of momentum", "m", "g", "sign(x)", "x", "x");
  member("drop(m,0.3)*exp(1e-3*w)", "m", "1e-3*w", "drop(x,0.3)", "exp(x)", "x*y");
}

void add_members_of_two(const SpaceWriter& slot, WrittenSpace& space) {
  const auto power_sign = [&](std::string name, std::string_view times) {
    space.members.push_back({std::move(name), slot.assignment({{"1.op1", "sign(g)"},
                                                               {"1.op2", "sign(m)"},
                                                               {"1.u1", "x"},
                                                               {"1.u2", "x"},
                                                               {"1.b", "x*y"},
                                                               {"2.op1", "group 1"},
                                                               {"2.op2", times},
                                                               {"2.u1", "exp(x)"},
                                                               {"2.u2", "x"},
                                                               {"2.b", "x*y"}})});
  };
  power_sign("powersign", "g");
  power_sign("adam*exp(sign(g)*sign(m))", "adam");
}

}  // namespace

WrittenSpace write_bello(const SpaceWriter& slot, const SpaceContext& /*context*/, int groups) {
  std::vector<Group> written;
  for (int i = 0; i < groups; ++i)
    written.push_back(write_group(groups == 1 ? slot : slot.under(std::to_string(i + 1)), written.size()));
  WrittenSpace space{.text = [written](const Point& point) { return text_of(written, point); }};
  if (groups == 1) add_members_of_one(slot, space);
  if (groups == 2) add_members_of_two(slot, space);
  return space;
}

PointText write_bello_hole(const SpaceWriter& hole) {
  const std::size_t operand = hole.choice("op", labels_of(kOperands)).dimension;
  const std::size_t unary = hole.choice("u", labels_of(kUnaries)).dimension;
  return [operand, unary](const Point& point) {
    std::size_t stream = 100;  // none of those of a group
    const auto place = [&](std::size_t d) { return static_cast<std::size_t>(point.values[d]); };
    const std::string inner = with_chance(kOperands[place(operand)].text, stream);
    return filled(with_chance(kUnaries[place(unary)].text, stream), '#', inner);
  };
}

std::string grammar_of_bello(int groups) {
  return fmt::format(
      "{}\n  a  one of {}\n  u  one of {}\n  b  one of {}\n"
      "  m, v, y: moving averages of g, g^2, g^3 (0.9, 0.999, 0.999); noise: normal, 0.01 wide\n",
      groups == 1
          ? "lr*b(u(a), u(a))"
          : fmt::format("{} groups b(u(a), u(a)); a may be an earlier group; lr times the last one", groups),
      join(labels_of(kOperands), ", "), join(labels_of(kUnaries), ", "), join(labels_of(kBinaries), ", "));
}

}  // namespace astrolabe
