// SPDX-License-Identifier: Apache-2.0
#include "tls/check_certificates.h"

#include <gtest/gtest.h>

#include <ctime>

#include "support/test_certificates.h"

namespace gg {

namespace {

constexpr std::int64_t day = 86'400;

class CheckedFiles : public testing::Test {
 protected:
  /// "error listeners[0].tls…: problem" of each complaint.
  static std::vector<std::string> complaints_of(const std::string& text,
                                                FileCheck files = check_certificates) {
    LoadResult loaded = load_config(text, "goodgate.yaml", files);
    std::vector<std::string> said;
    for (const Complaint& one : loaded ? loaded->warnings : loaded.error()) {
      said.push_back((one.severity == Severity::error ? "error " : "warning ") + one.path + ": " +
                     one.problem);
    }
    return said;
  }
  static std::string listening_with(const Certificate& files, const std::string& more = {}) {
    return "listeners: [{ address: \":8443\", tls: { certificates: { cert: " + files.cert +
           ", key: " + files.key + " }" + more +
           " } }]\nupstreams: { app: \"http://10.0.0.1:3000\" }\n";
  }
  static std::int64_t now() { return static_cast<std::int64_t>(std::time(nullptr)); }
  Certificate lasting(std::int64_t days) {
    return authority.issue({.names = {"shop.example"}, .until = now() + days * day + 3600});
  }

  TestAuthority authority;
};

TEST_F(CheckedFiles, AreFineWhenTheyAre) {
  EXPECT_EQ(complaints_of(listening_with(lasting(100))), std::vector<std::string>{});
}

TEST_F(CheckedFiles, AreNamedWithTheirPlaceWhenTheyAreMissing) {
  Certificate good = lasting(100);

  EXPECT_EQ(complaints_of(listening_with({.cert = "/none.pem", .key = good.key})),
            (std::vector<std::string>{"error listeners[0].tls.certificates[0].cert: /none.pem "
                                      "cannot be read: No such file or directory"}));
  EXPECT_EQ(complaints_of(listening_with({.cert = good.cert, .key = "/none.key"})),
            (std::vector<std::string>{"error listeners[0].tls.certificates[0].key: /none.key "
                                      "cannot be read: No such file or directory"}));
  EXPECT_EQ(complaints_of(listening_with(good, ", client_ca: /none.ca")),
            (std::vector<std::string>{"error listeners[0].tls.client_ca: /none.ca cannot be read: "
                                      "No such file or directory"}));
}

TEST_F(CheckedFiles, AreNamedByWhatTheyLackEvenIfTwoAreInOne) {
  Certificate good = lasting(100);

  EXPECT_EQ(complaints_of(listening_with({.cert = good.cert, .key = good.cert})),
            (std::vector<std::string>{"error listeners[0].tls.certificates[0].key: " + good.cert +
                                      " holds no private key in PEM form"}));
}

TEST_F(CheckedFiles, AreResponsesOfOcspToo) {
  Certificate files = lasting(100);
  auto complaints_about = [&](const std::string& file) {
    Certificate stapled{.cert = files.cert, .key = files.key + ", ocsp: " + file};
    return complaints_of(listening_with(stapled));
  };
  std::string other = authority.answer_about(lasting(100), now() + day);
  std::string place = " listeners[0].tls.certificates[0].ocsp: ";

  EXPECT_EQ(complaints_about(authority.answer_about(files, now() + day)),
            std::vector<std::string>{});
  EXPECT_EQ(complaints_about(other),
            std::vector<std::string>{"error" + place + other + " is about another certificate"});
  std::vector<std::string> old = complaints_about(authority.answer_about(files, now() - day));
  ASSERT_EQ(old.size(), 1U);
  EXPECT_TRUE(old.front().starts_with("warning" + place));
}

TEST_F(CheckedFiles, AreRefusedWhenTheyHaveExpiredButNotAtTheStart) {
  Certificate old = authority.issue({.names = {"shop.example"}, .until = 1'740'000'000});
  std::string problem = "listeners[0].tls.certificates[0].cert: " + old.cert +
                        " has expired on 2025-02-19 21:20:00 UTC";

  EXPECT_EQ(complaints_of(listening_with(old)), (std::vector<std::string>{"error " + problem}));
  std::vector<std::string> at_start =
      complaints_of(listening_with(old), check_certificates_at_start);
  EXPECT_EQ(at_start, (std::vector<std::string>{"warning " + problem}));
}

TEST_F(CheckedFiles, AreWarnedOfTwoWeeksBeforeTheyExpire) {
  std::vector<std::string> said = complaints_of(listening_with(lasting(5)));

  ASSERT_EQ(said.size(), 1U);
  EXPECT_NE(said[0].find("expires in 5 days, on "), std::string::npos) << said[0];
}

TEST_F(CheckedFiles, AreExpectedForEveryHostOfARoute) {
  std::string text =
      listening_with(lasting(100)) + "routes: [{ host: [shop.example, api.example], to: app }]\n";

  EXPECT_EQ(complaints_of(text),
            (std::vector<std::string>{"warning listeners[0].tls: no certificate is for "
                                      "api.example, which a route is for"}));
}

TEST_F(CheckedFiles, OfAnUpstreamGoTogetherAndNeedHttps) {
  std::string listen = "listeners: [\":8080\"]\n";

  EXPECT_EQ(complaints_of(listen + "upstreams: { app: { endpoints: \"http://10.0.0.1\", tls: "
                                   "{ verify: true } } }\n"),
            (std::vector<std::string>{
                "warning upstreams.app.tls: this has no effect: no endpoint is https"}));
  EXPECT_EQ(
      complaints_of(listen + "upstreams: { app: { endpoints: \"https://10.0.0.1\", tls: "
                             "{ cert: a.pem } } }\n"),
      (std::vector<std::string>{"error upstreams.app.tls: a certificate and its key go together"}));
  EXPECT_EQ(complaints_of(listen + "upstreams: { app: { endpoints: \"https://10.0.0.1\", tls: "
                                   "{ ca: /none.pem } } }\n"),
            (std::vector<std::string>{"error upstreams.app.tls.ca: /none.pem cannot be read: No "
                                      "such file or directory"}));
}

}  // namespace

}  // namespace gg
