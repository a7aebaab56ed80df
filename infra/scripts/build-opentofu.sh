#!/usr/bin/env bash
# Builds OpenTofu from its Go module where neither it nor Terraform can be installed otherwise. It takes minutes, once.
set -euo pipefail
version=v1.10.10
folder=${XDG_CACHE_HOME:-$HOME/.cache}/agenthandoff/infra
command -v go >/dev/null || { echo "OpenTofu is built by Go 1.24 or later, which is not here: install it, or Terraform" >&2; exit 1; }
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

source=$(go mod download -json "github.com/opentofu/opentofu@$version" | sed -n 's/^\t"Dir": "\(.*\)",$/\1/p')
# Its go.mod has replacements, so it is built inside its own folder.
cp -r "$source" "$scratch/source"
chmod -R u+w "$scratch/source"
cd "$scratch/source"
go build -trimpath -ldflags "-s -w" -o "$scratch/tofu" ./cmd/tofu
mkdir -p "$folder"
mv "$scratch/tofu" "$folder/tofu"
"$folder/tofu" version
