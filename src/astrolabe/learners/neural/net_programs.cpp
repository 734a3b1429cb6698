// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/learners/neural/net_programs.h"

#include <algorithm>

#include <fmt/format.h>

#include "astrolabe/learners/neural/cnn_settings.h"
#include "astrolabe/learners/neural/mlp_model.h"

namespace astrolabe {
namespace {

using neural::MlpParts;
using neural::MlpSettings;

// Labels of the model's kind: a target is made of some, and the shape of a program depends on no value.
Labels some_labels(const MlpParts& parts) {
  if (parts.answer.head == Head::number)
    return {.kind = TaskKind::regression, .values = {1, 2}, .weights = {}};
  const bool is_binary = parts.answer.head == Head::binary;
  return {.kind = is_binary ? TaskKind::binary : TaskKind::multiclass,
          .classes = is_binary ? 2 : parts.outputs,
          .values = {0, 1},
          .weights = {}};
}

MlpSettings settings_of(const MlpParts& parts, const SettingValues& values, std::size_t rows) {
  if (!parts.picture.is_there()) return read_settings("mlp", neural::settings_table(), values);
  neural::CnnSettings settings = read_settings("cnn", neural::cnn_settings_table(), values);
  settings.fill_for(rows);
  return settings;
}

}  // namespace

std::vector<NetProgram> programs_of(const Model& model, const SettingValues& values, std::size_t rows) {
  const MlpParts* const parts = neural::parts_of(model);
  if (parts == nullptr) return {};
  const MlpSettings settings = settings_of(*parts, values, rows);
  const NetSpec net = neural::make_net(parts->texts, parts->plan, parts->outputs, parts->picture);
  const ParameterLayout layout = layout_of(net);
  const Labels labels = some_labels(*parts);
  const std::vector<double> weights(labels.rows(), 1.0);
  const neural::Target target = neural::make_target(settings, labels, weights);
  const ResolvedPart optimizer = resolve_part(Vocabulary::optimizer, settings.optimizer);
  const StepSpec step = neural::make_step(settings, net, target, optimizer.expression,
                                          TrainingRows{.rows = std::max<std::size_t>(rows, 1)});
  std::vector<NetProgram> programs;
  programs.push_back({fmt::format("a training step of {} rows", step.batch), step_program(step, layout)});
  for (const std::size_t block : neural::kAnswerBlocks)
    programs.push_back(
        {fmt::format("answers for {} rows", block),
         answer_program(net, layout, parts->answer.head, parts->answer.is_logarithmic, block)});
  return programs;
}

}  // namespace astrolabe
