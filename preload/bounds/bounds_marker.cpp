extern "C"
    __attribute__((visibility("default"))) constinit const char memoir_bounds_marker = 1;
extern "C" __attribute__((visibility("hidden"), alias("memoir_bounds_marker")))
const char memoir_own_bounds_marker;
