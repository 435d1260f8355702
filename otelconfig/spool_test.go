// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otelconfig_test

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"

	"go.opentelemetry.io/otel/attribute"
	coltrace "go.opentelemetry.io/proto/otlp/collector/trace/v1"

	"github.com/voice-agents/telemetry/otelconfig"
	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/otelvoice/voicesdk"
)

// call records a session with a secret.
func call(tel *voicesdk.SDK) {
	_, session := tel.StartSession(context.Background(), otelvoice.WithSessionID("of the process that was killed"),
		otelvoice.WithAttributes(attribute.String("note", "mail jane@example.com")))
	session.End()
}

// What a process could not send is delivered by the next one, although it was killed.
func TestKilledWhileTheCollectorIsAway(t *testing.T) {
	if os.Getenv("KILLED") != "" {
		tel, err := otelconfig.Setup(t.Context(), voicesdk.WithLogWriter(io.Discard))
		if err != nil {
			t.Fatal(err)
		}
		call(tel)
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		_ = tel.ForceFlush(ctx) // It fails: the collector is away. All of it is on disk.
		_, _ = fmt.Fprintln(os.Stdout, "on disk")
		_ = tel.ForceFlush(context.Background())
		select {}
	}
	dir := t.TempDir()
	t.Setenv("OTELVOICE_SPOOL_DIR", dir)
	t.Setenv("COLLECTOR", "http://127.0.0.1:1")
	setFile(t, everything)
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^"+t.Name()+"$")
	cmd.Env = append(os.Environ(), "KILLED=yes")
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	line := make([]byte, len("on disk"))
	if _, err := io.ReadFull(out, line); err != nil || string(line) != "on disk" {
		t.Errorf("the process printed %q, %v", line, err)
	}
	_ = cmd.Process.Kill()
	_ = cmd.Wait()

	c := newCollector(t)
	t.Setenv("COLLECTOR", c.URL)
	tel, err := otelconfig.Setup(t.Context(), voicesdk.WithoutGlobals(), voicesdk.WithLogWriter(io.Discard))
	if err != nil {
		t.Fatal(err)
	}
	if err := tel.ForceFlush(t.Context()); err != nil {
		t.Error(err)
	}
	sent := c.read(t, "/v1/traces", new(coltrace.ExportTraceServiceRequest))
	if !strings.Contains(sent, "of the process that was killed") || strings.Contains(sent, "jane@") {
		t.Errorf("got %q", sent)
	}
	for _, h := range tel.Health().Sending {
		if len(h.Dropped) > 0 || h.Items > 0 {
			t.Errorf("%s: %d wait, %v lost", h.Signal, h.Items, h.Dropped)
		}
	}
	if err := tel.Shutdown(t.Context()); err != nil {
		t.Error(err)
	}
}

// No processor of the file gets a secret, whichever it is.
func TestSecretsBeforeEveryProcessor(t *testing.T) {
	const exporter = "{exporter: {otlp_http: {endpoint: \"%s/v1/traces\"}}}"
	for _, kind := range []string{"batch", "simple"} {
		t.Run(kind, func(t *testing.T) {
			first, second := newCollector(t), newCollector(t)
			setFile(t, fmt.Sprintf("file_format: \"1.0\"\ntracer_provider:\n  processors:\n    - "+kind+": "+exporter+"\n    - "+kind+": "+exporter+"\n", first.URL, second.URL))
			tel, err := otelconfig.Setup(t.Context(), voicesdk.WithoutGlobals(), voicesdk.WithLogWriter(io.Discard))
			if err != nil {
				t.Fatal(err)
			}
			call(tel)
			if err := tel.Shutdown(t.Context()); err != nil {
				t.Error(err)
			}
			for _, c := range []*collector{first, second} {
				sent := c.read(t, "/v1/traces", new(coltrace.ExportTraceServiceRequest))
				if strings.Contains(sent, "jane@") || !strings.Contains(sent, "[REDACTED:email]") {
					t.Errorf("got %q", sent)
				}
			}
		})
	}
}
