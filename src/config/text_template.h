// SPDX-License-Identifier: Apache-2.0
// Texts with variables in them, such as "https://{host}{target}": read here, so that a mistake has
// a place in the file, and written by rules/.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "config/complaint.h"

namespace gg {

/// What of a request a text may name.
enum class Variable : std::uint8_t {
  none,       // the piece is its literal alone
  client,     // {client}: the client's address, as trusted proxies report it
  peer,       // {peer}: the address that is connected
  id,         // {id}: the request id
  listener,   // {listener}
  method,     // {method}
  scheme,     // {scheme}: http or https, as trusted proxies report it
  host,       // {host}: without the port
  authority,  // {authority}: with it
  path,       // {path}: as the client sent it
  query,      // {query}: without the question mark
  target,     // {target}: path and query
  header,     // {header:NAME}: the first value of a request header
  cookie,     // {cookie:NAME}
};

struct TemplatePiece {
  std::string literal;  // comes first
  Variable variable = Variable::none;
  std::string name;  // of a header, in lower case, or of a cookie
  bool operator==(const TemplatePiece&) const = default;
};

/// Literal text with {variable} places; {{ and }} are braces. Allocates: for loading only.
Result<std::vector<TemplatePiece>, Misreading> read_template(std::string_view text);

}  // namespace gg
