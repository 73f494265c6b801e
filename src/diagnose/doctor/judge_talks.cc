// SPDX-License-Identifier: Apache-2.0
// The judgement of requests that failed.
#include <fmt/format.h>

#include <algorithm>

#include "diagnose/doctor/judge_parts.h"
#include "diagnose/doctor/words.h"
#include "fault/catalogue.h"

namespace gg {

namespace {

void explain_wait(const AddressFacts& address, const TalkFacts& talk, Finding& found) {
  if (talk.unacknowledged > 0) {
    found.blame = Blame::network;
    found.what = "The request was sent, and its packets are not even acknowledged.";
    found.remedy = "Look for a link on the way that drops large packets (path MTU) or all of them.";
    found.proof =
        fmt::format("nothing for {}, {} packets without an acknowledgement, {} sent again",
                    shown(talk.took), talk.unacknowledged, talk.retransmits);
    return;
  }
  found.proof = fmt::format("the machine has acknowledged the whole request, the service {} for {}",
                            talk.first_bytes.empty() ? "says nothing" : "does not finish the head",
                            shown(talk.took));
  if (address.not_accepted.value_or(0) == 0) return;
  found.what = "The kernel took the connection; the service does not accept it.";
  found.remedy = "See what the service is busy or stuck with: it takes no new connections.";
  found.proof += fmt::format("; {} connections wait to be accepted", *address.not_accepted);
}

/// What else than HTTP the first bytes may be.
std::string_view protocol_of(std::string_view bytes) {
  if (bytes.starts_with("SSH-")) return "SSH";
  if (bytes.starts_with("\x15\x03") || bytes.starts_with("\x16\x03")) return "TLS";
  bool is_frame = bytes.size() >= 9 && bytes[0] == 0 && bytes[3] == 4;
  if (is_frame) return "HTTP/2";
  if (bytes.starts_with("220 ") || bytes.starts_with("220-")) return "SMTP or FTP";
  if (bytes.starts_with("-ERR") || bytes.starts_with("+OK"))
    return "Redis, or another line protocol";
  return {};
}

void explain_noise(const AddressFacts& address, const TalkFacts& talk, Finding& found) {
  std::string_view protocol = protocol_of(talk.first_bytes);
  found.proof = fmt::format("its first bytes: {}", escaped(talk.first_bytes));
  if (address.speaks_tls == true || protocol == "TLS") {
    found.what = "The port speaks TLS, not plain HTTP.";
    found.remedy = "Write https:// in place of http://.";
  } else if (protocol == "HTTP/2") {
    found.what = "The port speaks HTTP/2 alone.";
    found.remedy =
        "Let the gateway speak HTTP/2 to it (upstreams.*.http2: always; `goodgate doctor --http2` "
        "looks that way), or the service HTTP/1.1 too.";
  } else if (!protocol.empty()) {
    found.what = fmt::format("What listens on this port speaks {}, not HTTP.", protocol);
    found.remedy = "Correct the port.";
  }
}

void explain_silence(const AddressFacts& address, const TalkFacts& talk, Finding& found) {
  found.proof = fmt::format("closed {} after the request, without a byte", shown(talk.took));
  explain_proxy_header(address, found);
}

/// It never said hello in HTTP/2.
void explain_no_greeting(const TalkFacts& talk, Finding& found) {
  found.proof = fmt::format("nothing for {} after HTTP/2 was begun", shown(talk.took));
  if (talk.fault == Fault::connect_timeout) {
    found.what = "It takes the connection, and never says hello in HTTP/2 (SETTINGS).";
    found.remedy = "See whether the service speaks HTTP/2 on this port without being asked.";
  } else if (talk.fault == Fault::not_http) {
    found.proof = fmt::format("its first bytes: {}", escaped(talk.first_bytes));
    if (!talk.first_bytes.starts_with("HTTP/1")) return;
    found.blame = Blame::operator_;
    found.what = "The port speaks HTTP/1.1, not HTTP/2.";
    found.remedy = "Take http2: always away from the upstream, or switch HTTP/2 on in the service.";
  } else {
    found.what = "It ends the connection in place of saying hello in HTTP/2.";
    found.remedy = "See whether the service speaks HTTP/2 on this port.";
    found.proof = fmt::format("the connection ended {} after HTTP/2 was begun", shown(talk.took));
  }
}

void explain_hop(const TalkFacts& talk, Finding& found) {
  std::optional<GuiltyHop> hop = guilty_hop_of(talk.status, talk.hops);
  if (!hop) {
    found.proof =
        fmt::format("status {}; nothing says that it came from further behind", talk.status);
    return;
  }
  std::string with = hop->next.empty() ? "what is behind it" : hop->next;
  std::string where = hop->before > 0
                          ? fmt::format("behind this endpoint ({} further on)", hop->before)
                          : "at this endpoint or behind it";
  found.what = fmt::format("The {} comes from {}, a gateway {}.", talk.status, hop->name, where);
  found.proof = hop->evidence;
  if (hop->cause == Fault::none) {
    found.remedy = fmt::format("Look there: its error log says what it met with {}.", with);
    return;
  }
  const FaultRow& row = row_of(hop->cause);
  found.what += fmt::format(" It met {} ({}) with {}.", row.name, row.id, with);
  found.blame = row.blame;
  found.remedy = fmt::format("Mend it there. {}", row.remedy);
}

void explain_message(const DoctorFacts& facts, const TalkFacts& talk, Finding& found) {
  switch (found.cause) {
    case Fault::body_excess:
      found.proof = fmt::format("{} bytes more than announced", talk.excess_bytes);
      return;
    case Fault::body_truncated:
    case Fault::body_reset:
      found.proof =
          fmt::format("{} bytes of the body came, then the connection ended", talk.body_bytes);
      return;
    case Fault::body_decode_failed:
      found.proof = fmt::format(
          "Content-Encoding: gzip, and {} bytes that are none, or not all of it", talk.body_bytes);
      return;
    case Fault::body_timeout:
      found.proof = fmt::format("{} bytes of the body came, then nothing", talk.body_bytes);
      return;
    case Fault::closed_after_long_wait:
      found.proof = fmt::format("closed without a byte after {}", shown(talk.took));
      if (facts.target.timeouts && facts.target.timeouts->first_byte > talk.took) {
        found.remedy = fmt::format(
            "Let the worker's timeout be longer than the gateway's (upstreams.{}.timeouts."
            "first_byte, now {}): who waits should be the one who gives up.",
            facts.target.upstream, shown(facts.target.timeouts->first_byte));
      }
      return;
    default:
      break;
  }
  if (talk.message == MessageError::none) return;
  found.proof = fmt::format("{}", text_of(talk.message));
  std::string_view code = name_of_http2_error(talk.message, talk.error_number);
  if (!code.empty()) found.proof += fmt::format(", {} ({})", code, talk.error_number);
  if (!talk.first_bytes.empty()) found.proof += ": " + escaped(talk.first_bytes);
}

void explain(const DoctorFacts& facts, const AddressFacts& address, const TalkFacts& talk,
             Finding& found) {
  bool has_no_greeting = address.http2 && !address.http2->has_greeted;
  if (has_no_greeting) return explain_no_greeting(talk, found);
  switch (talk.fault) {
    case Fault::head_timeout:
      explain_wait(address, talk, found);
      break;
    case Fault::not_http:
      explain_noise(address, talk, found);
      break;
    case Fault::closed_before_head:
      explain_silence(address, talk, found);
      break;
    case Fault::upstream_error_status:
      explain_hop(talk, found);
      break;
    case Fault::keep_alive_race:
      found.what =
          "The endpoint closes a kept-alive connection as the next request comes, without "
          "having said so.";
      found.proof = fmt::format("a second request on the same connection got a reset after {}",
                                shown(talk.took));
      break;
    case Fault::tls_client_certificate_rejected:
      found.what =
          facts.target.tls.cert.empty()
              ? "The endpoint demands a certificate of its clients, and none is configured."
              : std::string(row_of(found.cause).meaning);
      found.remedy =
          "Give the gateway one that the endpoint trusts: tls: { cert: FILE, key: FILE }.";
      found.proof = fmt::format("the alert {} ({}) in place of an answer", talk.alert,
                                text_of_alert(static_cast<std::uint8_t>(talk.alert)));
      break;
    default:
      explain_message(facts, talk, found);
      break;
  }
}

/// It said hello in HTTP/2, and that was all.
void judge_no_room(const AddressFacts& address, std::vector<Finding>& findings) {
  Finding found = finding_of(Fault::goaway_unprocessed);
  bool is_told = address.http2->was_told_to_go;
  found.what = is_told ? "It says hello in HTTP/2 and ends the connection before any request."
                       : "It says in HTTP/2 that it takes no request (MAX_CONCURRENT_STREAMS 0).";
  found.proof = fmt::format("{}: {}", to_text(address.address), words_of(*address.http2));
  findings.push_back(std::move(found));
}

/// One was sent, and answered as a request that makes no sense.
void judge_needless_proxy_header(const AddressFacts& address, std::vector<Finding>& findings) {
  Finding found = finding_of(Fault::upstream_error_status);
  explain_proxy_header(address, found);
  found.cause = Fault::none;
  found.proof = to_text(address.address) + ": " + found.proof;
  findings.push_back(std::move(found));
}

}  // namespace

void explain_lost_packets(const AddressFacts& address, Finding& found) {
  if (!address.answers_small_segments) return;
  found.blame = Blame::network;
  found.what = "Large packets of its answer are lost on the way, small ones arrive (path MTU).";
  found.remedy =
      "Let routers and firewalls on the way pass ICMP (fragmentation needed; packet too big), or "
      "keep packets small: a smaller MTU on both machines, or MSS clamping on the router.";
  found.proof += "; asked again in segments of 536 bytes, it answered";
}

void explain_proxy_header(const AddressFacts& address, Finding& found) {
  if (address.answers_without_proxy_header == true) {
    found.blame = Blame::operator_;
    found.what = "The endpoint expects no PROXY header, and gets one.";
    found.remedy =
        "Take proxy_protocol away from the upstream, or let the service expect it (nginx: "
        "proxy_protocol in listen; HAProxy: accept-proxy).";
    found.proof = "a connection that began without it was answered";
  }
  if (address.answers_proxy_header != true) return;
  found.blame = Blame::operator_;
  found.what = "The endpoint expects a PROXY header before the request, and got none.";
  found.remedy =
      "Let the gateway send one (upstreams.*.proxy_protocol: v1 or v2; `goodgate doctor "
      "--proxy-protocol v1` looks that way), or switch it off in the service (nginx: "
      "proxy_protocol in listen; HAProxy: accept-proxy).";
  found.proof = "a connection that began with PROXY UNKNOWN was answered";
}

void judge_talks(const DoctorFacts& facts, const AddressFacts& address,
                 std::vector<Finding>& findings) {
  auto has_failed = [](const TalkFacts& talk) { return talk.fault != Fault::none; };
  auto first = std::ranges::find_if(address.talks, has_failed);
  bool had_no_chance = address.talks.empty() && address.http2 && address.http2->has_greeted;
  if (had_no_chance) return judge_no_room(address, findings);
  if (first == address.talks.end()) {
    if (address.answers_without_proxy_header == true) {
      judge_needless_proxy_header(address, findings);
    }
    return;
  }
  auto failed = std::ranges::count_if(address.talks, has_failed);
  Finding found = finding_of(first->fault);
  explain(facts, address, *first, found);
  bool is_wait = found.cause == Fault::head_timeout || found.cause == Fault::body_timeout;
  if (is_wait) explain_lost_packets(address, found);
  found.proof = to_text(address.address) + ": " + found.proof;
  bool is_now_and_then = static_cast<std::size_t>(failed) < address.talks.size();
  if (is_now_and_then) {
    found.proof += fmt::format("; {} of {} requests", failed, address.talks.size());
  }
  findings.push_back(std::move(found));
}

}  // namespace gg
