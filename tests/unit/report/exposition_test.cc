// SPDX-License-Identifier: Apache-2.0
// The strict reader, and tests that it is strict.
#include "unit/report/exposition.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>

namespace gg {
namespace {

bool is_name(std::string_view text, bool may_have_colon) {
  const auto is_good = [may_have_colon](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           (may_have_colon && c == ':');
  };
  const bool starts_well = !text.empty() && !(text.front() >= '0' && text.front() <= '9');
  return starts_well && std::ranges::all_of(text, is_good);
}

std::optional<double> number_in(std::string_view text) {
  double value = 0;
  const std::from_chars_result end = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool is_whole = end.ec == std::errc{} && end.ptr == text.data() + text.size();
  return is_whole ? std::optional(value) : std::nullopt;
}

/// Takes one escaped, quoted value off `line`.
std::optional<std::string> quoted_in(std::string_view& line) {
  if (!line.starts_with('"')) return std::nullopt;
  std::string value;
  for (std::size_t i = 1; i < line.size(); ++i) {
    if (line[i] == '"') {
      line.remove_prefix(i + 1);
      return value;
    }
    if (line[i] != '\\') {
      value += line[i];
      continue;
    }
    const char escaped = ++i < line.size() ? line[i] : ' ';
    if (escaped != '\\' && escaped != '"' && escaped != 'n') return std::nullopt;
    value += escaped == 'n' ? '\n' : escaped;
  }
  return std::nullopt;
}

/// The labels of one histogram's samples but for le, as a key.
std::string labels_but_le(const ExpositionSample& sample) {
  std::string key;
  for (const auto& [name, value] : sample.labels) {
    if (name != "le") key += name + "=" + value + ";";
  }
  return key;
}

}  // namespace

void ExpositionReader::fail(std::string why) {
  if (error_.empty()) error_ = "line " + std::to_string(line_) + ": " + std::move(why);
}

void ExpositionReader::read(std::string_view text) {
  if (!text.ends_with('\n')) fail("the last line has no end");
  while (!text.empty()) {
    ++line_;
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.empty()) fail("an empty line");
    if (line.starts_with('#')) {
      read_comment(line);
    } else {
      read_sample(line);
    }
  }
  check_histograms();
}

void ExpositionReader::read_comment(std::string_view line) {
  const bool is_help = line.starts_with("# HELP ");
  if (!is_help && !line.starts_with("# TYPE ")) return fail("neither HELP nor TYPE");
  line.remove_prefix(7);
  const std::size_t space = line.find(' ');
  if (space == std::string_view::npos) return fail("no text");
  const std::string name(line.substr(0, space));
  const std::string text(line.substr(space + 1));
  if (!is_name(name, true)) return fail("bad name " + name);
  if (is_help) {
    if (!names_.insert(name).second) return fail("two families called " + name);
    families_.push_back({name, text, "", {}});
    return;
  }
  const bool follows_help = !families_.empty() && families_.back().name == name;
  if (!follows_help || !families_.back().type.empty()) return fail("TYPE without its HELP");
  if (text != "counter" && text != "gauge" && text != "histogram") return fail("bad type " + text);
  families_.back().type = text;
}

bool ExpositionReader::read_labels(std::string_view& line, ExpositionSample& sample) {
  line.remove_prefix(1);
  for (;;) {
    const std::size_t equals = line.find('=');
    if (equals == std::string_view::npos) return false;
    const std::string name(line.substr(0, equals));
    line.remove_prefix(equals + 1);
    std::optional<std::string> value = quoted_in(line);
    if (!is_name(name, false) || !value) return false;
    if (!sample.labels.emplace(name, *std::move(value)).second) return false;
    const bool is_last = line.starts_with('}');
    if (!is_last && !line.starts_with(',')) return false;
    line.remove_prefix(1);
    if (is_last) return true;
  }
}

void ExpositionReader::read_sample(std::string_view line) {
  const std::string whole(line);
  ExpositionSample sample;
  sample.name = line.substr(0, line.find_first_of("{ "));
  line.remove_prefix(sample.name.size());
  if (!is_name(sample.name, true)) return fail("bad name in " + whole);
  if (line.starts_with('{') && !read_labels(line, sample)) return fail("bad labels in " + whole);
  const std::optional<double> value =
      line.starts_with(' ') ? number_in(line.substr(1)) : std::nullopt;
  if (!value) return fail("no value in " + whole);
  sample.value = *value;

  if (families_.empty() || families_.back().type.empty()) return fail("a sample without a family");
  ExpositionFamily& family = families_.back();
  std::string_view suffix = sample.name;
  if (!suffix.starts_with(family.name)) return fail(sample.name + " in " + family.name);
  suffix.remove_prefix(family.name.size());
  const bool is_part = suffix == "_bucket" || suffix == "_sum" || suffix == "_count";
  if (is_part != (family.type == "histogram") || (!is_part && !suffix.empty())) {
    return fail(sample.name + " in " + family.name);
  }
  if (family.type == "counter" && sample.value < 0) return fail("a negative counter");
  if (!series_.insert(whole.substr(0, whole.rfind(' '))).second) return fail("twice: " + whole);
  family.samples.push_back(std::move(sample));
}

void ExpositionReader::check_histograms() {
  for (const ExpositionFamily& family : families_) {
    std::map<std::string, std::vector<std::pair<double, double>>> buckets;
    std::map<std::string, double> counts;
    for (const ExpositionSample& sample : family.samples) {
      if (sample.name == family.name + "_count") counts[labels_but_le(sample)] = sample.value;
      if (sample.name != family.name + "_bucket") continue;
      const auto bound = sample.labels.find("le");
      if (bound == sample.labels.end()) return fail("a bucket without le in " + family.name);
      const bool is_last = bound->second == "+Inf";
      const double value = is_last ? 1e300 : number_in(bound->second).value_or(-1);
      buckets[labels_but_le(sample)].emplace_back(value, sample.value);
    }
    for (const auto& [labels, list] : buckets) {
      if (!std::ranges::is_sorted(list)) return fail("buckets out of order in " + family.name);
      const auto by_count = [](const auto& a, const auto& b) { return a.second < b.second; };
      if (!std::ranges::is_sorted(list, by_count)) return fail("not cumulative: " + family.name);
      const bool ends_well = list.back().first == 1e300 && list.back().second == counts[labels];
      if (!ends_well) return fail("+Inf is not the count in " + family.name);
    }
    if (buckets.size() != counts.size()) return fail("a histogram without buckets or count");
  }
}

double ExpositionReader::value(std::string_view name,
                               const std::map<std::string, std::string>& labels) const {
  for (const ExpositionFamily& family : families_) {
    for (const ExpositionSample& sample : family.samples) {
      if (sample.name == name && sample.labels == labels) return sample.value;
    }
  }
  return -1;
}

namespace {

std::string error_in(std::string_view text) {
  ExpositionReader reader;
  reader.read(text);
  return reader.error();
}

TEST(ExpositionReader, ReadsWhatIsRight) {
  ExpositionReader reader;
  reader.read(
      "# HELP a_total Some help.\n# TYPE a_total counter\na_total{x=\"q\\\"\\\\\\n\",y=\"\"} 3\n"
      "# HELP h Seconds.\n# TYPE h histogram\nh_bucket{le=\"0.5\"} 1\nh_bucket{le=\"+Inf\"} 2\n"
      "h_sum 1.5\nh_count 2\n");

  EXPECT_EQ(reader.error(), "");
  EXPECT_EQ(reader.value("a_total", {{"x", "q\"\\\n"}, {"y", ""}}), 3);
  EXPECT_EQ(reader.value("h_sum", {}), 1.5);
  EXPECT_EQ(reader.value("b", {}), -1);
}

TEST(ExpositionReader, RefusesWhatIsWrong) {
  const std::string family = "# HELP a Help.\n# TYPE a gauge\n";
  EXPECT_EQ(error_in(family + "a 1"), "line 0: the last line has no end");
  EXPECT_EQ(error_in("a 1\n"), "line 1: a sample without a family");
  EXPECT_EQ(error_in(family + "b 1\n"), "line 3: b in a");
  EXPECT_EQ(error_in(family + "a 1\na 2\n"), "line 4: twice: a 2");
  EXPECT_EQ(error_in(family + "a one\n"), "line 3: no value in a one");
  EXPECT_EQ(error_in(family + "a{x=1} 1\n"), "line 3: bad labels in a{x=1} 1");
  EXPECT_EQ(error_in(family + "a{x=\"\\t\"} 1\n"), "line 3: bad labels in a{x=\"\\t\"} 1");
  EXPECT_EQ(error_in(family + "a{x=\"1\"y=\"2\"} 1\n"),
            "line 3: bad labels in a{x=\"1\"y=\"2\"} 1");
  EXPECT_EQ(error_in(family + family), "line 3: two families called a");
  EXPECT_EQ(error_in("# HELP h S.\n# TYPE h histogram\nh_bucket{le=\"+Inf\"} 2\nh_count 1\n"),
            "line 4: +Inf is not the count in h");
}

}  // namespace
}  // namespace gg
