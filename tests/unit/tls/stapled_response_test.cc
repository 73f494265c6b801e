// SPDX-License-Identifier: Apache-2.0
#include "tls/stapled_response.h"

#include <gtest/gtest.h>

#include <fstream>

#include "support/test_certificates.h"

namespace gg {

namespace {

class Stapled : public testing::Test {
 protected:
  Result<StapledResponse, CertificateProblem> load(const std::string& file) {
    return StapledResponse::load(file, *CertificateFiles::load(certificate_));
  }
  std::string problem_of(const std::string& file) { return load(file).error().problem; }
  std::string write(const std::string& text) {
    std::string file = authority_.folder() + "/text";
    std::ofstream(file) << text;
    return file;
  }

  TestAuthority authority_;
  Certificate certificate_ = authority_.issue();
};

TEST_F(Stapled, TellsUntilWhenItIsValid) {
  auto response = load(authority_.answer_about(certificate_, 1'800'000'000));

  ASSERT_TRUE(response.has_value());
  EXPECT_FALSE(response->bytes().empty());
  EXPECT_EQ(response->valid_until().microseconds, 1'800'000'000'000'000);
  EXPECT_FALSE(response->problem_at({1'800'000'000'000'000}).has_value());
  EXPECT_EQ(response->problem_at({1'800'000'000'000'001})->problem,
            "has expired on 2027-01-15 08:00:00 UTC");
}

TEST_F(Stapled, SaysWhenItIsAboutAnother) {
  EXPECT_EQ(problem_of(authority_.answer_about(authority_.issue())),
            "is about another certificate");
}

TEST_F(Stapled, SaysWhenItIsNoGoodAnswer) {
  EXPECT_EQ(
      problem_of(authority_.answer_about(certificate_, 1'800'000'000, V_OCSP_CERTSTATUS_UNKNOWN)),
      "says of the certificate: unknown");
  EXPECT_EQ(problem_of(write("-----BEGIN")), "is no response of OCSP in DER form");
  EXPECT_EQ(problem_of(write({"\x30\x03\x0a\x01\x06", 5})), "has no answer: unauthorized");
}

TEST_F(Stapled, SaysWhenItCannotBeRead) {
  EXPECT_EQ(problem_of("/nowhere"), "cannot be read: No such file or directory");
  EXPECT_EQ(problem_of(write("")), "is empty, or larger than any response of OCSP");
}

}  // namespace

}  // namespace gg
