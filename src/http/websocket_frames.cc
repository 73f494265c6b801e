// SPDX-License-Identifier: Apache-2.0
#include "http/websocket_frames.h"

#include <algorithm>

namespace gg {
namespace {

constexpr std::uint8_t final_close = 0x88;
constexpr std::uint8_t masked = 0x80;
constexpr std::uint8_t length_in_2 = 126;
constexpr std::uint8_t length_in_8 = 127;

/// Data frames are 0 to 2, control frames 8 to 10; the others have no meaning yet.
bool is_known(std::uint8_t opcode) { return opcode <= 2 || (opcode >= 8 && opcode <= 10); }

char byte_of(std::uint32_t number, unsigned from_the_left) {
  return static_cast<char>(number >> (24 - 8 * from_the_left));
}

}  // namespace

/// Bytes of the header under way, as far as it is known.
std::size_t WebSocketFrames::header_needs() const {
  if (header_size_ < 2) return 2;
  std::uint8_t length = header_[1] & 0x7f;
  std::size_t size = 2;
  if (length == length_in_2) size += 2;
  if (length == length_in_8) size += 8;
  if ((header_[1] & masked) != 0) size += 4;
  return size;
}

void WebSocketFrames::take_header_byte(std::uint8_t byte) {
  header_[header_size_++] = byte;
  std::uint8_t opcode = header_[0] & 0x0f;
  if (header_size_ == 1 && !is_known(opcode)) is_unknown_ = true;
  if (header_size_ == 1 && opcode == 8) has_closed_ = true;
  if (header_size_ < header_needs()) return;
  std::uint8_t length = header_[1] & 0x7f;
  std::size_t bytes = length == length_in_8 ? 8 : length == length_in_2 ? 2 : 0;
  payload_left_ = bytes == 0 ? length : 0;
  for (std::size_t i = 0; i < bytes; ++i) payload_left_ = payload_left_ << 8 | header_[2 + i];
  if (payload_left_ >> 63 != 0) is_unknown_ = true;
  header_size_ = 0;
}

void WebSocketFrames::pass(std::string_view bytes) {
  while (!bytes.empty() && !is_unknown_) {
    auto skipped = static_cast<std::size_t>(std::min<std::uint64_t>(payload_left_, bytes.size()));
    payload_left_ -= skipped;
    bytes.remove_prefix(skipped);
    if (bytes.empty()) return;
    take_header_byte(static_cast<std::uint8_t>(bytes.front()));
    bytes.remove_prefix(1);
  }
}

std::size_t WebSocketFrames::left_of_frame(std::string_view bytes) const {
  if (is_between_frames()) return 0;
  WebSocketFrames ahead = *this;
  std::size_t passed = 0;
  while (passed < bytes.size() && !ahead.is_between_frames() && !ahead.is_unknown_) {
    std::uint64_t payload = std::min<std::uint64_t>(ahead.payload_left_, bytes.size() - passed);
    std::size_t step = std::max<std::size_t>(static_cast<std::size_t>(payload), 1);
    ahead.pass(bytes.substr(passed, step));
    passed += step;
  }
  return passed;
}

std::string websocket_close(std::uint16_t code) {
  return {static_cast<char>(final_close), 2, static_cast<char>(code >> 8), static_cast<char>(code)};
}

std::string websocket_close(std::uint16_t code, std::uint32_t mask) {
  std::string frame = {static_cast<char>(final_close), static_cast<char>(masked | 2)};
  for (unsigned i = 0; i < 4; ++i) frame += byte_of(mask, i);
  frame += static_cast<char>((code >> 8) ^ (mask >> 24));
  frame += static_cast<char>(code ^ (mask >> 16));
  return frame;
}

}  // namespace gg
