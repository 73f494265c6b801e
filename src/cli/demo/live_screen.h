// SPDX-License-Identifier: Apache-2.0
// A picture that is redrawn in place on the terminal. Knows terminals, not what the picture shows.
#pragma once

#include <termios.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace gg {

/// While it lives the cursor is hidden and keys are not echoed. One at a time; standard output.
class LiveScreen {
 public:
  /// Is standard output a terminal that can be drawn on, and ours?
  static bool is_possible();

  /// Are keys left to the terminal, of which Ctrl-C interrupts, or does whoever draws read each of
  /// them from standard input?
  enum class Keys : std::uint8_t { left, taken };

  explicit LiveScreen(Keys keys = Keys::left);
  LiveScreen(const LiveScreen&) = delete;
  LiveScreen& operator=(const LiveScreen&) = delete;
  /// Leaves the last picture, and the cursor below it.
  ~LiveScreen();

  struct Size {
    std::size_t columns = 80;
    std::size_t rows = 24;
    bool operator==(const Size&) const = default;
  };
  /// At this moment: the window may have been resized.
  static Size size();

  /// `lines`: at most rows - 1, none wider than the terminal.
  void draw(const std::vector<std::string>& lines);

 private:
  Size drawn_size_;
  std::size_t drawn_lines_ = 0;
  termios before_{};
  bool has_settings_ = false;
};

}  // namespace gg
