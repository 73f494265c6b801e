// SPDX-License-Identifier: Apache-2.0
#include "admin/pages.h"

#include <algorithm>

#include "admin/assets.h"
#include "admin/error_json.h"

namespace gg {
namespace {

constexpr std::string_view text_type = "text/plain; charset=utf-8";
constexpr std::string_view json_type = "application/json";

using Source = AdminSource&;
using Request = const AdminRequest&;

Page json_page(std::string json) { return {.content_type = json_type, .body = std::move(json)}; }

Page page_of(std::optional<std::string> json, std::string_view if_missing) {
  if (json) return json_page(std::move(*json));
  return error_page(404, if_missing);
}

Page make_incidents(Source source, Request /*request*/) { return json_page(source.incidents()); }
Page make_incident(Source source, Request request) {
  return page_of(source.incident(request.rest), "there is no such incident");
}
Page make_config(Source source, Request /*request*/) { return json_page(source.config()); }
Page make_history(Source source, Request /*request*/) { return json_page(source.history()); }
Page make_event_list(Source source, Request /*request*/) {
  return json_page(source.events().to_json());
}
Page make_metrics(Source source, Request request) {
  MetricsFormat format = metrics_format_for(request.accept);
  return {.content_type = content_type_of(format), .body = source.metrics(format)};
}
Page make_ready(Source source, Request /*request*/) {
  bool ready = source.is_ready();
  return {.status = ready ? 200 : 503,
          .content_type = text_type,
          .body = ready ? "ready\n" : "draining\n"};
}

Page tell_status(const StatusReport& report) { return json_page(to_json(report)); }
Page tell_upstreams(const StatusReport& report) { return json_page(upstreams_json(report)); }
Page tell_endpoints(const StatusReport& report) { return json_page(endpoints_json(report)); }

template <Order::Kind kind, bool is_for_gateway>
Page take_order(Source source, Request request) {
  Result<Order, std::string> order = parse_order(kind, is_for_gateway, request.body);
  if (!order) return error_page(400, order.error());
  order->from = request.client;
  OrderOutcome outcome = source.carry_out(*order);
  return {.status = outcome.status, .content_type = json_type, .body = std::move(outcome.json)};
}

template <const Asset& asset>
Page give(Source /*source*/, Request /*request*/) {
  return {.content_type = asset.content_type, .body = std::string(asset.text)};
}

std::string page_of_pages() {
  std::string out = "goodgate admin\n\n";
  for (const PageRow& row : admin_pages()) {
    if (row.doc.empty()) continue;
    std::string line(row.method == Method::post ? "POST " : "GET  ");
    line += row.path;
    line.resize(std::max<std::size_t>(line.size() + 1, 34), ' ');
    out += line;
    out += row.doc;
    out += '\n';
  }
  return out;
}

/// Browsers say that they would like HTML; curl and scripts do not.
Page make_front(Source source, Request request) {
  bool is_browser = request.accept.find("text/html") != std::string_view::npos;
  if (is_browser) return give<index_html>(source, request);
  return {.content_type = text_type, .body = page_of_pages()};
}

using Kind = Order::Kind;
using Work = PageRow::Work;
constexpr PageKind open = PageKind::open;
constexpr PageKind facts = PageKind::facts;
constexpr PageKind orders = PageKind::orders;

constexpr PageRow get(std::string_view path, PageKind kind, Page (*make)(Source, Request),
                      std::string_view doc) {
  return {.path = path, .kind = kind, .make = make, .doc = doc};
}
constexpr PageRow post(std::string_view path, Page (*make)(Source, Request), std::string_view doc) {
  return {.method = Method::post, .path = path, .kind = orders, .make = make, .doc = doc};
}

constexpr PageRow rows[] = {
    get("/", open, make_front, "the dashboard, to a browser"),
    {.path = "/api/v1/status",
     .work = Work::status,
     .tell = tell_status,
     .doc = "how the gateway is (goodgate status shows it as a table)"},
    {.path = "/api/v1/upstreams",
     .work = Work::status,
     .tell = tell_upstreams,
     .doc = "its upstreams and their endpoints"},
    {.path = "/api/v1/endpoints",
     .work = Work::status,
     .tell = tell_endpoints,
     .doc = "every endpoint, health and reason"},
    get("/api/v1/incidents", facts, make_incidents,
        "what failed and why (goodgate incidents shows it)"),
    get("/api/v1/incidents/", facts, make_incident, "ID: one of them, with all that is known"),
    {.path = "/api/v1/records/",
     .work = Work::record,
     .doc = "ID: one request's life (goodgate explain ID tells it)"},
    get("/api/v1/config", facts, make_config, "the configuration in force"),
    get("/api/v1/history", facts, make_history, "the last minutes, second by second"),
    {.path = "/api/v1/events",
     .work = Work::stream,
     .doc = "what happens, as it happens (text/event-stream)"},
    get("/api/v1/events/recent", facts, make_event_list, "what has happened lately"),
    get("/api/v1/openapi.json", open, give<openapi_json>, "this interface, described"),
    post("/api/v1/endpoints/drain", take_order<Kind::drain, false>,
         "{\"endpoint\": …}: no new requests go there"),
    post("/api/v1/endpoints/undrain", take_order<Kind::undrain, false>, "they may again"),
    post("/api/v1/endpoints/eject", take_order<Kind::eject, false>,
         "out for a time: {\"seconds\": 60}"),
    post("/api/v1/endpoints/restore", take_order<Kind::restore, false>,
         "up at once, undrained, with its configured weight"),
    post("/api/v1/endpoints/weight", take_order<Kind::weight, false>,
         "another weight: {\"weight\": 2}; 0: the configured one"),
    post("/api/v1/gateway/drain", take_order<Kind::drain, true>,
         "/ready says 503, so that load balancers in front send nobody"),
    post("/api/v1/gateway/undrain", take_order<Kind::undrain, true>, "it says 200 again"),
    get("/metrics", facts, make_metrics, "Prometheus metrics"),
    get("/ready", open, make_ready, "200 while clients may be sent here, 503 while it drains"),
    get("/app.js", open, give<app_js>, ""),
    get("/app.css", open, give<app_css>, ""),
    get("/icon.svg", open, give<icon_svg>, ""),
};

}  // namespace

std::span<const PageRow> admin_pages() { return rows; }

PageChoice choose_page(Method method, std::string_view path) {
  PageChoice choice;
  for (const PageRow& row : rows) {
    bool has_rest = row.takes_rest() && path.size() > row.path.size();
    bool is_it = has_rest ? path.starts_with(row.path) : path == row.path && !row.takes_rest();
    if (!is_it) continue;
    choice.knows_path = true;
    bool fits = method == row.method || (method == Method::head && row.method == Method::get);
    if (!fits) continue;
    // What is named whole comes before what begins so.
    if (choice.row != nullptr && !choice.row->takes_rest()) continue;
    choice.row = &row;
    choice.rest = path.substr(std::min(row.path.size(), path.size()));
  }
  return choice;
}

Page error_page(int status, std::string_view reason) {
  return {.status = status, .content_type = json_type, .body = error_json(reason)};
}

Page record_page(std::optional<std::string> json) {
  return page_of(std::move(json), "no record of such a request is kept");
}

}  // namespace gg
