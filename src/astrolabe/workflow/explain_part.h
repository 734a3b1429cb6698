// SPDX-License-Identifier: Apache-2.0
// Why a found formula is good: what it is, what is proved of it, simple experiments, and what happens without
// each of its nodes.
#pragma once

#include <string>
#include <vector>

#include "astrolabe/report/explain_result.h"
#include "astrolabe/workflow/trained_changes.h"

namespace astrolabe {

// The slots of formulas that the system fills, where a formula was searched for or is no default; each with
// what it is compared with: the default, or where that is the same function a familiar part.
[[nodiscard]] std::vector<PartExplanation> parts_to_explain(const SystemSpace& space,
                                                            const FilledSystem& found,
                                                            const FilledSystem& defaults);

// Formula, derivative, theorems and experiments, without training anything. What has no meaning for the part
// is named in `left_out`.
void describe_part(PartExplanation& part, Key key, std::vector<std::string>& left_out);

// Every node taken out of the formula, and every node put onto three familiar parts; both sides tuned alike.
// What there is no time for is counted in `left_out`.
void knock_out_nodes(TrainedChanges& trained, const FilledSystem& found, PartExplanation& part,
                     std::vector<std::string>& left_out);
void knock_in_nodes(TrainedChanges& trained, const FilledSystem& found, PartExplanation& part,
                    std::vector<std::string>& left_out);

}  // namespace astrolabe
