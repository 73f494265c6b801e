// SPDX-License-Identifier: Apache-2.0
// A request's head, and what rules may know of it, for the tests of rules/.
#pragma once

#include <new>
#include <string>
#include <string_view>

#include "base/text.h"
#include "rules/text_template.h"

namespace gg {

/// A head made of well-formed text, for folders below the parser. Does not move.
class RulesRequest {
 public:
  explicit RulesRequest(std::string_view text) : text_(text) {
    std::string_view rest = text_;
    std::string_view line = next_line(rest);
    head_.method_text = line.substr(0, line.find(' '));
    head_.method = method_of(head_.method_text);
    line.remove_prefix(head_.method_text.size() + 1);
    head_.target = line.substr(0, line.find(' '));
    read_fields(rest);
    if (const Field* host = head_.fields.find(FieldName::host)) head_.authority = host->value;
    std::size_t scheme = head_.target.find("://");
    std::string_view local = head_.target;
    if (scheme != std::string_view::npos && !local.starts_with('/')) {
      local.remove_prefix(local.find('/', scheme + 3));
    }
    std::size_t mark = local.find('?');
    head_.path = local.substr(0, mark);
    head_.has_query = mark != std::string_view::npos;
    if (head_.has_query) head_.query = local.substr(mark + 1);
  }
  RulesRequest(const RulesRequest&) = delete;
  RulesRequest& operator=(const RulesRequest&) = delete;

  /// GET of that target for shop.example:8080, with these field lines.
  static std::string get(std::string_view target, std::string_view lines = {}) {
    return "GET " + std::string(target) + " HTTP/1.1\r\nHost: shop.example:8080\r\n" +
           std::string(lines) + "\r\n";
  }

  const RequestHead& head() const { return head_; }
  RequestView view(std::string_view scheme = "http") const {
    return {.head = head_,
            .client = "192.0.2.7",
            .peer = "10.0.0.1",
            .id = "abc",
            .listener = ":8080",
            .scheme = scheme};
  }

 private:
  static std::string_view next_line(std::string_view& rest) {
    std::size_t end = rest.find("\r\n");
    std::string_view line = rest.substr(0, end);
    rest.remove_prefix(end + 2);
    return line;
  }
  void read_fields(std::string_view rest) {
    constexpr std::size_t most = 32;
    Chunk chunk = pool_.take(most * sizeof(Field));
    auto* fields = reinterpret_cast<Field*>(chunk.spare().data());
    std::size_t count = 0;
    for (std::string_view line = next_line(rest); !line.empty(); line = next_line(rest)) {
      std::string_view name = line.substr(0, line.find(':'));
      new (&fields[count++]) Field{name, trim(line.substr(name.size() + 1)), field_name_of(name)};
    }
    chunk.extend(count * sizeof(Field));
    head_.fields.adopt(std::move(chunk), {fields, count});
  }

  BufferPool pool_;
  std::string text_;
  RequestHead head_;
};

}  // namespace gg
