// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/report/page.h"

#include <cctype>

#include <fmt/format.h>

#include "astrolabe/report/page_style.h"

namespace astrolabe {
namespace {

// Text from the data is escaped, so that nothing else looks so.
constexpr std::string_view kSection = "<section id=\"";

}  // namespace

std::string html_page(std::string_view title, const std::string& content) {
  return fmt::format(
      "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
      "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">"
      "<meta name=\"color-scheme\" content=\"light dark\">"
      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; img-src data:; style-src "
      "'unsafe-inline'\">"
      "<title>{}</title><style>{}</style></head><body><main>\n{}</main></body></html>\n",
      title, kPageStyle, content);
}

std::string section(std::string_view title, const std::string& content) {
  std::string anchor(title);
  for (char& c : anchor) c = c == ' ' ? '-' : static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return fmt::format("{}{}\"><h2>{}</h2>{}</section>\n", kSection, anchor, title, content);
}

std::string contents(std::string_view page) {
  std::string links;
  for (std::size_t at = page.find(kSection); at != std::string_view::npos; at = page.find(kSection, at)) {
    at += kSection.size();
    const std::string_view anchor = page.substr(at, page.find('"', at) - at);
    const std::size_t title = page.find("<h2>", at) + 4;
    links +=
        fmt::format("<a href=\"#{}\">{}</a>", anchor, page.substr(title, page.find("</h2>", title) - title));
  }
  return links.empty() ? "" : "<nav>" + links + "</nav>\n";
}

std::string panel(std::string_view title, const std::string& content) {
  if (content.empty()) return "";
  return fmt::format("<div class=\"panel\"><h3>{}</h3>{}</div>", title, content);
}

std::string with_chapter(std::string_view page, std::string_view name, const std::string& sections) {
  const std::string begin = fmt::format("<!--chapter {}-->", name), end = "<!--end of chapter-->\n";
  std::string changed(page);
  const std::size_t place = changed.find(kChapterPlace);
  if (place == std::string::npos) return changed;
  const std::string chapter = begin + sections + end;
  if (const std::size_t old = changed.find(begin); old != std::string::npos)
    changed.replace(old, changed.find(end, old) + end.size() - old, chapter);
  else
    changed.insert(place, chapter);
  constexpr std::string_view kEnd = "</nav>\n";
  const std::size_t links = changed.find("<nav>"), after = changed.find(kEnd, links);
  if (links != std::string::npos && after != std::string::npos)
    changed.replace(links, after + kEnd.size() - links, contents(changed));
  return changed;
}

std::string figure(std::string_view value, std::string_view caption) {
  return fmt::format("<div class=\"figure\"><b>{}</b><span>{}</span></div>", value, caption);
}

}  // namespace astrolabe
