// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/train/private_step.h"

#include "astrolabe/base/error.h"
#include "astrolabe/graph/gradient.h"
#include "astrolabe/train/batch_loss.h"
#include "astrolabe/train/filter_rows.h"
#include "astrolabe/train/normal_noise.h"

namespace astrolabe {
namespace {

constexpr double kAutomaticFloor = 0.01;  // added to a norm, so that rows that fit well count for less
// A row's gradient is no number any more when its squared norm is kLargestSquare or more. Before, all that
// norms and sums are made of is brought within kLargest (NaN to its lower end), whose square is beyond that:
// so a lost row is known by its norm, and 0 times whatever it holds is 0.
constexpr double kLargestSquare = 1e37, kLargest = 1e19;

class SumPlacer {
 public:
  SumPlacer(Graph& graph, const StepSpec& spec, const ParameterLayout& layout, RowClipping clipping)
      : graph_(graph), rows_(spec.batch), layout_(layout), clipping_(clipping) {
    batch_ = place_batch_loss(graph, spec, layout, true);
    const NodeId loss = graph.sum_all(batch_.losses);
    std::vector<NodeId> spreads;
    for (const ParameterUse& use : batch_.net.uses) spreads.push_back(use.spread);
    slopes_ = gradient(graph, loss, spreads);
    bound_all();
    // One by one: of two asked for at a time, the one in front would not hear of what passes the other. What
    // they share is made once all the same.
    for (const ConvolutionUse& use : batch_.net.convolutions)
      convolutions_.push_back(filter_use(use, gradient(graph, loss, std::array{use.answers})[0]));
  }

  ClippedSum place() {
    const NodeId squares = square_norms();
    scale_rows(squares);
    std::vector<NodeId> parts(layout_.parameters.size(), kNoNode);
    for (std::size_t i = 0; i < slopes_.size(); ++i) {
      const ParameterUse& use = batch_.net.uses[i];
      const NodeId slopes = graph_.multiply(slopes_[i], wide(factor_, slopes_[i]));
      put(parts, use.parameter, sum_of(use, slopes));
      if (use.reads != kNoNode) put(parts, use.matrix, graph_.dot(use.reads, slopes, true));
    }
    for (std::size_t i = 0; i < convolutions_.size(); ++i)
      put(parts, batch_.net.convolutions[i].filters, scaled_filter_sum(graph_, convolutions_[i], factor_));
    for (const NodeId part : parts) ASTROLABE_CHECK(part != kNoNode, "a use of every parameter");
    return {.w = batch_.net.w, .square_norms = squares, .sum = join_aligned(graph_, parts)};
  }

 private:
  // [rows] to the shape of [rows, width].
  NodeId wide(NodeId column, NodeId like) {
    return graph_.expand(graph_.reshape(column, Shape{rows_, 1}), graph_.shape(like));
  }

  NodeId bounded(NodeId values) {
    const NodeId above = graph_.maximum(values, graph_.constant(-kLargest));
    return graph_.minimum(above, graph_.constant(kLargest));
  }

  // [rows, width], or [rows, 1] of one number: slopes of a picture's places added up.
  NodeId of_rows(NodeId slopes, bool is_one_number) {
    const Shape shape = graph_.shape(slopes);
    const std::size_t places = shape[0] / rows_;
    if (is_one_number) {
      const NodeId flat = graph_.reshape(slopes, Shape{rows_, places * shape[1]});
      return graph_.reshape(graph_.sum(flat, {1}), Shape{rows_, 1});
    }
    if (places == 1) return slopes;
    return graph_.sum(graph_.reshape(slopes, Shape{rows_, places, shape[1]}), {1});
  }

  FilterUse filter_use(const ConvolutionUse& use, NodeId slopes) {
    const bool is_picture = graph_[use.reads].op == Op::input;  // which is finite
    return {.x = is_picture ? use.reads : bounded(use.reads),
            .slopes = bounded(slopes),
            .filters = layout_.parameters[use.filters].shape,
            .how = use.how,
            .most = kLargest};
  }

  // Where values are made, which is cheaper than asking for every row's soundness where they are read.
  void bound_all() {
    bool has_hidden = batch_.net.convolutions.size() > 0;
    for (std::size_t i = 0; i < slopes_.size(); ++i) {
      ParameterUse& use = batch_.net.uses[i];
      slopes_[i] = bounded(of_rows(slopes_[i], is_one_number(use)));
      if (use.reads == kNoNode) continue;
      // Inputs are finite; what a layer reads from another one need not be.
      if (has_hidden) use.reads = bounded(use.reads);
      has_hidden = true;
    }
  }

  NodeId row_squares(NodeId values) { return graph_.sum(graph_.multiply(values, values), {1}); }

  // One number for all units of a layer: a row's slopes are added up before anything else is done with them.
  [[nodiscard]] bool is_one_number(const ParameterUse& use) const {
    return layout_.parameters[use.parameter].role == Parameter::Role::trainable;
  }

  NodeId square_norms() {
    NodeId total = kNoNode;
    for (std::size_t i = 0; i < slopes_.size(); ++i) {
      const ParameterUse& use = batch_.net.uses[i];
      NodeId square = row_squares(slopes_[i]);
      if (use.reads != kNoNode)  // the matrix, and the bias as one more column that reads 1
        square = graph_.multiply(square, graph_.add(row_squares(use.reads), graph_.constant(1)));
      total = total == kNoNode ? square : graph_.add(total, square);
    }
    for (const FilterUse& use : convolutions_) total = graph_.add(total, filter_square_norms(graph_, use));
    return total;
  }

  void scale_rows(NodeId squares) {
    const NodeId norm = graph_.math("sqrt", squares);
    NodeId factor = kNoNode;
    if (clipping_ == RowClipping::automatic) {
      factor = graph_.divide(graph_.constant(1), graph_.add(norm, graph_.constant(kAutomaticFloor)));
    } else {
      const NodeId limit = graph_.scalar("row_clip");
      factor = graph_.divide(limit, graph_.maximum(norm, limit));  // exactly 1 below the limit
    }
    factor = graph_.multiply(factor, graph_.input("present", ElementType::f32, Shape{rows_}));
    const NodeId is_sound = graph_.less(squares, graph_.constant(kLargestSquare));  // not of NaN
    factor_ = graph_.select(is_sound, factor, graph_.constant(0));
  }

  NodeId sum_of(const ParameterUse& use, NodeId slopes) {
    const Shape& shape = layout_.parameters[use.parameter].shape;
    if (use.codes != kNoNode) return graph_.add_at(slopes, use.codes, shape[0]);
    return graph_.reshape(graph_.sum(slopes, {0}), shape);
  }

  static void put(std::vector<NodeId>& parts, std::size_t parameter, NodeId part) {
    ASTROLABE_CHECK(parts[parameter] == kNoNode, "one use of a parameter");
    parts[parameter] = part;
  }

  Graph& graph_;
  std::size_t rows_;
  const ParameterLayout& layout_;
  RowClipping clipping_;
  BatchLoss batch_;
  std::vector<NodeId> slopes_;  // of the uses
  std::vector<FilterUse> convolutions_;
  NodeId factor_ = kNoNode;
};

// What of the batch has been summed so far, these rows included.
struct Summed {
  NodeId w = kNoNode, carried = kNoNode, total = kNoNode;
};

Summed place_total(Graph& graph, const StepSpec& spec, const ParameterLayout& layout, RowClipping clipping) {
  const ClippedSum clipped = place_clipped_sum(graph, spec, layout, clipping);
  const NodeId carried = graph.state("sum", ElementType::f32, Shape{layout.size});
  return {.w = clipped.w, .carried = carried, .total = graph.add(carried, clipped.sum)};
}

}  // namespace

bool has_row_gradients(const NetSpec& net) {
  return net.normalization != Normalization::batch && net.embedding != NumericEmbedding::periodic &&
         net.trunk.normalization != PictureNormalization::batch;
}

ClippedSum place_clipped_sum(Graph& graph, const StepSpec& spec, const ParameterLayout& layout,
                             RowClipping clipping) {
  ASTROLABE_CHECK(has_row_gradients(spec.net), "a net in which no row meets another");
  ASTROLABE_CHECK(!spec.weighted && !spec.clips && !spec.mixes,
                  "rows that count alike, each by itself and clipped by itself");
  return SumPlacer(graph, spec, layout, clipping).place();
}

Program private_sum_program(const StepSpec& spec, const ParameterLayout& layout, RowClipping clipping) {
  Program program;
  const Summed summed = place_total(program.graph, spec, layout, clipping);
  program.updates = {{summed.carried, summed.total}};
  return program;
}

namespace {

// Noise on what is left of the sum, and the optimizer's step.
void add_noisy_step(Program& program, const StepSpec& spec, const ParameterLayout& layout, NodeId w,
                    NodeId total) {
  Graph& graph = program.graph;
  const NodeId normal =
      place_normal(graph, graph.input("noise_key", ElementType::u32, Shape{2}), layout.size);
  const NodeId noise =
      graph.multiply(graph.input("noise_scale", ElementType::f32, Shape{layout.size}), normal);
  const NodeId g = graph.add(graph.multiply(total, graph.scalar("share")), noise);
  OptimizerStep update = place_optimizer(graph, spec, w, g);
  program.updates = std::move(update.memories);
  program.updates.push_back({w, update.next_w});
}

}  // namespace

Program private_whole_program(const StepSpec& spec, const ParameterLayout& layout, RowClipping clipping) {
  Program program;
  const ClippedSum clipped = place_clipped_sum(program.graph, spec, layout, clipping);
  add_noisy_step(program, spec, layout, clipped.w, clipped.sum);
  return program;
}

Program private_step_program(const StepSpec& spec, const ParameterLayout& layout, RowClipping clipping) {
  Program program;
  Graph& graph = program.graph;
  const Summed summed = place_total(graph, spec, layout, clipping);
  add_noisy_step(program, spec, layout, summed.w, summed.total);
  program.updates.push_back(
      {summed.carried, graph.expand(graph.reshape(graph.constant(0), Shape{1}), Shape{layout.size})});
  return program;
}

}  // namespace astrolabe
