// SPDX-License-Identifier: Apache-2.0
// The part of the table that tells of one upstream, for tables.cc.
#pragma once

#include "config/schema.h"

namespace gg {

/// The keys of `upstreams.NAME` and of everything below it.
extern const Section upstream_section;

}  // namespace gg
