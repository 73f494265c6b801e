// SPDX-License-Identifier: Apache-2.0
// What the doctor saw, as plain data: filled by the probes, judged by judge.h, printed by
// text.h. Nothing here is an opinion.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/time.h"
#include "config/model.h"
#include "dns/name_survey.h"
#include "engine/address.h"
#include "engine/io_error.h"
#include "fault/fault.h"
#include "fault/hops.h"
#include "http/framing.h"
#include "http/message_error.h"
#include "tls/certificates.h"
#include "tls/peer_certificate.h"
#include "tls/tls_error.h"

namespace gg {

/// Whom to look at, and as whom the gateway would.
struct DoctorTarget {
  std::string url;  // as it was given
  EndpointUrl endpoint;
  std::string path = "/";
  UpstreamTls tls;
  /// Of a configuration: the upstream it stands in, and what that upstream waits for.
  std::string upstream;
  std::optional<UpstreamTimeouts> timeouts;
  std::optional<KeepAliveConfig> keep_alive;
  Http2Use http2 = Http2Use::automatic;
  ProxyHeaderUse proxy_protocol = ProxyHeaderUse::off;

  bool is_tls() const { return endpoint.scheme == Scheme::https; }
};

/// The way that the kernel takes to an address.
struct RouteFacts {
  std::string source;     // our address
  std::string interface;  // empty: not known
  std::string gateway;    // empty: directly
};

struct TcpFacts {
  std::optional<IoError> error;
  Duration took{};
  Duration round_trip{};  // as the kernel measured it
  std::uint32_t retransmits = 0;
  std::uint32_t path_mtu = 0;
};

struct TlsFacts {
  std::optional<TlsError> error;
  Duration took{};
  std::string version;
  std::string protocol;  // what ALPN agreed on
  std::optional<PeerCertificate> certificate;
  bool asked_for_certificate = false;
  /// Where TLS was not spoken: does the port answer plain HTTP?
  std::optional<bool> answers_plain;
};

/// One request and what came of it.
struct TalkFacts {
  Fault fault = Fault::none;
  MessageError message = MessageError::none;
  int error_number = 0;  // of the system, or of HTTP/2 where `message` has one
  int alert = 0;         // a TLS alert in place of an answer
  bool was_reused = false;
  int status = 0;
  Duration first_byte{};
  Duration took{};
  std::uint64_t head_bytes = 0;
  std::uint64_t body_bytes = 0;
  Framing::Kind framing = Framing::Kind::none;
  bool closes = false;  // said that the connection ends
  std::uint64_t excess_bytes = 0;
  std::uint32_t interim = 0;
  std::string coding;           // Content-Encoding
  bool is_undecodable = false;  // gzip that is none, or not all of it
  std::string first_bytes;      // of what could not be read as HTTP, at most 64
  std::optional<Duration> announced_idle;
  HopFacts hops;
  /// Of a wait in vain: what the endpoint's kernel had not acknowledged.
  std::uint32_t unacknowledged = 0;
  std::uint32_t retransmits = 0;
};

/// What the endpoint said of itself in HTTP/2.
struct Http2Facts {
  bool has_greeted = false;
  Duration took{};                // until it had
  std::size_t requests_most = 0;  // at a time
  bool was_told_to_go = false;    // by GOAWAY, or it closed, after `requests`
  std::size_t requests = 0;
};

/// How long a connection was left idle, and whether the endpoint closed it.
struct IdleFacts {
  Duration watched{};
  bool was_closed = false;
};

struct AddressFacts {
  Address address;
  RouteFacts route;
  TcpFacts tcp;
  std::optional<TlsFacts> tls;
  std::optional<Http2Facts> http2;  // if that is what was spoken
  std::vector<TalkFacts> talks;
  std::optional<IdleFacts> idle;
  /// After connections that ended without a word: was a PROXY header what was missing?
  std::optional<bool> answers_proxy_header;
  /// Where one was sent, and what came was no good: is it better without?
  std::optional<bool> answers_without_proxy_header;
  /// After a wait in vain: does an answer come if all packets are small?
  bool answers_small_segments = false;
  /// Of this machine's own addresses: connections that nobody has accepted yet.
  std::optional<std::uint64_t> not_accepted;
  /// After an answer that was no HTTP: is it TLS that the port speaks?
  std::optional<bool> speaks_tls;
};

/// This machine's own limits, as far as this user may read them.
struct LocalFacts {
  std::uint64_t ports_first = 0;
  std::uint64_t ports_last = 0;
  std::optional<std::uint64_t> waiting_sockets;  // in TIME_WAIT
  std::uint64_t descriptors = 0;
  std::optional<std::uint64_t> tracked;  // connections in conntrack
  std::optional<std::uint64_t> tracked_most;
  bool tracking_is_hidden = false;  // it is there, and may not be read
};

struct LoadFacts {
  std::uint32_t requests = 0;
  std::uint32_t at_once = 0;
  std::uint32_t failed = 0;
  Duration alone{};     // median of one request at a time
  Duration together{};  // median of so many at once
};

struct DoctorFacts {
  DoctorTarget target;
  bool is_literal = false;  // an address, no name
  NameSurvey names;
  std::optional<DnsError> name_error;
  std::vector<AddressFacts> addresses;
  LocalFacts local;
  std::optional<LoadFacts> load;
  WallTime when;
};

}  // namespace gg
