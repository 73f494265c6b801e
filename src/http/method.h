// SPDX-License-Identifier: Apache-2.0
// Request methods and what may be assumed of them (RFC 9110 section 9).
#pragma once

#include <cstdint>
#include <string_view>

namespace gg {

enum class Method : std::uint8_t {
  get,
  head,
  post,
  put,
  delete_,
  connect,
  options,
  trace,
  patch,
  other
};

/// Methods are case-sensitive (RFC 9110 9.1): "get" is `other`.
constexpr Method method_of(std::string_view text) {
  if (text == "GET") return Method::get;
  if (text == "POST") return Method::post;
  if (text == "HEAD") return Method::head;
  if (text == "PUT") return Method::put;
  if (text == "DELETE") return Method::delete_;
  if (text == "PATCH") return Method::patch;
  if (text == "OPTIONS") return Method::options;
  if (text == "CONNECT") return Method::connect;
  if (text == "TRACE") return Method::trace;
  return Method::other;
}

/// May the same request be delivered twice with the effect of once (RFC 9110 9.2.2)? An unknown
/// method is assumed to be unsafe.
constexpr bool is_idempotent(Method method) {
  switch (method) {
    case Method::get:
    case Method::head:
    case Method::put:
    case Method::delete_:
    case Method::options:
    case Method::trace:
      return true;
    case Method::post:
    case Method::connect:
    case Method::patch:
    case Method::other:
      return false;
  }
  return false;
}

}  // namespace gg
