// SPDX-License-Identifier: Apache-2.0
// How every output of a net moves with every weight, row by row: the program behind Gauss-Newton steps and
// looks inside a net.
//
//   Execution run(compile(jacobian_program(net, layout, 64)));   // inputs "x", "codes0".., states as fitted
//   run.run();
//   run.output<float>(0);        // z [rows, outputs]
//   run.output<float>(1 + o);    // d z[., o] / d w [rows, layout.size], gaps zero
#pragma once

#include "astrolabe/runtime/program.h"
#include "astrolabe/train/net.h"

namespace astrolabe {

// Gradients per example, by vmap of the gradient of one row. As when predicting: no dropout, running
// statistics. Memory of a run: about rows * outputs * layout.size floats, twice.
[[nodiscard]] Program jacobian_program(const NetSpec& net, const ParameterLayout& layout, std::size_t rows);

}  // namespace astrolabe
