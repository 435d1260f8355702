// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package voicesdk_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"runtime"
	"strings"
	"testing"
	"unsafe"

	"go.opentelemetry.io/otel/attribute"

	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/otelvoice/voicesdk"
	"github.com/voice-agents/telemetry/otelvoice/voicetest"
)

// A session, a turn and a logger keep the texts that they were given, even if the texts are in a
// buffer that is reused, as the parameters of zero-copy servers are.
func TestTextsInABufferThatIsUsedAgain(t *testing.T) {
	var out bytes.Buffer
	tel, rec := voicetest.Setup(t, voicesdk.WithLogWriter(&out))
	buffer := []byte("id-000000001")
	id := unsafe.String(&buffer[0], len(buffer))
	const was, phone = "id-000000001", "+49301234567"

	logger := tel.Logger("m-"+was).With("caller", id, slog.Group("group", "caller", id), "list", []string{id}).WithGroup("open").With("caller", id)
	named := tel.Logger(id)
	if err := tel.SetLevel(slog.LevelDebug, id); err != nil {
		t.Fatal(err)
	}
	ctx, session := tel.StartSession(otelvoice.ContextWithCorrelationID(t.Context(), id), otelvoice.WithSessionID(id), otelvoice.WithUserID(id),
		otelvoice.WithPipelineID(id), otelvoice.WithChannel(id), otelvoice.WithAttributes(attribute.String("a", id)))
	session.SetAttributes(attribute.String("b", id), attribute.StringSlice("c", []string{id}))
	ctx, turn := session.StartTurn(ctx, otelvoice.WithTurnID(id))

	copy(buffer, phone)
	logger.InfoContext(ctx, "first")
	logger.InfoContext(ctx, "second")
	named.DebugContext(ctx, "of its own level")
	turn.End()
	session.End()
	if session.ID() != was || session.CorrelationID() != was {
		t.Errorf("the session is %s, and its correlation ID %s", session.ID(), session.CorrelationID())
	}
	if _, levels := tel.Levels(); len(levels) != 1 || levels[was] != slog.LevelDebug {
		t.Errorf("levels %v", levels)
	}
	if strings.Contains(out.String(), phone) || !strings.Contains(out.String(), "of its own level") {
		t.Errorf("the lines are\n%s", out.String())
	}
	for _, s := range rec.Spans() {
		for _, kv := range s.Attributes() {
			if strings.Contains(kv.Value.String(), phone) || strings.Contains(kv.Value.String(), "REDACTED") {
				t.Errorf("span %s has %s=%s", s.Name(), kv.Key, kv.Value.String())
			}
		}
	}
}

// Long sessions whose IDs are substrings of large bodies do not keep the bodies alive.
func TestIDsOfSessionsDoNotPinBodies(t *testing.T) {
	tel, _ := voicetest.Setup(t)
	logger := tel.Logger("m")
	before := inUse()
	sessions := make([]*otelvoice.Session, 0, 200)
	loggers := make([]*slog.Logger, 0, cap(sessions))
	for i := range cap(sessions) {
		body := fmt.Sprintf("order_%012x", i) + strings.Repeat(" ", 256<<10)
		id := body[:len("order_000000000000")]
		_, s := tel.StartSession(otelvoice.ContextWithCorrelationID(t.Context(), id), otelvoice.WithSessionID(id), otelvoice.WithUserID(id), otelvoice.WithChannel("web"))
		s.SetAttributes(attribute.String("order", id))
		sessions, loggers = append(sessions, s), append(loggers, logger.With("order", id))
	}
	if more := inUse() - before; more > 16<<20 { // The bodies are 50 MiB.
		t.Errorf("%d KiB are held", more>>10)
	}
	for _, s := range sessions {
		s.End()
	}
	runtime.KeepAlive(loggers)
}

// inUse returns the number of reachable bytes on the heap.
func inUse() int64 {
	runtime.GC()
	runtime.GC() // The first collection moves pooled objects to the victim caches.
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}
