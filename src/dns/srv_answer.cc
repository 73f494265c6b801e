// SPDX-License-Identifier: Apache-2.0
#include "dns/srv_answer.h"

#include <ares.h>

#include <algorithm>
#include <optional>
#include <utility>

namespace gg {

namespace {

constexpr std::size_t header_size = 12;
constexpr std::uint16_t type_srv = 33;
constexpr std::uint16_t class_internet = 1;

/// Reads a message from front to back; nothing once it has ended too early.
class MessageReader {
 public:
  explicit MessageReader(std::span<const unsigned char> message) : message_(message) {}

  std::optional<std::uint32_t> number(std::size_t bytes) {
    if (message_.size() - at_ < bytes) return std::nullopt;
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < bytes; ++i) value = value << 8U | message_[at_++];
    return value;
  }
  std::optional<std::string> name() {
    if (at_ >= message_.size()) return std::nullopt;
    char* text = nullptr;
    long length = 0;
    int status = ares_expand_name(message_.data() + at_, message_.data(),
                                  static_cast<int>(message_.size()), &text, &length);
    if (status != ARES_SUCCESS) return std::nullopt;
    std::string name(text);
    ares_free_string(text);
    at_ += static_cast<std::size_t>(length);
    return name;
  }
  std::size_t place() const { return at_; }
  bool go_to(std::size_t place) {
    bool is_there = place <= message_.size();
    if (is_there) at_ = place;
    return is_there;
  }

 private:
  std::span<const unsigned char> message_;
  std::size_t at_ = 0;
};

/// One record of the answer, into `services` if it is one. False: the message is broken.
bool read_record(MessageReader& reader, Services& services) {
  if (!reader.name()) return false;
  std::optional<std::uint32_t> type = reader.number(2);
  std::optional<std::uint32_t> kind = reader.number(2);
  std::optional<std::uint32_t> ttl = reader.number(4);
  std::optional<std::uint32_t> size = reader.number(2);
  if (!type || !kind || !ttl || !size) return false;
  std::size_t end = reader.place() + *size;
  if (*type == type_srv && *kind == class_internet) {
    std::optional<std::uint32_t> priority = reader.number(2);
    std::optional<std::uint32_t> weight = reader.number(2);
    std::optional<std::uint32_t> port = reader.number(2);
    std::optional<std::string> target = reader.name();
    if (!priority || !weight || !port || !target || reader.place() != end) return false;
    // RFC 2181 8: with its first bit set it is none.
    Duration good_for = std::chrono::seconds(*ttl > 0x7fffffffU ? 0 : *ttl);
    services.ttl = std::min(services.ttl, good_for);
    if (target->ends_with('.')) target->pop_back();
    bool is_there = !target->empty() && *port != 0;
    if (is_there) {
      services.all.push_back({.target = std::move(*target),
                              .port = static_cast<std::uint16_t>(*port),
                              .priority = static_cast<std::uint16_t>(*priority),
                              .weight = static_cast<std::uint16_t>(*weight)});
    }
  }
  return reader.go_to(end);
}

}  // namespace

Result<Services, DnsError> parse_srv_answer(std::span<const unsigned char> message) {
  if (message.size() < header_size) return Failure(DnsError::server_failure);
  MessageReader reader(message);
  reader.go_to(4);
  std::uint32_t questions = *reader.number(2);
  std::uint32_t answers = *reader.number(2);
  reader.go_to(header_size);
  for (std::uint32_t i = 0; i < questions; ++i) {
    bool is_whole = reader.name() && reader.number(4);
    if (!is_whole) return Failure(DnsError::server_failure);
  }
  Services services{.all = {}, .ttl = ttl_most};
  for (std::uint32_t i = 0; i < answers; ++i) {
    if (!read_record(reader, services)) return Failure(DnsError::server_failure);
  }
  return services;
}

}  // namespace gg
