// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/learners/kernel/kernel.h"

#include "astrolabe/learners/kernel/kernel_fit.h"
#include "astrolabe/learners/kernel/kernel_model.h"

namespace astrolabe {
namespace {

class KernelLearner final : public Learner {
 public:
  [[nodiscard]] std::string_view name() const override { return "kernel"; }
  [[nodiscard]] std::string_view doc() const override {
    return "Kernel ridge, logistic, multinomial or Poisson regression in linear time, by random features or "
           "landmarks.";
  }
  [[nodiscard]] EncodingNeeds needs() const override { return {.standardized = true}; }
  [[nodiscard]] std::span<const SettingField> fields() const override {
    static const std::vector<SettingField> kDescribed = describe(kernel::settings_table());
    return kDescribed;
  }
  [[nodiscard]] bool stops_early() const override { return true; }

  [[nodiscard]] std::unique_ptr<const Model> fit(const FitRequest& request) const override {
    return kernel::fit_kernel({.rows = kernel::FitRows(request.train),
                               .watch = request.watch,
                               .settings = request.settings,
                               .key = request.key,
                               .pool = request.pool,
                               .budget = request.budget,
                               .progress = request.progress,
                               .tell = request.tell});
  }
  [[nodiscard]] std::unique_ptr<const Model> load(ArchiveReader& archive, std::size_t features,
                                                  std::size_t outputs) const override {
    return kernel::load_kernel_model(archive, features, outputs);
  }
};

}  // namespace

const Learner& kernel_learner() {
  static const KernelLearner kLearner;
  return kLearner;
}

}  // namespace astrolabe
