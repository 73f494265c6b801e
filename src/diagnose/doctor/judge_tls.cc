// SPDX-License-Identifier: Apache-2.0
// The judgement of connecting and of TLS.
#include <fmt/format.h>

#include "base/text.h"
#include "diagnose/doctor/judge_parts.h"
#include "diagnose/doctor/words.h"
#include "fault/catalogue.h"
#include "fault/classify.h"

namespace gg {

namespace {

constexpr std::int64_t day_in_microseconds = std::int64_t{24} * 60 * 60 * 1'000'000;
constexpr std::int64_t soon = 14 * day_in_microseconds;

void judge_tcp(const AddressFacts& address, std::vector<Finding>& findings) {
  AttemptFacts facts{.stage = Stage::connect, .waited = address.tcp.took};
  Finding found = finding_of(classify(facts, *address.tcp.error));
  found.proof = words_of(address.address, address.tcp);
  bool is_at_home = ip_text(address.address) == "127.0.0.1" || ip_text(address.address) == "::1";
  if (found.cause == Fault::connect_refused) {
    found.remedy = fmt::format("Start the service, or correct the port; {} shows what listens{}.",
                               fmt::format("`ss -ltn 'sport = :{}'`{}", address.address.port,
                                           is_at_home ? "" : " on that machine"),
                               is_at_home ? "" : ", and whether it listens only on 127.0.0.1");
  } else if (found.cause == Fault::connect_timeout) {
    found.remedy =
        "Look for a firewall that drops packets and a dead machine; if others can connect, the "
        "service does not accept: its queue of connections is full (`ss -ltn` there: Recv-Q).";
    if (address.not_accepted.value_or(0) > 0) {
      found.what = "The service does not accept connections, and its queue of them is full.";
      found.remedy = "See what the service is busy or stuck with; a longer backlog only hides it.";
      found.blame = Blame::upstream;
      found.proof += fmt::format("; {} connections wait to be accepted", *address.not_accepted);
    }
  }
  findings.push_back(std::move(found));
}

std::string names_shown(const PeerCertificate& certificate) {
  std::string text;
  for (std::size_t i = 0; i < certificate.names.size() && i < 5; ++i) {
    text += (i == 0 ? "" : ", ") + certificate.names[i];
  }
  if (certificate.names.size() > 5)
    text += fmt::format(" and {} more", certificate.names.size() - 5);
  return text.empty() ? "no name" : text;
}

std::string asked_name(const DoctorTarget& target) {
  return target.tls.server_name.empty() ? target.endpoint.host : target.tls.server_name;
}

bool is_for(const PeerCertificate& certificate, std::string_view name) {
  for (const std::string& one : certificate.names) {
    if (equal_ignoring_case(one, name)) return true;
    std::size_t dot = name.find('.');
    bool is_wild = one.starts_with("*.") && dot != std::string_view::npos;
    if (is_wild && equal_ignoring_case(std::string_view(one).substr(1), name.substr(dot)))
      return true;
  }
  return false;
}

Finding about_dates(const PeerCertificate& certificate, WallTime now) {
  Finding found = finding_of(Fault::tls_certificate_expired);
  bool is_early = now < certificate.valid_from;
  if (is_early) found.what = "The endpoint's certificate is not valid yet.";
  found.proof = fmt::format("valid from {} until {}, now it is {}", date_of(certificate.valid_from),
                            date_of(certificate.valid_until), date_of(now));
  if (is_early) found.remedy = "Compare the clocks; if they are right, show an older certificate.";
  return found;
}

Finding about_name(const DoctorTarget& target, const PeerCertificate& certificate) {
  Finding found = finding_of(Fault::tls_name_mismatch);
  found.proof =
      fmt::format("asked for {}, shown one for {}", asked_name(target), names_shown(certificate));
  if (!certificate.names.empty()) {
    found.remedy = fmt::format(
        "Have one issued for {}, or tell the gateway the name to expect: "
        "tls: {{ server_name: {} }}.",
        asked_name(target), certificate.names.front());
  }
  return found;
}

void explain_distrust(const PeerCertificate& certificate, Finding& found) {
  found.proof =
      fmt::format("issued by {}, for {}; {} certificate{} sent",
                  certificate.issuer.empty() ? "nobody named" : certificate.issuer,
                  names_shown(certificate), certificate.sent, certificate.sent == 1 ? "" : "s");
  if (certificate.is_self_signed) {
    found.what = "The endpoint's certificate vouches for itself, and is not among those trusted.";
    found.remedy = "Give the gateway this certificate to trust: tls: { ca: FILE }.";
  } else if (certificate.sent == 1) {
    found.remedy =
        "Let the endpoint send the intermediate certificates too, or name its authority: "
        "tls: { ca: FILE }.";
  }
}

void judge_handshake(const DoctorFacts& facts, const AddressFacts& address,
                     std::vector<Finding>& findings) {
  const TlsFacts& tls = *address.tls;
  AttemptFacts attempt{.stage = Stage::tls, .waited = tls.took};
  Finding found = finding_of(classify(attempt, *tls.error));
  found.proof = describe(*tls.error);
  if (found.cause == Fault::tls_not_spoken && tls.answers_plain == true) {
    found.what = "The port speaks plain HTTP, not TLS.";
    found.remedy = "Write http:// in place of https://, or switch TLS on in the service.";
    found.proof = "a request without TLS was answered";
  } else if (found.cause == Fault::tls_handshake_timeout) {
    found.proof = fmt::format("connected, then nothing for {}", shown(tls.took));
    if (address.not_accepted.value_or(0) > 0) {
      found.what = "The kernel took the connection; the service does not accept it.";
      found.proof += fmt::format("; {} connections wait to be accepted", *address.not_accepted);
    }
  }
  if (found.cause == Fault::tls_handshake_timeout) explain_lost_packets(address, found);
  explain_proxy_header(address, found);
  if (!tls.certificate) {
    findings.push_back(std::move(found));
    return;
  }
  bool is_dated =
      facts.when < tls.certificate->valid_from || facts.when > tls.certificate->valid_until;
  bool is_named = is_for(*tls.certificate, asked_name(facts.target));
  if (found.cause == Fault::tls_untrusted_certificate) explain_distrust(*tls.certificate, found);
  if (found.cause == Fault::tls_certificate_expired)
    found = about_dates(*tls.certificate, facts.when);
  if (found.cause == Fault::tls_name_mismatch) found = about_name(facts.target, *tls.certificate);
  Fault first = found.cause;
  findings.push_back(std::move(found));
  // The library stops at the first thing; the others would come to light one mend after the other.
  if (is_dated && first != Fault::tls_certificate_expired)
    findings.push_back(about_dates(*tls.certificate, facts.when));
  bool is_checked =
      first == Fault::tls_untrusted_certificate || first == Fault::tls_certificate_expired;
  if (is_checked && !is_named) findings.push_back(about_name(facts.target, *tls.certificate));
}

void judge_certificate(const DoctorFacts& facts, const PeerCertificate& certificate,
                       std::vector<Finding>& findings) {
  std::int64_t left = certificate.valid_until.microseconds - facts.when.microseconds;
  if (left > soon || left < 0) return;
  Finding found = finding_of(Fault::tls_certificate_expired);
  found.weight = Weight::risk;
  found.what =
      fmt::format("The endpoint's certificate expires in {} days.", left / day_in_microseconds);
  found.proof = fmt::format("valid until {}", date_of(certificate.valid_until));
  findings.push_back(std::move(found));
}

}  // namespace

Finding finding_of(Fault cause) {
  const FaultRow& row = row_of(cause);
  return {.weight = Weight::wrong,
          .cause = cause,
          .blame = row.blame,
          .what = std::string(row.meaning),
          .remedy = std::string(row.remedy),
          .proof = {}};
}

void judge_connection(const DoctorFacts& facts, const AddressFacts& address,
                      std::vector<Finding>& findings) {
  if (address.tcp.error) judge_tcp(address, findings);
  if (!address.tls) return;
  if (address.tls->error) {
    judge_handshake(facts, address, findings);
  } else if (address.tls->certificate) {
    judge_certificate(facts, *address.tls->certificate, findings);
  }
}

}  // namespace gg
