// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/train/taught_loss.h"

#include <algorithm>
#include <cmath>

#include "astrolabe/base/error.h"

namespace astrolabe {
namespace {

constexpr double kLeastProbability = 1e-12;  // of a teacher that is sure

// -sum over classes of q log softmax(z / T), [rows].
NodeId soft_cross_entropy(Graph& graph, NodeId z, NodeId q) {
  const Shape shape = graph.shape(z);  // [rows, classes]
  const auto over_classes = [&](NodeId row) {
    return graph.expand(graph.reshape(row, Shape{1, shape[0]}), Shape{shape[1], shape[0]});
  };
  constexpr std::size_t kClassAxis[] = {0};
  const NodeId by_class = graph.swap_last(z);
  const NodeId largest = graph.reduce(ReduceKind::maximum, by_class, kClassAxis);
  const NodeId s = graph.subtract(by_class, over_classes(largest));
  const NodeId log_total = graph.math("log", graph.sum(graph.math("exp", s), {0}));
  const NodeId log_p = graph.subtract(s, over_classes(log_total));
  return graph.negate(graph.sum(graph.multiply(graph.swap_last(q), log_p), {0}));
}

}  // namespace

NodeId place_taught_loss(Graph& graph, const TaughtLoss& loss) {
  const Shape shape = graph.shape(loss.z);
  const NodeId share = graph.scalar("taught_share");
  const auto mixed = [&](NodeId soft) {
    return graph.add(graph.multiply(share, soft),
                     graph.multiply(graph.subtract(graph.constant(1), share), loss.labels));
  };
  if (loss.head == Head::number) {
    const NodeId off = graph.reshape(graph.subtract(loss.taught, loss.z), Shape{shape[0]});
    return mixed(graph.multiply(off, off));
  }
  const NodeId temperature = graph.scalar("temperature");
  const NodeId square = graph.multiply(temperature, temperature);
  const NodeId z = graph.divide(loss.z, temperature);
  if (loss.head == Head::classes)
    return mixed(graph.multiply(square, soft_cross_entropy(graph, z, loss.taught)));
  // softplus(z) - q z is the cross entropy of two classes.
  const NodeId column = graph.reshape(z, Shape{shape[0]});
  const NodeId q = graph.reshape(loss.taught, Shape{shape[0]});
  return mixed(
      graph.multiply(square, graph.subtract(graph.math("softplus", column), graph.multiply(q, column))));
}

std::vector<float> soft_targets(std::span<const double> probabilities, std::size_t outputs,
                                double temperature) {
  ASTROLABE_CHECK(temperature > 0 && outputs > 0, "a temperature above zero");
  std::vector<float> soft(probabilities.size());
  const auto powered = [&](double p) {
    return std::pow(std::clamp(p, kLeastProbability, 1.0), 1 / temperature);
  };
  for (std::size_t first = 0; first < probabilities.size(); first += outputs) {
    double total = 0;
    if (outputs == 1) total = powered(1 - probabilities[first]);
    for (std::size_t k = 0; k < outputs; ++k) total += powered(probabilities[first + k]);
    for (std::size_t k = 0; k < outputs; ++k)
      soft[first + k] = static_cast<float>(powered(probabilities[first + k]) / total);
  }
  return soft;
}

}  // namespace astrolabe
