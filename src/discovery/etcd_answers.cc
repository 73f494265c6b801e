// SPDX-License-Identifier: Apache-2.0
#include "discovery/etcd_answers.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/base64.h"
#include "base/text.h"
#include "config/complaint.h"
#include "config/endpoint_file.h"
#include "config/formats.h"

namespace gg {

namespace {

using Json = nlohmann::json;

constexpr std::size_t said_most = 200;

Json parse(std::string_view text) { return Json::parse(text, nullptr, false); }

std::string text_of(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

/// The member of an object; null: there is none, or it is no object at all.
const Json* member(const Json* json, const char* key) {
  if (json == nullptr || !json->is_object()) return nullptr;
  auto found = json->find(key);
  return found == json->end() ? nullptr : &*found;
}

std::string string_at(const Json* json, const char* key) {
  const Json* found = member(json, key);
  return found != nullptr && found->is_string() ? found->get<std::string>() : std::string();
}

/// A 64-bit number, which is written as a text (proto3) or as a number; 0: left out.
std::int64_t number_at(const Json* json, const char* key) {
  const Json* found = member(json, key);
  if (found == nullptr) return 0;
  if (found->is_number_integer()) return found->get<std::int64_t>();
  std::uint64_t number = parse_number(string_at(json, key)).value_or(0);
  return static_cast<std::int64_t>(number & INT64_MAX);
}

bool flag_at(const Json* json, const char* key) {
  const Json* found = member(json, key);
  return found != nullptr && found->is_boolean() && found->get<bool>();
}

std::string bytes_at(const Json* json, const char* key) {
  return decode_base64(string_at(json, key)).value_or("");
}

/// For a line that people read: anybody who may write to etcd may have made it.
std::string harmless(std::string_view text) {
  std::string out(text.substr(0, said_most));
  std::ranges::replace_if(
      out, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }, ' ');
  return out;
}

/// From the key itself to the first one that does not begin with it.
Json below(std::string_view prefix) {
  std::string end(prefix);
  end.back() = static_cast<char>(end.back() + 1);
  return {{"key", encode_base64(prefix)}, {"range_end", encode_base64(end)}};
}

// Values -----------------------------------------------------------------------------------------

std::string bad(const Json& value, const std::string& key, std::string_view instead) {
  return "\"" + key + "\" is " + text_of(value) + ", not " + std::string(instead);
}

std::string read_number(const Json& value, const std::string& key, std::uint32_t most,
                        std::uint32_t& number) {
  bool is_good = value.is_number_integer() && value >= 1 && value <= most;
  if (!is_good) return bad(value, key, "a number from 1 to " + std::to_string(most));
  number = value.get<std::uint32_t>();
  return "";
}

std::string read_text(const Json& value, const std::string& key, const Format& format, void* to) {
  if (!value.is_string()) return bad(value, key, "a text");
  std::optional<Misreading> wrong = format.parse(value.get<std::string>(), to);
  return wrong ? wrong->problem : "";
}

/// Empty: it was understood.
std::string read_member(const std::string& key, const Json& value, EndpointConfig& endpoint) {
  if (key == "url") return read_text(value, key, endpoint_url_format, &endpoint.url);
  if (key == "zone") return read_text(value, key, upstream_name_format, &endpoint.zone);
  if (key == "weight") return read_number(value, key, 1000, endpoint.weight);
  if (key == "tier") return read_number(value, key, 16, endpoint.tier);
  if (key != "drain") return "\"" + key + "\" is none of url, weight, tier, zone and drain";
  if (!value.is_boolean()) return bad(value, key, "true or false");
  endpoint.drains = value.get<bool>();
  return "";
}

Result<EndpointConfig, std::string> read_object(std::string_view value) {
  Json json = parse(value);
  if (!json.is_object()) return Failure(std::string("it is not a JSON object"));
  if (!json.contains("url")) return Failure(std::string("it has no \"url\""));
  EndpointConfig endpoint;
  for (const auto& [key, its] : json.items()) {
    std::string problem = read_member(key, its, endpoint);
    if (!problem.empty()) return Failure(std::move(problem));
  }
  return endpoint;
}

}  // namespace

// Questions --------------------------------------------------------------------------------------

namespace etcd {

std::string login_question(std::string_view user, std::string_view password) {
  return text_of({{"name", user}, {"password", password}});
}

std::string range_question(std::string_view prefix) { return text_of(below(prefix)); }

std::string watch_question(std::string_view prefix, std::int64_t revision) {
  Json watch = below(prefix);
  watch["start_revision"] = std::to_string(revision);
  return text_of({{"create_request", watch}});
}

// Answers ----------------------------------------------------------------------------------------

Result<std::string, std::string> token_of(std::string_view login_answer) {
  Json json = parse(login_answer);
  std::string token = string_at(&json, "token");
  // It becomes a header field.
  bool is_usable =
      !token.empty() && std::ranges::all_of(token, [](char c) { return c > ' ' && c < 0x7f; });
  if (!is_usable) return Failure(std::string("it gave no token for the user and the password"));
  return token;
}

std::string error_of(std::string_view answer) {
  Json json = parse(answer);
  std::string message = string_at(&json, "message");
  return harmless(message.empty() ? string_at(&json, "error") : message);
}

Result<EndpointConfig, std::string> read_value(std::string_view value) {
  constexpr std::string_view blanks = " \t\r\n";
  std::size_t begin = value.find_first_not_of(blanks);
  if (begin == std::string_view::npos) return Failure(std::string("it is empty"));
  value = value.substr(begin, value.find_last_not_of(blanks) - begin + 1);
  if (value.starts_with('{')) return read_object(value);
  auto endpoints = parse_endpoint_file(value, "");
  if (!endpoints) return Failure(endpoints.error().front().problem);
  if (endpoints->size() != 1) {
    return Failure(std::string("it is not one URL, but ") + std::to_string(endpoints->size()));
  }
  return endpoints->front();
}

}  // namespace etcd

// The list ---------------------------------------------------------------------------------------

/// What its key was before counts where the value says nothing.
void EtcdList::put(Entries& entries, const std::string& key, std::string_view value) const {
  Result<EndpointConfig, std::string> read = etcd::read_value(value);
  Entry entry;
  if (read) {
    entry.endpoint = std::move(*read);
  } else {
    auto before = entries_.find(key);
    if (before != entries_.end()) entry.endpoint = before->second.endpoint;
    entry.problem = harmless(read.error());
  }
  entries.insert_or_assign(key, std::move(entry));
}

Result<void, std::string> EtcdList::take_range(std::string_view json) {
  Json answer = parse(json);
  const Json* header = member(&answer, "header");
  if (header == nullptr) return Failure(std::string("its answer is not one of etcd"));
  Entries entries;
  if (const Json* pairs = member(&answer, "kvs"); pairs != nullptr && pairs->is_array()) {
    for (const Json& pair : *pairs) {
      std::string key = bytes_at(&pair, "key");
      bool is_below = key.size() > prefix_.size() && key.starts_with(prefix_);
      if (is_below) put(entries, key.substr(prefix_.size()), bytes_at(&pair, "value"));
    }
  }
  if (entries.size() > keys_most) {
    return Failure("there are more than " + std::to_string(keys_most) + " keys");
  }
  entries_ = std::move(entries);
  revision_ = number_at(header, "revision");
  return {};
}

Result<EtcdNews, std::string> EtcdList::take_line(std::string_view json) {
  Json line = parse(json);
  if (const Json* error = member(&line, "error")) {
    return Failure("it ended the watch: " + harmless(string_at(error, "message")));
  }
  const Json* result = member(&line, "result");
  if (result == nullptr) return Failure(std::string("what it says is not a watch of etcd"));
  if (flag_at(result, "canceled")) {
    if (number_at(result, "compact_revision") > 0) return EtcdNews::outdated;
    return Failure("it ended the watch: " + harmless(string_at(result, "cancel_reason")));
  }
  EtcdNews news = flag_at(result, "created") ? EtcdNews::begun : EtcdNews::nothing;
  const Json* events = member(result, "events");
  if (events == nullptr || !events->is_array()) return news;
  for (const Json& event : *events) {
    const Json* pair = member(&event, "kv");
    std::string key = bytes_at(pair, "key");
    bool is_below = key.size() > prefix_.size() && key.starts_with(prefix_);
    if (!is_below) continue;
    news = EtcdNews::changed;
    key.erase(0, prefix_.size());
    // A lease that is over deletes its keys, too.
    if (string_at(&event, "type") == "DELETE") {
      entries_.erase(key);
    } else {
      put(entries_, key, bytes_at(pair, "value"));
    }
  }
  if (entries_.size() > keys_most) {
    return Failure("there are more than " + std::to_string(keys_most) + " keys");
  }
  revision_ = std::max(revision_, number_at(member(result, "header"), "revision"));
  return news;
}

std::vector<EndpointConfig> EtcdList::endpoints() const {
  std::vector<EndpointConfig> all;
  for (const auto& [key, entry] : entries_) {
    if (entry.endpoint) all.push_back(*entry.endpoint);
  }
  return all;
}

std::string EtcdList::problem() const {
  std::string text;
  std::size_t more = 0;
  for (const auto& [key, entry] : entries_) {
    if (entry.problem.empty()) continue;
    if (text.empty()) {
      text = "the value of " + harmless(prefix_ + key) + " cannot be read: " + entry.problem;
    } else {
      ++more;
    }
  }
  if (more > 0) text += ", and " + std::to_string(more) + " more";
  return text;
}

}  // namespace gg
