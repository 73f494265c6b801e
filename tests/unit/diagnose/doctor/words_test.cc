// SPDX-License-Identifier: Apache-2.0
#include "diagnose/doctor/words.h"

#include <gtest/gtest.h>

namespace gg {
namespace {

TEST(DoctorWords, DurationsHaveTheUnitThatReadsWell) {
  EXPECT_EQ(shown(340us), "340 us");
  EXPECT_EQ(shown(12'340us), "12.3 ms");
  EXPECT_EQ(shown(340ms), "340 ms");
  EXPECT_EQ(shown(5s), "5.0 s");
  EXPECT_EQ(shown(10min), "10 min");
}

TEST(DoctorWords, BytesThatAreNoTextAreMadeHarmless) {
  EXPECT_EQ(escaped("a\"\\\r\n\x1b[31m"), "\"a\\x22\\x5c\\r\\n\\x1b[31m\"");
  EXPECT_EQ(escaped(std::string(100, 'x')).size(), 66U);
}

TEST(DoctorWords, WhatWasSaidInHttp2IsTold) {
  EXPECT_EQ(words_of(Http2Facts{.took = 5s}), "no SETTINGS for 5.0 s");
  EXPECT_EQ(words_of(Http2Facts{.has_greeted = true,
                                .took = 2ms,
                                .requests_most = 128,
                                .was_told_to_go = true,
                                .requests = 3}),
            "SETTINGS in 2.0 ms, 128 requests at a time, at its end after 3");
  EXPECT_EQ(name_of_http2_error(MessageError::stream_refused, 7), "REFUSED_STREAM");
  EXPECT_EQ(name_of_http2_error(MessageError::bad_field_name, 7), "");
}

TEST(DoctorWords, EachNameServerIsNamed) {
  NameSurvey survey{.name = "a",
                    .in_hosts_file = {Address::v4({10, 0, 0, 1}, 0)},
                    .servers = {{.server = "10.0.0.53:53",
                                 .addresses = {Address::v4({10, 0, 0, 2}, 0)},
                                 .ttl = 30s},
                                {.server = "10.0.0.54:53", .error = DnsError::timeout}},
                    .search = {"internal"}};

  EXPECT_EQ(words_of(survey),
            "hosts file: 10.0.0.1; 10.0.0.53:53: 10.0.0.2 (for 30.0 s); 10.0.0.54:53: timeout; "
            "search: internal");
  EXPECT_EQ(words_of(NameSurvey{}), "no name server is configured");
}

TEST(DoctorWords, WhatCannotBeReadIsSaid) {
  LocalFacts local{.ports_first = 1, .ports_last = 2, .descriptors = 3, .tracking_is_hidden = true};

  EXPECT_NE(words_of(local).find("cannot be read by this user"), std::string::npos);
}

}  // namespace
}  // namespace gg
