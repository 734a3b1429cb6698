// SPDX-License-Identifier: Apache-2.0
#include "workloads.h"

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <fstream>

#include "astrolabe/base/random.h"
#include "astrolabe/parts/catalog.h"

namespace astrolabe {
namespace {

constexpr const char* kSearched = "x*sigmoid(1.5*x) + 0.1*sin(x)*tanh(x) - 0.05*x*x*exp(-x*x)";

}  // namespace

const std::map<std::string, Workload>& workloads() {
  static const std::map<std::string, Workload> all = [] {
    std::map<std::string, Workload> table{
        {"tab_sgd", {.sizes = {16, 64, 64, 2}, .batch = 64, .optimizer = "lr*g"}},
        {"tab", {.sizes = {16, 64, 64, 2}, .batch = 64}},
        {"wide", {.sizes = {32, 64, 64, 1}, .batch = 256, .loss = "mse"}},
        {"mid", {.sizes = {64, 128, 128, 10}, .batch = 128}},
        {"mid_searched", {.sizes = {64, 128, 128, 10}, .batch = 128, .activation = kSearched}},
        {"fashion", {.sizes = {784, 256, 256, 10}, .batch = 128}},
        {"filters_early", {.sizes = {14, 14, 16, 32}, .batch = 64, .work = Work::filters}},
        {"filters_late", {.sizes = {4, 4, 128, 128}, .batch = 64, .work = Work::filters}},
        {"clip", {.sizes = {64, 128, 10}, .batch = 128, .work = Work::clip}}};
    for (const char* name : {"relu", "exp", "sigmoid", "tanh"})
      table[std::string("apply_") + name] = {
          .sizes = {16384}, .work = Work::apply, .activation = std::string(name) + "(x)"};
    table["apply_searched"] = {.sizes = {16384}, .work = Work::apply, .activation = kSearched};
    return table;
  }();
  return all;
}

std::size_t Workload::inputs() const {
  return work == Work::filters ? sizes[0] * sizes[1] * (sizes[2] + sizes[3]) : sizes[0];
}

std::size_t Workload::weights() const {
  std::size_t count = 0;
  for (std::size_t layer = 0; work != Work::filters && layer + 1 < sizes.size(); ++layer)
    count += (sizes[layer] + 1) * sizes[layer + 1];
  return count;
}

StepSpec make_spec(const Workload& workload) {
  std::string architecture;
  for (std::size_t i = 1; i + 1 < workload.sizes.size(); ++i)
    architecture += (architecture.empty() ? "" : "-") + std::to_string(workload.sizes[i]);
  const auto part = [](Vocabulary slot, const std::string& text) {
    return resolve_part(slot, text).expression;
  };
  return {.net = {.numbers = workload.sizes.front(),
                  .outputs = workload.sizes.back(),
                  .architecture = parse_architecture(architecture),
                  .activation = part(Vocabulary::activation, workload.activation)},
          .head = workload.loss == "mse" ? Head::number : Head::classes,
          .loss = part(Vocabulary::loss, workload.loss),
          .optimizer = part(Vocabulary::optimizer, workload.optimizer),
          .schedule = part(Vocabulary::schedule, "constant"),
          .rows = kBatches * workload.batch,
          .batch = workload.batch};
}

State read_state(const Workload& workload, const std::string& path) {
  const std::size_t batch = workload.batch, inputs = workload.inputs(), weights = workload.weights();
  State state{std::vector<float>(weights), std::vector<float>(kBatches * batch * inputs),
              std::vector<float>(kBatches * batch)};
  std::ifstream file(path, std::ios::binary);
  const auto read = [&](float* to, std::size_t count) {
    file.read(reinterpret_cast<char*>(to), static_cast<std::streamsize>(count * sizeof(float)));
  };
  read(state.weights.data(), weights);
  for (std::size_t i = 0; i < kBatches; ++i) {
    read(state.x.data() + i * batch * inputs, batch * inputs);
    read(state.y.data() + i * batch, batch);
  }
  if (!file) {
    std::fprintf(stderr, "bench_engine: cannot read %s\n", path.c_str());
    std::exit(1);
  }
  return state;
}

State make_state(const Workload& workload) {
  State state;
  RandomStream random(Key::from_seed(1));
  for (std::size_t layer = 0; workload.work != Work::filters && layer + 1 < workload.sizes.size(); ++layer) {
    const double bound = 1 / std::sqrt(static_cast<double>(workload.sizes[layer]));
    for (std::size_t i = 0; i < (workload.sizes[layer] + 1) * workload.sizes[layer + 1]; ++i)
      state.weights.push_back(static_cast<float>(bound * (2 * random.uniform() - 1)));
  }
  const std::size_t rows = kBatches * workload.batch;
  for (std::size_t i = 0; i < rows * workload.inputs(); ++i)
    state.x.push_back(static_cast<float>(random.normal()));
  for (std::size_t i = 0; i < rows; ++i)
    state.y.push_back(workload.loss == "mse" ? static_cast<float>(random.normal())
                                             : static_cast<float>(random.below(workload.sizes.back())));
  return state;
}

}  // namespace astrolabe
