// SPDX-License-Identifier: Apache-2.0
#include "support/sim_client.h"

#include <algorithm>

#include "support/sim_http2.h"

namespace gg {

namespace {

constexpr Instant end_of_time{Duration::max()};
/// How long a request that expects 100 (Continue) waits for it (RFC 9110 10.1.1: not for ever).
constexpr Duration continue_patience = 1s;

std::string head_on_wire(const SimRequest& request) {
  std::string wire = request.method + " " + request.target + " " + request.version + "\r\n";
  wire += "host: " + request.host + "\r\n";
  wire += "x-sim-id: " + std::to_string(request.id) + "\r\n";
  for (const SimField& field : request.fields) wire += field.name + ": " + field.value + "\r\n";
  if (request.closes) wire += "connection: close\r\n";
  if (request.expects_continue) wire += "expect: 100-continue\r\n";
  if (request.body && request.chunked) wire += "transfer-encoding: chunked\r\n";
  if (request.body && !request.chunked) {
    wire += "content-length: " + std::to_string(*request.body) + "\r\n";
  }
  return wire + "\r\n";
}

std::string body_on_wire(const SimRequest& request, Rng& rng) {
  std::string body = sim_bytes(request_key(request.id), request.body.value_or(0));
  if (!request.body || !request.chunked) return body;
  constexpr std::string_view digits = "0123456789abcdef";
  std::string wire;
  std::string_view left = body;
  while (!left.empty()) {
    std::size_t size = 1 + rng.below(std::min<std::size_t>(left.size(), 4000));
    for (int shift = 12; shift >= 0; shift -= 4) wire += digits[(size >> shift) & 15];
    wire.append("\r\n").append(left.substr(0, size)).append("\r\n");
    left.remove_prefix(size);
  }
  return wire + "0\r\n\r\n";
}

/// The status of "HTTP/1.1 200 Reason", or 0.
int status_in(const std::string& line) {
  bool shaped = line.size() >= 13 && line.starts_with("HTTP/1.1 ") && line[12] == ' ';
  if (!shaped) return 0;
  int status = 0;
  for (char c : line.substr(9, 3)) {
    if (c < '0' || c > '9') return 0;
    status = status * 10 + (c - '0');
  }
  return status >= 100 ? status : 0;
}

}  // namespace

void check_body(SimOutcome& outcome, SimFraming framing) {
  outcome.origin = only_number(outcome.fields, "x-sim-origin");
  if (!outcome.origin) return;
  std::uint64_t id = only_number(outcome.fields, "x-sim-id").value_or(0);
  std::uint64_t answer = only_number(outcome.fields, "x-sim-answer").value_or(UINT64_MAX);
  std::uint64_t size = only_number(outcome.fields, "x-sim-size").value_or(UINT64_MAX);
  std::uint64_t key = answer_key(id, *outcome.origin, answer);
  if (std::optional<std::uint64_t> resource = only_number(outcome.fields, "x-sim-resource")) {
    key = resource_key(*resource);
  }
  outcome.body_is_right = id == outcome.id && outcome.body == sim_bytes(key, outcome.body.size());
  bool has_body = framing.kind != SimFraming::Kind::none;
  outcome.body_is_complete = outcome.body.size() == (has_body ? size : 0);
}

/// One connection and the requests on it; a sender and a reader share it.
struct SimClient::Line {
  const SimSession& session;
  std::size_t first;     // the session's first request on this connection
  std::size_t begun;     // requests up to here have been begun (counted in the session)
  std::size_t answered;  // and up to here answered
  std::vector<SimOutcome*> outcomes{};
  SocketPtr socket{};
  std::optional<SimReader> reader{};
  bool is_over = false;  // nothing more is to be sent
  bool sender_ended = false;
  bool may_send_body = false;  // 100 has come, or the answer
  Sleep* sender_naps = nullptr;
  Sleep* reader_naps = nullptr;
};

void SimClient::start(SimSession session) { scope_.start(run(std::move(session))); }

Task<void> SimClient::nap_until(Sleep*& slot, Instant until) {
  Sleep sleep(engine_, until);
  slot = &sleep;
  co_await sleep;
  slot = nullptr;
}

void SimClient::rouse(Sleep* slot) {
  if (slot != nullptr) engine_.cancel(*slot);
}

Task<void> SimClient::run(SimSession session) {
  std::size_t done = 0;
  while (session.http2 && done < session.requests.size()) {
    SimHttp2Line line(engine_, session, done, outcomes_);
    co_await line.run();
    done = line.next();
  }
  while (done < session.requests.size()) {
    Line line{.session = session, .first = done, .begun = done, .answered = done};
    co_await use_connection(line);
    done = line.begun;
  }
}

SimOutcome& SimClient::begin(Line& line, const SimRequest& request) {
  SimOutcome& outcome = outcomes_.emplace_back();
  outcome.id = request.id;
  outcome.method = request.method;
  outcome.began = engine_.now();
  outcome.reused = line.begun > line.first;
  line.outcomes.push_back(&outcome);
  ++line.begun;
  return outcome;
}

Task<void> SimClient::use_connection(Line& line) {
  if (line.first > 0 && line.session.pause > Duration::zero()) {
    co_await nap_until(line.sender_naps, engine_.now() + line.session.pause);
  }
  SimOutcome& first = begin(line, line.session.requests[line.first]);
  Deadline deadline = Deadline::after(engine_.now(), line.session.patience);
  Connect connect(engine_, line.session.gateway, deadline);
  Result<SocketPtr, IoError> socket = co_await connect;
  if (!socket) {
    first.how = SimOutcome::How::refused;
    first.error = socket.error();
    first.ended = engine_.now();
    co_return;
  }
  line.socket = std::move(*socket);
  line.reader.emplace(engine_, *line.socket);
  Scope senders(engine_.ready());
  senders.start(send_requests(line));
  co_await read_answers(line);
  line.is_over = true;
  line.socket.reset();
  rouse(line.sender_naps);
  co_await senders.join();
  for (SimOutcome* outcome : line.outcomes) {
    if (outcome->how != SimOutcome::How::pending) continue;
    outcome->how = SimOutcome::How::nothing;
    outcome->ended = engine_.now();
  }
}

// Sending.

Task<void> SimClient::send_requests(Line& line) {
  const SimSession& session = line.session;
  for (std::size_t i = line.first; i < session.requests.size(); ++i) {
    if (i > line.first) {
      bool may_begin = co_await wait_to_begin(line, i);
      if (!may_begin) break;
      begin(line, session.requests[i]);
      rouse(line.reader_naps);
    }
    const SimRequest& request = session.requests[i];
    bool sent = co_await send_request(line, request, *line.outcomes[i - line.first]);
    if (!sent || request.closes) break;
  }
  line.sender_ended = true;
  rouse(line.reader_naps);
}

Task<bool> SimClient::wait_to_begin(Line& line, std::size_t i) {
  while (!line.is_over && i - line.answered >= line.session.pipeline) {
    co_await nap_until(line.sender_naps, end_of_time);
  }
  Instant not_before = engine_.now() + line.session.pause;
  while (!line.is_over && engine_.now() < not_before) {
    co_await nap_until(line.sender_naps, not_before);
  }
  if (line.is_over) co_return false;
  // As real clients do: a connection that has ended while idle is not used again.
  bool is_idle = line.answered == i;
  End end = SimNetwork::end_of(*line.socket);
  co_return !(is_idle && SimNetwork::connection_of(*line.socket).is_readable(end));
}

Task<bool> SimClient::send_request(Line& line, const SimRequest& request, SimOutcome& outcome) {
  line.may_send_body = !request.expects_continue;
  std::string head = head_on_wire(request);
  Deadline deadline = Deadline::after(engine_.now(), line.session.patience);
  Result<void, IoError> sent = co_await send_all(engine_, *line.socket, head, deadline);
  if (!sent || line.is_over) co_return false;
  if (!line.may_send_body) {
    co_await nap_until(line.sender_naps, engine_.now() + continue_patience);
  }
  if (line.is_over) co_return false;
  outcome.sent_whole = co_await send_body(line, request);
  co_return outcome.sent_whole;
}

Task<bool> SimClient::send_body(Line& line, const SimRequest& request) {
  std::string wire = body_on_wire(request, engine_.rng());
  std::string_view left = wire;
  while (!left.empty()) {
    std::string_view piece = left.substr(0, request.piece);
    left.remove_prefix(piece.size());
    Deadline deadline = Deadline::after(engine_.now(), line.session.patience);
    Result<void, IoError> sent = co_await send_all(engine_, *line.socket, piece, deadline);
    if (!sent || line.is_over) co_return false;
    if (left.empty() || request.pause <= Duration::zero()) continue;
    co_await nap_until(line.sender_naps, engine_.now() + request.pause);
    if (line.is_over) co_return false;
  }
  co_return true;
}

// Reading.

Task<void> SimClient::read_answers(Line& line) {
  for (std::size_t i = line.first;; ++i) {
    while (line.begun <= i && !line.sender_ended) {
      co_await nap_until(line.reader_naps, end_of_time);
    }
    if (line.begun <= i) co_return;
    SimOutcome& outcome = *line.outcomes[i - line.first];
    bool goes_on = co_await read_answer(line, line.session.requests[i], outcome);
    outcome.ended = engine_.now();
    ++line.answered;
    rouse(line.sender_naps);
    if (line.begun == line.answered) stray_bytes_ += line.reader->buffered();
    if (outcome.how == SimOutcome::How::left) {
      engine_.close(*line.socket.release(), Closing::reset);
    }
    // An answer that came before all of its request went out: the rest is not worth sending.
    if (!goes_on || !outcome.sent_whole) co_return;
  }
}

Task<bool> SimClient::read_answer(Line& line, const SimRequest& request, SimOutcome& outcome) {
  Deadline deadline = Deadline::after(outcome.began, line.session.patience);
  if (request.leaves_after) {
    deadline = deadline.or_earlier(Deadline::at(outcome.began + *request.leaves_after));
  }
  line.reader->set_deadline(deadline);
  SimHead head;
  bool has_head = co_await read_final_head(line, outcome, head);
  if (!has_head) {
    note_failure(line, request, outcome);
    co_return false;
  }
  outcome.head_at = engine_.now();
  outcome.fields = head.fields;
  bool bodyless = request.method == "HEAD" || outcome.status == 204 || outcome.status == 304 ||
                  outcome.status == 101;
  SimFraming framing;
  if (!bodyless) framing = framing_of(head.fields, WithoutLength::until_end);
  SimFields trailers;
  bool whole = co_await line.reader->read_body(framing, outcome.body, trailers);
  check_body(outcome, framing);
  if (!whole) {
    note_failure(line, request, outcome);
    co_return false;
  }
  outcome.how = SimOutcome::How::whole;
  bool stays = !lists_token(head.fields, "connection", "close") && outcome.status != 101 &&
               framing.kind != SimFraming::Kind::until_end && !request.closes;
  co_return stays;
}

Task<bool> SimClient::read_final_head(Line& line, SimOutcome& outcome, SimHead& head) {
  for (;;) {
    bool any = co_await line.reader->wait_for_bytes();
    if (!any) co_return false;
    outcome.how = SimOutcome::How::cut;  // from here on there is something to cut
    bool has_head = co_await line.reader->read_head(head);
    if (!has_head) co_return false;
    int status = status_in(head.start_line);
    if (status == 0) {
      outcome.how = SimOutcome::How::malformed;
      outcome.complaint = head.start_line;
      co_return false;
    }
    bool is_interim = status < 200 && status != 101;
    if (!is_interim) {
      outcome.status = status;
      co_return true;
    }
    outcome.interim.push_back(status);
    line.may_send_body = true;
    rouse(line.sender_naps);
  }
}

void SimClient::note_failure(const Line& line, const SimRequest& request, SimOutcome& outcome) {
  using How = SimOutcome::How;
  const SimReader& reader = *line.reader;
  switch (reader.why()) {
    case SimReader::Stop::none:
      break;
    case SimReader::Stop::end:
      if (outcome.how == How::pending) outcome.how = How::nothing;
      break;
    case SimReader::Stop::failed:
      if (outcome.how == How::pending) outcome.how = How::nothing;
      outcome.error = reader.error();
      break;
    case SimReader::Stop::late: {
      bool left = request.leaves_after && engine_.now() >= outcome.began + *request.leaves_after;
      outcome.how = left ? How::left : How::late;
      break;
    }
    case SimReader::Stop::malformed:
      outcome.how = How::malformed;
      outcome.complaint = reader.complaint();
      break;
  }
}

}  // namespace gg
