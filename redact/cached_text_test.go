// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package redact_test

import (
	"fmt"
	"runtime"
	"strings"
	"testing"
	"unsafe"

	"go.opentelemetry.io/otel/attribute"

	"github.com/voice-agents/telemetry/redact"
)

// cachedKeys are keys whose values are cached.
var cachedKeys = []attribute.Key{"session.id", "voice.turn.id", "voice.correlation.id", "user.id", "gen_ai.request.model"}

// The texts are in one buffer, one after another, as the parameters of zero-copy servers are. The cached result of
// one text must not apply to the next.
func TestTextInReusedBuffer(t *testing.T) {
	for _, key := range cachedKeys {
		r := redact.New(redact.Default()...)
		texts := []string{"call-000000001234", "+49 30 901820-12", "ada@example.com..", "call-000000001235", "+49 30 901820-13"}
		size := 0
		for _, text := range texts {
			size = max(size, len(text))
		}
		buffer := make([]byte, size)
		shared := unsafe.String(&buffer[0], len(buffer))
		for _, text := range texts {
			text += strings.Repeat(" ", size-len(text))
			copy(buffer, text)
			want := r.String(text)
			for range 3 {
				kv, changed := r.Attribute(key.String(shared))
				if got := kv.Value.AsString(); got != want || changed != (want != text) {
					t.Errorf("%s: %q became %q, want %q", key, text, got, want)
				}
				if got := r.Text(key, shared); got != want {
					t.Errorf("%s: text %q became %q, want %q", key, text, got, want)
				}
				if engine(r).IsKnownClean(shared) && want != text {
					t.Errorf("%s: %q is cached as clean", key, text)
				}
			}
		}
	}
}

// The same holds for the key of an attribute.
func TestKeyInReusedBuffer(t *testing.T) {
	r := redact.New(redact.Default()...)
	buffer := make([]byte, len("password"))
	key := attribute.Key(unsafe.String(&buffer[0], len(buffer)))
	for _, name := range []string{"greeting", "password", "greeting", "password"} {
		copy(buffer, name)
		for range 3 {
			kv, _ := r.Attribute(key.String("open sesame"))
			if got := kv.Value.AsString(); (got == redact.Redacted) != (name == "password") {
				t.Errorf("the value of %q is %q", name, got)
			}
		}
	}
}

// IDs that are part of large bodies do not keep them in memory.
func TestIDsDoNotPinBodies(t *testing.T) {
	r := redact.New(redact.Default()...)
	before := inUse()
	for i := range 20_000 {
		body := fmt.Sprintf("sess_%012x", i) + strings.Repeat(" ", 8<<10)
		id := body[:len("sess_000000000000")]
		if r.Text("session.id", id) != id || !engine(r).IsKnownClean(id) {
			t.Fatalf("%q is not cached", id)
		}
	}
	if more := inUse() - before; more > 8<<20 { // The bodies are 156 MiB, and 16,384 ids with what they take 1 MiB.
		t.Errorf("%d KiB are held", more>>10)
	}
	runtime.KeepAlive(r)
}

// inUse returns the bytes of the heap that are reachable.
func inUse() int64 {
	runtime.GC()
	runtime.GC() // The first one empties pools into their victims.
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}
