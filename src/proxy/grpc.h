// SPDX-License-Identifier: Apache-2.0
// What a gRPC client is told when the gateway answers itself: a status of gRPC in a response of
// trailers only. Pure; Proxy::answer asks.
#pragma once

#include <string_view>

#include "base/text.h"
#include "fault/fault.h"
#include "http/head.h"

namespace gg {

enum class GrpcStatus : int {
  unknown = 2,
  deadline_exceeded = 4,
  permission_denied = 7,
  unimplemented = 12,
  internal = 13,
  unavailable = 14,
  unauthenticated = 16,
};

/// "application/grpc", "application/grpc+proto"; not grpc-web, whose clients read bodies.
constexpr bool is_grpc_type(std::string_view type) {
  constexpr std::string_view name = "application/grpc";
  if (type.size() < name.size() || !equal_ignoring_case(type.substr(0, name.size()), name)) {
    return false;
  }
  return type.size() == name.size() || type[name.size()] == '+' || type[name.size()] == ';' ||
         type[name.size()] == ' ';
}

/// gRPC is spoken over HTTP/2 alone: nobody else could read its status.
inline bool is_grpc(const RequestHead& head) {
  const Field* type = head.fields.find(FieldName::content_type);
  return head.version == HttpVersion::http2 && type != nullptr && is_grpc_type(type->value);
}

/// As gRPC's clients themselves read a response that is none of gRPC ("HTTP to gRPC Status Code
/// Mapping"), but that a deadline is called by its name.
constexpr GrpcStatus grpc_status_of(Fault fault, int http_status) {
  if (fault == Fault::exchange_deadline) return GrpcStatus::deadline_exceeded;
  switch (http_status) {
    case 400:
      return GrpcStatus::internal;
    case 401:
      return GrpcStatus::unauthenticated;
    case 403:
      return GrpcStatus::permission_denied;
    case 404:
      return GrpcStatus::unimplemented;
    case 429:
    case 502:
    case 503:
    case 504:
      return GrpcStatus::unavailable;
    default:
      return GrpcStatus::unknown;
  }
}

/// The number as it stands in grpc-status.
constexpr std::string_view text_of(GrpcStatus status) {
  switch (status) {
    case GrpcStatus::unknown:
      return "2";
    case GrpcStatus::deadline_exceeded:
      return "4";
    case GrpcStatus::permission_denied:
      return "7";
    case GrpcStatus::unimplemented:
      return "12";
    case GrpcStatus::internal:
      return "13";
    case GrpcStatus::unavailable:
      return "14";
    case GrpcStatus::unauthenticated:
      return "16";
  }
  return "2";
}

}  // namespace gg
