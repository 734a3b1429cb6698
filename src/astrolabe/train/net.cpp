// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/train/net.h"

#include <algorithm>

#include <fmt/format.h>

#include "astrolabe/base/error.h"
#include "astrolabe/base/text.h"

namespace astrolabe {
namespace {

constexpr std::size_t kAlignedFloats = 16;

class LayoutBuilder {
 public:
  explicit LayoutBuilder(const NetSpec& net) : net_(net) {}

  ParameterLayout build() {
    inputs();
    trunk();
    std::size_t width = net_.input_width();
    for (std::size_t i = 0; i < net_.hidden_blocks(); ++i) {
      const Architecture::Block& block = net_.architecture.blocks[i];
      const std::string name = fmt::format("b{}", i);
      if (block.is_residual) normalization(name, width);
      add(name + ".w", Parameter::Role::weight, Shape{width, block.width});
      add(name + ".b", Parameter::Role::bias, Shape{block.width});
      if (!block.is_residual) normalization(name, block.width);
      for (const Expression::Trainable& constant : net_.activation.trainables)
        add(name + "." + constant.name, Parameter::Role::trainable, Shape{1}, constant.initial);
      if (block.is_residual) {
        add(name + ".w1", Parameter::Role::closing, Shape{width, width});
        add(name + ".b1", Parameter::Role::bias, Shape{width});
      }
      width = block.width;
    }
    if (width > 0) add("out.w", Parameter::Role::closing, Shape{width, net_.outputs});
    add("out.b", Parameter::Role::bias, Shape{net_.outputs});
    return std::move(layout_);
  }

 private:
  void inputs() {
    for (std::size_t i = 0; i < net_.categories.size(); ++i)
      add(fmt::format("category{}", i), Parameter::Role::embedding,
          Shape{net_.categories[i].codes, net_.categories[i].width});
    if (net_.embedding != NumericEmbedding::periodic || net_.embedded == 0) return;
    add("periodic.frequency", Parameter::Role::frequency, Shape{net_.embedded, kFrequencies});
    add("periodic.phase", Parameter::Role::phase, Shape{net_.embedded, kFrequencies});
    add("periodic.mix", Parameter::Role::mix, Shape{net_.embedded, kFrequencies, kPeriodicOutputs});
    add("periodic.bias", Parameter::Role::bias, Shape{net_.embedded, kPeriodicOutputs});
  }

  void trunk() {
    using Role = TrunkParameter::Role;
    for (TrunkParameter& parameter : parameters_of(net_.trunk, net_.activation)) {
      Parameter::Role role = Parameter::Role::weight;
      if (parameter.role == Role::closing_filters) role = Parameter::Role::closing;
      if (parameter.role == Role::bias) role = Parameter::Role::bias;
      if (parameter.role == Role::scale) role = Parameter::Role::scale;
      if (parameter.role == Role::trainable) role = Parameter::Role::trainable;
      if (parameter.is_normalised) running_statistics(parameter.shape[0]);
      add(std::move(parameter.name), role, parameter.shape, parameter.initial);
    }
  }

  void running_statistics(std::size_t width) {
    layout_.norms.push_back(width);
    layout_.running_size += 2 * aligned_floats(width);
  }

  void normalization(const std::string& name, std::size_t width) {
    if (net_.normalization == Normalization::none) return;
    add(name + ".norm.scale", Parameter::Role::scale, Shape{width}, 1);
    add(name + ".norm.shift", Parameter::Role::bias, Shape{width});
    if (net_.normalization == Normalization::batch) running_statistics(width);
  }

  void add(std::string name, Parameter::Role role, const Shape& shape, double initial = 0) {
    layout_.parameters.push_back(
        {.name = std::move(name), .role = role, .offset = layout_.size, .shape = shape, .initial = initial});
    layout_.size += aligned_floats(shape.element_count());
    if (layout_.size > kMaxParameters)
      throw usage_error(
          {.attempted = "building a net",
           .expected = fmt::format("at most {} parameters", format_count(kMaxParameters)),
           .found = fmt::format("more, for {} inputs and the architecture {}",
                                format_count(net_.input_width()), architecture_text(net_.architecture)),
           .remedy = "Choose smaller widths."});
  }

  const NetSpec& net_;
  ParameterLayout layout_;
};

}  // namespace

std::size_t aligned_floats(std::size_t count) {
  return (count + kAlignedFloats - 1) / kAlignedFloats * kAlignedFloats;
}

std::size_t NetSpec::input_width() const {
  std::size_t width = numbers;
  if (embedding == NumericEmbedding::periodic) width += embedded * kPeriodicOutputs;
  if (embedding == NumericEmbedding::piecewise_linear) width += embedded * bins;
  for (const Category& category : categories) width += category.width;
  width += trunk.features();
  return width;
}

const Parameter& ParameterLayout::find(std::string_view name) const {
  const auto found = std::ranges::find(parameters, name, &Parameter::name);
  ASTROLABE_CHECK(found != parameters.end(), fmt::format("a parameter that the net has: {}", name));
  return *found;
}

std::size_t ParameterLayout::count() const {
  std::size_t total = 0;
  for (const Parameter& parameter : parameters) total += parameter.shape.element_count();
  return total;
}

ParameterLayout layout_of(const NetSpec& net) {
  return LayoutBuilder(net).build();
}

}  // namespace astrolabe
