// SPDX-License-Identifier: Apache-2.0
// gRPC's health protocol (grpc.health.v1.Health/Check), as far as one question and its answer go.
// Pure; HealthChecks asks.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace gg::grpc_health {

inline constexpr std::string_view path = "/grpc.health.v1.Health/Check";
/// A HealthCheckRequest as the body of a gRPC call; `*` asks for the whole server.
inline std::string question(std::string_view service) {
  if (service == "*") service = {};
  std::string message;
  if (!service.empty()) {
    message += '\x0a';  // field 1, a text
    std::size_t rest = service.size();
    for (; rest > 0x7f; rest >>= 7) message += static_cast<char>(0x80 | (rest & 0x7f));
    message += static_cast<char>(rest);
    message += service;
  }
  std::string framed(1, '\0');  // not compressed
  for (int shift : {24, 16, 8, 0}) framed += static_cast<char>(message.size() >> shift);
  return framed + message;
}

/// Does the body of the answer say SERVING? An error has no body.
constexpr bool is_serving(std::string_view body) {
  constexpr std::size_t frame_head = 5;
  constexpr char field_1_number = 8;
  constexpr char serving = 1;
  return body.size() >= frame_head + 2 && body[0] == 0 && body[frame_head] == field_1_number &&
         body[frame_head + 1] == serving;
}

}  // namespace gg::grpc_health
