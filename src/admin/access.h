// SPDX-License-Identifier: Apache-2.0
// Who may ask the admin interface for what: its token, and what browsers must not be abused for.
// Pure; asked by AdminServer for every request.
#pragma once

#include <string>
#include <string_view>

#include "config/model.h"
#include "http/head.h"

namespace gg {

/// What the interface is guarded by.
struct AdminAccess {
  /// Nothing is told and nothing done without `token`.
  bool needs_token = false;
  std::string token;  // empty though one is needed: nobody has it
  /// Browsers cannot get there: it is a Unix socket.
  bool is_private = false;
  std::string host;  // that it was configured with; empty: any
};

/// `token`: what admin.token_file holds; empty: there is none. An address that other machines
/// reach needs one.
AdminAccess access_for(const AdminConfig& config, std::string token);

/// What a page is, as far as that matters here.
enum class PageKind : std::uint8_t {
  open,    // says nothing about anybody: readiness, the dashboard's own files
  facts,   // tells
  orders,  // changes something
};

/// Why a request is turned away; status 0: it is let in.
struct AdminRefusal {
  int status = 0;
  std::string_view reason;  // a sentence, its end included
};
AdminRefusal check_access(const RequestHead& head, PageKind page, const AdminAccess& access);

/// What a file holds as a token: its first line without spaces around it. Empty if it cannot be
/// read or is shorter than token_least. Blocks.
std::string read_token(const std::string& path);
inline constexpr std::size_t token_least = 16;

}  // namespace gg
