// SPDX-License-Identifier: Apache-2.0
// A strict reader of the Prometheus text format, version 0.0.4: what a scraper might forgive is an
// error here. For tests.
#pragma once

#include <cstddef>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace gg {

struct ExpositionSample {
  std::string name;
  std::map<std::string, std::string> labels;
  double value = 0;
};

struct ExpositionFamily {
  std::string name;
  std::string help;
  std::string type;
  std::vector<ExpositionSample> samples;
};

/// Reads a whole exposition. After read(), error() says what the first broken rule was, or nothing.
class ExpositionReader {
 public:
  void read(std::string_view text);
  const std::string& error() const { return error_; }
  const std::vector<ExpositionFamily>& families() const { return families_; }
  /// The value of the only sample of that name and these labels; -1 if there is none.
  double value(std::string_view name, const std::map<std::string, std::string>& labels) const;

 private:
  void fail(std::string why);
  void read_comment(std::string_view line);
  void read_sample(std::string_view line);
  bool read_labels(std::string_view& line, ExpositionSample& sample);
  void check_histograms();

  std::vector<ExpositionFamily> families_;
  std::set<std::string> names_;
  std::set<std::string> series_;
  std::string error_;
  std::size_t line_ = 0;
};

}  // namespace gg
