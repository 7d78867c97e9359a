# kiln_module(NAME [DEPENDS module...] [LINK library...]): one static library kiln_NAME from all
# sources below the current folder.
function(kiln_module name)
  cmake_parse_arguments(arg "" "" "DEPENDS;LINK" ${ARGN})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/${name}/*.cpp")
  add_library(kiln_${name} STATIC ${sources})
  target_include_directories(kiln_${name} PUBLIC "${PROJECT_SOURCE_DIR}/src")
  list(TRANSFORM arg_DEPENDS PREPEND kiln_)
  target_link_libraries(kiln_${name} PUBLIC ${arg_DEPENDS} PRIVATE ${arg_LINK} kiln_warnings)
endfunction()
