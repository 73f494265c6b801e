// SPDX-License-Identifier: Apache-2.0
#include "support/sim_http.h"

#include <algorithm>
#include <cstring>

namespace gg {

namespace {

constexpr std::size_t line_max = 65536;

std::uint64_t mix(std::uint64_t x) {
  x += 0x9e3779b97f4a7c15;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
  x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
  return x ^ (x >> 31);
}

bool is_token(std::string_view name) {
  constexpr std::string_view others = "!#$%&'*+-.^_`|~";
  return !name.empty() && std::ranges::all_of(name, [&](char c) {
    bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    return letter || others.find(c) != std::string_view::npos;
  });
}

std::string_view stripped(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

std::string small_letters(std::string_view text) {
  std::string small(text);
  for (char& c : small) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return small;
}

std::optional<std::uint64_t> number_in(std::string_view digits, unsigned base) {
  if (digits.empty() || digits.size() > 15) return std::nullopt;
  std::uint64_t value = 0;
  for (char c : small_letters(digits)) {
    unsigned digit = c >= '0' && c <= '9'   ? static_cast<unsigned>(c - '0')
                     : c >= 'a' && c <= 'f' ? static_cast<unsigned>(c - 'a') + 10
                                            : 99;
    if (digit >= base) return std::nullopt;
    value = value * base + digit;
  }
  return value;
}

}  // namespace

std::string sim_bytes(std::uint64_t key, std::size_t size) {
  std::string bytes;
  // GCC 12's library names the capacity, not the size it was asked for.
  bytes.resize_and_overwrite(size, [key, size](char* to, std::size_t) {
    for (std::size_t i = 0; i < size; i += 8) {
      std::uint64_t value = mix(key + i);
      std::memcpy(to + i, &value, std::min<std::size_t>(8, size - i));
    }
    return size;
  });
  return bytes;
}

std::uint64_t request_key(std::uint64_t request_id) { return mix(request_id * 2 + 1); }

std::uint64_t resource_key(std::uint64_t resource) { return resource * 8 + 7; }

std::uint64_t answer_key(std::uint64_t request_id, std::uint64_t origin, std::uint64_t answer) {
  return mix(mix(mix(request_id * 2) ^ origin) ^ answer);
}

std::optional<std::string> only_value(const SimFields& fields, std::string_view name) {
  std::optional<std::string> value;
  for (const SimField& field : fields) {
    if (field.name != name) continue;
    if (value) return std::nullopt;
    value = field.value;
  }
  return value;
}

std::optional<std::uint64_t> only_number(const SimFields& fields, std::string_view name) {
  std::optional<std::string> value = only_value(fields, name);
  return value ? number_in(*value, 10) : std::nullopt;
}

bool has_field(const SimFields& fields, std::string_view name) {
  return std::ranges::any_of(fields, [&](const SimField& field) { return field.name == name; });
}

bool lists_token(const SimFields& fields, std::string_view name, std::string_view token) {
  for (const SimField& field : fields) {
    if (field.name != name) continue;
    std::string list = small_letters(field.value) + ",";
    for (std::size_t begin = 0; begin < list.size();) {
      std::size_t comma = list.find(',', begin);
      if (stripped(std::string_view(list).substr(begin, comma - begin)) == token) return true;
      begin = comma + 1;
    }
  }
  return false;
}

SimFraming framing_of(const SimFields& fields, WithoutLength otherwise) {
  using Kind = SimFraming::Kind;
  bool has_length = has_field(fields, "content-length");
  if (has_field(fields, "transfer-encoding")) {
    bool chunked = only_value(fields, "transfer-encoding") == "chunked";
    return {.kind = chunked && !has_length ? Kind::chunked : Kind::invalid};
  }
  if (has_length) {
    std::optional<std::uint64_t> size = only_number(fields, "content-length");
    if (!size) return {.kind = Kind::invalid};
    return {.kind = Kind::sized, .size = static_cast<std::size_t>(*size)};
  }
  return {.kind = otherwise == WithoutLength::no_body ? Kind::none : Kind::until_end};
}

bool SimReader::complain(std::string_view what) {
  why_ = Stop::malformed;
  complaint_ = what;
  return false;
}

Task<bool> SimReader::fill() {
  if (used_ > 0) {
    buffer_.erase(0, used_);
    used_ = 0;
  }
  Receive receive(sink_, &socket_, 16384, deadline_);
  Result<Chunk, IoError> bytes = co_await receive;
  if (!bytes) {
    error_ = bytes.error();
    why_ = error_.kind == IoError::Kind::deadline ? Stop::late : Stop::failed;
    co_return false;
  }
  if (bytes->empty()) {
    why_ = Stop::end;
    co_return false;
  }
  buffer_ += bytes->view();
  co_return true;
}

Task<bool> SimReader::wait_for_bytes() {
  while (buffered() == 0) {
    bool more = co_await fill();
    if (!more) co_return false;
  }
  co_return true;
}

Task<bool> SimReader::read_line(std::string& line) {
  line.clear();
  for (;;) {
    std::size_t end = buffer_.find('\n', used_);
    std::size_t size = (end == std::string::npos ? buffer_.size() : end) - used_;
    line.append(buffer_, used_, size);
    used_ += size;
    if (line.size() > line_max) co_return complain("a line is too long");
    if (end != std::string::npos) break;
    bool more = co_await fill();
    if (!more) co_return false;
  }
  ++used_;
  if (!line.ends_with('\r')) co_return complain("a line ends without CR");
  line.pop_back();
  if (line.find_first_of(std::string_view("\r\0", 2)) != std::string::npos) {
    co_return complain("CR or NUL inside a line");
  }
  co_return true;
}

Task<bool> SimReader::read_exactly(std::size_t size, std::string& into) {
  while (size > 0) {
    bool any = co_await wait_for_bytes();
    if (!any) co_return false;
    std::size_t part = std::min(size, buffered());
    into.append(buffer_, used_, part);
    used_ += part;
    size -= part;
  }
  co_return true;
}

Task<bool> SimReader::read_fields(SimFields& fields) {
  std::string line;
  for (;;) {
    bool whole = co_await read_line(line);
    if (!whole) co_return false;
    if (line.empty()) co_return true;
    std::size_t colon = line.find(':');
    if (colon == std::string::npos) co_return complain("a field without a colon");
    std::string_view name = std::string_view(line).substr(0, colon);
    if (!is_token(name)) co_return complain("a field name that is no token");
    std::string_view value = stripped(std::string_view(line).substr(colon + 1));
    fields.push_back({.name = small_letters(name), .value = std::string(value)});
  }
}

Task<bool> SimReader::read_head(SimHead& head) {
  head = {};
  bool whole = co_await read_line(head.start_line);
  if (!whole) co_return false;
  co_return co_await read_fields(head.fields);
}

Task<bool> SimReader::read_chunks(std::string& body, SimFields& trailers) {
  std::string line;
  for (;;) {
    bool whole = co_await read_line(line);
    if (!whole) co_return false;
    std::string_view digits = std::string_view(line).substr(0, line.find(';'));
    std::optional<std::uint64_t> size = number_in(digits, 16);
    if (!size) co_return complain("a chunk size that is no number");
    if (*size == 0) co_return co_await read_fields(trailers);
    bool got = co_await read_exactly(static_cast<std::size_t>(*size), body);
    if (!got) co_return false;
    std::string end;
    got = co_await read_exactly(2, end);
    if (!got) co_return false;
    if (end != "\r\n") co_return complain("a chunk that does not end where it said");
  }
}

Task<bool> SimReader::read_body(SimFraming framing, std::string& body, SimFields& trailers) {
  switch (framing.kind) {
    case SimFraming::Kind::none:
      co_return true;
    case SimFraming::Kind::invalid:
      co_return complain("ambiguous or invalid framing");
    case SimFraming::Kind::sized:
      co_return co_await read_exactly(framing.size, body);
    case SimFraming::Kind::chunked:
      co_return co_await read_chunks(body, trailers);
    case SimFraming::Kind::until_end:
      break;
  }
  bool any = true;
  while (any) {
    any = co_await wait_for_bytes();
    body.append(buffer_, used_);
    used_ = buffer_.size();
  }
  co_return why_ == Stop::end;
}

std::string SimReader::take() {
  std::string taken = buffer_.substr(used_);
  used_ = buffer_.size();
  return taken;
}

Task<void> SimReader::drain() {
  bool more = true;
  while (more) {
    used_ = buffer_.size();
    more = co_await fill();
  }
}

Task<Result<void, IoError>> send_all(Engine& engine, Socket& socket, std::string_view bytes,
                                     Deadline deadline) {
  PlainSink sink(engine);
  Send send(sink, &socket, bytes, deadline);
  Result<void, IoError> sent = co_await send;
  co_return sent;
}

}  // namespace gg
