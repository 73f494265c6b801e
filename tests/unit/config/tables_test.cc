// SPDX-License-Identifier: Apache-2.0
// Rules that every row and section must keep, walked over the whole table.
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "config/model.h"
#include "config/reader.h"
#include "config/schema.h"

namespace gg {
namespace {

/// All sections that the root leads to, those of later versions included.
void gather(const Section& section, std::vector<const Section*>& sections) {
  sections.push_back(&section);
  for (const Row& row : section.rows) {
    const Shape& shape = row.shape.element != nullptr ? *row.shape.element : row.shape;
    if (shape.section != nullptr) gather(*shape.section, sections);
  }
}

std::vector<const Section*> all_sections() {
  std::vector<const Section*> sections;
  gather(root_section(), sections);
  return sections;
}

std::string title(const Section* section) {
  return section->name.empty() ? "the top level" : std::string(section->name);
}

/// A section's example as part of a whole file: "routes[].retry" is a retry of a route in routes.
std::string in_its_place(std::string_view name, std::string_view example) {
  std::string text;
  std::string margin;
  while (!name.empty()) {
    std::size_t dot = name.find('.');
    std::string_view key = name.substr(0, dot);
    name = dot == std::string_view::npos ? std::string_view{} : name.substr(dot + 1);
    bool is_item = key.ends_with("[]");
    if (is_item) key.remove_suffix(2);
    text += margin + std::string(key) + ":\n";
    margin += "  ";
    if (!is_item) continue;
    text += margin + "-\n";
    margin += "  ";
  }
  while (!example.empty()) {
    std::size_t end = example.find('\n');
    text += margin + std::string(example.substr(0, end)) + "\n";
    example = end == std::string_view::npos ? std::string_view{} : example.substr(end + 1);
  }
  return text;
}

class EverySection : public testing::TestWithParam<const Section*> {};

TEST_P(EverySection, ExplainsEachKeyInSentences) {
  EXPECT_TRUE(GetParam()->doc.ends_with('.')) << title(GetParam());
  for (const Row& row : GetParam()->rows) {
    EXPECT_TRUE(row.doc.ends_with('.')) << title(GetParam()) << "." << row.name;
  }
}

TEST_P(EverySection, NamesEachKeyOnce) {
  std::set<std::string_view> names;
  for (const Row& row : GetParam()->rows) {
    EXPECT_TRUE(names.insert(row.name).second) << title(GetParam()) << "." << row.name;
  }
}

TEST_P(EverySection, HasAShortFormThatExists) {
  bool is_fine =
      GetParam()->short_form.empty() || find_row(*GetParam(), GetParam()->short_form) != nullptr;

  EXPECT_TRUE(is_fine) << title(GetParam());
}

TEST_P(EverySection, HasDefaultsWithinItsBounds) {
  const void* owner = GetParam()->defaults();
  for (const Row& row : GetParam()->rows) {
    const Shape& shape = row.shape;
    bool is_bounded =
        shape.kind == Kind::count || shape.kind == Kind::duration || shape.kind == Kind::size;
    bool may_be_unset = row.is_required() || row.name == "port";
    if (!is_bounded || may_be_unset) continue;
    std::int64_t value = shape.number->load(row.member_of(owner));
    bool is_word = value == 0 && !shape.bounds.zero_word.empty();
    bool is_within = value >= shape.bounds.least && value <= shape.bounds.most;
    EXPECT_TRUE(is_word || is_within) << title(GetParam()) << "." << row.name << " = " << value;
  }
}

TEST_P(EverySection, HasAnExampleThatShowsEachAvailableKey) {
  for (const Row& row : GetParam()->rows) {
    if (row.availability == Availability::later) continue;
    std::string key = std::string(row.name) + ":";
    EXPECT_NE(GetParam()->example.find(key), std::string_view::npos)
        << title(GetParam()) << " lacks " << key;
  }
}

TEST_P(EverySection, HasAnExampleThatIsReadWithoutComplaint) {
  if (GetParam()->example.empty()) return;  // of a later version
  std::string text = in_its_place(GetParam()->name, GetParam()->example);
  ComplaintList complaints(title(GetParam()), text);
  Config config;
  Places places;

  std::optional<YamlNode> node = parse_yaml(text, complaints);
  ASSERT_TRUE(node) << to_text(complaints.take());
  read_section(*node, root_section(), &config, "", places, complaints);

  for (const Complaint& complaint : complaints.take()) {
    bool is_about_the_rest = complaint.problem.ends_with("is missing");
    EXPECT_TRUE(is_about_the_rest) << to_text(complaint) << text;
  }
}

INSTANTIATE_TEST_SUITE_P(Table, EverySection, testing::ValuesIn(all_sections()));

}  // namespace
}  // namespace gg
