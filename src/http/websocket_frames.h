// SPDX-License-Identifier: Apache-2.0
// Where the frames of a WebSocket begin and end (RFC 6455 5.2), for whoever wants to say something
// between two of them. proxy/tunnel.h does. Reads no payload.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace gg {

/// One direction of a WebSocket, fed with its bytes as they pass. The same bytes give the same
/// answers however they are cut.
class WebSocketFrames {
 public:
  /// How many of `bytes`, which come next, belong to the frame under way; 0: none is.
  std::size_t left_of_frame(std::string_view bytes) const;
  void pass(std::string_view bytes);

  /// May a frame of our own follow here? Not behind a Close, nor once the bytes were no frames.
  bool may_interpose() const { return is_between_frames() && !has_closed_ && !is_unknown_; }
  bool is_between_frames() const { return header_size_ == 0 && payload_left_ == 0; }
  /// Has a Close frame begun to pass?
  bool has_closed() const { return has_closed_; }
  /// Were there bytes that are no frames? Then nothing is known any more.
  bool is_unknown() const { return is_unknown_; }

 private:
  void take_header_byte(std::uint8_t byte);
  std::size_t header_needs() const;

  std::uint64_t payload_left_ = 0;
  std::uint8_t header_[14] = {};
  std::uint8_t header_size_ = 0;  // of a header that is not complete
  bool has_closed_ = false;
  bool is_unknown_ = false;
};

/// A Close frame with `code` alone. `mask`: set by who speaks as a client, which must (5.3).
std::string websocket_close(std::uint16_t code);
std::string websocket_close(std::uint16_t code, std::uint32_t mask);

}  // namespace gg
