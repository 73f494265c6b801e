// SPDX-License-Identifier: Apache-2.0
// `goodgate drain` and `goodgate undrain`.
#include <fmt/core.h>
#include <poll.h>
#include <pwd.h>
#include <unistd.h>

#include <array>
#include <nlohmann/json.hpp>

#include "cli/admin_client.h"
#include "cli/json_parts.h"
#include "cli/options.h"
#include "cli/running.h"

namespace gg {
namespace {

using nlohmann::json;

constexpr const char* drain_description =
    "Sends no new requests to an endpoint; those under way end as they would. Without an "
    "endpoint,\n"
    "drains the gateway itself: /ready says 503, so that load balancers in front send nobody "
    "here,\n"
    "and whoever comes is served all the same. Kept over reloads, until `goodgate undrain`.";

constexpr const char* drain_examples =
    "Examples:\n"
    "  goodgate drain 10.0.0.1:3000 --wait 60       and return once nothing is under way there\n"
    "  goodgate drain 10.0.0.1:3000 --why deploy\n"
    "  goodgate drain && sleep 10 && goodgate stop  behind a load balancer that asks /ready\n";

constexpr const char* undrain_description =
    "Ends what `goodgate drain` began: of an endpoint or, without one, of the gateway itself.";

constexpr const char* undrain_examples =
    "Examples:\n"
    "  goodgate undrain 10.0.0.1:3000\n"
    "  goodgate undrain\n";

constexpr int look_every_ms = 100;

/// "root@web1": what is written into the log of the gateway.
std::string myself() {
  std::array<char, 256> host{};
  gethostname(host.data(), host.size() - 1);
  const passwd* account = getpwuid(geteuid());
  return fmt::format("{}@{}", account != nullptr ? account->pw_name : std::to_string(geteuid()),
                     host.data());
}

struct DrainChoice {
  std::string file;
  std::string admin;
  std::string endpoint;
  std::string upstream;
  std::string why;
  std::optional<std::uint32_t> wait;  // seconds
};

/// How many requests are under way at the endpoint, as the gateway says; nothing if it does not.
std::optional<std::uint64_t> under_way(const std::string& address, const DrainChoice& choice) {
  Result<std::string, std::string> page = fetch_page(address, "/api/v1/endpoints");
  if (!page) return std::nullopt;
  std::uint64_t requests = 0;
  json answer = json::parse(*page, nullptr, false);
  for (const json& endpoint : part(answer, "endpoints")) {
    bool is_meant = text(endpoint, "address") == choice.endpoint &&
                    (choice.upstream.empty() || text(endpoint, "upstream") == choice.upstream);
    if (is_meant) requests += number(endpoint, "requests_in_flight");
  }
  return requests;
}

int wait_until_empty(const std::string& address, const DrainChoice& choice) {
  std::optional<std::uint64_t> left;
  for (std::uint32_t look = 0; look <= *choice.wait * 1000 / look_every_ms; ++look) {
    left = under_way(address, choice);
    if (left == 0U) {
      fmt::print("nothing is under way at {}\n", choice.endpoint);
      return exit_fine;
    }
    poll(nullptr, 0, look_every_ms);
  }
  complain(left ? fmt::format("{} requests are still under way at {}", *left, choice.endpoint)
                : "the gateway no longer says what is under way");
  return exit_something_wrong;
}

int give_order(const std::string& word, const DrainChoice& choice) {
  Result<std::string, std::string> address = admin_address(choice.admin, choice.file);
  if (!address) {
    complain(address.error());
    return exit_something_wrong;
  }
  bool is_for_gateway = choice.endpoint.empty();
  json order = {{"by", myself()}};
  if (!choice.why.empty()) order["why"] = choice.why;
  if (!is_for_gateway) order["endpoint"] = choice.endpoint;
  if (!choice.upstream.empty()) order["upstream"] = choice.upstream;
  std::string path = fmt::format("/api/v1/{}/{}", is_for_gateway ? "gateway" : "endpoints", word);
  Result<std::string, std::string> answer =
      post_json(*address, path, order.dump(-1, ' ', false, json::error_handler_t::replace));
  if (!answer) {
    complain(fmt::format("not done: {}", answer.error()));
    return exit_something_wrong;
  }
  fmt::print("{}ed {}\n", word, is_for_gateway ? "the gateway" : choice.endpoint);
  return choice.wait ? wait_until_empty(*address, choice) : exit_fine;
}

int read_and_give_order(const std::string& word, const char* description, const char* examples,
                        Arguments arguments) {
  bool may_wait = word == "drain";
  DrainChoice choice;
  Options options(description, "goodgate " + word, examples);
  options.text("endpoint", choice.endpoint, "ENDPOINT", "As goodgate status calls it: host:port");
  options.text("--upstream", choice.upstream, "NAME", "Of this upstream only");
  if (may_wait) {
    options.number("--wait", choice.wait, "SECONDS",
                   "Return once nothing is under way there; 1 if that takes longer");
    options.needs("--wait", "endpoint");
  }
  options.text("--why", choice.why, "TEXT", "For whoever wonders");
  options.text("-c,--config", choice.file, "FILE", "The configuration that it runs with");
  options.text("--admin", choice.admin, "ADDRESS",
               "Its admin address, if it is not found by itself");
  options.needs("--upstream", "endpoint");
  if (std::optional<int> status = options.read(arguments)) return *status;
  return give_order(word, choice);
}

}  // namespace

int drain_command(Arguments arguments) {
  return read_and_give_order("drain", drain_description, drain_examples, arguments);
}

int undrain_command(Arguments arguments) {
  return read_and_give_order("undrain", undrain_description, undrain_examples, arguments);
}

}  // namespace gg
