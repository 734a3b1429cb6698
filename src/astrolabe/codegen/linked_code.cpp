// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/codegen/linked_code.h"

#include <llvm/ExecutionEngine/JITLink/ELF_x86_64.h>
#include <llvm/ExecutionEngine/JITLink/JITLink.h>
#include <llvm/ExecutionEngine/JITLink/JITLinkMemoryManager.h>
#include <unistd.h>

#include "astrolabe/base/error.h"
#include "astrolabe/codegen/operation_emitter.h"

namespace astrolabe {

namespace jitlink = llvm::jitlink;

struct LinkedCode::Allocation {
  jitlink::JITLinkMemoryManager::FinalizedAlloc memory;
};

namespace {

// Never destroyed: code may outlive main.
jitlink::InProcessMemoryManager& memory_manager() {
  static auto& manager = *new jitlink::InProcessMemoryManager(static_cast<std::uint64_t>(getpagesize()));
  return manager;
}

// What the linker tells and asks. It reports failure by a call, not by an exception, so outcomes are kept.
struct Outcome {
  jitlink::JITLinkMemoryManager::FinalizedAlloc memory;
  std::vector<std::uint64_t> addresses;
  std::size_t bytes = 0;
  std::string fault;
};

class Link : public jitlink::JITLinkContext {
 public:
  Link(std::span<const std::string> symbols, Outcome& outcome)
      : JITLinkContext(nullptr), symbols_(symbols), outcome_(outcome) {}

  jitlink::JITLinkMemoryManager& getMemoryManager() override { return memory_manager(); }

  void notifyFailed(llvm::Error error) override { outcome_.fault = llvm::toString(std::move(error)); }

  void lookup(const LookupMap& wanted,
              std::unique_ptr<jitlink::JITLinkAsyncLookupContinuation> then) override {
    jitlink::AsyncLookupResult found;
    for (const auto& [name, flags] : wanted) {
      if (name != kFuseF64Symbol)
        return then->run(llvm::createStringError("nothing here is called " + name.str()));
      found[name] = {llvm::orc::ExecutorAddr::fromPtr(&fuse_f64), llvm::JITSymbolFlags::Exported};
    }
    then->run(std::move(found));
  }

  llvm::Error notifyResolved(jitlink::LinkGraph& graph) override {
    outcome_.addresses.assign(symbols_.size(), 0);
    for (const jitlink::Symbol* symbol : graph.defined_symbols())
      for (std::size_t i = 0; symbol->hasName() && i < symbols_.size(); ++i)
        if (symbol->getName() == symbols_[i]) outcome_.addresses[i] = symbol->getAddress().getValue();
    for (const jitlink::Section& section : graph.sections()) {
      std::size_t bytes = 0;
      for (const jitlink::Block* block : section.blocks()) bytes += block->getSize();
      const auto page = static_cast<std::size_t>(getpagesize());
      outcome_.bytes += (bytes + page - 1) / page * page;
    }
    return llvm::Error::success();
  }

  void notifyFinalized(jitlink::JITLinkMemoryManager::FinalizedAlloc memory) override {
    outcome_.memory = std::move(memory);
  }

  bool shouldAddDefaultTargetPasses(const llvm::Triple&) const override { return true; }

 private:
  std::span<const std::string> symbols_;
  Outcome& outcome_;
};

}  // namespace

LinkedCode::LinkedCode(const llvm::SmallVector<char, 0>& object, std::span<const std::string> symbols) {
  const llvm::MemoryBufferRef buffer(llvm::StringRef(object.data(), object.size()), "nests");
  auto graph = jitlink::createLinkGraphFromELFObject_x86_64(buffer);
  ASTROLABE_CHECK(static_cast<bool>(graph),
                  "LLVM reads its own object: " + llvm::toString(graph.takeError()));
  Outcome outcome;
  jitlink::link_ELF_x86_64(std::move(*graph), std::make_unique<Link>(symbols, outcome));
  ASTROLABE_CHECK(outcome.fault.empty(), "LLVM links its own object: " + outcome.fault);
  allocation_ = std::make_unique<Allocation>(Allocation{std::move(outcome.memory)});
  addresses_ = std::move(outcome.addresses);
  bytes_ = outcome.bytes;
}

LinkedCode::~LinkedCode() {
  // Unmapping what is mapped does not fail; if it did, the pages would stay.
  llvm::consumeError(memory_manager().deallocate(std::move(allocation_->memory)));
}

}  // namespace astrolabe
