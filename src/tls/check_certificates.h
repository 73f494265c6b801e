// SPDX-License-Identifier: Apache-2.0
// Whether the certificates and keys that a configuration names can be used, said as complaints with
// a place. For `goodgate check`, and before a configuration is put in force.
#pragma once

#include "config/load.h"

namespace gg {

/// FileChecks. Strict: a certificate that has expired is an error.
void check_certificates(const Config& config, const Places& places, ComplaintList& complaints);
/// At the start there are no older ones to keep: rather serve with what has expired than not at
/// all.
void check_certificates_at_start(const Config& config, const Places& places,
                                 ComplaintList& complaints);

}  // namespace gg
