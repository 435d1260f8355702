// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package logrecord_test

import (
	"fmt"
	"runtime"
	"strings"
	"testing"
	"unsafe"

	"go.opentelemetry.io/otel/attribute"

	"github.com/voice-agents/telemetry/internal/logrecord"
)

// The key in a buffer that is reused, as zero-copy libraries return it, is the buffer's current
// text.
func TestKeyInAReusedBuffer(t *testing.T) {
	cache := logrecord.KeyCache{Judge: func(k attribute.Key) logrecord.Verdict {
		if k == "password" {
			return 1
		}
		return 0
	}}
	long := strings.Repeat("k", 80)
	for _, keys := range [][]string{
		{"greeting", "password", "greeting"},
		{"password", "greeting", "password"},
		{long + "1", long + "2", long + "1"},
	} {
		buffer := make([]byte, len(keys[0]))
		name := unsafe.String(&buffer[0], len(buffer))
		var before []*logrecord.Key
		for i, key := range keys {
			copy(buffer, key)
			for range 3 {
				k := cache.Of(attribute.Key(name))
				if string(k.Name) != key || !strings.HasSuffix(k.Wire, key) || (k.Verdict == 1) != (key == "password") {
					t.Errorf("of %q got %q, %q, %v", key, k.Name, k.Wire, k.Verdict)
				}
				before = append(before, k)
			}
			for j, k := range before {
				if want := keys[min(j/3, i)]; string(k.Name) != want {
					t.Errorf("%q became %q when the buffer was used again", want, k.Name)
				}
			}
		}
	}
}

// A cached key that was a substring of a large body does not keep the body alive.
func TestKeysDoNotPinBodies(t *testing.T) {
	var keys logrecord.KeyCache
	before := inUse()
	for i := range 20_000 {
		body := fmt.Sprintf("key_%06d", i) + strings.Repeat(" ", 8<<10)
		keys.Of(attribute.Key(body[:len("key_000000")]))
	}
	if more := inUse() - before; more > 1<<20 { // The bodies of 512 keys are 4 MiB.
		t.Errorf("the cache keeps %d KiB alive", more>>10)
	}
	runtime.KeepAlive(&keys)
}

// inUse returns the number of reachable bytes on the heap.
func inUse() int64 {
	runtime.GC()
	runtime.GC() // The first collection moves pooled objects to the victim caches.
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}
