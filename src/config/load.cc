// SPDX-License-Identifier: Apache-2.0
// Reader, cross-checks and the file system put together.
#include "config/load.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <optional>
#include <utility>

#include "config/check.h"
#include "config/environment.h"
#include "config/formats.h"
#include "config/include.h"
#include "config/origins.h"
#include "config/reader.h"
#include "config/rule_files.h"
#include "config/schema.h"
#include "config/whole_file.h"
#include "config/yaml.h"

namespace gg {
namespace {

constexpr std::size_t file_most = 16 << 20;

LoadResult finish(Config config, Places places, ComplaintList& complaints, FileCheck files) {
  fill_in_the_obvious(config);
  check(config, places, complaints);
  read_rule_files(config, places, complaints);
  if (files != nullptr && !complaints.has_errors()) files(config, places, complaints);
  config.origins.all = std::make_shared<const Origins>(std::move(places), complaints.file_names());
  bool is_usable = !complaints.has_errors();
  std::vector<Complaint> found = complaints.take();
  if (!is_usable) return Failure(std::move(found));
  return LoadedConfig{std::make_shared<const Config>(std::move(config)), std::move(found)};
}

LoadResult unreadable(const std::string& path, std::string problem, std::string remedy) {
  ComplaintList complaints(path, "");
  complaints.error({}, "", std::move(problem), std::move(remedy));
  return Failure(complaints.take());
}

LoadResult unreadable(const std::string& path, int error) {
  std::string remedy = "check the name and the permissions, or give another file with -c FILE";
  return unreadable(path, fmt::format("cannot be read: {}", std::strerror(error)), remedy);
}

}  // namespace

LoadResult load_config(std::string_view text, std::string_view file_name, FileCheck files) {
  ComplaintList complaints(file_name, text);
  std::optional<YamlNode> root = parse_yaml(text, complaints);
  if (!root) return Failure(complaints.take());
  if (root->kind == YamlNode::Kind::null) {
    complaints.error({}, "", "the file is empty", "at least listeners and upstreams are needed");
    return Failure(complaints.take());
  }
  ValueSource values = values_of_this_process();
  substitute(*root, values, complaints);
  expand_includes(*root, file_name, values, complaints);
  Config config;
  Places places;
  read_section(*root, root_section(), &config, "", places, complaints);
  return finish(std::move(config), std::move(places), complaints, files);
}

LoadResult load_config_file(const std::string& path, FileCheck files) {
  Result<std::string, int> text = read_whole_file(path, file_most);
  if (text) return load_config(*text, path, files);
  if (text.error() == EFBIG) {
    return unreadable(path, "is larger than 16MiB", "is it the right file?");
  }
  return unreadable(path, text.error());
}

LoadResult config_from_command_line(std::span<const std::string> listen,
                                    std::span<const std::string> to) {
  ComplaintList complaints("", "");
  Config config;
  for (const std::string& text : listen) {
    ListenerConfig& listener = config.listeners.emplace_back();
    std::optional<Misreading> misread = listen_address_format.parse(text, &listener.address);
    if (misread) complaints.error({}, "--listen", misread->problem, misread->remedy);
  }
  UpstreamConfig upstream;
  upstream.name = "app";
  for (const std::string& text : to) {
    EndpointConfig& endpoint = upstream.endpoints.emplace_back();
    std::optional<Misreading> misread = endpoint_url_format.parse(text, &endpoint.url);
    if (misread) complaints.error({}, "--to", misread->problem, misread->remedy);
  }
  if (listen.empty()) {
    complaints.error({}, "--listen", "there is nothing to listen on", "add --listen :8080");
  }
  if (to.empty()) {
    complaints.error({}, "--to", "there is no endpoint to send requests to",
                     "add --to 127.0.0.1:3000");
  }
  if (complaints.has_errors()) return Failure(complaints.take());
  config.upstreams.push_back(std::move(upstream));
  return finish(std::move(config), Places(), complaints, nullptr);
}

}  // namespace gg
