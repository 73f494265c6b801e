// SPDX-License-Identifier: Apache-2.0
// Every page of the admin interface: its path, who may have it, and how it is made. The table is
// what AdminServer serves and what the description (openapi.json) is checked against.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "admin/access.h"
#include "admin/admin_source.h"
#include "http/method.h"

namespace gg {

/// A request to the interface, its body read.
struct AdminRequest {
  std::string_view rest;    // of the path, behind that of the page
  std::string_view accept;  // what the client would like to have
  std::string_view body;
  std::string_view client;  // its address, if it has one
};

struct Page {
  int status = 200;
  std::string_view content_type;
  std::string body;
};

struct PageRow {
  Method method = Method::get;
  std::string_view path;  // with a slash at its end: of all that begin so
  PageKind kind = PageKind::facts;
  enum class Work : std::uint8_t {
    make,    // `make` makes it
    status,  // `tell` makes it of a report
    record,  // the story of a request, which may have to be looked for
    stream,  // it goes on and on
  };
  Work work = Work::make;
  Page (*make)(AdminSource& source, const AdminRequest& request) = nullptr;
  Page (*tell)(const StatusReport& report) = nullptr;
  std::string_view doc;  // for the page of pages

  bool takes_rest() const { return path.size() > 1 && path.ends_with('/'); }
};

std::span<const PageRow> admin_pages();

/// Which of them a request is for.
struct PageChoice {
  const PageRow* row = nullptr;
  std::string_view rest;    // of the path
  bool knows_path = false;  // though perhaps not with that method
};
PageChoice choose_page(Method method, std::string_view path);

/// The page of AdminRequest::rest as a request's id.
Page record_page(std::optional<std::string> json);

/// {"error": reason}, or plain text where nobody asked for an API.
Page error_page(int status, std::string_view reason);

}  // namespace gg
