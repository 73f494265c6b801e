// SPDX-License-Identifier: Apache-2.0
#include "support/sim_http2.h"

#include <algorithm>

namespace gg {

namespace {

using How = SimOutcome::How;

constexpr Instant end_of_time{Duration::max()};
constexpr Duration continue_patience = 1s;
constexpr std::size_t frame_max = 16384;
constexpr std::uint64_t usual_window = 65535;  // of the connection
constexpr std::uint32_t cancel = 8;

http2::FieldPairs fields_of(const SimRequest& request) {
  http2::FieldPairs fields = {{":method", request.method},
                              {":scheme", "http"},
                              {":authority", request.host},
                              {":path", request.target},
                              {"x-sim-id", std::to_string(request.id)}};
  for (const SimField& field : request.fields) {
    std::string name = field.name;
    std::ranges::transform(name, name.begin(), [](char c) {
      return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    fields.emplace_back(name, field.value);
  }
  if (request.expects_continue) fields.emplace_back("expect", "100-continue");
  if (request.body && !request.chunked) {
    fields.emplace_back("content-length", std::to_string(*request.body));
  }
  return fields;
}

}  // namespace

Task<void> SimHttp2Line::run() {
  std::string first = begin();
  Lane& lane = lanes_.front();
  Deadline deadline = Deadline::after(engine_.now(), session_.patience);
  Connect connect(engine_, session_.gateway, deadline);
  Result<SocketPtr, IoError> socket = co_await connect;
  if (!socket) {
    lane.outcome.how = How::refused;
    lane.outcome.error = socket.error();
    lane.outcome.ended = engine_.now();
    co_return;
  }
  socket_ = std::move(*socket);
  // Windows that nothing here fills.
  to_say_ = http2::hello(http2::setting(4, 1U << 30)) + http2::window_frame(0, 1U << 30) + first;
  SimReader reader(engine_, *socket_);
  Scope talker(engine_.ready());
  talker.start(talk());
  for (;;) {
    reader.set_deadline(Deadline::after(engine_.now(), session_.patience));
    bool any = co_await reader.wait_for_bytes();
    if (!any || is_over_) break;
    hear(reader.take());
    if (is_done()) break;
    rouse();
  }
  end_all(reader.why(), reader.error());
  is_over_ = true;
  socket_.reset();
  rouse();
  co_await talker.join();
}

Task<void> SimHttp2Line::talk() {
  while (!is_over_) {
    Instant look = end_of_time;
    std::string bytes = due(look);
    if (!bytes.empty()) {
      Deadline deadline = Deadline::after(engine_.now(), session_.patience);
      Result<void, IoError> sent = co_await send_all(engine_, *socket_, bytes, deadline);
      if (!sent) co_return;  // the reader hears of it
      continue;
    }
    if (is_done()) break;
    Sleep sleep(engine_, look);
    nap_ = &sleep;
    co_await sleep;
    nap_ = nullptr;
  }
  if (is_over_) co_return;
  is_over_ = true;
  socket_.reset();
}

void SimHttp2Line::rouse() {
  if (nap_ != nullptr) engine_.cancel(*nap_);
}

bool SimHttp2Line::is_done() const {
  bool no_more = next_ == session_.requests.size() || ear_.goaways() > 0;
  return no_more && running_ == 0;
}

/// What is to be said now; else, when to look again.
std::string SimHttp2Line::due(Instant& look) {
  std::string bytes = std::exchange(to_say_, {});
  for (std::string& ping : ear_.pings) bytes += http2::frame(http2::ping, http2::ack, 0, ping);
  ear_.pings.clear();
  for (Lane& lane : lanes_) {
    if (lane.is_over) continue;
    bytes += give_up(lane, look);
    if (!lane.is_over) bytes += next_piece(lane, look);
  }
  if (may_begin(look)) bytes += begin();
  return bytes;
}

bool SimHttp2Line::may_begin(Instant& look) {
  bool has_more = next_ < session_.requests.size() && ear_.goaways() == 0;
  if (!has_more || running_ >= session_.pipeline) return false;
  if (engine_.now() >= not_before_) return true;
  look = std::min(look, not_before_);
  return false;
}

std::string SimHttp2Line::begin() {
  const SimRequest& request = session_.requests[next_++];
  SimOutcome& outcome = outcomes_.emplace_back();
  outcome.id = request.id;
  outcome.method = request.method;
  outcome.began = engine_.now();
  outcome.reused = !lanes_.empty();
  auto stream = static_cast<std::uint32_t>(2 * lanes_.size() + 1);
  Lane& lane = lanes_.emplace_back(Lane{request, outcome, stream});
  lane.body = sim_bytes(request_key(request.id), request.body.value_or(0));
  lane.waits_for_100 = request.expects_continue;
  lane.next_piece = engine_.now() + (lane.waits_for_100 ? continue_patience : Duration::zero());
  ++running_;
  not_before_ = engine_.now() + session_.pause;
  outcome.sent_whole = !request.body;
  return http2::headers_frame(stream, fields_of(request), request.body ? 0 : http2::end_stream);
}

/// Of its body, as far as its pace and the windows allow.
std::string SimHttp2Line::next_piece(Lane& lane, Instant& look) {
  if (lane.outcome.sent_whole) return {};
  if (engine_.now() < lane.next_piece) {
    look = std::min(look, lane.next_piece);
    return {};
  }
  std::uint64_t of_all = usual_window + ear_.window_given(0) - sent_in_all_;
  std::uint64_t of_stream = ear_.first_window() + ear_.window_given(lane.stream) - lane.sent;
  std::size_t left = lane.body.size() - lane.sent;
  std::size_t size = std::min({left, lane.request.piece, frame_max});
  size = std::min<std::size_t>(size, std::min(of_all, of_stream));
  if (size == 0 && left > 0) return {};  // a window opens by what is heard
  bool is_last = size == left;
  std::string bytes = http2::frame(http2::data, is_last ? http2::end_stream : 0, lane.stream,
                                   std::string_view(lane.body).substr(lane.sent, size));
  lane.sent += size;
  sent_in_all_ += size;
  lane.outcome.sent_whole = is_last;
  lane.next_piece = engine_.now() + lane.request.pause;
  return bytes;
}

/// Resets the stream if its client leaves now, or has no more patience.
std::string SimHttp2Line::give_up(Lane& lane, Instant& look) {
  Instant late = lane.outcome.began + session_.patience;
  Instant leaves =
      lane.request.leaves_after ? lane.outcome.began + *lane.request.leaves_after : end_of_time;
  Instant until = std::min(late, leaves);
  if (engine_.now() < until) {
    look = std::min(look, until);
    return {};
  }
  lane.outcome.how = leaves <= late ? How::left : How::late;
  lane.outcome.ended = engine_.now();
  lane.is_over = true;
  --running_;
  return http2::reset_frame(lane.stream, cancel);
}

void SimHttp2Line::hear(std::string_view bytes) {
  heard_ += bytes;
  ear_.hear(heard_);
  for (Lane& lane : lanes_) {
    if (!lane.is_over) look_at(lane);
  }
}

void SimHttp2Line::look_at(Lane& lane) {
  SimOutcome& outcome = lane.outcome;
  const Http2Ear::Answer& answer = ear_.answer(lane.stream);
  outcome.interim.clear();
  for (const std::string& head : answer.heads) {
    int status = std::stoi(head);
    if (status >= 200) {
      if (outcome.status == 0) outcome.head_at = engine_.now();
      outcome.status = status;
    } else {
      outcome.interim.push_back(status);
    }
  }
  if (!answer.heads.empty() && lane.waits_for_100) {
    lane.waits_for_100 = false;
    lane.next_piece = engine_.now();
  }
  bool is_over = answer.has_ended || answer.reset >= 0;
  if (!is_over) return;
  bool bodyless = outcome.method == "HEAD" || outcome.status == 204 || outcome.status == 304;
  SimFraming framing;
  outcome.fields.clear();
  if (outcome.status != 0) {
    for (const auto& [name, value] : answer.fields) outcome.fields.push_back({name, value});
    outcome.body = answer.body;
    if (!bodyless) framing = framing_of(outcome.fields, WithoutLength::until_end);
    check_body(outcome, framing);
  }
  bool fits = framing.kind != SimFraming::Kind::sized || framing.size == outcome.body.size();
  bool is_whole = answer.has_ended && outcome.status != 0;
  if (is_whole && !fits) {
    outcome.how = How::malformed;
    outcome.complaint = "a stream that ends before its length is reached";
  } else if (is_whole) {
    outcome.how = How::whole;
  } else {
    outcome.how = outcome.status == 0 ? How::nothing : How::cut;
  }
  outcome.ended = engine_.now();
  lane.is_over = true;
  --running_;
}

/// The connection is over: so is what still waits.
void SimHttp2Line::end_all(SimReader::Stop why, const IoError& error) {
  for (Lane& lane : lanes_) {
    if (lane.is_over) continue;
    lane.outcome.how = lane.outcome.status == 0 ? How::nothing : How::cut;
    if (why == SimReader::Stop::late) lane.outcome.how = How::late;
    if (why == SimReader::Stop::failed) lane.outcome.error = error;
    lane.outcome.body = ear_.answer(lane.stream).body;
    for (const auto& [name, value] : ear_.answer(lane.stream).fields) {
      lane.outcome.fields.push_back({name, value});
    }
    if (lane.outcome.status != 0) check_body(lane.outcome, {});
    lane.outcome.ended = engine_.now();
    lane.is_over = true;
    --running_;
  }
}

}  // namespace gg
