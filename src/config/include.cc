// SPDX-License-Identifier: Apache-2.0
#include "config/include.h"

#include <fmt/format.h>
#include <glob.h>

#include <algorithm>
#include <filesystem>
#include <optional>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "config/whole_file.h"

namespace gg {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view key_of_includes = "include";
constexpr std::size_t included_file_most = 16 << 20;

bool is_pattern(std::string_view name) {
  return name.find_first_of("*?[") != std::string_view::npos;
}

/// The names of files that fit, in order; a plain name is given back whether there is one or not.
std::vector<std::string> files_of(const std::string& name) {
  if (!is_pattern(name)) return {name};
  glob_t found{};
  std::vector<std::string> names;
  if (glob(name.c_str(), 0, nullptr, &found) == 0) {
    for (std::size_t i = 0; i < found.gl_pathc; ++i) names.emplace_back(found.gl_pathv[i]);
  }
  globfree(&found);
  return names;
}

/// One name for one file, however it is reached.
std::string identity_of(const std::string& name) {
  std::error_code error;
  fs::path path = fs::weakly_canonical(name, error);
  return error ? name : path.string();
}

YamlNode* find_entry(YamlNode& map, std::string_view key) {
  auto found = std::ranges::find(map.items, key, &YamlNode::key);
  return found == map.items.end() ? nullptr : &*found;
}

class Includer {
 public:
  Includer(const ValueSource& values, ComplaintList& complaints)
      : values_(values), complaints_(complaints) {}

  /// Carries out the key in `part`, the content of `file_name`, and puts what comes of it into
  /// `root`.
  void expand(YamlNode& part, const std::string& file_name, YamlNode& root);

 private:
  void include(const YamlNode& pattern, const std::string& folder, YamlNode& root);
  void include_file(const std::string& name, Mark from, YamlNode& root);
  void merge(YamlNode& into, YamlNode part);
  void merge_entry(YamlNode& into, YamlNode entry);

  const ValueSource& values_;
  ComplaintList& complaints_;
  std::vector<std::string> open_;   // files inside each other, by identity
  std::vector<std::string> taken_;  // by identity
};

void Includer::expand(YamlNode& part, const std::string& file_name, YamlNode& root) {
  YamlNode* entry = find_entry(part, key_of_includes);
  if (entry == nullptr) return;
  YamlNode named = std::move(*entry);
  part.items.erase(part.items.begin() + (entry - part.items.data()));
  std::size_t slash = file_name.rfind('/');
  std::string folder = slash == std::string::npos ? "" : file_name.substr(0, slash + 1);
  open_.push_back(identity_of(file_name));
  if (named.kind == YamlNode::Kind::list) {
    for (const YamlNode& pattern : named.items) include(pattern, folder, root);
  } else {
    include(named, folder, root);
  }
  open_.pop_back();
}

void Includer::include(const YamlNode& pattern, const std::string& folder, YamlNode& root) {
  if (pattern.kind != YamlNode::Kind::scalar || pattern.text.empty()) {
    Mark mark = pattern.mark.line > 0 ? pattern.mark : pattern.key_mark;
    complaints_.error(mark, key_of_includes, "this is not the name of a file",
                      "write a name, or a pattern such as routes/*.yaml");
    return;
  }
  std::string name = pattern.text.starts_with('/') ? pattern.text : folder + pattern.text;
  for (const std::string& file : files_of(name)) {
    bool is_open = std::ranges::find(open_, identity_of(file)) != open_.end();
    // A pattern may well fit the file that it stands in.
    if (is_open && is_pattern(pattern.text)) continue;
    if (is_open) {
      complaints_.error(pattern.mark, key_of_includes,
                        fmt::format("{} includes itself this way", in_quotes(file)),
                        "remove one of the includes that make the circle");
      continue;
    }
    include_file(file, pattern.mark, root);
  }
}

void Includer::include_file(const std::string& name, Mark from, YamlNode& root) {
  std::string identity = identity_of(name);
  if (std::ranges::find(taken_, identity) != taken_.end()) return;
  if (taken_.size() >= included_files_most || open_.size() > include_depth_most) {
    complaints_.error(
        from, key_of_includes,
        taken_.size() >= included_files_most
            ? fmt::format("more than {} files are included", included_files_most)
            : fmt::format("more than {} files include each other", include_depth_most),
        "name the files where the first one is named");
    return;
  }
  taken_.push_back(std::move(identity));
  std::error_code error;
  bool is_special = fs::exists(name, error) && !fs::is_regular_file(name, error) &&
                    !fs::is_directory(name, error);
  std::string problem;
  Result<std::string, int> text = Failure(0);
  if (is_special) {
    problem = "it is no plain file";
  } else {
    text = read_whole_file(name, included_file_most);
    if (!text) problem = unreadable_text(text.error(), included_file_most);
  }
  if (!problem.empty()) {
    complaints_.error(from, key_of_includes,
                      fmt::format("{} cannot be read: {}", in_quotes(name), problem),
                      "correct the name; a relative one starts in the folder of this file");
    return;
  }
  int file = complaints_.add_file(name, std::move(*text));
  std::optional<YamlNode> part = parse_yaml(complaints_.text_of(file), complaints_, file);
  if (!part || part->kind == YamlNode::Kind::null) return;  // said already, or an empty file
  if (part->kind != YamlNode::Kind::map) {
    complaints_.error(part->mark, "", "an included file is a map of keys and values",
                      "write it as the file that includes it, for example: routes: [...]");
    return;
  }
  substitute(*part, values_, complaints_);
  YamlNode below;
  below.kind = YamlNode::Kind::map;
  expand(*part, name, below);
  merge(root, std::move(*part));
  merge(root, std::move(below));
}

void Includer::merge(YamlNode& into, YamlNode part) {
  for (YamlNode& entry : part.items) merge_entry(into, std::move(entry));
}

void Includer::merge_entry(YamlNode& into, YamlNode entry) {
  YamlNode* present = find_entry(into, entry.key);
  if (present == nullptr) {
    into.items.push_back(std::move(entry));
    return;
  }
  bool are_lists = present->kind == YamlNode::Kind::list && entry.kind == YamlNode::Kind::list;
  bool are_maps = present->kind == YamlNode::Kind::map && entry.kind == YamlNode::Kind::map;
  if (!are_lists && !are_maps) {
    complaints_.error(entry.key_mark, entry.key,
                      fmt::format("{} stands in {} already", in_quotes(entry.key),
                                  complaints_.place_of(present->key_mark)),
                      "keep one of the two; lists and maps may be in several files");
    return;
  }
  for (YamlNode& item : entry.items) {
    const YamlNode* other = are_maps ? find_entry(*present, item.key) : nullptr;
    if (other == nullptr) {
      present->items.push_back(std::move(item));
      continue;
    }
    complaints_.error(item.key_mark, entry.key + "." + item.key,
                      fmt::format("{} stands in {} already", in_quotes(item.key),
                                  complaints_.place_of(other->key_mark)),
                      "keep one of the two");
  }
}

}  // namespace

void expand_includes(YamlNode& root, std::string_view file_name, const ValueSource& values,
                     ComplaintList& complaints) {
  if (root.kind != YamlNode::Kind::map) return;
  Includer(values, complaints).expand(root, std::string(file_name), root);
}

}  // namespace gg
