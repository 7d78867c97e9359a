# What `cmake --install` puts where. kiln finds its elements and shims beside itself, in
# ../share/kiln, or in the source tree that it was built in (src/build/installation.cpp).
install(TARGETS kiln RUNTIME DESTINATION "${CMAKE_INSTALL_BINDIR}")
file(CREATE_LINK kiln "${CMAKE_CURRENT_BINARY_DIR}/disk-image-create" SYMBOLIC)
install(FILES "${CMAKE_CURRENT_BINARY_DIR}/disk-image-create" DESTINATION "${CMAKE_INSTALL_BINDIR}")

foreach(folder elements scripts/shims)
  if(EXISTS "${PROJECT_SOURCE_DIR}/${folder}")
    install(DIRECTORY "${PROJECT_SOURCE_DIR}/${folder}" DESTINATION "${CMAKE_INSTALL_DATADIR}/kiln"
      USE_SOURCE_PERMISSIONS)
  endif()
endforeach()

# Where sudoers.d/README.md puts the helper is fixed: sudo permits that path alone. Here it is only laid
# ready for administrators, as is the rule.
install(TARGETS kiln-namespace-helper RUNTIME DESTINATION "${CMAKE_INSTALL_LIBEXECDIR}/kiln")
install(FILES "${PROJECT_SOURCE_DIR}/sudoers.d/kiln" "${PROJECT_SOURCE_DIR}/sudoers.d/README.md"
  DESTINATION "${CMAKE_INSTALL_DATADIR}/kiln/sudoers.d")
install(FILES "${PROJECT_SOURCE_DIR}/scripts/completion/kiln"
  DESTINATION "${CMAKE_INSTALL_DATADIR}/bash-completion/completions")

# Manual pages are made of docs/man/*.md where lowdown is there.
find_program(LOWDOWN lowdown)
if(LOWDOWN)
  file(GLOB pages CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/docs/man/*.1.md")
  foreach(page IN LISTS pages)
    get_filename_component(name "${page}" NAME_WLE)
    set(manual "${CMAKE_BINARY_DIR}/man/${name}")
    add_custom_command(OUTPUT "${manual}"
      COMMAND ${CMAKE_COMMAND} -E make_directory "${CMAKE_BINARY_DIR}/man"
      COMMAND "${LOWDOWN}" -s -t man --out-no-smarty --parse-no-intraemph --parse-no-super
        -o "${manual}" "${page}"
      DEPENDS "${page}")
    list(APPEND manuals "${manual}")
  endforeach()
  add_custom_target(man ALL DEPENDS ${manuals})
  install(FILES ${manuals} DESTINATION "${CMAKE_INSTALL_MANDIR}/man1")
else()
  message(STATUS "lowdown is missing: no manual pages are made")
endif()
