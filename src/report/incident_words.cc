// SPDX-License-Identifier: Apache-2.0
#include "report/incident_words.h"

#include <fmt/format.h>

#include <algorithm>

#include "fault/catalogue.h"
#include "report/record_words.h"
#include "tls/tls_error.h"

namespace gg {
namespace {

std::string counted(std::uint64_t count, std::string_view noun) {
  return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s");
}

std::string range_text(const DurationRange& range) {
  std::string least = duration_text(range.least);
  std::string most = duration_text(range.most);
  return least == most ? least : least + " to " + most;
}

void add(std::vector<std::string>& all, std::string text) {
  if (!text.empty()) all.push_back(std::move(text));
}

std::string times_text(std::uint64_t count) {
  return count == 1 ? "once" : fmt::format("{} times", count);
}

std::string endings_of(const IncidentEvidence& evidence) {
  if (evidence.resets == 0 && evidence.orderly_ends == 0) return "";
  if (evidence.orderly_ends == 0)
    return "the connection was reset (RST) " + times_text(evidence.resets);
  if (evidence.resets == 0)
    return "the connection was ended in order (FIN) " + times_text(evidence.orderly_ends);
  return fmt::format("the connection was reset (RST) {} and ended in order (FIN) {}",
                     times_text(evidence.resets), times_text(evidence.orderly_ends));
}

std::string protocol_of(const Incident& incident) {
  const IncidentEvidence& evidence = incident.evidence;
  bool is_end = evidence.orderly_ends > 0;
  if (evidence.message_error != MessageError::none && !is_end)
    return fmt::format("what is wrong with the response: {}", text_of(evidence.message_error));
  if (evidence.verify_code != 0)
    return fmt::format("the certificate was refused: {}",
                       text_of_verification(evidence.verify_code));
  if (evidence.protocol_code == 0) return "";
  std::string_view name = text_of_alert(static_cast<std::uint8_t>(evidence.protocol_code));
  bool is_alert = row_of(incident.key.fault).stage == Stage::tls && !name.empty();
  return is_alert ? fmt::format("TLS alert {} ({})", evidence.protocol_code, name)
                  : fmt::format("protocol error code {}", evidence.protocol_code);
}

/// "timeouts.first_byte of upstream app, now 60 s": where to turn.
std::string setting(const UpstreamConfig& upstream, std::string_view key, Duration value) {
  return fmt::format("upstreams.{}.{} (now {})", upstream.name, key,
                     value <= Duration::zero() ? "none" : duration_text(value));
}

std::string port_of(std::string_view endpoint) {
  std::size_t colon = endpoint.rfind(':');
  return colon == std::string_view::npos ? "" : std::string(endpoint.substr(colon + 1));
}

std::string race_remedy(const Incident& incident, const UpstreamConfig& upstream) {
  const DurationRange& idle = incident.evidence.idle;
  if (idle.count == 0) return "";
  Duration safe = idle.least * 3 / 4;
  bool is_by_time = idle.least >= 500ms;
  if (!is_by_time) {
    return fmt::format(
        "The endpoint closes connections that were idle for no more than {}: look for a limit on "
        "requests per connection, or for workers that end.",
        duration_text(idle.most));
  }
  return fmt::format(
      "The endpoint closes idle connections after about {}: let it keep them longer than {}, or "
      "set "
      "that to {}.",
      duration_text(idle.least), setting(upstream, "keep_alive.idle", upstream.keep_alive.idle),
      duration_text(safe));
}

std::string first_bytes_remedy(const Incident& incident) {
  std::string_view bytes = incident.evidence.first_bytes;
  bool is_tls = bytes.starts_with("\\x15\\x03") || bytes.starts_with("\\x16\\x03");
  if (is_tls) {
    return fmt::format("It speaks TLS on that port: write https://{} in upstreams.{}.endpoints.",
                       incident.key.endpoint, incident.key.upstream);
  }
  if (bytes.starts_with("SSH-")) return "An SSH server answers on that port: correct the port.";
  return "";
}

/// The evidence of an answer is who behind the endpoint gave it, if that is known.
std::string hop_remedy(const Incident& incident) {
  const std::string& hop = incident.evidence.first_bytes;
  if (hop.empty()) return "";
  return fmt::format("It comes from a gateway behind {}. Mend it there: {}.", incident.key.endpoint,
                     hop);
}

std::string authority_remedy(const Incident& incident) {
  return fmt::format(
      "`goodgate doctor https://{}` shows the certificate; upstreams.{}.tls.ca names the file of "
      "an authority to trust.",
      incident.key.endpoint, incident.key.upstream);
}

/// Whether the network, a service that does not read, or a service that does not answer was waited
/// for.
void add_whereabouts(std::vector<std::string>& all, const IncidentEvidence& evidence) {
  auto say = [&](std::uint64_t count, std::string_view what) {
    if (count == 0) return;
    add(all, count == evidence.attempts
                 ? std::string(what)
                 : fmt::format("in {} of {}, {}", count, evidence.attempts, what));
  };
  say(evidence.on_the_way,
      "the endpoint's machine did not even acknowledge the packets: look at the way there, and at "
      "the machine");
  say(evidence.before_the_door,
      "the endpoint's machine had no room for more: the service does not read what it is sent");
  say(evidence.inside,
      "the endpoint's machine had acknowledged the whole request: the service itself was silent");
}

/// What the evidence says beyond the catalogue's sentence, with settings and values.
std::string particular_remedy(const Incident& incident, const UpstreamConfig& upstream) {
  const IncidentEvidence& evidence = incident.evidence;
  const std::string& endpoint = incident.key.endpoint;
  switch (incident.key.fault) {
    case Fault::keep_alive_race:
      return race_remedy(incident, upstream);
    case Fault::connect_refused:
      return fmt::format(
          "Nothing accepts connections at {}: start the service, or correct "
          "upstreams.{}.endpoints. "
          "On that machine `ss -ltn sport = :{}` shows who listens.",
          endpoint, upstream.name, port_of(endpoint));
    case Fault::connect_timeout:
      return fmt::format(
          "{} does not answer within {}: see whether the machine runs, and whether a firewall "
          "drops "
          "packets to port {}.",
          endpoint, setting(upstream, "timeouts.connect", upstream.timeouts.connect),
          port_of(endpoint));
    case Fault::head_timeout:
      return fmt::format(
          "Answers take longer than {}. If they may, raise it; else look at what that service "
          "waits "
          "for.",
          setting(upstream, "timeouts.first_byte", upstream.timeouts.first_byte));
    case Fault::body_timeout:
    case Fault::send_timeout:
      return fmt::format("The transfer stood still for longer than {}.",
                         setting(upstream, "timeouts.idle", upstream.timeouts.idle));
    case Fault::upstream_error_status:
      return hop_remedy(incident);
    case Fault::tls_untrusted_certificate:
      return authority_remedy(incident);
    case Fault::closed_after_long_wait:
      return fmt::format(
          "The service gives up after {} by itself: raise the timeout of its workers, or make the "
          "work quicker.",
          range_text(evidence.waited));
    case Fault::not_http:
      return first_bytes_remedy(incident);
    case Fault::tls_not_spoken:
      return fmt::format(
          "It speaks no TLS on that port: write http://{} in upstreams.{}.endpoints.", endpoint,
          upstream.name);
    case Fault::connection_limit_reached:
      return fmt::format("Raise upstreams.{}.limits.connections (now {}), or add endpoints.",
                         upstream.name, upstream.limits.connections);
    case Fault::queue_full:
    case Fault::queue_wait_exceeded:
      return fmt::format(
          "More comes than the endpoints answer: add endpoints. Waiting longer is "
          "upstreams.{}.limits.queue (depth {}, wait {}).",
          upstream.name, upstream.limits.queue.depth, duration_text(upstream.limits.queue.wait));
    default:
      return "";
  }
}

const UpstreamConfig* upstream_of(const Incident& incident, const Config& config) {
  auto found = std::ranges::find(config.upstreams, incident.key.upstream, &UpstreamConfig::name);
  return found == config.upstreams.end() ? nullptr : &*found;
}

}  // namespace

std::string title_of(const Incident& incident) {
  std::string text(name_of(incident.key.fault));
  if (!incident.key.endpoint.empty()) text += " at " + incident.key.endpoint;
  if (!incident.key.upstream.empty()) text += " of " + incident.key.upstream;
  return text;
}

std::vector<std::string> evidence_of(const Incident& incident) {
  const IncidentEvidence& evidence = incident.evidence;
  std::vector<std::string> all;
  if (evidence.attempts == 0) return all;
  bool says_errno = evidence.error_number != 0 && evidence.resets == 0;
  if (says_errno) add(all, "the kernel said " + errno_text(evidence.error_number));
  add(all, endings_of(evidence));
  add(all, protocol_of(incident));
  if (evidence.status != 0) add(all, fmt::format("the endpoint answered {}", evidence.status));
  if (!evidence.first_bytes.empty()) {
    bool is_hop = evidence.status != 0 && evidence.message_error == MessageError::none;
    add(all, is_hop ? "a gateway behind it gave up: " + evidence.first_bytes
                    : fmt::format("the first bytes were \"{}\"", evidence.first_bytes));
  }
  if (evidence.idle.count > 0) {
    add(all, fmt::format("{} of {} on kept connections, idle for {} before", evidence.on_reused,
                         counted(evidence.attempts, "attempt"), range_text(evidence.idle)));
  } else {
    add(all, counted(evidence.attempts, "attempt") + ", none on a kept connection");
  }
  add_whereabouts(all, evidence);
  add(all, "failed after " + range_text(evidence.waited));
  return all;
}

std::vector<std::string> deeds_of(const Incident& incident) {
  std::vector<std::string> all;
  if (incident.rescued > 0) {
    all.push_back(
        fmt::format("rescued {} by another attempt", counted(incident.rescued, "request")));
  }
  for (std::size_t i = 0; i < retry_count; ++i) {
    if (incident.unrescued[i] == 0) continue;
    std::string_view why = retry_text(static_cast<Retry>(i));
    if (why.empty()) why = "no attempt could be made at all";
    all.push_back(
        fmt::format("could not rescue {}: {}", counted(incident.unrescued[i], "request"), why));
  }
  for (const Change& change : incident.during) {
    if (change.kind == Change::Kind::health) all.push_back(change.text);
  }
  return all;
}

std::vector<std::string> remedies_of(const Incident& incident, const Config& config) {
  std::vector<std::string> all;
  const UpstreamConfig* upstream = upstream_of(incident, config);
  if (upstream != nullptr) add(all, particular_remedy(incident, *upstream));
  add(all, std::string(row_of(incident.key.fault).remedy));
  auto unrescued = [&](Retry why) { return incident.unrescued[static_cast<std::size_t>(why)]; };
  if (unrescued(Retry::no_budget_left) > 0) {
    add(all,
        fmt::format("Only the retry budget kept {} from another attempt: "
                    "upstreams.{}.retry_budget.",
                    counted(unrescued(Retry::no_budget_left), "request"), incident.key.upstream));
  }
  if (unrescued(Retry::no_request_may_have_run) > 0) {
    add(all,
        "Where the service knows repeated requests by their Idempotency-Key, "
        "routes[].retry.idempotency_key lets the gateway send them again.");
  }
  bool is_alone = upstream != nullptr && upstream->endpoints.size() == 1 && incident.failed > 0 &&
                  unrescued(Retry::no_endpoint_left) > 0;
  if (is_alone) {
    add(all, fmt::format("Upstream {} has one endpoint: with a second one the gateway could have "
                         "gone there.",
                         upstream->name));
  }
  return all;
}

std::string beginning_text(const Incident& incident) {
  const FaultRow& row = row_of(incident.key.fault);
  std::string text = fmt::format("incident {} began: {} ({}, {}), {} failed, {} rescued",
                                 incident.id, title_of(incident), row.id, name_of(row.blame),
                                 incident.failed, incident.rescued);
  if (incident.explained_by != 0)
    text += fmt::format(", probably because of incident {}", incident.explained_by);
  return text + fmt::format("; `goodgate incidents {}` tells more", incident.id);
}

std::string ending_text(const Incident& incident) {
  Duration lasted =
      std::chrono::microseconds(incident.ended.microseconds - incident.began.microseconds);
  return fmt::format("incident {} is over after {}: {}, {} failed, {} rescued", incident.id,
                     duration_text(lasted), title_of(incident), incident.failed, incident.rescued);
}

}  // namespace gg
