# The installed tree is laid out as the build tree is:
#   bin/memoir  lib/memoir/libmemoir_*  include/memoir/*  lib/cmake/memoir/*
#   lib/pkgconfig/memoir*.pc
# `lib` is fixed, not lib64 or lib/<machine>: the launcher looks in ../lib/memoir. Nothing in
# the tree knows where it lies, so that it can be moved.
include(CMakePackageConfigHelpers)

install(TARGETS memoir RUNTIME DESTINATION bin)
if(MEMOIR_VIEWER_FOUND)
  install(TARGETS memoir_viewer_program RUNTIME DESTINATION bin)
endif()
install(TARGETS memoir_preload memoir_bounds_preload LIBRARY DESTINATION lib/memoir)
install(TARGETS memoir_static ARCHIVE DESTINATION lib/memoir)
if(NOT MEMOIR_SANITIZE)
  # With a sanitizer in it, it would be of no use to others.
  install(TARGETS memoir_alloc ARCHIVE DESTINATION lib/memoir)
endif()
install(DIRECTORY runtime/include/memoir/ DESTINATION include/memoir
  FILES_MATCHING PATTERN "*.h" PATTERN "*.inc")

configure_package_config_file(cmake/memoirConfig.cmake.in
  ${PROJECT_BINARY_DIR}/memoirConfig.cmake
  INSTALL_DESTINATION lib/cmake/memoir NO_CHECK_REQUIRED_COMPONENTS_MACRO)
write_basic_package_version_file(${PROJECT_BINARY_DIR}/memoirConfigVersion.cmake
  COMPATIBILITY SameMinorVersion)
install(FILES
  ${PROJECT_BINARY_DIR}/memoirConfig.cmake
  ${PROJECT_BINARY_DIR}/memoirConfigVersion.cmake
  ${PROJECT_SOURCE_DIR}/cmake/runtime_targets.cmake
  DESTINATION lib/cmake/memoir)

# memoir_pkg_config(<name> <what it gives> <what is linked>)
function(memoir_pkg_config name what libs)
  configure_file(cmake/memoir.pc.in ${PROJECT_BINARY_DIR}/${name}.pc @ONLY)
  install(FILES ${PROJECT_BINARY_DIR}/${name}.pc DESTINATION lib/pkgconfig)
endfunction()
string(CONCAT shared "-Wl,--push-state,--no-as-needed"
  [[ ${libraries}/libmemoir_preload.so ${libraries}/libmemoir_bounds.so]]
  [[ -Wl,--pop-state -Wl,-rpath,${libraries}]])
memoir_pkg_config(memoir "programs are recorded and checked whenever they run" "${shared}")
string(CONCAT static "-Wl,--undefined=memoir_track,--undefined=memcpy,--export-dynamic-symbol=memoir_track"
  " -Wl,--export-dynamic-symbol=memoir_bounds_interface"
  " -Wl,--export-dynamic-symbol=memoir_bounds_marker"
  [[ ${libraries}/libmemoir_static.a -ldl -Wl,--enable-new-dtags,-rpath,${libraries}]])
memoir_pkg_config(memoir-static "the same, with the runtime inside the program" "${static}")
