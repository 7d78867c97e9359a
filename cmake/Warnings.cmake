option(KILN_WERROR "Treat warnings as errors" OFF)

add_library(kiln_warnings INTERFACE)
target_compile_options(kiln_warnings INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wold-style-cast
  -Wnon-virtual-dtor -Woverloaded-virtual -Wcast-align -Wformat=2 -Wno-missing-field-initializers
  $<$<BOOL:${KILN_WERROR}>:-Werror>
  # GCC 12 is wrong about "text" + string when it optimizes (gcc.gnu.org/PR105651).
  $<$<AND:$<CXX_COMPILER_ID:GNU>,$<CONFIG:Release>>:-Wno-restrict>)
