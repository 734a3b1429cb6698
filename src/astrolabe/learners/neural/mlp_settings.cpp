// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/learners/neural/mlp_settings.h"

#include <vector>

namespace astrolabe::neural {
namespace {

using S = MlpSettings;
const std::vector<Field<S>> kTable = {
    {{.name = "architecture",
      .doc =
          "Widths of hidden layers and \"res\" for residual blocks, with dashes between them; none: a linear "
          "model."},
     &S::architecture},
    {{.name = "activation", .doc = "What follows every hidden layer: a part or an expression in x."},
     &S::activation},
    {{.name = "normalization",
      .doc = "What stands before every activation: nothing, or normalization over a row's units or a batch's "
             "rows.",
      .choices = {"none", "layer", "batch"}},
     &S::normalization},
    {{.name = "loss",
      .doc = "What training minimises: a part or an expression in y and z (standardised numbers, or logits) "
             "or p; "
             "auto: mse for numbers, cross_entropy for classes."},
     &S::loss},
    {{.name = "optimizer",
      .doc = "The step that is subtracted from the weights: a part or an expression in g, w, lr, k and t."},
     &S::optimizer},
    {{.name = "schedule",
      .doc = "What the learning rate is multiplied by: a part or an expression in t and k."},
     &S::schedule},
    {{.name = "batch_size",
      .doc = "Rows per step, at most all of them; 0: by the number of rows.",
      .unit = "rows",
      .low = 0,
      .high = 1e6,
      .log_scale = true},
     &S::batch_size},
    {{.name = "learning_rate",
      .doc = "Scales every step; 0: the optimizer's own, found by a short race where it has none.",
      .low = 0,
      .high = 100,
      .log_scale = true},
     &S::learning_rate},
    {{.name = "epochs",
      .doc =
          "Times that training sees all rows, over which the schedule is defined; 0: by the number of rows.",
      .unit = "epochs",
      .low = 0,
      .high = 100000,
      .log_scale = true},
     &S::epochs},
    {{.name = "stop_after",
      .doc = "Epochs after which training ends although the schedule goes on, as early stopping found them; "
             "0: never.",
      .unit = "epochs",
      .low = 0,
      .high = 100000},
     &S::stop_after},
    {{.name = "patience",
      .doc = "Epochs without a better loss on the watched rows before the fit ends.",
      .unit = "epochs",
      .low = 1,
      .high = 100000},
     &S::patience},
    {{.name = "dropout", .doc = "Share of hidden units that each step leaves out.", .low = 0, .high = 0.9},
     &S::dropout},
    {{.name = "weight_decay",
      .doc = "How strongly a step pulls at matrices, as a multiple of the learning rate; biases are spared.",
      .low = 0,
      .high = 10,
      .log_scale = true},
     &S::weight_decay},
    {{.name = "label_smoothing",
      .doc = "Share of a label's certainty that is spread over all classes while training.",
      .low = 0,
      .high = 0.9},
     &S::label_smoothing},
    {{.name = "initialization",
      .doc = "How wide first weights are drawn.",
      .choices = {"he", "glorot", "lecun", "orthogonal"}},
     &S::initialization},
    {{.name = "numeric_embedding",
      .doc = "How numbers enter beside themselves: not at all, as cosines of learned frequency, or as places "
             "in bins.",
      .choices = {"none", "periodic", "piecewise_linear"}},
     &S::numeric_embedding},
    {{.name = "clip", .doc = "Norm that a step's gradient is cut to; 0: never.", .low = 0, .high = 1e6},
     &S::clip},
    {{.name = "distill_temperature",
      .doc = "How much a teacher's answers are softened: their logarithms are divided by it.",
      .low = 0.1,
      .high = 100,
      .log_scale = true},
     &S::distill_temperature},
    {{.name = "distill_share",
      .doc = "How much of the loss is what a teacher says and not what the labels say; --loss distill(...) "
             "sets it.",
      .low = 0,
      .high = 1},
     &S::distill_share},
};

}  // namespace

std::span<const Field<MlpSettings>> settings_table() {
  return kTable;
}

}  // namespace astrolabe::neural
