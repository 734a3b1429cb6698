// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/codegen/target.h"

#include <array>
#include <memory>

#include <llvm/IR/LegacyPassManager.h>
#include <llvm/IR/Verifier.h>
#include <llvm/MC/TargetRegistry.h>
#include <llvm/Support/CommandLine.h>
#include <llvm/Support/TargetSelect.h>
#include <llvm/Support/raw_ostream.h>
#include <llvm/Target/TargetMachine.h>

#include "astrolabe/base/error.h"

namespace astrolabe {
namespace {

constexpr std::array<const char*, kInstructionSets> kFeatures = {
    "", "+avx2,+fma,+f16c", "+avx512f,+avx512vl,+avx512dq,+avx512bw,+avx2,+fma,+f16c,-prefer-256-bit"};
constexpr const char* kTriple = "x86_64-unknown-linux-gnu";

void initialise_llvm() {
  LLVMInitializeX86TargetInfo();
  LLVMInitializeX86Target();
  LLVMInitializeX86TargetMC();
  LLVMInitializeX86AsmPrinter();
  // Level "none" of code generation with the real register allocation: no optimiser can add much to what we
  // emit, but values that are spilled at every edge of a loop cost half of the speed. No API sets this.
  // Measured in README.md.
  constexpr std::array kArguments = {"astrolabe", "-optimize-regalloc", "-regalloc=greedy",
                                     "-enable-misched=false", "-x86-asm-syntax=intel"};
  llvm::cl::ParseCommandLineOptions(static_cast<int>(kArguments.size()), kArguments.data());
}

std::unique_ptr<llvm::TargetMachine> make_machine(InstructionSet set) {
  static const bool is_initialised = (initialise_llvm(), true);
  ASTROLABE_CHECK(is_initialised, "LLVM was initialised");
  std::string why;
  const llvm::Target* const target = llvm::TargetRegistry::lookupTarget(kTriple, why);
  ASTROLABE_CHECK(target != nullptr, why);
  llvm::TargetOptions options;
  options.AllowFPOpFusion = llvm::FPOpFusion::Strict;  // only what the nest fuses
  options.MCOptions.AsmVerbose = false;
  std::unique_ptr<llvm::TargetMachine> machine(target->createTargetMachine(
      kTriple, "x86-64", kFeatures[static_cast<std::size_t>(set)], options, llvm::Reloc::PIC_,
      llvm::CodeModel::Small, llvm::CodeGenOptLevel::None, /*JIT=*/true));
  ASTROLABE_CHECK(machine != nullptr, "LLVM makes code for x86-64");
  machine->setO0WantsFastISel(
      false);  // it knows no vectors of this width and would leave every other one to the DAG
  machine->setFastISel(false);
  return machine;
}

// The passes from a module to a file, made once: making them would be a quarter of the time of a small nest.
struct Assembly {
  llvm::SmallVector<char, 0> bytes;
  llvm::raw_svector_ostream stream{bytes};
  llvm::legacy::PassManager passes;
};

std::unique_ptr<Assembly> make_assembly(llvm::TargetMachine& machine, llvm::CodeGenFileType kind) {
  auto assembly = std::make_unique<Assembly>();
  const bool is_refused = machine.addPassesToEmitFile(assembly->passes, assembly->stream, nullptr, kind);
  ASTROLABE_CHECK(!is_refused, "LLVM writes this kind of file");
  return assembly;
}

}  // namespace

struct CodeMaker::Tools {
  std::unique_ptr<llvm::TargetMachine> machine;
  std::unique_ptr<Assembly> object;
};

CodeMaker::CodeMaker() = default;
CodeMaker::~CodeMaker() = default;

CodeMaker::Tools& CodeMaker::tools_for(InstructionSet set) {
  std::unique_ptr<Tools>& found = tools_[static_cast<std::size_t>(set)];
  if (found == nullptr) {
    found = std::make_unique<Tools>();
    found->machine = make_machine(set);
    found->object = make_assembly(*found->machine, llvm::CodeGenFileType::ObjectFile);
  }
  return *found;
}

void CodeMaker::prepare_module(llvm::Module& module, InstructionSet set) {
  module.setTargetTriple(kTriple);
  module.setDataLayout(tools_for(set).machine->createDataLayout());
}

llvm::SmallVector<char, 0> CodeMaker::emit_object(llvm::Module& module, InstructionSet set) {
  Assembly& assembly = *tools_for(set).object;
  assembly.bytes.clear();
  assembly.passes.run(module);
  return assembly.bytes;
}

std::string CodeMaker::emit_assembly(llvm::Module& module, InstructionSet set) {
  const std::unique_ptr<Assembly> assembly =
      make_assembly(*tools_for(set).machine, llvm::CodeGenFileType::AssemblyFile);
  assembly->passes.run(module);
  return {assembly->bytes.begin(), assembly->bytes.end()};
}

void check_module(const llvm::Module& module) {
  std::string faults;
  llvm::raw_string_ostream stream(faults);
  ASTROLABE_CHECK(!llvm::verifyModule(module, &stream), "LLVM refuses what we emit: " + faults);
}

}  // namespace astrolabe
