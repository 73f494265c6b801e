// SPDX-License-Identifier: Apache-2.0
#include "http1/chunked.h"

#include <algorithm>
#include <array>

#include "base/assert.h"
#include "base/text.h"
#include "http/characters.h"
#include "http/framing.h"

namespace gg {
namespace {

constexpr std::uint8_t digits_max = 32;  // leading zeros are valid, but not for ever

bool is_space(char c) { return c == ' ' || c == '\t'; }

int hex_value(char c) {
  if (is_digit(c)) return c - '0';
  char lower = ascii_lower(c);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

enum class ExtensionByte : std::uint8_t {
  space,
  semicolon,
  equals,
  quote,
  backslash,
  tchar,
  text,  // else, what a quoted-string may hold
  other,
};

ExtensionByte kind_of(char byte) {
  if (is_in(CharacterClass::token, byte)) return ExtensionByte::tchar;
  switch (byte) {
    case ' ':
    case '\t':
      return ExtensionByte::space;
    case ';':
      return ExtensionByte::semicolon;
    case '=':
      return ExtensionByte::equals;
    case '"':
      return ExtensionByte::quote;
    case '\\':
      return ExtensionByte::backslash;
    default:
      break;
  }
  return is_in(CharacterClass::value, byte) ? ExtensionByte::text : ExtensionByte::other;
}

}  // namespace

ChunkedStep ChunkedDecoder::next(std::string_view bytes) {
  GG_ASSERT(state_ != State::done);
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (state_ == State::data) return take_data(bytes, i);
    if (state_ == State::trailers) return take_trailers(bytes, i);
    MessageError error = take_byte(bytes[i]);
    if (error != MessageError::none) return fail(error, i);
    if (state_ == State::done) return {.state = ChunkedStep::State::end, .consumed = i + 1};
    // The byte that begins a field line belongs to the trailers.
    if (state_ == State::trailers) return take_trailers(bytes, i);
  }
  return {.state = ChunkedStep::State::need_more, .consumed = bytes.size()};
}

void ChunkedDecoder::skip(std::uint64_t count) {
  GG_ASSERT(count <= chunk_left());
  left_ -= count;
  if (state_ == State::data && left_ == 0) state_ = State::data_cr;
}

ChunkedStep ChunkedDecoder::fail(MessageError error, std::size_t consumed) {
  state_ = State::done;
  return {.state = ChunkedStep::State::failed, .error = error, .consumed = consumed};
}

MessageError ChunkedDecoder::take_byte(char byte) {
  if (is_in_extension(state_)) return take_extension(byte);
  switch (state_) {
    case State::size_first:
    case State::size:
      return take_size(byte);
    case State::size_lf:
      if (byte != '\n') return MessageError::bad_line_end;
      state_ = left_ > 0 ? State::data : State::trailer_first;
      return MessageError::none;
    case State::data_cr:
      if (byte != '\r') return MessageError::bad_chunk_end;
      state_ = State::data_lf;
      return MessageError::none;
    case State::data_lf:
      if (byte != '\n') return MessageError::bad_chunk_end;
      state_ = State::size_first;
      return MessageError::none;
    case State::trailer_first:
      state_ = byte == '\r' ? State::trailer_lf : State::trailers;
      return MessageError::none;
    case State::trailer_lf:
      if (byte != '\n') return MessageError::bad_trailer;
      state_ = State::done;
      return MessageError::none;
    case State::before_semicolon:
    case State::before_name:
    case State::name:
    case State::after_name:
    case State::before_value:
    case State::value:
    case State::after_quotes:
    case State::after_value:
    case State::quoted:
    case State::quoted_pair:
    case State::data:
    case State::trailers:
    case State::done:
      break;
  }
  GG_UNREACHABLE("these states take no single byte");
}

/// chunk-size = 1*HEXDIG
MessageError ChunkedDecoder::take_size(char byte) {
  if (state_ == State::size_first) {
    left_ = 0;
    digits_ = 0;
  }
  int digit = hex_value(byte);
  if (digit >= 0) {
    state_ = State::size;
    if (left_ > (body_length_max >> 4) || digits_ == digits_max)
      return MessageError::bad_chunk_size;
    left_ = left_ << 4 | static_cast<unsigned>(digit);
    ++digits_;
    return MessageError::none;
  }
  if (byte == '\n') return MessageError::bad_line_end;
  if (state_ == State::size_first) return MessageError::bad_chunk_size;
  if (byte == '\r') {
    state_ = State::size_lf;
    return MessageError::none;
  }
  if (byte != ';' && !is_space(byte)) return MessageError::bad_chunk_size;
  state_ = State::before_semicolon;
  return take_extension(byte);
}

/// chunk-ext = *( BWS ";" BWS chunk-ext-name [ BWS "=" BWS chunk-ext-val ] )   (RFC 9112 7.1.1)
/// Checked although it is dropped: another reader of the same bytes may look for the line's end
/// inside it. Whitespace before the line's end is no BWS, and refused.
MessageError ChunkedDecoder::take_extension(char byte) {
  bool may_end = state_ == State::name || state_ == State::value || state_ == State::after_quotes;
  if (byte == '\r' && may_end) {
    state_ = State::size_lf;
    return MessageError::none;
  }
  if (byte == '\r' || byte == '\n') return MessageError::bad_line_end;
  if (++extension_bytes_ > limits_.extensions_max.count) {
    return MessageError::chunk_extension_too_long;
  }
  State after = after_extension_part(byte);
  if (after == State::done) return MessageError::bad_chunk_size;
  state_ = after;
  return MessageError::none;
}

/// The state behind `byte`, or `done` if it cannot stand here.
ChunkedDecoder::State ChunkedDecoder::after_extension_part(char byte) const {
  using enum State;
  constexpr State no = done;
  constexpr std::size_t first = static_cast<std::size_t>(before_semicolon);
  // A row per state from before_semicolon to quoted_pair, a column per ExtensionByte.
  static constexpr std::array<std::array<State, 8>, 10> next_states = {{
      {before_semicolon, before_name, no, no, no, no, no, no},
      {before_name, no, no, no, no, name, no, no},
      {after_name, before_name, before_value, no, no, name, no, no},
      {after_name, before_name, before_value, no, no, no, no, no},
      {before_value, no, no, quoted, no, value, no, no},
      {after_value, before_name, no, no, no, value, no, no},
      {after_value, before_name, no, no, no, no, no, no},
      {after_value, before_name, no, no, no, no, no, no},
      {quoted, quoted, quoted, after_quotes, quoted_pair, quoted, quoted, no},
      {quoted, quoted, quoted, quoted, quoted, quoted, quoted, no},
  }};
  static_assert(static_cast<std::size_t>(quoted_pair) - first + 1 == next_states.size());
  std::size_t row = static_cast<std::size_t>(state_) - first;
  return next_states[row][static_cast<std::size_t>(kind_of(byte))];
}

ChunkedStep ChunkedDecoder::take_data(std::string_view bytes, std::size_t before) {
  std::size_t count = std::min<std::uint64_t>(left_, bytes.size() - before);
  left_ -= count;
  if (left_ == 0) state_ = State::data_cr;
  return {.state = ChunkedStep::State::data,
          .consumed = before + count,
          .data = bytes.substr(before, count)};
}

/// Gathers the section in one block, since fields must lie in one piece, and parses what is there.
ChunkedStep ChunkedDecoder::take_trailers(std::string_view bytes, std::size_t before) {
  HeadLimits limits{.line_max = limits_.trailers_max,
                    .section_max = limits_.trailers_max,
                    .fields_max = limits_.trailer_fields_max};
  std::size_t held_before = held_.size();
  std::size_t allowed = limits_.trailers_max.count - held_before;
  std::string_view more = bytes.substr(before, allowed);
  if (held_.spare().size() < more.size()) {
    Chunk larger = pool_->take(held_before + more.size());
    larger.append(held_.view());
    held_ = std::move(larger);
  }
  held_.append(more);

  HeadOutcome outcome = parse_trailer_section(held_.view(), limits, progress_, *pool_, trailers_);
  switch (outcome.state) {
    case HeadOutcome::State::need_more:
      return {.state = ChunkedStep::State::need_more, .consumed = bytes.size()};
    case HeadOutcome::State::failed:
      break;
    case HeadOutcome::State::complete:
      held_.reset();
      state_ = State::done;
      return {.state = ChunkedStep::State::end,
              .consumed = before + outcome.consumed - held_before};
  }
  bool is_too_large = outcome.fault.limit != HeadLimit::none;
  return fail(is_too_large ? MessageError::trailers_too_large : MessageError::bad_trailer,
              bytes.size());
}

}  // namespace gg
