// SPDX-License-Identifier: Apache-2.0
// What was found, in words and as JSON: the printing half of doctor.h.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "diagnose/doctor/doctor.h"
#include "diagnose/doctor/words.h"
#include "fault/catalogue.h"

namespace gg {

namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view bold = "\033[1m";
constexpr std::string_view red = "\033[31m";
constexpr std::string_view yellow = "\033[33m";
constexpr std::string_view green = "\033[32m";
constexpr std::string_view plain = "\033[0m";

std::string_view color_of(Weight weight) {
  return weight == Weight::wrong ? red : weight == Weight::risk ? yellow : bold;
}

std::string painted(std::string_view text, std::string_view color, bool colored) {
  return colored ? fmt::format("{}{}{}", color, text, plain) : std::string(text);
}

std::string cause_of(const Finding& found) {
  if (found.cause == Fault::none) return {};
  const FaultRow& row = row_of(found.cause);
  return fmt::format("{} ({}), ", row.name, row.id);
}

std::string_view whose(Blame blame) {
  switch (blame) {
    case Blame::upstream:
      return "the service's to mend";
    case Blame::network:
      return "the network's to mend";
    case Blame::gateway:
      return "this machine's to mend";
    case Blame::client:
      return "the client's to mend";
    case Blame::operator_:
      return "a matter of configuration";
  }
  return "";
}

std::string text_of(const Finding& found, bool colored) {
  std::string text = fmt::format(
      "  {} {}{}\n",
      painted(fmt::format("{:<6}", name_of(found.weight)), color_of(found.weight), colored),
      cause_of(found), whose(found.blame));
  text += fmt::format("         {}\n", found.what);
  text += fmt::format("         Do: {}\n", found.remedy);
  if (!found.proof.empty()) text += fmt::format("         Seen: {}\n", found.proof);
  return text;
}

std::string evidence_of(const DoctorFacts& facts) {
  std::string text;
  if (!facts.is_literal) text += fmt::format("  name   {}\n", words_of(facts.names));
  for (const AddressFacts& address : facts.addresses) {
    bool has_route = !address.address.ip_bytes().empty();
    if (has_route) text += fmt::format("  route  {}\n", words_of(address.route));
    text += fmt::format("  tcp    {}\n", words_of(address.address, address.tcp));
    if (address.tls) text += fmt::format("  tls    {}\n", words_of(*address.tls));
    if (address.http2) text += fmt::format("  http2  {}\n", words_of(*address.http2));
    if (!address.talks.empty()) text += fmt::format("  http   {}\n", words_of(address.talks));
    if (address.idle) text += fmt::format("  idle   {}\n", words_of(*address.idle));
  }
  if (facts.load) text += fmt::format("  load   {}\n", words_of(*facts.load));
  text += fmt::format("  here   {}\n", words_of(facts.local));
  return text;
}

std::string verdict_of(const Diagnosis& diagnosis) {
  if (diagnosis.is_wrong()) return "wrong";
  bool has_risk = !diagnosis.findings.empty() && diagnosis.findings.front().weight == Weight::risk;
  return has_risk ? "risk" : "fine";
}

Json json_of(const Finding& found) {
  Json object{{"weight", name_of(found.weight)}};
  if (found.cause != Fault::none) {
    object["cause"] = row_of(found.cause).name;
    object["id"] = row_of(found.cause).id;
  }
  object["blame"] = name_of(found.blame);
  object["what"] = found.what;
  object["remedy"] = found.remedy;
  if (!found.proof.empty()) object["proof"] = found.proof;
  return object;
}

double ms(Duration duration) { return std::chrono::duration<double, std::milli>(duration).count(); }

Json json_of(const TalkFacts& talk) {
  Json object{{"reused", talk.was_reused}, {"ms", ms(talk.took)}};
  if (talk.fault != Fault::none) object["fault"] = name_of(talk.fault);
  if (talk.message != MessageError::none) object["message_error"] = text_of(talk.message);
  if (talk.error_number != 0) object["errno"] = talk.error_number;
  if (talk.alert != 0) object["alert"] = talk.alert;
  if (talk.status != 0) {
    object["status"] = talk.status;
    object["first_byte_ms"] = ms(talk.first_byte);
    object["head_bytes"] = talk.head_bytes;
    object["body_bytes"] = talk.body_bytes;
  }
  if (!talk.first_bytes.empty()) object["first_bytes"] = escaped(talk.first_bytes);
  return object;
}

Json json_of(const AddressFacts& address) {
  Json object{{"address", to_text(address.address)}};
  if (!address.route.interface.empty()) {
    object["route"] = {{"interface", address.route.interface},
                       {"source", address.route.source},
                       {"gateway", address.route.gateway}};
  }
  object["tcp"] = {{"open", !address.tcp.error}, {"ms", ms(address.tcp.took)}};
  if (address.tcp.error) object["tcp"]["error"] = text_of(address.tcp.error->kind);
  if (!address.tcp.error) {
    object["tcp"]["round_trip_ms"] = ms(address.tcp.round_trip);
    object["tcp"]["path_mtu"] = address.tcp.path_mtu;
    object["tcp"]["retransmits"] = address.tcp.retransmits;
  }
  if (address.tls) {
    Json tls{{"ms", ms(address.tls->took)}};
    if (address.tls->error) tls["error"] = describe(*address.tls->error);
    if (!address.tls->version.empty()) tls["version"] = address.tls->version;
    if (address.tls->certificate) {
      tls["names"] = address.tls->certificate->names;
      tls["issuer"] = address.tls->certificate->issuer;
      tls["valid_until"] = date_of(address.tls->certificate->valid_until);
    }
    object["tls"] = std::move(tls);
  }
  if (address.http2) {
    object["http2"] = {{"greeted", address.http2->has_greeted},
                       {"ms", ms(address.http2->took)},
                       {"requests_most", address.http2->requests_most}};
  }
  object["requests"] = Json::array();
  for (const TalkFacts& talk : address.talks) object["requests"].push_back(json_of(talk));
  if (address.idle) {
    object["idle"] = {{"watched_ms", ms(address.idle->watched)},
                      {"closed", address.idle->was_closed}};
  }
  return object;
}

Json json_of(const Diagnosis& diagnosis) {
  const DoctorFacts& facts = diagnosis.facts;
  Json object{{"url", facts.target.url}};
  if (!facts.target.upstream.empty()) object["upstream"] = facts.target.upstream;
  object["verdict"] = verdict_of(diagnosis);
  object["findings"] = Json::array();
  for (const Finding& found : diagnosis.findings) object["findings"].push_back(json_of(found));
  if (!facts.is_literal) object["name"] = words_of(facts.names);
  object["addresses"] = Json::array();
  for (const AddressFacts& address : facts.addresses)
    object["addresses"].push_back(json_of(address));
  object["here"] = words_of(facts.local);
  return object;
}

}  // namespace

std::string to_text(const Diagnosis& diagnosis, bool colored) {
  const DoctorTarget& target = diagnosis.facts.target;
  std::string verdict = verdict_of(diagnosis);
  std::string_view color = verdict == "wrong" ? red : verdict == "risk" ? yellow : green;
  std::string text = painted(target.url, bold, colored);
  if (!target.upstream.empty()) text += fmt::format(" (upstream {})", target.upstream);
  text += ": " + painted(verdict == "risk" ? "works, at a risk" : verdict, color, colored) + "\n";
  for (const Finding& found : diagnosis.findings) text += text_of(found, colored);
  return text + evidence_of(diagnosis.facts);
}

std::string summary_of(std::span<const Diagnosis> diagnoses) {
  std::size_t wrong = 0;
  std::size_t risk = 0;
  for (const Diagnosis& diagnosis : diagnoses) {
    std::string verdict = verdict_of(diagnosis);
    wrong += verdict == "wrong" ? 1 : 0;
    risk += verdict == "risk" ? 1 : 0;
  }
  return fmt::format("{} endpoints: {} fine, {} at risk, {} wrong\n", diagnoses.size(),
                     diagnoses.size() - wrong - risk, risk, wrong);
}

std::string to_json(std::span<const Diagnosis> diagnoses) {
  Json list = Json::array();
  for (const Diagnosis& diagnosis : diagnoses) list.push_back(json_of(diagnosis));
  return list.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::string essence_of(std::span<const Diagnosis> diagnoses) {
  std::string essence;
  for (const Diagnosis& diagnosis : diagnoses) {
    essence += diagnosis.facts.target.url;
    for (const Finding& found : diagnosis.findings)
      essence += fmt::format(" {}/{}/{}", name_of(found.weight), name_of(found.cause), found.what);
    essence += '\n';
  }
  return essence;
}

}  // namespace gg
