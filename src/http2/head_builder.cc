// SPDX-License-Identifier: Apache-2.0
#include "http2/head_builder.h"

#include <algorithm>
#include <cstring>
#include <new>
#include <optional>

#include "base/assert.h"
#include "base/text.h"
#include "http/authority.h"
#include "http/characters.h"
#include "http/status.h"
#include "http/trailers.h"

namespace gg {
namespace {

constexpr std::size_t method_max = 32;
constexpr std::uint64_t field_overhead = 32;  // RFC 9113 6.5.2

void append(Chunk& to, std::string_view bytes, BufferPool& pool) {
  if (to.spare().size() < bytes.size()) {
    constexpr std::size_t least = 1024;
    Chunk larger = pool.take(std::max(2 * to.size() + bytes.size(), least));
    if (!to.empty()) larger.append(to.view());
    to = std::move(larger);
  }
  to.append(bytes);
}

bool has_upper_case(std::string_view name) {
  return std::ranges::any_of(name, [](char c) { return c >= 'A' && c <= 'Z'; });
}

bool is_blank(char c) { return c == ' ' || c == '\t'; }

bool is_scheme_of_the_web(std::string_view scheme) {
  return equal_ignoring_case(scheme, "http") || equal_ignoring_case(scheme, "https");
}

void set_target(RequestHead& head, std::string_view target) {
  head.target = target;
  std::size_t mark = target.find('?');
  head.path = target.substr(0, mark);
  head.has_query = mark != std::string_view::npos;
  if (head.has_query) head.query = target.substr(mark + 1);
  if (target == "*") head.form = TargetForm::asterisk;
}

/// Fields that speak of one HTTP/1 connection (RFC 9113 8.2.2).
bool is_connection_specific(FieldName id) {
  return id == FieldName::connection || id == FieldName::keep_alive ||
         id == FieldName::proxy_connection || id == FieldName::transfer_encoding ||
         id == FieldName::upgrade;
}

}  // namespace

/// A section's text in its last place, behind the array of its fields.
class Http2HeadBuilder::Copied {
 public:
  Copied(Http2HeadBuilder& builder, std::uint32_t fields, std::size_t more_text)
      : builder_(builder),
        chunk_(builder.pool_.take(fields * sizeof(Field) + builder.text_.size() + more_text)) {
    array_ = reinterpret_cast<Field*>(chunk_.spare().data());
    chunk_.extend(fields * sizeof(Field));
    text_ = chunk_.spare().data();
    chunk_.append(builder.text_.view());
  }

  std::string_view at(Span span) const { return {text_ + span.begin, span.size}; }
  Piece piece(std::uint32_t i) const {
    Piece piece;
    std::memcpy(&piece, builder_.pieces_.data() + i * sizeof(Piece), sizeof(Piece));
    return piece;
  }
  void add(const Field& field) { new (&array_[count_++]) Field(field); }
  /// All pieces of the Cookie field as one.
  std::string_view join_cookies() {
    const char* begin = chunk_.spare().data();
    std::size_t before = chunk_.size();
    for (std::uint32_t i = 0; i < builder_.count_; ++i) {
      Piece next = piece(i);
      if (next.id != FieldName::cookie) continue;
      if (chunk_.size() > before) chunk_.append("; ");
      chunk_.append(at(next.value));
    }
    return {begin, chunk_.size() - before};
  }
  /// A CONNECT for a WebSocket as HTTP/1.1 asks for one.
  void become_upgrade(RequestHead& head) {
    head.method = Method::get;
    head.method_text = "GET";
    add({.name = "Connection", .value = "upgrade", .id = FieldName::connection});
    add({.name = "Upgrade", .value = "websocket", .id = FieldName::upgrade});
  }
  /// The answer that opens a WebSocket as HTTP/1.1 gives it.
  void become_upgrade(ResponseHead& head, std::string_view accept) {
    head.status = 101;
    add({.name = "Connection", .value = "upgrade", .id = FieldName::connection});
    add({.name = "Upgrade", .value = "websocket", .id = FieldName::upgrade});
    if (accept.empty()) return;
    const char* begin = chunk_.spare().data();
    chunk_.append(accept);
    add({.name = "Sec-WebSocket-Accept", .value = {begin, accept.size()}});
  }
  void give_to(Fields& fields) {
    std::span<const Field> all(array_, count_);
    fields.adopt(std::move(chunk_), all);
  }

 private:
  Http2HeadBuilder& builder_;
  Chunk chunk_;
  Field* array_;
  const char* text_;
  std::size_t count_ = 0;
};

void Http2HeadBuilder::begin(Section section, const Http2HeadLimits& limits) {
  reset();
  section_ = section;
  limits_ = limits;
}

void Http2HeadBuilder::reset() {
  text_.reset();
  pieces_.reset();
  count_ = counted_ = cookies_ = 0;
  list_size_ = 0;
  method_ = scheme_ = authority_ = path_ = protocol_ = status_ = {};
  error_ = MessageError::none;
}

Http2HeadBuilder::Span Http2HeadBuilder::keep(std::string_view text) {
  auto begin = static_cast<std::uint32_t>(text_.size());
  append(text_, text, pool_);
  return {.begin = begin, .size = static_cast<std::uint32_t>(text.size()), .is_there = true};
}

void Http2HeadBuilder::add(std::string_view name, std::string_view value) {
  list_size_ += name.size() + value.size() + field_overhead;
  if (list_size_ > limits_.section_max.count) {
    fail(section_ == Section::trailers ? MessageError::trailers_too_large
                                       : MessageError::head_too_large);
  }
  if (error_ != MessageError::none) return;
  if (name.starts_with(':')) {
    add_pseudo(name, value);
  } else {
    add_field(name, value);
  }
}

/// RFC 9113 8.3: those of a request or a response, once each, before every other field.
void Http2HeadBuilder::add_pseudo(std::string_view name, std::string_view value) {
  Span* place = nullptr;
  if (section_ == Section::response) {
    if (name == ":status") place = &status_;
  } else {
    if (name == ":method") place = &method_;
    if (name == ":scheme") place = &scheme_;
    if (name == ":authority") place = &authority_;
    if (name == ":path") place = &path_;
    if (name == ":protocol") place = &protocol_;
  }
  bool is_misplaced = section_ == Section::trailers || count_ > 0;
  if (place == nullptr || place->is_there || is_misplaced) {
    fail(MessageError::bad_pseudo_field);
    return;
  }
  if (place == &path_ && value.size() > limits_.target_max.count) {
    fail(MessageError::target_too_long);
    return;
  }
  *place = keep(value);
}

void Http2HeadBuilder::add_field(std::string_view name, std::string_view value) {
  FieldName id = field_name_of(name);
  MessageError wrong = judge_field(name, value, id);
  if (wrong != MessageError::none) {
    fail(wrong);
    return;
  }
  bool is_further_cookie = id == FieldName::cookie && cookies_ > 0;
  if (id == FieldName::cookie) ++cookies_;
  if (!is_further_cookie && ++counted_ > limits_.fields_max) {
    fail(MessageError::too_many_fields);
    return;
  }
  Piece piece{.name = keep(name), .value = keep(value), .id = id};
  append(pieces_, {reinterpret_cast<const char*>(&piece), sizeof piece}, pool_);
  ++count_;
}

MessageError Http2HeadBuilder::judge_field(std::string_view name, std::string_view value,
                                           FieldName id) const {
  if (!is_token(name) || has_upper_case(name)) return MessageError::bad_field_name;
  bool is_padded = !value.empty() && (is_blank(value.front()) || is_blank(value.back()));
  if (is_padded || !is_all_in(CharacterClass::value, value)) return MessageError::bad_field_value;
  if (is_connection_specific(id)) return MessageError::connection_field;
  bool asks_for_more_than_trailers = id == FieldName::te && !equal_ignoring_case(value, "trailers");
  if (asks_for_more_than_trailers) return MessageError::connection_field;
  return MessageError::none;
}

Result<RequestHead, MessageError> Http2HeadBuilder::finish_request() {
  if (error_ != MessageError::none) {
    MessageError error = error_;
    reset();
    return Failure(error);
  }
  std::uint32_t joined = cookies_ > 1 ? cookies_ - 1 : 0;
  std::uint32_t of_upgrade = protocol_.is_there ? 2 : 0;
  Copied copied(*this, count_ - joined + of_upgrade,
                joined > 0 ? text_.size() + std::size_t{2} * joined : 0);
  RequestHead head;
  bool has_host = false;
  bool is_host_repeated = false;
  bool has_cookies = false;
  std::string_view host_value;
  for (std::uint32_t i = 0; i < count_; ++i) {
    Piece piece = copied.piece(i);
    Field field{copied.at(piece.name), copied.at(piece.value), piece.id};
    if (piece.id == FieldName::cookie && joined > 0) {
      if (std::exchange(has_cookies, true)) continue;
      field.value = copied.join_cookies();
    }
    if (piece.id == FieldName::host) {
      is_host_repeated = is_host_repeated || has_host;
      has_host = true;
      host_value = field.value;
    }
    copied.add(field);
  }

  head.version = HttpVersion::http2;
  head.method_text = copied.at(method_);
  head.method = method_of(head.method_text);
  set_target(head, copied.at(path_));
  head.authority = authority_.is_there ? copied.at(authority_) : host_value;
  bool is_extended = protocol_.is_there && head.method == Method::connect;
  bool is_websocket = is_extended && equal_ignoring_case(copied.at(protocol_), "websocket");
  if (head.method == Method::connect && !is_extended) {
    head.form = TargetForm::authority;
    head.target = head.authority;
    head.path = head.query = {};
    head.has_query = false;
  }
  MessageError wrong = is_host_repeated ? MessageError::repeated_host
                                        : judge_request(head, has_host ? host_value : "");
  if (wrong == MessageError::none && !has_host && !authority_.is_there) {
    wrong = MessageError::no_host;
  }
  bool needs_no_scheme = head.method == Method::connect && !is_extended;
  bool scheme_is_good = needs_no_scheme || is_scheme_of_the_web(copied.at(scheme_));
  if (wrong == MessageError::none && !scheme_is_good) wrong = MessageError::bad_pseudo_field;
  if (is_websocket) copied.become_upgrade(head);
  copied.give_to(head.fields);
  reset();
  if (wrong != MessageError::none) return Failure(wrong);
  return head;
}

/// RFC 9113 8.3.1 and 8.5, RFC 8441 4. `host` is the Host field's value, empty without one.
MessageError Http2HeadBuilder::judge_request(const RequestHead& head, std::string_view host) const {
  bool is_connect = head.method == Method::connect && !protocol_.is_there;
  if (protocol_.is_there && head.method != Method::connect) return MessageError::bad_pseudo_field;
  bool has_all =
      method_.is_there && (is_connect ? authority_.is_there && !scheme_.is_there && !path_.is_there
                                      : scheme_.is_there && path_.is_there);
  if (!has_all) return MessageError::bad_pseudo_field;
  if (!is_token(head.method_text) || head.method_text.size() > method_max) {
    return MessageError::bad_method;
  }
  if (!is_connect) {
    bool is_path = head.target.starts_with('/') && is_all_in(CharacterClass::target, head.target);
    bool is_whole_server = head.target == "*" && head.method == Method::options;
    if (!is_path && !is_whole_server) return MessageError::bad_target;
  }
  if (authority_.is_there || !host.empty()) {
    std::optional<Authority> authority = parse_authority(head.authority);
    if (!authority || authority->host.empty()) return MessageError::bad_host;
    if (is_connect && authority->port.empty()) return MessageError::bad_target;
  }
  bool disagree =
      authority_.is_there && !host.empty() && !equal_ignoring_case(host, head.authority);
  return disagree ? MessageError::bad_host : MessageError::none;
}

Result<ResponseHead, MessageError> Http2HeadBuilder::finish_response() {
  return finish_response(false, {});
}

Result<ResponseHead, MessageError> Http2HeadBuilder::finish_response_to_websocket(
    std::string_view accept) {
  return finish_response(true, accept);
}

Result<ResponseHead, MessageError> Http2HeadBuilder::finish_response(bool is_of_websocket,
                                                                     std::string_view accept) {
  MessageError error = error_;
  if (error == MessageError::none && !status_.is_there) error = MessageError::bad_pseudo_field;
  ResponseHead head;
  if (error == MessageError::none) {
    Copied copied(*this, count_ + (is_of_websocket ? 3 : 0), accept.size());
    std::string_view status = copied.at(status_);
    bool is_status =
        status.size() == 3 && std::ranges::all_of(status, is_digit) && status.front() != '0';
    if (is_status) {
      head.status = (status[0] - '0') * 100 + (status[1] - '0') * 10 + (status[2] - '0');
    } else {
      error = MessageError::bad_status_line;
    }
    for (std::uint32_t i = 0; i < count_; ++i) {
      Piece piece = copied.piece(i);
      copied.add({copied.at(piece.name), copied.at(piece.value), piece.id});
    }
    if (head.status == 101) error = MessageError::unexpected_upgrade;  // RFC 9113 8.6
    bool opens = is_of_websocket && head.status >= 200 && head.status < 300;
    if (opens) copied.become_upgrade(head, accept);
    copied.give_to(head.fields);
  }
  head.version = HttpVersion::http2;
  head.reason = reason_phrase(head.status);
  reset();
  if (error != MessageError::none) return Failure(error);
  return head;
}

Result<Fields, MessageError> Http2HeadBuilder::finish_trailers() {
  Fields fields;
  MessageError error = error_;
  if (error == MessageError::none) {
    Copied copied(*this, count_, 0);
    for (std::uint32_t i = 0; i < count_; ++i) {
      Piece piece = copied.piece(i);
      Field field{copied.at(piece.name), copied.at(piece.value), piece.id};
      TrailerVerdict verdict = judge_trailer(field.id, field.name);
      if (verdict == TrailerVerdict::refuse) error = MessageError::bad_trailer;
      if (verdict == TrailerVerdict::keep) copied.add(field);
    }
    copied.give_to(fields);
  }
  reset();
  if (error != MessageError::none) return Failure(error);
  return fields;
}

}  // namespace gg
