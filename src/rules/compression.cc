// SPDX-License-Identifier: Apache-2.0
#include "rules/compression.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "http/quality.h"
#include "http/status.h"

namespace gg {
namespace {

/// What shrinks, and is no picture, film or archive.
constexpr std::string_view usual_types[] = {
    "text/",
    "application/javascript",
    "application/json",
    "application/ld+json",
    "application/manifest+json",
    "application/problem+json",
    "application/rss+xml",
    "application/atom+xml",
    "application/wasm",
    "application/xhtml+xml",
    "application/xml",
    "application/x-ndjson",
    "image/svg+xml",
    "image/bmp",
    "font/ttf",
    "font/otf",
};

constexpr std::array<Coding, 3> all_codings = {Coding::gzip, Coding::brotli, Coding::zstd};

/// What a client thinks of each coding, in thousandths; -1: nothing is said.
struct Likings {
  std::array<int, all_codings.size()> of{-1, -1, -1};
  int identity = -1;
  int others = -1;  // "*"

  int liking(Coding coding) const {
    int own = of[static_cast<std::size_t>(coding)];
    return own >= 0 ? own : std::max(others, 0);
  }
};

void note(Likings& likings, std::string_view element) {
  std::size_t end = std::min(element.find(';'), element.size());
  std::string_view name = trim(element.substr(0, end));
  int weight = quality_of(element.substr(end));
  if (name == "*") likings.others = weight;
  if (equal_ignoring_case(name, "identity")) likings.identity = weight;
  if (equal_ignoring_case(name, "x-gzip")) likings.of[0] = weight;
  for (Coding coding : all_codings) {
    if (equal_ignoring_case(name, name_of(coding))) {
      likings.of[static_cast<std::size_t>(coding)] = weight;
    }
  }
}

/// Is `word` an element of the list field of that name?
bool says(const Fields& fields, std::string_view field_name, std::string_view word) {
  for (const Field& field : fields.all()) {
    if (!equal_ignoring_case(field.name, field_name)) continue;
    std::string_view list = field.value;
    for (std::string_view element = next_list_element(list); !element.empty();
         element = next_list_element(list)) {
      if (equal_ignoring_case(element, word)) return true;
    }
  }
  return false;
}

}  // namespace

std::string_view name_of(Coding coding) {
  switch (coding) {
    case Coding::gzip:
      return "gzip";
    case Coding::brotli:
      return "br";
    case Coding::zstd:
      return "zstd";
  }
  return {};
}

std::optional<Coding> choose_coding(const Fields& request, const std::vector<Coding>& offered) {
  Likings likings;
  for (const Field& field : request.all()) {
    if (!equal_ignoring_case(field.name, "accept-encoding")) continue;
    std::string_view list = field.value;
    for (std::string_view element = next_list_element(list); !element.empty();
         element = next_list_element(list)) {
      note(likings, element);
    }
  }
  std::optional<Coding> best;
  for (Coding coding : offered) {
    int liking = likings.liking(coding);
    if (liking > 0 && (!best || liking > likings.liking(*best))) best = coding;
  }
  if (best && likings.identity > likings.liking(*best)) return std::nullopt;
  return best;
}

CompressionRule::CompressionRule(const CompressConfig& config)
    : offered_(config.with), at_least_(config.at_least.count) {
  for (std::string type : config.types) {
    std::ranges::transform(type, type.begin(), ascii_lower);
    if (type.ends_with("/*")) type.pop_back();
    types_.push_back(std::move(type));
  }
  if (types_.empty()) types_.assign(std::begin(usual_types), std::end(usual_types));
}

bool CompressionRule::is_listed(std::string_view content_type) const {
  std::string_view type = trim(content_type.substr(0, content_type.find(';')));
  constexpr std::string_view grpc = "application/grpc";
  bool is_stream = equal_ignoring_case(type, "text/event-stream") ||
                   equal_ignoring_case(type.substr(0, grpc.size()), grpc);
  if (is_stream) return false;
  return std::ranges::any_of(types_, [type](std::string_view listed) {
    bool is_kind = listed.ends_with('/');
    return equal_ignoring_case(is_kind ? type.substr(0, listed.size()) : type, listed);
  });
}

CompressionRule::Decision CompressionRule::decide(const RequestHead& request,
                                                  const ResponseHead& response,
                                                  const BodyPlan& plan) const {
  const Field* type = response.fields.find(FieldName::content_type);
  bool may_have_one = !forbids_body(response.status) && response.status != 206 &&
                      response.status != 101 && request.method != Method::connect;
  bool is_compressible = may_have_one && type != nullptr && is_listed(type->value) &&
                         response.fields.find("content-encoding") == nullptr &&
                         response.fields.find("content-range") == nullptr &&
                         !says(response.fields, "cache-control", "no-transform");
  if (!is_compressible) return {};
  bool is_short = plan.kind == BodyPlan::Kind::length && plan.length.value_or(0) < at_least_;
  bool has_body = plan.kind != BodyPlan::Kind::none && request.method != Method::head;
  if (is_short || !has_body) return {.coding = std::nullopt, .varies = !is_short};
  return {.coding = choose_coding(request.fields, offered_), .varies = true};
}

}  // namespace gg
