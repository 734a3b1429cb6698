// SPDX-License-Identifier: Apache-2.0
// Capacity that follows the data (`run MORE --from OLD --grow`): larger nets are offered as rows come, and
// one of them takes the place of the old net only where it is surely better.
//
//   grown_architectures(parse_architecture("64-64"), 20'000)     // {"128-128", "64-64-res"}
//
// The rule: a net is offered twice as wide while no layer becomes wider than 2 sqrt(rows), and one residual
// block deeper while it has fewer than log2(rows / 500) blocks; rows are all that the line of models has
// seen. Of nets of pictures filters count as width, and convolutions, residual blocks and cells as blocks;
// the new block stands behind the last of them, in front of what is pooled there. What is offered begins with
// the old net's function and is judged, as everything is, on rows that its fit did not see.
#pragma once

#include <cstdint>
#include <vector>

#include "astrolabe/train/picture_architecture.h"
#include "astrolabe/workflow/run_state.h"
#include "astrolabe/workflow/selection.h"

namespace astrolabe {

struct SystemSearchRequest;

[[nodiscard]] std::vector<Architecture> grown_architectures(const Architecture& net, std::uint64_t rows);

// `may_widen`: more filters would not change the function (picture_grow.h).
[[nodiscard]] std::vector<PictureArchitecture> grown_architectures(const PictureArchitecture& net,
                                                                   std::uint64_t rows, bool may_widen);

// Adds the larger nets to the run's learners; of a run that begins with nothing, chooses cnn for a table with
// pictures and mlp for others where nobody chose. Throws usage_error for learners that do not grow, --refit,
// --stack and a ranking.
void offer_grown_nets(Run& run, RunOptions& options, const Table& table);

// One system: the first that went on, unless a later one, or one from nothing, is better by more than the
// noise (paired, 95 %). A mean of nets would be no net to go on from.
[[nodiscard]] Selection select_grown(std::vector<CrossValidation> tried, const SystemSearchRequest& request);

}  // namespace astrolabe
