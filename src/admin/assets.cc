// SPDX-License-Identifier: Apache-2.0
#include "admin/assets.h"

namespace gg {

// What cmake/assets.cmake made of the files of web/: string literals.
const Asset index_html = {.content_type = "text/html; charset=utf-8", .text =
#include "admin/web/index.html.inc"
};
const Asset app_js = {.content_type = "text/javascript; charset=utf-8", .text =
#include "admin/web/app.js.inc"
};
const Asset app_css = {.content_type = "text/css; charset=utf-8", .text =
#include "admin/web/app.css.inc"
};
const Asset icon_svg = {.content_type = "image/svg+xml", .text =
#include "admin/web/icon.svg.inc"
};
const Asset openapi_json = {.content_type = "application/json", .text =
#include "admin/web/openapi.json.inc"
};

}  // namespace gg
