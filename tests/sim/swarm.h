// SPDX-License-Identifier: Apache-2.0
// One random world per seed: topology, configuration, traffic and faults. swarm_test.cc runs
// thousands; all that is done to a world is declared, so that every fault must be explained.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "support/world.h"

namespace gg {

/// What the gateway speaks with an origin.
enum class SwarmSpeech : std::uint8_t { http1, http1_over_tls, http2, http2_over_tls };
constexpr bool speaks_http2(SwarmSpeech speech) {
  return speech == SwarmSpeech::http2 || speech == SwarmSpeech::http2_over_tls;
}
constexpr bool speaks_tls(SwarmSpeech speech) {
  return speech == SwarmSpeech::http1_over_tls || speech == SwarmSpeech::http2_over_tls;
}

/// How one origin of a swarm is; drawn once. A sound one has no trouble of its own at all.
struct SwarmOrigin {
  bool is_sound = true;
  double bad_answers = 0;  // of requests
  double link_faults = 0;  // of connections, each of reset, end and stall
  std::size_t incidents = 0;
  bool closes_idle = false;
  bool is_grey = false;   // slow, but it answers
  std::size_t slots = 0;  // works quickly, but on so many requests at once; 0: on all
  bool is_named = false;  // its address is found a little after the start
  SwarmSpeech speech = SwarmSpeech::http1;
  std::size_t goodbyes = 0;        // said on all of its HTTP/2 connections at some moment
  bool always_apologises = false;  // answers everything with 503, quickly
};

/// What a seed stands for, in short; printed with a failure.
struct SwarmPlan {
  WorldSettings world;
  std::vector<SwarmOrigin> origins;
  std::size_t sessions = 0;
  std::size_t requests_per_session = 0;
  std::size_t body_max = 0;
  bool client_network_fails = false;
  bool clients_misbehave = false;
  bool every_byte = false;
  bool drains = false;
  bool few_descriptors = false;
  bool few_ports = false;
  bool restarts_in_turn = false;  // every origin, one after the other
  bool continues = false;         // most answers are files that all origins have
  double http2 = 0;               // of sessions
  std::size_t strangers = 0;      // clients that talk nonsense
  bool http2_is_known = false;    // of all origins; else TLS agrees on it
  bool tls_in_front = false;      // of the gateway, for all sessions
};
SwarmPlan plan_of(Seed seed);
bool has_tls(const SwarmPlan& plan);
/// Where requests belong in that seed: nowhere mostly, else by hash, cookie or zone. Drawn by
/// itself, so that it changes nothing else of the seed.
void place_requests(Seed seed, Config& config);
/// The Cookie of a request, if it has one: of one of the endpoints, or nonsense.
std::string cookie_of_request(Seed seed, std::uint64_t request, const UpstreamConfig& upstream);
std::string text_of(const SwarmPlan& plan);

/// What came of one seed.
struct SwarmResult {
  Complaints complaints;
  std::string stories;  // of the requests that complaints name
  std::uint64_t trace = 0;
  std::size_t requests = 0;
  std::size_t rescued = 0;        // attempts that failed and were made good by another
  std::size_t client_errors = 0;  // gateway errors and broken answers, unavoidable as they are
  std::vector<Fault> faults;      // of attempts and exchanges, each once
};
SwarmResult run_swarm(Seed seed);

}  // namespace gg
