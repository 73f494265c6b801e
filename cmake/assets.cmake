# Compiles files of text into a library: gg_assets(library folder file…), folder below src/, makes
# <build>/generated/<folder>/<file>.inc of each, a C++ string literal, anew whenever the file changes.
# As a script (cmake -P) it makes one: -DFROM=file -DTO=file.
if(CMAKE_SCRIPT_MODE_FILE)
  file(READ ${FROM} text)
  file(WRITE ${TO} "R\"gg_asset(${text})gg_asset\"\n")
  return()
endif()

set(GG_ASSETS_SCRIPT ${CMAKE_CURRENT_LIST_FILE})
function(gg_assets library folder)
  set(made "")
  foreach(file ${ARGN})
    set(from ${CMAKE_SOURCE_DIR}/src/${folder}/${file})
    set(to ${CMAKE_BINARY_DIR}/generated/${folder}/${file}.inc)
    add_custom_command(OUTPUT ${to} COMMAND ${CMAKE_COMMAND} -DFROM=${from} -DTO=${to} -P ${GG_ASSETS_SCRIPT}
      DEPENDS ${from} ${GG_ASSETS_SCRIPT} VERBATIM)
    list(APPEND made ${to})
  endforeach()
  target_sources(${library} PRIVATE ${made})
  target_include_directories(${library} PRIVATE ${CMAKE_BINARY_DIR}/generated)
endfunction()
