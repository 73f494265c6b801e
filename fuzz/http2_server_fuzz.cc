// SPDX-License-Identifier: Apache-2.0
// What a client says behind its preface: any bytes. Checked: the same requests, bodies and verdict
// however they are cut; every memory given back.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/assert.h"
#include "engine/sim/sim_engine.h"
#include "http2/server.h"

namespace gg {
namespace {

/// Gives its script in pieces and swallows every answer, all at once.
class Scripted final : public ByteStream {
 public:
  Scripted(SocketPtr socket, std::string_view script, std::size_t piece)
      : ByteStream(std::move(socket)), script_(script), piece_(piece) {}

  bool submit(Operation& operation) override {
    if (operation.kind() == Operation::Kind::receive) {
      std::string_view next = script_.substr(0, piece_);
      script_.remove_prefix(next.size());
      auto& receive = static_cast<Receive&>(operation);
      receive.complete(next.empty() ? Chunk() : engine_.buffers().copy(next.substr(0, 32768)));
    } else if (operation.kind() == Operation::Kind::send) {
      auto& send = static_cast<Send&>(operation);
      send.advance(send.left(), engine_.now());
      send.set_done();
    } else {
      operation.fail({.kind = IoError::Kind::cancelled, .number = 0});
    }
    return true;
  }
  void cancel(Operation& /*operation*/) override {}
  void end_sending() override {}
  void close(Closing /*how*/) override { socket_.reset(); }

 private:
  std::string_view script_;
  std::size_t piece_;
};

/// Keeps every request until the end, so that what a connection does depends on its bytes alone.
class Keeper final : public Http2Requests {
 public:
  void begin(std::unique_ptr<Http2ServerStream> stream) override {
    Result<RequestHead, MessageError> head = stream->take_head();
    if (head) {
      said_ += std::string(head->method_text) + " " + std::string(head->authority) + " " +
               std::string(head->target) + "\n";
      for (const Field& field : head->fields.all()) {
        GG_ASSERT(field.value.find_first_of(std::string_view("\r\n\0", 3)) == std::string::npos);
        said_ += std::string(field.name) + ": " + std::string(field.value) + "\n";
      }
    } else {
      said_ += std::string(text_of(head.error())) + "\n";
    }
    streams_.push_back(std::move(stream));
  }
  Task<void> read_bodies() {
    for (std::unique_ptr<Http2ServerStream>& stream : streams_) {
      for (;;) {
        Result<BodyPart, StreamError> part = co_await stream->read_body(Deadline::at({}));
        if (!part) said_ += std::string("broken ") + std::string(text_of(part.error().message));
        if (part) said_ += part->bytes;
        if (!part || part->last) break;
      }
      said_ += "\n";
    }
  }
  void let_go() { streams_.clear(); }
  std::string& said() { return said_; }

 private:
  std::vector<std::unique_ptr<Http2ServerStream>> streams_;
  std::string said_;
};

Task<void> make_socket(Engine& engine, Address at, std::optional<SocketPtr>& socket) {
  Connect connect(engine, at, Deadline::never());
  Result<SocketPtr, IoError> made = co_await connect;
  socket = std::move(*made);
}

Task<void> serve(Http2ServerConnection& connection, Keeper& keeper) {
  co_await connection.read_all(keeper);
  co_await keeper.read_bodies();
  keeper.let_go();
  co_await connection.close_gracefully();
}

std::string run(std::string_view script, std::size_t piece) {
  SimWorld world(1);
  SimEngine engine(world);
  Address at = Address::v4({10, 0, 0, 1}, 80);
  SocketPtr listener = std::move(*engine.adopt_listener(-1, at));
  std::optional<SocketPtr> socket;
  Scope scope(engine.ready());
  scope.start(make_socket(engine, at, socket));
  world.run(1s);
  Http2ServerSettings settings;
  Keeper keeper;
  std::string said;
  {
    Http2ServerConnection connection(std::make_unique<Scripted>(std::move(*socket), script, piece),
                                     {}, settings);
    scope.start(serve(connection, keeper));
    world.run(1s);
    GG_ASSERT(scope.running() == 0);
    said = keeper.said() + std::to_string(static_cast<int>(connection.abuse()));
  }
  GG_ASSERT(engine.buffers().bytes_lent() == 0);
  listener.reset();
  world.run(1s);
  return said;
}

}  // namespace
}  // namespace gg

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string script = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
  script.append(reinterpret_cast<const char*>(data), std::min<std::size_t>(size, 20000));
  std::string whole = gg::run(script, 32768);
  GG_ASSERT(whole == gg::run(script, 1 + size % 97));
  return 0;
}
