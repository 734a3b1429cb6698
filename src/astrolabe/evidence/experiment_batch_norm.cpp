// SPDX-License-Identifier: Apache-2.0
// Batch normalization was said to help by reducing "internal covariate shift", which nobody had defined.
// Three definitions, measured while nets train: how far the distribution of a layer's inputs moves in a step;
// how far the gradient of a layer moves when the layers before it make their step (Santurkar and others); and
// the angle between the two. With the normalization, without it, and with noise behind it whose mean and size
// are drawn anew in every pass, which makes the shift and leaves the normalization. Beside them what may
// really matter: how far loss and gradient vary along a step.
#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include <fmt/format.h>

#include "astrolabe/evidence/elementwise.h"
#include "astrolabe/evidence/experiments.h"
#include "astrolabe/evidence/training_probe.h"
#include "astrolabe/graph/gradient.h"
#include "astrolabe/parts/catalog.h"
#include "astrolabe/train/loss_graph.h"
#include "astrolabe/train/net_graph.h"

namespace astrolabe {
namespace {

constexpr std::size_t kRows = 512, kBatch = 64, kLooks = 40;
constexpr double kReduced = 0.8;  // a shift below this share of the other is a smaller one
constexpr std::array<double, 4> kAlong = {0.5, 1, 2, 4};  // of a step

struct Variant {
  std::string name;
  Normalization normalization = Normalization::none;
  bool has_noise = false;
};

struct Sizes {
  std::size_t depth = 0, width = 0, steps = 0;
  double rate = 0, noise = 0;
  std::string activation, optimizer;
};

// What one pass over a batch shows.
struct Pass {
  double loss = 0;
  std::vector<float> g;
  std::vector<std::vector<float>> inputs;  // of the layer behind each block, [batch, width]
};

// A net on a batch, with noise in front of its activations where the variant has some.
class NoisyNet {
 public:
  NoisyNet(const SmallTask& task, const SmallNet& net, const Sizes& sizes, bool has_noise)
      : task_(task),
        sizes_(sizes),
        x_(kBatch * task.numbers),
        y_(kBatch),
        noise_(has_noise ? sizes.depth : 0, std::vector<float>(kBatch * sizes.width)),
        run_(compile(program(net, sizes, noise_.size()), {.expected_runs = 1000})) {
    run_.bind_input("x", x_.data());
    run_.bind_input("y", y_.data());
    for (std::size_t i = 0; i < noise_.size(); ++i)
      run_.bind_input(fmt::format("noise{}", i), noise_[i].data());
    set_constants(run_, net.spec().net.activation, "activation");
    set_constants(run_, net.spec().loss, "loss");
  }

  void choose_batch(RandomStream& random) {
    for (std::size_t row = 0; row < kBatch; ++row) {
      const std::size_t from = random.below(task_.training.count());
      std::copy_n(task_.training.x.begin() + static_cast<std::ptrdiff_t>(from * task_.numbers), task_.numbers,
                  x_.begin() + static_cast<std::ptrdiff_t>(row * task_.numbers));
      y_[row] = task_.training.y[from];
    }
  }

  // Noise is drawn anew, as every pass of such a net has its own.
  Pass pass(std::span<const float> w, RandomStream& random) {
    for (std::vector<float>& layer : noise_) {
      for (std::size_t unit = 0; unit < sizes_.width; ++unit) {
        const double mean = sizes_.noise * (2 * random.uniform() - 1), size = sizes_.noise * random.uniform();
        // Evenly spread, four from one draw: what counts is that mean and size change.
        for (std::size_t row = 0; row < kBatch; row += 4) {
          const std::uint64_t bits = random.bits();
          for (std::size_t i = 0; i < 4; ++i) {
            const double even = static_cast<double>(bits >> (16 * i) & 0xffff) / 65535 - 0.5;
            layer[(row + i) * sizes_.width + unit] = static_cast<float>(mean + size * std::sqrt(12.0) * even);
          }
        }
      }
    }
    std::ranges::copy(w, run_.state<float>("w").begin());
    run_.run();
    Pass pass{.loss = static_cast<double>(run_.output<float>(0)[0]), .g = {}, .inputs = {}};
    pass.g.assign(run_.output<float>(1).begin(), run_.output<float>(1).end());
    for (std::size_t layer = 0; layer < sizes_.depth; ++layer)
      pass.inputs.emplace_back(run_.output<float>(2 + layer).begin(), run_.output<float>(2 + layer).end());
    return pass;
  }

 private:
  static Program program(const SmallNet& net, const Sizes& sizes, std::size_t noises) {
    Program program;
    Graph& graph = program.graph;
    NetInputs inputs{.rows = kBatch, .is_training = true};
    inputs.x = graph.input("x", ElementType::f32, Shape{kBatch, net.spec().net.numbers});
    for (std::size_t i = 0; i < noises; ++i)
      inputs.added.push_back(
          graph.input(fmt::format("noise{}", i), ElementType::f32, Shape{kBatch, sizes.width}));
    const NetNodes nodes = place_net(graph, net.spec().net, net.layout(), inputs);
    const NodeId y = graph.input("y", ElementType::f32, Shape{kBatch});
    const NodeId losses = place_loss(graph, net.spec().loss, {.head = net.spec().head, .z = nodes.z, .y = y});
    const NodeId mean = graph.multiply(graph.sum_all(losses), graph.constant(1.0 / kBatch));
    program.outputs = {mean, join_aligned(graph, gradient(graph, mean, nodes.parameters))};
    program.outputs.insert(program.outputs.end(), nodes.after.begin(), nodes.after.end());
    return program;
  }

  const SmallTask& task_;
  const Sizes& sizes_;
  std::vector<float> x_, y_;
  std::vector<std::vector<float>> noise_;
  Execution run_;
};

// How far means and deviations of units moved, in deviations: the mean over units and layers.
double moved_moments(const Pass& before, const Pass& after, std::size_t width) {
  const auto moments = [&](const std::vector<float>& values, std::size_t unit) {
    double sum = 0, squares = 0;
    for (std::size_t at = unit; at < values.size(); at += width) {
      sum += static_cast<double>(values[at]);
      squares += static_cast<double>(values[at]) * static_cast<double>(values[at]);
    }
    const double mean = sum / kBatch;
    return std::pair{mean, std::sqrt(std::max(squares / kBatch - mean * mean, 0.0))};
  };
  double moved = 0, units = 0;
  for (std::size_t layer = 0; layer < before.inputs.size(); ++layer) {
    for (std::size_t unit = 0; unit < width; ++unit) {
      const auto [mean, deviation] = moments(before.inputs[layer], unit);
      const auto [next_mean, next_deviation] = moments(after.inputs[layer], unit);
      if (deviation < 1e-3) continue;  // dead, or nearly
      moved += (std::abs(next_mean - mean) + std::abs(next_deviation - deviation)) / deviation;
      units += 1;
    }
  }
  return units > 0 ? moved / units : 0;
}

double dot(std::span<const float> a, std::span<const float> b) {
  return std::inner_product(a.begin(), a.end(), b.begin(), 0.0, std::plus<>{},
                            [](float u, float v) { return static_cast<double>(u) * static_cast<double>(v); });
}

std::vector<float> less(std::span<const float> a, std::span<const float> b) {
  std::vector<float> difference(a.size());
  std::ranges::transform(a, b, difference.begin(), std::minus<>{});
  return difference;
}

// The layers' matrices, in order; the last is the output's.
std::vector<const Parameter*> matrices(const SmallNet& net, std::size_t depth) {
  std::vector<const Parameter*> found;
  for (std::size_t layer = 0; layer < depth; ++layer)
    found.push_back(&net.layout().find(fmt::format("b{}.w", layer)));
  found.push_back(&net.layout().find("out.w"));
  return found;
}

struct Shift {
  double size = 0, cosine = 0;
};

// Mean over layers of |G_i - G'_i| and of the cosine of G_i and G'_i: the layer's gradient before, and after
// the layers in front of it have made their step. The first layer has none in front.
Shift gradient_shift(NoisyNet& noisy, const SmallNet& net, const Pass& here, std::span<const float> w,
                     std::span<const float> next, RandomStream& random) {
  const std::vector<const Parameter*> layers = matrices(net, here.inputs.size());
  Shift shift;
  std::vector<float> mixed(w.begin(), w.end());
  for (std::size_t i = 1; i < layers.size(); ++i) {
    const auto front =
        static_cast<std::ptrdiff_t>(layers[i]->offset);  // parameters lie in the order of layers
    std::copy_n(next.begin(), front, mixed.begin());
    const Pass there = noisy.pass(mixed, random);
    const auto own = std::span(here.g).subspan(layers[i]->offset, layers[i]->shape.element_count());
    const auto other = std::span(there.g).subspan(layers[i]->offset, layers[i]->shape.element_count());
    const double product = norm(own) * norm(other), count = static_cast<double>(layers.size() - 1);
    shift.size += norm(less(own, other)) / count;
    shift.cosine += product > 0 ? dot(own, other) / product / count : 0;
  }
  return shift;
}

struct Smoothness {
  double loss_range = 0;      // of the losses along the gradient, from half a step to four steps
  double gradient_range = 0;  // the farthest that the gradient moves there
  double beta = 0;            // the same for the length moved, at most
};

Smoothness look_along(NoisyNet& noisy, const Pass& here, std::span<const float> w, double rate,
                      RandomStream& random) {
  Smoothness smoothness;
  double least = INFINITY, most = -INFINITY;
  std::vector<float> moved(w.size());
  for (const double along : kAlong) {
    const auto by = static_cast<float>(along * rate);
    for (std::size_t i = 0; i < w.size(); ++i) moved[i] = w[i] - by * here.g[i];
    const Pass there = noisy.pass(moved, random);
    least = std::min(least, there.loss);
    most = std::max(most, there.loss);
    const double apart = norm(less(there.g, here.g)), length = static_cast<double>(by) * norm(here.g);
    smoothness.gradient_range = std::max(smoothness.gradient_range, apart);
    smoothness.beta = std::max(smoothness.beta, length > 0 ? apart / length : 0);
  }
  smoothness.loss_range = most - least;
  return smoothness;
}

// Of every look at a training.
struct Looks {
  std::vector<double> losses, moments, shifts, cosines, loss_ranges, gradient_ranges, betas;
};

// Medians over the looks, or over seeds of those.
struct Measured {
  double loss = 0, moments = 0, shift = 0, cosine = 0, loss_range = 0, gradient_range = 0, beta = 0;
  ExperimentCurve losses = {}, shifts = {};
};

Measured medians(const Looks& looks) {
  return {.loss = median_of_last_quarter(looks.losses),
          .moments = median(looks.moments),
          .shift = median(looks.shifts),
          .cosine = median(looks.cosines),
          .loss_range = median(looks.loss_ranges),
          .gradient_range = median(looks.gradient_ranges),
          .beta = median(looks.betas)};
}

Measured train(const SmallTask& task, const Variant& variant, const Sizes& sizes, Key key) {
  const std::vector<std::string> blocks(sizes.depth, fmt::format("{}", sizes.width));
  const SmallNet net(task, {.architecture = fmt::format("{}", fmt::join(blocks, "-")),
                            .activation = sizes.activation,
                            .loss = "cross_entropy",
                            .normalization = variant.normalization});
  NoisyNet noisy(task, net, sizes, variant.has_noise);
  RandomStream rows(key.split("rows")), noise(key.split("noise"));
  std::vector<float> w = net.first_weights(Initialization::he, key.split("weights"));
  ElementwiseStep optimizer(resolve_part(Vocabulary::optimizer, sizes.optimizer).expression, w.size());
  ExperimentCurve loss_curve{.name = variant.name, .x = {}, .y = {}}, shift_curve = loss_curve;
  Looks looks;
  const std::size_t stride = std::max<std::size_t>(1, sizes.steps / kLooks);
  for (std::size_t step = 0; step < sizes.steps; ++step) {
    noisy.choose_batch(rows);
    const Pass here = noisy.pass(w, noise);
    std::vector<double> wide(w.begin(), w.end());
    optimizer.step(wide, std::vector<double>(here.g.begin(), here.g.end()), sizes.rate, step + 1,
                   sizes.steps);
    const std::vector<float> next(wide.begin(), wide.end());
    looks.losses.push_back(here.loss);
    if (step % stride == 0) {
      looks.moments.push_back(moved_moments(here, noisy.pass(next, noise), sizes.width));
      const Shift shift = gradient_shift(noisy, net, here, w, next, noise);
      looks.shifts.push_back(shift.size);
      looks.cosines.push_back(shift.cosine);
      const Smoothness smoothness = look_along(noisy, here, w, sizes.rate, noise);
      looks.loss_ranges.push_back(smoothness.loss_range);
      looks.gradient_ranges.push_back(smoothness.gradient_range);
      looks.betas.push_back(smoothness.beta);
      loss_curve.x.push_back(static_cast<double>(step));
      loss_curve.y.push_back(here.loss);
      shift_curve.x.push_back(static_cast<double>(step));
      shift_curve.y.push_back(shift.size);
    }
    w = next;
  }
  Measured measured = medians(looks);
  measured.losses = std::move(loss_curve);
  measured.shifts = std::move(shift_curve);
  return measured;
}

// The curves are those of the first seed.
Measured over_seeds(const Variant& variant, const Sizes& sizes, std::size_t seeds, Key key) {
  std::vector<Measured> all;
  for (std::size_t seed = 0; seed < seeds; ++seed) {
    const Key own = key.split(seed);
    const SmallTask task = draw_classes({.rows = kRows, .apart = 0.6}, own.split("task"));
    all.push_back(train(task, variant, sizes, own));
  }
  const auto over = [&](double Measured::* number) {
    std::vector<double> values;
    for (const Measured& one : all) values.push_back(one.*number);
    return median(std::move(values));
  };
  return {.loss = over(&Measured::loss),
          .moments = over(&Measured::moments),
          .shift = over(&Measured::shift),
          .cosine = over(&Measured::cosine),
          .loss_range = over(&Measured::loss_range),
          .gradient_range = over(&Measured::gradient_range),
          .beta = over(&Measured::beta),
          .losses = std::move(all[0].losses),
          .shifts = std::move(all[0].shifts)};
}

void judge(const Measured& without, const Measured& normal, const Measured& noisy, ExperimentResult& result) {
  std::vector<std::string> against;
  const auto claim = [&](bool holds, std::string_view what, double a, double b) {
    if (!holds) against.push_back(fmt::format("{} ({:.3g} against {:.3g})", what, a, b));
  };
  claim(normal.loss < without.loss, "it did not train better", normal.loss, without.loss);
  claim(normal.shift >= kReduced * without.shift, "it did reduce |G - G'|", normal.shift, without.shift);
  claim(noisy.moments > without.moments, "noise did not move the inputs more", noisy.moments,
        without.moments);
  claim(noisy.loss < without.loss, "with noise it did not train better", noisy.loss, without.loss);
  claim(normal.loss_range < without.loss_range, "the loss does not vary less", normal.loss_range,
        without.loss_range);
  claim(normal.gradient_range < without.gradient_range, "the gradient does not vary less",
        normal.gradient_range, without.gradient_range);
  result.verdict = against.empty() ? ExperimentVerdict::confirmed : ExperimentVerdict::refuted;
  result.words =
      against.empty()
          ? fmt::format(
                "loss {:.3g} without, {:.3g} with, {:.3g} with noise; |G - G'| {:.3g}, {:.3g}, {:.3g}",
                without.loss, normal.loss, noisy.loss, without.shift, normal.shift, noisy.shift)
          : fmt::format("{}", fmt::join(against, "; "));
}

}  // namespace

ExperimentResult run_batch_norm(const ExperimentRequest& request) {
  const Sizes sizes{.depth = request.count("depth", 2, 30),
                    .width = request.count("width", 4, 128),
                    .steps = request.count("steps", 8, 20'000),
                    .rate = request.number("rate", 1e-6, 10),
                    .noise = request.number("noise", 0, 10),
                    .activation = request.text("activation"),
                    .optimizer = request.text("optimizer")};
  const std::size_t seeds = request.count("seeds", 1, 100);
  ExperimentResult result{.key = "net",
                          .rows = {},
                          .plot = {"step", "loss", true, {}},
                          .more_plots = {{"step", "|G - G'|, the shift of a layer's gradient", true, {}}},
                          .prediction = {},
                          .words = {}};
  result.prediction =
      "batch normalization trains to a lower loss without shifting less (|G - G'| is not a fifth smaller "
      "than "
      "without it); noise behind it moves the inputs of layers more than going without it does, and still "
      "trains to a lower loss; and loss and gradient vary less along a step with it than without";
  std::vector<Measured> all;
  for (const Variant& variant :
       {Variant{"without", Normalization::none, false}, Variant{"batch norm", Normalization::batch, false},
        Variant{"batch norm and noise", Normalization::batch, true}}) {
    Measured one = over_seeds(variant, sizes, seeds, request.key);
    result.rows.push_back({variant.name,
                           {{"loss", one.loss},
                            {"moved_moments", one.moments},
                            {"|G-G'|", one.shift},
                            {"cosine", one.cosine},
                            {"loss_range", one.loss_range},
                            {"gradient_range", one.gradient_range},
                            {"beta", one.beta}}});
    result.plot.curves.push_back(one.losses);
    result.more_plots[0].curves.push_back(one.shifts);
    all.push_back(std::move(one));
  }
  judge(all[0], all[1], all[2], result);
  return result;
}

}  // namespace astrolabe
