// SPDX-License-Identifier: Apache-2.0
#include "fault/local_reply.h"

#include <algorithm>

#include "base/assert.h"
#include "base/text.h"
#include "fault/catalogue.h"
#include "http/quality.h"
#include "http/status.h"

namespace gg {
namespace {

/// What a client may know about a status: enough to act, nothing about what lies behind.
struct Words {
  int status;
  std::string_view detail;
};

constexpr Words words[] = {
    {400, "The request is not valid HTTP."},
    {401, "A name and a password are needed here."},
    {403, "You are not allowed to make this request."},
    {404, "There is nothing at this address."},
    {408, "The request took too long to arrive."},
    {413, "The body of the request is too large."},
    {414, "The address of the request is too long."},
    {417, "The request expects something that is not known here."},
    {429, "Too many requests. Please slow down."},
    {431, "The fields of the request are too large."},
    {500, "Something went wrong on our side. Please try again later."},
    {501, "The request needs something that is not supported here."},
    {502, "The service behind this address gave no usable answer. Please try again shortly."},
    {503, "The service is not available right now. Please try again shortly."},
    {504, "The service took too long to answer. Please try again shortly."},
    {505, "This version of HTTP is not supported here."},
};

std::string_view detail_of(int status) {
  const Words* found = std::ranges::find(words, status, &Words::status);
  return found == std::end(words) ? words[0].detail : found->detail;
}

bool is_json(std::string_view type) {
  return equal_ignoring_case(type, "application/json") ||
         equal_ignoring_case(type, "application/problem+json");
}

struct Wishes {
  int page = 0;
  int json = 0;
};

Wishes wishes_of(std::string_view accept) {
  Wishes wishes;
  for (std::string_view element = next_list_element(accept); !element.empty();
       element = next_list_element(accept)) {
    std::size_t end = std::min(element.find(';'), element.size());
    std::string_view type = trim(element.substr(0, end));
    int weight = quality_of(element.substr(std::min(end + 1, element.size())));
    if (equal_ignoring_case(type, "text/html")) wishes.page = std::max(wishes.page, weight);
    if (is_json(type)) wishes.json = std::max(wishes.json, weight);
  }
  return wishes;
}

bool wants_page(std::string_view accept) {
  Wishes wishes = wishes_of(accept);
  return wishes.page > 0 && wishes.page >= wishes.json;
}

/// Request ids have no character that matters here; whatever else came is left out.
void append_id(std::string& out, std::string_view id) {
  for (char c : id) {
    bool is_plain =
        c > ' ' && c <= '~' && c != '"' && c != '\\' && c != '<' && c != '>' && c != '&';
    if (is_plain) out += c;
  }
}

std::string problem(int status, std::string_view request_id) {
  std::string out;
  out.reserve(256);
  out += R"({"type":"about:blank","title":")";
  out += reason_phrase(status);
  out += R"(","status":)";
  out += std::to_string(status);
  out += R"(,"detail":")";
  out += detail_of(status);
  out += R"(","request_id":")";
  append_id(out, request_id);
  out += "\"}\n";
  return out;
}

constexpr std::string_view page_start =
    "<!doctype html>\n"
    "<html lang=\"en\">\n"
    "<meta charset=\"utf-8\">\n"
    "<meta name=\"viewport\" content=\"width=device-width\">\n"
    "<meta name=\"robots\" content=\"noindex\">\n"
    "<style>\n"
    ":root{color-scheme:light dark}\n"
    "body{font:1.1rem/1.5 system-ui,sans-serif;max-width:34rem;margin:18vh auto;padding:0 1.5rem;"
    "color:#1c1e21;background:#fff}\n"
    "h1{font-size:1.6rem;margin:0}\n"
    "code{font-size:.95em;overflow-wrap:anywhere}\n"
    "small{color:#5c6370}\n"
    "@media(prefers-color-scheme:dark){body{color:#e4e6eb;background:#16181c}"
    "small{color:#a0a6b1}}\n"
    "</style>\n";

std::string page(int status, std::string_view request_id) {
  std::string out;
  out.reserve(page_start.size() + 512);
  out += page_start;
  std::string title = std::to_string(status) + " " + std::string(reason_phrase(status));
  out += "<title>" + title + "</title>\n<h1>" + title + "</h1>\n<p>";
  out += detail_of(status);
  out += "</p>\n<p><small>If you ask for help, please quote this id: <code>";
  append_id(out, request_id);
  out += "</code></small></p>\n</html>\n";
  return out;
}

std::string seconds_up(Duration wait) {
  std::int64_t seconds = (wait.count() + 999'999'999) / 1'000'000'000;
  return std::to_string(std::max<std::int64_t>(seconds, 1));
}

}  // namespace

bool asks_for_json(std::string_view accept) {
  Wishes wishes = wishes_of(accept);
  return wishes.json > wishes.page;
}

LocalReply make_local_reply(const LocalReplyQuestion& question) {
  GG_ASSERT(gateway_answers(question.fault));
  int status = row_of(question.fault).status;
  LocalReply reply;
  reply.status = static_cast<std::uint16_t>(status);
  reply.reason = reason_phrase(status);

  ProxyStatusFacts facts = question.facts;
  if (!question.client_is_trusted) facts.next_hop = {};
  append_proxy_status(reply.proxy_status, question.deployment, question.fault, facts);
  if (status == 429 || status == 503) reply.retry_after = seconds_up(question.retry_after);

  bool for_people = wants_page(question.accept);
  reply.content_type = for_people ? "text/html; charset=utf-8" : "application/problem+json";
  reply.body =
      for_people ? page(status, question.request_id) : problem(status, question.request_id);
  return reply;
}

}  // namespace gg
