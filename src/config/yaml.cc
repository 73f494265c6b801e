// SPDX-License-Identifier: Apache-2.0
// Builds the tree from yaml-cpp's events. Its exceptions end here.
#include "config/yaml.h"

#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <exception>
#include <istream>
#include <span>
#include <spanstream>
#include <unordered_map>
#include <unordered_set>
#include <utility>

namespace gg {
namespace {

constexpr std::size_t depth_most = 32;
constexpr std::size_t nodes_most = 500'000;

/// Thrown by the builder through yaml-cpp to stop it; caught in parse_yaml.
struct Stopped : std::exception {};

Mark mark_in(int file, const YAML::Mark& mark) {
  return {.line = mark.line + 1, .column = mark.column + 1, .file = file};
}

class TreeBuilder final : public YAML::EventHandler {
 public:
  TreeBuilder(ComplaintList& complaints, int file) : complaints_(complaints), file_(file) {}

  void OnDocumentStart(const YAML::Mark& /*mark*/) override {}
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    accept({.kind = YamlNode::Kind::null,
            .mark = mark_of(mark),
            .text = {},
            .items = {},
            .key = {},
            .key_mark = {}},
           anchor);
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    auto found = anchors_.find(anchor);
    if (found == anchors_.end()) {
      stop(mark_of(mark), "this alias stands inside what it refers to", "write it out");
    }
    nodes_ += count(found->second) - 1;
    if (levels_.size() + depth(found->second) > depth_most) stop_too_deep(mark_of(mark));
    accept(found->second, 0);
  }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    // "!" marks a quoted scalar; a plain one that spells null is null.
    bool is_null = tag != "!" && (value == "~" || value == "null");
    accept({.kind = is_null ? YamlNode::Kind::null : YamlNode::Kind::scalar,
            .mark = mark_of(mark),
            .text = value,
            .items = {},
            .key = {},
            .key_mark = {}},
           anchor);
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string& /*tag*/, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value /*style*/) override {
    open(YamlNode::Kind::list, mark_of(mark), anchor);
  }
  void OnSequenceEnd() override { close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& /*tag*/, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value /*style*/) override {
    open(YamlNode::Kind::map, mark_of(mark), anchor);
  }
  void OnMapEnd() override { close(); }

  YamlNode take() { return std::move(root_); }

 private:
  struct Level {
    YamlNode node;
    YAML::anchor_t anchor = 0;
    std::optional<YamlNode> key;  // read, its value not yet
    std::unordered_set<std::string> keys;
  };

  Mark mark_of(const YAML::Mark& mark) const { return mark_in(file_, mark); }

  [[noreturn]] void stop(Mark mark, std::string problem, std::string remedy) {
    complaints_.error(mark, "", std::move(problem), std::move(remedy));
    throw Stopped();
  }

  [[noreturn]] void stop_too_deep(Mark mark) {
    stop(mark, fmt::format("nested deeper than {} levels", depth_most), "no key needs that many");
  }

  void open(YamlNode::Kind kind, Mark mark, YAML::anchor_t anchor) {
    if (levels_.size() >= depth_most) stop_too_deep(mark);
    Level level;
    level.node.kind = kind;
    level.node.mark = mark;
    level.anchor = anchor;
    levels_.push_back(std::move(level));
  }

  void close() {
    Level done = std::move(levels_.back());
    levels_.pop_back();
    accept(std::move(done.node), done.anchor);
  }

  static std::size_t count(const YamlNode& node) {
    std::size_t total = 1;
    for (const YamlNode& item : node.items) total += count(item);
    return total;
  }

  static std::size_t depth(const YamlNode& node) {
    std::size_t deepest = 0;
    for (const YamlNode& item : node.items) deepest = std::max(deepest, depth(item));
    return deepest + 1;
  }

  /// Puts a finished node where it belongs.
  void accept(YamlNode node, YAML::anchor_t anchor) {
    ++nodes_;
    if (nodes_ > nodes_most) {
      stop(node.mark, fmt::format("the file has more than {} values up to here", nodes_most),
           "what aliases (*name) bring in counts each time");
    }
    if (anchor != 0) anchors_[anchor] = node;
    if (levels_.empty()) {
      root_ = std::move(node);
      return;
    }
    Level& level = levels_.back();
    if (level.node.kind == YamlNode::Kind::list) {
      level.node.items.push_back(std::move(node));
    } else if (!level.key) {
      level.key = std::move(node);
    } else {
      add_entry(level, std::move(node));
    }
  }

  void add_entry(Level& level, YamlNode value) {
    YamlNode key = std::move(*level.key);
    level.key.reset();
    if (key.kind != YamlNode::Kind::scalar) {
      complaints_.error(key.mark, "", "a key must be a plain word", "write key: value");
      return;
    }
    if (!level.keys.insert(key.text).second) {
      complaints_.error(key.mark, "",
                        fmt::format("the key {} is repeated here", in_quotes(key.text)),
                        "keep one of the two");
      return;
    }
    value.key = std::move(key.text);
    value.key_mark = key.mark;
    level.node.items.push_back(std::move(value));
  }

  ComplaintList& complaints_;
  int file_;
  std::vector<Level> levels_;
  std::unordered_map<YAML::anchor_t, YamlNode> anchors_;
  YamlNode root_;
  std::size_t nodes_ = 0;
};

}  // namespace

std::optional<YamlNode> parse_yaml(std::string_view text, ComplaintList& complaints, int file) {
  Mark nowhere{.line = 0, .column = 0, .file = file};
  if (text.find('\0') != std::string_view::npos) {
    complaints.error(nowhere, "", "this is not a text file: it contains a NUL byte",
                     "give a YAML file in UTF-8");
    return std::nullopt;
  }
  try {
    std::ispanstream stream(std::span<const char>(text.data(), text.size()));
    YAML::Parser parser(stream);
    TreeBuilder builder(complaints, file);
    if (!parser.HandleNextDocument(builder)) return YamlNode{};
    TreeBuilder rest(complaints, file);
    if (parser.HandleNextDocument(rest)) {
      complaints.error(rest.take().mark, "", "the file holds a second document",
                       "remove it and the line --- before it");
    }
    return builder.take();
  } catch (const Stopped&) {
    return std::nullopt;
  } catch (const YAML::Exception& e) {
    complaints.error(mark_in(file, e.mark), "", fmt::format("this is not valid YAML: {}", e.msg),
                     "check the indentation, the quotes and the brackets up to here");
    return std::nullopt;
  } catch (const std::exception& e) {
    complaints.error(nowhere, "", fmt::format("this cannot be read as YAML: {}", e.what()), "");
    return std::nullopt;
  }
}

}  // namespace gg
