// SPDX-License-Identifier: Apache-2.0
#include "proxy/continuation.h"

#include <algorithm>
#include <charconv>

#include "base/text.h"

namespace gg {

namespace {

constexpr std::size_t number_size = 20;

/// The only line of that name, or null.
const Field* only(const Fields& fields, std::string_view name) {
  const Field* found = nullptr;
  for (const Field& field : fields.all()) {
    if (!equal_ignoring_case(field.name, name)) continue;
    if (found != nullptr) return nullptr;
    found = &field;
  }
  return found;
}

std::string_view value_of(const Field* field) {
  return field != nullptr ? field->value : std::string_view{};
}

/// opaque-tag of RFC 9110 8.8.3, without the W/ that makes it weak.
bool is_strong_etag(std::string_view value) {
  bool is_quoted = value.size() >= 2 && value.front() == '"' && value.back() == '"';
  if (!is_quoted) return false;
  return std::ranges::all_of(value.substr(1, value.size() - 2), [](char c) {
    auto byte = static_cast<unsigned char>(c);
    return byte >= 0x21 && byte != '"' && byte != 0x7f;
  });
}

char* write(char* out, std::string_view text) { return std::ranges::copy(text, out).out; }
char* write(char* out, std::uint64_t number) {
  return std::to_chars(out, out + number_size, number).ptr;
}

}  // namespace

std::optional<Continuable> continuable(const RequestHead& request, const ResponseHead& head,
                                       const BodyPlan& plan) {
  const Field* etag = only(head.fields, "ETag");
  bool refuses_ranges = equal_ignoring_case(value_of(head.fields.find("Accept-Ranges")), "none");
  bool is_plain_get = request.method == Method::get && !request.fields.has(FieldName::range) &&
                      request.fields.find("If-Range") == nullptr;
  bool has_length = plan.kind == BodyPlan::Kind::length && plan.length.has_value();
  bool can_be = is_plain_get && head.status == 200 && !refuses_ranges &&
                is_strong_etag(value_of(etag)) && has_length;
  if (!can_be) return std::nullopt;
  const Field* coding = head.fields.find("Content-Encoding");
  return Continuable{.etag = etag->value, .coding = value_of(coding), .total = *plan.length};
}

Continuation::Continuation(const Continuable& response, BufferPool& pool)
    : text_(pool.take(response.etag.size() + response.coding.size())), wanted_(response) {
  text_.append(response.etag);
  text_.append(response.coding);
  wanted_.etag = text_.view().substr(0, response.etag.size());
  wanted_.coding = text_.view().substr(response.etag.size());
}

void Continuation::go_on_from(std::uint64_t passed_on) {
  from_ = passed_on;
  char* end = write(write(write(range_.data(), "bytes="), from_), "-");
  fields_ = {Field{.name = "Range", .value = {range_.data(), end}, .id = FieldName::range},
             Field{.name = "If-Range", .value = wanted_.etag}};
}

bool Continuation::is_continued_by(const ResponseHead& head, const BodyPlan& plan) const {
  bool is_the_same = value_of(only(head.fields, "ETag")) == wanted_.etag;
  // A part of it need not say how it is coded, which its entity tag says, too.
  const Field* coding = head.fields.find("Content-Encoding");
  bool is_coded_alike = coding == nullptr || equal_ignoring_case(coding->value, wanted_.coding);
  bool is_as_long = plan.kind == BodyPlan::Kind::length && plan.length == wanted_.total - from_;
  if (head.status != 206 || !is_the_same || !is_coded_alike || !is_as_long) return false;
  // Written in one way only: "bytes 500-999/1000" (RFC 9110 14.4).
  std::array<char, 3 * number_size + 16> expected;
  char* end = write(write(expected.data(), "bytes "), from_);
  end = write(write(end, "-"), wanted_.total - 1);
  end = write(write(end, "/"), wanted_.total);
  std::string_view range = value_of(only(head.fields, "Content-Range"));
  return equal_ignoring_case(range, std::string_view(expected.data(), end));
}

}  // namespace gg
