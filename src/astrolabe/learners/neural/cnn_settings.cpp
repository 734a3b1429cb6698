// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/learners/neural/cnn_settings.h"

#include <algorithm>
#include <variant>
#include <vector>

namespace astrolabe::neural {
namespace {

using S = CnnSettings;

constexpr std::size_t kSeenPictures = 600'000;  // in a whole training, where nobody says how many
constexpr std::size_t kMostEpochs = 60;
constexpr double kAdamRate = 0.005;  // at the top of the cycle; normalised nets bear more than mlp's

Field<S> as_own(const Field<MlpSettings>& field) {
  Field<S> own{.about = field.about, .member = &S::augmentation};
  std::visit([&]<class Value>(Value MlpSettings::* member) { own.member = static_cast<Value S::*>(member); },
             field.member);
  return own;
}

std::vector<Field<S>> make_table() {
  std::vector<Field<S>> table;
  for (const Field<MlpSettings>& field : settings_table()) {
    if (field.about.name == "numeric_embedding") continue;
    table.push_back(as_own(field));
    SettingField& about = table.back().about;
    if (about.name == "architecture")
      about.doc =
          "Convolutions convKxF (/S: a stride), res, poolK, avgpoolK, gap and widths of dense layers, with "
          "dashes between them.";
    if (about.name == "activation") about.doc = "What follows every layer: a part or an expression in x.";
    if (about.name == "normalization") {
      about.doc =
          "What stands before every activation: nothing, or normalization over a batch, a picture, or groups "
          "of "
          "a picture's channels.";
      about.choices = {"none", "batch", "layer", "group"};
    }
    if (about.name == "dropout")
      about.doc = "Share of a picture's features and of dense units that each step leaves out.";
    if (about.name == "weight_decay")
      about.doc = "How strongly a step pulls at filters and matrices, as a multiple of the learning rate.";
  }
  table.push_back(
      {{.name = "augmentation",
        .doc =
            "What training does to pictures: shift, flip, cutout and mixup with + between them, or "
            "none; auto: flip where mirrored pictures look like their own class, shift in long trainings."},
       &S::augmentation});
  return table;
}

}  // namespace

CnnSettings::CnnSettings() {
  architecture = "conv3x32-pool2-conv3x64-pool2-conv3x128-pool2";
  activation = "relu";
  normalization = "batch";
  schedule = "onecycle";
  learning_rate = 0;
  dropout = 0.2;
  weight_decay = 0.05;
  label_smoothing = 0.05;
  patience = 10;
  numeric_embedding = "none";
}

void CnnSettings::fill_for(std::size_t rows) {
  if (batch_size == 0) batch_size = static_cast<std::int64_t>(std::clamp<std::size_t>(rows / 100, 16, 128));
  if (learning_rate == 0 && optimizer == "adam") learning_rate = kAdamRate;
  if (epochs == 0)
    epochs = static_cast<std::int64_t>(
        std::clamp<std::size_t>(kSeenPictures / std::max<std::size_t>(rows, 1), 1, kMostEpochs));
}

std::string fitting_architecture(std::string_view text, std::string_view by_default,
                                 const PictureSize& picture) {
  PictureArchitecture architecture = parse_picture_architecture(text);
  if (text != by_default) return picture_architecture_text(architecture);
  std::vector<PictureBlock> fitting;
  std::size_t height = picture.height, width = picture.width;
  for (const PictureBlock& block : architecture.blocks) {
    const bool is_pool = block.kind == PictureBlock::Kind::max_pool;
    if (is_pool && std::min(height, width) < block.stride) continue;
    fitting.push_back(block);
    const std::size_t room = is_pool ? 0 : block.stride - 1;  // a convolution keeps what is left over
    height = (height + room) / block.stride;
    width = (width + room) / block.stride;
  }
  architecture.blocks = std::move(fitting);
  return picture_architecture_text(architecture);
}

std::span<const Field<S>> cnn_settings_table() {
  static const std::vector<Field<S>> kTable = make_table();
  return kTable;
}

}  // namespace astrolabe::neural
