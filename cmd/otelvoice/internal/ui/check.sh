#!/usr/bin/env bash
# Copyright The otelvoice Authors
# SPDX-License-Identifier: Apache-2.0

# Reports whether dist is what the sources give, and runs the tests of the code. It needs Node 20 or later and npm.
set -euo pipefail
cd "$(dirname "$0")"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp -r package.json package-lock.json .npmrc tsconfig.json build.js src "$work"
cd "$work"
npm ci --silent --ignore-scripts
npm run --silent build
npm test --silent
if ! diff -r dist "$OLDPWD/dist"; then
	echo "dist is not what src gives: run npm ci && npm run build in cmd/otelvoice/internal/ui and commit dist" >&2
	exit 1
fi
echo "dist is what src gives"
