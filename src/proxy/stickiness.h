// SPDX-License-Identifier: Apache-2.0
// What of a request decides which endpoint it goes to, and the cookie by which a client keeps
// coming back to one. Used by the exchange before it chooses and by the rewriting of responses.
#pragma once

#include "config/model.h"
#include "proxy/field_list.h"
#include "upstream/balance/choice_key.h"

namespace gg {

struct Exchange;

/// A request that lacks what is hashed by has no hash; a cookie that makes no sense is no mark.
ChoiceKey choice_key_of(const Exchange& exchange, const BalanceConfig& balance);

/// Did the client speak TLS, to us or to the trusted proxy before us?
bool came_over_tls(const Exchange& exchange);

/// Room that add_sticky_cookie needs in its list, besides one field.
std::size_t sticky_cookie_size(const Exchange& exchange);
/// Tells the client which endpoint answered, if it does not know yet.
void add_sticky_cookie(const Exchange& exchange, FieldList& list);

}  // namespace gg
