// SPDX-License-Identifier: Apache-2.0
#include "cli/demo/live_screen.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>

namespace gg {

namespace {

constexpr std::string_view hide_cursor = "\033[?25l";
constexpr std::string_view show_cursor = "\033[?25h";

/// In one go where the system lets us, so that no half picture is seen.
void write_all(std::string_view text) {
  while (!text.empty()) {
    ssize_t written = write(STDOUT_FILENO, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
}

/// Should the program abort, the shell is not left without a cursor.
void show_cursor_and_abort(int number) {
  [[maybe_unused]] ssize_t written = write(STDOUT_FILENO, show_cursor.data(), show_cursor.size());
  std::signal(number, SIG_DFL);
  std::raise(number);
}

}  // namespace

bool LiveScreen::is_possible() {
  const char* kind = std::getenv("TERM");
  if (kind == nullptr || std::string_view(kind) == "dumb" || std::string_view(kind).empty()) {
    return false;
  }
  // A job in the background would be stopped for touching the terminal's settings.
  return isatty(STDOUT_FILENO) == 1 && tcgetpgrp(STDOUT_FILENO) == getpgrp();
}

LiveScreen::LiveScreen(Keys keys) : drawn_size_(size()) {
  has_settings_ = tcgetattr(STDOUT_FILENO, &before_) == 0;
  if (has_settings_) {
    termios settings = before_;
    settings.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    if (keys == Keys::taken) settings.c_lflag &= ~static_cast<tcflag_t>(ICANON | ISIG);
    // Suspended, it would leave the shell without echo and cursor.
    settings.c_cc[VSUSP] = _POSIX_VDISABLE;
    settings.c_cc[VQUIT] = _POSIX_VDISABLE;
    tcsetattr(STDOUT_FILENO, TCSANOW, &settings);
  }
  std::signal(SIGABRT, show_cursor_and_abort);
  write_all(hide_cursor);
}

LiveScreen::~LiveScreen() {
  write_all(show_cursor);
  std::signal(SIGABRT, SIG_DFL);
  if (has_settings_) tcsetattr(STDOUT_FILENO, TCSANOW, &before_);
}

LiveScreen::Size LiveScreen::size() {
  winsize window{};
  bool is_known = ioctl(STDOUT_FILENO, TIOCGWINSZ, &window) == 0 && window.ws_col > 0;
  if (!is_known) return {};
  return {.columns = window.ws_col, .rows = window.ws_row};
}

void LiveScreen::draw(const std::vector<std::string>& lines) {
  std::string out;
  Size now = size();
  if (now != drawn_size_) {
    // The terminal has wrapped the old picture in its own way: begin on an empty page.
    out += "\033[H\033[2J";
    drawn_size_ = now;
  } else if (drawn_lines_ > 0) {
    out += "\033[" + std::to_string(drawn_lines_) + "A";
  }
  for (const std::string& line : lines) {
    out += "\r";
    out += line;
    out += "\033[K\n";
  }
  out += "\033[J";
  drawn_lines_ = lines.size();
  write_all(out);
}

}  // namespace gg
