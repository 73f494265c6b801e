// SPDX-License-Identifier: Apache-2.0
#include "cli/demo/content.h"

#include <fmt/format.h>

#include <array>

#include "base/rng.h"
#include "base/text.h"
#include "cli/demo/schedule.h"

namespace gg {

namespace {

constexpr std::string_view payload_prefix = "/payload/";

/// What a gateway tells an origin about the client and the way.
constexpr std::array<std::string_view, 7> told_by_gateway = {
    "X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Host", "Forwarded", "Via",
    "X-Request-Id",    "traceparent"};

constexpr std::array<std::string_view, 4> garbage = {
    "SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n",
    "HTTP/1.1 200 OK\r\nContent-Length: 12\r\nContent-Length: 21\r\n\r\nhello, world",
    std::string_view("\x15\x03\x03\x00\x02\x02\x46", 7),
    "HTTP/1.1 200 OK\r\nContent-Type text/plain\r\n\r\nhello",
};

}  // namespace

std::string DemoPayload::path() const { return fmt::format("{}{}/{}", payload_prefix, size, seed); }

std::string DemoPayload::text() const {
  constexpr std::string_view letters = "abcdefghijklmnopqrstuvwxyz012345";
  std::string text(size, '\n');
  Rng rng(seed);
  std::uint64_t bits = 0;
  for (std::size_t i = 0; i + 1 < size; ++i) {
    bits = i % 12 == 0 ? rng.next() : bits >> 5;
    text[i] = letters[bits % letters.size()];
  }
  return text;
}

std::optional<DemoPayload> DemoPayload::named_by(std::string_view path) {
  if (!path.starts_with(payload_prefix)) return std::nullopt;
  path.remove_prefix(payload_prefix.size());
  std::size_t slash = path.find('/');
  if (slash == std::string_view::npos) return std::nullopt;
  std::optional<std::uint64_t> size = parse_number(path.substr(0, slash));
  std::optional<std::uint64_t> seed = parse_number(path.substr(slash + 1));
  if (!size || !seed || *size > size_max) return std::nullopt;
  return DemoPayload{.size = *size, .seed = *seed};
}

std::string demo_greeting(std::size_t origin, const RequestHead& head) {
  std::string text = fmt::format(
      "Hello from origin {} of {}.\n\n"
      "You asked for {} {}\n\n"
      "The gateway told this origin:\n",
      origin, demo_origin_count, head.method_text, head.target);
  for (std::string_view name : told_by_gateway) {
    const Field* field = head.fields.find(name);
    if (field != nullptr)
      fmt::format_to(std::back_inserter(text), "  {:<18} {}\n", name, field->value);
  }
  text += "\nAsk as often as you like: the origins take turns failing, the answers go on.\n";
  return text;
}

std::string_view demo_garbage(std::uint64_t variant) { return garbage[variant % garbage.size()]; }

}  // namespace gg
