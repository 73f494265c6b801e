// SPDX-License-Identifier: Apache-2.0
// The part of the table that tells of one upstream and where it is looked up, for tables.cc.
#pragma once

#include "config/schema.h"

namespace gg {

/// The keys of `upstreams.NAME` and of everything below it.
extern const Section upstream_section;
/// The keys of `etcd`.
extern const Section etcd_section;

}  // namespace gg
