// SPDX-License-Identifier: Apache-2.0
// Examines endpoints, several at a time, and says in words or JSON what was found. Behind
// `goodgate doctor`.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "config/complaint.h"
#include "config/model.h"
#include "diagnose/doctor/facts.h"
#include "diagnose/doctor/judge.h"
#include "diagnose/doctor/probe.h"
#include "engine/engine.h"

namespace gg {

/// "http://name:8080/path", "https://10.0.0.1", "10.0.0.1:3000".
Result<DoctorTarget, Misreading> parse_target(std::string_view text);

/// Every endpoint of a configuration, as its upstream would use it; asked for the path of its
/// health check if there is one. Those of a file and a name that discovery follows are among them;
/// reads the file.
std::vector<DoctorTarget> targets_of(const Config& config);
/// Where a configuration finds endpoints that are not among them: "upstream app: _http._tcp.x".
std::vector<std::string> not_looked_at(const Config& config);

/// Hears how far an examination is.
class DoctorProgress {
 public:
  virtual void done(std::size_t count, std::size_t all) = 0;

 protected:
  ~DoctorProgress() = default;
};

/// Blocks until all is seen, in the order of `targets`. Turns `engine`, which is an EpollEngine
/// that nobody else turns. Fails when a file that a target's TLS names is of no use.
Result<std::vector<DoctorFacts>, CertificateProblem> examine(Engine& engine,
                                                             std::span<const DoctorTarget> targets,
                                                             const DoctorSettings& settings,
                                                             DoctorProgress& progress);

/// One target and what was found.
struct Diagnosis {
  DoctorFacts facts;
  std::vector<Finding> findings;

  bool is_wrong() const { return !findings.empty() && findings.front().weight == Weight::wrong; }
};

/// The verdict, then the evidence stage by stage.
std::string to_text(const Diagnosis& diagnosis, bool colored);
/// One line for many: "9 endpoints: 7 fine, 1 at risk, 1 wrong".
std::string summary_of(std::span<const Diagnosis> diagnoses);
/// An array with an object per target.
std::string to_json(std::span<const Diagnosis> diagnoses);
/// What must differ for `--watch` to speak again: verdicts, not times.
std::string essence_of(std::span<const Diagnosis> diagnoses);

}  // namespace gg
