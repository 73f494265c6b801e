// SPDX-License-Identifier: Apache-2.0
#include "rules/path_rewrite.h"

#include <re2/re2.h>

#include "base/assert.h"
#include "http/request_path.h"

namespace gg {
namespace {

/// What is behind `prefix`, if the path begins with it by whole segments; "/" if that is nothing.
std::optional<std::string_view> behind(std::string_view prefix, std::string_view path) {
  if (!path.starts_with(prefix)) return std::nullopt;
  std::string_view rest = path.substr(prefix.size());
  if (rest.empty()) return "/";
  if (rest.front() != '/') return std::nullopt;
  return rest;
}

/// Could any reader be led above the root by it?
bool leads_above_root(std::string_view path) {
  if (is_plain_path(path)) return false;
  for (const PathReading& reading : other_readings) {
    if (ReadPath(path, reading).escapes_root()) return true;
  }
  return ReadPath(path, canonical_reading).escapes_root();
}

/// "//host/x" would be read as an authority by some.
std::string with_one_slash_in_front(std::string_view path) {
  std::size_t first = path.find_first_not_of('/');
  std::string out = "/";
  if (first != std::string_view::npos) out += path.substr(first);
  return out;
}

}  // namespace

PathRewrite::PathRewrite(const RewriteConfig& config)
    : strip_(config.strip_prefix == "/" ? "" : config.strip_prefix),
      add_(config.add_prefix),
      to_(config.to) {
  if (config.regex.empty()) return;
  re2::RE2::Options options(re2::RE2::Latin1);
  options.set_log_errors(false);
  regex_ = std::make_unique<const re2::RE2>(config.regex, options);
  GG_ASSERT(regex_->ok());
}

PathRewrite::~PathRewrite() = default;
PathRewrite::PathRewrite(PathRewrite&&) noexcept = default;

std::string PathRewrite::matched(std::string_view path) const {
  ReadPath canonical(path, canonical_reading);
  std::string_view text = canonical.text();
  std::string out;
  bool fits = re2::RE2::Extract(re2::StringPiece(text.data(), text.size()), *regex_, to_, &out);
  return fits ? out : std::string(path);
}

std::optional<std::string> PathRewrite::path_for(std::string_view path) const {
  if (regex_ != nullptr) return with_one_slash_in_front(matched(path));
  if (strip_.empty()) return add_ + std::string(path);
  std::string rest(path);
  bool is_stripped = false;
  if (std::optional<std::string_view> raw = behind(strip_, path)) {
    rest = *raw;
    is_stripped = true;
  } else if (!is_plain_path(path)) {
    ReadPath canonical(path, canonical_reading);
    std::optional<std::string_view> read = behind(strip_, canonical.text());
    if (read) rest = *read;
    is_stripped = read.has_value();
  }
  if (is_stripped && leads_above_root(rest)) return std::nullopt;
  return add_.empty() ? with_one_slash_in_front(rest) : add_ + rest;
}

std::optional<std::string> PathRewrite::target_for(const RequestHead& head) const {
  std::optional<std::string> target = std::string(head.path);
  if (head.path.starts_with('/')) target = path_for(head.path);
  if (!target || !head.has_query) return target;
  bool has_own_query = target->find('?') != std::string::npos;
  if (has_own_query && head.query.empty()) return target;
  *target += has_own_query ? '&' : '?';
  *target += head.query;
  return target;
}

}  // namespace gg
