#!/usr/bin/env bash
# Installs the program as users do, with pip, uv and uvx, and uses it from an empty folder.
#
#     .ci/installed.sh SCRATCH
set -euo pipefail
project=$(cd "$(dirname "$0")/.." && pwd)
mkdir -p "$1"
scratch=$(cd "$1" && pwd)
server=
trap '[ -z "$server" ] || kill -KILL "$server" 2>/dev/null || true' EXIT
unset XDG_DATA_HOME XDG_STATE_HOME XDG_CONFIG_HOME STATS_SETTINGS STATS_URL STATS_TOKEN
export UV_CACHE_DIR="$scratch/uv-cache" UV_NO_PROGRESS=1

# Serves and asks with the `stats` of an environment; nothing may be written where it is called.
try_out() {
    local stats="$1/bin/stats" home="$1/home" here="$1/here" out="$1/out" url= answer
    mkdir -p "$here" "$home/.config/le-stats-sportif"
    : >"$out"
    echo 'waiters = 17' > "$home/.config/le-stats-sportif/settings.toml"
    cd "$here"
    HOME="$home" "$stats" serve --port 0 >"$out" 2>&1 &
    server=$!
    for _ in $(seq 600); do
        url=$(grep -o 'http://127.0.0.1:[0-9]*' "$out" | head -n 1) && break
        sleep 0.2
    done
    cat "$out"
    answer=$(STATS_URL="$url" "$stats" ask state_mean obesity --state OH)
    test "$answer" = '{"Ohio":33.7}'
    answer=$(curl -sf "$url/api/answers/query?question=obesity&where.state=OH&where.year=2023")
    grep -q '"rows":\[\[36.4,35.2,37.7,' <<<"$answer"
    curl -sf "$url/api/answers/ranking.svg?question=obesity" | grep '</svg>' >/dev/null
    curl -sf -H 'Accept: text/html' "$url/" | grep '<script' >/dev/null
    "$stats" grade --url "$url" --check input --report "$1/report.html" >/dev/null
    grep -q '5 of 5 points' "$1/report.html"
    curl -sf "$url/assets/0/vendor/d3.min.js" | cmp - "$project/app/web/static/vendor/d3.min.js"
    test "$(cat "$home/.local/share/le-stats-sportif/results/job_id_1.json")" = '{"Ohio":33.7}'
    grep -q 'http://127.0.0.1:' "$home/.local/state/le-stats-sportif/log/webserver.log"
    HOME="$home" "$stats" serve --help | grep -F "$home/.config/le-stats-sportif/settings.toml" >/dev/null
    # What it reads there counts.
    echo 'prot = 1' > "$home/.config/le-stats-sportif/settings.toml"
    if HOME="$home" "$stats" serve --port 0 >"$out" 2>&1; then exit 1; fi
    grep -q "unknown setting 'prot'" "$out"
    kill -TERM "$server"
    wait "$server"
    server=
    test -z "$(ls -A "$here")"
    cd "$project"
}

echo "-- pip install . into an empty environment"
python3 -m venv "$scratch/pip"
"$scratch/pip/bin/python" -m pip install --quiet --quiet --no-compile "$project"
try_out "$scratch/pip"
test ! -e "$project/build" -a ! -e "$project/dist"

echo "-- the wheel"
python3 -m venv "$scratch/tools"
"$scratch/tools/bin/python" -m pip install --quiet --quiet uv==0.13.9
uv="$scratch/tools/bin/uv"
"$uv" build --quiet --wheel --out-dir "$scratch/wheel" "$project"
wheel=$(echo "$scratch"/wheel/*.whl)
ls -l "$wheel"
test "$(stat -c %s "$wheel")" -lt 6000000

echo "-- uvx: an assistant's client starts it so"
mkdir "$scratch/here"
cd "$scratch/here"
hello='{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-06-18",
    "capabilities":{},"clientInfo":{"name":"ci","version":"1"}}}'
tr -d '\n' <<<"$hello" | { cat; echo; } \
    | "$uv" tool run --quiet --from "le-stats-sportif[mcp] @ file://$wheel" stats mcp \
    | grep '"name":"le-stats-sportif"' >/dev/null
test -z "$(ls -A)"
cd "$project"

# Python of a version, wherever this machine has it; pyenv's names lead nowhere by themselves.
find_python() {
    local one home
    home=$(getent passwd "$(id -u)" | cut -d: -f6)
    for one in "$(command -v "python$1")" "${PYENV_ROOT:-$home/.pyenv}"/versions/"$1".*/bin/python; do
        if [ -x "$one" ] && "$one" -c '' 2>/dev/null; then echo "$one"; return; fi
    done
}
tried=$("$scratch/pip/bin/python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
for version in 3.11 3.12 3.13 3.14; do
    python=$(find_python "$version")
    if [ "$version" = "$tried" ]; then
        echo "-- Python $version is what pip had"
    elif [ -n "$python" ]; then
        echo "-- Python $version"
        "$uv" venv --quiet --python "$python" "$scratch/$version"
        "$uv" pip install --quiet --python "$scratch/$version/bin/python" "$wheel"
        try_out "$scratch/$version"
    else
        echo "-- Python $version is not on this machine; is there all that it would need?"
        "$uv" pip install --quiet --dry-run --only-binary :all: --target "$scratch/none" \
            --python-version "$version" "le-stats-sportif[cluster,mcp] @ file://$wheel"
    fi
done
