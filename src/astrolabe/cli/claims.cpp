// SPDX-License-Identifier: Apache-2.0
// JSON: claims[].{number, written, slot, finding, baseline, verdict, effect{score,low,high}, metric, target,
// data, data_hash, rows, pairs, look, rope, alpha, protocol, hardware, version, study, command}.
#include <filesystem>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "astrolabe/base/csv.h"
#include "astrolabe/base/error.h"
#include "astrolabe/base/file.h"
#include "astrolabe/cli/command.h"
#include "astrolabe/evidence/ledger.h"
#include "astrolabe/report/json_numbers.h"
#include "astrolabe/report/terminal_lines.h"

namespace astrolabe {
namespace {

using Json = nlohmann::ordered_json;

struct ClaimsArguments {
  std::filesystem::path ledger, file;
  std::size_t newest = 50;
};

Json entry_json(const LedgerEntry& entry) {
  return {{"number", entry.number},
          {"written", entry.written},
          {"slot", entry.slot},
          {"finding", entry.finding},
          {"baseline", entry.baseline},
          {"verdict", verdict_name(entry.verdict)},
          {"effect",
           {{"score", json_number(entry.effect)},
            {"low", json_number(entry.low)},
            {"high", json_number(entry.high)}}},
          {"metric", entry.metric},
          {"target", entry.target},
          {"data", entry.data},
          {"data_hash", entry.data_hash},
          {"rows", entry.rows},
          {"pairs", entry.pairs},
          {"look", entry.look},
          {"rope", json_number(entry.rope)},
          {"alpha", json_number(entry.alpha)},
          {"protocol", entry.protocol},
          {"hardware", entry.hardware},
          {"version", entry.version},
          {"study", entry.study},
          {"command", entry.command}};
}

std::string claims_text(const std::vector<LedgerEntry>& entries, const std::string& path) {
  if (entries.empty())
    return fmt::format("no claims yet in {}\nastrolabe prove DIR writes one for each finding of a run\n",
                       path);
  std::string text;
  for (const LedgerEntry& entry : entries) {
    text += fmt::format("{:>4}  {:<9}  {}  {}\n", entry.number, verdict_name(entry.verdict),
                        entry.written.substr(0, 10), printable(entry.slot));
    text += fmt::format("      {} against {}\n", printable(entry.finding), printable(entry.baseline));
    text += fmt::format("      {} {:+.4g} [{:+.4g}, {:+.4g}] on {} of {}, {} pairs, look {}\n", entry.metric,
                        entry.effect, entry.low, entry.high, printable(entry.target),
                        printable(std::filesystem::path(entry.data).filename().string()), entry.pairs,
                        entry.look);
  }
  return text + fmt::format("\n{}\n", path);
}

std::string claims_csv(const Json& claims) {
  std::string text =
      "number,written,slot,finding,baseline,verdict,effect,low,high,metric,target,data,data_hash,rows,pairs,"
      "look,"
      "rope,alpha,protocol,hardware,version,study,command\n";
  for (const Json& claim : claims) {
    bool first = true;
    const auto cell = [&](const Json& value) {
      text += first ? "" : ",";
      first = false;
      if (value.is_null()) return;
      text += csv_cell(value.is_string() ? value.get<std::string>() : value.dump());
    };
    for (const auto& [name, value] : claim.items()) {
      if (!value.is_object()) {
        cell(value);
        continue;
      }
      for (const Json& bound : value) cell(bound);
    }
    text += "\n";
  }
  return text;
}

int claims(const ClaimsArguments& arguments, const Face& face) {
  const std::filesystem::path path = arguments.ledger.empty() ? ledger_path() : arguments.ledger;
  // Looking at a ledger makes none.
  const std::vector<LedgerEntry> entries = std::filesystem::exists(path)
                                               ? Ledger::open(path).entries(arguments.newest)
                                               : std::vector<LedgerEntry>();
  Json list = Json::array();
  for (const LedgerEntry& entry : entries) list.push_back(entry_json(entry));
  const Json all = {{"claims", list}, {"ledger", path.string()}};
  if (!arguments.file.empty()) {
    const bool is_csv = arguments.file.extension() == ".csv";
    write_file_atomically(arguments.file, is_csv ? claims_csv(list) : all.dump(2) + "\n");
    face.say(fmt::format("{} claims in {}", entries.size(), arguments.file.string()));
  }
  if (face.json) {
    fmt::print("{}\n", all.dump(2));
  } else if (arguments.file.empty()) {
    fmt::print("{}", claims_text(entries, path.string()));
  }
  return 0;
}

}  // namespace

void add_claims_command(CLI::App& app, Session& session) {
  auto arguments = std::make_shared<ClaimsArguments>();
  CLI::App* command = app.add_subcommand("claims", "What this machine proved, refuted, or could not decide");
  command->add_option("--newest", arguments->newest, "So many at most")
      ->check(from_one())
      ->capture_default_str();
  command->add_option("--export", arguments->file, "Write them to a file, CSV or JSON by its ending")
      ->type_name("FILE");
  command->add_option("--ledger", arguments->ledger, "Another ledger than the user's own")->type_name("FILE");
  add_face_options(*command, session.face);
  command->callback([arguments, &session] {
    session.action = [arguments, &session] { return claims(*arguments, session.face); };
  });
}

}  // namespace astrolabe
