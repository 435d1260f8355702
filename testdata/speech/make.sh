#!/usr/bin/env bash
# Copyright The otelvoice Authors
# SPDX-License-Identifier: Apache-2.0
#
# Speaks every text of utterances.json into its WAV file and writes the
# durations back; then the same as Opus, and the replies of replies.json. Needs
# espeak-ng, sox, opusenc (opus-tools) and jq; run it after editing a text:
#
#	bash testdata/speech/make.sh
#
# The files are committed: nothing in the build or the tests runs this.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

for tool in espeak-ng sox soxi opusenc jq; do
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

# encode makes Opus of a WAV file as WebRTC sends it: packets of 20 ms, each in a
# page of its own. The serial number is fixed, so that two runs give the same bytes.
encode() {
	opusenc --quiet --bitrate 24 --framesize 20 --max-delay 20 --serial 1 --discard-comments "$1" "$2"
}

while IFS= read -r file; do
	sox -D "$file" -r 48000 -e signed-integer -b 16 -t wav "$spoken"
	encode "$spoken" "${file%.wav}.ogg"
done < <(jq -r '.[].file' utterances.json)

while IFS=$'\t' read -r file voice text; do
	espeak-ng -v "$voice" -s 175 -w "$spoken" -- "$text"
	sox -D "$spoken" -r 48000 -c 1 -t wav "$durations" norm -3 pad 0.1 0.1
	encode "$durations" "$file"
done < <(jq -r '.[] | [.file, .voice, .text] | @tsv' replies.json)
