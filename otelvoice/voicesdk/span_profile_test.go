// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package voicesdk_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/voice-agents/telemetry/exporters/profile"
	"github.com/voice-agents/telemetry/internal/testing/otlptest"
	"github.com/voice-agents/telemetry/otelvoice/voicesdk"
)

// The option takes precedence over the variable, and neither changes the log lines.
func TestSpanProfile(t *testing.T) {
	for _, tt := range []struct {
		name, variable string
		spool          bool
		opts           []voicesdk.Option
		want           string // An attribute of the spans that arrive.
		wantName       string
	}{
		{"none", "", false, nil, "", "voice.turn"},
		{"the variable", "Langfuse", false, nil, "langfuse.observation.type", "voice.turn"},
		{"the option", "langfuse", false, []voicesdk.Option{voicesdk.WithSpanProfile(profile.OpenInference)}, "openinference.span.kind", "voice.turn"},
		{"the zero option", "langfuse", false, []voicesdk.Option{voicesdk.WithSpanProfile(0)}, "langfuse.observation.type", "voice.turn"},
		{"through the spool", "livekit", true, nil, "lk.speech_id", "agent_turn"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := otlptest.NewReceiver(t)
			env := []string{"OTEL_EXPORTER_OTLP_ENDPOINT", r.HTTPEndpoint(), "OTELVOICE_SPAN_PROFILE", tt.variable}
			if tt.spool {
				env = append(env, "OTELVOICE_SPOOL_DIR", t.TempDir())
			}
			var out lockedBuffer
			tel, err := voicesdk.Setup(t.Context(), append(tt.opts, voicesdk.WithoutGlobals(), voicesdk.WithLogWriter(&out), variables(env...))...)
			if err != nil {
				t.Fatal(err)
			}
			ctx, session := tel.StartSession(t.Context())
			_, turn := session.StartTurn(ctx)
			turn.End()
			session.End()
			if err := tel.Shutdown(t.Context()); err != nil {
				t.Fatal(err)
			}
			var names []string
			has := false
			for _, s := range r.AllSpans() {
				names = append(names, s.GetName())
				for _, kv := range s.GetAttributes() {
					has = has || kv.GetKey() == tt.want
				}
			}
			if has != (tt.want != "") || !slices.Contains(names, tt.wantName) {
				t.Errorf("the spans %q have %s: %t; want %s", names, tt.want, has, tt.wantName)
			}
			for _, l := range out.lines() {
				if tt.want != "" && bytes.Contains(l, []byte(tt.want)) {
					t.Errorf("the log line has %s: %s", tt.want, l)
				}
			}
		})
	}
}

func TestBadSpanProfile(t *testing.T) {
	_, err := voicesdk.Setup(t.Context(), voicesdk.WithoutGlobals(), variables("OTELVOICE_SPAN_PROFILE", "phoenix"))
	if err == nil || !strings.Contains(err.Error(), `OTELVOICE_SPAN_PROFILE="phoenix"`) || !strings.Contains(err.Error(), "openinference") {
		t.Errorf("got %v", err)
	}
}
