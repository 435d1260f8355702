// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package telemetryfile_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/signal"
	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/signal/telemetryfile"
)

// A reader that may be interrupted gives what the stream has, however it comes.
func TestInterruptible(t *testing.T) {
	text := make([]byte, 300_000)
	for i := range text {
		text[i] = byte(rand.IntN(256)) // #nosec G404 -- of a test.
	}
	broken := errors.New("the pipe is broken")
	for name, in := range map[string]io.Reader{
		"whole":          bytes.NewReader(text),
		"byte by byte":   iotest.OneByteReader(bytes.NewReader(text)),
		"the end beside": iotest.DataErrReader(bytes.NewReader(text)),
		"an error":       io.MultiReader(bytes.NewReader(text), iotest.ErrReader(broken)),
	} {
		r, stop := telemetryfile.Interruptible(t.Context(), in)
		got, err := io.ReadAll(iotest.HalfReader(r))
		stop()
		if !bytes.Equal(got, text) || (err != nil) != (name == "an error") || err != nil && !errors.Is(err, broken) {
			t.Errorf("%s: %d bytes, %v", name, len(got), err)
		}
	}
}

// A stream that waits for more does not hold the command.
func TestStreamThatWaits(t *testing.T) {
	in, out := io.Pipe()
	defer func() { _ = out.Close() }()
	ctx, cancel := context.WithCancel(t.Context())
	seen := make(chan struct{}, 1)
	r := &telemetryfile.Reader{Each: func(*signal.Batch) error {
		seen <- struct{}{}
		return nil
	}}
	ended := make(chan error, 1)
	go func() { ended <- r.ReadFrom(ctx, "pipe", in, -1) }()
	if _, err := io.WriteString(out, aRecord); err != nil {
		t.Fatal(err)
	}
	<-seen
	cancel()
	select {
	case err := <-ended:
		if !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
	case <-time.After(10 * time.Second):
		t.Error("it waits")
	}
}

// An error of the one who takes what is read ends the reading of a stream that goes on.
func TestReadingThatIsEnded(t *testing.T) {
	enough := errors.New("enough")
	r := &telemetryfile.Reader{Each: func(*signal.Batch) error { return enough }}
	if err := r.ReadFrom(t.Context(), "stream", strings.NewReader(strings.Repeat(aRecord, 10_000)), -1); !errors.Is(err, enough) {
		t.Error(err)
	}
}
