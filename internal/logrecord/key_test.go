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

// A key is judged once, wherever its text lies, unless it is long or forgotten.
func TestTable(t *testing.T) {
	judged := make(map[attribute.Key]int)
	table := logrecord.Table{Judge: func(k attribute.Key) logrecord.Verdict {
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
				if got := table.Of(name); got.Name != name || (got.Verdict == 1) != (name == "b") {
					t.Errorf("of %q got %q, %+v", name, got.Name, got.Verdict)
				}
			}
		}
	}
	if judged["a"] != 1 || judged["b"] != 1 || judged[""] != 1 || judged[long] != 6 {
		t.Errorf("judged %v", judged)
	}
	if a := table.Of("a"); a != table.Of(attribute.Key([]byte("a"))) {
		t.Error("the same text is two keys")
	}
}

// More keys than it remembers, of many goroutines.
func TestTableOfManyKeys(t *testing.T) {
	var (
		table logrecord.Table
		wg    sync.WaitGroup
	)
	for g := range 4 {
		wg.Go(func() {
			buffer := make([]byte, 0, 32) // Its bytes change while the texts made of it stay.
			for i := range 5000 {
				buffer = fmt.Appendf(buffer[:0], "key_%d", i*(g+1))
				name := attribute.Key(buffer)
				if got := table.Of(name); got.Name != name {
					t.Errorf("of %q got %q", name, got.Name)
				}
			}
		})
	}
	wg.Wait()
}

// What is known of a key costs nothing to find.
func TestTableAllocates(t *testing.T) {
	var table logrecord.Table
	table.Of("constant")
	dynamic := attribute.Key(strings.Clone("constant"))
	for _, name := range []attribute.Key{"constant", dynamic} {
		if n := testing.AllocsPerRun(100, func() { table.Of(name) }); n != 0 {
			t.Errorf("%v allocations, want 0", n)
		}
	}
}

// A set is sure of what is not in it, and has all that was added.
func TestSet(t *testing.T) {
	var (
		table logrecord.Table
		set   logrecord.Set
	)
	if a := table.Of("a").Set; set.MayHave(&a) {
		t.Error("the empty set may have a key")
	}
	apart := 0
	for i := range 16 {
		k := table.Of(attribute.Key(fmt.Sprint("voice.stt.key_", i)))
		if !set.MayHave(&k.Set) {
			apart++
		}
		set.Add(k.Set)
		if !set.MayHave(&k.Set) {
			t.Errorf("%s was added and is not there", k.Name)
		}
	}
	if apart < 12 {
		t.Errorf("of 16 keys only %d are told apart", apart)
	}
}

func TestMemory(t *testing.T) {
	var m logrecord.Memory
	if m.Recall(logrecord.JSON) != nil {
		t.Error("an empty memory recalls something")
	}
	m.Remember(logrecord.JSON, 1)
	m.Remember(logrecord.OTLP, "two")
	m.Remember(logrecord.JSON, 3)
	if got := m.Recall(logrecord.JSON); got != 3 {
		t.Errorf("recalled %v, want the last", got)
	}
	if got := m.Recall(logrecord.OTLP); got != "two" {
		t.Errorf("recalled %v of another way out", got)
	}
}
