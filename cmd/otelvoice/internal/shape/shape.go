// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package shape checks that telemetry follows the registry of package semconv: names, types and values of
// attributes, what each span must have, where it must be, and that the segments sum to the response latency.
package shape

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"sync"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"

	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/call"
	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/signal"
	"github.com/voice-agents/telemetry/internal/cleantext"
	"github.com/voice-agents/telemetry/semconv"
)

// The rules.
const (
	UnknownName   = "unknown name"        // A name in the registry's namespaces that the registry does not have.
	UnknownValue  = "unknown value"       // Not one of the values that the attribute may have.
	WrongType     = "wrong type"          // A number as text, and the like.
	Missing       = "missing attribute"   // The registry requires it.
	WrongKind     = "wrong kind"          // Of a span.
	ErrorStatus   = "error without type"  // Status Error without error.type, or error.type without it.
	Sum           = "segments do not sum" // To the response latency.
	Negative      = "negative"
	Zero          = "zero" // 0 for what is unknown: it must be absent.
	Orphan        = "orphan"
	Backwards     = "ends before its start"
	WithoutTime   = "no time"
	WithoutParent = "wrong parent"
)

// Finding is a kind of error.
type Finding struct {
	Rule  string `json:"rule"`
	What  string `json:"what"` // The name that is wrong.
	Count int    `json:"count"`
	First string `json:"first"` // The first place: a span and its call.
}

// Checker checks signals. Make it with [NewChecker]. It holds about 50 bytes for each span.
type Checker struct {
	// Checked is the number of spans and records that are of a voice agent, Others the number of all others.
	Checked, Others int
	// Unlinked reports that there were too many spans to check their parents.
	Unlinked bool

	*registry
	findings map[[2]string]*Finding
	seen     map[spanKey]uint8
	children []child
}

// registry is what package semconv defines.
type registry struct {
	attributes map[string]semconv.Attribute
	templates  []string
	spans      map[string]semconv.Span
	events     map[string]bool
}

type spanKey struct {
	trace trace.TraceID
	span  trace.SpanID
}

// child is a span whose parent must be of some kind.
type child struct {
	parent spanKey
	want   uint8
	name   string
	place  string
}

// The kinds of parents.
const (
	isOther uint8 = iota
	isSession
	isTurn
)

// maxSpans and maxFindings bound what is held.
const (
	maxSpans    = 4_000_000
	maxFindings = 1000
	maxName     = 200
)

// NewChecker returns a checker with the registry, which all checkers share.
func NewChecker() *Checker {
	return &Checker{registry: defined(), findings: make(map[[2]string]*Finding), seen: make(map[spanKey]uint8)}
}

// defined returns the registry. It is read once.
var defined = sync.OnceValue(func() *registry {
	r := &registry{attributes: make(map[string]semconv.Attribute), spans: make(map[string]semconv.Span), events: make(map[string]bool)}
	for _, a := range semconv.Attributes() {
		r.attributes[a.Name] = a
		if a.Template {
			r.templates = append(r.templates, a.Name+".")
		}
	}
	for _, s := range semconv.Spans() {
		r.spans[s.ID] = s
	}
	for _, e := range semconv.Events() {
		r.events[e.Name] = true
	}
	return r
})

// Add checks signals.
func (c *Checker) Add(b *signal.Batch) {
	for _, s := range b.Spans {
		c.span(s)
	}
	for _, r := range b.Records {
		c.record(r)
	}
}

// Findings returns what was found, the most frequent first. It checks the parents, so call it at the end.
func (c *Checker) Findings() []Finding {
	for _, kid := range c.children {
		kind, ok := c.seen[kid.parent]
		switch {
		case !ok:
			c.add(Orphan, kid.name, kid.place)
		case kind != kid.want:
			c.add(WithoutParent, kid.name, kid.place)
		}
	}
	c.children = nil
	list := make([]Finding, 0, len(c.findings))
	for _, f := range c.findings {
		list = append(list, *f)
	}
	slices.SortFunc(list, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Rule, b.Rule), cmp.Compare(a.What, b.What))
	})
	return list
}

func (c *Checker) add(rule, what, place string) {
	key := [2]string{rule, cleantext.Head(what, maxName)}
	f := c.findings[key]
	if f == nil {
		if len(c.findings) >= maxFindings {
			key[1] = "others"
			f = c.findings[key]
		}
		if f == nil {
			f = &Finding{Rule: rule, What: key[1], First: place}
			c.findings[key] = f
		}
	}
	f.Count++
}

// owned reports whether a name is in a namespace of the registry.
func owned(name string) bool {
	namespace, _, dotted := strings.Cut(name, ".")
	return dotted && slices.Contains([]string{"voice", "gen_ai", "session", "error"}, namespace)
}

// known reports whether the registry has an attribute, by its name or by a template.
func (r *registry) known(name string) (semconv.Attribute, bool) {
	if a, ok := r.attributes[name]; ok {
		return a, true
	}
	return semconv.Attribute{}, slices.ContainsFunc(r.templates, func(t string) bool { return strings.HasPrefix(name, t) })
}

// values checks each attribute alone.
func (c *Checker) values(attrs signal.Attributes, place string) {
	for _, kv := range attrs {
		if !owned(kv.Key) {
			continue
		}
		a, ok := c.known(kv.Key)
		if !ok {
			c.add(UnknownName, kv.Key, place)
			continue
		}
		if a.Name == "" { // Of a template.
			continue
		}
		if !hasType(kv.Value, a.Type) {
			c.add(WrongType, fmt.Sprintf("%s is not %s", kv.Key, strings.ToLower(a.Type.String())), place)
			continue
		}
		if text, ok := kv.Value.(string); ok && a.Members != nil && !slices.Contains(a.Members, text) {
			c.add(UnknownValue, fmt.Sprintf("%s %.40q", kv.Key, text), place)
		}
		if n, ok := attrs.Float(attribute.Key(kv.Key)); ok {
			switch {
			case n < 0 && a.Unit != "":
				c.add(Negative, kv.Key, place)
			case n == 0 && slices.Contains(absent, attribute.Key(kv.Key)):
				c.add(Zero, kv.Key, place)
			}
		}
	}
}

// absent are the attributes that are never 0 if they are known.
var absent = []attribute.Key{
	semconv.VoiceTurnResponseLatencyKey, semconv.VoiceTurnIndexKey, semconv.VoiceStageAttemptKey, semconv.VoiceSTTConfidenceKey,
	semconv.VoiceSTTAudioDurationKey, semconv.VoiceSTTFinalLatencyKey, semconv.VoiceTTSAudioDurationKey,
	semconv.VoiceTTSTimeToFirstByteKey, semconv.VoiceLLMTimeToFirstTokenKey, semconv.GenAIResponseTimeToFirstChunkKey,
	semconv.VoiceSessionTimeToFirstAudioKey, semconv.GenAIUsageInputTokensKey,
}

// hasType reports whether a value may be of the type. A whole number may have lost its point on the way.
func hasType(v any, want attribute.Type) bool {
	switch want {
	case attribute.STRING:
		_, ok := v.(string)
		return ok
	case attribute.BOOL:
		_, ok := v.(bool)
		return ok
	case attribute.INT64:
		_, ok := v.(int64)
		return ok
	case attribute.FLOAT64:
		switch v := v.(type) {
		case float64, int64:
			return true
		case string: // NaN and infinities in JSON.
			return v == "NaN" || v == "Infinity" || v == "-Infinity"
		}
		return false
	case attribute.STRINGSLICE, attribute.INT64SLICE, attribute.FLOAT64SLICE, attribute.BOOLSLICE, attribute.SLICE:
		_, ok := v.([]any)
		return ok
	case attribute.EMPTY, attribute.BYTESLICE, attribute.MAP:
	}
	return true
}

// isVoice reports whether signals with these attributes are of a voice agent.
func isVoice(attrs signal.Attributes) bool {
	return slices.ContainsFunc(attrs, func(kv signal.Attribute) bool { return strings.HasPrefix(kv.Key, "voice.") })
}

func (c *Checker) record(r *signal.Record) {
	if !isVoice(r.Attributes) {
		c.Others++
		return
	}
	c.Checked++
	place := fmt.Sprintf("the line %.60q of %.60q", r.Body, call.SessionOf(r.Attributes))
	if r.Time.IsZero() {
		c.add(WithoutTime, "log line", place)
	}
	c.values(r.Attributes, place)
	c.segments(r.Attributes, place)
}

// segments checks the sum. It allows for the rounding of float64.
func (c *Checker) segments(attrs signal.Attributes, place string) {
	response, ok := attrs.Float(semconv.VoiceTurnResponseLatencyKey)
	if !ok {
		return
	}
	const prefix = len(semconv.VoiceTurnSegmentPlayoutKey) - len(semconv.VoiceSegmentPlayout)
	sum, known := 0.0, false
	for _, kv := range attrs {
		if strings.HasPrefix(kv.Key, string(semconv.VoiceTurnSegmentPlayoutKey[:prefix])) {
			if v, ok := attrs.Float(attribute.Key(kv.Key)); ok {
				sum, known = sum+v, true
			}
		}
	}
	if diff := sum - response; known && (diff > 1e-6 || diff < -1e-6) {
		c.add(Sum, string(semconv.VoiceTurnResponseLatencyKey), fmt.Sprintf("%s: %.6f s of %.6f s", place, sum, response))
	}
}
