// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package agent

import (
	"context"
	"errors"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"

	"github.com/voice-agents/telemetry/examples/voiceagent/tape"
	"github.com/voice-agents/telemetry/otelvoice"
)

// record starts to record a call to a file with the name of its session. The function that it
// returns ends the recording. A call whose recording fails goes on.
func (a *Agent) record(ctx context.Context, session *otelvoice.Session, line *line) (stop func()) {
	name, err := filepath.Abs(filepath.Join(a.Recordings, url.PathEscape(session.ID())+".wav"))
	var file *os.File
	if err == nil {
		file, err = os.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	}
	if err == nil {
		line.tape, err = tape.New(file)
	}
	if err != nil {
		slog.WarnContext(ctx, "call not recorded", "error", err)
		if file != nil {
			_ = file.Close()
		}
		return func() {}
	}
	// The offsets of turns and stages into the file follow from its start.
	session.SetRecording((&url.URL{Scheme: "file", Path: filepath.ToSlash(name)}).String(), line.tape.Start(), tape.Channels)
	return func() {
		if err := errors.Join(line.tape.Close(), file.Close()); err != nil {
			slog.WarnContext(ctx, "recording incomplete", "file", name, "error", err)
			return
		}
		slog.InfoContext(ctx, "call recorded", "file", name)
	}
}
