# memoir_sanitized: linked by everything that runs beside the traced program and by the
# unit tests. What is loaded into a traced program must never carry a sanitizer: its
# runtime would bring an allocator of its own.
add_library(memoir_sanitized INTERFACE)
if(MEMOIR_SANITIZE)
  target_compile_options(memoir_sanitized INTERFACE
    -g1 -fsanitize=${MEMOIR_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(memoir_sanitized INTERFACE -fsanitize=${MEMOIR_SANITIZE})
endif()

# memoir_not_optimized(<target>): with sanitizers, of what takes longer to compile than it
# will ever run.
function(memoir_not_optimized target)
  if(MEMOIR_SANITIZE)
    target_compile_options(${target} PRIVATE -O0)
  endif()
endfunction()
