// SPDX-License-Identifier: Apache-2.0
// What can be chosen about a kernel machine, and what of it fits together.
//
//   const KernelSettings settings = read_settings<KernelSettings>("kernel", settings_table(), values);
//   const KernelChoice choice = choose_kernel(settings);   // {gaussian, orthogonal, degree 2}
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "astrolabe/model/settings.h"
#include "astrolabe/model/task.h"

namespace astrolabe::kernel {

struct KernelSettings {
  std::string kernel = "gaussian";
  std::string features = "auto";
  std::int64_t components = 0;
  double bandwidth = 0;
  std::int64_t degree = 2;
  std::string family = "auto";
  double penalty = 0;
  std::string penalty_by = "held_out";
};

[[nodiscard]] std::span<const Field<KernelSettings>> settings_table();

// The order is that of model files: never renumbered.
enum class KernelShape : std::uint8_t {
  gaussian,
  laplacian,
  matern12,
  matern32,
  matern52,
  arc_cosine0,
  arc_cosine1,
  polynomial,
};
inline constexpr std::uint8_t kKernelShapes = 8;
[[nodiscard]] std::string_view shape_name(KernelShape shape);
// A function of the difference of two rows alone, 1 for equal rows. The others are functions of angles and
// lengths; rows get a constant beside their features for them.
[[nodiscard]] bool is_stationary(KernelShape shape);

// How the kernel becomes features. The order is that of model files.
enum class FeatureKind : std::uint8_t { random, orthogonal, structured, nystroem };
inline constexpr std::uint8_t kFeatureKinds = 4;
[[nodiscard]] std::string_view feature_kind_name(FeatureKind kind);

struct KernelChoice {
  KernelShape shape = KernelShape::gaussian;
  FeatureKind features = FeatureKind::random;
  std::size_t degree = 2;  // of a polynomial
};

// Throws usage_error for features that the kernel does not have.
[[nodiscard]] KernelChoice choose_kernel(const KernelSettings& settings);

enum class Family : std::uint8_t { gaussian, logistic, multinomial, poisson };
[[nodiscard]] std::string_view family_name(Family family);
// Throws usage_error when the family cannot have targets of this kind, or as low as `lowest`.
[[nodiscard]] Family choose_family(const KernelSettings& settings, TaskKind kind, double lowest);

// What a penalty is chosen by.
enum class PenaltyChoice : std::uint8_t {
  held_out,  // the error on rows that were not fitted
  gcv,       // generalised cross-validation: no row is held out; numbers only
};
// Throws usage_error for gcv of anything but a gaussian family.
[[nodiscard]] PenaltyChoice choose_penalty_by(const KernelSettings& settings, Family family);

}  // namespace astrolabe::kernel
