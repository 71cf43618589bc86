# Shared by ./start, ./test and ./bench: installing what is missing, building, saying what happens.
# Source it from the repository's root.

say() { printf '\033[1m%s\033[0m\n' "$*"; }
die() { printf 'error: %s\n' "$*" >&2; exit 1; }

# Runs a command as root: with sudo where we are not.
as_root() {
  if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo "$@"; fi
}

# install_packages FILE...: Debian packages of these lists that are not installed yet.
install_packages() {
  local missing=() package
  while read -r package; do
    dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
  done < <(sed -e 's/#.*//' -e '/^[[:space:]]*$/d' "$@")
  # npm may come from elsewhere than Debian's package; any npm can bring the node that we use.
  command -v npm >/dev/null || missing+=(nodejs npm)
  [ ${#missing[@]} -eq 0 ] && return 0
  command -v apt-get >/dev/null || die "this needs Debian 12 with apt-get; missing: ${missing[*]}"
  say "Installing Debian packages: ${missing[*]}"
  as_root env DEBIAN_FRONTEND=noninteractive apt-get update -qq
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
    "${missing[@]}" >/dev/null || die "installing failed: apt-get install ${missing[*]}"
}

# build_cpp PRESET [TARGET...]
build_cpp() {
  local preset=$1; shift
  local targets=(); [ $# -gt 0 ] && targets=(--target "$@")
  cmake --preset "$preset" >"build/$preset.configure.log" 2>&1 ||
    { tail -n 30 "build/$preset.configure.log" >&2; die "cmake could not configure preset $preset"; }
  cmake --build --preset "$preset" "${targets[@]}" >"build/$preset.build.log" 2>&1 ||
    { grep -A12 -E 'error|FAILED' "build/$preset.build.log" | head -n 80 >&2
      die "the build failed; whole log: build/$preset.build.log"; }
}

# install_npm FOLDER: its locked packages, where the lock file changed.
install_npm() {
  local stamp=$1/node_modules/.installed
  if [ ! -f "$stamp" ] || [ "$1/package-lock.json" -nt "$stamp" ]; then
    (cd "$1" && npm ci --no-audit --no-fund --loglevel=error) || die "npm ci failed in $1/"
    touch "$stamp"
  fi
}

# build_web: installs the web app's packages where the lock file changed, builds where sources did.
build_web() {
  install_npm web
  if [ ! -f web/dist/index.html ] || [ -n "$(find web/src web/index.html web/package.json \
      web/vite.config.ts src/analytics/schema.graphql -newer web/dist/index.html -not -path '*/generated/*' \
      -print -quit 2>/dev/null)" ]; then
    (cd web && npm run --silent build >../build/web.build.log 2>&1) ||
      { tail -n 40 build/web.build.log >&2; die "the web app's build failed; log: build/web.build.log"; }
  fi
}
