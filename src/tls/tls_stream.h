// SPDX-License-Identifier: Apache-2.0
// A ByteStream that speaks TLS over a socket of the engine. Made by TlsClientContext and
// TlsServerContext; used like any other stream once its handshake is done.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "net/byte_stream.h"
#include "tls/tls_error.h"

struct ssl_st;
struct ssl_session_st;

namespace gg {

class TlsHandshake;

/// Who a client has shown to be, as RFC 9440 writes it into fields. Empty: it showed nothing.
struct ClientIdentity {
  std::string certificate;  // Client-Cert
  std::string chain;        // Client-Cert-Chain, without the certificate itself
};

/// Where a client keeps what lets its next handshake be short. Outlives the streams that fill it.
class TlsSession {
 public:
  TlsSession() = default;
  TlsSession(const TlsSession&) = delete;
  TlsSession& operator=(const TlsSession&) = delete;
  ~TlsSession() { keep(nullptr); }

  /// Takes over a session, or none.
  void keep(ssl_session_st* session);
  ssl_session_st* present() const { return session_; }

 private:
  ssl_session_st* session_ = nullptr;
};

/// While nobody reads and nothing is on its way it holds no buffer of ours and none of the
/// library's.
class TlsStream final : public ByteStream {
 public:
  enum class Role : std::uint8_t { client, server };

  /// Takes over `ssl`, which is new. `session` may be null and outlives the stream.
  TlsStream(SocketPtr socket, ssl_st* ssl, Role role, TlsSession* session);
  ~TlsStream() override;

  /// Before the handshake: what was read from the socket already.
  void begin_with(Chunk first) { input_ = std::move(first); }

  /// Before the handshake: what goes out in front of it as it is.
  void introduce(std::string_view plain) { push(plain); }

  bool submit(Operation& operation) override;
  void cancel(Operation& operation) override;
  /// Sends a close_notify first.
  void end_sending() override;
  /// An orderly close says close_notify; a reset does not, so that the peer knows of the break.
  void close(Closing how) override;
  bool was_cut_off() const override { return was_cut_off_; }
  int alert_received() const override { return error_.alert; }

  // After the handshake
  // ----------------------------------------------------------------------------------

  /// What both sides agreed to speak; empty: nothing was said. Borrows from the stream.
  std::string_view protocol() const;
  bool agreed_on_http2() const { return protocol() == "h2"; }
  /// "TLSv1.3". Static.
  std::string_view version() const;
  bool was_resumed() const;
  /// The name that the client asked for; empty: none. Borrows from the stream.
  std::string_view server_name() const;
  ssl_st* library() const { return ssl_; }
  /// Of a server's stream, once it has been looked at; null: the client showed no certificate.
  const ClientIdentity* client_identity() const { return identity_.get(); }
  void keep_identity(ClientIdentity identity) {
    if (!identity.certificate.empty()) {
      identity_ = std::make_unique<ClientIdentity>(std::move(identity));
    }
  }

  /// Before or in a handshake: bytes that came and are no TLS record, or were not looked at.
  std::string_view unread() const { return input_.view(); }
  /// After a handshake that has failed: the socket, to go on with in plain. Only the end is left
  /// for the stream.
  SocketPtr take_socket();
  /// The session of a client, from the library's callback. True: it was taken over.
  bool keep_session(ssl_session_st* session);

  // For the library: its bytes go in and out here.
  /// Copies up to `most` bytes that came; 0: there is none.
  std::size_t pull(char* to, std::size_t most);
  void push(std::string_view bytes);

 private:
  enum class Step : std::uint8_t { done, waits, failed };

  // Each goes on with an operation as far as it gets: true if it is done.
  bool try_any(Operation& operation);
  bool try_receive(Receive& receive);
  bool try_send(Send& send);
  bool try_watch(Watch& watch);
  bool try_handshake(TlsHandshake& handshake);
  bool fail_handshake(TlsHandshake& handshake, const IoError& io);

  Step fetch(std::size_t most, Deadline deadline);
  Step take_received();
  Step flush(SendLimit limit);
  Step take_sent();
  bool may_hold_plain() const;
  bool is_plain_text();
  void decrypt(Chunk& plain);
  std::size_t encrypt(Send& send);
  bool write_record(std::string_view plain);
  void note_failure(int result);
  void give_up_reading();
  bool say_goodbye();
  void end_if_due();
  static void received(Operation& operation, void* stream);
  static void sent(Operation& operation, void* stream);
  static void watched(Operation& operation, void* stream);

  ssl_st* ssl_;
  TlsSession* session_;
  std::unique_ptr<ClientIdentity> identity_;
  Chunk input_;    // came, and was not decrypted yet
  Chunk output_;   // to be sent next
  Chunk sending_;  // raw_send_ points into it
  // On the socket; there while they wait, with the stream as their callback.
  std::optional<Receive> raw_receive_;
  std::optional<Watch> raw_watch_;
  std::optional<Send> raw_send_;
  // Whose operation waits; null: nobody's.
  Operation* reader_ = nullptr;      // a receive, a watch or the handshake
  Send* writer_ = nullptr;           // set while it is worked on, too
  std::size_t plain_in_flight_ = 0;  // of writer_, in sending_
  IoError receive_error_{};          // why fetch() failed
  IoError send_error_{};             // why nothing can be sent any more
  TlsError error_;                   // of the session, once it has failed
  bool has_failed_ = false;
  bool cannot_send_ = false;
  bool peer_ended_ = false;    // by a close_notify
  bool socket_ended_ = false;  // nothing more comes
  bool was_cut_off_ = false;   // and no close_notify came before
  bool is_ready_ = false;      // the handshake is done
  bool has_heard_ = false;     // anything at all
  bool we_ended_ = false;      // a close_notify of ours is on its way, or was sent
  bool end_is_due_ = false;    // end the socket once all is sent
};

/// Waits for the handshake of a stream, which must stay until then; the stream's first operation.
class TlsHandshake final : public Operation, public operation_detail::Awaitable<TlsHandshake> {
 public:
  TlsHandshake(TlsStream& stream, Deadline deadline)
      : Operation(Kind::handshake, deadline), stream_(&stream) {}

  bool start() { return stream_->submit(*this); }
  Result<void, TlsError> take_result() {
    if (tls_error_) return Failure(*tls_error_);
    if (error_) return Failure(TlsError{.failure = TlsFailure::closed, .io = *error_});
    return {};
  }
  void fail_by(const TlsError& error) {
    tls_error_ = error;
    set_done();
  }

 private:
  TlsStream* stream_;
  std::optional<TlsError> tls_error_;
};

}  // namespace gg
