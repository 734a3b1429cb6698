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

}  // namespace astrolabe
