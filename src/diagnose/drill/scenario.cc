// SPDX-License-Identifier: Apache-2.0
#include "diagnose/drill/scenario.h"

#include <algorithm>

#include "diagnose/drill/scenario_rows.h"

namespace gg {

std::string_view title_of(DrillStage stage) {
  switch (stage) {
    case DrillStage::connect:
      return "Connecting";
    case DrillStage::tls:
      return "TLS";
    case DrillStage::upload:
      return "Uploads";
    case DrillStage::head:
      return "The response's head";
    case DrillStage::body:
      return "The response's body";
    case DrillStage::answer:
      return "The answer";
    case DrillStage::keep_alive:
      return "Kept-alive connections";
    case DrillStage::http2:
      return "HTTP/2";
  }
  return "";
}

std::span<const DrillScenario> drill_scenarios() { return rows::drills; }

const DrillScenario* find_drill(std::string_view name) {
  const auto* found = std::ranges::find(rows::drills, name, &DrillScenario::name);
  return found == std::end(rows::drills) ? nullptr : found;
}

std::string words_of(const DrillScenario& scenario) {
  std::string words(scenario.bytes);
  words.reserve(words.size() + scenario.repeated.size() * scenario.times + scenario.last.size());
  for (std::uint32_t i = 0; i < scenario.times; ++i) words += scenario.repeated;
  words += scenario.last;
  return words;
}

namespace {

// RFC 9113 4.1.
constexpr std::size_t frame_head = 9;
constexpr std::size_t type_at = 3;
constexpr std::size_t stream_at = 5;
constexpr char headers_type = 1;

std::uint32_t number_in(std::string_view bytes) {
  std::uint32_t number = 0;
  for (char byte : bytes) number = number << 8U | static_cast<unsigned char>(byte);
  return number;
}

/// Of the whole frame at the beginning of `bytes`; zero: it is not whole.
std::size_t frame_size(std::string_view bytes) {
  if (bytes.size() < frame_head) return 0;
  std::size_t size = frame_head + number_in(bytes.substr(0, type_at));
  return size <= bytes.size() ? size : 0;
}

}  // namespace

std::string frames_of(const DrillScenario& scenario, std::uint32_t stream) {
  std::string frames = words_of(scenario);
  std::string_view rest = frames;
  std::size_t at = 0;
  while (std::size_t size = frame_size(rest.substr(at))) {
    bool is_of_request = number_in(rest.substr(at + stream_at, 4)) == 1;
    for (std::size_t i = 0; is_of_request && i < 4; ++i) {
      frames[at + stream_at + i] = static_cast<char>(stream >> (24 - 8 * i) & 0xffU);
    }
    at += size;
  }
  return frames;
}

std::uint32_t take_http2_request(std::string& heard) {
  while (std::size_t size = frame_size(heard)) {
    bool is_request = heard[type_at] == headers_type;
    std::uint32_t stream = number_in(std::string_view(heard).substr(stream_at, 4));
    heard.erase(0, size);
    if (is_request) return stream;
  }
  return 0;
}

}  // namespace gg
