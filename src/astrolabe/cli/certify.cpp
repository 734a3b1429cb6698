// SPDX-License-Identifier: Apache-2.0
// JSON: as report/certificate_text.h says. The exit code is 0 whatever is proved.
#include <fmt/format.h>

#include "astrolabe/cli/command.h"
#include "astrolabe/workflow/certify_part.h"

namespace astrolabe {
namespace {

struct CertifyArguments {
  std::string part, slot, domain;
};

int certify_and_print(const CertifyArguments& arguments, const Face& face) {
  std::optional<Bounds> domain;
  if (!arguments.domain.empty()) domain = parse_domain(arguments.domain);
  const CertifiedPart part = certify_part(arguments.slot, arguments.part, domain);
  fmt::print("{}", face.json ? certificates_json(part) : certificates_text(part, face.style()));
  return 0;
}

}  // namespace

void add_certify_command(CLI::App& app, Session& session) {
  auto arguments = std::make_shared<CertifyArguments>();
  CLI::App* command = app.add_subcommand(
      "certify", "Simple theorems about a part, proved or refuted: monotone, Lipschitz, convex");
  command->add_option("part", arguments->part, "A named part or an expression")
      ->required()
      ->type_name("PART");
  command->add_option("--as", arguments->slot, "activation, loss, optimizer or schedule")
      ->required()
      ->type_name("SLOT");
  command->add_option("--on", arguments->domain, "Of the variable; by default -10..10")
      ->type_name("LOW..HIGH");
  add_face_options(*command, session.face);
  command->callback([arguments, &session] {
    session.action = [arguments, &session] { return certify_and_print(*arguments, session.face); };
  });
}

}  // namespace astrolabe
