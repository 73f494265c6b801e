// SPDX-License-Identifier: Apache-2.0
#include "diagnose/doctor/doctor.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <set>

#include "config/endpoint_file.h"
#include "config/formats.h"
#include "config/whole_file.h"
#include "diagnose/doctor/route.h"
#include "diagnose/doctor/small_segments.h"
#include "task/scope.h"
#include "tls/client_hello.h"

namespace gg {

namespace {

constexpr std::size_t at_once_most = 64;
constexpr std::size_t addresses_most = 8;
constexpr Duration longest_turn = 100ms;

constexpr std::size_t lost_looks_most = 4;
constexpr Duration lost_patience = 2s;

/// What is to be asked in small segments too, after a wait in vain; empty: nothing.
std::string request_to_repeat(const DoctorTarget& target, const AddressFacts& address) {
  bool is_remote = !address.address.ip_bytes().empty() && !is_own(address.address, address.route);
  if (!is_remote || target.proxy_protocol != ProxyHeaderUse::off || address.http2) return {};
  if (address.tls) {
    bool is_silent = address.tls->error && address.tls->error->failure == TlsFailure::timeout;
    return is_silent ? client_hello(target.endpoint.host) : std::string();
  }
  if (address.talks.empty()) return {};
  Fault fault = address.talks.back().fault;
  if (fault != Fault::head_timeout && fault != Fault::body_timeout) return {};
  return fmt::format("GET {} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n", target.path,
                     target.endpoint.host);
}

/// What discovery finds by itself, as far as it takes no more than a file and a name.
std::vector<EndpointConfig> found_of(const UpstreamConfig& upstream) {
  if (!upstream.discover) return {};
  const DiscoverConfig& discover = *upstream.discover;
  if (!discover.dns.empty()) {
    EndpointUrl url{.scheme = upstream.tls ? Scheme::https : Scheme::http,
                    .host = discover.dns,
                    .port = discover.port};
    return {EndpointConfig{.url = url}};
  }
  if (discover.file.empty()) return {};
  Result<std::string, int> text = read_whole_file(discover.file, endpoint_file_most);
  if (!text) return {};
  auto endpoints = parse_endpoint_file(*text, discover.file);
  return endpoints ? *endpoints : std::vector<EndpointConfig>();
}

DoctorTarget target_of(const EndpointUrl& url, const UpstreamConfig& upstream) {
  // On a connection of HTTP/2 all clients would be one: the gateway speaks HTTP/1.1 there.
  bool is_introduced = upstream.proxy_protocol != ProxyHeaderUse::off;
  return {.url = endpoint_url_format.print(&url),
          .endpoint = url,
          .path = upstream.health.get.empty() ? "/" : upstream.health.get,
          .tls = upstream.tls.value_or(UpstreamTls{}),
          .upstream = upstream.name,
          .timeouts = upstream.timeouts,
          .keep_alive = upstream.keep_alive,
          .http2 = is_introduced ? Http2Use::never : upstream.http2,
          .proxy_protocol = upstream.proxy_protocol};
}

/// All probes of one examination.
class Examination {
 public:
  Examination(Engine& engine, std::span<const DoctorTarget> targets, const DoctorSettings& settings,
              DoctorProgress& progress)
      : engine_(engine), targets_(targets), settings_(settings), progress_(progress) {}

  Result<void, CertificateProblem> prepare();
  void run();
  std::vector<DoctorFacts> take() { return std::move(facts_); }

 private:
  void resolve();
  Task<void> work();
  Task<void> look_at(std::size_t index);
  Task<void> look_at_address(std::size_t index, AddressFacts& address);
  void look_for_lost_packets();

  Engine& engine_;
  std::span<const DoctorTarget> targets_;
  const DoctorSettings& settings_;
  DoctorProgress& progress_;
  std::unique_ptr<TlsClientContext> lenient_;
  std::vector<std::unique_ptr<TlsClientContext>> contexts_;
  std::vector<DoctorFacts> facts_;
  std::size_t next_ = 0;
  std::size_t done_ = 0;
};

Result<void, CertificateProblem> Examination::prepare() {
  Result<std::unique_ptr<TlsClientContext>, CertificateProblem> lenient =
      TlsClientContext::make({.verify = false});
  if (!lenient) return Failure(lenient.error());
  lenient_ = std::move(*lenient);
  for (const DoctorTarget& target : targets_) {
    std::unique_ptr<TlsClientContext>& context = contexts_.emplace_back();
    if (!target.is_tls()) continue;
    Result<std::unique_ptr<TlsClientContext>, CertificateProblem> made =
        TlsClientContext::make(target.tls, target.http2);
    if (!made) return Failure(made.error());
    context = std::move(*made);
  }
  return {};
}

/// Before anything else: it blocks.
void Examination::resolve() {
  std::vector<std::string> names;
  for (const DoctorTarget& target : targets_) {
    DoctorFacts& facts = facts_.emplace_back();
    facts.target = target;
    const EndpointUrl& url = target.endpoint;
    if (url.scheme == Scheme::unix_socket) {
      facts.is_literal = true;
      facts.addresses.push_back({.address = Address::unix_at(target.endpoint.path)});
    } else if (std::optional<Address> ip = parse_ip(url.host, url.port)) {
      facts.is_literal = true;
      facts.addresses.push_back({.address = *ip});
    } else if (std::ranges::find(names, url.host) == names.end()) {
      names.push_back(url.host);
    }
  }
  std::vector<NameSurvey> surveys = survey_names(names, settings_.name);
  for (DoctorFacts& facts : facts_) {
    auto found = std::ranges::find(surveys, facts.target.endpoint.host, &NameSurvey::name);
    if (facts.is_literal || found == surveys.end()) continue;
    facts.names = *found;
    Result<std::vector<Address>, DnsError> chosen = chosen_of(*found);
    if (!chosen) {
      facts.name_error = chosen.error();
      continue;
    }
    for (Address address : *chosen) {
      if (facts.addresses.size() == addresses_most) break;
      address.port = facts.target.endpoint.port;
      facts.addresses.push_back({.address = address});
    }
  }
}

void Examination::run() {
  facts_.reserve(targets_.size());  // probes keep references
  resolve();
  engine_.turn(Duration::zero());
  LocalFacts local = local_limits();
  for (DoctorFacts& facts : facts_) {
    facts.local = local;
    facts.when = engine_.wall_now();
  }
  Scope workers(engine_.ready());
  for (std::size_t i = 0; i < std::min(at_once_most, targets_.size()); ++i) workers.start(work());
  while (workers.running() > 0) engine_.turn(longest_turn);
  look_for_lost_packets();
}

/// After everything else: it blocks.
void Examination::look_for_lost_packets() {
  std::size_t looks = 0;
  for (DoctorFacts& facts : facts_) {
    for (AddressFacts& address : facts.addresses) {
      std::string request = request_to_repeat(facts.target, address);
      if (request.empty() || looks++ == lost_looks_most) continue;
      address.answers_small_segments = only_small_segments_arrive(
          address.address, request, std::min(settings_.head, lost_patience));
    }
  }
}

Task<void> Examination::work() {
  while (next_ < targets_.size()) {
    std::size_t index = next_++;
    co_await look_at(index);
    progress_.done(++done_, targets_.size());
  }
}

Task<void> Examination::look_at(std::size_t index) {
  Scope all(engine_.ready());
  for (AddressFacts& address : facts_[index].addresses) all.start(look_at_address(index, address));
  co_await all.join();
}

Task<void> Examination::look_at_address(std::size_t index, AddressFacts& address) {
  DoctorFacts& facts = facts_[index];
  AddressProbe probe(engine_, facts.target, settings_, contexts_[index].get(), lenient_.get(),
                     address);
  co_await probe.run();
  bool is_well = !address.talks.empty() && address.talks.back().fault == Fault::none;
  bool is_first = &address == &facts.addresses.front();
  if (settings_.load && is_well && is_first) {
    facts.load.emplace();
    co_await probe.burst(*facts.load);
  }
}

}  // namespace

Result<DoctorTarget, Misreading> parse_target(std::string_view text) {
  DoctorTarget target{.url = std::string(text)};
  std::string_view rest = text;
  std::size_t colons = text.find("://");
  std::size_t begin = colons == std::string_view::npos ? 0 : colons + 3;
  std::size_t slash = text.find_first_of("/?#", begin);
  if (slash != std::string_view::npos) {
    rest = text.substr(0, slash);
    std::string_view path = text.substr(slash);
    path = path.substr(0, path.find('#'));
    target.path = path.starts_with('/') ? std::string(path) : "/" + std::string(path);
  }
  std::string with_scheme(rest);
  bool is_usual_tls = colons == std::string_view::npos && rest.ends_with(":443");
  if (is_usual_tls) with_scheme = "https://" + with_scheme;
  std::optional<Misreading> wrong = endpoint_url_format.parse(with_scheme, &target.endpoint);
  if (wrong) return Failure(*wrong);
  bool is_clean = std::ranges::all_of(target.path, [](char c) { return c > ' ' && c != '\x7f'; });
  if (is_clean) return target;
  return Failure(Misreading{"the path has a blank or a control character in it",
                            "write it percent-encoded, %20 for a blank"});
}

std::vector<DoctorTarget> targets_of(const Config& config) {
  std::vector<DoctorTarget> targets;
  for (const UpstreamConfig& upstream : config.upstreams) {
    std::vector<EndpointConfig> all = found_of(upstream);
    all.insert(all.begin(), upstream.endpoints.begin(), upstream.endpoints.end());
    for (const EndpointConfig& endpoint : all) targets.push_back(target_of(endpoint.url, upstream));
  }
  return targets;
}

std::vector<std::string> not_looked_at(const Config& config) {
  std::vector<std::string> all;
  for (const UpstreamConfig& upstream : config.upstreams) {
    if (!upstream.discover) continue;
    for (const std::string* where : {&upstream.discover->srv, &upstream.discover->etcd}) {
      if (!where->empty()) all.push_back(fmt::format("upstream {}: {}", upstream.name, *where));
    }
  }
  return all;
}

Result<std::vector<DoctorFacts>, CertificateProblem> examine(Engine& engine,
                                                             std::span<const DoctorTarget> targets,
                                                             const DoctorSettings& settings,
                                                             DoctorProgress& progress) {
  Examination examination(engine, targets, settings, progress);
  if (Result<void, CertificateProblem> ready = examination.prepare(); !ready)
    return Failure(ready.error());
  examination.run();
  return examination.take();
}

}  // namespace gg
