// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package voicesdk_test

import (
	"bytes"
	"cmp"
	"context"
	"encoding/hex"
	"encoding/json"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/voice-agents/telemetry/internal/testing/otlptest"
	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/otelvoice/voicesdk"
	"github.com/voice-agents/telemetry/semconv"
)

// lockedBuffer is a buffer for concurrent writers and readers.
type lockedBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *lockedBuffer) lines() [][]byte {
	b.mu.Lock()
	defer b.mu.Unlock()
	return bytes.Split(bytes.TrimSuffix(bytes.Clone(b.buf.Bytes()), []byte("\n")), []byte("\n"))
}

// The printed lines and the exported records of one call are equal, under the caller's ID.
func TestEveryLineArrivesAtTheCollector(t *testing.T) {
	for _, protocol := range []string{"http/protobuf", "grpc"} {
		t.Run(protocol, func(t *testing.T) {
			r := otlptest.NewReceiver(t)
			endpoint := r.HTTPEndpoint()
			if protocol == "grpc" {
				endpoint = r.GRPCEndpoint()
			}
			var out lockedBuffer
			tel, err := voicesdk.Setup(t.Context(), voicesdk.WithoutGlobals(), voicesdk.WithLogWriter(&out),
				voicesdk.WithServiceName("concierge"), voicesdk.WithLogLevel(slog.LevelDebug),
				variables("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint, "OTEL_EXPORTER_OTLP_PROTOCOL", protocol))
			if err != nil {
				t.Fatal(err)
			}
			const caller = "550e8400-e29b-41d4-a716-446655440000"
			ctx, cancel := context.WithCancel(otelvoice.ContextWithCorrelationID(t.Context(), caller))
			sctx, session := tel.StartSession(ctx)
			tctx, turn := session.StartTurn(sctx)
			lctx, llm := turn.StartLLM(tctx, gpt)
			tel.Logger("app").WarnContext(lctx, "slow", "n", 1, slog.Group("g", "deep", true), "f", 1.5)
			llm.End(context.DeadlineExceeded)
			turn.End()
			session.End()
			cancel() // As after Ctrl-C; the last records must not be lost.
			if err := tel.Shutdown(ctx); err != nil {
				t.Fatal(err)
			}

			lines, logs := out.lines(), r.AllLogs()
			// A request groups records by their scope.
			slices.SortStableFunc(logs, func(a, b otlptest.Log) int { return cmp.Compare(a.GetTimeUnixNano(), b.GetTimeUnixNano()) })
			if len(lines) != len(logs) || len(lines) < 7 {
				t.Fatalf("%d lines were printed and %d records arrived", len(lines), len(logs))
			}
			for i, raw := range lines {
				var line map[string]any
				if err := json.Unmarshal(raw, &line); err != nil {
					t.Fatalf("%v in %s", err, raw)
				}
				got, want := attributesOf(line), otlptest.Attributes(logs[i].GetAttributes())
				if a, b := canonical(got), canonical(want); a != b {
					t.Errorf("line %d\nprinted %s\narrived %s", i, a, b)
				}
				if line["trace_id"] != hex.EncodeToString(logs[i].GetTraceId()) || line["span_id"] != hex.EncodeToString(logs[i].GetSpanId()) {
					t.Errorf("line %d has trace %v and span %v, the record %x and %x", i,
						line["trace_id"], line["span_id"], logs[i].GetTraceId(), logs[i].GetSpanId())
				}
				if line["correlation_id"] != caller || line["trace_id"] != strings.ReplaceAll(caller, "-", "") {
					t.Errorf("line %d has correlation ID %v and trace ID %v", i, line["correlation_id"], line["trace_id"])
				}
				if line["message"] != logs[i].GetBody().GetStringValue() || line["module"] != logs[i].Scope.GetName() {
					t.Errorf("line %d says %v in %v, the record %v in %v", i,
						line["message"], line["module"], logs[i].GetBody(), logs[i].Scope.GetName())
				}
			}

			spans := make(map[string]otlptest.Span)
			for _, s := range r.AllSpans() {
				spans[s.GetName()] = s
				if service := otlptest.Attributes(s.Resource.GetAttributes())[string(semconv.ServiceNameKey)]; service != "concierge" {
					t.Errorf("%s comes from %v", s.GetName(), service)
				}
			}
			if len(spans) != 3 || !bytes.Equal(spans["chat gpt-4o-mini"].GetParentSpanId(), spans["voice.turn"].GetSpanId()) {
				t.Errorf("spans %v", spans)
			}
			if len(r.AllMetrics()) == 0 {
				t.Error("no metrics arrived")
			}
		})
	}
}

// attributesOf restores the attributes that a line was made from.
func attributesOf(line map[string]any) map[string]any {
	out := make(map[string]any)
	for field, key := range map[string]string{
		"correlation_id": string(semconv.VoiceCorrelationIDKey), "request_id": string(semconv.VoiceRequestIDKey),
		"session_id": string(semconv.SessionIDKey), "turn_id": string(semconv.VoiceTurnIDKey), "user_id": string(semconv.UserIDKey),
		"component": string(semconv.VoiceComponentNameKey), "component_type": string(semconv.VoiceComponentTypeKey),
		"function": string(semconv.CodeFunctionNameKey), "line_number": string(semconv.CodeLineNumberKey),
		"file_path": string(semconv.CodeFilePathKey), "thread_id": string(semconv.ThreadIDKey),
		"phase": string(semconv.VoicePhaseKey), "stage": string(semconv.VoiceStageKey),
	} {
		if v, ok := line[field]; ok {
			out[key] = v
		}
	}
	if ms, ok := line["duration_ms"].(float64); ok {
		out[string(semconv.VoiceDurationKey)] = ms / 1000
	}
	extra, _ := line["extra_data"].(map[string]any)
	maps.Copy(out, extra)
	exception, _ := line["exception"].(map[string]any)
	for k, v := range exception {
		out["exception."+k] = v
	}
	if figures, ok := line["performance_metrics"]; ok {
		out[string(semconv.VoicePerformanceKey)] = figures
	}
	for short, key := range map[string]string{
		"exception.chain": string(semconv.VoiceExceptionChainKey),
		"error_code":      string(semconv.VoiceErrorCodeKey), "recovery_action": string(semconv.VoiceErrorRecoveryActionKey),
	} {
		if v, ok := out[short]; ok {
			out[key] = v
			delete(out, short)
		}
	}
	return out
}

// canonical formats attributes for comparison. Lines have durations in microseconds.
func canonical(attrs map[string]any) string {
	if d, ok := attrs[string(semconv.VoiceDurationKey)].(float64); ok {
		attrs[string(semconv.VoiceDurationKey)] = time.Duration(d * float64(time.Second)).Round(time.Microsecond).String()
	}
	text, err := json.Marshal(attrs)
	if err != nil {
		return err.Error()
	}
	return string(text)
}

// A collector that is unreachable or never answers blocks nothing: the call continues, the lines
// are printed, and Shutdown returns by its deadline.
func TestCollectorThatHangsIsInNobodysWay(t *testing.T) {
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	hang := make(chan struct{})
	server := &http.Server{ReadHeaderTimeout: time.Minute, Handler: http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-hang })}
	done := make(chan struct{})
	go func() { defer close(done); _ = server.Serve(listener) }()
	defer func() { close(hang); _ = server.Close(); <-done }()

	var out lockedBuffer
	tel, err := voicesdk.Setup(t.Context(), voicesdk.WithoutGlobals(), voicesdk.WithLogWriter(&out),
		voicesdk.WithShutdownTimeout(time.Second),
		variables("OTEL_EXPORTER_OTLP_ENDPOINT", "http://"+listener.Addr().String()))
	if err != nil {
		t.Fatal(err)
	}
	_, session := tel.StartSession(t.Context())
	session.End()
	if err := tel.Shutdown(t.Context()); err == nil {
		t.Error("Shutdown says that all was sent")
	}
	lines := out.lines()
	if len(lines) < 2 || !bytes.Contains(lines[0], []byte("session ended")) {
		t.Errorf("printed %s", lines)
	}
	for _, line := range lines[1:] { // Shutdown reports as lost what it could not send.
		if !bytes.Contains(line, []byte(" were lost: shutdown")) {
			t.Errorf("printed %s", line)
		}
	}
}
