// SPDX-License-Identifier: Apache-2.0
#include "gate/reload_changes.h"

#include <sys/stat.h>

#include <vector>

namespace gg {

namespace {

/// More than these are counted.
constexpr std::size_t named_most = 6;

void add_stamp(FileStamps& stamps, const std::string& file) {
  if (file.empty()) return;
  FileStamp& stamp = stamps[file];
  struct stat found{};
  if (stat(file.c_str(), &found) != 0) return;
  stamp.modified = std::int64_t{found.st_mtim.tv_sec} * 1'000'000'000 + found.st_mtim.tv_nsec;
  stamp.bytes = found.st_size;
}

void add_upstreams(const Config& before, const Config& after, std::vector<std::string>& changed) {
  for (const UpstreamConfig& upstream : after.upstreams) {
    const UpstreamConfig* was = before.find_upstream(upstream.name);
    bool is_same = was != nullptr && *was == upstream;
    if (!is_same)
      changed.push_back((was == nullptr ? "new upstream " : "upstream ") + upstream.name);
  }
  for (const UpstreamConfig& upstream : before.upstreams) {
    bool is_gone = after.find_upstream(upstream.name) == nullptr;
    if (is_gone) changed.push_back("upstream " + upstream.name + " (gone)");
  }
}

void add_files(const FileStamps& before, const FileStamps& after,
               std::vector<std::string>& changed) {
  for (const auto& [file, stamp] : after) {
    auto was = before.find(file);
    bool is_another = was != before.end() && was->second != stamp;
    if (is_another) changed.push_back("the file " + file);
  }
}

std::string joined(const std::vector<std::string>& all) {
  std::size_t named = std::min(all.size(), named_most);
  std::string text;
  for (std::size_t i = 0; i < named; ++i) {
    bool is_last = i + 1 == all.size();
    text += (i == 0 ? "" : is_last ? " and " : ", ") + all[i];
  }
  if (all.size() > named) text += " and " + std::to_string(all.size() - named) + " others";
  return text;
}

}  // namespace

FileStamps stamps_of(const Config& config) {
  FileStamps stamps;
  for (const ListenerConfig& listener : config.listeners) {
    if (!listener.tls) continue;
    add_stamp(stamps, listener.tls->client_ca);
    for (const Certificate& certificate : listener.tls->certificates) {
      add_stamp(stamps, certificate.cert);
      add_stamp(stamps, certificate.key);
      add_stamp(stamps, certificate.ocsp);
    }
  }
  auto add_tls = [&stamps](const std::optional<UpstreamTls>& tls) {
    if (!tls) return;
    for (const std::string& file : {tls->ca, tls->cert, tls->key}) add_stamp(stamps, file);
  };
  for (const UpstreamConfig& upstream : config.upstreams) add_tls(upstream.tls);
  if (config.etcd) add_tls(config.etcd->tls);
  return stamps;
}

std::string reload_text(const Config& before, const Config& after, const FileStamps& files_before,
                        const FileStamps& files_after) {
  std::vector<std::string> changed;
  if (before.listeners != after.listeners) changed.emplace_back("listeners");
  if (before.routes != after.routes) changed.emplace_back("routes");
  add_upstreams(before, after, changed);
  if (before.etcd != after.etcd) changed.emplace_back("etcd");
  if (before.timeouts != after.timeouts) changed.emplace_back("timeouts");
  if (before.limits != after.limits) changed.emplace_back("limits");
  add_files(files_before, files_after, changed);
  std::string text = "the configuration was read again";
  if (!changed.empty()) return text + ": " + joined(changed) + " changed";
  bool is_same = before == after;
  return text + (is_same ? ", as it was before" : "");
}

}  // namespace gg
