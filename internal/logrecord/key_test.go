// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package logrecord_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"go.opentelemetry.io/otel/attribute"

	"github.com/voice-agents/telemetry/internal/logrecord"
)

// A key is classified once, at whatever address its text is, unless it is long or was evicted.
func TestKeyCache(t *testing.T) {
	judged := make(map[attribute.Key]int)
	keys := logrecord.KeyCache{Judge: func(k attribute.Key) logrecord.Verdict {
		judged[k]++
		if k == "b" {
			return 1
		}
		return 0
	}}
	long := attribute.Key(strings.Repeat("k", 100))
	for range 3 {
		for _, key := range []attribute.Key{"", "a", "b", long} {
			for _, name := range []attribute.Key{key, attribute.Key(strings.Clone(string(key)))} {
				if got := keys.Of(name); got.Name != name || (got.Verdict == 1) != (name == "b") {
					t.Errorf("of %q got %q, %+v", name, got.Name, got.Verdict)
				}
			}
		}
	}
	if judged["a"] != 1 || judged["b"] != 1 || judged[""] != 1 || judged[long] != 6 {
		t.Errorf("judged %v", judged)
	}
	if a := keys.Of("a"); a != keys.Of(attribute.Key([]byte("a"))) {
		t.Error("the same text is two keys")
	}
}

// Several goroutines look up more keys than the cache has slots.
func TestKeyCacheWithManyKeys(t *testing.T) {
	var (
		keys logrecord.KeyCache
		wg   sync.WaitGroup
	)
	for g := range 4 {
		wg.Go(func() {
			buffer := make([]byte, 0, 32) // Its bytes change while the texts made of it stay.
			for i := range 5000 {
				buffer = fmt.Appendf(buffer[:0], "key_%d", i*(g+1))
				name := attribute.Key(buffer)
				if got := keys.Of(name); got.Name != name {
					t.Errorf("of %q got %q", name, got.Name)
				}
			}
		})
	}
	wg.Wait()
}

// Looking up a cached key does not allocate.
func TestKeyCacheAllocates(t *testing.T) {
	var keys logrecord.KeyCache
	keys.Of("constant")
	dynamic := attribute.Key(strings.Clone("constant"))
	for _, name := range []attribute.Key{"constant", dynamic} {
		if n := testing.AllocsPerRun(100, func() { keys.Of(name) }); n != 0 {
			t.Errorf("%v allocations, want 0", n)
		}
	}
}

// A set has every key that was added, and rarely another.
func TestSet(t *testing.T) {
	var (
		keys logrecord.KeyCache
		set  logrecord.Set
	)
	if a := keys.Of("a").Set; set.MayHave(&a) {
		t.Error("the empty set may have a key")
	}
	apart := 0
	for i := range 16 {
		k := keys.Of(attribute.Key(fmt.Sprint("voice.stt.key_", i)))
		if !set.MayHave(&k.Set) {
			apart++
		}
		set.Add(k.Set)
		if !set.MayHave(&k.Set) {
			t.Errorf("%s was added and is not there", k.Name)
		}
	}
	if apart < 12 {
		t.Errorf("only %d of 16 keys have bits of their own", apart)
	}
}

func TestEncodings(t *testing.T) {
	var m logrecord.Encodings
	if m.Load(logrecord.JSON) != nil {
		t.Error("empty Encodings return a value")
	}
	m.Store(logrecord.JSON, 1)
	m.Store(logrecord.OTLP, "two")
	m.Store(logrecord.JSON, 3)
	if got := m.Load(logrecord.JSON); got != 3 {
		t.Errorf("got %v, want the value stored last", got)
	}
	if got := m.Load(logrecord.OTLP); got != "two" {
		t.Errorf("got %v for another encoding", got)
	}
}
