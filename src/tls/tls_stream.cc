// SPDX-License-Identifier: Apache-2.0
#include "tls/tls_stream.h"

#include <openssl/err.h>

#include <algorithm>
#include <cstring>

#include "tls/library.h"

namespace gg {

namespace {

/// The most plain bytes that one record may have (RFC 8446 5.1), and what else it may have.
constexpr std::size_t record_most = 16384;
constexpr std::size_t record_overhead = 64;
/// Runs of bytes shorter than this go into one record with what follows them.
constexpr std::size_t gathered_below = 4096;
/// Plain bytes that are encrypted before the socket is asked to take them.
constexpr std::size_t encrypted_at_once = std::size_t{64} << 10;
constexpr std::size_t small_read = std::size_t{32} << 10;
constexpr std::size_t large_read = std::size_t{64} << 10;
/// For what the session has to say by itself, as a new key.
constexpr Duration housekeeping_patience = 60s;

constexpr IoError cut_off{.kind = IoError::Kind::reset, .number = 0};
constexpr IoError ended_by_us{.kind = IoError::Kind::broken_pipe, .number = 0};

int read_bytes(BIO* bio, char* to, std::size_t most, std::size_t* got) {
  BIO_clear_retry_flags(bio);
  *got = static_cast<TlsStream*>(BIO_get_data(bio))->pull(to, most);
  if (*got == 0) BIO_set_retry_read(bio);
  return *got > 0 ? 1 : 0;
}

int write_bytes(BIO* bio, const char* bytes, std::size_t count, std::size_t* written) {
  BIO_clear_retry_flags(bio);
  static_cast<TlsStream*>(BIO_get_data(bio))->push({bytes, count});
  *written = count;
  return 1;
}

long control(BIO* /*bio*/, int command, long /*number*/, void* /*pointer*/) {
  return command == BIO_CTRL_FLUSH ? 1 : 0;
}

BIO_METHOD* make_bio_method() {
  BIO_METHOD* method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "goodgate stream");
  BIO_meth_set_read_ex(method, read_bytes);
  BIO_meth_set_write_ex(method, write_bytes);
  BIO_meth_set_ctrl(method, control);
  return method;
}

}  // namespace

BIO_METHOD* stream_bio_method() {
  static BIO_METHOD* const method = make_bio_method();
  return method;
}

void TlsSession::keep(SSL_SESSION* session) {
  if (session_ != nullptr) SSL_SESSION_free(session_);
  session_ = session;
}

TlsStream::TlsStream(SocketPtr socket, SSL* ssl, Role role, TlsSession* session)
    : ByteStream(std::move(socket)), ssl_(ssl), session_(session) {
  BIO* bio = BIO_new(stream_bio_method());
  BIO_set_data(bio, this);
  BIO_set_init(bio, 1);
  SSL_set_bio(ssl_, bio, bio);
  SSL_set_app_data(ssl_, this);
  auto now = static_cast<time_t>(engine_.wall_now().microseconds / 1'000'000);
  X509_VERIFY_PARAM_set_time(SSL_get0_param(ssl_), now);
  if (role == Role::client) {
    SSL_set_connect_state(ssl_);
    if (session_ != nullptr && session_->present() != nullptr) {
      SSL_set_session(ssl_, session_->present());
    }
  } else {
    SSL_set_accept_state(ssl_);
  }
}

TlsStream::~TlsStream() {
  if (is_open()) close(Closing::orderly);
  // Else the library takes a session whose connection had no orderly end for a bad one.
  if (!has_failed_) SSL_set_shutdown(ssl_, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
  SSL_free(ssl_);
}

bool TlsStream::keep_session(SSL_SESSION* session) {
  if (session_ == nullptr || SSL_SESSION_is_resumable(session) == 0) return false;
  session_->keep(session);
  return true;
}

SocketPtr TlsStream::take_socket() {
  GG_ASSERT(has_failed_ && !raw_send_ && reader_ == nullptr);
  input_.reset();
  output_.reset();
  return std::move(socket_);
}

std::string_view TlsStream::protocol() const {
  const unsigned char* name = nullptr;
  unsigned size = 0;
  SSL_get0_alpn_selected(ssl_, &name, &size);
  return {reinterpret_cast<const char*>(name), size};
}

std::string_view TlsStream::version() const { return SSL_get_version(ssl_); }

bool TlsStream::was_resumed() const { return SSL_session_reused(ssl_) != 0; }

std::string_view TlsStream::server_name() const {
  const char* name = SSL_get_servername(ssl_, TLSEXT_NAMETYPE_host_name);
  return name != nullptr ? std::string_view(name) : std::string_view();
}

std::size_t TlsStream::pull(char* to, std::size_t most) {
  std::size_t count = std::min(most, input_.size());
  if (count == 0) return 0;
  std::memcpy(to, input_.data(), count);
  input_.remove_prefix(count);
  if (input_.empty()) input_.reset();
  return count;
}

void TlsStream::push(std::string_view bytes) {
  if (output_.spare().size() < bytes.size()) {
    Chunk larger = engine_.buffers().take(output_.size() + bytes.size());
    larger.append(output_.view());
    output_ = std::move(larger);
  }
  output_.append(bytes);
}

// Operations -------------------------------------------------------------------------------------

bool TlsStream::submit(Operation& operation) {
  if (!is_open()) {
    operation.fail({.kind = IoError::Kind::cancelled, .number = 0});
    return true;
  }
  if (try_any(operation)) return true;
  operation.set_waiting();
  if (operation.kind() != Operation::Kind::send) reader_ = &operation;
  return false;
}

bool TlsStream::try_any(Operation& operation) {
  switch (operation.kind()) {
    case Operation::Kind::receive:
      return try_receive(static_cast<Receive&>(operation));
    case Operation::Kind::send:
      return try_send(static_cast<Send&>(operation));
    case Operation::Kind::watch:
      return try_watch(static_cast<Watch&>(operation));
    case Operation::Kind::handshake:
      return try_handshake(static_cast<TlsHandshake&>(operation));
    case Operation::Kind::accept:
    case Operation::Kind::connect:
    case Operation::Kind::sleep:
      break;
  }
  GG_UNREACHABLE("not an operation on a stream");
}

void TlsStream::cancel(Operation& operation) {
  if (!operation.is_waiting()) return;
  if (&operation == reader_) {
    give_up_reading();
    return;
  }
  GG_ASSERT(&operation == writer_);
  // What is encrypted must be sent, or nothing could be sent after it.
  writer_->advance(std::exchange(plain_in_flight_, 0), engine_.now());
  engine_.complete_as_cancelled(*std::exchange(writer_, nullptr));
}

void TlsStream::give_up_reading() {
  if (raw_receive_) {
    engine_.cancel(*raw_receive_);
    raw_receive_.reset();
  }
  if (raw_watch_) {
    engine_.cancel(*raw_watch_);
    raw_watch_.reset();
  }
  if (reader_ != nullptr) engine_.complete_as_cancelled(*std::exchange(reader_, nullptr));
}

bool TlsStream::try_receive(Receive& receive) {
  for (;;) {
    if (may_hold_plain() && !has_failed_ && !peer_ended_) {
      // What the library has kept of a record that is not complete is at most one record.
      std::size_t kept = SSL_has_pending(ssl_) != 0 ? record_most : 0;
      Chunk plain = engine_.buffers().take(std::min(receive.most(), input_.size() + kept));
      decrypt(plain);
      if (!output_.empty() && !raw_send_) {
        flush(Deadline::after(engine_.now(), housekeeping_patience));
      }
      if (!plain.empty()) {
        receive.complete(std::move(plain));
        return true;
      }
    }
    if (has_failed_) {
      receive.fail(cut_off);
      return true;
    }
    if (peer_ended_ || socket_ended_) {
      was_cut_off_ = !peer_ended_;
      receive.complete({});
      return true;
    }
    Step step = fetch(receive.most() > small_read ? large_read : small_read, receive.deadline());
    if (step == Step::waits) return false;
    if (step == Step::failed) {
      receive.fail(receive_error_);
      return true;
    }
  }
}

bool TlsStream::try_send(Send& send) {
  writer_ = &send;
  for (;;) {
    if (raw_send_) return false;
    if (send.left() == 0 && output_.empty()) {
      writer_ = nullptr;
      send.set_done();
      return true;
    }
    bool may_write = !cannot_send_ && !we_ended_;
    if (may_write && send.left() > 0) plain_in_flight_ = encrypt(send);
    if (we_ended_ || has_failed_) send_error_ = ended_by_us;
    bool is_over = !may_write || has_failed_;
    SendLimit limit = send.limit();
    limit.renew(engine_.now());
    Step step = is_over ? Step::failed : flush(limit);
    if (step == Step::waits) return false;
    if (step == Step::failed) {
      writer_ = nullptr;
      send.fail(send_error_);
      return true;
    }
  }
}

/// Bytes that came are looked at, for they may be the session's own: those are no news.
bool TlsStream::try_watch(Watch& watch) {
  for (;;) {
    if (watch.what() == Watch::For::anything && may_hold_plain() && !has_failed_ && !peer_ended_) {
      char byte = 0;
      std::size_t got = 0;
      ERR_clear_error();
      int result = SSL_peek_ex(ssl_, &byte, 1, &got);
      if (result == 1) {
        watch.complete(Watch::Seen::bytes);
        return true;
      }
      note_failure(result);
      if (!output_.empty() && !raw_send_) {
        flush(Deadline::after(engine_.now(), housekeeping_patience));
      }
    }
    if (has_failed_ || peer_ended_ || socket_ended_) {
      watch.complete(has_failed_ ? Watch::Seen::failure : Watch::Seen::end);
      return true;
    }
    raw_watch_.emplace(*this, socket_.get(), watch.what(), watch.deadline());
    raw_watch_->on_complete(&TlsStream::watched, this);
    if (!engine_.submit(*raw_watch_)) return false;
    Result<Watch::Seen, IoError> seen = raw_watch_->take_result();
    raw_watch_.reset();
    if (!seen) {
      watch.fail(seen.error());
      return true;
    }
    if (*seen != Watch::Seen::bytes) {
      watch.complete(*seen);
      return true;
    }
    Step step = fetch(small_read, watch.deadline());
    if (step == Step::waits) return false;
    if (step == Step::failed) has_failed_ = true;
  }
}

bool TlsStream::try_handshake(TlsHandshake& handshake) {
  for (;;) {
    if (raw_send_) return false;
    Step step = flush(handshake.deadline());
    if (step == Step::waits) return false;
    if (has_failed_) {  // and the alert that says so has left
      handshake.fail_by(error_);
      return true;
    }
    if (step == Step::failed) return fail_handshake(handshake, send_error_);
    if (is_ready_) {
      handshake.set_done();
      return true;
    }
    if (is_plain_text()) {
      has_failed_ = cannot_send_ = true;
      error_.failure = TlsFailure::not_tls;
      continue;
    }
    ERR_clear_error();
    int result = SSL_do_handshake(ssl_);
    is_ready_ = result == 1;
    if (!is_ready_) note_failure(result);
    // An end in good order is not one here.
    if (peer_ended_) return fail_handshake(handshake, cut_off);
    if (is_ready_ || has_failed_ || !output_.empty()) continue;
    if (socket_ended_) return fail_handshake(handshake, cut_off);
    step = fetch(small_read, handshake.deadline());
    if (step == Step::waits) return false;
    if (step == Step::failed) return fail_handshake(handshake, receive_error_);
  }
}

/// A first byte that begins neither a handshake nor an alert.
bool TlsStream::is_plain_text() {
  if (has_heard_ || input_.empty()) return false;
  has_heard_ = true;
  auto first = static_cast<unsigned char>(input_.view().front());
  return first != SSL3_RT_HANDSHAKE && first != SSL3_RT_ALERT;
}

bool TlsStream::fail_handshake(TlsHandshake& handshake, const IoError& io) {
  bool is_late = io.kind == IoError::Kind::deadline || io.kind == IoError::Kind::timed_out;
  has_failed_ = cannot_send_ = true;
  error_ = {.failure = is_late ? TlsFailure::timeout : TlsFailure::closed, .io = io};
  handshake.fail_by(error_);
  return true;
}

// The session ------------------------------------------------------------------------------------

bool TlsStream::may_hold_plain() const { return !input_.empty() || SSL_has_pending(ssl_) != 0; }

void TlsStream::decrypt(Chunk& plain) {
  for (;;) {
    std::span<char> room = plain.spare();
    if (room.empty()) return;
    std::size_t got = 0;
    ERR_clear_error();
    int result = SSL_read_ex(ssl_, room.data(), room.size(), &got);
    if (result != 1) {
      note_failure(result);
      return;
    }
    plain.extend(got);
    if (!may_hold_plain()) return;
  }
}

/// Returns how many of the plain bytes are in output_ now.
std::size_t TlsStream::encrypt(Send& send) {
  std::span<iovec> parts = send.parts();
  std::size_t wanted = std::min(send.left(), encrypted_at_once);
  if (output_.empty()) {
    std::size_t records = wanted / record_most + 2;
    output_ = engine_.buffers().take(wanted + records * record_overhead);
  }
  std::size_t taken = 0;
  std::size_t offset = 0;  // in the first of `parts`
  while (!parts.empty() && taken < wanted) {
    std::string_view part(static_cast<const char*>(parts[0].iov_base), parts[0].iov_len);
    part.remove_prefix(offset);
    Chunk gathered;
    if (part.size() < gathered_below && parts.size() > 1) {
      gathered = engine_.buffers().take(record_most);
      while (!parts.empty() && gathered.size() < record_most) {
        part = {static_cast<const char*>(parts[0].iov_base), parts[0].iov_len};
        part = part.substr(offset, record_most - gathered.size());
        gathered.append(part);
        offset += part.size();
        if (offset < parts[0].iov_len) break;
        parts = parts.subspan(1);
        offset = 0;
      }
      part = gathered.view();
    } else {
      part = part.substr(0, record_most);
      offset += part.size();
      if (offset == parts[0].iov_len) {
        parts = parts.subspan(1);
        offset = 0;
      }
    }
    if (!write_record(part)) return taken;
    taken += part.size();
  }
  return taken;
}

bool TlsStream::write_record(std::string_view plain) {
  std::size_t written = 0;
  ERR_clear_error();
  int result = SSL_write_ex(ssl_, plain.data(), plain.size(), &written);
  if (result != 1) {
    note_failure(result);
    has_failed_ = true;  // nothing that it could wait for would let it go on
  }
  return result == 1;
}

void TlsStream::note_failure(int result) {
  switch (SSL_get_error(ssl_, result)) {
    case SSL_ERROR_WANT_READ:
      return;
    case SSL_ERROR_ZERO_RETURN:
      peer_ended_ = true;
      return;
    default:
      has_failed_ = true;
      error_ = take_tls_error(ssl_);
      return;
  }
}

// The socket -------------------------------------------------------------------------------------

TlsStream::Step TlsStream::fetch(std::size_t most, Deadline deadline) {
  raw_receive_.emplace(*this, socket_.get(), most, deadline);
  raw_receive_->on_complete(&TlsStream::received, this);
  return engine_.submit(*raw_receive_) ? take_received() : Step::waits;
}

TlsStream::Step TlsStream::take_received() {
  Result<Chunk, IoError> chunk = raw_receive_->take_result();
  raw_receive_.reset();
  if (!chunk) {
    receive_error_ = chunk.error();
    return Step::failed;
  }
  if (chunk->empty()) {
    socket_ended_ = true;
  } else if (input_.empty()) {
    input_ = std::move(*chunk);
  } else {
    Chunk joined = engine_.buffers().take(input_.size() + chunk->size());
    joined.append(input_.view());
    joined.append(chunk->view());
    input_ = std::move(joined);
  }
  return Step::done;
}

/// Sends what output_ has.
TlsStream::Step TlsStream::flush(SendLimit limit) {
  if (output_.empty()) return Step::done;
  if (cannot_send_) {
    output_.reset();
    return Step::failed;
  }
  sending_ = std::move(output_);
  raw_send_.emplace(*this, socket_.get(), sending_.view(), limit);
  raw_send_->on_complete(&TlsStream::sent, this);
  return engine_.submit(*raw_send_) ? take_sent() : Step::waits;
}

TlsStream::Step TlsStream::take_sent() {
  bool any_has_left = raw_send_->sent() > 0;
  Result<void, IoError> result = raw_send_->take_result();
  raw_send_.reset();
  sending_.reset();
  std::size_t plain = std::exchange(plain_in_flight_, 0);
  // Of what is on its way the peer may have some.
  if (writer_ != nullptr && any_has_left) writer_->advance(plain, engine_.now());
  if (result) return Step::done;
  cannot_send_ = true;
  send_error_ = result.error();
  return Step::failed;
}

void TlsStream::received(Operation& /*operation*/, void* stream) {
  auto& self = *static_cast<TlsStream*>(stream);
  Step step = self.take_received();
  Operation& reader = *std::exchange(self.reader_, nullptr);
  bool is_done = false;
  if (step == Step::done) {
    is_done = self.try_any(reader);
  } else if (reader.kind() == Operation::Kind::handshake) {
    is_done = self.fail_handshake(static_cast<TlsHandshake&>(reader), self.receive_error_);
  } else {
    reader.fail(self.receive_error_);
    is_done = true;
  }
  if (is_done) {
    reader.finish();
  } else {
    self.reader_ = &reader;
  }
}

void TlsStream::watched(Operation& /*operation*/, void* stream) {
  auto& self = *static_cast<TlsStream*>(stream);
  auto& watch = static_cast<Watch&>(*std::exchange(self.reader_, nullptr));
  Result<Watch::Seen, IoError> seen = self.raw_watch_->take_result();
  self.raw_watch_.reset();
  bool is_done = true;
  if (!seen) {
    watch.fail(seen.error());
  } else if (*seen != Watch::Seen::bytes) {
    watch.complete(*seen);
  } else {
    Step step = self.fetch(small_read, watch.deadline());
    if (step == Step::failed) self.has_failed_ = true;
    is_done = step != Step::waits && self.try_watch(watch);
  }
  if (is_done) {
    watch.finish();
  } else {
    self.reader_ = &watch;
  }
}

void TlsStream::sent(Operation& /*operation*/, void* stream) {
  auto& self = *static_cast<TlsStream*>(stream);
  Step step = self.take_sent();
  if (self.writer_ != nullptr) {
    Send& send = *self.writer_;
    if (step == Step::failed) {
      self.writer_ = nullptr;
      send.fail(self.send_error_);
    } else if (!self.try_send(send)) {
      return;
    }
    self.end_if_due();
    send.finish();
    return;
  }
  bool handshake_waits = self.reader_ != nullptr && !self.raw_receive_ &&
                         self.reader_->kind() == Operation::Kind::handshake;
  if (handshake_waits) {
    auto& handshake = static_cast<TlsHandshake&>(*std::exchange(self.reader_, nullptr));
    bool is_done = step == Step::failed && !self.has_failed_
                       ? self.fail_handshake(handshake, self.send_error_)
                       : self.try_handshake(handshake);
    if (is_done) {
      handshake.finish();
    } else {
      self.reader_ = &handshake;
    }
    return;
  }
  self.flush(Deadline::after(self.engine_.now(), housekeeping_patience));
  self.end_if_due();
}

// The end ----------------------------------------------------------------------------------------

/// Puts a close_notify behind what is on its way. False: there is nobody to say it to.
bool TlsStream::say_goodbye() {
  if (!is_ready_ || has_failed_ || cannot_send_) return false;
  if (we_ended_) return true;
  we_ended_ = true;
  ERR_clear_error();
  SSL_shutdown(ssl_);
  ERR_clear_error();
  if (!raw_send_) flush(Deadline::after(engine_.now(), housekeeping_patience));
  return true;
}

void TlsStream::end_if_due() {
  if (!end_is_due_ || raw_send_ || !output_.empty() || !is_open()) return;
  end_is_due_ = false;
  engine_.end_sending(*socket_);
}

void TlsStream::end_sending() {
  if (!is_open()) return;
  say_goodbye();
  end_is_due_ = true;
  end_if_due();
}

void TlsStream::close(Closing how) {
  if (!is_open()) return;
  if (how == Closing::orderly && !raw_send_) say_goodbye();
  give_up_reading();
  if (writer_ != nullptr) engine_.complete_as_cancelled(*std::exchange(writer_, nullptr));
  engine_.close(*socket_.release(), how);
  // The engine has made them complete, and nobody is to be told.
  raw_send_.reset();
  sending_.reset();
  output_.reset();
  input_.reset();
}

}  // namespace gg
