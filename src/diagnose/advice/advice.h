// SPDX-License-Identifier: Apache-2.0
// What to do about each cause of the catalogue: how to prove it, and how to mend it in the words of
// the gateway that somebody runs. Read by `explain` and by the pages of docs/causes/.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "fault/fault.h"

namespace gg {

/// Whose logs, codes or settings these are.
enum class Product : std::uint8_t {
  goodgate,
  nginx,
  haproxy,
  envoy,
  apache,
  caddy,
  traefik,
  alb,
  any,
  last = any,
};

/// "nginx", "HAProxy", "AWS ALB"; `any`: "any gateway".
std::string_view name_of(Product product);

/// What is written by hand about one cause. Empty: the catalogue's own remedy says all. Static
/// text.
struct Advice {
  Fault fault = Fault::none;
  std::string_view background;  // what happens, where the catalogue's sentence needs more
  std::string_view proof;       // what to run or to compare
  std::string_view nginx;
  std::string_view haproxy;
  std::string_view envoy;
  std::string_view others;  // Apache, Caddy, Traefik, load balancers of clouds
};

/// One row per cause but `none`, in the order of the catalogue.
std::span<const Advice> all_advice();

/// Never fails: every cause has a row.
const Advice& advice_on(Fault fault);

/// The remedy in that product's words; the catalogue's where there is nothing to add.
std::string_view remedy_for(Fault fault, Product product);

}  // namespace gg
