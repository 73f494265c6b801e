// SPDX-License-Identifier: Apache-2.0
// What is asked of etcd, and what its answers and events make of a list of endpoints: the JSON of
// its v3 API (3.4 and later). Pure; EtcdSource does the talking.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "config/model.h"

namespace gg {

namespace etcd {

/// Bodies of POST requests to these paths.
inline constexpr std::string_view login_path = "/v3/auth/authenticate";
inline constexpr std::string_view range_path = "/v3/kv/range";
inline constexpr std::string_view watch_path = "/v3/watch";
std::string login_question(std::string_view user, std::string_view password);
/// Everything below `prefix`, which ends in a slash.
std::string range_question(std::string_view prefix);
/// Everything that happens there from `revision` on.
std::string watch_question(std::string_view prefix, std::int64_t revision);

/// The token that later requests carry, or what is wrong with the answer.
Result<std::string, std::string> token_of(std::string_view login_answer);
/// What an answer with a bad status says for itself; empty: nothing that can be told.
std::string error_of(std::string_view answer);

/// An endpoint as a value says it: a line as in a file of endpoints, or a JSON object with "url"
/// and any of "weight", "tier", "zone" and "drain". Else what is wrong with it.
Result<EndpointConfig, std::string> read_value(std::string_view value);

}  // namespace etcd

/// What one line of a watch means.
enum class EtcdNews : std::uint8_t {
  nothing,
  begun,     // the watch is there: the list is what the servers have
  changed,   // it is another list now
  outdated,  // what happened is forgotten there: ask for the whole list again
};

/// The keys below a prefix, each an endpoint.
class EtcdList {
 public:
  /// Beyond this many keys an answer is refused.
  static constexpr std::size_t keys_most = 5000;

  /// `prefix` ends in a slash.
  explicit EtcdList(std::string prefix) : prefix_(std::move(prefix)) {}

  /// The answer to a range_question. On failure nothing has changed; why is a part of a sentence,
  /// as in all of these.
  Result<void, std::string> take_range(std::string_view json);
  /// One line of the answer to a watch_question. A failure ends the watch.
  Result<EtcdNews, std::string> take_line(std::string_view json);

  /// The last revision that the list has: a watch begins with the next.
  std::int64_t revision() const { return revision_; }
  /// In the order of their keys. A key whose value cannot be read is what it was when it could.
  std::vector<EndpointConfig> endpoints() const;
  /// Which values cannot be read; empty: none of them.
  std::string problem() const;

 private:
  /// What a key stands for.
  struct Entry {
    std::optional<EndpointConfig> endpoint;
    std::string problem;  // with its value; empty: none
  };
  using Entries = std::map<std::string, Entry, std::less<>>;

  void put(Entries& entries, const std::string& key, std::string_view value) const;

  std::string prefix_;
  std::int64_t revision_ = 0;
  Entries entries_;  // by what comes behind the prefix
};

}  // namespace gg
