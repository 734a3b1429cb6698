// SPDX-License-Identifier: Apache-2.0
// Whether the worker that holds a trial is known to be dead. See worker_identity() of study_store.h.
//
//   if (worker_is_dead(identity, /*same_machine=*/false)) ...   // take its trial now, not in a minute
//
// An identity is boot, space of process numbers, process and its start. Only a process that this one would
// see may be called dead; all others may live.
#pragma once

#include <string_view>

namespace astrolabe {

// `same_machine`: the database is a file of this machine, so that a worker of another boot died with it.
// False for everything that is no identity.
[[nodiscard]] bool worker_is_dead(std::string_view identity, bool same_machine);

}  // namespace astrolabe
