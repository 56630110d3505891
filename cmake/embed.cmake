# Embeds the files of web/ in the binary: writes generated/web_assets.cc whenever one of them changed (the build
# configures again then) and adds it to the console's room.
function(sesame_embed_web target)
  file(GLOB files CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/web/*.html ${CMAKE_SOURCE_DIR}/web/*.js
       ${CMAKE_SOURCE_DIR}/web/*.css ${CMAKE_SOURCE_DIR}/web/*.svg)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${files})
  set(arrays "")
  set(entries "")
  set(n 0)
  foreach(file ${files})
    get_filename_component(name ${file} NAME)
    file(READ ${file} hex HEX)
    string(REGEX REPLACE "(..)" "\\\\x\\1" bytes "${hex}")
    # A literal has a greatest length, and pieces side by side are one.
    string(REGEX REPLACE "(................................................................)" "\\1\"\n    \"" bytes "${bytes}")
    string(APPEND arrays "constexpr char kFile${n}[] =\n    \"${bytes}\";\n")
    string(APPEND entries "    {\"${name}\", {kFile${n}, sizeof kFile${n} - 1}},\n")
    math(EXPR n "${n} + 1")
  endforeach()
  set(output ${CMAKE_BINARY_DIR}/generated/web_assets.cc)
  file(CONFIGURE OUTPUT ${output} @ONLY CONTENT [[// Made from web/ by cmake/embed.cmake.
#include "console/web_assets.h"

namespace console {
namespace {
@arrays@
constexpr WebAsset kAssets[] = {
@entries@};
}  // namespace

std::span<const WebAsset> web_assets() { return kAssets; }

}  // namespace console
]])
  target_sources(${target} PRIVATE ${output})
endfunction()
