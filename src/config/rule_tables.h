// SPDX-License-Identifier: Apache-2.0
// The part of the table that tells of traffic rules, for tables.cc.
#pragma once

#include "config/schema.h"

namespace gg {

/// The sections of `routes[]` for what a route does beside sending requests somewhere.
extern const Section request_headers_section;
extern const Section response_headers_section;
extern const Section rewrite_section;
extern const Section redirect_section;
extern const Section hsts_section;
extern const Section respond_section;
extern const Section cors_section;
extern const Section rate_limit_section;
extern const Section split_section;
extern const Section compress_section;
extern const Section basic_auth_section;
extern const Section forward_auth_section;
extern const Section mirror_section;

/// A file, of `error_pages`.
extern const Shape error_page_shape;

}  // namespace gg
