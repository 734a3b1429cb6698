// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/train/grow.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include <fmt/format.h>

#include "astrolabe/base/error.h"
#include "astrolabe/train/containment.h"
#include "astrolabe/train/picture_grow.h"

namespace astrolabe {
namespace {

constexpr std::size_t kFresh = kNewBlock;  // a unit that the parent does not have

// What each unit of a layer of the child is in the parent's.
using Units = std::vector<std::size_t>;

// The parent's units, then fresh ones.
Units with_fresh(std::size_t parent_width, std::size_t width) {
  Units units(width, kFresh);
  for (std::size_t i = 0; i < parent_width; ++i) units[i] = i;
  return units;
}

// The parent's units again and again.
Units repeated(std::size_t parent_width, std::size_t width) {
  Units units(width);
  for (std::size_t i = 0; i < width; ++i) units[i] = i % parent_width;
  return units;
}

// A matrix [in, out] of the parent; without values the identity, which a dense layer that is new begins with.
struct ParentMatrix {
  const float* values = nullptr;
  std::size_t out = 0;

  [[nodiscard]] float at(std::size_t row, std::size_t column) const {
    if (values == nullptr) return row == column ? 1.0F : 0.0F;
    return values[row * out + column];
  }
};

class Grower {
 public:
  Grower(const NetSpec& child, const FittedSpec& parent, std::span<const std::size_t> from,
         std::span<const std::size_t> trunk_from, Initialization initialization, Key key)
      : child_(child),
        parent_(parent),
        from_(from),
        trunk_from_(trunk_from),
        key_(key.split("growth")),
        layout_(layout_of(child)),
        parent_layout_(layout_of(parent.net)) {
    ASTROLABE_CHECK(parent.w.size() == parent_layout_.size, "the weights of the parent");
    grown_.growth = Growth::exact;
    grown_.w = initial_weights(layout_, initialization, {}, key);
    grown_.running = initial_running(layout_);
  }

  Grown grow() {
    for (const Parameter& parameter : layout_.parameters) {
      const bool is_input =
          parameter.role == Parameter::Role::embedding || parameter.name.starts_with("periodic.");
      if (is_input || parameter.name == "out.b") copy(parameter.name, parameter.name);
    }
    const std::size_t plain = child_.input_width() - child_.trunk.features();
    stream_ = with_fresh(plain, plain);
    if (child_.trunk.is_there()) trunk();
    for (std::size_t i = 0; i < child_.hidden_blocks(); ++i) {
      if (child_.architecture.blocks[i].is_residual)
        residual(i);
      else
        dense(i);
    }
    if (!stream_.empty()) matrix("out.w", parent_matrix("out.w"), with_fresh(child_.outputs, child_.outputs));
    return std::move(grown_);
  }

 private:
  static std::string block_name(std::size_t block) { return fmt::format("b{}", block); }

  std::span<float> values_of(const Parameter& parameter) {
    return std::span(grown_.w).subspan(parameter.offset, parameter.shape.element_count());
  }

  [[nodiscard]] std::span<const float> parent_values(std::string_view name) const {
    const Parameter& parameter = parent_layout_.find(name);
    return parent_.w.subspan(parameter.offset, parameter.shape.element_count());
  }

  [[nodiscard]] ParentMatrix parent_matrix(std::string_view name) const {
    const Parameter& parameter = parent_layout_.find(name);
    return {.values = parent_values(name).data(), .out = parameter.shape[1]};
  }

  void copy(std::string_view name, std::string_view parent_name) {
    std::ranges::copy(parent_values(parent_name), values_of(layout_.find(name)).begin());
  }

  void vector(std::string_view name, std::string_view parent_name, const Units& units) {
    const std::span<const float> from = parent_values(parent_name);
    const std::span<float> to = values_of(layout_.find(name));
    for (std::size_t i = 0; i < units.size(); ++i)
      if (units[i] != kFresh) to[i] = from[units[i]];
  }

  // From the stream to units: those of the parent read what they read in the parent, and nothing of what is
  // fresh; fresh ones read everything, with weights of their own.
  void matrix(std::string_view name, const ParentMatrix& from, const Units& out) {
    matrix(name, from, stream_, out);
  }

  void matrix(std::string_view name, const ParentMatrix& from, const Units& in, const Units& out) {
    const std::span<float> to = values_of(layout_.find(name));
    std::vector<std::vector<std::size_t>> copies;  // rows of each unit of the parent
    for (std::size_t row = 0; row < in.size(); ++row) {
      if (in[row] == kFresh) continue;
      if (in[row] >= copies.size()) copies.resize(in[row] + 1);
      copies[in[row]].push_back(row);
    }
    RandomStream random(key_.split(name));
    for (std::size_t column = 0; column < out.size(); ++column) {
      if (out[column] == kFresh) continue;
      for (std::size_t row = 0; row < in.size(); ++row) to[row * out.size() + column] = 0;
      for (std::size_t unit = 0; unit < copies.size(); ++unit)
        share(from.at(unit, out[column]), copies[unit], to.subspan(column), out.size(), random);
    }
  }

  // A weight for several copies of what it weighed. Equal shares would keep the copies equal for ever.
  static void share(float weight, std::span<const std::size_t> rows, std::span<float> column,
                    std::size_t stride, RandomStream& random) {
    double total = 0;
    std::vector<double> shares(rows.size(), 1);
    if (rows.size() > 1)
      for (double& part : shares) part = 0.5 + random.uniform();
    for (const double part : shares) total += part;
    auto rest = static_cast<double>(weight);
    for (std::size_t i = 0; i < rows.size(); ++i) {
      const auto value =
          static_cast<float>(i + 1 == rows.size() ? rest : static_cast<double>(weight) * shares[i] / total);
      column[rows[i] * stride] = value;
      rest -= static_cast<double>(value);
    }
  }

  void trunk() {
    const std::size_t first = stream_.size();
    const TrunkGrowth growth = grow_trunk({child_, layout_}, {parent_.net, parent_layout_}, trunk_from_,
                                          {parent_.w, parent_.running}, {grown_.w, grown_.running});
    for (const std::size_t unit : growth.units) stream_.push_back(unit == kFresh ? kFresh : first + unit);
    if (growth.why.empty()) return;
    grown_.growth = Growth::warm;
    grown_.why = growth.why;
  }

  void dense(std::size_t block) {
    const std::string name = block_name(block);
    const std::size_t width = child_.architecture.blocks[block].width;
    if (from_[block] == kNewBlock) {
      const Units out = with_fresh(parent_width_, width);
      matrix(name + ".w", {}, out);
      stream_ = out;
      return;
    }
    const std::string parent = block_name(from_[block]);
    parent_width_ = parent_.net.architecture.blocks[from_[block]].width;
    const Units out = widened(parent_width_, width);
    matrix(name + ".w", parent_matrix(parent + ".w"), out);
    vector(name + ".b", parent + ".b", out);
    normalization(block, out);
    trainables(name, parent);
    stream_ = out;
  }

  void residual(std::size_t block) {
    if (from_[block] == kNewBlock) return;  // begins as the identity anyway
    const std::string name = block_name(block), parent = block_name(from_[block]);
    const Units inner = with_fresh(parent_width_, stream_.size());
    matrix(name + ".w", parent_matrix(parent + ".w"), inner);
    vector(name + ".b", parent + ".b", inner);
    normalization(block, stream_);
    trainables(name, parent);
    matrix(name + ".w1", parent_matrix(parent + ".w1"), inner, stream_);
    vector(name + ".b1", parent + ".b1", stream_);
  }

  Units widened(std::size_t parent_width, std::size_t width) {
    if (width == parent_width || child_.normalization != Normalization::layer)
      return with_fresh(parent_width, width);
    if (width % parent_width == 0) return repeated(parent_width, width);
    grown_.growth = Growth::warm;
    grown_.why = "layer normalization over a number of units that is no multiple of the parent's";
    return with_fresh(parent_width, width);
  }

  void trainables(const std::string& name, const std::string& parent) {
    for (const Expression::Trainable& constant : child_.activation.trainables) {
      const std::string from = parent + "." + constant.name;
      const auto is_it = [&](const Parameter& parameter) { return parameter.name == from; };
      if (std::ranges::any_of(parent_layout_.parameters, is_it)) copy(name + "." + constant.name, from);
    }
  }

  void normalization(std::size_t block, const Units& units) {
    if (child_.normalization == Normalization::none) return;
    const std::string name = block_name(block) + ".norm", parent = block_name(from_[block]) + ".norm";
    vector(name + ".scale", parent + ".scale", units);
    vector(name + ".shift", parent + ".shift", units);
    if (child_.normalization != Normalization::batch) return;
    ASTROLABE_CHECK(parent_.running.size() == parent_layout_.running_size, "the statistics of the parent");
    // Every block has one normalization, behind those of the trunk.
    const std::size_t norm = layout_.norms.size() - child_.hidden_blocks() + block;
    const std::size_t their_norm = parent_layout_.norms.size() - parent_.net.hidden_blocks() + from_[block];
    const std::size_t to = running_offset(layout_, norm), own = aligned_floats(units.size());
    const std::size_t from = running_offset(parent_layout_, their_norm);
    const std::size_t theirs = aligned_floats(parent_layout_.norms[their_norm]);
    for (std::size_t i = 0; i < units.size(); ++i) {
      if (units[i] == kFresh) continue;
      grown_.running[to + i] = parent_.running[from + units[i]];
      grown_.running[to + own + i] = parent_.running[from + theirs + units[i]];
    }
  }

  static std::size_t running_offset(const ParameterLayout& layout, std::size_t norm) {
    std::size_t offset = 0;
    for (std::size_t i = 0; i < norm; ++i) offset += 2 * aligned_floats(layout.norms[i]);
    return offset;
  }

  const NetSpec& child_;
  const FittedSpec& parent_;
  std::span<const std::size_t> from_, trunk_from_;
  Key key_;
  ParameterLayout layout_, parent_layout_;
  Units stream_;                  // what the next layer reads
  std::size_t parent_width_ = 0;  // of the parent's stream, once a layer was there
  Grown grown_;
};

// Why the child cannot have anything of the parent's; empty when it may.
std::string difference(const NetSpec& child, const NetSpec& parent) {
  const auto same_category = [](const NetSpec::Category& a, const NetSpec::Category& b) {
    return a.codes == b.codes && a.width == b.width;
  };
  const bool same_inputs = child.numbers == parent.numbers && child.embedding == parent.embedding &&
                           child.embedded == parent.embedded && child.bins == parent.bins &&
                           std::ranges::equal(child.categories, parent.categories, same_category);
  if (!same_inputs || child.trunk.picture != parent.trunk.picture) return "other inputs";
  if (child.outputs != parent.outputs) return "other outputs";
  if (child.normalization != parent.normalization || child.trunk.normalization != parent.trunk.normalization)
    return "another normalization";
  return {};
}

std::string text_of(const NetSpec& net) {
  return picture_architecture_text({.blocks = net.trunk.blocks, .dense = net.architecture});
}

// Without new layers first; with them where they may be.
std::optional<std::vector<std::size_t>> contained_blocks(const NetSpec& child, const NetSpec& parent,
                                                         bool may_add) {
  const auto blocks = [](const NetSpec& net) {
    return net.hidden_blocks() == 0 ? Architecture{} : net.architecture;
  };
  auto from = find_contained(blocks(child), blocks(parent), false);
  return from || !may_add ? from : find_contained(blocks(child), blocks(parent), true);
}

std::optional<std::vector<std::size_t>> contained_trunk(const NetSpec& child, const NetSpec& parent,
                                                        bool may_add) {
  auto from = find_contained_trunk(child.trunk, parent.trunk, false);
  return from || !may_add ? from : find_contained_trunk(child.trunk, parent.trunk, true);
}

}  // namespace

bool leaves_its_values_alone(const Expression& activation) {
  if (!activation.trainables.empty()) return false;
  const auto at = [&](double x) { return evaluate_expression(activation, {{"x", x}}); };
  for (int i = -48; i <= 48; ++i) {
    // Both sides of zero, from small to large, none of them a number that somebody would write.
    const double size = 0.0013 * std::pow(1.31, std::abs(i));
    const double value = at(i < 0 ? -size : i > 0 ? size : 0.0);
    if (!std::isfinite(value) || at(value) != value) return false;
  }
  return true;
}

Grown grow_weights(const NetSpec& child, const FittedSpec& parent, Initialization initialization, Key key) {
  Grown none;
  none.why = difference(child, parent.net);
  if (!none.why.empty()) return none;
  const bool may_add = child.normalization == Normalization::none &&
                       child.trunk.normalization == PictureNormalization::none &&
                       leaves_its_values_alone(child.activation);
  const auto from = contained_blocks(child, parent.net, may_add);
  const auto trunk_from = contained_trunk(child, parent.net, may_add);
  if (!from || !trunk_from) {
    none.why = fmt::format("{} does not contain {}", text_of(child), text_of(parent.net));
    return none;
  }
  Grown grown = Grower(child, parent, *from, *trunk_from, initialization, key).grow();
  const bool is_active = child.hidden_blocks() > 0 || !child.trunk.blocks.empty();
  if (child.activation.text != parent.net.activation.text && is_active) {
    grown.growth = Growth::warm;
    grown.why = "another activation";
  }
  return grown;
}

}  // namespace astrolabe
