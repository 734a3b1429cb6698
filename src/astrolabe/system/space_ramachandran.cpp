// SPDX-License-Identifier: Apache-2.0
// Source: Ramachandran, Zoph and Le, "Searching for activation functions", 2017 (arXiv 1710.05941). The paper
// leaves open what eps is and whether the betas of one unit are one number: here eps is 1e-7, and every beta
// is a number of its own, trained along: the first that is needed is beta, the next alpha, then gamma, then
// beta again.
#include <algorithm>
#include <memory>

#include <fmt/format.h>

#include "astrolabe/base/text.h"
#include "astrolabe/system/named_spaces.h"

namespace astrolabe {
namespace {

// As people read it, and as the language writes it: # the input(s), @ a beta. asinh and sinc are written so
// that they lose nothing near 0 and overflow nowhere.
struct Piece {
  std::string_view label;
  std::string_view text;
};
constexpr std::array<Piece, 25> kUnaries{{
    {"x", "#"},
    {"-x", "-#"},
    {"abs(x)", "abs(#)"},
    {"x^2", "#^2"},
    {"x^3", "#^3"},
    {"sqrt(x)", "sqrt(#)"},
    {"beta*x", "@*#"},
    {"x+beta", "#+@"},
    {"log(abs(x)+eps)", "log(abs(#)+1e-7)"},
    {"exp(x)", "exp(#)"},
    {"sin(x)", "sin(#)"},
    {"cos(x)", "cos(#)"},
    {"sinh(x)", "sinh(#)"},
    {"cosh(x)", "cosh(#)"},
    {"tanh(x)", "tanh(#)"},
    {"asinh(x)", "where(#<0,-1,1)*log1p(max(-#,#)+#^2/(1+sqrt(#^2+1)))"},
    {"atan(x)", "atan(#)"},
    {"sinc(x)", "where(#==0,1,sin(#)/where(#==0,1,#))"},
    {"max(x,0)", "max(#,0)"},
    {"min(x,0)", "min(#,0)"},
    {"sigmoid(x)", "sigmoid(#)"},
    {"softplus(x)", "softplus(#)"},
    {"exp(-x^2)", "exp(-#^2)"},
    {"erf(x)", "erf(#)"},
    {"beta", "@"},
}};
constexpr std::array<Piece, 10> kBinaries{{
    {"x1+x2", "#+$"},
    {"x1*x2", "#*$"},
    {"x1-x2", "#-$"},
    {"x1/(x2+eps)", "#/($+1e-7)"},
    {"max(x1,x2)", "max(#,$)"},
    {"min(x1,x2)", "min(#,$)"},
    {"sigmoid(x1)*x2", "sigmoid(#)*$"},
    {"exp(-beta*(x1-x2)^2)", "exp(-@*(#-$)^2)"},
    {"exp(-beta*abs(x1-x2))", "exp(-@*abs(#-$))"},
    {"beta*x1+(1-beta)*x2", "@*#+(1-@)*$"},
}};
constexpr std::array<std::string_view, 3> kBetas{"beta", "alpha", "gamma"};

template <std::size_t n>
std::vector<std::string> labels_of(const std::array<Piece, n>& pieces) {
  std::vector<std::string> labels;
  for (const Piece& piece : pieces) labels.emplace_back(piece.label);
  return labels;
}

// Gives every piece that has a beta the next one.
struct Betas {
  std::size_t used = 0;

  std::string write(std::string_view text) {
    if (text.find('@') == std::string_view::npos) return std::string(text);
    return filled(text, '@', std::string(kBetas[used++ % kBetas.size()]));
  }
};

struct Unit {
  std::size_t x1 = 0, x2 = 0;  // dimensions; unused in the first unit, whose input is x
  std::size_t u1 = 0, u2 = 0, b = 0;
};

std::string text_of(const std::vector<Unit>& units, const Point& point) {
  std::vector<std::string> values = {"x"};  // then what each unit gives
  Betas betas;
  const auto place = [&](std::size_t d) { return static_cast<std::size_t>(point.values[d]); };
  for (std::size_t i = 0; i < units.size(); ++i) {
    const Unit& unit = units[i];
    const std::string& x1 = values[i == 0 ? 0 : place(unit.x1)];
    const std::string& x2 = values[i == 0 ? 0 : place(unit.x2)];
    const std::string left = filled(betas.write(kUnaries[place(unit.u1)].text), '#', x1);
    const std::string right = filled(betas.write(kUnaries[place(unit.u2)].text), '#', x2);
    const std::string whole = betas.write(kBinaries[place(unit.b)].text);
    values.push_back(filled(filled(whole, '#', left), '$', right));
  }
  return values.back();
}

std::vector<std::string> sources_of(std::size_t unit) {
  std::vector<std::string> sources = {"x"};
  for (std::size_t i = 1; i <= unit; ++i) sources.push_back(fmt::format("unit {}", i));
  return sources;
}

}  // namespace

std::vector<std::string> ramachandran_unaries() {
  std::vector<std::string> texts;
  for (const Piece& piece : kUnaries) texts.push_back(filled(filled(piece.text, '@', "beta"), '#', "x"));
  return texts;
}

WrittenSpace write_ramachandran(const SpaceWriter& slot, const SpaceContext& /*context*/, int units) {
  std::vector<Unit> written;
  for (int i = 0; i < units; ++i) {
    const SpaceWriter at = units == 1 ? slot : slot.under(std::to_string(i + 1));
    Unit unit;
    if (i > 0) {
      // By default the later unit reads the earlier one.
      const auto last = static_cast<std::size_t>(i);
      unit.x1 = at.choice("x1", sources_of(last), last).dimension;
      unit.x2 = at.choice("x2", sources_of(last), last).dimension;
    }
    unit.u1 = at.choice("u1", labels_of(kUnaries)).dimension;
    unit.u2 = at.choice("u2", labels_of(kUnaries)).dimension;
    unit.b = at.choice("b", labels_of(kBinaries), 4).dimension;  // max(x, x), which is x
    written.push_back(unit);
  }
  WrittenSpace space{.text = [written](const Point& point) { return text_of(written, point); }};
  if (units > 1) return space;
  const auto member = [&](std::string name, std::string_view u1, std::string_view u2, std::string_view b) {
    space.members.push_back({std::move(name), slot.assignment({{"u1", u1}, {"u2", u2}, {"b", b}})});
  };
  member("swish", "beta*x", "x", "sigmoid(x1)*x2");
  member("silu", "x", "x", "sigmoid(x1)*x2");
  member("max(x,sigmoid(x))", "x", "sigmoid(x)", "max(x1,x2)");
  member("cos(x)-x", "cos(x)", "x", "x1-x2");
  member("min(x,sin(x))", "x", "sin(x)", "min(x1,x2)");
  member("max(x,tanh(x))", "x", "tanh(x)", "max(x1,x2)");
  member("sinc(x)+x", "sinc(x)", "x", "x1+x2");
  return space;
}

std::string grammar_of_ramachandran(int units) {
  return fmt::format(
      "{}\n  u  one of {}\n  b  one of {}\n  every beta is a number of its own, trained along; eps is 1e-7\n",
      units == 1
          ? "b(u(x), u(x))"
          : fmt::format("{} units b(u(a), u(a)); a is x or an earlier unit; the last one counts", units),
      join(labels_of(kUnaries), ", "), join(labels_of(kBinaries), ", "));
}

}  // namespace astrolabe
