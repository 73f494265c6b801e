// SPDX-License-Identifier: Apache-2.0
#include "config/text_template.h"

#include <gtest/gtest.h>

namespace gg {
namespace {

std::string problem_of(std::string_view text) {
  auto pieces = read_template(text);
  return pieces ? "" : pieces.error().problem + "; " + pieces.error().remedy;
}

TEST(TextTemplateReader, LiteralsAndVariablesAlternate) {
  auto pieces = read_template("https://{host}{target}.");

  ASSERT_TRUE(pieces);
  ASSERT_EQ(pieces->size(), 3U);
  EXPECT_EQ((*pieces)[0], (TemplatePiece{"https://", Variable::host, ""}));
  EXPECT_EQ((*pieces)[1], (TemplatePiece{"", Variable::target, ""}));
  EXPECT_EQ((*pieces)[2], (TemplatePiece{".", Variable::none, ""}));
}

TEST(TextTemplateReader, HeadersAreNamedInAnyCaseAndCookiesAsTheyAre) {
  auto pieces = read_template("{header:X-Team}{cookie:Id}");

  ASSERT_TRUE(pieces);
  EXPECT_EQ((*pieces)[0], (TemplatePiece{"", Variable::header, "x-team"}));
  EXPECT_EQ((*pieces)[1], (TemplatePiece{"", Variable::cookie, "Id"}));
}

TEST(TextTemplateReader, ATypingErrorIsNamedWithWhatIsProbablyMeant) {
  EXPECT_EQ(problem_of("{hots}"), "\"{hots}\" is no variable; did you mean \"host\"?");
  EXPECT_TRUE(problem_of("{header:}").contains("is no variable"));
  EXPECT_TRUE(problem_of("{}").contains("is no variable"));
}

TEST(TextTemplateReader, ABraceNeedsItsPartner) {
  EXPECT_TRUE(problem_of("{host").contains("without its partner"));
  EXPECT_TRUE(problem_of("host}").contains("without its partner"));
  EXPECT_EQ(problem_of("{{host}}"), "");
}

TEST(TextTemplateReader, NothingIsNothing) { EXPECT_TRUE(read_template("")->empty()); }

}  // namespace
}  // namespace gg
