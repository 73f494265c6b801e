// SPDX-License-Identifier: Apache-2.0
// The file that `discover: { file: ... }` names: a URL a line, with what else is to be said of the
// endpoint behind it, as in `http://10.0.0.1:3000 weight=2 tier=1 zone=b drain  # the old one`.
#pragma once

#include <string_view>
#include <vector>

#include "base/result.h"
#include "config/complaint.h"
#include "config/load.h"

namespace gg {

/// `file_name` is how complaints call it. One mistake and nothing of it is used; complaints are
/// ordered by place. An empty file has no endpoints, which is no mistake.
Result<std::vector<EndpointConfig>, std::vector<Complaint>> parse_endpoint_file(
    std::string_view text, std::string_view file_name);

/// What is said of an endpoint behind its URL, word by word, into `endpoint`. Nothing: it is good.
std::optional<Misreading> read_endpoint_word(std::string_view word, EndpointConfig& endpoint);

/// The endpoint as a line of such a file, its end included.
std::string endpoint_line(const EndpointConfig& endpoint);

/// Longer ones are not read.
inline constexpr std::size_t endpoint_file_most = 1 << 20;

/// A FileCheck: every file that discovery names can be read and has no mistake.
void check_endpoint_files(const Config& config, const Places& places, ComplaintList& complaints);
/// The same, but a gateway starts without them: rather without these endpoints than not at all.
void check_endpoint_files_at_start(const Config& config, const Places& places,
                                   ComplaintList& complaints);

}  // namespace gg
