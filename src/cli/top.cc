// SPDX-License-Identifier: Apache-2.0
// `goodgate top`.
#include <fmt/core.h>
#include <poll.h>
#include <unistd.h>

#include <nlohmann/json.hpp>

#include "cli/admin_client.h"
#include "cli/demo/live_screen.h"
#include "cli/options.h"
#include "cli/running.h"
#include "cli/top_screen.h"

namespace gg {
namespace {

using nlohmann::json;

constexpr const char* description =
    "Shows how the running gateway is, again every second: is it fine and if not why, rates, "
    "times,\n"
    "incidents, and every endpoint with its state and the reason.\n"
    "Keys: q quits, p holds the picture, s sorts by something else, j and k scroll.";

constexpr const char* examples =
    "Examples:\n"
    "  goodgate top\n"
    "  goodgate top --admin 10.0.0.7:9502     a gateway elsewhere\n"
    "  goodgate top --once                    one picture, without a terminal\n";

constexpr int interval_ms = 1000;
constexpr char interrupt_key = 3;  // Ctrl-C

/// What it knows of the gateway, and how it shows it.
class Top {
 public:
  explicit Top(std::string address) : address_(std::move(address)) {}

  /// Asks again. What was known stays known when there is no answer.
  void look() {
    Result<std::string, std::string> page = fetch_page(address_, "/api/v1/status");
    trouble_ = page ? "" : page.error();
    if (!page) return;
    json status = json::parse(*page, nullptr, false);
    if (!status.is_object()) return;
    before_ = std::move(status_);
    status_ = std::move(status);
    Result<std::string, std::string> incidents = fetch_page(address_, "/api/v1/incidents");
    if (incidents) incidents_ = json::parse(*incidents, nullptr, false);
  }

  std::vector<std::string> lines() const {
    return top_screen({.status = status_.is_null() ? nothing_ : status_,
                       .before = before_,
                       .incidents = incidents_,
                       .trouble = trouble_},
                      view);
  }
  bool has_answer() const { return !status_.is_null(); }
  const std::string& trouble() const { return trouble_; }

  /// False: it is to end.
  bool take(char key) {
    switch (key) {
      case 'q':
      case interrupt_key:
        return false;
      case 'p':
        view.is_held = !view.is_held;
        break;
      case 's':
        view.order = view.order == TopOrder::last
                         ? TopOrder::trouble
                         : static_cast<TopOrder>(static_cast<int>(view.order) + 1);
        break;
      case 'j':
        ++view.skipped;
        break;
      case 'k':
        if (view.skipped > 0) --view.skipped;
        break;
      default:
        break;
    }
    return true;
  }

  TopView view;

 private:
  std::string address_;
  const json nothing_ = json::object();
  json status_;
  json before_;
  json incidents_;
  std::string trouble_;
};

/// Waits for a key or until it is time to look again. Nothing: no key came.
std::optional<char> next_key() {
  pollfd input{.fd = STDIN_FILENO, .events = POLLIN, .revents = 0};
  if (poll(&input, 1, interval_ms) <= 0) return std::nullopt;
  char key = interrupt_key;  // the end of input ends it, too
  if (read(STDIN_FILENO, &key, 1) <= 0) return interrupt_key;
  return key;
}

int watch(Top& top) {
  LiveScreen screen(LiveScreen::Keys::taken);
  for (;;) {
    LiveScreen::Size size = LiveScreen::size();
    top.view.columns = size.columns;
    top.view.rows = size.rows;
    screen.draw(top.lines());
    std::optional<char> key = next_key();
    if (key && !top.take(*key)) return exit_fine;
    if (!key && !top.view.is_held) top.look();
  }
}

}  // namespace

int top_command(Arguments arguments) {
  std::string file;
  std::string admin;
  bool once = false;
  Options options(description, "goodgate top", examples);
  options.text("-c,--config", file, "FILE", "The configuration that it runs with");
  options.text("--admin", admin, "ADDRESS", "Its admin address, if it is not found by itself");
  options.flag("--once", once, "Print one picture of 80 columns and end");
  if (std::optional<int> status = options.read(arguments)) return *status;

  Result<std::string, std::string> address = admin_address(admin, file);
  if (!address) {
    complain(address.error());
    return exit_something_wrong;
  }
  Top top(*address);
  top.look();
  if (!top.has_answer()) {
    complain(fmt::format("no status from {}: {}", *address, top.trouble()));
    return exit_something_wrong;
  }
  if (!once && !LiveScreen::is_possible()) {
    complain(
        "there is no terminal to draw on\n  --once prints one picture; goodgate status --json is "
        "for scripts");
    return exit_something_wrong;
  }
  top.view.coloring = takes_color(STDOUT_FILENO) ? Coloring::colored : Coloring::plain;
  if (!once) return watch(top);
  top.view.rows = 1000;
  for (const std::string& line : top.lines()) fmt::print("{}\n", line);
  return exit_fine;
}

}  // namespace gg
