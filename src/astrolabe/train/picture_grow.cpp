// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/train/picture_grow.h"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include <fmt/format.h>

#include "astrolabe/base/error.h"
#include "astrolabe/train/containment.h"

namespace astrolabe {
namespace {

using Kind = PictureBlock::Kind;

bool is_convolution(CellOperation operation) {
  return operation == CellOperation::convolve1 || operation == CellOperation::convolve3;
}

// Of an edge of a cell: whether it can begin as what it was.
bool contains(CellOperation child, CellOperation parent) {
  if (child == parent) return true;
  if (parent == CellOperation::none) return is_convolution(child);
  return parent == CellOperation::convolve1 && child == CellOperation::convolve3;
}

bool contains(const PictureBlock& child, const PictureBlock& parent) {
  if (child.kind != parent.kind || child.stride != parent.stride) return false;
  if (child.kind == Kind::cell) {
    for (std::size_t edge = 0; edge < kCellEdges; ++edge)
      if (!contains(child.edges[edge], parent.edges[edge])) return false;
    return true;
  }
  if (child.kind == Kind::residual && (child.filters == 0) != (parent.filters == 0)) return false;
  return child.height >= parent.height && child.width >= parent.width && child.filters >= parent.filters;
}

class TrunkContainment {
 public:
  TrunkContainment(const PictureTrunk& child, const PictureTrunk& parent, bool may_add)
      : child_trunk_(child),
        parent_trunk_(parent),
        child_(child.blocks),
        parent_(parent.blocks),
        child_sizes_(shapes_of(child)),
        parent_sizes_(shapes_of(parent)),
        may_add_(may_add) {}

  std::optional<std::vector<std::size_t>> find() {
    if (!place(0, 0, false)) return std::nullopt;
    return std::move(from_);
  }

 private:
  // `are_values`: what comes in left an activation, and nothing was added to it.
  bool place(std::size_t c, std::size_t p, bool are_values) {
    if (c == child_.size()) return p == parent_.size();
    if (!tried_.insert({c, p, are_values}).second) return false;
    const PictureBlock& block = child_[c];
    const bool stay_values = block.kind == Kind::convolution || (are_values && block.kind == Kind::max_pool);
    if (p < parent_.size() && contains(block, parent_[p]) && is_as_large(c, p + 1) && reads_all(c, p) &&
        take(p, c, p + 1, stay_values))
      return true;
    if (block.kind == Kind::residual && block.filters == 0 && has_convolution(p))
      return take(kNewBlock, c, p, false);
    const bool can_be_identity = may_add_ && are_values && block.kind == Kind::convolution &&
                                 block.reads_front && is_as_large(c, p) && block.filters >= channels(p);
    return can_be_identity && take(kNewBlock, c, p, true);
  }

  bool take(std::size_t from, std::size_t c, std::size_t next, bool are_values) {
    from_.push_back(from);
    if (place(c + 1, next, are_values)) return true;
    from_.pop_back();
    return false;
  }

  // What comes out of the child's block has as many places as that value of the parent.
  [[nodiscard]] bool is_as_large(std::size_t c, std::size_t value) const {
    return child_sizes_[c + 1].height == parent_sizes_[value].height &&
           child_sizes_[c + 1].width == parent_sizes_[value].width;
  }
  [[nodiscard]] bool has_convolution(std::size_t p) const { return channels(p) > 0; }
  // Of the parent in front of its block p; 0 while it is the picture.
  [[nodiscard]] std::size_t channels(std::size_t p) const {
    std::size_t count = 0;
    for (std::size_t i = 0; i < p; ++i)
      if (parent_[i].filters > 0) count = parent_[i].filters;
    return count;
  }

  // Whether the child's block c reads everything that the parent's block p reads too.
  [[nodiscard]] bool reads_all(std::size_t c, std::size_t p) const {
    const std::vector<std::size_t> sources = sources_of(child_trunk_, c);
    return std::ranges::all_of(sources_of(parent_trunk_, p), [&](std::size_t wanted) {
      return std::ranges::any_of(sources, [&](std::size_t source) { return value_of(source) == wanted; });
    });
  }
  // Which of the parent's values is the child's value `source` (0: the picture) on this way.
  [[nodiscard]] std::size_t value_of(std::size_t source) const {
    while (source > 0 && from_[source - 1] == kNewBlock) --source;
    return source == 0 ? 0 : from_[source - 1] + 1;
  }

  const PictureTrunk &child_trunk_, &parent_trunk_;
  std::span<const PictureBlock> child_, parent_;
  std::vector<PictureSize> child_sizes_, parent_sizes_;
  bool may_add_;
  std::vector<std::size_t> from_;
  std::set<std::tuple<std::size_t, std::size_t, bool>> tried_;
};

// What each channel of the child is in the parent.
using Units = std::vector<std::size_t>;

class TrunkGrower {
 public:
  TrunkGrower(const SpecWithLayout& child, const SpecWithLayout& parent, std::span<const std::size_t> from,
              const ParentValues& values, const ChildValues& grown)
      : child_(child), parent_(parent), from_(from), values_(values), grown_(grown) {
    find_statistics(child, own_statistics_);
    find_statistics(parent, parent_statistics_);
  }

  TrunkGrowth grow() {
    const PictureTrunk& trunk = child_.net.trunk;
    outputs_.push_back(identity(trunk.picture.channels));
    meanings_.push_back(0);
    for (std::size_t i = 0; i < trunk.blocks.size(); ++i) {
      outputs_.push_back(outputs_.back());
      block(i, trunk.blocks[i]);
      meanings_.push_back(from_[i] == kNewBlock ? meanings_.back() : from_[i] + 1);
    }
    const PictureSize size = shapes_of(trunk).back(), theirs = shapes_of(parent_.net.trunk).back();
    for (std::size_t place = 0; place < size.height * size.width; ++place)
      for (const std::size_t unit : outputs_.back())
        growth_.units.push_back(unit == kNewBlock ? kNewBlock : place * theirs.channels + unit);
    return std::move(growth_);
  }

 private:
  static Units identity(std::size_t count) {
    Units units(count);
    for (std::size_t i = 0; i < count; ++i) units[i] = i;
    return units;
  }
  // The parent's, then fresh ones.
  static Units widened(std::size_t parent_count, std::size_t count) {
    Units units(count, kNewBlock);
    for (std::size_t i = 0; i < parent_count; ++i) units[i] = i;
    return units;
  }

  static void find_statistics(const SpecWithLayout& of, std::map<std::string, std::size_t>& offsets) {
    std::size_t offset = 0;
    for (const TrunkParameter& parameter : parameters_of(of.net.trunk, of.net.activation)) {
      if (!parameter.is_normalised) continue;
      offsets[parameter.name] = offset;
      offset += 2 * aligned_floats(parameter.shape[0]);
    }
  }

  [[nodiscard]] std::size_t channels_of_parent(std::size_t value) const {
    return shapes_of(parent_.net.trunk)[value].channels;
  }
  std::span<float> own(const std::string& name) {
    const Parameter& parameter = child_.layout.find(name);
    return grown_.w.subspan(parameter.offset, parameter.shape.element_count());
  }
  [[nodiscard]] std::span<const float> theirs(const std::string& name) const {
    const Parameter& parameter = parent_.layout.find(name);
    return values_.w.subspan(parameter.offset, parameter.shape.element_count());
  }

  void block(std::size_t i, const PictureBlock& block) {
    const std::string name = fmt::format("p{}", i);
    if (from_[i] == kNewBlock) {
      if (block.kind == Kind::convolution) new_convolution(name, block);
      return;  // a residual block begins as the identity anyway
    }
    const std::string parent = fmt::format("p{}", from_[i]);
    const Units stream = outputs_[i];
    switch (block.kind) {
      case Kind::convolution: {
        outputs_.back() = widened(channels_of_parent(from_[i] + 1), block.filters);
        convolution(name, parent, inputs_of(i), outputs_.back());
        break;
      }
      case Kind::residual: {
        const std::size_t width = block.filters > 0 ? block.filters : stream.size();
        const Units inner = widened(channels_of_parent(from_[i] + 1), width);
        if (block.filters > 0) outputs_.back() = inner;
        convolution(name, parent, stream, inner);
        filters(name + ".w1", parent + ".w1", inner, outputs_.back());
        vector(name + ".b1", parent + ".b1", outputs_.back());
        if (block.filters > 0) filters(name + ".w2", parent + ".w2", stream, inner);
        break;
      }
      case Kind::cell:
        for (std::size_t edge = 0; edge < kCellEdges; ++edge) along(i, edge, stream);
        break;
      case Kind::global_pool:
        outputs_.back() = inputs_of(i);
        return;
      case Kind::max_pool:
      case Kind::average_pool:
        return;
    }
    for (const Expression::Trainable& constant : child_.net.activation.trainables)
      if (std::ranges::find(parent_.layout.parameters, parent + "." + constant.name, &Parameter::name) !=
          parent_.layout.parameters.end())
        std::ranges::copy(theirs(parent + "." + constant.name), own(name + "." + constant.name).begin());
  }

  // What each channel that a block reads is among those that the parent's reads.
  Units inputs_of(std::size_t i) {
    Units units;
    std::size_t first = 0;
    std::map<std::size_t, std::size_t> firsts;  // of the parent's values: where its channels begin
    for (const std::size_t source : sources_of(parent_.net.trunk, from_[i])) {
      firsts[source] = first;
      first += channels_of_parent(source);
    }
    for (const std::size_t source : sources_of(child_.net.trunk, i)) {
      const auto known = firsts.find(meanings_[source]);
      for (const std::size_t unit : outputs_[source])
        units.push_back(known == firsts.end() || unit == kNewBlock ? kNewBlock : known->second + unit);
      if (known != firsts.end()) firsts.erase(known);  // of two copies one is read
    }
    return units;
  }

  // Filters of known channels read what they read in the parent, and nothing else; fresh ones stay as drawn.
  void filters(const std::string& name, const std::string& parent, const Units& in, const Units& out) {
    const Shape &shape = child_.layout.find(name).shape, &their = parent_.layout.find(parent).shape;
    const std::span<float> to = own(name);
    const std::span<const float> from = theirs(parent);
    const std::size_t down = (shape[0] - their[0]) / 2, right = (shape[1] - their[1]) / 2;
    std::size_t at = 0;
    for (std::size_t y = 0; y < shape[0]; ++y)
      for (std::size_t x = 0; x < shape[1]; ++x)
        for (std::size_t i = 0; i < shape[2]; ++i)
          for (std::size_t j = 0; j < shape[3]; ++j, ++at) {
            if (out[j] == kNewBlock) continue;
            const bool is_inside = y >= down && y - down < their[0] && x >= right && x - right < their[1];
            to[at] = !is_inside || in[i] == kNewBlock
                         ? 0
                         : from[(((y - down) * their[1] + x - right) * their[2] + in[i]) * their[3] + out[j]];
          }
  }

  void vector(const std::string& name, const std::string& parent, const Units& units) {
    const std::span<const float> from = theirs(parent);
    const std::span<float> to = own(name);
    for (std::size_t i = 0; i < units.size(); ++i)
      if (units[i] != kNewBlock) to[i] = from[units[i]];
  }

  void convolution(const std::string& name, const std::string& parent, const Units& in, const Units& out) {
    filters(name + ".w", parent + ".w", in, out);
    const PictureNormalization normalization = child_.net.trunk.normalization;
    if (normalization == PictureNormalization::none) return vector(name + ".b", parent + ".b", out);
    const std::string scale = ".norm.scale", shift = ".norm.shift";
    vector(name + scale, parent + scale, out);
    vector(name + shift, parent + shift, out);
    if (normalization != PictureNormalization::batch) {
      if (std::ranges::find(out, kNewBlock) != out.end())
        growth_.why = "more channels in a normalization of single pictures";
      return;
    }
    const std::size_t to = own_statistics_.at(name + scale), step = aligned_floats(out.size());
    const std::size_t from = parent_statistics_.at(parent + scale);
    const std::size_t their_step = aligned_floats(parent_.layout.find(parent + scale).shape[0]);
    for (std::size_t i = 0; i < out.size(); ++i) {
      if (out[i] == kNewBlock) continue;
      grown_.running[to + i] = values_.running[from + out[i]];
      grown_.running[to + step + i] = values_.running[from + their_step + out[i]];
    }
  }

  void along(std::size_t i, std::size_t edge, const Units& stream) {
    const CellOperation operation = child_.net.trunk.blocks[i].edges[edge];
    if (!is_convolution(operation)) return;
    const std::string name = fmt::format("p{}.e{}", i, edge);
    if (is_convolution(parent_.net.trunk.blocks[from_[i]].edges[edge]))
      return convolution(name, fmt::format("p{}.e{}", from_[i], edge), stream, stream);
    // Nothing was there: nothing comes out yet, in the channels that are known.
    const bool has_bias = child_.net.trunk.normalization == PictureNormalization::none;
    const std::span<float> closing = own(name + (has_bias ? ".w" : ".norm.scale"));
    for (std::size_t at = 0; at < closing.size(); ++at)
      if (stream[at % stream.size()] != kNewBlock) closing[at] = 0;
  }

  // The identity, in the middle of its filters.
  void new_convolution(const std::string& name, const PictureBlock& block) {
    const Units in = outputs_[outputs_.size() - 2];
    const auto known = static_cast<std::size_t>(
        std::ranges::count_if(in, [](std::size_t unit) { return unit != kNewBlock; }));
    const Units out = widened(known, block.filters);
    const Shape& shape = child_.layout.find(name + ".w").shape;
    const std::span<float> to = own(name + ".w");
    std::size_t at = 0;
    for (std::size_t y = 0; y < shape[0]; ++y)
      for (std::size_t x = 0; x < shape[1]; ++x)
        for (std::size_t i = 0; i < shape[2]; ++i)
          for (std::size_t j = 0; j < shape[3]; ++j, ++at) {
            if (out[j] == kNewBlock) continue;
            const bool is_middle = y == shape[0] / 2 && x == shape[1] / 2;
            to[at] = is_middle && i < in.size() && in[i] == out[j] ? 1.0F : 0.0F;
          }
    outputs_.back() = out;
  }

  const SpecWithLayout &child_, &parent_;
  std::span<const std::size_t> from_;
  const ParentValues& values_;
  const ChildValues& grown_;
  std::map<std::string, std::size_t> own_statistics_, parent_statistics_;
  std::vector<Units> outputs_;         // channels of each of the child's values
  std::vector<std::size_t> meanings_;  // which of the parent's values each is
  TrunkGrowth growth_;
};

}  // namespace

std::optional<std::vector<std::size_t>> find_contained_trunk(const PictureTrunk& child,
                                                             const PictureTrunk& parent,
                                                             bool may_add_convolutions) {
  return TrunkContainment(child, parent, may_add_convolutions).find();
}

TrunkGrowth grow_trunk(const SpecWithLayout& child, const SpecWithLayout& parent,
                       std::span<const std::size_t> from, const ParentValues& values,
                       const ChildValues& grown) {
  return TrunkGrower(child, parent, from, values, grown).grow();
}

}  // namespace astrolabe
