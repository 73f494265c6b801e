// SPDX-License-Identifier: Apache-2.0
// Every vector of tests/vectors, read whole and byte by byte, against the reviewed verdicts.
#include "vectors/vectors.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>

#include "source_dir.h"
#include "vectors/message_reader.h"

namespace gg {
namespace {

using testing::Side;
using testing::Vector;

std::string verdict_on(Side side, const std::string& bytes) {
  testing::MessageReader reader(side);
  reader.feed(bytes);
  std::string transcript = reader.end();
  if (reader.error() != MessageError::none) {
    return std::string(text_of(reader.error())) + " after " + std::to_string(reader.messages());
  }
  bool is_unfinished = transcript.find("unfinished") != std::string::npos;
  return std::to_string(reader.messages()) + (is_unfinished ? " and unfinished" : " whole");
}

std::string verdicts_on(Side side, const std::string& file) {
  std::string lines;
  for (const Vector& vector : testing::load_vectors(file)) {
    std::string whole = testing::read_whole(side, vector.bytes);
    EXPECT_EQ(testing::read_in_pieces(side, vector.bytes, 1), whole) << vector.id;
    EXPECT_EQ(testing::read_in_pieces(side, vector.bytes, 7), whole) << vector.id;
    lines += verdict_on(side, vector.bytes) + "\t" + vector.label + "\t" + vector.id + "\n";
  }
  return lines;
}

TEST(Vectors, GetTheReviewedVerdicts) {
  const std::string path = GG_SOURCE_DIR "/tests/vectors/expected.tsv";
  std::string verdicts = "ours\ttheirs\tvector\n" +
                         verdicts_on(Side::requests, "requests-desync-guardian.json") +
                         verdicts_on(Side::requests, "requests-llhttp.json") +
                         verdicts_on(Side::responses, "responses-llhttp.json");
  if (std::getenv("UPDATE_GOLDENS") != nullptr) std::ofstream(path) << verdicts;

  std::stringstream expected;
  expected << std::ifstream(path).rdbuf();

  EXPECT_EQ(verdicts, expected.str());
}

}  // namespace
}  // namespace gg
