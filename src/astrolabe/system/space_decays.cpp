// SPDX-License-Identifier: Apache-2.0
// Source: Bello and others, ICML 2017, section 4 (arXiv 1709.07417). The periods n are ours: those of its
// examples and their neighbours.
#include "astrolabe/base/text.h"
#include "astrolabe/system/named_spaces.h"

namespace astrolabe {
namespace {

const std::vector<std::string>& forms() {
  static const std::vector<std::string> names{"linear", "cosine", "restart", "constant", "annealed"};
  return names;
}
const std::vector<std::string>& cosine_periods() {
  static const std::vector<std::string> periods{"0.5", "1", "2", "4", "8", "16"};
  return periods;
}
const std::vector<std::string>& restart_periods() {
  static const std::vector<std::string> periods{"1", "2", "4", "8", "16"};
  return periods;
}

}  // namespace

WrittenSpace write_decays(const SpaceWriter& slot, const SpaceContext& /*context*/, int /*setting*/) {
  const WrittenChoice form = slot.choice("decay", forms());
  const WrittenChoice waves = slot.while_option(form.dimension, {1}).choice("cosine.n", cosine_periods());
  const WrittenChoice starts = slot.while_option(form.dimension, {2}).choice("restart.n", restart_periods());
  WrittenSpace space;
  space.text = [=](const Point& point) -> std::string {
    const std::string name = form.text(point);
    if (name == "linear") return "1-t";
    if (name == "cosine") return filled("0.5*(1+cos(2*pi*#*t))", '#', waves.text(point));
    // The end of training belongs to the last piece, where the fraction would begin again.
    if (name == "restart")
      return filled("0.5*(1+cos(pi*(#*t-min(floor(#*t),#-1))))", '#', starts.text(point));
    return name == "constant" ? "1" : "(1+k)^-0.55";
  };
  for (const std::string& name : forms())
    space.members.push_back({name, {{form.dimension, static_cast<double>(space.members.size())}}});
  return space;
}

std::string grammar_of_decays(int /*setting*/) {
  return "one of 1-t, 0.5*(1+cos(2*pi*n*t)), 0.5*(1+cos(pi*frac(n*t))), 1, (1+k)^-0.55\n  n  of the cosine " +
         join(cosine_periods(), ", ") + "; of restarts " + join(restart_periods(), ", ") + "\n";
}

}  // namespace astrolabe
