// SPDX-License-Identifier: Apache-2.0
#include "diagnose/settings/nginx_text.h"

#include <fmt/format.h>

#include <utility>

namespace gg {
namespace {

constexpr int deepest = 16;
constexpr std::size_t files_most = 500;

/// Words, and the three signs that are words of their own.
class Words {
 public:
  explicit Words(std::string_view text) : text_(text) {}

  /// The next word; empty at the end. A quoted one loses its quotes.
  std::string next(bool& is_sign) {
    skip();
    is_sign = false;
    if (at_ >= text_.size()) return {};
    char c = text_[at_];
    if (c == ';' || c == '{' || c == '}') {
      is_sign = true;
      ++at_;
      return std::string(1, c);
    }
    return c == '"' || c == '\'' ? quoted(c) : plain();
  }

  bool is_at_end() {
    skip();
    return at_ >= text_.size();
  }

  int line() const { return line_; }

 private:
  void skip() {
    while (at_ < text_.size()) {
      char c = text_[at_];
      if (c == '#') {
        while (at_ < text_.size() && text_[at_] != '\n') ++at_;
      } else if (c == ' ' || c == '\t' || c == '\r' || c == '\n') {
        if (c == '\n') ++line_;
        ++at_;
      } else {
        return;
      }
    }
  }

  std::string quoted(char quote) {
    std::string word;
    for (++at_; at_ < text_.size() && text_[at_] != quote; ++at_) {
      if (text_[at_] == '\\' && at_ + 1 < text_.size()) ++at_;
      if (text_[at_] == '\n') ++line_;
      word += text_[at_];
    }
    ++at_;
    return word;
  }

  std::string plain() {
    std::string word;
    while (at_ < text_.size()) {
      char c = text_[at_];
      bool is_variable = c == '{' && !word.empty() && word.back() == '$';  // ${name}
      if (is_variable) {
        while (at_ < text_.size() && text_[at_] != '}') word += text_[at_++];
        continue;
      }
      if (c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == ';' || c == '{') break;
      if (c == '}' && word.find("${") == std::string::npos) break;
      if (c == '\\' && at_ + 1 < text_.size()) word += text_[at_++];
      word += text_[at_++];
    }
    return word;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  int line_ = 1;
};

class Reader {
 public:
  Reader(SettingsFiles& files, std::string folder) : files_(files), folder_(std::move(folder)) {}

  void read(const std::string& text, const std::string& path, int depth,
            std::vector<NginxDirective>& out) {
    settings_.files.push_back(path);
    Words words(text);
    block(words, path, depth, out, false);
  }

  NginxSettings take() { return std::move(settings_); }

 private:
  void fail(const std::string& path, int line, std::string_view problem) {
    if (settings_.error.empty()) {
      settings_.error = fmt::format("{}:{}: {}", path, line, problem);
    }
  }

  void block(Words& words, const std::string& path, int depth, std::vector<NginxDirective>& out,
             bool is_inner) {
    if (depth > deepest) return fail(path, words.line(), "blocks lie too deep in each other");
    while (settings_.error.empty()) {
      bool is_sign = false;
      if (words.is_at_end()) {
        if (is_inner) fail(path, words.line(), "a } is missing");
        return;
      }
      NginxDirective directive;
      directive.file = path;
      directive.line = words.line();
      directive.name = words.next(is_sign);
      if (is_sign && directive.name == "}") {
        if (!is_inner) fail(path, words.line(), "there is a } too many");
        return;
      }
      if (is_sign && directive.name == ";") continue;
      if (is_sign) return fail(path, words.line(), "a block has no name");
      finish(words, directive, depth);
      if (directive.name == "include" && !directive.has_block) {
        include(directive, depth, out);
      } else {
        out.push_back(std::move(directive));
      }
    }
  }

  void finish(Words& words, NginxDirective& directive, int depth) {
    while (true) {
      if (words.is_at_end()) {
        return fail(directive.file, directive.line,
                    fmt::format("\"{}\" is not ended by a ;", directive.name));
      }
      bool is_sign = false;
      std::string word = words.next(is_sign);
      if (is_sign && word == ";") return;
      if (is_sign && word == "}") {
        return fail(directive.file, words.line(), "a } where a ; is missing");
      }
      if (is_sign) {
        directive.has_block = true;
        // The text within is a program of another language.
        bool is_foreign = directive.name.find("_by_lua_block") != std::string::npos;
        if (is_foreign) return skip_block(words);
        return block(words, directive.file, depth + 1, directive.block, true);
      }
      directive.values.push_back(std::move(word));
    }
  }

  static void skip_block(Words& words) {
    int open = 1;
    while (open > 0 && !words.is_at_end()) {
      bool is_sign = false;
      std::string word = words.next(is_sign);
      if (is_sign && word == "{") ++open;
      if (is_sign && word == "}") --open;
    }
  }

  void include(const NginxDirective& directive, int depth, std::vector<NginxDirective>& out) {
    for (const std::string& value : directive.values) {
      std::string pattern = value.starts_with('/') ? value : folder_ + value;
      for (const std::string& path : files_.matching(pattern)) {
        if (settings_.files.size() >= files_most) return;
        Result<std::string, std::string> text = files_.read(path);
        if (text) read(*text, path, depth + 1, out);
      }
    }
  }

  SettingsFiles& files_;
  std::string folder_;
  NginxSettings settings_;
};

}  // namespace

NginxSettings read_nginx_settings(const std::string& text, const std::string& path,
                                  SettingsFiles& files) {
  std::size_t slash = path.rfind('/');
  Reader reader(files, slash == std::string::npos ? "" : path.substr(0, slash + 1));
  std::vector<NginxDirective> directives;
  reader.read(text, path, 0, directives);
  NginxSettings settings = reader.take();
  settings.directives = std::move(directives);
  return settings;
}

}  // namespace gg
