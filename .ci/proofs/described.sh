#!/usr/bin/env bash
# Hold a running server against its own OpenAPI description with schemathesis.
#
#     .ci/proofs/described.sh SCHEMATHESIS [EXAMPLES]     (from .ci/requirements.txt)
set -euo pipefail
cd "$(dirname "$0")/../.."
folder=$(mktemp -d)
venv/bin/python api_server.py --port 5078 --results "$folder/results" --log "$folder/log" &
server=$!
trap 'kill "$server"; wait "$server" || true; rm -rf "$folder"' EXIT
for _ in $(seq 100); do curl -sf http://127.0.0.1:5078/api/health >/dev/null && break; sleep 0.1; done
# A graceful shutdown would end the rest.
"$1" --config-file .ci/proofs/described.toml run http://127.0.0.1:5078/openapi/openapi.json --exclude-path /api/graceful_shutdown \
    --checks not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance \
    --max-examples "${2:-100}" --seed 1 --no-color
