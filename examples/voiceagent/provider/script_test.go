// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package provider

import (
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/voice-agents/telemetry/testdata/speech"
)

// People and other programs read utterances.json, so its durations must be those of the audio.
func TestScriptIsTheRecordings(t *testing.T) {
	got := script(t)
	if len(got) != 8 {
		t.Errorf("got %d utterances, want 8", len(got))
	}
	files, err := fs.Glob(speech.Files(), "*.wav")
	if err != nil || len(files) != len(got) {
		t.Errorf("got %d files (%v), want one for each of %d utterances", len(files), err, len(got))
	}
	list, err := fs.ReadFile(speech.Files(), "utterances.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, u := range got {
		seconds := strings.TrimRight(u.Duration.Round(time.Millisecond).String(), "s")
		if u.Text == "" || u.Language != "en" || !strings.Contains(string(list), `"duration_seconds": `+seconds) {
			t.Errorf("%s: got %q, language %q, %s seconds, want a text in en and the duration of the list", u.File, u.Text, u.Language, seconds)
		}
	}
}

func TestReadScriptErrors(t *testing.T) {
	one := `[{"file":"a.wav","text":"Hi","language":"en"}]`
	tests := map[string]struct {
		files fstest.MapFS
		want  string
	}{
		"no list":       {fstest.MapFS{}, "utterances.json"},
		"not a list":    {fstest.MapFS{"utterances.json": {Data: []byte("{")}}, "utterances.json"},
		"no recording":  {fstest.MapFS{"utterances.json": {Data: []byte(one)}}, "a.wav"},
		"not recording": {fstest.MapFS{"utterances.json": {Data: []byte(one)}, "a.wav": {Data: []byte("x")}}, "a.wav"},
	}
	for name, tt := range tests {
		if _, err := ReadScript(tt.files); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: got %v, want %q in it", name, err, tt.want)
		}
	}
}
