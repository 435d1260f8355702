#!/usr/bin/env bash
# Copyright The otelvoice Authors
# SPDX-License-Identifier: Apache-2.0
#
# Speaks every text of utterances.json into its WAV file and writes the
# durations back. Needs espeak-ng, sox and jq; run it after editing a text:
#
#	bash testdata/speech/make.sh
#
# The files are committed: nothing in the build or the tests runs this.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

for tool in espeak-ng sox soxi jq; do
	command -v "$tool" >/dev/null || { echo "make.sh: $tool is not installed" >&2; exit 1; }
done

spoken=$(mktemp)
durations=$(mktemp)
trap 'rm -f "$spoken" "$durations"' EXIT

while IFS=$'\t' read -r file voice rate encoding text; do
	case $encoding in
	pcm_s16le) format=(-e signed-integer -b 16) ;;
	pcm_mulaw) format=(-e mu-law) ;;
	*) echo "make.sh: $file: unknown encoding $encoding" >&2; exit 1 ;;
	esac
	espeak-ng -v "$voice" -s 175 -w "$spoken" -- "$text"
	# Real callers breathe: 0.2 s before the first word and 0.4 s after the
	# last, enough for a voice activity detector to find both edges. No dither
	# (-D) and no tags, so that two runs give the same bytes.
	sox -D "$spoken" -r "$rate" -c 1 "${format[@]}" --comment '' "$file" \
		norm -3 pad 0.2 0.4
	jq -n --arg file "$file" --argjson seconds "$(soxi -D "$file")" \
		'{($file): ($seconds * 1000 | round / 1000)}' >>"$durations"
done < <(jq -r '.[] | [.file, .voice, .sample_rate, .encoding, .text] | @tsv' utterances.json)

jq --slurpfile seconds "$durations" '($seconds | add) as $s | map(.duration_seconds = $s[.file])' \
	utterances.json >"$spoken"
cat "$spoken" >utterances.json
