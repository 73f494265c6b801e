// SPDX-License-Identifier: Apache-2.0
// The files of web/ as they are compiled into the program, so that the dashboard needs no other.
#pragma once

#include <string_view>

namespace gg {

struct Asset {
  std::string_view content_type;
  std::string_view text;
};

extern const Asset index_html;
extern const Asset app_js;
extern const Asset app_css;
extern const Asset icon_svg;
extern const Asset openapi_json;

}  // namespace gg
