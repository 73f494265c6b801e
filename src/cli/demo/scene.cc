// SPDX-License-Identifier: Apache-2.0
#include "cli/demo/scene.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "fault/catalogue.h"

namespace gg {

namespace {

double milliseconds(Duration duration) {
  return std::chrono::duration<double, std::milli>(duration).count();
}

double seconds(Duration duration) { return std::chrono::duration<double>(duration).count(); }

/// "14,312": easier to read than 14312.
std::string grouped(std::uint64_t number) {
  std::string digits = std::to_string(number);
  for (std::size_t place = digits.size(); place > 3;) {
    place -= 3;
    digits.insert(place, ",");
  }
  return digits;
}

std::string counted(std::uint64_t number, std::string_view noun) {
  std::string count = number == 0 ? "no" : grouped(number);
  return fmt::format("{} {}{}", count, noun, number == 1 ? "" : "s");
}

std::string short_time(Duration duration) {
  double value = milliseconds(duration);
  if (value <= 0) return "-";
  return value < 9.95 ? fmt::format("{:.1f} ms", value) : fmt::format("{:.0f} ms", value);
}

std::string what_happens(const DemoTurn& turn) {
  if (turn.misbehaviour == Misbehaviour::none) return "all origins are well";
  return fmt::format("origin {} {}", turn.origin + 1, words_for(turn.misbehaviour));
}

}  // namespace

Duration quantile(const Histogram& times, double share) {
  std::uint64_t all = 0;
  for (std::size_t i = 0; i < Histogram::buckets; ++i) all += times.count_in(i);
  auto wanted = static_cast<std::uint64_t>(std::ceil(share * static_cast<double>(all)));
  std::uint64_t seen = 0;
  for (std::size_t i = 0; i + 1 < Histogram::buckets && all > 0; ++i) {
    seen += times.count_in(i);
    if (seen >= wanted) return std::chrono::microseconds(Histogram::bound_of(i));
  }
  return all == 0 ? Duration::zero()
                  : std::chrono::microseconds(Histogram::bound_of(Histogram::buckets - 2));
}

std::string curl_command(const std::string& address) {
  if (address.starts_with("unix:")) {
    return fmt::format("curl --unix-socket {} http://localhost/", address.substr(5));
  }
  bool is_everywhere =
      address.starts_with(":") || address.starts_with("0.0.0.0:") || address.starts_with("[::]:");
  std::string port = address.substr(address.rfind(':'));
  return fmt::format("curl http://{}/", is_everywhere ? "127.0.0.1" + port : address);
}

// The picture
// ------------------------------------------------------------------------------------

namespace {

enum class Style : std::uint8_t { plain, bold, dim, good, bad, warning, link };

std::string_view code_of(Style style) {
  switch (style) {
    case Style::plain:
      return "";
    case Style::bold:
      return "\033[1m";
    case Style::dim:
      return "\033[2m";
    case Style::good:
      return "\033[32m";
    case Style::bad:
      return "\033[1;31m";
    case Style::warning:
      return "\033[33m";
    case Style::link:
      return "\033[1;36m";
  }
  return "";
}

/// Collects lines; cuts each where the canvas ends. Text is ASCII: a byte is a column.
class Painter {
 public:
  explicit Painter(const Canvas& canvas) : canvas_(canvas) {}

  Painter& add(std::string_view text, Style style = Style::plain) {
    std::size_t room = canvas_.columns - std::min(canvas_.columns, used_);
    bool is_cut = text.size() > room;
    std::string_view shown = text.substr(0, room);
    if (is_cut && room >= 3) shown = text.substr(0, room - 3);
    bool paint = canvas_.colored && style != Style::plain && !shown.empty();
    if (paint) line_ += code_of(style);
    line_ += shown;
    if (is_cut && room >= 3) line_ += "...";
    if (paint) line_ += "\033[0m";
    used_ += text.size();
    return *this;
  }
  void end_line() {
    lines_.push_back(std::exchange(line_, {}));
    used_ = 0;
  }
  std::vector<std::string> finish() {
    if (lines_.size() > canvas_.rows) lines_.resize(canvas_.rows);
    return std::move(lines_);
  }
  std::size_t rows_left() const { return canvas_.rows - std::min(canvas_.rows, lines_.size()); }

 private:
  Canvas canvas_;
  std::vector<std::string> lines_;
  std::string line_;
  std::size_t used_ = 0;
};

void paint_headline(Painter& painter, const DemoScene& scene) {
  painter.add(" Goodgate demo", Style::bold)
      .add(fmt::format("   one gateway, three origins that take turns failing   {:.0f} s",
                       std::floor(seconds(scene.elapsed))),
           Style::dim)
      .end_line();
  painter.end_line();
  bool is_calm = scene.turn.misbehaviour == Misbehaviour::none;
  painter.add(is_calm ? "   " : " ! ", Style::warning)
      .add(what_happens(scene.turn), is_calm ? Style::good : Style::warning)
      .end_line();
  painter.end_line();
  painter.add("   try: ").add(curl_command(scene.address), Style::link);
  if (scene.gateway.requests_of_others > 0) {
    painter.add(
        fmt::format("   ({} of your own)", counted(scene.gateway.requests_of_others, "request")));
  }
  painter.end_line();
  if (!scene.notice.empty()) painter.add("   " + scene.notice, Style::dim).end_line();
  painter.end_line();
}

void paint_clients(Painter& painter, const DemoScene& scene) {
  // The errors first: on a narrow terminal the end is cut.
  painter
      .add(fmt::format(" {:<22}{:>10}{:>10}{:>10}{:>10}{:>10}", "CLIENTS", "REQUESTS", "ERRORS",
                       "PER S", "MEDIAN", "SLOWEST"),
           Style::dim)
      .end_line();
  painter.add(fmt::format(" {:<22}{:>10}", "what they see", grouped(scene.requests)))
      .add(fmt::format("{:>10}", grouped(scene.errors)),
           scene.errors == 0 ? Style::good : Style::bad)
      .add(fmt::format("{:>10.0f}{:>10}{:>10}", scene.per_second, short_time(scene.median),
                       short_time(scene.slowest)))
      .end_line();
  painter.end_line();
}

void paint_origins(Painter& painter, const DemoScene& scene) {
  painter
      .add(fmt::format(" {:<22}{:>10}{:>10}{:>10}   {}", "ORIGINS", "REQUESTS", "FAULTS",
                       "EXPECTED", "HEALTH"),
           Style::dim)
      .end_line();
  for (std::size_t i = 0; i < scene.origins.size(); ++i) {
    const EndpointStatus& origin = scene.origins[i];
    bool is_up = origin.state == "up";
    bool misbehaves = scene.turn.of(i) != Misbehaviour::none;
    painter.add(fmt::format(" {}  {:<19}", i + 1, origin.address),
                misbehaves ? Style::warning : Style::plain);
    painter.add(fmt::format("{:>10}{:>10}{:>10}   ", grouped(origin.requests),
                            grouped(origin.faults), short_time(origin.expected)));
    painter.add(origin.state, is_up ? Style::good : Style::bad);
    if (!origin.reason.empty()) painter.add(": " + origin.reason, Style::dim);
    painter.end_line();
  }
  painter.end_line();
}

void paint_faults(Painter& painter, const DemoScene& scene) {
  painter.add(" FAULTS ABSORBED", Style::dim)
      .add(fmt::format("  {}", grouped(scene.gateway.absorbed_in_all)), Style::bold)
      .add("  requests that would have failed", Style::dim)
      .end_line();
  // The last two rows are for the way out.
  std::size_t room = painter.rows_left() > 2 ? painter.rows_left() - 2 : 0;
  std::size_t all = scene.gateway.absorbed.size();
  std::size_t shown = all <= room ? all : room - std::min<std::size_t>(room, 1);
  for (std::size_t i = 0; i < shown; ++i) {
    const GatewayCounts::Absorbed& absorbed = scene.gateway.absorbed[i];
    const FaultRow& row = row_of(absorbed.fault);
    painter.add(fmt::format(" {:>7}  {:<22}", grouped(absorbed.count), row.name))
        .add(row.meaning, Style::dim)
        .end_line();
  }
  if (shown < all && room > 0)
    painter.add(fmt::format("          and {} more", all - shown)).end_line();
}

}  // namespace

std::vector<std::string> picture_of(const DemoScene& scene, const Canvas& canvas) {
  Painter painter(canvas);
  paint_headline(painter, scene);
  paint_clients(painter, scene);
  paint_origins(painter, scene);
  paint_faults(painter, scene);
  painter.end_line();
  painter.add(" Ctrl-C ends it with the tally.", Style::dim).end_line();
  return painter.finish();
}

std::string line_of(const DemoScene& scene) {
  return fmt::format("{:4.0f} s  {}, {}, {} absorbed; {}", std::floor(seconds(scene.elapsed)),
                     counted(scene.requests, "request"), counted(scene.errors, "error"),
                     counted(scene.gateway.absorbed_in_all, "fault"), what_happens(scene.turn));
}

// The tally
// --------------------------------------------------------------------------------------

std::string tally_of(const DemoScene& scene, const std::vector<std::string>& examples,
                     std::size_t columns) {
  std::string text =
      fmt::format("In {:.0f} s the clients made {} and saw {}.\n", seconds(scene.elapsed),
                  counted(scene.requests, "request"), counted(scene.errors, "error"));
  for (const std::string& example : examples) text += fmt::format("  {}\n", example);
  text +=
      fmt::format("Half of the answers came within {}, 99 of 100 within {}, the slowest in {}.\n",
                  short_time(scene.median), short_time(scene.p99), short_time(scene.slowest));
  if (scene.late > 0) {
    text += fmt::format("{} came late from a hanging origin, as the gateway had to wait for it.\n",
                        scene.late == 1 ? "One" : grouped(scene.late));
  }
  text += fmt::format("Absorbed: {}.\n", counted(scene.gateway.absorbed_in_all, "fault"));
  for (const GatewayCounts::Absorbed& absorbed : scene.gateway.absorbed) {
    const FaultRow& row = row_of(absorbed.fault);
    std::string line =
        fmt::format("{:>8}  {:<22}{}", grouped(absorbed.count), row.name, row.meaning);
    if (line.size() > columns) line.replace(columns - 3, std::string::npos, "...");
    text += line + "\n";
  }
  if (scene.gateway.hedges_won > 0) {
    text += fmt::format("Hedged: {} came from a second attempt, while the first still waited.\n",
                        counted(scene.gateway.hedges_won, "answer"));
  }
  if (scene.gateway.requests_of_others > 0) {
    text += fmt::format("You made {} of your own.\n",
                        counted(scene.gateway.requests_of_others, "request"));
  }
  return text;
}

std::string tally_json(const DemoScene& scene, const std::vector<std::string>& examples) {
  using Json = nlohmann::ordered_json;
  Json errors = Json::object();
  for (std::size_t i = 1; i < client_error_count; ++i) {
    if (scene.errors_by_kind[i] == 0) continue;
    errors[std::string(name_of(static_cast<ClientError>(i)))] = scene.errors_by_kind[i];
  }
  Json absorbed = Json::object();
  for (const GatewayCounts::Absorbed& fault : scene.gateway.absorbed) {
    absorbed[std::string(name_of(fault.fault))] = fault.count;
  }
  Json origins = Json::array();
  for (const EndpointStatus& origin : scene.origins) {
    origins.push_back({{"address", origin.address},
                       {"state", origin.state},
                       {"requests", origin.requests},
                       {"faults", origin.faults}});
  }
  Json json = {{"seconds", std::round(seconds(scene.elapsed) * 1000) / 1000},
               {"listening", scene.address},
               {"requests", scene.requests},
               {"client_errors", scene.errors},
               {"client_errors_by_kind", std::move(errors)},
               {"client_error_examples", examples},
               {"faults_absorbed", std::move(absorbed)},
               {"faults_absorbed_total", scene.gateway.absorbed_in_all},
               {"hedges_won", scene.gateway.hedges_won},
               {"late_answers", scene.late},
               {"median_ms", milliseconds(scene.median)},
               {"p99_ms", milliseconds(scene.p99)},
               {"slowest_ms", milliseconds(scene.slowest)},
               {"other_requests", scene.gateway.requests_of_others},
               {"origins", std::move(origins)}};
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace gg
