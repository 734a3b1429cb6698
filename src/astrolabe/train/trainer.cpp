// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/train/trainer.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include <fmt/format.h>

#include "astrolabe/base/error.h"
#include "astrolabe/train/initialize.h"
#include "astrolabe/train/step_memory.h"

namespace astrolabe {
namespace {

constexpr std::size_t kMeasuredRows = 1024;  // at a time
constexpr std::size_t kMeasuredPictures = 64;

void bind_rows(Execution& run, const TrainerSetup& setup) {
  run.bind_input("x", setup.rows.x.data());
  for (std::size_t i = 0; i < setup.rows.codes.size(); ++i)
    run.bind_input(fmt::format("codes{}", i), setup.rows.codes[i].data());
  run.bind_input("y", setup.rows.y.data());
  run.bind_input("bin_low", setup.bins.low.data());
  run.bind_input("bin_scale", setup.bins.scale.data());
  set_constants(run, setup.spec.net.activation, "activation");
  set_constants(run, setup.spec.loss, "loss");
}

StepSpec measuring(const TrainerSetup& setup) {
  StepSpec spec = setup.spec;
  spec.rows = setup.rows.rows;
  spec.batch = std::min(spec.net.trunk.is_there() ? kMeasuredPictures : kMeasuredRows, spec.rows);
  spec.batch = batch_within_memory(spec, setup.layout, setup.options, loss_program);
  return spec;
}

}  // namespace

void TrainingState::save(ArchiveWriter& archive) const {
  archive.put(steps);
  archive.put_array<float>(w);
  archive.put_array<float>(running);
  for (const std::vector<float>& memory : memories) archive.put_array<float>(memory);
}

TrainingState TrainingState::load(ArchiveReader& archive, const StepSpec& spec,
                                  const ParameterLayout& layout) {
  TrainingState state;
  state.steps = archive.get<std::uint64_t>();
  state.w = archive.get_array<float>(layout.size);
  state.running = archive.get_array<float>(layout.running_size);
  bool is_sound = state.w.size() == layout.size && state.running.size() == layout.running_size &&
                  std::ranges::all_of(state.w, [](float value) { return std::isfinite(value); });
  for (std::size_t i = 0; i < spec.optimizer.memories.size(); ++i) {
    state.memories.push_back(archive.get_array<float>(layout.size));
    is_sound = is_sound && state.memories.back().size() == layout.size;
  }
  if (!is_sound) ArchiveReader::damaged("the state of a training");
  return state;
}

CompileOptions stepping(const TrainerSetup& setup) {
  CompileOptions options = setup.options;
  if (options.expected_runs == 0) options.expected_runs = setup.total_steps;
  return options;
}

void bind_training(Execution& run, const TrainerSetup& setup) {
  bind_rows(run, setup);
  run.bind_input("weight", setup.rows.weight.data());
  set_constants(run, setup.spec.optimizer, "optimizer");
  set_constants(run, setup.spec.schedule, "schedule");
  run.set_scalar("lr", setup.numbers.learning_rate);
  run.set_scalar("dropout", setup.numbers.dropout);
  run.set_scalar("temperature", setup.numbers.temperature);
  run.set_scalar("taught_share", setup.numbers.taught_share);
  run.bind_input("taught", setup.rows.taught.data());
  run.set_scalar("smoothing", setup.numbers.smoothing);
  run.set_scalar("clip", setup.numbers.clip);
}

std::vector<float> decay_of_weights(const ParameterLayout& layout, double weight_decay) {
  std::vector<float> decay(layout.size, 0.0F);
  for (const Parameter& parameter : layout.parameters) {
    if (!parameter.decays()) continue;
    std::fill_n(decay.begin() + static_cast<std::ptrdiff_t>(parameter.offset),
                parameter.shape.element_count(), static_cast<float>(weight_decay));
  }
  return decay;
}

std::vector<float> first_statistics(const TrainerSetup& setup) {
  if (setup.running.empty()) return initial_running(setup.layout);
  ASTROLABE_CHECK(setup.running.size() == setup.layout.running_size, "statistics of every normalization");
  return {setup.running.begin(), setup.running.end()};
}

Trainer::Trainer(const TrainerSetup& setup)
    : pool_(setup.pool),
      total_steps_(setup.total_steps),
      first_running_(first_statistics(setup)),
      decay_(decay_of_weights(setup.layout, setup.numbers.weight_decay)),
      feed_(setup.key, setup.rows.rows, setup.spec.batch),
      run_(compile(step_program(setup.spec, setup.layout), stepping(setup))) {
  ASTROLABE_CHECK(setup.spec.rows == setup.rows.rows, "a program for these rows");
  bind_training(run_, setup);
  run_.bind_input("decay", decay_.data());
  feed_.bind(run_);
  if (setup.spec.net.trunk.is_there()) {
    ASTROLABE_CHECK(setup.spec.mixes == setup.augmentation.mixes, "a program that mixes as the feed does");
    pictures_.emplace(setup.key, setup.spec.net.trunk.picture, setup.rows.pictures, setup.augmentation,
                      setup.spec.batch);
    pictures_->bind(run_);
  }
  for (const Expression::Memory& memory : setup.spec.optimizer.memories)
    memories_.push_back("optimizer." + memory.name);
}

void Trainer::start(std::span<const float> w) {
  restore(
      {.steps = 0,
       .w = {w.begin(), w.end()},
       .running = first_running_,
       .memories = std::vector<std::vector<float>>(memories_.size(), std::vector<float>(w.size(), 0.0F))});
}

float Trainer::step() {
  feed_.give(run_, steps_, total_steps_);
  if (pictures_) pictures_->give(feed_.batch(), steps_);
  run_.run(pool_);
  ++steps_;
  return run_.output<float>(0)[0];
}

std::span<float> Trainer::running() {
  return first_running_.empty() ? std::span<float>{} : run_.state<float>("running");
}

TrainingState Trainer::state() {
  TrainingState state{.steps = steps_, .w = {w().begin(), w().end()}, .running = {}, .memories = {}};
  state.running.assign(running().begin(), running().end());
  for (const std::string& name : memories_) {
    const std::span<float> memory = run_.state<float>(name);
    state.memories.emplace_back(memory.begin(), memory.end());
  }
  return state;
}

void Trainer::restore(const TrainingState& state) {
  ASTROLABE_CHECK(state.w.size() == w().size() && state.running.size() == running().size() &&
                      state.memories.size() == memories_.size(),
                  "a state of this training");
  steps_ = state.steps;
  std::ranges::copy(state.w, w().begin());
  std::ranges::copy(state.running, running().begin());
  for (std::size_t i = 0; i < memories_.size(); ++i)
    std::ranges::copy(state.memories[i], run_.state<float>(memories_[i]).begin());
}

LossMeter::LossMeter(const TrainerSetup& setup)
    : pool_(setup.pool),
      rows_(setup.rows.rows),
      block_(measuring(setup).batch),
      size_(setup.spec.net.trunk.picture),
      pictures_(setup.rows.pictures),
      values_(block_ * size_.count()),
      run_(compile(loss_program(measuring(setup), setup.layout), setup.options)) {
  const std::size_t padded = (rows_ + block_ - 1) / block_ * block_;
  index_.resize(padded, 0);
  std::iota(index_.begin(), index_.begin() + static_cast<std::ptrdiff_t>(rows_), 0);
  weight_.resize(padded, 0.0F);
  for (std::size_t row = 0; row < rows_; ++row) {
    weight_[row] = setup.rows.weight.empty() ? 1.0F : setup.rows.weight[row];
    total_weight_ += static_cast<double>(weight_[row]);
  }
  bind_rows(run_, setup);
  run_.bind_input("pictures", values_.data());
}

double LossMeter::measure(std::span<float> w, std::span<float> running) {
  run_.bind_state("w", w.data());
  run_.bind_state("running", running.data());
  double total = 0;
  for (std::size_t begin = 0; begin < rows_; begin += block_) {
    run_.bind_input("batch", index_.data() + begin);
    run_.bind_input("weight", weight_.data() + begin);
    if (size_.count() > 0) read_pictures(pictures_, size_, std::span(index_).subspan(begin, block_), values_);
    run_.run(pool_);
    total += static_cast<double>(run_.output<float>(0)[0]);
  }
  return total / total_weight_;
}

}  // namespace astrolabe
