// SPDX-License-Identifier: Apache-2.0
// The settings of HAProxy that make requests fail needlessly. Pure.
#pragma once

#include <vector>

#include "diagnose/settings/haproxy_text.h"
#include "diagnose/settings/remark.h"

namespace gg {

std::vector<Remark> haproxy_remarks(const HaproxySettings& settings);

}  // namespace gg
