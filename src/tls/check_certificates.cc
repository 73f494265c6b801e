// SPDX-License-Identifier: Apache-2.0
#include "tls/check_certificates.h"

#include <algorithm>
#include <string>
#include <vector>

#include "config/reader.h"
#include "tls/certificates.h"
#include "tls/client_context.h"
#include "tls/server_context.h"

namespace gg {

namespace {

enum class Expired : std::uint8_t { is_an_error, is_a_warning };

class FileChecker {
 public:
  FileChecker(const Config& config, const Places& places, ComplaintList& complaints,
              Expired expired)
      : config_(config), places_(places), complaints_(complaints), expired_(expired) {}

  void run() {
    for (std::size_t i = 0; i < config_.listeners.size(); ++i) {
      if (config_.listeners[i].tls) check_listener(i);
    }
    for (const UpstreamConfig& upstream : config_.upstreams) check_upstream(upstream);
    if (config_.etcd && config_.etcd->tls) check_etcd(*config_.etcd);
  }

 private:
  void error(const std::string& path, const CertificateProblem& problem) {
    complaints_.error(places_.find(path), path, problem.file + " " + problem.problem,
                      problem.remedy);
  }

  void check_listener(std::size_t index) {
    const ListenerTls& tls = *config_.listeners[index].tls;
    std::string path = "listeners[" + std::to_string(index) + "].tls";
    std::vector<std::string> names;
    bool all_are_good = true;
    for (std::size_t i = 0; i < tls.certificates.size(); ++i) {
      std::string listed = path + ".certificates[" + std::to_string(i) + "]";
      all_are_good = check_own(tls.certificates[i], listed, names) && all_are_good;
    }
    if (!tls.client_ca.empty()) check_authorities(tls.client_ca, path + ".client_ca");
    if (all_are_good && !complaints_.has_errors()) {
      TicketKeys tickets = TicketKeys::random();
      auto made = TlsServerContext::make(tls, protocols_of(config_.listeners[index]), tickets);
      if (!made) return error(path, made.error());
      check_hosts(names, path);
    }
  }

  bool check_own(const Certificate& files, const std::string& path,
                 std::vector<std::string>& names) {
    Result<CertificateFiles, CertificateProblem> loaded = CertificateFiles::load(files);
    if (!loaded) {
      error(path + (loaded.error().is_about_key ? ".key" : ".cert"), loaded.error());
      return false;
    }
    names.insert(names.end(), loaded->names().begin(), loaded->names().end());
    check_time(*loaded, files.cert, path + ".cert");
    return files.ocsp.empty() || check_response(files.ocsp, *loaded, path + ".ocsp");
  }

  bool check_response(const std::string& file, const CertificateFiles& about,
                      const std::string& path) {
    Result<StapledResponse, CertificateProblem> loaded = StapledResponse::load(file, about);
    if (!loaded) {
      error(path, loaded.error());
      return false;
    }
    std::optional<CertificateProblem> problem = loaded->problem_at(system_time());
    // It is not shown any more, which most clients do not mind.
    if (problem) {
      complaints_.warning(places_.find(path), path, problem->file + " " + problem->problem,
                          problem->remedy);
    }
    return true;
  }

  void check_time(const CertificateFiles& certificate, const std::string& file,
                  const std::string& path) {
    WallTime now = system_time();
    std::optional<CertificateProblem> problem = certificate.problem_at(now);
    if (problem && expired_ == Expired::is_an_error) return error(path, *problem);
    std::optional<std::string> soon =
        problem ? problem->problem
                : warning_of({.file = file, .time = certificate.valid_until()}, now);
    if (!soon) return;
    complaints_.warning(places_.find(path), path, file + " " + *soon,
                        "renew it, then: goodgate reload");
  }

  void check_authorities(const std::string& file, const std::string& path) {
    Result<AuthorityStore, CertificateProblem> loaded = load_authorities(file);
    if (!loaded) error(path, loaded.error());
  }

  /// A host that a route is for, and that no certificate is for.
  void check_hosts(const std::vector<std::string>& names, const std::string& path) {
    for (const RouteConfig& route : config_.routes) {
      for (const std::string& host : route.hosts) {
        if (is_covered(host, names)) continue;
        complaints_.warning(places_.find(path), path,
                            "no certificate is for " + host + ", which a route is for",
                            "add one for it; until then its clients are shown the first one, which "
                            "they will not accept");
      }
    }
  }

  static bool is_covered(const std::string& host, const std::vector<std::string>& names) {
    std::size_t dot = host.find('.');
    std::string wildcard = dot == std::string::npos ? "" : "*" + host.substr(dot);
    return std::ranges::any_of(
        names, [&](const std::string& name) { return name == host || name == wildcard; });
  }

  void check_upstream(const UpstreamConfig& upstream) {
    std::string path = "upstreams." + upstream.name + ".tls";
    if (!upstream.tls) return;
    const UpstreamTls& tls = *upstream.tls;
    bool is_used = upstream.discover ||
                   std::ranges::any_of(upstream.endpoints, [](const EndpointConfig& endpoint) {
                     return endpoint.url.scheme == Scheme::https;
                   });
    if (!is_used) {
      complaints_.warning(places_.find(path), path, "this has no effect: no endpoint is https",
                          "write https://host:port for its endpoints, or remove this");
      return;
    }
    check_towards_server(tls, path);
  }

  void check_etcd(const EtcdConfig& etcd) {
    bool is_used = std::ranges::any_of(
        etcd.servers, [](const EndpointUrl& server) { return server.scheme == Scheme::https; });
    if (is_used) {
      return check_towards_server(*etcd.tls, "etcd.tls");
    }
    complaints_.warning(places_.find("etcd.tls"), "etcd.tls",
                        "this has no effect: no server is https",
                        "write https://host:port for the servers, or remove this");
  }

  void check_towards_server(const UpstreamTls& tls, const std::string& path) {
    if (!tls.ca.empty()) check_authorities(tls.ca, path + ".ca");
    if (tls.cert.empty() != tls.key.empty()) {
      complaints_.error(places_.find(path), path, "a certificate and its key go together",
                        "give both cert and key, or neither");
    } else if (!tls.cert.empty()) {
      std::vector<std::string> names;
      check_own({.cert = tls.cert, .key = tls.key}, path, names);
    }
  }

  const Config& config_;
  const Places& places_;
  ComplaintList& complaints_;
  Expired expired_;
};

}  // namespace

void check_certificates(const Config& config, const Places& places, ComplaintList& complaints) {
  FileChecker(config, places, complaints, Expired::is_an_error).run();
}

void check_certificates_at_start(const Config& config, const Places& places,
                                 ComplaintList& complaints) {
  FileChecker(config, places, complaints, Expired::is_a_warning).run();
}

}  // namespace gg
