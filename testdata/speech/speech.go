// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package speech holds the caller's side of a few phone calls as WAV and as Opus
// files, and what an agent replies to some, so that an example or a test has something
// to listen to wherever it is run from.
// README.md beside it says what each file says and how it was made.
package speech

import (
	"embed"
	"io/fs"
)

//go:embed *.wav *.ogg utterances.json replies.json
var files embed.FS

// Files returns the files of audio, utterances.json, which names the text, the
// duration and the language of each utterance, and replies.json, the replies.
func Files() fs.FS { return files }
