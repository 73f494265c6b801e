// SPDX-License-Identifier: Apache-2.0
#include "config/endpoint_file.h"

#include <fmt/format.h>

#include <charconv>
#include <optional>
#include <string>

#include "base/text.h"
#include "config/formats.h"
#include "config/reader.h"
#include "config/whole_file.h"

namespace gg {
namespace {

constexpr std::uint32_t weight_most = 1000;
constexpr std::uint32_t tier_most = 16;
constexpr std::string_view blanks = " \t\r";

/// Characters, as far as they are UTF-8.
int characters(std::string_view text) {
  int count = 0;
  for (char c : text) count += (static_cast<unsigned char>(c) & 0xC0U) != 0x80U ? 1 : 0;
  return count;
}

/// A line's next word, of which `rest` is left; empty at its end or where a comment begins.
std::string_view next_word(std::string_view& rest) {
  std::size_t begin = rest.find_first_not_of(blanks);
  if (begin == std::string_view::npos || rest[begin] == '#') {
    rest = {};
    return {};
  }
  rest.remove_prefix(begin);
  std::string_view word = rest.substr(0, rest.find_first_of(blanks));
  rest.remove_prefix(word.size());
  return word;
}

std::optional<Misreading> read_number(std::string_view word, std::string_view text,
                                      std::uint32_t most, std::uint32_t& value) {
  std::uint32_t number = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  bool is_good = error == std::errc() && end == text.data() + text.size();
  if (is_good && number >= 1 && number <= most) {
    value = number;
    return std::nullopt;
  }
  return Misreading{fmt::format("{} is not a number from 1 to {}", in_quotes(text), most),
                    fmt::format("write {}2, for example", word.substr(0, word.find('=') + 1))};
}

void check_files(const Config& config, const Places& places, ComplaintList& complaints,
                 Severity severity) {
  for (const UpstreamConfig& upstream : config.upstreams) {
    if (!upstream.discover || upstream.discover->file.empty()) continue;
    const std::string& file = upstream.discover->file;
    std::string path = fmt::format("upstreams.{}.discover.file", upstream.name);
    auto complain = [&](std::string problem, std::string remedy) {
      if (severity == Severity::error) {
        complaints.error(places.find(path), path, std::move(problem), std::move(remedy));
      } else {
        complaints.warning(places.find(path), path, std::move(problem), std::move(remedy));
      }
    };
    Result<std::string, int> text = read_whole_file(file, endpoint_file_most);
    if (!text) {
      complain(fmt::format("{} cannot be read: {}", in_quotes(file),
                           unreadable_text(text.error(), endpoint_file_most)),
               "correct the name; a relative one is looked for in the folder that goodgate is "
               "started in");
      continue;
    }
    auto read = parse_endpoint_file(*text, file);
    if (read) continue;
    const Complaint& first = read.error().front();
    complain(fmt::format("{}:{}:{}: {}", file, first.place.mark.line, first.place.mark.column,
                         first.problem),
             first.remedy);
  }
}

}  // namespace

std::optional<Misreading> read_endpoint_word(std::string_view word, EndpointConfig& endpoint) {
  std::size_t equals = word.find('=');
  std::string_view key = word.substr(0, equals);
  std::string_view text = equals == word.npos ? std::string_view() : word.substr(equals + 1);
  if (equals != word.npos && key == "weight") {
    return read_number(word, text, weight_most, endpoint.weight);
  }
  if (equals != word.npos && key == "tier") {
    return read_number(word, text, tier_most, endpoint.tier);
  }
  if (equals != word.npos && key == "zone") {
    return upstream_name_format.parse(text, &endpoint.zone);
  }
  if (word == "drain") {
    endpoint.drains = true;
    return std::nullopt;
  }
  return Misreading{
      fmt::format("{} is none of weight=N, tier=N, zone=NAME and drain", in_quotes(word)),
      "write one URL a line; a comment begins with #"};
}

std::string endpoint_line(const EndpointConfig& endpoint) {
  return fmt::format("{} weight={} tier={}{}{}{}\n", endpoint_url_format.print(&endpoint.url),
                     endpoint.weight, endpoint.tier,
                     endpoint.zone.empty() ? "" : " zone=", endpoint.zone,
                     endpoint.drains ? " drain" : "");
}

Result<std::vector<EndpointConfig>, std::vector<Complaint>> parse_endpoint_file(
    std::string_view text, std::string_view file_name) {
  ComplaintList complaints(file_name, text);
  std::vector<EndpointConfig> endpoints;
  int line = 0;
  while (!text.empty()) {
    std::string_view whole = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), whole.size() + 1));
    ++line;
    std::string_view rest = whole;
    EndpointConfig endpoint;
    bool is_first = true;
    for (std::string_view word = next_word(rest); !word.empty(); word = next_word(rest)) {
      std::optional<Misreading> wrong =
          is_first ? endpoint_url_format.parse(std::string(word), &endpoint.url)
                   : read_endpoint_word(word, endpoint);
      is_first = false;
      if (!wrong) continue;
      auto before = static_cast<std::size_t>(word.data() - whole.data());
      complaints.error({.line = line, .column = characters(whole.substr(0, before)) + 1}, "",
                       std::move(wrong->problem), std::move(wrong->remedy));
    }
    if (!is_first) endpoints.push_back(std::move(endpoint));
  }
  if (complaints.has_errors()) return Failure(complaints.take());
  return endpoints;
}

void check_endpoint_files(const Config& config, const Places& places, ComplaintList& complaints) {
  check_files(config, places, complaints, Severity::error);
}

void check_endpoint_files_at_start(const Config& config, const Places& places,
                                   ComplaintList& complaints) {
  check_files(config, places, complaints, Severity::warning);
}

}  // namespace gg
