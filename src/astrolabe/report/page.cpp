// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/report/page.h"

#include <fmt/format.h>

#include "astrolabe/report/page_style.h"

namespace astrolabe {

std::string html_page(std::string_view title, const std::string& content) {
  return fmt::format(
      "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
      "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">"
      "<meta name=\"color-scheme\" content=\"light dark\">"
      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src "
      "'unsafe-inline'\">"
      "<title>{}</title><style>{}</style></head><body><main>\n{}</main></body></html>\n",
      title, kPageStyle, content);
}

std::string section(std::string_view title, const std::string& content) {
  return fmt::format("<section><h2>{}</h2>{}</section>\n", title, content);
}

std::string panel(std::string_view title, const std::string& content) {
  if (content.empty()) return "";
  return fmt::format("<div class=\"panel\"><h3>{}</h3>{}</div>", title, content);
}

std::string figure(std::string_view value, std::string_view caption) {
  return fmt::format("<div class=\"figure\"><b>{}</b><span>{}</span></div>", value, caption);
}

}  // namespace astrolabe
