// SPDX-License-Identifier: Apache-2.0
// What a seed stands for.
#include <algorithm>
#include <cstdio>

#include "sim/dice.h"
#include "sim/swarm.h"
#include "upstream/balance/choice_key.h"
#include "upstream/pool_health.h"

namespace gg {

namespace {

SwarmSpeech draw_speech(Dice& dice, bool http2_is_known, bool has_tls) {
  using enum SwarmSpeech;
  if (http2_is_known) return has_tls && dice.chance(0.5) ? http2_over_tls : http2;
  if (!has_tls || dice.chance(0.2)) return http1;
  return dice.chance(0.5) ? http1_over_tls : http2_over_tls;
}

/// Handshakes take more time than all else in a simulation, so TLS has a small share. Where every
/// byte comes by itself there is none: a handshake of thousands takes longer than one may.
void draw_speeches(SwarmPlan& plan, Seed seed) {
  Dice dice(seed.value * 31 + 24);
  double kind = dice.rng().fraction();
  plan.http2_is_known = kind < 0.15;
  bool has_tls = !plan.every_byte && (kind < 0.02 || (kind > 0.15 && kind < 0.20));
  for (SwarmOrigin& origin : plan.origins) {
    origin.speech = draw_speech(dice, plan.http2_is_known, has_tls);
    if (speaks_http2(origin.speech) && dice.chance(0.3)) origin.goodbyes = dice.between(1, 5);
  }
  plan.tls_in_front = dice.chance(0.04) && !plan.every_byte;
}

std::string_view text_of(SwarmSpeech speech) {
  switch (speech) {
    case SwarmSpeech::http1:
      return "";
    case SwarmSpeech::http1_over_tls:
      return "TLS, ";
    case SwarmSpeech::http2:
      return "HTTP/2, ";
    case SwarmSpeech::http2_over_tls:
      return "HTTP/2 over TLS, ";
  }
  return "";
}

}  // namespace

SwarmPlan plan_of(Seed seed) {
  Dice dice(seed.value);
  SwarmPlan plan;
  plan.world = {
      .origins = dice.between(1, 5), .clients = dice.between(1, 4), .workers = dice.between(1, 2)};
  bool calm = dice.chance(0.1);
  for (std::size_t i = 0; i < plan.world.origins; ++i) {
    SwarmOrigin origin;
    origin.is_sound = calm || dice.chance(0.4);
    if (!origin.is_sound) {
      if (dice.chance(0.6)) origin.bad_answers = dice.rng().fraction();
      if (dice.chance(0.3)) origin.link_faults = dice.rng().fraction() * 0.2;
      if (dice.chance(0.6)) origin.incidents = dice.between(1, 3);
      origin.closes_idle = dice.chance(0.3);
    }
    origin.is_grey = dice.chance(0.1);
    bool is_small = origin.is_sound && !origin.is_grey && dice.chance(0.3);
    if (is_small) origin.slots = dice.between(1, 8);
    origin.is_named = !calm && dice.chance(0.1);
    plan.origins.push_back(origin);
  }
  plan.sessions = dice.between(1, 20);
  plan.requests_per_session = dice.between(1, 20);
  plan.client_network_fails = dice.chance(0.1);
  plan.clients_misbehave = dice.chance(0.3);
  plan.every_byte = dice.chance(0.05);
  double size = dice.rng().fraction();
  plan.body_max = plan.every_byte ? 2'000 : size < 0.8 ? 6'000 : size < 0.97 ? 150'000 : 2'000'000;
  plan.drains = dice.chance(0.05);
  plan.few_descriptors = dice.chance(0.05);
  plan.few_ports = dice.chance(0.03);
  plan.restarts_in_turn = dice.chance(0.1);
  plan.strangers = dice.chance(0.3) ? dice.between(1, 5) : 0;
  plan.continues = Dice(seed.value * 31 + 20).chance(0.3);
  Dice http2(seed.value * 31 + 23);
  if (http2.chance(0.4)) plan.http2 = http2.rng().fraction();
  draw_speeches(plan, seed);
  Dice apologies(seed.value * 31 + 26);
  for (SwarmOrigin& origin : plan.origins) {
    origin.always_apologises = origin.is_sound && apologies.chance(0.03);
  }
  return plan;
}

bool has_tls(const SwarmPlan& plan) {
  return plan.tls_in_front || std::ranges::any_of(plan.origins, speaks_tls, &SwarmOrigin::speech);
}

std::string text_of(const SwarmPlan& plan) {
  std::string text = std::to_string(plan.world.workers) + " workers, " +
                     std::to_string(plan.sessions) + " sessions of at most " +
                     std::to_string(plan.requests_per_session) + " requests, bodies of at most " +
                     std::to_string(plan.body_max) + " bytes";
  if (plan.client_network_fails) text += ", the clients' network fails";
  if (plan.clients_misbehave) text += ", clients misbehave";
  if (plan.every_byte) text += ", every byte by itself";
  if (plan.drains) text += ", the gateway drains";
  if (plan.few_descriptors) text += ", few descriptors";
  if (plan.few_ports) text += ", few ports";
  if (plan.restarts_in_turn) text += ", origins restart in turn";
  if (plan.http2 > 0)
    text += ", " + std::to_string(static_cast<int>(plan.http2 * 100)) + " % HTTP/2";
  if (plan.tls_in_front) text += ", TLS in front";
  if (plan.continues) text += ", answers are continued";
  if (plan.strangers > 0) text += ", " + std::to_string(plan.strangers) + " strangers";
  for (std::size_t i = 0; i < plan.origins.size(); ++i) {
    const SwarmOrigin& origin = plan.origins[i];
    text += "\n  origin " + std::to_string(i) + ": ";
    text += text_of(origin.speech);
    if (origin.goodbyes > 0) text += std::to_string(origin.goodbyes) + " goodbyes, ";
    if (origin.always_apologises) text += "always 503, ";
    if (origin.is_grey) text += "grey, ";
    if (origin.is_named) text += "named, ";
    if (origin.is_sound) {
      text += "sound";
      continue;
    }
    text += std::to_string(static_cast<int>(origin.bad_answers * 100)) + " % bad answers, " +
            std::to_string(static_cast<int>(origin.link_faults * 100)) + " % link faults, " +
            std::to_string(origin.incidents) + " incidents";
    if (origin.closes_idle) text += ", closes idle connections";
  }
  return text;
}

void place_requests(Seed seed, Config& config) {
  Dice dice(seed.value * 31 + 18);
  UpstreamConfig& upstream = config.upstreams.front();
  constexpr HashKey::Kind kinds[] = {HashKey::Kind::header, HashKey::Kind::cookie,
                                     HashKey::Kind::source, HashKey::Kind::path};
  if (dice.chance(0.2)) upstream.balance.hash = {.kind = dice.one_of(kinds), .text = "x-sim-id"};
  if (dice.chance(0.2)) upstream.balance.sticky = {.cookie = "route", .secret = "s"};
  if (!dice.chance(0.2)) return;
  config.zone = "a";
  for (EndpointConfig& endpoint : upstream.endpoints) endpoint.zone = dice.chance(0.5) ? "a" : "b";
}

std::string cookie_of_request(Seed seed, std::uint64_t request, const UpstreamConfig& upstream) {
  Dice dice(seed.value * 31 + 19 + (request << 32U));
  if (!upstream.balance.sticky || dice.chance(0.2)) return {};
  if (dice.chance(0.1)) return "route=nonsense";
  const EndpointConfig& endpoint = dice.one_of(upstream.endpoints);
  char mark[17];
  std::snprintf(mark, sizeof mark, "%016llx",
                static_cast<unsigned long long>(
                    sticky_mark(*upstream.balance.sticky, upstream.name, name_of(endpoint.url))));
  return std::string("theme=dark; route=") + mark;
}

}  // namespace gg
