// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package turnfile reads the turns of calls from files of telemetry that have one JSON object a line:
//
//   - the JSON log lines of package jsonlog. A turn is its line with the phase "turn_end". Its start and end
//     are in milliseconds. If the session has a recording, its instants of speech are offsets into it;
//   - the spans that OpenTelemetry's console exporter writes (OTEL_TRACES_EXPORTER=console);
//   - OTLP in JSON, as the file exporter of OpenTelemetry's collector writes it.
//
// The kinds may be mixed. Other lines are skipped.
package turnfile

import (
	"bufio"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"time"

	"go.opentelemetry.io/otel/attribute"

	"github.com/voice-agents/telemetry/otelvoice/voicetest/recording"
	"github.com/voice-agents/telemetry/semconv"
)

// maxLine is the longest line that is read. A collector writes a batch of spans in one.
const maxLine = 64 << 20

// A Call is the turns of a session.
type Call struct {
	Session string
	Turns   []recording.Turn // In the order of their start.
	// Start is when the recording began, and URI where it is, as the end of the session tells. They are
	// zero if that is not known.
	Start time.Time
	URI   string
}

// A Reader collects turns. The zero Reader is ready to use.
type Reader struct {
	calls      map[string]map[string]entry // By session and turn.
	recordings map[string]Call             // By session, without turns.
	order      []string                    // The sessions, in the order in which they came.

	// Lines is how many lines were read, and Broken how many of them are not JSON although they begin like
	// an object.
	Lines, Broken int
}

// entry is a turn. A span tells more of it than a log line.
type entry struct {
	turn    recording.Turn
	isSpan  bool
	offsets []attribute.KeyValue // Of a log line, into the recording.
}

// Read reads a file.
func (r *Reader) Read(file io.Reader) error {
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, maxLine)
	for lines.Scan() {
		r.Lines++
		r.line(lines.Bytes())
	}
	if err := lines.Err(); err != nil {
		return fmt.Errorf("line %d: %w", r.Lines+1, err)
	}
	return nil
}

// Call returns the turns of a session. If the ID is empty, there must be one session.
func (r *Reader) Call(session string) (Call, error) {
	switch {
	case len(r.order) == 0:
		return Call{}, fmt.Errorf("there are no turns in %d lines, of which %d are broken: "+
			"want JSON log lines with the phase turn_end, or spans voice.turn", r.Lines, r.Broken)
	case session == "" && len(r.order) > 1:
		return Call{}, fmt.Errorf("there are %d sessions, choose one: %q", len(r.order), r.order[:min(len(r.order), 10)])
	case session == "":
		session = r.order[0]
	case r.calls[session] == nil:
		return Call{}, fmt.Errorf("there is no session %q, there are %q", session, r.order[:min(len(r.order), 10)])
	}
	c := r.recordings[session]
	c.Session = session
	for _, e := range r.calls[session] {
		place(&e.turn, e.offsets, c.Start)
		c.Turns = append(c.Turns, e.turn)
	}
	slices.SortFunc(c.Turns, func(a, b recording.Turn) int {
		return cmp.Or(a.Start.Compare(b.Start), cmp.Compare(a.Index, b.Index), a.End.Compare(b.End))
	})
	return c, nil
}

// line reads one line.
func (r *Reader) line(line []byte) {
	if len(line) == 0 || line[0] != '{' {
		return
	}
	var kind struct {
		Phase         any             `json:"phase"`
		Name          any             `json:"Name"` // Of the console exporter.
		ResourceSpans json.RawMessage `json:"resourceSpans"`
	}
	if json.Unmarshal(line, &kind) != nil {
		r.Broken++
		return
	}
	var err error
	switch {
	case kind.Phase == semconv.VoicePhaseTurnEnd:
		err = r.logLine(line)
	case kind.Phase == semconv.VoicePhaseSessionEnd:
		err = r.sessionLine(line)
	case kind.ResourceSpans != nil:
		err = r.otlp(kind.ResourceSpans)
	case kind.Name == semconv.SpanVoiceTurn || kind.Name == semconv.SpanVoiceSession:
		err = r.consoleSpan(line)
	}
	if err != nil {
		r.Broken++
	}
}

// add adds a turn. Attributes of the span say whose it is.
func (r *Reader) add(session, id string, e entry) {
	if r.calls == nil {
		r.calls = make(map[string]map[string]entry)
	}
	turns := r.calls[session]
	if turns == nil {
		turns = make(map[string]entry)
		r.calls[session] = turns
		r.order = append(r.order, session)
	}
	if id == "" { // A turn without an ID is that of its index.
		id = strconv.Itoa(e.turn.Index)
	}
	if had, ok := turns[id]; ok && had.isSpan && !e.isSpan {
		return
	}
	turns[id] = e
}

// logLine reads a line of package jsonlog.
func (r *Reader) logLine(line []byte) error {
	var l struct {
		Timestamp time.Time      `json:"timestamp"`
		Session   string         `json:"session_id"`
		ID        string         `json:"turn_id"`
		Duration  *float64       `json:"duration_ms"`
		Extra     map[string]any `json:"extra_data"`
	}
	if err := json.Unmarshal(line, &l); err != nil {
		return err
	}
	attrs := attributesOf(l.Extra)
	var start time.Time
	if l.Duration != nil && *l.Duration >= 0 && *l.Duration < 1e12 {
		start = l.Timestamp.Add(-time.Duration(*l.Duration * float64(time.Millisecond)))
	}
	r.add(l.Session, l.ID, entry{turn: recording.TurnOf(start, l.Timestamp, attrs, nil), offsets: attrs})
	return nil
}

// attributesOf returns the attributes of an object of JSON.
func attributesOf(object map[string]any) (attrs []attribute.KeyValue) {
	for key, v := range object {
		if kv, ok := attributeOf(key, v); ok {
			attrs = append(attrs, kv)
		}
	}
	return attrs
}

// attributeOf returns an attribute of a value of JSON.
func attributeOf(key string, v any) (attribute.KeyValue, bool) {
	switch v := v.(type) {
	case string:
		return attribute.String(key, v), true
	case float64:
		if v == float64(int32(v)) {
			return attribute.Int64(key, int64(v)), true
		}
		return attribute.Float64(key, v), true
	}
	return attribute.KeyValue{}, false
}

// span adds a span voice.turn, or the recording of a span voice.session.
func (r *Reader) span(name string, start, end time.Time, attrs []attribute.KeyValue, events []recording.Event) error {
	var session, id string
	for _, kv := range attrs {
		switch kv.Key {
		case semconv.SessionIDKey:
			session = kv.Value.AsString()
		case semconv.VoiceTurnIDKey:
			id = kv.Value.AsString()
		}
	}
	if name == semconv.SpanVoiceSession {
		r.recorded(session, attrs)
		return nil
	}
	if start.IsZero() {
		return errors.New("a span without a start")
	}
	r.add(session, id, entry{turn: recording.TurnOf(start, end, attrs, events), isSpan: true})
	return nil
}
