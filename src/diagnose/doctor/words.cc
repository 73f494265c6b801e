// SPDX-License-Identifier: Apache-2.0
#include "diagnose/doctor/words.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "diagnose/codes/sign.h"
#include "fault/catalogue.h"

namespace gg {

std::string shown(Duration duration) {
  double us = std::chrono::duration<double, std::micro>(duration).count();
  if (us < 1000) return fmt::format("{:.0f} us", us);
  if (us < 100e3) return fmt::format("{:.1f} ms", us / 1e3);
  if (us < 1e6) return fmt::format("{:.0f} ms", us / 1e3);
  if (us < 120e6) return fmt::format("{:.1f} s", us / 1e6);
  return fmt::format("{:.0f} min", us / 60e6);
}

std::string escaped(std::string_view bytes) {
  constexpr std::size_t most = 64;
  std::string text = "\"";
  for (char c : bytes.substr(0, most)) {
    bool is_plain = c >= ' ' && c <= '~' && c != '"' && c != '\\';
    if (is_plain) {
      text += c;
    } else if (c == '\r') {
      text += "\\r";
    } else if (c == '\n') {
      text += "\\n";
    } else {
      text += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
    }
  }
  return text + "\"";
}

namespace {

std::string list_of(const std::vector<Address>& addresses) {
  std::string text;
  for (const Address& address : addresses) text += (text.empty() ? "" : ", ") + ip_text(address);
  return text;
}

}  // namespace

std::string words_of(const NameSurvey& survey) {
  std::string text;
  if (!survey.in_hosts_file.empty()) text = "hosts file: " + list_of(survey.in_hosts_file);
  for (const ServerAnswer& answer : survey.servers) {
    text += text.empty() ? "" : "; ";
    text += answer.server + ": ";
    text += answer.error ? std::string(text_of(*answer.error))
                         : fmt::format("{} (for {})", list_of(answer.addresses), shown(answer.ttl));
  }
  if (survey.servers.empty() && text.empty()) text = "no name server is configured";
  if (!survey.search.empty()) {
    text += "; search:";
    for (const std::string& domain : survey.search) text += " " + domain;
  }
  return text;
}

std::string words_of(const RouteFacts& route) {
  if (route.interface.empty()) return "the kernel knows no route";
  std::string text = "by " + route.interface;
  if (!route.source.empty()) text += " from " + route.source;
  if (!route.gateway.empty()) text += " over " + route.gateway;
  return text;
}

std::string words_of(const Address& address, const TcpFacts& tcp) {
  if (tcp.error) {
    bool is_ours = tcp.error->kind == IoError::Kind::deadline;
    std::string why = is_ours                  ? "no answer to the connection request"
                      : tcp.error->number != 0 ? std::string(std::strerror(tcp.error->number))
                                               : std::string(text_of(tcp.error->kind));
    return fmt::format("{}: {}, after {}", to_text(address), why, shown(tcp.took));
  }
  std::string text = fmt::format("{}: open, {}", to_text(address), shown(tcp.took));
  if (tcp.round_trip > Duration::zero()) text += ", round trip " + shown(tcp.round_trip);
  if (tcp.path_mtu > 0) text += fmt::format(", path MTU {}", tcp.path_mtu);
  if (tcp.retransmits > 0) text += fmt::format(", {} packets sent again", tcp.retransmits);
  return text;
}

std::string words_of(const TlsFacts& tls) {
  std::string text = tls.error ? "failed: " + describe(*tls.error)
                               : fmt::format("{} in {}", tls.version, shown(tls.took));
  if (!tls.protocol.empty()) text += ", " + tls.protocol;
  if (tls.certificate) {
    const PeerCertificate& shown_one = *tls.certificate;
    text += ", for ";
    for (std::size_t i = 0; i < std::min<std::size_t>(shown_one.names.size(), 3); ++i)
      text += (i == 0 ? "" : " ") + shown_one.names[i];
    text += fmt::format(", by {}, until {}", shown_one.issuer, date_of(shown_one.valid_until));
  }
  if (tls.asked_for_certificate) text += ", asks for a client certificate";
  return text;
}

std::string words_of(const Http2Facts& http2) {
  if (!http2.has_greeted) return fmt::format("no SETTINGS for {}", shown(http2.took));
  std::string text =
      fmt::format("SETTINGS in {}, {} requests at a time", shown(http2.took), http2.requests_most);
  if (http2.was_told_to_go) text += fmt::format(", at its end after {}", http2.requests);
  return text;
}

std::string_view name_of_http2_error(MessageError message, int code) {
  bool has_code =
      message == MessageError::http2_violation || message == MessageError::stream_reset ||
      message == MessageError::stream_refused || message == MessageError::goaway_unprocessed;
  if (!has_code) return {};
  std::span<const Sign> all = http2_errors();
  auto found = std::ranges::find(all, std::to_string(code), &Sign::code);
  return found == all.end() ? std::string_view() : found->name;
}

std::string words_of(const std::vector<TalkFacts>& talks) {
  const TalkFacts& first = talks.front();
  std::string text = fmt::format("{} request{}: ", talks.size(), talks.size() == 1 ? "" : "s");
  for (std::size_t i = 0; i < talks.size(); ++i) {
    const TalkFacts& talk = talks[i];
    if (i > 0) text += ' ';
    if (talk.fault != Fault::none && talk.fault != Fault::upstream_error_status) {
      text += name_of(talk.fault);
    } else {
      text += std::to_string(talk.status);
    }
    if (talk.was_reused) text += '+';
  }
  if (first.status == 0) return text;
  text += fmt::format("; first byte {}, head {} bytes", shown(first.first_byte), first.head_bytes);
  if (first.framing == Framing::Kind::chunked) text += ", chunked";
  if (first.framing == Framing::Kind::until_close) text += ", ends with the connection";
  text += fmt::format(", body {} bytes", first.body_bytes);
  if (!first.coding.empty()) text += " (" + first.coding + ")";
  if (first.interim > 0) text += fmt::format(", {} interim responses", first.interim);
  if (first.closes) text += ", Connection: close";
  if (!first.hops.server.empty()) text += ", Server: " + escaped(first.hops.server);
  return text;
}

std::string words_of(const IdleFacts& idle) {
  if (idle.was_closed) return fmt::format("closed by the endpoint after {}", shown(idle.watched));
  return fmt::format("still open after {} (--patience waits longer)", shown(idle.watched));
}

std::string words_of(const LocalFacts& local) {
  std::string text = fmt::format("ports {} to {}", local.ports_first, local.ports_last);
  if (local.waiting_sockets) text += fmt::format(", {} in TIME_WAIT", *local.waiting_sockets);
  text += fmt::format("; {} descriptors", local.descriptors);
  if (local.tracked && local.tracked_most) {
    text += fmt::format("; conntrack {} of {}", *local.tracked, *local.tracked_most);
  } else if (local.tracking_is_hidden) {
    text += "; conntrack cannot be read by this user";
  }
  return text;
}

std::string words_of(const LoadFacts& load) {
  return fmt::format("{} alone, {} with {} at once, {} of {} failed", shown(load.alone),
                     shown(load.together), load.at_once, load.failed, load.requests);
}

}  // namespace gg
