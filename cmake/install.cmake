# Filled in below once there is something to install.
