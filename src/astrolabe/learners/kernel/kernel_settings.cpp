// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/learners/kernel/kernel_settings.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "astrolabe/base/error.h"

namespace astrolabe::kernel {
namespace {

constexpr std::array<std::string_view, kKernelShapes> kShapeNames{
    "gaussian", "laplacian", "matern12", "matern32", "matern52", "arc_cosine0", "arc_cosine1", "polynomial"};
constexpr std::array<std::string_view, kFeatureKinds> kFeatureNames{"random", "orthogonal", "structured",
                                                                    "nystroem"};
constexpr std::array<std::string_view, 4> kFamilyNames{"gaussian", "logistic", "multinomial", "poisson"};

// Orthogonal frequencies need a kernel whose frequencies point everywhere alike. Those of the Laplacian
// (Cauchy in each coordinate) and the signs of a polynomial do not.
bool is_isotropic(KernelShape shape) {
  return shape != KernelShape::laplacian && shape != KernelShape::polynomial;
}

}  // namespace

std::span<const Field<KernelSettings>> settings_table() {
  using S = KernelSettings;
  static const std::array kTable{
      Field<S>{{.name = "kernel",
                .doc = "How alike two rows are, by their distance (gaussian, laplacian, matern12, matern32, "
                       "matern52) or their angle (arc_cosine0, arc_cosine1, polynomial).",
                .choices = {"gaussian", "laplacian", "matern12", "matern32", "matern52", "arc_cosine0",
                            "arc_cosine1", "polynomial"}},
               &S::kernel},
      Field<S>{
          {.name = "features",
           .doc = "What stands for the kernel: random, orthogonal or structured directions, or nystroem: "
                  "likeness to landmark rows; auto: orthogonal where the kernel allows it, else random.",
           .choices = {"auto", "random", "orthogonal", "structured", "nystroem"}},
          &S::features},
      Field<S>{{.name = "components",
                .doc = "How many features stand for the kernel; more are nearer to it. 0: half as many as "
                       "rows, from 100 "
                       "to 1000.",
                .unit = "features",
                .low = 0,
                .high = 10'000,
                .log_scale = true},
               &S::components},
      Field<S>{{.name = "bandwidth",
                .doc = "How far a row sees, in medians of the distance between rows; 0: a length for each "
                       "column, found by gradient (kernels of angles: the median).",
                .low = 0,
                .high = 1000,
                .log_scale = true},
               &S::bandwidth},
      Field<S>{{.name = "degree", .doc = "Of the polynomial kernel.", .low = 1, .high = 8}, &S::degree},
      Field<S>{{.name = "family",
                .doc = "The distribution of the target; auto: gaussian for numbers, logistic or multinomial "
                       "for classes.",
                .choices = {"auto", "gaussian", "logistic", "multinomial", "poisson"}},
               &S::family},
      Field<S>{{.name = "penalty",
                .doc = "How strongly coefficients are pulled to zero; 0: chosen, see penalty_by.",
                .low = 0,
                .high = 1e6,
                .log_scale = true},
               &S::penalty},
      Field<S>{{.name = "penalty_by",
                .doc = "What chooses the penalty of numbers: held_out, the error on rows held out; gcv: "
                       "generalised cross-validation on all of them.",
                .choices = {"held_out", "gcv"}},
               &S::penalty_by}};
  return kTable;
}

std::string_view shape_name(KernelShape shape) {
  return kShapeNames.at(static_cast<std::size_t>(shape));
}

std::string_view feature_kind_name(FeatureKind kind) {
  return kFeatureNames.at(static_cast<std::size_t>(kind));
}

std::string_view family_name(Family family) {
  return kFamilyNames.at(static_cast<std::size_t>(family));
}

bool is_stationary(KernelShape shape) {
  return shape < KernelShape::arc_cosine0;
}

KernelChoice choose_kernel(const KernelSettings& settings) {
  const auto* shape = std::ranges::find(kShapeNames, settings.kernel);
  ASTROLABE_CHECK(shape != kShapeNames.end(), "the table of settings lets only known kernels pass");
  KernelChoice choice{.shape = static_cast<KernelShape>(shape - kShapeNames.begin()),
                      .features = FeatureKind::random,
                      .degree = static_cast<std::size_t>(settings.degree)};
  if (settings.features == "auto") {
    if (is_isotropic(choice.shape)) choice.features = FeatureKind::orthogonal;
    return choice;
  }
  const auto* kind = std::ranges::find(kFeatureNames, settings.features);
  ASTROLABE_CHECK(kind != kFeatureNames.end(), "the table of settings lets only known features pass");
  choice.features = static_cast<FeatureKind>(kind - kFeatureNames.begin());
  const bool turns = choice.features == FeatureKind::orthogonal || choice.features == FeatureKind::structured;
  if (turns && !is_isotropic(choice.shape))
    throw usage_error(
        {.attempted = fmt::format("setting kernel.features to {}", settings.features),
         .expected = fmt::format("random or nystroem for the {} kernel", settings.kernel),
         .found = "features whose directions are spread evenly, which this kernel does not have",
         .remedy = "Leave features at auto."});
  return choice;
}

Family choose_family(const KernelSettings& settings, TaskKind kind, double lowest) {
  const bool is_number = kind == TaskKind::regression;
  const Family natural = is_number                  ? Family::gaussian
                         : kind == TaskKind::binary ? Family::logistic
                                                    : Family::multinomial;
  if (settings.family == "auto" || settings.family == family_name(natural)) return natural;
  if (!is_number || settings.family != family_name(Family::poisson))
    throw usage_error({.attempted = "setting kernel.family",
                       .expected = is_number ? "gaussian or poisson for a regression"
                                             : fmt::format("{} for these classes", family_name(natural)),
                       .found = fmt::format("\"{}\"", settings.family),
                       .remedy = "Leave it at auto."});
  if (lowest < 0)
    throw usage_error({.attempted = "setting kernel.family to poisson",
                       .expected = "a target that is never negative",
                       .found = fmt::format("{}", lowest),
                       .remedy = "Use gaussian for such a target."});
  return Family::poisson;
}

PenaltyChoice choose_penalty_by(const KernelSettings& settings, Family family) {
  if (settings.penalty_by == "held_out") return PenaltyChoice::held_out;
  if (family != Family::gaussian)
    throw usage_error({.attempted = "setting kernel.penalty_by to gcv",
                       .expected = "a target of numbers with family gaussian",
                       .found = fmt::format("{}, whose fit has no hat matrix", family_name(family)),
                       .remedy = "Leave it at held_out."});
  return PenaltyChoice::gcv;
}

}  // namespace astrolabe::kernel
