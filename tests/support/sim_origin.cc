// SPDX-License-Identifier: Apache-2.0
#include "support/sim_origin.h"

#include <algorithm>
#include <cstdio>

namespace gg {

/// One request on one connection, from its head to the end of its answer.
struct SimOrigin::Serving {
  SocketPtr socket;
  SimReader reader;
  SimConnection& connection;
  std::uint64_t connection_number;
  std::size_t place = 0;
  std::uint64_t sent = 0;  // on this connection
  SimHead head;
  SimSeenRequest* request = nullptr;
  SimBehaviour behaviour;
  bool is_last = false;
};

namespace {

/// Adds what a 200 says of a resource, or makes it the 206 that was asked for. Returns the first
/// byte of it that is sent.
std::size_t offer_resource(SimBehaviour& behaviour, const SimFields& request) {
  if (behaviour.status != 200) {
    behaviour.resource.reset();
    return 0;
  }
  std::string number = std::to_string(*behaviour.resource);
  std::string etag = "\"of-" + number + "\"";
  behaviour.fields.push_back({"x-sim-resource", number});
  behaviour.fields.push_back({"etag", etag});
  std::string range = only_value(request, "range").value_or("");
  // Some servers know no If-Range: then the tag of what they send is all that tells.
  bool knows_if_range = *behaviour.resource % 2 == 0;
  bool is_current = !knows_if_range || only_value(request, "if-range").value_or(etag) == etag;
  if (!range.starts_with("bytes=") || !range.ends_with("-") || !is_current) return 0;
  std::size_t from = std::stoull(range.substr(6));
  if (from >= behaviour.body) return 0;
  behaviour.status = 206;
  std::string last = std::to_string(behaviour.body - 1);
  behaviour.fields.push_back({"content-range", "bytes " + std::to_string(from) + "-" + last + "/" +
                                                   std::to_string(behaviour.body)});
  return from;
}

bool has_no_body(const std::string& method, int status) {
  return method == "HEAD" || status / 100 == 1 || status == 204 || status == 304;
}

}  // namespace

SimOrigin::SimOrigin(SimWorld& world, std::uint64_t number, const Address& address,
                     const SimOriginSettings& settings)
    : world_(world),
      number_(number),
      address_(address),
      settings_(settings),
      engine_(world),
      listener_(std::move(*engine_.adopt_listener(-1, address))),
      scope_(engine_.ready()) {
  scope_.start(accept_all());
}

void SimOrigin::crash(Closing how) {
  up_ = false;
  world_.network().crash(address_, how);
}

void SimOrigin::restart() {
  up_ = true;
  world_.network().restart(address_);
}

void SimOrigin::stop() {
  crash(Closing::reset);
  listener_.reset();
}

std::size_t SimOrigin::times_seen(std::uint64_t id) const {
  return static_cast<std::size_t>(std::ranges::count(requests_, id, &SimSeenRequest::id));
}

std::size_t SimOrigin::times_whole(std::uint64_t id) const {
  return static_cast<std::size_t>(std::ranges::count_if(
      requests_, [id](const SimSeenRequest& seen) { return seen.id == id && seen.is_whole; }));
}

Task<void> SimOrigin::accept_all() {
  while (listener_ != nullptr) {
    Accept accept(engine_, *listener_);
    Result<Accepted, IoError> accepted = co_await accept;
    if (accepted) scope_.start(serve(std::move(accepted->socket)));
  }
}

Task<void> SimOrigin::serve(SocketPtr socket) {
  Socket& bare = *socket;
  SimConnection& connection = SimNetwork::connection_of(bare);
  Serving serving{.socket = std::move(socket),
                  .reader = SimReader(engine_, bare),
                  .connection = connection,
                  .connection_number = connection.number()};
  bool goes_on = true;
  while (goes_on) {
    serving.reader.set_deadline(Deadline::after(engine_.now(), settings_.idle_close));
    bool comes = co_await serving.reader.wait_for_bytes();
    if (!comes) co_return;  // gone, or idle too long: closes in good order
    serving.reader.set_deadline(Deadline::never());
    if (serving.place > 0 && engine_.rng().chance(settings_.closes_at_next)) co_return;
    goes_on = co_await serve_one(serving);
  }
}

Task<bool> SimOrigin::serve_one(Serving& serving) {
  bool whole = co_await serving.reader.read_head(serving.head);
  if (!whole) {
    ++heads_cut_;
    if (serving.reader.why() == SimReader::Stop::malformed) {
      complaints_.push_back(serving.reader.complaint());
    }
    co_return false;
  }
  ++serving.place;
  serving.request = &note(serving);
  serving.behaviour = choose(*serving.request);
  std::size_t most = settings_.requests_per_connection;
  serving.is_last = serving.behaviour.closes || (most > 0 && serving.place >= most);
  switch (serving.behaviour.first) {
    case SimBehaviour::First::reset:
      engine_.close(*serving.socket.release(), Closing::reset);
      co_return false;
    case SimBehaviour::First::close:
      co_return false;
    case SimBehaviour::First::read_all: {
      if (serving.behaviour.upload_stop_after) co_return co_await break_upload(serving);
      bool read = co_await read_request_body(serving);
      if (!read) co_return false;
      co_return co_await answer(serving);
    }
    case SimBehaviour::First::answer_early: {
      bool answered = co_await answer(serving);
      if (!answered) co_return false;
      co_return co_await read_request_body(serving);
    }
  }
  co_return false;
}

SimSeenRequest& SimOrigin::note(const Serving& serving) {
  SimSeenRequest& seen = requests_.emplace_back();
  const std::string& line = serving.head.start_line;
  std::size_t first = line.find(' ');
  std::size_t last = line.rfind(' ');
  if (first == last || !line.ends_with(" HTTP/1.1")) complaints_.push_back("start line: " + line);
  seen.id = only_number(serving.head.fields, "x-sim-id").value_or(0);
  seen.method = line.substr(0, first);
  if (first != last) seen.target = line.substr(first + 1, last - first - 1);
  seen.fields = serving.head.fields;
  seen.connection = serving.connection_number;
  seen.place = serving.place;
  seen.head_at = engine_.now();
  return seen;
}

SimBehaviour SimOrigin::choose(const SimSeenRequest& request) {
  if (script_ != nullptr) return script_->behaviour_for(request);
  if (queue_.empty()) return default_;
  SimBehaviour behaviour = std::move(queue_.front());
  queue_.pop_front();
  return behaviour;
}

Task<bool> SimOrigin::read_request_body(Serving& serving) {
  SimSeenRequest& seen = *serving.request;
  bool expects = lists_token(seen.fields, "expect", "100-continue");
  bool early = serving.behaviour.first == SimBehaviour::First::answer_early;
  if (expects && serving.behaviour.sends_continue && !early) {
    std::string go_on = "HTTP/1.1 100 Continue\r\n\r\n";
    serving.sent += go_on.size();
    Result<void, IoError> sent =
        co_await send_all(engine_, *serving.socket, go_on, Deadline::never());
    if (!sent) co_return false;
  }
  std::string body;
  SimFields trailers;
  SimFraming framing = framing_of(seen.fields, WithoutLength::no_body);
  bool whole = co_await serving.reader.read_body(framing, body, trailers);
  if (serving.reader.why() == SimReader::Stop::malformed) {
    complaints_.push_back(serving.reader.complaint());
  }
  seen.body_bytes = body.size();
  seen.body_is_right = body == sim_bytes(request_key(seen.id), body.size());
  seen.is_whole = whole;
  seen.whole_at = engine_.now();
  co_return whole;
}

Task<bool> SimOrigin::break_upload(Serving& serving) {
  std::size_t most = *serving.behaviour.upload_stop_after;
  std::size_t seen = 0;
  while (seen < most) {
    bool any = co_await serving.reader.wait_for_bytes();
    if (!any) co_return false;
    seen += serving.reader.take().size();
  }
  using Stop = SimBehaviour::Stop;
  if (serving.behaviour.stop == Stop::reset) {
    engine_.close(*serving.socket.release(), Closing::reset);
  } else if (serving.behaviour.stop == Stop::hang) {
    // Without reading; until the gateway goes.
    PlainSink sink(engine_);
    Watch gone(sink, serving.socket.get(), Watch::For::failure, Deadline::never());
    co_await gone;
  }
  co_return false;
}

std::string SimOrigin::body_on_wire(const Serving& serving, std::string body) {
  if (serving.behaviour.framing != SimBehaviour::Framing::chunked) return body;
  std::string wire;
  std::string_view left = body;
  while (!left.empty()) {
    std::size_t size = 1 + engine_.rng().below(std::min<std::size_t>(left.size(), 5000));
    char line[32];
    std::snprintf(line, sizeof line, "%zx\r\n", size);
    wire.append(line).append(left.substr(0, size)).append("\r\n");
    left.remove_prefix(size);
  }
  wire += "0\r\n";
  for (const SimField& field : serving.behaviour.trailers) {
    wire += field.name + ": " + field.value + "\r\n";
  }
  return wire + "\r\n";
}

std::string SimOrigin::wire_of(Serving& serving, SimGivenAnswer& answer) {
  SimBehaviour& behaviour = serving.behaviour;
  using Framing = SimBehaviour::Framing;
  std::size_t from = 0;
  if (behaviour.resource) from = offer_resource(behaviour, serving.request->fields);
  answer.status = behaviour.status;
  std::string wire;
  for (int status : behaviour.interim) {
    wire += "HTTP/1.1 " + std::to_string(status) + " Interim\r\nlink: </sim>\r\n\r\n";
  }
  wire += "HTTP/1.1 " + std::to_string(behaviour.status) + " Simulated\r\n";
  wire += "x-sim-id: " + std::to_string(answer.id) + "\r\n";
  wire += "x-sim-origin: " + std::to_string(number_) + "\r\n";
  wire += "x-sim-answer: " + std::to_string(answers_.size() - 1) + "\r\n";
  wire += "x-sim-size: " + std::to_string(behaviour.body) + "\r\n";
  for (const SimField& field : behaviour.fields) {
    wire += field.name + ": " + field.value + "\r\n";
  }
  bool empty = behaviour.status == 204 || behaviour.status / 100 == 1;
  if (!empty && behaviour.framing == Framing::sized) {
    wire += "content-length: " + std::to_string(behaviour.body - from) + "\r\n";
  }
  if (!empty && behaviour.framing == Framing::chunked) wire += "transfer-encoding: chunked\r\n";
  if (behaviour.framing == Framing::until_end) serving.is_last = true;
  bool says = behaviour.closes ? behaviour.says_that_it_closes : settings_.announces_last;
  if (serving.is_last && says) wire += "connection: close\r\n";
  wire += "\r\n";
  if (has_no_body(serving.request->method, behaviour.status)) return wire;
  std::uint64_t key = answer_key(answer.id, number_, answers_.size() - 1);
  if (behaviour.resource) key = resource_key(*behaviour.resource);
  return wire + body_on_wire(serving, sim_bytes(key, behaviour.body).substr(from));
}

/// When work that comes now will be done: at once, or after what came before it.
Instant SimOrigin::end_of_work(Duration work) {
  if (settings_.slots == 0) return engine_.now() + work;
  slots_free_.resize(settings_.slots);
  Instant& slot = *std::ranges::min_element(slots_free_);
  slot = std::max(slot, engine_.now()) + work;
  return slot;
}

Task<bool> SimOrigin::answer(Serving& serving) {
  const SimBehaviour& behaviour = serving.behaviour;
  if (behaviour.delay > Duration::zero()) {
    Sleep sleep(engine_, end_of_work(behaviour.delay));
    co_await sleep;
  }
  if (behaviour.hangs) {
    co_await serving.reader.drain();
    co_return false;
  }
  if (behaviour.raw) {
    co_await send_pieces(serving, *behaviour.raw);
    if (behaviour.echoes) co_await echo(serving);
    co_return false;
  }
  SimGivenAnswer& given = answers_.emplace_back();
  given = {.id = serving.request->id,
           .status = behaviour.status,
           .body = behaviour.body,
           .at = engine_.now()};
  std::string wire = wire_of(serving, given);
  if (behaviour.stop_after && *behaviour.stop_after < wire.size()) {
    wire.resize(*behaviour.stop_after);
    co_return co_await send_and_stop(serving, std::move(wire));
  }
  given.is_whole = co_await send_pieces(serving, std::move(wire));
  co_return given.is_whole && !serving.is_last;
}

Task<void> SimOrigin::echo(Serving& serving) {
  for (;;) {
    bool any = co_await serving.reader.wait_for_bytes();
    if (!any) co_return;
    std::string bytes = serving.reader.take();
    serving.sent += bytes.size();
    Result<void, IoError> sent =
        co_await send_all(engine_, *serving.socket, bytes, Deadline::never());
    if (!sent) co_return;
  }
}

Task<bool> SimOrigin::send_pieces(Serving& serving, std::string wire) {
  std::string_view left = wire;
  while (!left.empty()) {
    std::string_view piece = left.substr(0, serving.behaviour.piece);
    left.remove_prefix(piece.size());
    serving.sent += piece.size();
    Result<void, IoError> sent =
        co_await send_all(engine_, *serving.socket, piece, Deadline::never());
    if (!sent) co_return false;
    if (left.empty() || serving.behaviour.pause <= Duration::zero()) continue;
    Sleep sleep(engine_, engine_.now() + serving.behaviour.pause);
    co_await sleep;
  }
  co_return true;
}

Task<bool> SimOrigin::send_and_stop(Serving& serving, std::string wire) {
  bool resets = serving.behaviour.stop == SimBehaviour::Stop::reset;
  if (resets && wire.empty()) {
    engine_.close(*serving.socket.release(), Closing::reset);
    co_return false;
  }
  if (resets) {
    // The network resets after exactly these bytes; a reset of our own might overtake some.
    serving.connection.cut(End::acceptor,
                           {.how = Cut::How::reset, .after = serving.sent + wire.size()});
  }
  co_await send_pieces(serving, std::move(wire));
  if (serving.behaviour.stop != SimBehaviour::Stop::end) co_await serving.reader.drain();
  co_return false;
}

}  // namespace gg
