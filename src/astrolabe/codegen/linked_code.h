// SPDX-License-Identifier: Apache-2.0
// An object file linked into this process, as long as the value lives.
//
//   const LinkedCode code(object, {{"nest_0", "nest_1"}});
//   code.addresses()[1];   // of nest_1
//
// The only symbol that an object may want from outside is kFuseF64Symbol (operation_emitter.h).
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include <llvm/ADT/SmallVector.h>

namespace astrolabe {

class LinkedCode {
 public:
  // Throws InternalError when the object cannot be linked.
  LinkedCode(const llvm::SmallVector<char, 0>& object, std::span<const std::string> symbols);
  ~LinkedCode();
  LinkedCode(const LinkedCode&) = delete;
  LinkedCode& operator=(const LinkedCode&) = delete;

  [[nodiscard]] std::span<const std::uint64_t> addresses() const { return addresses_; }
  [[nodiscard]] std::size_t bytes() const { return bytes_; }  // mapped, in whole pages

  struct Allocation;

 private:
  std::unique_ptr<Allocation> allocation_;
  std::vector<std::uint64_t> addresses_;
  std::size_t bytes_ = 0;
};

}  // namespace astrolabe
