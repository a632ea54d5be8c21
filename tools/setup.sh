#!/usr/bin/env bash
# Installs what building, testing and showing Memoir needs (Debian 12 names), and does
# nothing where it is there already. Works as root, or with sudo.
set -euo pipefail

packages=(
  # the build
  g++ cmake ninja-build pkg-config ccache git python3
  libsqlite3-dev libzstd-dev libdw-dev libelf-dev libdeflate-dev
  libfmt-dev libcli11-dev nlohmann-json3-dev
  # the viewer; its letters; what a window needs where there is no screen
  libimgui-dev libglfw3-dev libgl-dev libfreetype-dev libstb-dev
  fonts-inter fonts-jetbrains-mono fonts-fork-awesome
  libgl1 libgl1-mesa-dri libglx-mesa0 xvfb xauth xdotool
  # opened by the runtime for the stacks it cannot walk itself
  libunwind8 libunwind-dev
  # the tests
  libgtest-dev libgmock-dev libbenchmark-dev clang-format clang-tidy binutils
  # programs that the tests and the demo record
  jq sqlite3 clang gzip findutils make
  libjemalloc2 libtcmalloc-minimal4 libmimalloc2.0
)

missing=()
for package in "${packages[@]}"; do
  state=$(dpkg-query --show --showformat='${db:Status-Status}' "$package" 2>/dev/null || true)
  [ "$state" = installed ] || missing+=("$package")
done
[ ${#missing[@]} -gt 0 ] || exit 0

as_root=()
if [ "$(id -u)" -ne 0 ]; then
  if ! command -v sudo >/dev/null; then
    echo "setup.sh: needs root or sudo to install: ${missing[*]}" >&2
    exit 1
  fi
  as_root=(sudo)
fi

echo "setup.sh: installing ${missing[*]}" >&2
quiet() {
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq -o Dpkg::Use-Pty=0 "$@" >&2
}
quiet update
quiet install --yes --no-install-recommends "${missing[@]}" >/dev/null
