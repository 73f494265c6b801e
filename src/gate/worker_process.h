// SPDX-License-Identifier: Apache-2.0
// What the supervisor gives a worker process, and the function that is one. The supervisor calls
// it in a fork of itself.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "config/model.h"
#include "engine/address.h"
#include "report/incident.h"
#include "tls/ticket_keys.h"
#include "upstream/health/health_board.h"
#include "upstream/members/member_notes.h"

namespace gg {

/// A socket that listens already, non-blocking. The path of a Unix address borrows from the
/// configuration beside it.
struct ListeningSocket {
  int descriptor = -1;
  Address address;           // the one that the kernel gave
  std::size_t listener = 0;  // index into Config::listeners
};

struct WorkerProcessSettings {
  std::shared_ptr<const Config> config;
  std::string config_path;  // empty: there is no file
  std::vector<ListeningSocket> listeners;
  int admin_descriptor = -1;       // listens for the admin interface; -1: it is off
  int control_descriptor = -1;     // the talk with the supervisor, see control.h
  HealthBoard* health = nullptr;   // in memory that worker processes share; null: there is none
  MemberNotes* members = nullptr;  // likewise
  /// That session tickets are sealed by, the same as before a reload.
  TicketKeys::Secret tickets = TicketKeys::random_secret();
  /// Why there is this process: the gateway started, was reloaded, or the one before has died.
  Change::Kind beginning = Change::Kind::start;
  std::string why_it_began = "the gateway started";  // a sentence without an end
  /// Where incidents are kept; empty: in memory only.
  std::string state_directory;
  std::string state_problem;  // why it cannot be used; empty: it can
};

/// Runs the worker process until it is told to stop; returns its exit status. The descriptors
/// become its own: it closes them when it stops accepting.
int run_worker_process(WorkerProcessSettings settings);

}  // namespace gg
