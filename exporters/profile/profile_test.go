// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package profile_test

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"go.opentelemetry.io/otel/attribute"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	"github.com/voice-agents/telemetry/exporters/profile"
	"github.com/voice-agents/telemetry/internal/testing/samplecall"
	"github.com/voice-agents/telemetry/otelvoice"
)

var update = flag.Bool("update", false, "write the golden files")

// exported returns the spans of a call with content in the vocabulary of a profile, and the originals.
func exported(t *testing.T, p profile.Profile, opts ...otelvoice.Option) (out, originals []sdktrace.ReadOnlySpan) {
	t.Helper()
	originals = samplecall.Spans(t, opts...)
	for _, s := range originals {
		out = p.Append(out, s)
	}
	return out, originals
}

// The golden files show the spans of a whole call as a tree, with the attributes that the profile added.
func TestWholeCall(t *testing.T) {
	for _, p := range profile.Profiles() {
		t.Run(p.String(), func(t *testing.T) {
			out, originals := exported(t, p, otelvoice.WithContentCapture())
			got := tree(out, originals)
			golden := filepath.Join("testdata", p.String()+".golden")
			if *update {
				if err := os.WriteFile(golden, got, 0o600); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(got, want) {
				t.Errorf("%s differs; run the test with -update and look at what changed:\n%s", golden, got)
			}
		})
	}
}

var random = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f-]{22}|[0-9a-f]{12,32}`)

func tree(spans, originals []sdktrace.ReadOnlySpan) []byte {
	had := make(map[trace.SpanID]map[attribute.Key]bool)
	for _, s := range originals {
		keys := make(map[attribute.Key]bool)
		for _, kv := range s.Attributes() {
			keys[kv.Key] = true
		}
		had[s.SpanContext().SpanID()] = keys
	}
	children := make(map[trace.SpanID][]sdktrace.ReadOnlySpan)
	start := spans[0].StartTime()
	for _, s := range spans {
		children[s.Parent().SpanID()] = append(children[s.Parent().SpanID()], s)
		if s.StartTime().Before(start) {
			start = s.StartTime()
		}
	}
	var b bytes.Buffer
	var write func(id trace.SpanID, depth int)
	write = func(id trace.SpanID, depth int) {
		list := slices.Clone(children[id])
		slices.SortStableFunc(list, func(x, y sdktrace.ReadOnlySpan) int {
			if c := x.StartTime().Compare(y.StartTime()); c != 0 {
				return c
			}
			return strings.Compare(x.Name(), y.Name())
		})
		for _, s := range list {
			indent := strings.Repeat("  ", depth)
			fmt.Fprintf(&b, "%s%s [%s %s]\n", indent, s.Name(), at(s.StartTime(), start), at(s.EndTime(), start))
			for _, kv := range s.Attributes() {
				if !had[s.SpanContext().SpanID()][kv.Key] {
					fmt.Fprintf(&b, "%s  | %s = %s\n", indent, kv.Key, random.ReplaceAllString(kv.Value.String(), "…"))
				}
			}
			write(s.SpanContext().SpanID(), depth+1)
		}
	}
	write(trace.SpanID{}, 0)
	return b.Bytes()
}

func at(t, start time.Time) string { return fmt.Sprintf("%.3f", t.Sub(start).Seconds()) }

// The originals stay as they are.
func TestOriginalsStay(t *testing.T) {
	originals := samplecall.Spans(t)
	printed := func() (all []string) {
		for _, s := range originals {
			all = append(all, fmt.Sprint(s.Name(), s.Attributes(), s.Events(), s.StartTime(), s.Parent()))
		}
		return all
	}
	before := printed()
	for _, p := range profile.Profiles() {
		for _, s := range originals {
			for _, out := range p.Append(nil, s) {
				if attrs := out.Attributes(); out != s && len(attrs) > 0 {
					attrs[len(attrs)-1] = attribute.Bool("overwritten", true)
				}
			}
		}
	}
	if after := printed(); !slices.Equal(before, after) {
		t.Error("the spans changed")
	}
}

// An attribute that a span has already keeps its value, and each is there once.
func TestAttributesAreNotReplaced(t *testing.T) {
	for _, p := range profile.Profiles() {
		out, _ := exported(t, p)
		for _, s := range out {
			seen := make(map[attribute.Key]bool)
			for _, kv := range s.Attributes() {
				if seen[kv.Key] {
					t.Errorf("%s: %s has %s twice", p, s.Name(), kv.Key)
				}
				seen[kv.Key] = true
			}
			again := p.Append(nil, s)
			if p != profile.LiveKit && len(again[0].Attributes()) != len(s.Attributes()) {
				t.Errorf("%s: %s gets attributes when it is exported again", p, s.Name())
			}
		}
	}
}

// Without content capture, nothing that was said is added.
func TestNoContent(t *testing.T) {
	for _, p := range profile.Profiles() {
		out, _ := exported(t, p)
		for _, s := range out {
			text := fmt.Sprint(s.Attributes())
			for _, said := range samplecall.Said() {
				if strings.Contains(text, said) {
					t.Errorf("%s: %s has %q", p, s.Name(), said)
				}
			}
		}
	}
}

func TestParse(t *testing.T) {
	for _, p := range append(profile.Profiles(), 0) {
		if got, err := profile.Parse(strings.ToUpper(p.String())); err != nil || got != p {
			t.Errorf("%s: got %v, %v", p, got, err)
		}
	}
	if _, err := profile.Parse("phoenix"); err == nil || !strings.Contains(err.Error(), `"phoenix": want langfuse, openinference, livekit or none`) {
		t.Errorf("got %v", err)
	}
}

// What the mappings list is what is added.
func TestMapping(t *testing.T) {
	for _, p := range profile.Profiles() {
		m := p.Mapping()
		if len(m.Lost) == 0 || len(m.Unfilled) == 0 {
			t.Errorf("%s: the mapping does not say what is missing", p)
		}
		listed := make(map[attribute.Key]bool)
		for _, a := range m.Attributes {
			if a.Spans == "" || len(a.From) == 0 && a.Note == "" {
				t.Errorf("%s: %s: of which spans, and from what?", p, a.To)
			}
			listed[a.To] = true
		}
		out, originals := exported(t, p, otelvoice.WithContentCapture())
		had := make(map[attribute.Key]bool)
		for _, s := range originals {
			for _, kv := range s.Attributes() {
				had[kv.Key] = true
			}
		}
		for _, s := range out {
			for _, kv := range s.Attributes() {
				if !had[kv.Key] && !listed[kv.Key] {
					t.Errorf("%s: %s is added and not listed", p, kv.Key)
				}
			}
		}
	}
	if m := profile.Profile(0).Mapping(); m.Attributes != nil {
		t.Errorf("the zero profile has a mapping: %v", m)
	}
}
