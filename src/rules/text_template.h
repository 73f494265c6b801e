// SPDX-License-Identifier: Apache-2.0
// Texts with variables, compiled once and written for each request: header values, URLs.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "config/text_template.h"
#include "http/head.h"

namespace gg {

/// What rules may know of a request. Borrows.
struct RequestView {
  const RequestHead& head;
  std::string_view client;  // its address as trusted proxies report it
  std::string_view peer;
  std::string_view id;
  std::string_view listener;
  std::string_view scheme;  // as trusted proxies report it
};

/// Immutable: any number of threads may write it at once.
class TextTemplate {
 public:
  /// `text` is one that config/text_template.h reads without complaint.
  explicit TextTemplate(std::string_view text);

  /// Bytes that write() needs.
  std::size_t size(const RequestView& request) const;
  /// Writes the text to the beginning of `room`, which holds size() bytes. No allocation.
  std::string_view write(const RequestView& request, std::span<char> room) const;
  std::string text(const RequestView& request) const;

 private:
  std::vector<TemplatePiece> pieces_;
};

}  // namespace gg
