// SPDX-License-Identifier: Apache-2.0
#include "diagnose/doctor/talk_facts.h"

#include <algorithm>

#include "base/text.h"
#include "http/keep_alive.h"

namespace gg {

namespace {

constexpr std::size_t body_start_most = 2048;
constexpr std::size_t telling_fields_most = 512;

}  // namespace

void note_head(const ResponseHead& head, TalkFacts& talk) {
  for (const Field& field : head.fields.all()) {
    if (equal_ignoring_case(field.name, "Via")) {
      add_members(talk.hops.via, field.value);
    } else if (equal_ignoring_case(field.name, "Proxy-Status")) {
      add_members(talk.hops.status, field.value);
    } else if (equal_ignoring_case(field.name, "Server")) {
      talk.hops.server = field.value;
    } else if (equal_ignoring_case(field.name, "Content-Encoding")) {
      talk.coding = field.value;
    } else if (field.name.starts_with("X-") || field.name.starts_with("x-")) {
      for (char c : field.name) talk.hops.fields += ascii_lower(c);
      talk.hops.fields += ' ';
    }
  }
  talk.hops.fields.resize(std::min(talk.hops.fields.size(), telling_fields_most));
  talk.announced_idle = keep_alive_terms_of(head.fields).timeout;
}

void keep_body_start(std::string_view bytes, TalkFacts& talk) {
  std::size_t room = body_start_most - std::min(body_start_most, talk.hops.body_start.size());
  talk.hops.body_start += bytes.substr(0, room);
}

}  // namespace gg
