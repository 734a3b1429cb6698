// SPDX-License-Identifier: Apache-2.0
// Compiles as it is; must not compile with any one of the macros. Never run.
#include "astrolabe/data/seal.h"

namespace astrolabe {

std::size_t count_rows(const SealedTable& sealed, SealJournal& journal) {
#if defined(READ_WITHOUT_OPENING)
  return sealed.open().rows();
#elif defined(READ_THE_MEMBER)
  return sealed.rows_.rows();
#elif defined(OPENING_BY_HAND)
  return sealed.open(Opening("score", 1)).rows();
#elif defined(OPENING_BY_BRACES)
  return sealed.open({"score", 1}).rows();
#elif defined(OPENING_COPIED)
  const Opening opening = journal.record(sealed.slice(), "once");
  const Opening again = opening;
  return sealed.open(again).rows();
#elif defined(SEALED_TABLE_COPIED)
  const SealedTable copy = sealed;
  return copy.open(journal.record(sealed.slice(), "once")).rows();
#elif defined(WRITE_WITHOUT_RECORD)
  return journal.write(sealed.slice(), "quietly");
#else
  return sealed.open(journal.record(sealed.slice(), "once")).rows();
#endif
}

}  // namespace astrolabe
