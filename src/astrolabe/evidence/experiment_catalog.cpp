// SPDX-License-Identifier: Apache-2.0
// The table of experiments, in the order in which people should see them.
#include <algorithm>
#include <vector>

#include "astrolabe/evidence/experiments.h"

namespace astrolabe {
namespace {

// Without a net, or with two matrices at most.
std::vector<Experiment> small_questions() {
  return {
      Experiment{
          .name = "two-layer-linear",
          .question = "Does a first-order method fit two linear layers when the target is badly conditioned?",
          .source = "Rahimi and Recht, NIPS 2017 test-of-time talk; the notebook's two errors are corrected",
          .options = {{"optimizer", "sgd,adam,gauss-newton", "Parts or expressions; gauss-newton is damped"},
                      {"kappa", "1e5", "Condition number of the target matrix"},
                      {"steps", "3000", "Of first-order methods; gauss-newton gets a tenth"},
                      {"rates", "1e-5,1e-4,1e-3,1e-2", "Learning rates; the best is taken"},
                      {"seeds", "3", "Targets and starts; medians are reported"}},
          .run_checked = run_two_layer_linear},
      Experiment{.name = "rounding",
                 .question = "What does the rounding of stored weights do to training?",
                 .source = "Rahimi, NIPS 2017; Gupta and others, ICML 2015",
                 .options = {{"mode", "nearest,toward-zero,stochastic",
                              "How weights are rounded when they are stored"},
                             {"storage", "bf16", "bf16 or f16; f32 is always there to compare"},
                             {"rate", "0.01", "Learning rate"},
                             {"steps", "4000", "Of gradient descent"}},
                 .run_checked = run_rounding},
      Experiment{.name = "signal-propagation",
                 .question = "Does a signal, and its gradient, survive fifty layers?",
                 .source = "Poole and others, NIPS 2016; Schoenholz and others, ICLR 2017",
                 .options = {{"activation", "relu,tanh,silu,x", "Parts or expressions"},
                             {"depth", "50", "Layers"},
                             {"width", "128", "Neurons of a layer"}},
                 .run_checked = run_signal_propagation},
      Experiment{.name = "output-histogram",
                 .question = "What does an activation make of a standard normal?",
                 .source = "Klambauer and others, NIPS 2017",
                 .options = {{"activation", "relu,tanh,silu,selu", "Parts or expressions"},
                             {"samples", "20000", "Numbers drawn"}},
                 .run_checked = run_output_histogram},
      Experiment{.name = "loss-shape",
                 .question = "How hard does a loss pull at a prediction, by how sure and how wrong it is?",
                 .source = "Lin and others, ICCV 2017; Gonzalez and Miikkulainen 2020",
                 .options = {{"loss", "cross_entropy,focal", "Parts or expressions, of classes"}},
                 .run_checked = run_loss_shape}};
}

// How the loss around a net's weights looks, and what that does to training.
std::vector<Experiment> questions_of_curvature() {
  return {
      Experiment{.name = "sharpness",
                 .question = "Where does the curvature of the loss go under gradient descent?",
                 .source = "Cohen and others, ICLR 2021 (edge of stability)",
                 .options = {{"rates", "0.1,0.2,0.4", "Learning rates, of all rows at once"},
                             {"activation", "tanh", "A part or an expression"},
                             {"loss", "mse", "Of numbers: a part or an expression"},
                             {"architecture", "32-32", "Hidden layers"},
                             {"steps", "3000", "Of gradient descent"}},
                 .run_checked = run_sharpness},
      Experiment{
          .name = "flatness",
          .question = "Do small batches find flatter minima, and what is flat at all?",
          .source = "Keskar and others, ICLR 2017; Li and others, NeurIPS 2018; Dinh and others, ICML 2017",
          .options = {{"batch", "16,512", "Rows of a step"},
                      {"activation", "relu", "One with f(2x) = 2 f(x)"},
                      {"optimizer", "sgd", "A part or an expression"},
                      {"rate", "0.1", "Learning rate"},
                      {"until", "0.05", "Mean loss of all rows at which a training ends"},
                      {"steps", "20000", "At most"},
                      {"rescale", "4", "By which a layer is multiplied, and the next one divided"}},
          .run_checked = run_flatness},
      Experiment{.name = "noise-scale",
                 .question = "How many rows does a batch need before more of them stop paying?",
                 .source = "McCandlish and others 2018",
                 .options = {{"batch", "2,8,32", "Smaller batches, one estimate each"},
                             {"big", "256", "The larger batch of every estimate"},
                             {"draws", "1000", "Batches of either size for one estimate"},
                             {"architecture", "16-16", "Hidden layers"},
                             {"activation", "relu", "A part or an expression"},
                             {"loss", "cross_entropy", "Of classes: a part or an expression"},
                             {"optimizer", "sgd", "A part or an expression"},
                             {"rate", "0.1", "Learning rate"},
                             {"steps", "600", "Of 64 rows"}},
                 .run_checked = run_noise_scale},
      Experiment{.name = "rate-schedule",
                 .question = "How do learning rate and schedule decide how sharp the minimum is?",
                 .source = "Cohen and others, ICLR 2021; Gilmer and others, ICLR 2022",
                 .options = {{"schedule", "constant,cosine,warmup", "Parts or expressions"},
                             {"rates", "0.02,0.05,0.1,0.2,0.4,0.8", "Learning rates"},
                             {"activation", "tanh", "A part or an expression"},
                             {"optimizer", "sgd", "A part or an expression"},
                             {"architecture", "32-32", "Hidden layers"},
                             {"steps", "1500", "Of all rows at once"}},
                 .run_checked = run_rate_schedule}};
}

// What happens to a net while it trains.
std::vector<Experiment> questions_of_training() {
  return {
      Experiment{.name = "batch-norm",
                 .question = "Does batch normalization help by reducing internal covariate shift?",
                 .source = "Santurkar and others, NeurIPS 2018; Rahimi, NIPS 2017",
                 .options = {{"depth", "8", "Hidden layers"},
                             {"width", "24", "Units of a layer"},
                             {"activation", "relu", "A part or an expression"},
                             {"optimizer", "sgd", "A part or an expression"},
                             {"rate", "0.3", "Learning rate, the same for all"},
                             {"noise", "0.5", "Size of the noise behind the normalization"},
                             {"steps", "400", "Of 64 rows"},
                             {"seeds", "3", "Tasks and starts; medians are reported"}},
                 .run_checked = run_batch_norm},
      Experiment{.name = "gradient-flow",
                 .question = "Does the gradient reach the first layers of a deep net, and do its units live?",
                 .source = "Glorot and Bengio, AISTATS 2010; Lu and others 2019 (dying relu)",
                 .options = {{"activation", "relu,tanh,silu,sigmoid", "Parts or expressions"},
                             {"depth", "10", "Hidden layers"},
                             {"width", "32", "Units of a layer"},
                             {"initialization", "he", "he, glorot, lecun or orthogonal"},
                             {"optimizer", "sgd", "A part or an expression"},
                             {"rate", "0.05", "Learning rate"},
                             {"steps", "600", "Of 64 rows"}},
                 .run_checked = run_gradient_flow},
      Experiment{.name = "random-labels",
                 .question = "Can a net that generalises learn labels that mean nothing?",
                 .source = "Zhang and others, ICLR 2017",
                 .options = {{"random", "0,0.5,1", "Shares of the labels that are drawn anew"},
                             {"architecture", "64-64", "Hidden layers"},
                             {"activation", "relu", "A part or an expression"},
                             {"optimizer", "adam", "A part or an expression"},
                             {"rate", "0.003", "Learning rate"},
                             {"epochs", "400", "At most"}},
                 .run_checked = run_random_labels},
      Experiment{.name = "sensitivity",
                 .question = "What do seeds, first weights and threads change of a result?",
                 .source = "Bouthillier and others, MLSys 2021",
                 .options = {{"threads", "1,2,3", "Numbers of threads"},
                             {"seeds", "12", "Repetitions of each"},
                             {"architecture", "128-128", "Hidden layers"},
                             {"activation", "relu", "A part or an expression"},
                             {"optimizer", "adam", "A part or an expression"},
                             {"batch", "128", "Rows of a step"},
                             {"rate", "0.003", "Learning rate"},
                             {"steps", "200", "Of training"}},
                 .run_checked = run_sensitivity}};
}

std::vector<Experiment> all_experiments() {
  std::vector<Experiment> all;
  for (const auto& group : {small_questions(), questions_of_curvature(), questions_of_training()})
    all.insert(all.end(), group.begin(), group.end());
  return all;
}

}  // namespace

std::span<const Experiment> experiments() {
  static const std::vector<Experiment> kExperiments = all_experiments();
  return kExperiments;
}

const Experiment* find_experiment(std::string_view name) {
  const auto found = std::ranges::find(experiments(), name, &Experiment::name);
  return found == experiments().end() ? nullptr : &*found;
}

}  // namespace astrolabe
