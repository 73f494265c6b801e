// SPDX-License-Identifier: Apache-2.0
// Traces as OpenTelemetry's protocol spells them (OTLP 1, protobuf), with the names of its semantic
// conventions for HTTP. Pure; TraceExporter sends it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "report/trace_record.h"

namespace gg::otlp {

/// Who speaks.
struct Resource {
  std::string service;
  std::string version;
  std::string host;
  std::uint64_t process = 0;
};

/// This process, as what the configuration calls it.
Resource this_process(const std::string& service);

/// Appends the spans of one request, as fields of a ScopeSpans message.
void append_spans(std::string& out, const TraceRecord& trace);

/// An ExportTraceServiceRequest with what append_spans() appended.
std::string request_of(const Resource& resource, std::string_view spans);

/// What an ExportTraceServiceResponse says of spans that were not taken; 0 for what is none.
std::uint64_t rejected_spans(std::string_view response);

/// Appends `text` as UTF-8, which protobuf wants of a string: bytes that are none become U+FFFD.
void append_utf8(std::string& out, std::string_view text);

}  // namespace gg::otlp
