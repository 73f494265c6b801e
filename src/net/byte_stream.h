// SPDX-License-Identifier: Apache-2.0
// A stream of bytes to a peer, whatever carries it: TCP, a Unix socket, TLS on top (tls/).
#pragma once

#include <cstddef>
#include <memory>
#include <string_view>
#include <utility>

#include "base/time.h"
#include "engine/engine.h"
#include "engine/operation.h"

namespace gg {

/// Owns its socket. Operations are made here and awaited by the caller, at most one receive or
/// watch and one send at a time. One thread.
class ByteStream : public OperationSink {
 public:
  ByteStream(const ByteStream&) = delete;
  ByteStream& operator=(const ByteStream&) = delete;
  virtual ~ByteStream() = default;

  Receive receive(std::size_t most, Deadline deadline) {
    return Receive(*this, socket_.get(), most, deadline);
  }
  Send send(std::string_view bytes, SendLimit limit) {
    return Send(*this, socket_.get(), bytes, limit);
  }
  /// Add the parts before awaiting it.
  Send send(SendLimit limit) { return Send(*this, socket_.get(), limit); }
  Watch watch(Watch::For what, Deadline deadline) {
    return Watch(*this, socket_.get(), what, deadline);
  }

  /// Tells the peer that nothing more comes; reading goes on.
  virtual void end_sending() = 0;
  /// Ends the connection now. Waiting operations complete as cancelled, later ones at once.
  virtual void close(Closing how) = 0;

  /// Did a receive show the end of the stream although the peer never said that it was one? Then
  /// something may be missing. Only TLS can tell.
  virtual bool was_cut_off() const { return false; }
  /// The TLS alert by which the peer broke the stream off; 0: none.
  virtual int alert_received() const { return 0; }

  bool is_open() const { return socket_ != nullptr; }
  /// Of its own end.
  Address local_address() const { return is_open() ? engine_.local_address(*socket_) : Address{}; }
  Engine& engine() const { return engine_; }
  Socket& socket() const { return *socket_; }

 protected:
  explicit ByteStream(SocketPtr socket) : engine_(socket->engine()), socket_(std::move(socket)) {}

  Engine& engine_;
  SocketPtr socket_;
};

/// The plain kind: every operation goes straight to the engine.
class PlainStream final : public ByteStream {
 public:
  explicit PlainStream(SocketPtr socket) : ByteStream(std::move(socket)) {}

  bool submit(Operation& operation) override {
    if (is_open()) return engine_.submit(operation);
    operation.fail({.kind = IoError::Kind::cancelled, .number = 0});
    return true;
  }
  void cancel(Operation& operation) override { engine_.cancel(operation); }
  /// The socket, for another stream over it. Nothing waits, and only the end is left for this one.
  SocketPtr take_socket() { return std::move(socket_); }
  void end_sending() override {
    if (is_open()) engine_.end_sending(*socket_);
  }
  void close(Closing how) override {
    if (Socket* socket = socket_.release()) engine_.close(*socket, how);
  }
};

}  // namespace gg
