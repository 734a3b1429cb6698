// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/learners/neural/cnn.h"

#include <algorithm>

#include "astrolabe/base/error.h"
#include "astrolabe/learners/neural/cnn_settings.h"
#include "astrolabe/learners/neural/mirror.h"
#include "astrolabe/learners/neural/mlp_model.h"
#include "astrolabe/learners/neural/net_fit.h"

namespace astrolabe {
namespace {

using neural::cnn_settings_table;
using neural::CnnSettings;

// Whoever sees a picture only a few times learns less from a moved one.
constexpr std::int64_t kShiftedEpochs = 20;
// Nothing is fitted twice, so the time of a fold is its fit's, but for answering its held-out rows.
constexpr double kTrustedShare = 0.9;
// The held-out rows of a fold are a quarter of those that it fits on, and an answer is a third of a step.
constexpr double kAnswersInEpochs = 0.25 / 3;

class CnnLearner : public Learner {
 public:
  [[nodiscard]] std::string_view name() const override { return "cnn"; }
  [[nodiscard]] std::string_view doc() const override {
    return "Convolutional nets on pictures: architectures, normalization and augmentation beside the slots "
           "of "
           "mlp.";
  }
  [[nodiscard]] EncodingNeeds needs() const override {
    return {.native_categories = true, .native_missing = false, .standardized = true, .images = true};
  }
  // Pictures that are only watched would be lost to the fit, and a second fit would cost as much again: the
  // schedule ends a training here. Rows to watch are heeded where somebody gives them.
  [[nodiscard]] bool stops_early() const override { return false; }
  [[nodiscard]] std::span<const SettingField> fields() const override {
    static const std::vector<SettingField> kFields = describe(cnn_settings_table());
    return kFields;
  }

  [[nodiscard]] std::unique_ptr<const Model> fit(const FitRequest& request) const override {
    auto settings = read_settings(name(), cnn_settings_table(), request.settings);
    const Pixels& pixels = request.train.features.pixels;
    (void)parse_picture_architecture(settings.architecture);
    if (pixels.empty())
      throw usage_error({.attempted = "fitting cnn",
                         .expected = "pictures",
                         .found = "a table without any",
                         .remedy =
                             "Run it on a folder of pictures, an IDX or CIFAR file, or a table with a column "
                             "of picture files; for other tables choose mlp or trees."});
    const std::size_t rows = request.train.labels.rows();
    const bool has_epochs = settings.epochs > 0, has_rate = settings.learning_rate > 0;
    settings.fill_for(rows);
    settings.architecture =
        neural::fitting_architecture(settings.architecture, CnnSettings().architecture,
                                     {pixels.shape.height, pixels.shape.width, pixels.shape.channels});
    const Augmentation augmentation =
        settings.augmentation == "auto"
            ? Augmentation{.shifts = settings.epochs >= kShiftedEpochs,
                           .flips = neural::mirrors_keep_their_class(pixels, request.train.labels)}
            : parse_augmentation(settings.augmentation);
    return neural::fit_net_model(request, settings,
                                 {.texts = {.architecture = settings.architecture,
                                            .activation = settings.activation,
                                            .normalization = settings.normalization,
                                            .numeric_embedding = settings.numeric_embedding},
                                  .augmentation = augmentation,
                                  .trusted_share = kTrustedShare,
                                  .follows_clock = true,
                                  .reserved_epochs = (augmentation.flips ? 2 : 1) * kAnswersInEpochs,
                                  .filled_epochs = !has_epochs,
                                  .filled_rate = !has_rate});
  }

  [[nodiscard]] std::unique_ptr<const Model> load(ArchiveReader& archive, std::size_t features,
                                                  std::size_t outputs) const override {
    return neural::load_mlp_model(archive, features, outputs, true);
  }
};

}  // namespace

const Learner& cnn_learner() {
  static const CnnLearner kLearner;
  return kLearner;
}

}  // namespace astrolabe
