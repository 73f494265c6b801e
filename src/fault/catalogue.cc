// SPDX-License-Identifier: Apache-2.0
// The one table of causes, put together from its parts and checked by the compiler.
#include "fault/catalogue.h"

#include <array>
#include <cstddef>
#include <utility>

#include "base/assert.h"
#include "base/text.h"
#include "fault/proxy_error.h"
#include "fault/rows_before_admission.h"
#include "fault/rows_body_and_client.h"
#include "fault/rows_pool_and_tls.h"
#include "fault/rows_request_and_head.h"

namespace gg {
namespace {

constexpr std::size_t row_count =
    std::size(rows::before_admission) + std::size(rows::pool_and_tls) +
    std::size(rows::request_and_head) + std::size(rows::body_and_client);

consteval std::array<FaultRow, row_count> joined() {
  std::array<FaultRow, row_count> all;
  std::size_t next = 0;
  for (const FaultRow& row : rows::before_admission) all[next++] = row;
  for (const FaultRow& row : rows::pool_and_tls) all[next++] = row;
  for (const FaultRow& row : rows::request_and_head) all[next++] = row;
  for (const FaultRow& row : rows::body_and_client) all[next++] = row;
  return all;
}

constexpr std::array<FaultRow, row_count> table = joined();

/// The spelling of an enumerator in the source, as the compiler prints it.
template <Fault fault>
consteval std::string_view spelling_of() {
  std::string_view text = __PRETTY_FUNCTION__;  // "... [fault = gg::Fault::connect_refused]"
  text.remove_suffix(1);
  return text.substr(text.rfind(':') + 1);
}

template <std::size_t... indices>
consteval std::array<std::string_view, sizeof...(indices)> all_spellings(
    std::index_sequence<indices...>) {
  return {spelling_of<static_cast<Fault>(indices)>()...};
}

constexpr std::array<std::string_view, fault_count> spellings =
    all_spellings(std::make_index_sequence<fault_count>());

static_assert(row_count == fault_count, "one row per fault");

consteval bool rows_are_in_order_and_named_as_spelled() {
  for (std::size_t i = 0; i < row_count; ++i) {
    if (index_of(table[i].fault) != i) return false;
    if (table[i].name != spellings[i]) return false;
  }
  return true;
}
static_assert(rows_are_in_order_and_named_as_spelled());

consteval bool ids_are_unique() {
  for (std::size_t i = 0; i < row_count; ++i) {
    if (table[i].id.empty()) return false;
    for (std::size_t j = 0; j < i; ++j) {
      if (table[i].id == table[j].id) return false;
    }
  }
  return true;
}
static_assert(ids_are_unique());

consteval bool is_one_sentence(std::string_view text) {
  if (text.empty() || text.back() != '.' || text.front() == ' ') return false;
  for (char c : text) {
    if (c < ' ' || c > '~' || c == '"' || c == '\\' || c == '|') return false;
  }
  return text.find(". ") == std::string_view::npos;
}

consteval bool every_row_speaks_in_sentences() {
  for (const FaultRow& row : table) {
    if (!is_one_sentence(row.meaning) || !is_one_sentence(row.remedy)) return false;
  }
  return true;
}
static_assert(every_row_speaks_in_sentences());

consteval bool every_error_is_registered() {
  for (const FaultRow& row : table) {
    if (!row.error.empty() && find_proxy_error(row.error) == nullptr) return false;
  }
  return true;
}
static_assert(every_error_is_registered());

/// Without an error type there is nobody to tell: the client left, or the words are the upstream's.
consteval bool errors_are_missing_only_where_nobody_is_told() {
  for (const FaultRow& row : table) {
    if (row.error.empty() && row.status != 0 && row.status != 499) return false;
  }
  return true;
}
static_assert(errors_are_missing_only_where_nobody_is_told());

/// What a client or the gateway did says nothing about an endpoint; a race of ours neither.
consteval bool only_endpoints_are_held_against_endpoints() {
  for (const FaultRow& row : table) {
    bool innocent = row.blame == Blame::client || row.blame == Blame::gateway ||
                    row.delivery == Delivery::declined || row.fault == Fault::keep_alive_race;
    bool tls_refusal = row.fault == Fault::tls_client_certificate_rejected;
    if (innocent && row.about_endpoint && !tls_refusal) return false;
  }
  return true;
}
static_assert(only_endpoints_are_held_against_endpoints());

}  // namespace

std::span<const FaultRow> catalogue() { return table; }

const FaultRow& row_of(Fault fault) {
  GG_ASSERT(index_of(fault) < table.size());
  return table[index_of(fault)];
}

std::string_view name_of(Fault fault) { return row_of(fault).name; }

std::string_view name_of(Stage stage) {
  switch (stage) {
    case Stage::request_head:
      return "request_head";
    case Stage::request_body:
      return "request_body";
    case Stage::route:
      return "route";
    case Stage::admission:
      return "admission";
    case Stage::resolve:
      return "resolve";
    case Stage::connect:
      return "connect";
    case Stage::tls:
      return "tls";
    case Stage::send:
      return "send";
    case Stage::response_head:
      return "response_head";
    case Stage::response_body:
      return "response_body";
    case Stage::tunnel:
      return "tunnel";
    case Stage::gateway:
      return "gateway";
  }
  return "";
}

std::string_view name_of(Blame blame) {
  switch (blame) {
    case Blame::upstream:
      return "upstream";
    case Blame::network:
      return "network";
    case Blame::gateway:
      return "gateway";
    case Blame::client:
      return "client";
    case Blame::operator_:
      return "operator";
  }
  return "";
}

std::string_view name_of(Delivery delivery) {
  switch (delivery) {
    case Delivery::not_sent:
      return "not_sent";
    case Delivery::declined:
      return "declined";
    case Delivery::unknown:
      return "unknown";
    case Delivery::answered:
      return "answered";
  }
  return "";
}

std::string_view name_of(RetryCondition retry_on) {
  switch (retry_on) {
    case RetryCondition::never:
      return "never";
    case RetryCondition::connect:
      return "connect";
    case RetryCondition::reset:
      return "reset";
    case RetryCondition::timeout:
      return "timeout";
    case RetryCondition::malformed:
      return "malformed";
    case RetryCondition::truncated:
      return "truncated";
    case RetryCondition::refused:
      return "refused";
    case RetryCondition::status:
      return "status";
  }
  return "";
}

std::optional<Fault> find_fault(std::string_view name_or_id) {
  for (const FaultRow& row : table) {
    bool is_named = equal_ignoring_case(row.name, name_or_id);
    if (is_named || equal_ignoring_case(row.id, name_or_id)) return row.fault;
  }
  return std::nullopt;
}

bool gateway_answers(Fault fault) {
  int status = row_of(fault).status;
  return status != 0 && status != 499;
}

}  // namespace gg
