// SPDX-License-Identifier: Apache-2.0
// An incident in sentences: what it is, what was observed, what the gateway did about it, what to
// do. Used by the admin interface and for the operator's log.
#pragma once

#include <string>
#include <vector>

#include "config/model.h"
#include "report/incident.h"

namespace gg {

/// "connect_refused at 10.0.0.1:3000 of app".
std::string title_of(const Incident& incident);

/// What the failed attempts have in common, most telling first.
std::vector<std::string> evidence_of(const Incident& incident);

/// "rescued 40 of 42 requests", and why the others could not be.
std::vector<std::string> deeds_of(const Incident& incident);

/// What to do, most fitting first: with settings and values where the evidence gives them.
/// `config`: that the gateway runs with.
std::vector<std::string> remedies_of(const Incident& incident, const Config& config);

/// For the operator's log, when it begins and when it has ended.
std::string beginning_text(const Incident& incident);
std::string ending_text(const Incident& incident);

}  // namespace gg
