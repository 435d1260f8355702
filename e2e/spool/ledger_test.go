// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package spool_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// An entry is a span, a record or a point.
type entry struct {
	kind, id, group string
	at              time.Time
}

// verdict is what became of what was written.
type verdict struct {
	written, lost []entry
	twice         int // Entries that came again.
	disorder      int // Entries that came before one that was written before them, of the same group.
	foreign       int // Entries that nobody wrote.
}

// judge compares what was written with what was received, in the order of either.
func judge(written []entry, received map[string][]string) (v verdict) {
	type key struct{ kind, id string }
	at := make(map[key]int, len(written))
	for i, e := range written {
		at[key{e.kind, e.id}] = i
	}
	v.written = written
	seen := make(map[key]bool)
	last := make(map[key]int) // By the group.
	for kind, ids := range received {
		for _, id := range ids {
			k := key{kind, id}
			i, ok := at[k]
			switch {
			case !ok:
				v.foreign++
				continue
			case seen[k]:
				v.twice++
				continue
			}
			seen[k] = true
			group := key{kind, written[i].group}
			if before, ok := last[group]; ok && i < before {
				v.disorder++
			}
			last[group] = i
		}
	}
	for _, e := range written {
		if !seen[key{e.kind, e.id}] {
			v.lost = append(v.lost, e)
		}
	}
	return v
}

func (v verdict) String() string {
	kinds := make(map[string]int)
	for _, e := range v.written {
		kinds[e.kind]++
	}
	return fmt.Sprintf("%v written; %d lost, %d twice, %d out of order, %d foreign", kinds, len(v.lost), v.twice, v.disorder, v.foreign)
}

// readLedger reads what was written. A last line that was cut off by a kill is no entry.
func readLedger(t *testing.T, path string) (written []entry) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		var e entry
		var at int64
		if !strings.HasSuffix(line, "\n") {
			break
		}
		if _, err := fmt.Sscanf(line, "%s %s %s %d", &e.kind, &e.id, &e.group, &at); err != nil {
			t.Fatalf("%v: %q", err, line)
		}
		e.at = time.Unix(0, at)
		written = append(written, e)
	}
	return written
}

// received are the files of the collector, in OTLP's JSON.
type received struct {
	ResourceSpans []struct {
		ScopeSpans []struct{ Spans []struct{ SpanID string } }
	}
	ResourceLogs []struct {
		ScopeLogs []struct {
			LogRecords []struct{ Attributes attributes }
		}
	}
	ResourceMetrics []struct {
		Resource     struct{ Attributes attributes }
		ScopeMetrics []struct {
			Metrics []struct {
				Name  string
				Gauge struct{ DataPoints []struct{ AsInt string } }
			}
		}
	}
}

type attributes []struct {
	Key   string
	Value struct{ StringValue, IntValue string }
}

func (a attributes) get(key string) string {
	for _, kv := range a {
		if kv.Key == key {
			return kv.Value.StringValue + kv.Value.IntValue
		}
	}
	return ""
}

var requestStart = regexp.MustCompile(`\{"resource(Spans|Logs|Metrics)":\[`)

// readReceived reads the ids that came, in their order. A last line that was cut off by a
// kill was not answered.
func readReceived(t *testing.T, dir string) map[string][]string {
	t.Helper()
	ids := make(map[string][]string)
	for _, name := range []string{"traces.json", "metrics.json", "logs.json"} {
		text, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil && !os.IsNotExist(err) {
			t.Fatal(err)
		}
		scanner := bufio.NewScanner(bytes.NewReader(text))
		scanner.Buffer(nil, 64<<20)
		for scanner.Scan() {
			line := scanner.Bytes()
			// A line that was cut off has the next one behind it.
			for _, start := range requestStart.FindAllIndex(line, -1) {
				var r received
				if json.NewDecoder(bytes.NewReader(line[start[0]:])).Decode(&r) == nil {
					r.add(ids)
				}
			}
		}
		if err := scanner.Err(); err != nil {
			t.Fatal(err)
		}
	}
	return ids
}

func (r received) add(ids map[string][]string) {
	for _, rs := range r.ResourceSpans {
		for _, ss := range rs.ScopeSpans {
			for _, s := range ss.Spans {
				ids["span"] = append(ids["span"], s.SpanID)
			}
		}
	}
	for _, rl := range r.ResourceLogs {
		for _, sl := range rl.ScopeLogs {
			for _, l := range sl.LogRecords {
				if id := l.Attributes.get("ledger.id"); id != "" {
					ids["log"] = append(ids["log"], id)
				}
			}
		}
	}
	for _, rm := range r.ResourceMetrics {
		for _, sm := range rm.ScopeMetrics {
			for _, m := range sm.Metrics {
				if m.Name == "ledger.sequence" {
					ids["metric"] = append(ids["metric"], rm.Resource.Attributes.get("process.pid")+"-"+m.Gauge.DataPoints[0].AsInt)
				}
			}
		}
	}
}

// TestJudge holds that damage is noticed.
func TestJudge(t *testing.T) {
	written := []entry{{kind: "log", id: "a.1", group: "a"}, {kind: "log", id: "b.1", group: "b"}, {kind: "log", id: "a.2", group: "a"}, {kind: "span", id: "1", group: "t"}}
	whole := map[string][]string{"log": {"b.1", "a.1", "a.2"}, "span": {"1"}}
	for name, tt := range map[string]struct {
		logs []string
		want string
	}{
		"whole":        {whole["log"], "0 lost, 0 twice, 0 out of order, 0 foreign"},
		"one is lost":  {[]string{"b.1", "a.2"}, "1 lost, 0 twice, 0 out of order, 0 foreign"},
		"one is twice": {[]string{"b.1", "a.1", "a.1", "a.2"}, "0 lost, 1 twice, 0 out of order, 0 foreign"},
		"in disorder":  {[]string{"b.1", "a.2", "a.1"}, "0 lost, 0 twice, 1 out of order, 0 foreign"},
		"a stranger":   {[]string{"b.1", "a.1", "a.2", "c.1"}, "0 lost, 0 twice, 0 out of order, 1 foreign"},
		"nothing":      {nil, "3 lost, 0 twice, 0 out of order, 0 foreign"},
	} {
		t.Run(name, func(t *testing.T) {
			v := judge(written, map[string][]string{"log": tt.logs, "span": whole["span"]})
			if !strings.HasSuffix(v.String(), tt.want) {
				t.Errorf("got %s, want %s", v, tt.want)
			}
		})
	}
}

// TestReadReceived holds that lines that a kill has cut off are read around.
func TestReadReceived(t *testing.T) {
	dir := t.TempDir()
	whole := `{"resourceSpans":[{"scopeSpans":[{"spans":[{"spanId":"01"}]}]}]}`
	if err := os.WriteFile(filepath.Join(dir, "traces.json"), []byte(whole+"\n"+whole[:30]+whole+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := readReceived(t, dir)["span"]; !slices.Equal(got, []string{"01", "01"}) {
		t.Errorf("got %v", got)
	}
}
