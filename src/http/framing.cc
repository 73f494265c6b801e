// SPDX-License-Identifier: Apache-2.0
#include "http/framing.h"

#include <cstddef>
#include <optional>
#include <string_view>

#include "base/text.h"
#include "http/characters.h"
#include "http/connection_options.h"
#include "http/status.h"

namespace gg {
namespace {

/// What the two framing fields of a message say, before anyone asks whether they may.
struct Declared {
  bool has_length = false;
  bool is_chunked = false;
  std::uint64_t length = 0;
};

/// 1*DIGIT, no more than body_length_max.
std::optional<std::uint64_t> read_number(std::string_view text) {
  if (text.empty() || !is_digit(text.front())) return std::nullopt;
  std::optional<std::uint64_t> number = parse_number(text);
  return number && *number <= body_length_max ? number : std::nullopt;
}

/// "5, 5" is a repetition, "5, 6" is nonsense: a recipient may refuse either (RFC 9110 8.6,
/// RFC 9112 6.3), and two recipients may well read them in two ways.
Result<std::uint64_t, MessageError> read_length(std::string_view value) {
  std::size_t comma = value.find(',');
  std::optional<std::uint64_t> length = read_number(trim(value.substr(0, comma)));
  if (!length) return Failure(MessageError::bad_content_length);
  if (comma == std::string_view::npos) return *length;

  while (comma != std::string_view::npos) {
    value.remove_prefix(comma + 1);
    comma = value.find(',');
    if (read_number(trim(value.substr(0, comma))) != length) {
      return Failure(MessageError::bad_content_length);
    }
  }
  return Failure(MessageError::repeated_content_length);
}

/// chunked, once, last, bare, is the only coding spoken here (RFC 9112 6.1, 7).
class Codings {
 public:
  void add_line(std::string_view value) {
    bool more = true;
    while (more) {
      std::size_t comma = value.find(',');
      more = comma != std::string_view::npos;
      add(trim(value.substr(0, comma)));
      if (more) value.remove_prefix(comma + 1);
    }
  }

  /// None for no coding at all, or for the one that is spoken.
  MessageError verdict() const {
    if (malformed_) return MessageError::bad_transfer_coding;
    return unknown_ ? MessageError::unsupported_transfer_coding : MessageError::none;
  }
  bool any() const { return any_; }

 private:
  void add(std::string_view coding) {
    any_ = true;
    std::string_view name = trim(coding.substr(0, coding.find(';')));
    bool is_chunked = equal_ignoring_case(name, "chunked");
    // Empty elements are refused too: parsers disagree whether ",chunked" is chunked. Nothing may
    // follow chunked, itself included, and it has no parameters (RFC 9112 7.1).
    bool has_parameters = is_chunked && name.size() != coding.size();
    malformed_ = malformed_ || !is_token(name) || chunked_ || has_parameters;
    chunked_ = chunked_ || is_chunked;
    unknown_ = unknown_ || !is_chunked;
  }

  bool any_ = false;
  bool chunked_ = false;
  bool unknown_ = false;
  bool malformed_ = false;
};

/// Every Content-Length line of a message; the first thing wrong stays.
class Lengths {
 public:
  void add_line(std::string_view value) {
    Result<std::uint64_t, MessageError> length = read_length(value);
    MessageError error = length ? repetition_of(*length) : length.error();
    if (error_ == MessageError::none) error_ = error;
    if (length && !any_) value_ = *length;
    any_ = true;
  }

  bool any() const { return any_; }
  std::uint64_t value() const { return value_; }
  MessageError error() const { return error_; }

 private:
  MessageError repetition_of(std::uint64_t length) const {
    if (!any_) return MessageError::none;
    return length == value_ ? MessageError::repeated_content_length
                            : MessageError::bad_content_length;
  }

  bool any_ = false;
  std::uint64_t value_ = 0;
  MessageError error_ = MessageError::none;
};

Result<Declared, MessageError> read_declared(const Fields& fields, HttpVersion version) {
  bool has_any = fields.has(FieldName::content_length) || fields.has(FieldName::transfer_encoding);
  if (!has_any) return Declared{};
  Lengths lengths;
  Codings codings;
  for (const Field& field : fields.all()) {
    if (field.id == FieldName::content_length) lengths.add_line(field.value);
    if (field.id == FieldName::transfer_encoding) codings.add_line(field.value);
  }

  // RFC 9112 6.1: the two together are a smuggling attempt or an error.
  if (lengths.any() && codings.any()) return Failure(MessageError::length_and_coding);
  if (lengths.error() != MessageError::none) return Failure(lengths.error());
  // RFC 9112 6.1: the framing of an HTTP/1.0 message with a coding is faulty.
  bool is_faulty = codings.any() && version == HttpVersion::http10;
  if (is_faulty) return Failure(MessageError::bad_transfer_coding);
  if (codings.verdict() != MessageError::none) return Failure(codings.verdict());
  return Declared{
      .has_length = lengths.any(), .is_chunked = codings.any(), .length = lengths.value()};
}

/// RFC 9112 9.3, in its order.
Result<Framing::Persistence, MessageError> decide_persistence(const Fields& fields,
                                                              HttpVersion version) {
  ConnectionOptions options = connection_options_of(fields);
  if (options.too_many) return Failure(MessageError::bad_field_value);
  if (options.close) return Framing::Persistence::close;
  if (version != HttpVersion::http10) return Framing::Persistence::keep_alive;
  return options.keep_alive ? Framing::Persistence::keep_alive : Framing::Persistence::close;
}

bool has_content(const Declared& declared) { return declared.is_chunked || declared.length > 0; }

}  // namespace

Result<Framing, MessageError> decide_request_framing(const RequestHead& head) {
  Result<Declared, MessageError> declared = read_declared(head.fields, head.version);
  if (!declared) return Failure(declared.error());
  Result<Framing::Persistence, MessageError> persistence =
      decide_persistence(head.fields, head.version);
  if (!persistence) return Failure(persistence.error());

  // RFC 9110 9.3.6 and 9.3.8: CONNECT has no content, and a client must not send any with TRACE.
  bool never_has_content = head.method == Method::connect || head.method == Method::trace;
  if (never_has_content && has_content(*declared)) return Failure(MessageError::body_not_allowed);

  Framing framing{.persistence = *persistence};
  if (declared->is_chunked) {  // RFC 9112 6.3, rule 4
    framing.kind = Framing::Kind::chunked;
  } else if (declared->has_length) {  // rule 6
    framing.kind = Framing::Kind::length;
    framing.length = declared->length;
  }  // else rule 7: no body
  return framing;
}

Result<Framing, MessageError> decide_response_framing(Method request_method,
                                                      const ResponseHead& head) {
  Result<Declared, MessageError> declared = read_declared(head.fields, head.version);
  if (!declared) return Failure(declared.error());
  Result<Framing::Persistence, MessageError> persistence =
      decide_persistence(head.fields, head.version);
  if (!persistence) return Failure(persistence.error());
  Framing framing{.persistence = *persistence};

  // RFC 9112 6.1 and RFC 9110 8.6: neither field may stand in 1xx and 204. "Content-Length: 0"
  // is common there and harmless; anything else announces a body that must not come.
  bool never_has_content = is_interim(head.status) || head.status == 204;
  if (never_has_content && has_content(*declared)) return Failure(MessageError::body_not_allowed);

  bool is_success = head.status >= 200 && head.status < 300;
  if (head.status == 101 || (request_method == Method::connect && is_success)) {  // rule 2
    framing.kind = Framing::Kind::tunnel;
    framing.persistence = Framing::Persistence::close;
  } else if (request_method == Method::head || forbids_body(head.status)) {  // rule 1
    framing.kind = Framing::Kind::none;
  } else if (declared->is_chunked) {  // rule 4
    framing.kind = Framing::Kind::chunked;
  } else if (declared->has_length) {  // rule 6
    framing.kind = Framing::Kind::length;
    framing.length = declared->length;
  } else {  // rule 8
    framing.kind = Framing::Kind::until_close;
    framing.persistence = Framing::Persistence::close;
  }
  return framing;
}

}  // namespace gg
