// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/learners/neural/mlp.h"

#include "astrolabe/learners/neural/mlp_model.h"
#include "astrolabe/learners/neural/mlp_settings.h"
#include "astrolabe/learners/neural/net_fit.h"

namespace astrolabe {
namespace {

class MlpLearner : public Learner {
 public:
  [[nodiscard]] std::string_view name() const override { return "mlp"; }
  [[nodiscard]] std::string_view doc() const override {
    return "Dense neural nets: any activation, loss, optimizer and schedule, as a name or an expression.";
  }
  [[nodiscard]] EncodingNeeds needs() const override {
    return {.native_categories = true, .native_missing = false, .standardized = true};
  }
  [[nodiscard]] bool stops_early() const override { return true; }
  // A step is too short to share: threads would wait for each other at every product.
  [[nodiscard]] bool prefers_one_thread() const override { return true; }
  [[nodiscard]] std::span<const SettingField> fields() const override {
    static const std::vector<SettingField> kFields = describe(neural::settings_table());
    return kFields;
  }

  [[nodiscard]] std::unique_ptr<const Model> fit(const FitRequest& request) const override {
    const auto settings = read_settings(name(), neural::settings_table(), request.settings);
    return neural::fit_net_model(
        request, settings,
        {.texts = {.architecture = architecture_text(parse_architecture(settings.architecture)),
                   .activation = settings.activation,
                   .normalization = settings.normalization,
                   .numeric_embedding = settings.numeric_embedding}});
  }

  [[nodiscard]] std::unique_ptr<const Model> load(ArchiveReader& archive, std::size_t features,
                                                  std::size_t outputs) const override {
    return neural::load_mlp_model(archive, features, outputs);
  }
};

}  // namespace

const Learner& mlp_learner() {
  static const MlpLearner kLearner;
  return kLearner;
}

}  // namespace astrolabe
