// SPDX-License-Identifier: Apache-2.0
#include "tls/certificates.h"

#include <gtest/gtest.h>

#include <fstream>

#include "support/test_certificates.h"

namespace gg {

namespace {

constexpr WallTime year_2026{1'767'225'600'000'000};

class CertificateFile : public testing::Test {
 protected:
  std::string write(const std::string& name, const std::string& text) {
    std::string path = authority.folder() + "/" + name;
    std::ofstream(path) << text;
    return path;
  }
  static std::string problem_of(const Certificate& files) {
    Result<CertificateFiles, CertificateProblem> loaded = CertificateFiles::load(files);
    return loaded ? "" : loaded.error().problem;
  }

  TestAuthority authority;
};

TEST_F(CertificateFile, TellsItsNamesAndItsTime) {
  Certificate files = authority.issue({.names = {"Shop.example", "*.shop.example", "10.0.0.1"},
                                       .from = 1'735'689'600,
                                       .until = 1'893'456'000});

  CertificateFiles loaded = *CertificateFiles::load(files);

  EXPECT_EQ(loaded.names(),
            (std::vector<std::string>{"shop.example", "*.shop.example", "10.0.0.1"}));
  EXPECT_EQ(date_of(loaded.valid_from()), "2025-01-01 00:00:00 UTC");
  EXPECT_EQ(date_of(loaded.valid_until()), "2030-01-01 00:00:00 UTC");
  EXPECT_FALSE(loaded.problem_at(year_2026).has_value());
}

TEST_F(CertificateFile, SaysWhenItExpiredOrWillBeValid) {
  CertificateFiles old = *CertificateFiles::load(authority.issue({.until = 1'740'000'000}));
  CertificateFiles young = *CertificateFiles::load(authority.issue({.from = 1'900'000'000}));

  EXPECT_EQ(old.problem_at(year_2026)->problem, "has expired on 2025-02-19 21:20:00 UTC");
  EXPECT_EQ(young.problem_at(year_2026)->problem, "is valid only from 2030-03-17 17:46:40 UTC on");
}

TEST_F(CertificateFile, SaysWhenItCannotBeRead) {
  Certificate good = authority.issue();

  EXPECT_EQ(problem_of({.cert = "/none/such.pem", .key = good.key}),
            "cannot be read: No such file or directory");
  EXPECT_EQ(problem_of({.cert = good.cert, .key = "/none/such.key"}),
            "cannot be read: No such file or directory");
}

TEST_F(CertificateFile, SaysWhenItIsNotPem) {
  Certificate good = authority.issue();

  EXPECT_EQ(problem_of({.cert = write("text.pem", "hello\n"), .key = good.key}),
            "holds no certificate in PEM form");
  EXPECT_EQ(problem_of({.cert = good.cert, .key = write("text.key", "hello\n")}),
            "holds no private key in PEM form");
  EXPECT_EQ(problem_of({.cert = good.key, .key = good.key}), "holds no certificate in PEM form");
}

TEST_F(CertificateFile, SaysWhenItIsDamaged) {
  Certificate good = authority.issue();
  std::string damaged = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";

  EXPECT_EQ(problem_of({.cert = write("damaged.pem", damaged), .key = good.key}),
            "is damaged: a certificate in it cannot be decoded");
}

TEST_F(CertificateFile, SaysWhenTheKeyIsAnothers) {
  Certificate one = authority.issue();
  Certificate other = authority.issue();

  EXPECT_EQ(problem_of({.cert = one.cert, .key = other.key}),
            "is not the key of the certificate in " + one.cert);
}

TEST_F(CertificateFile, GivesAuthoritiesOrSaysWhyNot) {
  EXPECT_TRUE(load_authorities(authority.file()).has_value());
  EXPECT_EQ(load_authorities(write("empty.pem", "")).error().problem,
            "holds no certificate in PEM form");
}

}  // namespace

}  // namespace gg
