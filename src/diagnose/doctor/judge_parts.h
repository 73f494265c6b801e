// SPDX-License-Identifier: Apache-2.0
// The judgement of connections and of answers; parts of judge.cc.
#pragma once

#include "diagnose/doctor/judge.h"

namespace gg {

/// A finding with the catalogue's words; wrong.
Finding finding_of(Fault cause);

/// Says of a finding that a PROXY header was missing, or was one too many, if that was found out.
void explain_proxy_header(const AddressFacts& address, Finding& found);
/// Says of a wait in vain that the path loses large packets, if that was found out.
void explain_lost_packets(const AddressFacts& address, Finding& found);
/// TCP and TLS.
void judge_connection(const DoctorFacts& facts, const AddressFacts& address,
                      std::vector<Finding>& findings);
/// Requests that failed.
void judge_talks(const DoctorFacts& facts, const AddressFacts& address,
                 std::vector<Finding>& findings);

}  // namespace gg
