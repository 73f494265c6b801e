// SPDX-License-Identifier: Apache-2.0
#include "cli/incident_text.h"

#include <gtest/gtest.h>

namespace gg {
namespace {

constexpr std::string_view two = R"({"open": 1, "incidents": [
  {"id": 3, "title": "connect_refused at 10.0.0.1:3000 of app", "open": true, "blame": "upstream",
   "began": "2026-08-01T12:34:56.000789Z", "failed": 2, "rescued": 40, "share": 0.125,
   "remedy": "Start it."},
  {"id": 12, "title": "queue_full of app", "open": false, "blame": "gateway", "explained_by": 3,
   "began": "2026-08-01T12:35:00.000000Z", "failed": 7, "rescued": 0}]})";

TEST(IncidentText, TheTableHasALineForEachAndSaysWhatToDoFirst) {
  EXPECT_EQ(*incident_table(two, Coloring::plain),
            "id  state  began (UTC)          failed  rescued  share  whose, and what\n"
            " 3  open   2026-08-01 12:34:56       2       40   12 %  upstream: connect_refused at "
            "10.0.0.1:3000 of app\n"
            "12  over   2026-08-01 12:35:00       7        0      -  gateway: queue_full of app "
            "(because of 3)\n"
            "\n"
            "first to do: Start it.\n"
            "`goodgate incidents 3` tells more\n");
}

TEST(IncidentText, NoIncidentIsGoodNews) {
  EXPECT_EQ(*incident_table(R"({"incidents": []})", Coloring::plain),
            "nothing failed or had to be rescued since the gateway started\n");
}

constexpr std::string_view one = R"({"id": 3, "title": "keep_alive_race at a of app", "open": true,
  "fault": {"id": "H1", "name": "keep_alive_race", "meaning": "It closed."}, "blame": "upstream",
  "upstream": "app", "endpoint": "a", "began": "2026-08-01T12:34:56.000789Z",
  "last_seen": "2026-08-01T12:34:59.000789Z", "failed": 0, "rescued": 40, "share": 0.004,
  "most_per_second": 0.5, "explains": 2, "routes": [{"route": "shop", "requests": 40}],
  "evidence": ["idle for 4.98 s"], "gateway": ["rescued 40 requests"],
  "before": [{"time": "2026-08-01T12:34:00.000000Z", "kind": "reload",
              "text": "it was read again"}],
  "during": [], "remedies": ["Set keep_alive.idle."], "samples": ["0123"]})";

TEST(IncidentText, OneIsToldInTheOrderInWhichItIsNeeded) {
  EXPECT_EQ(*incident_text(one, Coloring::plain), R"(incident 3: keep_alive_race at a of app
It closed.

  whose     upstream
  since     2026-08-01 12:34:56 UTC, last seen 2026-08-01 12:34:59
  requests  0 failed, 40 rescued, <1 % of what goes to app, at most 0.5 per second
  routes    shop (40)
  explains  2 other incidents

what to do
  - Set keep_alive.idle.

what was observed
  - idle for 4.98 s

what changed just before
  - 2026-08-01 12:34:00  it was read again

what the gateway did
  - rescued 40 requests

single requests
  goodgate explain 0123
)");
}

TEST(IncidentText, WhatIsNoIncidentIsRefused) {
  for (std::string_view text : {"", "{}", "[]", "<html>", R"({"incidents": 7, "title": 3})"}) {
    EXPECT_FALSE(incident_text(text, Coloring::plain).has_value()) << text;
  }
}

}  // namespace
}  // namespace gg
