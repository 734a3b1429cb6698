// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/codegen/nest_compiler.h"

#include <algorithm>
#include <array>
#include <mutex>
#include <string_view>

#include <fmt/format.h>
#include <llvm/IR/LLVMContext.h>
#include <llvm/IR/Module.h>
#include <llvm/Support/raw_ostream.h>

#include "astrolabe/base/error.h"
#include "astrolabe/codegen/linked_code.h"
#include "astrolabe/codegen/nest_emitter.h"
#include "astrolabe/codegen/target.h"

namespace astrolabe {

struct CompiledNests::Code {
  LinkedCode linked;
  std::vector<NestFunction> functions;

  Code(const llvm::SmallVector<char, 0>& object, std::span<const std::string> names) : linked(object, names) {
    for (const std::uint64_t address : linked.addresses())
      // NOLINTNEXTLINE(performance-no-int-to-ptr): the linker knows addresses only as numbers
      functions.push_back(reinterpret_cast<NestFunction>(address));
  }
};

namespace {

constexpr std::size_t kEngines = 16;
constexpr int kModulesPerContext = 256;  // a context keeps every constant and type that it has seen

// What compiling needs, one thread at a time. Never destroyed: LLVM's statics may die before it would.
struct Engine {
  std::mutex mutex;
  CodeMaker maker;
  std::unique_ptr<llvm::LLVMContext> context;
  int modules = 0;

  llvm::LLVMContext& fresh_context() {
    if (context == nullptr || ++modules == kModulesPerContext) {
      context = std::make_unique<llvm::LLVMContext>();
      context->setDiscardValueNames(true);
      modules = 0;
    }
    return *context;
  }
};

// One engine for each thread that compiles, as far as they go: a search compiles a fifth of its time, and one
// lock would be a limit to all of its threads.
class Engines {
 public:
  struct Taken {
    std::unique_lock<std::mutex> lock;
    Engine& engine;
  };

  Taken take() {
    for (Engine& engine : engines_)
      if (std::unique_lock lock(engine.mutex, std::try_to_lock); lock.owns_lock())
        return {std::move(lock), engine};
    Engine& first = engines_.front();
    return {std::unique_lock(first.mutex), first};
  }

 private:
  std::array<Engine, kEngines> engines_;
};

Engines& engines() {
  static Engines& all = *new Engines;
  return all;
}

std::string name_of(std::size_t i) {
  return fmt::format("nest_{}", i);
}

std::unique_ptr<llvm::Module> emitted_module(std::span<const NestCode* const> codes, InstructionSet set,
                                             CodeMaker& maker, llvm::LLVMContext& context,
                                             std::span<const NestSchedule> schedules = {}) {
  auto module = std::make_unique<llvm::Module>("nests", context);
  maker.prepare_module(*module, set);
  for (std::size_t i = 0; i < codes.size(); ++i)
    emit_nest(*codes[i], set, name_of(i), *module, schedules.empty() ? NestSchedule{} : schedules[i]);
  check_module(*module);
  return module;
}

// The lines of a function's assembly that are instructions or labels.
std::string instructions_of(const std::string& assembly) {
  std::string text;
  for (std::size_t begin = 0; begin < assembly.size();) {
    const std::size_t end = std::min(assembly.find('\n', begin), assembly.size());
    const std::string_view line(assembly.data() + begin, end - begin);
    begin = end + 1;
    const std::size_t first = line.find_first_not_of(" \t");
    if (first == std::string_view::npos || line[first] == '#') continue;
    const bool is_directive = line[first] == '.' && line.back() != ':';
    const bool is_constant_label = line.starts_with(".LCPI") || line.starts_with(".Lfunc");
    if (!is_directive && !is_constant_label) text += std::string(line) + "\n";
  }
  return text;
}

}  // namespace

std::span<const NestFunction> CompiledNests::functions() const {
  if (code_ == nullptr) return {};
  return code_->functions;
}

std::size_t CompiledNests::bytes() const {
  return code_ == nullptr ? 0 : code_->linked.bytes() + sizeof(Code);
}

CompiledNests compile_nests(std::span<const NestCode* const> codes, InstructionSet set,
                            std::span<const NestSchedule> schedules) {
  ASTROLABE_CHECK(schedules.empty() || schedules.size() == codes.size(), "a schedule for each nest, or none");
  std::vector<std::string> names;
  for (std::size_t i = 0; i < codes.size(); ++i) names.push_back(name_of(i));
  const Engines::Taken taken = engines().take();
  CodeMaker& maker = taken.engine.maker;
  const auto module = emitted_module(codes, set, maker, taken.engine.fresh_context(), schedules);
  return CompiledNests(std::make_shared<const CompiledNests::Code>(maker.emit_object(*module, set), names));
}

std::string nest_llvm_text(const NestCode& code, InstructionSet set) {
  llvm::LLVMContext context;
  const NestCode* const codes[] = {&code};
  const Engines::Taken taken = engines().take();
  const auto module = emitted_module(codes, set, taken.engine.maker, context);
  std::string text;
  llvm::raw_string_ostream stream(text);
  module->print(stream, nullptr);
  return text;
}

std::string nest_assembly(const NestCode& code, InstructionSet set) {
  llvm::LLVMContext context;
  const NestCode* const codes[] = {&code};
  const Engines::Taken taken = engines().take();
  const auto module = emitted_module(codes, set, taken.engine.maker, context);
  return instructions_of(taken.engine.maker.emit_assembly(*module, set));
}

}  // namespace astrolabe
