// SPDX-License-Identifier: Apache-2.0
#include "diagnose/doctor/judge.h"

#include <fmt/format.h>

#include <algorithm>

#include "config/units.h"
#include "diagnose/doctor/judge_parts.h"
#include "diagnose/doctor/words.h"
#include "fault/catalogue.h"
#include "fault/classify.h"

namespace gg {

namespace {

/// What a pool of 60 s or more of the usual gateways does with it.
constexpr Duration usual_gateway_idle = 60s;
constexpr Duration slow_answer = 1s;
constexpr std::uint64_t large_head = 32 * 1024;

/// The hosts file comes first, whatever name servers say.
void judge_hosts_file(const DoctorFacts& facts, std::vector<Finding>& findings) {
  const std::vector<Address>& own = facts.names.in_hosts_file;
  if (own.empty()) return;
  auto differs = [&own](const ServerAnswer& answer) {
    return !answer.addresses.empty() && std::ranges::none_of(answer.addresses, [&](Address one) {
      return std::ranges::find(own, one) != own.end();
    });
  };
  if (std::ranges::none_of(facts.names.servers, differs)) return;
  findings.push_back({.weight = Weight::note,
                      .blame = Blame::operator_,
                      .what = fmt::format("This machine's hosts file has another address for {} "
                                          "than the name servers.",
                                          facts.names.name),
                      .remedy = "Take the line out of /etc/hosts unless it is meant.",
                      .proof = words_of(facts.names)});
}

void judge_names(const DoctorFacts& facts, std::vector<Finding>& findings) {
  if (facts.name_error) {
    Finding found = finding_of(classify(*facts.name_error));
    found.proof = fmt::format("{}: {}", facts.target.endpoint.host, words_of(facts.names));
    findings.push_back(std::move(found));
    return;
  }
  if (facts.is_literal) return;
  judge_hosts_file(facts, findings);
  const ServerAnswer* first = nullptr;
  for (const ServerAnswer& answer : facts.names.servers) {
    if (answer.error == DnsError::timeout || answer.error == DnsError::server_failure ||
        answer.error == DnsError::no_resolver) {
      Finding found = finding_of(classify(*answer.error));
      found.weight = Weight::risk;
      found.what = fmt::format("The name server {} does not answer for {}.", answer.server,
                               facts.names.name);
      found.proof = words_of(facts.names);
      findings.push_back(std::move(found));
    } else if (first == nullptr) {
      first = &answer;
    } else if (answer.addresses != first->addresses) {
      findings.push_back(
          {.weight = Weight::risk,
           .cause = Fault::dns_stale_answer,
           .blame = Blame::operator_,
           .what = fmt::format("The name servers disagree about {}.", facts.names.name),
           .remedy = "Find out which answer is right, unless it changes by intent "
                     "with every question.",
           .proof = words_of(facts.names)});
    }
  }
}

void judge_idle(const DoctorFacts& facts, const AddressFacts& address,
                std::vector<Finding>& findings) {
  if (address.talks.empty()) return;
  const TalkFacts& last = address.talks.back();
  std::optional<Duration> closes_after = last.announced_idle;
  bool was_seen = address.idle && address.idle->was_closed;
  if (was_seen) closes_after = address.idle->watched;
  Duration ours = facts.target.keep_alive ? facts.target.keep_alive->idle : usual_gateway_idle;
  if (!closes_after || *closes_after > ours) return;
  std::string after = shown(*closes_after);
  Finding found = finding_of(Fault::keep_alive_race);
  found.weight = facts.target.keep_alive && !was_seen ? Weight::note : Weight::risk;
  found.what = fmt::format(
      "It closes idle connections after {}, before a gateway does that keeps "
      "them for {}: requests sent just then fail.",
      after, shown(ours));
  found.remedy = fmt::format(
      "Let the service keep idle connections for more than {}, or the gateway for less than {} "
      "(nginx: keepalive_timeout in the upstream block; Goodgate learns it by itself).",
      shown(ours), after);
  found.proof =
      was_seen ? fmt::format("{}: closed after {} of idleness", to_text(address.address), after)
               : fmt::format("{}: Keep-Alive: timeout={}", to_text(address.address), after);
  findings.push_back(std::move(found));
}

void judge_manners(const DoctorFacts& facts, const AddressFacts& address,
                   std::vector<Finding>& findings) {
  if (address.talks.empty()) return;
  bool is_measured = facts.target.timeouts.has_value();  // by judge_timeouts()
  Duration limit = is_measured ? facts.target.timeouts->first_byte : Duration::zero();
  std::string who = to_text(address.address);
  Duration slowest{};
  std::uint64_t largest = 0;
  for (const TalkFacts& talk : address.talks) {
    if (talk.fault != Fault::none) return;
    slowest = std::max(slowest, talk.first_byte);
    largest = std::max(largest, talk.head_bytes);
  }
  const TalkFacts& last = address.talks.back();
  bool is_judged = is_measured && slowest * 2 >= limit;
  if (slowest >= slow_answer && !is_judged) {
    Finding found = finding_of(Fault::head_timeout);
    found.weight = Weight::risk;
    found.what = "It answers, but slowly.";
    found.proof = fmt::format("{}: {} to the first byte", who, shown(slowest));
    findings.push_back(std::move(found));
  }
  if (largest >= large_head) {
    Finding found = finding_of(Fault::head_too_large);
    found.weight = Weight::risk;
    found.what = "The head of its response is near the limit of 64 KiB, and beyond that of others.";
    found.proof = fmt::format("{}: {} bytes", who, largest);
    findings.push_back(std::move(found));
  }
  if (last.status >= 500) {
    findings.push_back({.weight = Weight::risk,
                        .blame = Blame::upstream,
                        .what = fmt::format("It answers {}: the application fails, not the way to "
                                            "it.",
                                            last.status),
                        .remedy = "Look at the application's own log.",
                        .proof = fmt::format("{}: status {}", who, last.status)});
  }
  bool is_soon_over = address.http2 && address.http2->was_told_to_go && last.fault == Fault::none;
  if (is_soon_over) {
    findings.push_back({.weight = Weight::note,
                        .blame = Blame::upstream,
                        .what = fmt::format("It ends an HTTP/2 connection after {} requests.",
                                            address.http2->requests),
                        .remedy = "Let the service take more requests on one connection.",
                        .proof = fmt::format("{}: GOAWAY, or the end of the connection", who)});
  }
  if (last.closes) {
    findings.push_back({.weight = Weight::note,
                        .blame = Blame::upstream,
                        .what = "It closes the connection after every answer, so each request pays "
                                "for a new one.",
                        .remedy = "Switch keep-alive on in the service.",
                        .proof = fmt::format("{}: Connection: close, or HTTP/1.0", who)});
  }
}

/// What the gateway of a configuration waits for, beside what was seen.
void judge_timeouts(const DoctorFacts& facts, const AddressFacts& address,
                    std::vector<Finding>& findings) {
  if (!facts.target.timeouts || address.talks.empty()) return;
  Duration slowest{};
  for (const TalkFacts& talk : address.talks) {
    if (talk.fault == Fault::none) slowest = std::max(slowest, talk.first_byte);
  }
  Duration limit = facts.target.timeouts->first_byte;
  if (slowest * 2 < limit) return;
  Finding found = finding_of(Fault::head_timeout);
  found.weight = slowest < limit ? Weight::risk : Weight::wrong;
  found.what = slowest < limit ? "It answers, in more than half of the time that the gateway waits."
                               : "It answers later than the gateway waits.";
  found.remedy = fmt::format("Make it faster, or raise upstreams.{}.timeouts.first_byte (now {}).",
                             facts.target.upstream, shown(limit));
  found.proof = fmt::format("{}: {} to the first byte", to_text(address.address), shown(slowest));
  findings.push_back(std::move(found));
}

void judge_local(const LocalFacts& local, std::vector<Finding>& findings) {
  std::uint64_t ports = local.ports_last - local.ports_first + 1;
  bool runs_out_of_ports =
      local.ports_last > 0 && local.waiting_sockets && *local.waiting_sockets * 10 > ports * 8;
  if (runs_out_of_ports) {
    Finding found = finding_of(Fault::ports_exhausted);
    found.weight = Weight::risk;
    found.what = "This machine is about to run out of ports to connect from.";
    found.proof = fmt::format("{} sockets in TIME_WAIT, {} ports", *local.waiting_sockets, ports);
    findings.push_back(std::move(found));
  }
  bool is_tracking_full =
      local.tracked && local.tracked_most && *local.tracked * 10 > *local.tracked_most * 9;
  if (is_tracking_full) {
    Finding found = finding_of(Fault::path_drops_connections);
    found.weight = Weight::risk;
    found.what =
        "This machine's table of tracked connections is nearly full; beyond that, new "
        "connections are dropped.";
    found.remedy = "Raise net.netfilter.nf_conntrack_max.";
    found.proof = fmt::format("{} of {} entries", *local.tracked, *local.tracked_most);
    findings.push_back(std::move(found));
  }
}

void judge_load(const std::optional<LoadFacts>& load, std::vector<Finding>& findings) {
  if (!load) return;
  if (load->failed > 0) {
    Finding found = finding_of(Fault::accept_queue_overflow);
    found.weight = Weight::wrong;
    found.what = "It fails requests that come at the same time.";
    found.proof =
        fmt::format("{} of {} failed, {} at once", load->failed, load->requests, load->at_once);
    findings.push_back(std::move(found));
    return;
  }
  bool queues = load->together > 4 * load->alone && load->together > 50ms;
  if (!queues) return;
  findings.push_back(
      {.weight = Weight::note,
       .blame = Blame::upstream,
       .what = "Requests that come at the same time wait for each other.",
       .remedy = "Give it more workers, or a limit of concurrent requests before it.",
       .proof = fmt::format("{} alone, {} with {} at once", shown(load->alone),
                            shown(load->together), load->at_once)});
}

}  // namespace

std::string_view name_of(Weight weight) {
  switch (weight) {
    case Weight::wrong:
      return "wrong";
    case Weight::risk:
      return "risk";
    case Weight::note:
      return "note";
  }
  return "";
}

std::vector<Finding> judge(const DoctorFacts& facts) {
  std::vector<Finding> findings;
  judge_names(facts, findings);
  for (const AddressFacts& address : facts.addresses) {
    judge_connection(facts, address, findings);
    judge_talks(facts, address, findings);
    judge_timeouts(facts, address, findings);
    judge_idle(facts, address, findings);
    judge_manners(facts, address, findings);
  }
  judge_local(facts.local, findings);
  judge_load(facts.load, findings);
  std::vector<Finding> by_weight;
  for (Weight weight : {Weight::wrong, Weight::risk, Weight::note}) {
    for (Finding& found : findings) {
      if (found.weight == weight) by_weight.push_back(std::move(found));
    }
  }
  return by_weight;
}

}  // namespace gg
