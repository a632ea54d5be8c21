# What other projects link, in a build tree as in an installed one:
#
#   memoir::runtime         a program that links it is recorded and checked whenever it runs,
#                           without LD_PRELOAD: the libraries that `memoir run` preloads
#   memoir::runtime_static  the same, with the runtime inside the program itself
#   memoir::alloc           the allocators, pools and buffers of include/memoir/
#
# and, with all of them, the public headers.

# memoir_link_shared(<target> <runtime library> <bounds library>)
function(memoir_link_shared target runtime bounds)
  # The program calls nothing in them, so a linker that drops what is not needed would drop
  # them. They stand before libc and the C++ runtime, whose functions they replace.
  set_property(TARGET ${target} PROPERTY INTERFACE_LINK_LIBRARIES
    "-Wl,--push-state,--no-as-needed" ${runtime} ${bounds} "-Wl,--pop-state")
endfunction()

# memoir_link_static(<target> <archive> <folder of the libraries>)
function(memoir_link_static target archive folder)
  # Both objects of the archive are needed, whatever the program calls. Others look for these
  # names in the program: libraries that ask Memoir, and a runtime that `memoir run` preloads.
  # The program finds bin/memoir by its DT_RUNPATH.
  set_property(TARGET ${target} PROPERTY INTERFACE_LINK_OPTIONS
    "LINKER:--undefined=memoir_track,--undefined=memcpy,--export-dynamic-symbol=memoir_track"
    "LINKER:--export-dynamic-symbol=memoir_bounds_interface"
    "LINKER:--export-dynamic-symbol=memoir_bounds_marker"
    "LINKER:--enable-new-dtags,-rpath,${folder}")
  set_property(TARGET ${target} PROPERTY INTERFACE_LINK_LIBRARIES ${archive} ${CMAKE_DL_LIBS})
endfunction()
