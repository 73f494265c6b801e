// SPDX-License-Identifier: Apache-2.0
// Real logs of nginx, HAProxy and Apache, whose requests name the fault that each met.
#include "diagnose/logs/log_reader.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>
#include <zlib.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <set>

#include "diagnose/logs/print_tally.h"
#include "source_dir.h"

namespace gg {
namespace {

using enum Fault;

std::string folder() { return std::string(GG_SOURCE_DIR) + "/tests/unit/diagnose/logs/"; }

int open_log(const std::string& name) { return open((folder() + name).c_str(), O_RDONLY); }

std::string text_of(const std::string& name) {
  std::ifstream file(folder() + name, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

/// A pipe that holds `text`.
int pipe_of(std::string_view text) {
  int ends[2];
  EXPECT_EQ(pipe(ends), 0);
  EXPECT_EQ(write(ends[1], text.data(), text.size()), static_cast<ssize_t>(text.size()));
  close(ends[1]);
  return ends[0];
}

struct Expected {
  std::string_view path;
  std::vector<Fault> causes;  // all that are right
};

const std::vector<Expected> nginx_faults = {
    {"/close0", {keep_alive_race, closed_before_head}},
    {"/reset0", {keep_alive_race, closed_before_head}},
    {"/hang", {head_timeout, client_gone_while_waiting}},
    {"/big", {head_too_large}},
    {"/garbage", {not_http}},
    {"/badhdr", {head_malformed}},
    {"/trunc", {body_truncated}},
    {"/truncrst", {body_reset}},
    {"/bodyhang", {body_timeout, client_gone_in_download}},
    {"/badchunk", {body_bad_chunk}},
    {"/excess", {body_excess}},
    {"/parthead", {keep_alive_race, head_incomplete, closed_before_head}},
    {"/noread", {head_timeout}},
    {"/upreset", {keep_alive_race, closed_before_head, reset_while_sending}},
    {"/plaintls", {tls_handshake_timeout, tls_not_spoken}},
    {"/closetls", {tls_closed_in_handshake}},
    {"/refused", {connect_refused}},
    {"/silent", {connect_timeout}},
    {"/tlsok", {tls_untrusted_certificate}},
    {"/tlssni", {tls_alert_received}},
    {"/tlsmtls", {tls_alert_received, tls_client_certificate_rejected}},
    {"/unix", {unix_socket_missing}},
    {"/noresolver", {dns_no_resolver}},
    {"/dns", {dns_timeout}},
    {"/down", {connect_refused, all_endpoints_ejected}},
    {"/limited", {rate_limited}},
    {"/auth", {auxiliary_service_failed}},
};

const std::vector<Expected> haproxy_faults = {
    {"/close0", {closed_before_head}},
    {"/reset0", {closed_before_head}},
    {"/parthead", {closed_before_head, head_incomplete}},
    {"/hang", {head_timeout}},
    {"/big", {head_malformed, head_too_large}},
    {"/garbage", {head_malformed, not_http}},
    {"/badhdr", {head_malformed}},
    {"/badcl", {head_malformed, framing_conflict}},
    {"/trunc", {body_truncated}},
    {"/truncrst", {body_truncated, body_reset}},
    {"/bodyhang", {body_timeout}},
    {"/s502", {upstream_error_status}},
    {"/s503", {upstream_error_status}},
    {"/refused", {connect_refused}},
    {"/silent", {connect_timeout}},
    {"/plaintls", {connect_timeout, tls_handshake_timeout}},
    {"/closetls", {connect_refused, tls_closed_in_handshake}},
    {"/tlssni", {connect_refused, tls_alert_received}},
    {"/nosrv", {no_healthy_endpoint, empty_upstream}},
    {"/down", {no_healthy_endpoint}},
    {"/limited", {no_route}},
    {"/q", {queue_wait_exceeded, head_timeout}},
};

/// Reads the log line by line and says which causes each path was given.
std::map<std::string, std::set<Fault>> causes_by_path(const std::string& name) {
  std::map<std::string, std::set<Fault>> found;
  std::string text = text_of(name);
  std::string_view rest = text;
  while (!rest.empty()) {
    std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(rest.size(), line.size() + 1));
    LogTally tally;
    LogReader reader(tally);
    reader.read_line(line);
    for (const CauseGroup* group : tally.failures()) {
      for (const auto& [path, count] : group->paths.top(9)) found[path].insert(group->causes()[0]);
    }
  }
  return found;
}

void expect_each(const std::vector<Expected>& expected, const std::string& log) {
  std::map<std::string, std::set<Fault>> found = causes_by_path(log);
  for (const Expected& one : expected) {
    const std::set<Fault>& causes = found[std::string(one.path)];
    EXPECT_FALSE(causes.empty()) << log << " " << one.path;
    for (Fault cause : causes) {
      EXPECT_NE(std::ranges::find(one.causes, cause), one.causes.end())
          << log << " " << one.path << " " << static_cast<int>(cause);
    }
  }
}

TEST(RealLogs, EveryFaultThatNginxMetIsFoundAndNoneIsTakenForAnother) {
  expect_each(nginx_faults, "nginx_error.log");
}

TEST(RealLogs, EveryFaultThatHaproxyMetIsFoundAndNoneIsTakenForAnother) {
  expect_each(haproxy_faults, "haproxy.log");
}

TEST(RealLogs, EveryFaultThatApacheMetIsFoundAsOftenAsItCame) {
  LogTally tally;
  LogReader reader(tally);
  ASSERT_TRUE(read_log(open_log("apache_error.log"), reader, nullptr));
  std::map<Fault, std::uint64_t> found;

  for (const CauseGroup* group : tally.failures()) found[group->causes()[0]] += group->count;

  // tls_alert_received stands for every failed handshake: Apache's message is the same for all.
  std::map<Fault, std::uint64_t> expected = {
      {connect_refused, 1},
      {connect_timeout, 1},
      {unix_socket_missing, 1},
      {dns_no_such_name, 1},
      {tls_untrusted_certificate, 2},
      {tls_alert_received, 5},
      {keep_alive_race, 4},
      {head_timeout, 2},
      {head_too_large, 1},
      {head_incomplete, 1},
      {head_malformed, 1},
      {body_truncated, 1},
      {body_reset, 1},
      {body_timeout, 1},
      {body_bad_chunk, 2},
  };
  EXPECT_EQ(found, expected);
}

TEST(RealLogs, NoLineIsUnknown) {
  for (const char* name : {"nginx_error.log", "nginx_access.log", "nginx_access_upstream.log",
                           "haproxy.log", "apache_error.log", "apache_access.log"}) {
    LogTally tally;
    LogReader reader(tally);
    ASSERT_TRUE(read_log(open_log(name), reader, nullptr));
    EXPECT_EQ(tally.unknown(), 0U)
        << name << ": " << testing::PrintToString(tally.unknown_examples());
  }
}

TEST(RealLogs, TheErrorLogExplainsTheAccessLog) {
  for (const char* access : {"nginx_access.log", "nginx_access_upstream.log"}) {
    LogTally tally;
    LogReader reader(tally);
    ASSERT_TRUE(read_log(open_log(access), reader, nullptr));
    ASSERT_TRUE(read_log(open_log("nginx_error.log"), reader, nullptr));

    tally.join();

    EXPECT_GT(tally.joined(), 20U) << access;
    // What is left are the two that the endpoint itself sent, where the log does not show it.
    std::uint64_t left = 0;
    for (const CauseGroup* group : tally.unexplained()) left += group->count;
    EXPECT_EQ(left, std::string_view(access) == "nginx_access.log" ? 2U : 0U) << access;
  }
}

TEST(LogReader, GzipAndPlainTellTheSame) {
  std::string plain = text_of("haproxy.log");
  std::string name = testing::TempDir() + "/explain_log_test.gz";
  gzFile file = gzopen(name.c_str(), "wb");
  gzwrite(file, plain.data(), static_cast<unsigned>(plain.size()));
  gzclose(file);
  LogTally from_gzip;
  LogTally from_plain;
  LogReader gzip_reader(from_gzip);
  LogReader plain_reader(from_plain);

  ASSERT_TRUE(read_log(open(name.c_str(), O_RDONLY), gzip_reader, nullptr));
  ASSERT_TRUE(read_log(open_log("haproxy.log"), plain_reader, nullptr));

  EXPECT_EQ(tally_text(from_gzip, {}, false), tally_text(from_plain, {}, false));
  unlink(name.c_str());
}

TEST(LogReader, NamesTheFormats) {
  LogTally tally;
  LogReader reader(tally);
  ASSERT_TRUE(read_log(open_log("haproxy.log"), reader, nullptr));

  auto formats = reader.take_formats();

  ASSERT_EQ(formats.size(), 1U);
  EXPECT_EQ(formats[0].first, "HAProxy log");
  EXPECT_TRUE(reader.take_formats().empty());
}

TEST(LogReader, UnknownLinesAreCountedAndShownButNeverRaw) {
  LogTally tally;
  LogReader reader(tally);
  ASSERT_TRUE(read_log(pipe_of("what is \x1b[31mthis\n\n \nno end"), reader, nullptr));

  EXPECT_EQ(tally.unknown(), 2U);
  EXPECT_EQ(tally.unknown_examples()[0], "what is \\x1b[31mthis");
  EXPECT_EQ(tally_text(tally, {}, false).find('\x1b'), std::string::npos);
}

TEST(LogReader, ALineWithoutEndIsCutAndCountsOnce) {
  LogTally tally;
  LogReader reader(tally);
  std::string name = testing::TempDir() + "/explain_long_line_test.log";
  std::ofstream(name) << std::string(3'000'000, 'x') << "\nnext\n";

  ASSERT_TRUE(read_log(open(name.c_str(), O_RDONLY), reader, nullptr));

  EXPECT_EQ(tally.unknown(), 2U);
  unlink(name.c_str());
}

}  // namespace
}  // namespace gg
