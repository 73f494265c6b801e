// SPDX-License-Identifier: Apache-2.0
// docs/access-log.md and docs/metrics.md, written from the tables of fields and metrics. Used by
// tools/gendocs and by the tests that the documents are current.
#pragma once

#include <string>

namespace gg {

std::string access_log_document();
std::string metrics_document();

}  // namespace gg
