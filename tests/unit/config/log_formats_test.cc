// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "config/formats.h"
#include "config/model.h"

namespace gg {
namespace {

/// What is printed of what was read, or the problem.
template <class T>
std::string reprinted(const Format& format, std::string_view text) {
  T value{};
  std::optional<Misreading> misread = format.parse(text, &value);
  return misread ? "! " + misread->problem : format.print(&value);
}

TEST(LogFormats, LogsGoNowhereToStdoutOrToAFile) {
  EXPECT_EQ(reprinted<LogTarget>(log_target_format, "off"), "off");
  EXPECT_EQ(reprinted<LogTarget>(log_target_format, "stdout"), "stdout");
  EXPECT_EQ(reprinted<LogTarget>(log_target_format, "./a.log"), "./a.log");
  EXPECT_EQ(reprinted<LogTarget>(log_target_format, "stdot").front(), '!');
  EXPECT_EQ(reprinted<LogTarget>(log_target_format, "/var/log/").front(), '!');
}

TEST(LogFormats, LogsGoToTheDaemonsOfTheMachine) {
  EXPECT_EQ(reprinted<LogTarget>(log_target_format, "journald"), "journald");
  EXPECT_EQ(reprinted<LogTarget>(log_target_format, "syslog"), "syslog");
  EXPECT_EQ(reprinted<LogTarget>(log_target_format, "syslog:/dev/log"), "syslog");
  EXPECT_EQ(reprinted<LogTarget>(log_target_format, "syslog:/run/a.sock"), "syslog:/run/a.sock");
  EXPECT_EQ(reprinted<LogTarget>(log_target_format, "syslog:").front(), '!');
  EXPECT_EQ(reprinted<LogTarget>(log_target_format, "syslog:/" + std::string(107, 'x')).front(),
            '!');
}

TEST(LogFormats, LogsGoToASyslogServerByItsAddress) {
  auto read = [](std::string_view text) { return reprinted<LogTarget>(log_target_format, text); };
  EXPECT_EQ(read("syslog://10.0.0.9"), "syslog://10.0.0.9:514");
  EXPECT_EQ(read("syslog://10.0.0.9:5514"), "syslog://10.0.0.9:5514");
  EXPECT_EQ(read("syslog://[fd00::9]"), "syslog://[fd00::9]:514");
  EXPECT_EQ(read("syslog://[fd00::9]:5514"), "syslog://[fd00::9]:5514");
  EXPECT_EQ(read("syslog://logs.example").front(), '!');
  EXPECT_EQ(read("syslog://").front(), '!');
  EXPECT_EQ(read("syslog://10.0.0.9:").front(), '!');
  EXPECT_EQ(read("syslog://10.0.0.9:0").front(), '!');
  EXPECT_EQ(read("syslog://10.0.0.9:65536").front(), '!');
  EXPECT_EQ(read("syslog://[fd00::9]x").front(), '!');
  EXPECT_EQ(read("syslog://[fd00::9").front(), '!');
}

TEST(LogFormats, LinesAreNamedOrFollowATemplate) {
  EXPECT_EQ(reprinted<LogFormat>(log_format_format, "json"), "json");
  EXPECT_EQ(reprinted<LogFormat>(log_format_format, "combined"), "combined");
  EXPECT_EQ(reprinted<LogFormat>(log_format_format, "{client} {status}"), "{client} {status}");
  EXPECT_EQ(reprinted<LogFormat>(log_format_format, "%h"), "! \"%h\" is not a log format");
  EXPECT_EQ(reprinted<LogFormat>(log_format_format, "jsn"), "! \"jsn\" is not a log format");
}

TEST(LogFormats, TracesGoToAUrl) {
  auto read = [](std::string_view text) {
    return reprinted<std::optional<CollectorUrl>>(collector_format, text);
  };
  EXPECT_EQ(read("off"), "off");
  EXPECT_EQ(read("http://127.0.0.1:4318"), "http://127.0.0.1:4318/v1/traces");
  EXPECT_EQ(read("http://127.0.0.1:4318/"), "http://127.0.0.1:4318/v1/traces");
  EXPECT_EQ(read("https://otel.example/otlp/v1/traces"), "https://otel.example:443/otlp/v1/traces");
  EXPECT_EQ(read("127.0.0.1:4318").front(), '!');
  EXPECT_EQ(read("ftp://127.0.0.1:4318").front(), '!');
  EXPECT_EQ(read("http://:4318").front(), '!');
  EXPECT_EQ(read("http://otel.example/a?b").front(), '!');
}

}  // namespace
}  // namespace gg
