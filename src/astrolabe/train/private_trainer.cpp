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

StepSpec with_room(const TrainerSetup& setup, const PoissonRows& rows) {
  StepSpec spec = setup.spec;
  const double mean = rows.expected_rows();
  const double most = mean + kRoom * std::sqrt(mean * (1 - rows.rate()));
  const std::size_t room = std::min(static_cast<std::size_t>(std::ceil(most)), setup.rows.rows);
  spec.batch = (room + kRowsAlignment - 1) / kRowsAlignment * kRowsAlignment;
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

void PrivateTrainer::make_parts() {
  if (last_) return;
  const CompileOptions options = options_for(setup_, plan_.steps / 40);
  last_.emplace(compile(private_step_program(spec_, setup_.layout, plan_.clipping), options));
  more_.emplace(compile(private_sum_program(spec_, setup_.layout, plan_.clipping), options));
  for (Execution* run : {&*last_, &*more_}) {
    bind_step(*run);
    run->bind_state("w", whole_.state<float>("w").data());
  }
  for (const Expression::Memory& memory : spec_.optimizer.memories) {
    const std::string name = "optimizer." + memory.name;
    last_->bind_state(name, whole_.state<float>(name).data());
  }
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
  const std::size_t parts = std::max<std::size_t>(1, (batch_.size() + spec_.batch - 1) / spec_.batch);
  present_.assign(parts * spec_.batch, 0.0F);
  std::fill_n(present_.begin(), batch_.size(), 1.0F);
  batch_.resize(parts * spec_.batch, 0);
  set_key(plan_.secret.split("noise"), steps_, noise_key_);
  if (parts > 1) make_parts();
  for (std::size_t part = 0; part + 1 < parts; ++part) {
    set_key(plan_.secret.split("dropout").split(part), steps_, dropout_key_);
    feed(*more_, part);
    more_->run(setup_.pool);
  }
  Execution& last = parts > 1 ? *last_ : whole_;
  set_key(plan_.secret.split("dropout").split(parts - 1), steps_, dropout_key_);
  feed(last, parts - 1);
  last.set_scalar("k", static_cast<double>(steps_ + 1));
  last.set_scalar("t", static_cast<double>(steps_) / static_cast<double>(plan_.steps));
  last.run(setup_.pool);
  ++steps_;
}

}  // namespace astrolabe
