# What the tests need from the machine; sourced by tests/run and tests/load/run.
#
# Debian packages are installed where that is possible; elsewhere the missing ones are named.
# Package managers come from the configured npm registry into tests/.cache, once.

# Says what is missing and fails.
missing() {
  printf 'missing: %s\n' "$*" >&2
  return 1
}

# Installs Debian packages, as root or through sudo.
install_debian() {
  local as_root=()
  command -v apt-get >/dev/null || {
    missing "please install $* with this system's package manager"
    return 1
  }
  if [ "$(id -u)" != 0 ]; then
    command -v sudo >/dev/null || {
      missing "please run as root: apt-get install $*"
      return 1
    }
    if [ -t 0 ]; then as_root=(sudo); else as_root=(sudo -n); fi
  fi
  "${as_root[@]}" apt-get update -qq
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
    apt-get install -y -qq --no-install-recommends "$@" </dev/null
}

# Fails unless there is a Rust toolchain, a C compiler, Node.js and git.
need_toolchains() {
  local tool absent=()
  for tool in cargo cc node npm git; do
    command -v "$tool" >/dev/null || absent+=("$tool")
  done
  [ ${#absent[@]} = 0 ] || missing "${absent[*]} (a Rust toolchain, a C compiler, Node.js, git)"
}

# Makes sure that a PostgreSQL server can be started (testkit starts it).
need_postgres() {
  [ "${WEIR_TEST_SKIP_POSTGRES:-}" = 1 ] && return
  [ -n "${WEIR_TEST_POSTGRES_URL:-}" ] && return
  command -v initdb >/dev/null && return
  compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null && return
  install_debian postgresql
}

# Makes sure that a Redis server can be started (testkit starts it).
need_redis() {
  command -v redis-server >/dev/null && return
  install_debian redis-server
}

# Makes sure that the package managers are there: of the releases that the tests name, the newest at
# the first run.
need_clients() {
  local client name package program folder
  for client in npm:npm@12 npm11:npm@11 npm10:npm@10 npm6:npm@6 pnpm:pnpm@12 pnpm10:pnpm@10 bun:bun@1 \
    yarn:yarn@1 berry:@yarnpkg/cli-dist@4; do
    name="${client%%:*}" package="${client#*:}"
    case "$name" in npm[0-9]*) program=npm ;; pnpm[0-9]*) program=pnpm ;; berry) program=yarn ;; *) program="$name" ;; esac
    folder="tests/.cache/clients/$name"
    if ! "$folder/node_modules/.bin/$program" --version >/dev/null 2>&1; then
      rm -rf "$folder"
      mkdir -p "$folder"
      npm install --no-audit --no-fund --loglevel=error --prefix "$folder" "$package"
    fi
    printf '%s %s\n' "$name" "$("$folder/node_modules/.bin/$program" --version 2>/dev/null)"
  done
}

# Makes sure that a Python environment of its own has what a list of requirements names.
python_environment() {
  local wanted=$1 folder=$2
  cmp -s "$wanted" "$folder/requirements.txt" && return
  rm -rf "$folder"
  # Debian keeps what makes an environment in a package of its own.
  python3 -c 'import ensurepip' 2>/dev/null || install_debian python3 python3-venv || return 1
  python3 -m venv "$folder" &&
    "$folder/bin/pip" install -q --disable-pip-version-check -r "$wanted" &&
    cp "$wanted" "$folder/requirements.txt"
}

# Makes sure that Conan's client and server are there: the releases that tests/conan names.
need_conan() {
  python_environment tests/conan/requirements.txt tests/.cache/conan/python &&
    tests/.cache/conan/python/bin/conan --version
}

# Makes sure that what judges the document is there: the releases that tests/contract names.
need_contract() {
  local cache=tests/.cache/contract wanted=tests/contract
  python_environment "$wanted/requirements.txt" "$cache/python" || return 1
  if ! cmp -s "$wanted/package.json" "$cache/installed.json"; then
    rm -rf "$cache/node_modules"
    cp "$wanted/package.json" "$cache/package.json" &&
      npm install --no-audit --no-fund --no-package-lock --loglevel=error --prefix "$cache" &&
      cp "$wanted/package.json" "$cache/installed.json" || return 1
  fi
  "$cache/python/bin/st" --version
}

# Makes sure that the yardstick of the load programs is there.
need_bullmq() {
  local folder=tests/.cache/bullmq
  [ -d "$folder/node_modules/bullmq" ] && [ -d "$folder/node_modules/ioredis" ] && return
  mkdir -p "$folder"
  npm install --no-audit --no-fund --loglevel=error --prefix "$folder" bullmq@latest ioredis@latest
}
