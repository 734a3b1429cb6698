// SPDX-License-Identifier: Apache-2.0
// The .astro file, version 5 (4: without columns of pictures; 3: without a privacy ledger and the encoders of
// private training; 2: without second level and spreads; 1: without calibration too):
//
//   magic      8 bytes  "ASTRO\r\n\x1a" (a text-mode copy damages it visibly)
//   version    u32
//   sections   u32      count, then for each: name (text), size u64, xxh64 u64
//   checksum   u64      xxh64 of everything above
//   bytes      the sections, one after the other, to the end of the file
//
// Sections: "card" (JSON), then "encoder 0", "model 0", "encoder 1", ... in the order of the card's members,
// and on with those of the card's spreads.
#include <algorithm>
#include <filesystem>

#include "astrolabe/base/error.h"
#include "astrolabe/base/file.h"
#include "astrolabe/base/hash.h"
#include "astrolabe/model/archive.h"
#include "astrolabe/pipeline/card_json.h"
#include "astrolabe/pipeline/catalog.h"
#include "astrolabe/pipeline/shipped_model.h"

namespace astrolabe {
namespace {

constexpr std::string_view kMagic("ASTRO\r\n\x1a", 8);
constexpr std::uint32_t kFormatVersion = 5;
constexpr std::uint32_t kMaxSections = 2'001;
constexpr std::uint64_t kMaxFileBytes = std::uint64_t{16} << 30;

struct Section {
  std::string name;
  std::string bytes;
};

template <class Fitted>
Section section_of(std::string name, const Fitted& fitted) {
  ArchiveWriter archive;
  fitted.save(archive);
  return {std::move(name), archive.bytes()};
}

std::vector<MemberCard> cards_of(const std::vector<Member>& members) {
  std::vector<MemberCard> cards;
  for (const Member& member : members)
    cards.push_back({member.learner, member.settings, member.weight, member.system});
  return cards;
}

std::vector<Section> sections_of(const ShippedModel& model) {
  const CardSection card{.card = model.card(),
                         .members = cards_of(model.members()),
                         .spreads = cards_of(model.spread_members())};
  std::vector<Section> sections = {{"card", write_card(card)}};
  std::size_t number = 0;
  for (const std::vector<Member>* members : {&model.members(), &model.spread_members()})
    for (const Member& member : *members) {
      sections.push_back(section_of("encoder " + std::to_string(number), *member.encoder));
      sections.push_back(section_of("model " + std::to_string(number++), *member.model));
    }
  return sections;
}

// The oldest that can predict with it: an older Astrolabe refuses what it cannot.
std::uint32_t version_for(const ShippedModel& model) {
  const auto is_picture = [](const WantedColumn& column) { return column.type == ColumnType::image; };
  if (std::ranges::any_of(model.wanted_columns(), is_picture)) return 5;
  if (model.card().privacy) return 4;
  if (model.card().second_level || !model.spread_members().empty()) return 3;
  return model.card().calibration.kind != CalibrationKind::none ? 2 : 1;
}

void require_magic(std::string_view bytes) {
  if (bytes.substr(0, kMagic.size()) == kMagic) return;
  throw bad_input({.attempted = "reading the model file",
                   .expected = "a file that astrolabe run wrote (model.astro)",
                   .found = "something else",
                   .remedy = "Give the path of a model.astro."});
}

struct SectionEntry {
  std::string name;
  std::uint64_t size = 0;
  std::uint64_t hash = 0;
};

// Reads the table of sections and checks it against its own checksum; returns where the sections begin.
std::size_t read_section_table(std::string_view bytes, std::vector<SectionEntry>& entries) {
  ArchiveReader table(bytes.substr(kMagic.size()));
  const auto version = table.get<std::uint32_t>();
  if (version == 0 || version > kFormatVersion) {
    throw bad_input({.attempted = "reading the model file",
                     .expected = "format version " + std::to_string(kFormatVersion) + " or older",
                     .found = "version " + std::to_string(version),
                     .remedy = "Use the Astrolabe that wrote it, or a newer one."});
  }
  const auto count = table.get_between<std::uint32_t>(3, kMaxSections, "the number of sections");
  for (std::uint32_t i = 0; i < count; ++i) {
    SectionEntry entry;
    entry.name = table.get_text(64);
    entry.size = table.get<std::uint64_t>();
    entry.hash = table.get<std::uint64_t>();
    entries.push_back(std::move(entry));
  }
  const std::size_t prefix = bytes.size() - table.remaining();
  if (table.get<std::uint64_t>() != hash_bytes(bytes.data(), prefix))
    ArchiveReader::damaged("the table of sections");
  return bytes.size() - table.remaining();
}

std::vector<std::string_view> read_sections(std::string_view bytes, const std::vector<SectionEntry>& entries,
                                            std::size_t at) {
  std::vector<std::string_view> sections;
  for (const SectionEntry& entry : entries) {
    if (entry.size > bytes.size() - at) ArchiveReader::damaged("section " + entry.name + " is cut off");
    sections.push_back(bytes.substr(at, entry.size));
    at += entry.size;
    if (hash_text(sections.back()) != entry.hash) ArchiveReader::damaged("section " + entry.name);
  }
  if (at != bytes.size()) ArchiveReader::damaged("bytes after the last section");
  return sections;
}

void require_names(const std::vector<SectionEntry>& entries, std::size_t members) {
  if (entries.size() != 1 + 2 * members) ArchiveReader::damaged("the number of sections");
  bool as_written = entries[0].name == "card";
  for (std::size_t i = 0; i < members; ++i) {
    as_written = as_written && entries[1 + 2 * i].name == "encoder " + std::to_string(i) &&
                 entries[2 + 2 * i].name == "model " + std::to_string(i);
  }
  if (!as_written) ArchiveReader::damaged("the names of the sections");
}

Member read_member(const MemberCard& card, std::string_view encoder_bytes, std::string_view model_bytes,
                   std::size_t outputs) {
  const Learner* learner = find_learner(card.learner);
  if (learner == nullptr) ArchiveReader::damaged("a learner that this version does not have");
  Member member{.learner = card.learner,
                .settings = card.settings,
                .weight = card.weight,
                .system = card.system,
                .encoder = {},
                .model = {}};
  ArchiveReader encoder(encoder_bytes);
  member.encoder = Encoder::load(encoder);
  encoder.require_end();
  ArchiveReader model(model_bytes);
  member.model = learner->load(model, member.encoder->features()->size(), outputs);
  model.require_end();
  return member;
}

}  // namespace

std::string serialize_model(const ShippedModel& model) {
  std::vector<Section> sections = sections_of(model);
  ArchiveWriter table;
  table.put(version_for(model));
  table.put(static_cast<std::uint32_t>(sections.size()));
  for (const Section& section : sections) {
    table.put_text(section.name);
    table.put(std::uint64_t{section.bytes.size()});
    table.put(hash_text(section.bytes));
  }
  std::string file = std::string(kMagic) + table.bytes();
  ArchiveWriter checksum;
  checksum.put(hash_text(file));
  file += checksum.bytes();
  // Models of hundreds of classes are large: no more copies at a time than needed.
  std::size_t size = file.size();
  for (const Section& section : sections) size += section.bytes.size();
  file.reserve(size);
  for (Section& section : sections) {
    file += section.bytes;
    std::string().swap(section.bytes);
  }
  return file;
}

ShippedModel parse_model(std::string_view bytes) {
  require_magic(bytes);
  std::vector<SectionEntry> entries;
  const std::size_t begin = read_section_table(bytes, entries);
  const std::vector<std::string_view> sections = read_sections(bytes, entries, begin);
  CardSection card = read_card(sections[0]);
  require_names(entries, card.members.size() + card.spreads.size());
  std::vector<Member> members, spreads;
  for (std::size_t i = 0; i < card.members.size() + card.spreads.size(); ++i) {
    const bool is_spread = i >= card.members.size();
    const MemberCard& member = is_spread ? card.spreads[i - card.members.size()] : card.members[i];
    (is_spread ? spreads : members)
        .push_back(read_member(member, sections[1 + 2 * i], sections[2 + 2 * i],
                               is_spread ? 1 : card.card.task.outputs()));
  }
  return {std::move(card.card), std::move(members), std::move(spreads)};
}

void save_model(const ShippedModel& model, const std::filesystem::path& path) {
  write_file_atomically(path, serialize_model(model));
}

ShippedModel load_model(const std::filesystem::path& path) {
  const std::string bytes = read_file(path, "model file", kMaxFileBytes);
  try {
    return parse_model(bytes);
  } catch (const Error& error) {
    throw bad_input(
        {.attempted = "loading " + path.string(), .expected = "", .found = error.what(), .remedy = ""});
  }
}

}  // namespace astrolabe
