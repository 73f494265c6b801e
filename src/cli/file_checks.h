// SPDX-License-Identifier: Apache-2.0
// What is looked into beyond the text of a configuration, by `check` and before one is put in
// force.
#pragma once

#include "config/endpoint_file.h"
#include "report/check_log_format.h"
#include "tls/check_certificates.h"

namespace gg {

/// FileCheck.
inline void check_files(const Config& config, const Places& places, ComplaintList& complaints) {
  check_certificates(config, places, complaints);
  check_endpoint_files(config, places, complaints);
  check_log_format(config, places, complaints);
}

/// FileCheck: as check_certificates_at_start() is milder.
inline void check_files_at_start(const Config& config, const Places& places,
                                 ComplaintList& complaints) {
  check_certificates_at_start(config, places, complaints);
  check_endpoint_files_at_start(config, places, complaints);
  check_log_format(config, places, complaints);
}

}  // namespace gg
