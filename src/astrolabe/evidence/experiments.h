// SPDX-License-Identifier: Apache-2.0
// The functions behind the rows of experiment_catalog.cpp, one file each. What they take and return is
// Experiment's.
#pragma once

#include "astrolabe/evidence/experiment.h"

namespace astrolabe {

ExperimentResult run_two_layer_linear(const ExperimentRequest& request);
ExperimentResult run_rounding(const ExperimentRequest& request);
ExperimentResult run_signal_propagation(const ExperimentRequest& request);
ExperimentResult run_output_histogram(const ExperimentRequest& request);
ExperimentResult run_loss_shape(const ExperimentRequest& request);
ExperimentResult run_batch_norm(const ExperimentRequest& request);
ExperimentResult run_flatness(const ExperimentRequest& request);
ExperimentResult run_gradient_flow(const ExperimentRequest& request);
ExperimentResult run_noise_scale(const ExperimentRequest& request);
ExperimentResult run_random_labels(const ExperimentRequest& request);
ExperimentResult run_rate_schedule(const ExperimentRequest& request);
ExperimentResult run_sensitivity(const ExperimentRequest& request);
ExperimentResult run_sharpness(const ExperimentRequest& request);

}  // namespace astrolabe
