// SPDX-License-Identifier: Apache-2.0
// Ours against llhttp on the public vectors and the fuzz corpora. Each kind of disagreement stands
// in the table of docs/http1-strictness.md with the reason why ours is the right side; another one
// fails here, and so does a row that nothing shows any more.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <set>
#include <string>

#include "llhttp_reader.h"
#include "source_dir.h"
#include "vectors/vectors.h"

namespace gg {
namespace {

using testing::ForeignReading;
using testing::Side;

struct Input {
  std::string id;
  std::string bytes;
  Side side;
};

struct Ours {
  std::vector<std::string> messages;
  MessageError error = MessageError::none;
  std::string end;  // the error's name, or where it waits or stops
};

Ours read_ours(const Input& input) {
  testing::MessageReader reader(input.side);
  reader.feed(input.bytes);
  std::string text = reader.end();
  Ours ours{reader.whole_messages(), reader.error(), "waits"};
  if (text.ends_with("closed\n")) ours.end = "stops";
  if (text.ends_with("unfinished head\n")) ours.end = "waits in a head";
  if (text.find("unfinished body") != std::string::npos) ours.end = "waits in a body";
  if (ours.error != MessageError::none) ours.end = text_of(ours.error);
  return ours;
}

/// Which part of two messages that both accepted differs first.
std::string difference(const std::string& a, const std::string& b) {
  std::size_t head_a = a.find("\n\n");
  std::size_t head_b = b.find("\n\n");
  if (a.substr(0, a.find('\n')) != b.substr(0, b.find('\n'))) return "start line";
  return a.substr(0, head_a) != b.substr(0, head_b) ? "fields" : "body";
}

/// "ours / theirs" at the first message on which they part; empty if they do not.
std::string disagreement(const Input& input) {
  Ours ours = read_ours(input);
  ForeignReading theirs = testing::read_with_llhttp(input.side, input.bytes);
  std::size_t both = std::min(ours.messages.size(), theirs.messages.size());
  for (std::size_t i = 0; i < both; ++i) {
    if (ours.messages[i] == theirs.messages[i]) continue;
    return "accepts / accepts another " + difference(ours.messages[i], theirs.messages[i]);
  }
  bool ours_refuses = ours.error != MessageError::none;
  bool theirs_refuses = theirs.end == ForeignReading::End::refuses;
  if (ours.messages.size() > both) {
    return theirs_refuses ? "accepts / " + theirs.error : std::string("accepts / goes on");
  }
  if (theirs.messages.size() > both) return ours.end + " / accepts";
  if (ours_refuses == theirs_refuses) return "";
  if (ours_refuses) return ours.end + " / accepts";  // up to here
  // The input ends inside a line or a head, and we judge only whole ones.
  bool is_early = ours.end == "waits in a head" || ours.end == "waits";
  return ours.end + " / " + (is_early ? "refuses" : theirs.error);
}

/// Many of llhttp's requests lack a Host, which hides everything behind it.
std::string with_host(const std::string& bytes) {
  std::size_t line_end = bytes.find("\r\n", 2);
  bool has_host = bytes.find("ost:") != std::string::npos || line_end == std::string::npos;
  return has_host ? bytes
                  : bytes.substr(0, line_end + 2) + "Host: a\r\n" + bytes.substr(line_end + 2);
}

void add_vectors(std::vector<Input>& inputs, const std::string& file, Side side) {
  for (const testing::Vector& vector : testing::load_vectors(file)) {
    inputs.push_back({vector.id, vector.bytes, side});
    if (side == Side::requests)
      inputs.push_back({vector.id + ", with Host", with_host(vector.bytes), side});
  }
}

void add_corpus(std::vector<Input>& inputs, const std::string& target, Side side) {
  for (const auto& entry :
       std::filesystem::directory_iterator(GG_SOURCE_DIR "/fuzz/corpus/" + target)) {
    std::ifstream stream(entry.path(), std::ios::binary);
    std::string bytes{std::istreambuf_iterator<char>(stream), {}};
    inputs.push_back({target + "/" + entry.path().filename().string(), bytes, side});
  }
}

std::vector<Input> all_inputs() {
  std::vector<Input> inputs;
  add_vectors(inputs, "requests-llhttp.json", Side::requests);
  add_vectors(inputs, "requests-desync-guardian.json", Side::requests);
  add_vectors(inputs, "responses-llhttp.json", Side::responses);
  add_corpus(inputs, "http1_request", Side::requests);
  add_corpus(inputs, "http1_response", Side::responses);
  return inputs;
}

/// The rows of the table: "| `ours / theirs` | reason |".
std::set<std::string> listed() {
  std::set<std::string> rows;
  std::ifstream stream(GG_SOURCE_DIR "/docs/http1-strictness.md");
  for (std::string line; std::getline(stream, line);) {
    std::size_t end = line.find("` |", 3);
    if (line.starts_with("| `") && line.find(" / ") < end) rows.insert(line.substr(3, end - 3));
  }
  return rows;
}

TEST(Differential, EachDisagreementWithLlhttpIsListedWithItsReason) {
  std::vector<Input> inputs = all_inputs();
  std::map<std::string, std::string> found;
  for (const Input& input : inputs) {
    std::string kind = disagreement(input);
    if (!kind.empty()) found.try_emplace(kind, input.id);
  }
  std::set<std::string> rows = listed();

  EXPECT_GT(inputs.size(), 600U);
  for (const auto& [kind, example] : found) {
    EXPECT_TRUE(rows.contains(kind))
        << "not in docs/http1-strictness.md: `" << kind << "`, such as in " << example;
  }
  for (const std::string& row : rows) {
    EXPECT_TRUE(found.contains(row)) << "nothing shows this any more: `" << row << "`";
  }
}

TEST(Differential, WhatIsPlainlyValidIsReadAlike) {
  std::string bytes =
      "POST /a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"
      "GET /b?c HTTP/1.1\r\nHost: a\r\nX: \t y \r\n\r\n";

  ForeignReading theirs = testing::read_with_llhttp(Side::requests, bytes);

  ASSERT_EQ(theirs.messages.size(), 2U);
  EXPECT_EQ(theirs.messages[0], "POST /a\nHost: a\nTransfer-Encoding: chunked\n\nabc");
  EXPECT_EQ(read_ours({"", bytes, Side::requests}).messages, theirs.messages);
}

}  // namespace
}  // namespace gg
