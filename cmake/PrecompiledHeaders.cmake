# Most of the time of compiling goes into the same headers of the standard library and of GoogleTest.
# Preset tidy does without (CMAKE_DISABLE_PRECOMPILE_HEADERS), so a missing #include is found there.
set(KILN_COMMON_HEADERS <algorithm> <array> <chrono> <cstdint> <filesystem> <functional> <map>
  <memory> <optional> <set> <sstream> <string> <string_view> <utility> <vector>)

# kiln_precompile(TARGET OWNER [HEADER...]): the first target of an owner's name makes the headers,
# together with those given; the others share them.
function(kiln_precompile target owner)
  if(target STREQUAL owner)
    target_precompile_headers(${target} PRIVATE ${KILN_COMMON_HEADERS} ${ARGN})
  else()
    target_precompile_headers(${target} REUSE_FROM ${owner})
  endif()
endfunction()
