// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/train/private_trainer.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "astrolabe/base/error.h"

namespace astrolabe {
namespace {

// Norms are sums in f32, whose relative error is far below this; the noise is that much larger.
constexpr double kRoundingRoom = 1e-4;
// Standard deviations of a batch's size above its mean that one run has room for: 2 % of batches need
// another.
constexpr double kRoom = 2;
constexpr std::size_t kRowsAlignment = 16;
constexpr std::uint64_t kMostParts = 1 << 20;  // of a batch, each of which draws its own changes of pictures
// From so many steps on, programs with room for fewer rows are worth compiling: most batches need less than
// the largest room.
constexpr std::uint64_t kStepsForRooms = 500;

std::size_t aligned_rows(double rows) {
  return (static_cast<std::size_t>(std::ceil(rows)) + kRowsAlignment - 1) / kRowsAlignment * kRowsAlignment;
}

double deviation_of(const PoissonRows& rows) {
  return std::sqrt(rows.expected_rows() * (1 - rows.rate()));
}

StepSpec with_room(const TrainerSetup& setup, const PoissonRows& rows) {
  StepSpec spec = setup.spec;
  const double most = rows.expected_rows() + kRoom * deviation_of(rows);
  spec.batch = aligned_rows(std::min(most, static_cast<double>(setup.rows.rows)));
  return spec;
}

void set_key(Key key, std::uint64_t step, std::uint32_t (&words)[2]) {
  const std::uint64_t bits = random_bits(key, step);
  words[0] = static_cast<std::uint32_t>(bits);
  words[1] = static_cast<std::uint32_t>(bits >> 32);
}

std::vector<float> noise_of_parameters(const ParameterLayout& layout, double deviation) {
  std::vector<float> scale(layout.size, 0.0F);
  for (const Parameter& parameter : layout.parameters)
    std::fill_n(scale.begin() + static_cast<std::ptrdiff_t>(parameter.offset),
                parameter.shape.element_count(), static_cast<float>(deviation));
  return scale;
}

CompileOptions options_for(const TrainerSetup& setup, std::uint64_t runs) {
  CompileOptions options = setup.options;
  if (options.expected_runs == 0) options.expected_runs = runs;
  return options;
}

}  // namespace

PrivateTrainer::PrivateTrainer(const TrainerSetup& setup, const PrivatePlan& plan)
    : setup_(setup),
      plan_(plan),
      rows_(plan.secret.split("rows"), setup.rows.rows, plan.sampling_rate),
      spec_(with_room(setup, rows_)),
      decay_(decay_of_weights(setup.layout, setup.numbers.weight_decay)),
      whole_(compile(private_whole_program(spec_, setup.layout, plan.clipping),
                     options_for(setup, plan.steps))) {
  ASTROLABE_CHECK(setup.spec.rows == setup.rows.rows, "a program for these rows");
  ASTROLABE_CHECK(plan.noise_multiplier >= 0 && plan.clip > 0, "noise in units of a clip");
  if (plan_.clipping == RowClipping::automatic) plan_.clip = 1;
  const double deviation = plan_.noise_multiplier * plan_.clip * (1 + kRoundingRoom) / rows_.expected_rows();
  noise_scale_ = noise_of_parameters(setup.layout, deviation);
  if (spec_.net.trunk.is_there()) {
    ASTROLABE_CHECK(!setup.augmentation.mixes, "pictures that are not laid over each other");
    pictures_.emplace(plan.secret.split("pictures"), spec_.net.trunk.picture, setup.rows.pictures,
                      setup.augmentation, spec_.batch);
  }
  bind_step(whole_);
}

void PrivateTrainer::bind_step(Execution& run) {
  bind_training(run, setup_);
  run.bind_input("decay", decay_.data());
  run.bind_input("noise_scale", noise_scale_.data());
  run.bind_input("noise_key", noise_key_);
  run.bind_input("key", dropout_key_);
  run.set_scalar("share", 1 / rows_.expected_rows());
  run.set_scalar("row_clip", plan_.clip);
  if (pictures_) pictures_->bind(run);
}

// The least room of those a deviation apart, below the mean one more.
Execution& PrivateTrainer::whole_for(std::size_t rows) {
  if (plan_.steps < kStepsForRooms) return whole_;
  std::size_t room = spec_.batch;
  for (double above = kRoom - 1; above >= -1; --above) {
    const std::size_t less = aligned_rows(std::max(1.0, rows_.expected_rows() + above * deviation_of(rows_)));
    if (less >= rows) room = std::min(room, less);
  }
  if (room == spec_.batch) return whole_;
  const auto known = smaller_.find(room);
  if (known != smaller_.end()) return known->second;
  StepSpec spec = spec_;
  spec.batch = room;
  Execution& run = smaller_
                       .emplace(room, compile(private_whole_program(spec, setup_.layout, plan_.clipping),
                                              options_for(setup_, plan_.steps)))
                       .first->second;
  bind_step(run);
  run.bind_state("w", whole_.state<float>("w").data());
  bind_memories(run);
  return run;
}

void PrivateTrainer::bind_memories(Execution& run) {
  for (const Expression::Memory& memory : spec_.optimizer.memories) {
    const std::string name = "optimizer." + memory.name;
    run.bind_state(name, whole_.state<float>(name).data());
  }
}

void PrivateTrainer::make_parts() {
  if (last_) return;
  const CompileOptions options = options_for(setup_, plan_.steps / 40);
  last_.emplace(compile(private_step_program(spec_, setup_.layout, plan_.clipping), options));
  more_.emplace(compile(private_sum_program(spec_, setup_.layout, plan_.clipping), options));
  for (Execution* run : {&*last_, &*more_}) {
    bind_step(*run);
    run->bind_state("w", whole_.state<float>("w").data());
  }
  bind_memories(*last_);
  more_->bind_state("sum", last_->state<float>("sum").data());
}

void PrivateTrainer::start(std::span<const float> w) {
  ASTROLABE_CHECK(w.size() == this->w().size(), "weights of this net");
  steps_ = 0;
  std::ranges::copy(w, this->w().begin());
  for (const Expression::Memory& memory : spec_.optimizer.memories)
    std::ranges::fill(whole_.state<float>("optimizer." + memory.name), 0.0F);
}

void PrivateTrainer::feed(Execution& run, std::size_t part) {
  run.bind_input("batch", batch_.data() + part * spec_.batch);
  run.bind_input("present", present_.data() + part * spec_.batch);
  if (pictures_)
    pictures_->give(std::span(batch_).subspan(part * spec_.batch, spec_.batch), steps_ * kMostParts + part);
}

void PrivateTrainer::step() {
  batch_ = rows_.of_step(steps_);
  const std::size_t batch_rows = batch_.size();
  const std::size_t parts = std::max<std::size_t>(1, (batch_rows + spec_.batch - 1) / spec_.batch);
  present_.assign(parts * spec_.batch, 0.0F);
  std::fill_n(present_.begin(), batch_rows, 1.0F);
  batch_.resize(parts * spec_.batch, 0);
  set_key(plan_.secret.split("noise"), steps_, noise_key_);
  if (parts > 1) make_parts();
  for (std::size_t part = 0; part + 1 < parts; ++part) {
    set_key(plan_.secret.split("dropout").split(part), steps_, dropout_key_);
    feed(*more_, part);
    more_->run(setup_.pool);
  }
  Execution& last = parts > 1 ? *last_ : whole_for(batch_rows);
  set_key(plan_.secret.split("dropout").split(parts - 1), steps_, dropout_key_);
  feed(last, parts - 1);
  last.set_scalar("k", static_cast<double>(steps_ + 1));
  last.set_scalar("t", static_cast<double>(steps_) / static_cast<double>(plan_.steps));
  last.run(setup_.pool);
  ++steps_;
}

}  // namespace astrolabe
