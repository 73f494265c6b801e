// SPDX-License-Identifier: Apache-2.0
#include "diagnose/settings/remark.h"

#include <fmt/format.h>
#include <glob.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <tuple>

#include "diagnose/printable.h"
#include "diagnose/settings/haproxy_rules.h"
#include "diagnose/settings/haproxy_text.h"
#include "diagnose/settings/nginx_rules.h"
#include "diagnose/settings/nginx_text.h"
#include "fault/catalogue.h"

namespace gg {
namespace {

constexpr std::size_t margin = 8;
constexpr std::size_t largest_file = std::size_t{16} << 20;

void add_fact(std::string& out, std::string_view label, std::string_view text) {
  out += fmt::format("  {:<{}}{}\n", label, margin - 2, wrapped(text, margin));
}

}  // namespace

Result<std::string, std::string> DiskFiles::read(const std::string& path) {
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  if (!file) return Failure<std::string>(std::strerror(errno == 0 ? ENOENT : errno));
  std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  if (file.bad()) return Failure<std::string>("it cannot be read");
  if (text.size() > largest_file) return Failure<std::string>("it is no configuration: too large");
  return text;
}

std::vector<std::string> DiskFiles::matching(const std::string& pattern) {
  glob_t found{};
  std::vector<std::string> paths;
  if (glob(pattern.c_str(), 0, nullptr, &found) == 0) {
    paths.assign(found.gl_pathv, found.gl_pathv + found.gl_pathc);
  }
  globfree(&found);
  return paths;
}

Result<SettingsVerdict, std::string> examine_settings(const std::string& path,
                                                      SettingsFiles& files) {
  Result<std::string, std::string> text = files.read(path);
  if (!text) return Failure<std::string>(text.error());
  SettingsVerdict verdict;
  if (text->find_first_of("{;") == std::string::npos && !looks_like_haproxy(*text)) {
    return Failure<std::string>("it is neither of nginx nor of HAProxy");
  }
  if (looks_like_haproxy(*text)) {
    verdict.product = Product::haproxy;
    verdict.files = {path};
    verdict.remarks = haproxy_remarks(read_haproxy_settings(*text, path));
  } else {
    NginxSettings settings = read_nginx_settings(*text, path, files);
    if (!settings.error.empty()) return Failure<std::string>(settings.error);
    if (settings.directives.empty()) {
      return Failure<std::string>("it is neither of nginx nor of HAProxy");
    }
    verdict.product = Product::nginx;
    verdict.files = settings.files;
    verdict.remarks = nginx_remarks(settings);
  }
  std::ranges::sort(verdict.remarks, [](const Remark& a, const Remark& b) {
    return std::tie(a.file, a.line, a.problem) < std::tie(b.file, b.line, b.problem);
  });
  return verdict;
}

std::string remarks_text(const SettingsVerdict& verdict, bool color) {
  std::size_t count = verdict.remarks.size();
  std::string title = count == 0
                          ? fmt::format("No setting of {} here makes requests fail needlessly.",
                                        name_of(verdict.product))
                          : fmt::format("{} {} of {} make{} requests fail needlessly.", count,
                                        count == 1 ? "setting" : "settings",
                                        name_of(verdict.product), count == 1 ? "s" : "");
  std::string out = color ? fmt::format("\033[1m{}\033[0m\n", title) : title + "\n";
  for (const Remark& remark : verdict.remarks) {
    out += fmt::format("\n{}:{}: {}: {}\n", printable(remark.file), remark.line,
                       printable(remark.about), printable(remark.problem));
    add_fact(out, "why", remark.why);
    std::string_view mend = remark.mend;
    std::string_view label = "mend";
    while (!mend.empty()) {
      std::string_view line = mend.substr(0, mend.find('\n'));
      mend.remove_prefix(std::min(mend.size(), line.size() + 1));
      out += fmt::format("  {:<{}}{}\n", label, margin - 2, printable(line));
      label = "";
    }
    out += fmt::format("  {:<{}}{} {}\n", "cause", margin - 2, row_of(remark.cause).id,
                       row_of(remark.cause).name);
  }
  return out;
}

std::string remarks_json(const SettingsVerdict& verdict) {
  nlohmann::json list = nlohmann::json::array();
  for (const Remark& remark : verdict.remarks) {
    list.push_back({{"file", remark.file},
                    {"line", remark.line},
                    {"about", remark.about},
                    {"problem", remark.problem},
                    {"why", remark.why},
                    {"mend", remark.mend},
                    {"cause", name_of(remark.cause)}});
  }
  nlohmann::json all = {{"product", name_of(verdict.product)},
                        {"files", verdict.files},
                        {"remarks", std::move(list)}};
  return all.dump(2, ' ', true, nlohmann::json::error_handler_t::replace) + "\n";
}

}  // namespace gg
