// SPDX-License-Identifier: Apache-2.0
#include "report/check_log_format.h"

#include <fmt/format.h>

#include "config/reader.h"
#include "report/log_layout.h"

namespace gg {

void check_log_format(const Config& config, const Places& places, ComplaintList& complaints) {
  const LogFormat& format = config.log.format;
  if (format.kind != LogFormat::Kind::custom) return;
  Result<LogLayout, LogLayoutError> layout = LogLayout::compile(format.pattern);
  if (layout) return;
  const std::string path = "log.format";
  complaints.error(places.find(path), path,
                   fmt::format("{}, at character {} of the template", layout.error().problem,
                               layout.error().position + 1),
                   layout.error().remedy);
}

}  // namespace gg
