// SPDX-License-Identifier: Apache-2.0
#include "llhttp_reader.h"

#include <llhttp.h>

#include "base/text.h"

namespace gg::testing {
namespace {

/// What the callbacks gather; llhttp hands it back through `data`.
struct Gathered {
  ForeignReading reading;
  std::string start;
  std::string name;
  std::string value;
  std::string fields;
  std::string body;
  bool in_body = false;
};

Gathered& of(llhttp_t* parser) { return *static_cast<Gathered*>(parser->data); }

int on_begin(llhttp_t* parser) {
  Gathered& gathered = of(parser);
  gathered = Gathered{.reading = std::move(gathered.reading)};
  return 0;
}

int on_field_end(llhttp_t* parser) {
  Gathered& gathered = of(parser);
  if (!gathered.in_body) {
    gathered.fields += gathered.name + ": " + std::string(trim(gathered.value)) + "\n";
  }
  gathered.name.clear();
  gathered.value.clear();
  return 0;
}

int on_head_end(llhttp_t* parser) {
  Gathered& gathered = of(parser);
  if (parser->type == HTTP_REQUEST) {
    auto method = static_cast<llhttp_method_t>(parser->method);
    gathered.start = std::string(llhttp_method_name(method)) + " " + gathered.start;
  } else {
    gathered.start = std::to_string(parser->status_code);
  }
  gathered.in_body = true;
  return 0;
}

int on_message_end(llhttp_t* parser) {
  Gathered& gathered = of(parser);
  gathered.reading.messages.push_back(gathered.start + "\n" + gathered.fields + "\n" +
                                      gathered.body);
  return 0;
}

template <std::string Gathered::* part>
int append(llhttp_t* parser, const char* at, std::size_t size) {
  (of(parser).*part).append(at, size);
  return 0;
}

llhttp_settings_t make_settings() {
  llhttp_settings_t settings;
  llhttp_settings_init(&settings);
  settings.on_message_begin = on_begin;
  settings.on_url = append<&Gathered::start>;
  settings.on_header_field = append<&Gathered::name>;
  settings.on_header_value = append<&Gathered::value>;
  settings.on_header_value_complete = on_field_end;
  settings.on_headers_complete = on_head_end;
  settings.on_body = append<&Gathered::body>;
  settings.on_message_complete = on_message_end;
  return settings;
}

}  // namespace

ForeignReading read_with_llhttp(Side side, std::string_view bytes) {
  llhttp_settings_t settings = make_settings();
  llhttp_t parser;
  Gathered gathered;
  llhttp_init(&parser, side == Side::requests ? HTTP_REQUEST : HTTP_RESPONSE, &settings);
  parser.data = &gathered;

  llhttp_errno_t error = llhttp_execute(&parser, bytes.data(), bytes.size());
  bool needs_end = error == HPE_OK && llhttp_message_needs_eof(&parser) != 0;
  if (needs_end && gathered.in_body) llhttp_finish(&parser);
  bool is_stop = error == HPE_PAUSED_UPGRADE || error == HPE_PAUSED_H2_UPGRADE ||
                 error == HPE_CLOSED_CONNECTION;
  ForeignReading reading = std::move(gathered.reading);
  reading.error = llhttp_errno_name(error);
  if (error != HPE_OK) {
    reading.end = is_stop ? ForeignReading::End::stops : ForeignReading::End::refuses;
  }
  return reading;
}

}  // namespace gg::testing
