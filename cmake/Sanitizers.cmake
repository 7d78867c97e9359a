set(KILN_SANITIZE "" CACHE STRING "Comma separated -fsanitize= values")

if(KILN_SANITIZE)
  add_compile_options(-fsanitize=${KILN_SANITIZE} -fno-omit-frame-pointer
    -fno-sanitize-recover=undefined)
  # GCC 12 gives false warnings of it in instrumented library headers (std::regex).
  add_compile_options(-Wno-maybe-uninitialized)
  add_link_options(-fsanitize=${KILN_SANITIZE})
endif()
