// SPDX-License-Identifier: Apache-2.0
// The settings of nginx that make requests fail needlessly. Pure.
#pragma once

#include <vector>

#include "diagnose/settings/nginx_text.h"
#include "diagnose/settings/remark.h"

namespace gg {

std::vector<Remark> nginx_remarks(const NginxSettings& settings);

}  // namespace gg
