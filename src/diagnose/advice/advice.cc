// SPDX-License-Identifier: Apache-2.0
#include "diagnose/advice/advice.h"

#include <array>
#include <cstddef>

#include "diagnose/advice/rows_before_answer.h"
#include "diagnose/advice/rows_from_answer.h"
#include "diagnose/advice/rows_to_endpoint.h"
#include "fault/catalogue.h"

namespace gg {
namespace {

constexpr std::size_t row_count = std::size(advice_rows::before_answer) +
                                  std::size(advice_rows::to_endpoint) +
                                  std::size(advice_rows::from_answer);

constexpr std::array<Advice, row_count> join() {
  std::array<Advice, row_count> joined{};
  std::size_t at = 0;
  for (const Advice& row : advice_rows::before_answer) joined[at++] = row;
  for (const Advice& row : advice_rows::to_endpoint) joined[at++] = row;
  for (const Advice& row : advice_rows::from_answer) joined[at++] = row;
  return joined;
}

constexpr std::array<Advice, row_count> table = join();

/// A row per cause, in order, each with a proof: a forgotten one does not compile.
consteval bool table_is_complete() {
  if (row_count != fault_count - 1) return false;
  for (std::size_t i = 0; i < row_count; ++i) {
    if (index_of(table[i].fault) != i + 1 || table[i].proof.empty()) return false;
  }
  return true;
}
static_assert(table_is_complete());

std::string_view own_words(const Advice& advice, Product product) {
  switch (product) {
    case Product::nginx:
      return advice.nginx;
    case Product::haproxy:
      return advice.haproxy;
    case Product::envoy:
      return advice.envoy;
    case Product::apache:
    case Product::caddy:
    case Product::traefik:
    case Product::alb:
      return advice.others;
    case Product::goodgate:
    case Product::any:
      return {};
  }
  return {};
}

}  // namespace

std::string_view name_of(Product product) {
  switch (product) {
    case Product::goodgate:
      return "Goodgate";
    case Product::nginx:
      return "nginx";
    case Product::haproxy:
      return "HAProxy";
    case Product::envoy:
      return "Envoy";
    case Product::apache:
      return "Apache";
    case Product::caddy:
      return "Caddy";
    case Product::traefik:
      return "Traefik";
    case Product::alb:
      return "AWS ALB";
    case Product::any:
      return "any gateway";
  }
  return "any gateway";
}

std::span<const Advice> all_advice() { return table; }

const Advice& advice_on(Fault fault) {
  return table[fault == Fault::none ? 0 : index_of(fault) - 1];
}

std::string_view remedy_for(Fault fault, Product product) {
  std::string_view words = fault == Fault::none ? "" : own_words(advice_on(fault), product);
  return words.empty() ? row_of(fault).remedy : words;
}

}  // namespace gg
