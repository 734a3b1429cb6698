// SPDX-License-Identifier: Apache-2.0
// What happens when memory runs out inside Arrow. Its buffers fail as a status, which becomes an error of
// ours (byte_source.h). What its own threads allocate beside them throws, and nothing there catches: the
// process would abort, or wait for ever for a task that never ends. So there it ends at once, in words, with
// the exit code of a failure; files that were there stay as they were.
//
//   end_in_words_without_memory();   // before Arrow is called
#pragma once

namespace astrolabe::readers {

// Installs that for the process (std::set_new_handler). Elsewhere who asks for memory still gets
// std::bad_alloc. Later calls do nothing. Thread-safe.
void end_in_words_without_memory();

}  // namespace astrolabe::readers
