// A library needs a source; tracee_links_alone takes everything else from the layers.
typedef int nothing_here;
