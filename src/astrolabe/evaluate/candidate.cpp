// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/evaluate/candidate.h"

#include "astrolabe/base/error.h"

namespace astrolabe {

std::vector<double> FittedCandidate::predict(const Table& table, std::span<const RowIndex> rows,
                                             ThreadPool& pool) const {
  std::vector<double> predictions(rows.size() * model->outputs());
  model->predict(encoder->encode(table, rows, pool), predictions);
  return predictions;
}

Labels take_labels(const Labels& all, std::span<const RowIndex> rows) {
  Labels taken{.kind = all.kind, .classes = all.classes, .values = {}, .weights = {}};
  taken.values.reserve(rows.size());
  for (const RowIndex row : rows) taken.values.push_back(all.values[row]);
  if (!all.groups.empty())
    for (const RowIndex row : rows) taken.groups.push_back(all.groups[row]);
  if (all.weights.empty()) return taken;
  taken.weights.reserve(rows.size());
  for (const RowIndex row : rows) taken.weights.push_back(all.weights[row]);
  return taken;
}

FittedCandidate fit_candidate(const Candidate& candidate, const CandidateFit& fit) {
  ASTROLABE_CHECK(fit.labels.rows() == fit.table.rows(), "one label per row of the table");
  const Learner& learner = *candidate.learner;
  Labels labels = take_labels(fit.labels, fit.train);
  const FittedCandidate* const from =
      candidate.from == nullptr ? nullptr : &(*candidate.from)[fit.turn % candidate.from->size()];
  FittedEncoding encoding =
      from != nullptr ? FittedEncoding{.encoder = from->encoder,
                                       .train = from->encoder->encode(fit.table, fit.train, fit.pool)}
                      : fit_encoder({.table = fit.table,
                                     .rows = fit.train,
                                     .labels = labels,
                                     .needs = learner.needs(),
                                     .key = fit.key.split("encoder")},
                                    fit.pool);
  const TrainingData train{.features = std::move(encoding.train), .labels = std::move(labels)};
  TrainingData watch;
  if (!fit.watch.empty()) {
    watch.features = encoding.encoder->encode(fit.table, fit.watch, fit.pool);
    watch.labels = take_labels(fit.labels, fit.watch);
  }
  std::shared_ptr<const Model> model =
      learner.fit({.train = train,
                   .watch = fit.watch.empty() ? nullptr : &watch,
                   .settings = candidate.settings,
                   .key = fit.key.split("model"),
                   .pool = fit.pool,
                   .budget = fit.budget,
                   .progress = fit.progress,
                   .tell = fit.tell,
                   .start = from != nullptr ? from->model.get() : fit.start});
  return {.encoder = std::move(encoding.encoder), .model = std::move(model)};
}

}  // namespace astrolabe
