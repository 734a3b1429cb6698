// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/train/grow.h"

#include <algorithm>
#include <optional>

#include <fmt/format.h>

#include "astrolabe/base/error.h"
#include "astrolabe/train/containment.h"
#include "astrolabe/train/net_containment.h"
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
  Grower(const NetSpec& child, const FittedSpec& parent, const ContainedNet& from, NetEnds ends,
         Initialization initialization, Key key)
      : child_(child),
        parent_(parent),
        from_(from),
        ends_(std::move(ends)),
        key_(key.split("growth")),
        layout_(layout_of(child)),
        parent_layout_(layout_of(parent.net)) {
    ASTROLABE_CHECK(parent.w.size() == parent_layout_.size, "the weights of the parent");
    grown_.growth = Growth::exact;
    grown_.w = initial_weights(layout_, initialization, {}, key);
    grown_.running = initial_running(layout_);
  }

  Grown grow() {
    inputs();
    stream_ = input_units(child_, parent_.net, ends_);
    if (child_.trunk.is_there()) trunk();
    for (std::size_t i = 0; i < child_.hidden_blocks(); ++i) {
      if (child_.architecture.blocks[i].is_residual)
        residual(i);
      else
        dense(i);
    }
    outputs();
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
    const std::size_t first = parent_.net.input_width() - parent_.net.trunk.features();
    const TrunkGrowth growth = grow_trunk({child_, layout_}, {parent_.net, parent_layout_}, from_.trunk,
                                          {parent_.w, parent_.running}, {grown_.w, grown_.running});
    for (const std::size_t unit : growth.units) stream_.push_back(unit == kFresh ? kFresh : first + unit);
    if (growth.why.empty()) return;
    grown_.growth = Growth::warm;
    grown_.why = growth.why;
  }

  void inputs() {
    for (std::size_t i = 0; i < child_.categories.size(); ++i)
      if (ends_.categories[i] != kFresh)
        copy(fmt::format("category{}", i), fmt::format("category{}", ends_.categories[i]));
    if (child_.embedding != NumericEmbedding::periodic || child_.embedded == 0 || parent_.net.embedded == 0)
      return;
    for (const char* name : {"periodic.frequency", "periodic.phase", "periodic.mix", "periodic.bias"}) {
      const std::span<const float> from = parent_values(name);
      const std::span<float> to = values_of(layout_.find(name));
      const std::size_t each = to.size() / child_.embedded;
      for (std::size_t i = 0; i < child_.embedded; ++i)
        if (ends_.numbers[i] < parent_.net.embedded)
          std::ranges::copy(from.subspan(ends_.numbers[i] * each, each),
                            to.begin() + static_cast<std::ptrdiff_t>(i * each));
    }
  }

  // What the inputs that are gone added to each unit of the first layer, whatever they were.
  void take_over_gone(const std::string& name, const ParentMatrix& from, const Units& out) {
    if (ends_.gone.empty()) return;
    std::vector<bool> is_kept(ends_.gone.size(), false);
    for (const std::size_t unit : stream_)
      if (unit < is_kept.size()) is_kept[unit] = true;
    const std::span<float> bias = values_of(layout_.find(name));
    for (std::size_t column = 0; column < out.size(); ++column) {
      if (out[column] == kFresh) continue;
      auto sum = static_cast<double>(bias[column]);
      for (std::size_t unit = 0; unit < is_kept.size(); ++unit)
        if (!is_kept[unit])
          sum += static_cast<double>(ends_.gone[unit]) * static_cast<double>(from.at(unit, out[column]));
      bias[column] = static_cast<float>(sum);
    }
  }

  void outputs() {
    const bool reads = parent_.net.input_width() > 0;
    vector("out.b", "out.b", ends_.outputs);
    if (!stream_.empty() && reads) matrix("out.w", parent_matrix("out.w"), ends_.outputs);
    if (child_.hidden_blocks() == 0 && reads) take_over_gone("out.b", parent_matrix("out.w"), ends_.outputs);
    const std::span<float> bias = values_of(layout_.find("out.b"));
    const auto scale = [&](float value) {
      return static_cast<float>(ends_.slope * static_cast<double>(value));
    };
    for (std::size_t k = 0; k < bias.size(); ++k) {
      if (ends_.outputs[k] == kFresh)
        bias[k] = ends_.bias[k];
      else if (ends_.slope != 1 || ends_.shift != 0)
        bias[k] = static_cast<float>(ends_.shift + ends_.slope * static_cast<double>(bias[k]));
    }
    if (ends_.slope == 1 || stream_.empty()) return;
    for (float& value : values_of(layout_.find("out.w"))) value = scale(value);
  }

  void dense(std::size_t block) {
    const std::string name = block_name(block);
    const std::size_t width = child_.architecture.blocks[block].width;
    if (from_.blocks[block] == kNewBlock) {
      const Units out = with_fresh(parent_width_, width);
      matrix(name + ".w", {}, out);
      stream_ = out;
      return;
    }
    const std::string parent = block_name(from_.blocks[block]);
    parent_width_ = parent_.net.architecture.blocks[from_.blocks[block]].width;
    const Units out = widened(parent_width_, width);
    matrix(name + ".w", parent_matrix(parent + ".w"), out);
    vector(name + ".b", parent + ".b", out);
    if (block == 0) take_over_gone(name + ".b", parent_matrix(parent + ".w"), out);
    normalization(block, out);
    trainables(name, parent);
    stream_ = out;
  }

  void residual(std::size_t block) {
    if (from_.blocks[block] == kNewBlock) return;  // begins as the identity anyway
    const std::string name = block_name(block), parent = block_name(from_.blocks[block]);
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
    const std::string name = block_name(block) + ".norm", parent = block_name(from_.blocks[block]) + ".norm";
    vector(name + ".scale", parent + ".scale", units);
    vector(name + ".shift", parent + ".shift", units);
    if (child_.normalization != Normalization::batch) return;
    ASTROLABE_CHECK(parent_.running.size() == parent_layout_.running_size, "the statistics of the parent");
    // Every block has one normalization, behind those of the trunk.
    const std::size_t norm = layout_.norms.size() - child_.hidden_blocks() + block;
    const std::size_t their_norm =
        parent_layout_.norms.size() - parent_.net.hidden_blocks() + from_.blocks[block];
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
  const ContainedNet& from_;
  NetEnds ends_;
  Key key_;
  ParameterLayout layout_, parent_layout_;
  Units stream_;                  // what the next layer reads
  std::size_t parent_width_ = 0;  // of the parent's stream, once a layer was there
  Grown grown_;
};

// The child's ends are the parent's.
NetEnds same_ends(const NetSpec& net) {
  return {.numbers = with_fresh(net.numbers, net.numbers),
          .categories = with_fresh(net.categories.size(), net.categories.size()),
          .outputs = with_fresh(net.outputs, net.outputs),
          .bias = {},
          .gone = {}};
}

// Why the child cannot have anything of the parent's; empty when it may.
std::string difference(const NetSpec& child, const NetSpec& parent, const NetEnds* ends) {
  if (child.normalization != parent.normalization || child.trunk.normalization != parent.trunk.normalization)
    return "another normalization";
  if (child.trunk.picture != parent.trunk.picture) return "other inputs";
  if (ends != nullptr) return ends_difference(child, parent, *ends);
  const auto same_category = [](const NetSpec::Category& a, const NetSpec::Category& b) {
    return a.codes == b.codes && a.width == b.width;
  };
  const bool same_inputs = child.numbers == parent.numbers && child.embedding == parent.embedding &&
                           child.embedded == parent.embedded && child.bins == parent.bins &&
                           std::ranges::equal(child.categories, parent.categories, same_category);
  if (!same_inputs) return "other inputs";
  if (child.outputs != parent.outputs) return "other outputs";
  return {};
}

std::string text_of(const NetSpec& net) {
  return picture_architecture_text({.blocks = net.trunk.blocks, .dense = net.architecture});
}

}  // namespace

Grown grow_weights(const NetSpec& child, const FittedSpec& parent, Initialization initialization, Key key,
                   const NetEnds* ends) {
  Grown none;
  none.why = difference(child, parent.net, ends);
  if (!none.why.empty()) return none;
  const std::optional<ContainedNet> from = find_contained(child, parent.net);
  if (!from) {
    none.why = fmt::format("{} does not contain {}", text_of(child), text_of(parent.net));
    return none;
  }
  Grown grown =
      Grower(child, parent, *from, ends != nullptr ? *ends : same_ends(child), initialization, key).grow();
  const bool is_active = child.hidden_blocks() > 0 || !child.trunk.blocks.empty();
  if (child.activation.text != parent.net.activation.text && is_active) {
    grown.growth = Growth::warm;
    grown.why = "another activation";
  }
  return grown;
}

}  // namespace astrolabe
