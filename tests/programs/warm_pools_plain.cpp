// The same where tracking is off.
//
// LIBRARIES: memoir_alloc
// COMPILE: -DMEMOIR_TRACKING=0

#include "warm_pools.cpp"
