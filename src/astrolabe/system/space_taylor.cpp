// SPDX-License-Identifier: Apache-2.0
// Source: Gonzalez and Miikkulainen, "Optimizing loss functions through multi-variate Taylor polynomial
// parameterization", 2020 (arXiv 2002.00059). x of the paper is the label, y the prediction: y and p here, y
// and z for numbers.
#include <string>

#include <fmt/format.h>

#include "astrolabe/system/named_spaces.h"

namespace astrolabe {
namespace {

constexpr double kFarthest = 2;  // of every parameter, both ways

// The eight numbers of plain squared error, and of the error at which the paper's search begins: the same.
constexpr std::array<double, 8> kFirst{0, 0, 0, -1, 0, 1, 0, 0};

std::string plus(double factor, std::string_view what) {
  if (factor == 1 || factor == -1) return fmt::format("{}{}", factor > 0 ? "+" : "-", what);
  return factor == 0 ? "" : fmt::format("{:+}*{}", factor, what);
}

std::string shifted(std::string_view name, double by) {
  return by == 0 ? std::string(name) : fmt::format("({}{:+})", name, -by);
}

}  // namespace

WrittenSpace write_taylor(const SpaceWriter& slot, const SpaceContext& context, int /*setting*/) {
  const std::string_view output = context.kind == TaskKind::regression ? "z" : "p";
  std::array<std::size_t, 8> t{};
  for (std::size_t i = 0; i < t.size(); ++i)
    t[i] = slot.add(fmt::format("t{}", i), RealRange{.low = -kFarthest, .high = kFarthest}, kFirst[i]);
  WrittenSpace space;
  space.text = [t, output](const Point& point) {
    const auto value = [&](std::size_t i) { return point.values[t[i]]; };
    const std::string truth = shifted("y", value(0)), out = shifted(output, value(1));
    const std::string sum = plus(value(2), out) + plus(value(3) / 2, out + "^2") +
                            plus(value(4) / 6, out + "^3") + plus(value(5), truth + "*" + out) +
                            plus(value(6) / 2, truth + "*" + out + "^2") +
                            plus(value(7) / 2, truth + "^2*" + out);
    return sum.empty() ? std::string("0") : "-(" + sum + ")";
  };
  space.members.push_back({"squared error", {}});
  return space;
}

std::string grammar_of_taylor(int /*setting*/) {
  return "-(t2*(p-t1)+t3/2*(p-t1)^2+t4/6*(p-t1)^3+t5*(y-t0)*(p-t1)+t6/2*(y-t0)*(p-t1)^2"
         "+t7/2*(y-t0)^2*(p-t1))\n  t0..t7  from -2 to 2; z in the place of p for numbers\n";
}

}  // namespace astrolabe
