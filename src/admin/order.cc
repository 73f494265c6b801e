// SPDX-License-Identifier: Apache-2.0
#include "admin/order.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace gg {
namespace {

using Json = nlohmann::json;

constexpr std::size_t text_most = 200;

/// A text member, or what is wrong with it.
Result<std::string, std::string> text_of(const Json& json, const char* key) {
  auto found = json.find(key);
  if (found == json.end()) return std::string();
  if (!found->is_string()) return Failure("\"" + std::string(key) + "\" must be a text");
  return found->get<std::string>();
}

Result<std::int64_t, std::string> number_of(const Json& json, const char* key, std::int64_t least,
                                            std::int64_t most) {
  auto found = json.find(key);
  bool fits =
      found != json.end() && found->is_number_integer() && *found >= least && *found <= most;
  if (fits) return found->get<std::int64_t>();
  return Failure("\"" + std::string(key) + "\" must be a whole number from " +
                 std::to_string(least) + " to " + std::to_string(most));
}

/// The first key that no order of this kind has.
std::string unknown_key(const Json& json, const Order& order) {
  for (const auto& [key, value] : json.items()) {
    bool is_common = key == "by" || key == "why";
    bool names = !order.is_for_gateway && (key == "endpoint" || key == "upstream");
    bool is_its_own = (order.kind == Order::Kind::eject && key == "seconds") ||
                      (order.kind == Order::Kind::weight && key == "weight");
    if (!is_common && !names && !is_its_own) return key;
  }
  return "";
}

/// Fills in what only orders of its kind have.
std::string read_own(const Json& json, Order& order) {
  if (order.kind == Order::Kind::weight) {
    auto weight = number_of(json, "weight", 0, Order::weight_most);
    if (!weight) return weight.error();
    order.weight = static_cast<std::uint32_t>(*weight);
  }
  if (order.kind == Order::Kind::eject && json.contains("seconds")) {
    constexpr auto most = std::chrono::duration_cast<std::chrono::seconds>(Order::length_most);
    auto seconds = number_of(json, "seconds", 1, most.count());
    if (!seconds) return seconds.error();
    order.length = std::chrono::seconds(*seconds);
  }
  return "";
}

}  // namespace

std::string_view name_of(Order::Kind kind) {
  constexpr std::string_view names[] = {"drain", "undrain", "eject", "restore", "weight"};
  return names[static_cast<std::size_t>(kind)];
}

std::string harmless(std::string_view text) {
  std::string out(text.substr(0, text_most));
  std::ranges::replace_if(
      out, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }, ' ');
  return out;
}

Result<Order, std::string> parse_order(Order::Kind kind, bool is_for_gateway,
                                       std::string_view text) {
  Json json = text.empty() ? Json::object() : Json::parse(text, nullptr, false);
  if (!json.is_object()) return Failure(std::string("the body must be one JSON object"));
  Order order{.kind = kind, .is_for_gateway = is_for_gateway};
  std::string unknown = unknown_key(json, order);
  if (!unknown.empty()) return Failure("\"" + harmless(unknown) + "\" means nothing here");

  struct Member {
    const char* key;
    std::string& value;
  };
  for (const Member& member :
       {Member{"endpoint", order.endpoint}, Member{"upstream", order.upstream},
        Member{"by", order.by}, Member{"why", order.why}}) {
    Result<std::string, std::string> value = text_of(json, member.key);
    if (!value) return Failure(value.error());
    member.value = harmless(*value);
  }
  if (!is_for_gateway && order.endpoint.empty()) {
    return Failure(
        std::string("\"endpoint\" must name an endpoint, as the status does: 10.0.0.1:3000"));
  }
  std::string problem = read_own(json, order);
  if (!problem.empty()) return Failure(std::move(problem));
  return order;
}

}  // namespace gg
