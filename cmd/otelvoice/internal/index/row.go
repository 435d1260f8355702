// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package index

import (
	"encoding/json"
	"math"
	"strings"
	"time"

	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/call"
	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/calllist"
	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/latency"
	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/signal"
	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/store"
	"github.com/voice-agents/telemetry/semconv"
)

// A Row is a call in the list of calls. Durations are in seconds. What is unknown is absent.
type Row struct {
	ID            string      `json:"id"` // Of the store.
	Correlation   string      `json:"correlation_id,omitempty"`
	Traces        []string    `json:"trace_ids,omitempty"`
	Start         time.Time   `json:"start,omitzero"`
	Duration      *float64    `json:"duration,omitempty"`
	IsOpen        bool        `json:"is_open,omitempty"`
	Agent         string      `json:"agent,omitempty"`
	Version       string      `json:"version,omitempty"`
	Channel       string      `json:"channel,omitempty"`
	Outcome       string      `json:"outcome,omitempty"`
	EndReason     string      `json:"end_reason,omitempty"`
	Turns         int         `json:"turns"`
	Interruptions int         `json:"interruptions"`
	Errors        int         `json:"errors"` // A stage that fails, with its turn and its session, is one.
	SlowTurns     int         `json:"slow_turns"`
	Cost          *call.Money `json:"cost,omitempty"`
	// Latencies are the response latencies of the turns, the last 200.
	Latencies []float64 `json:"latencies,omitempty"`
}

// A TurnRow is a turn whose response latency counts: see [latency.Counts].
type TurnRow struct {
	Call     string             `json:"call"`
	Turn     int                `json:"turn"`
	Time     time.Time          `json:"time"`
	Agent    string             `json:"agent,omitempty"`
	Version  string             `json:"version,omitempty"`
	Channel  string             `json:"channel,omitempty"`
	Outcome  string             `json:"outcome,omitempty"`
	Provider string             `json:"provider,omitempty"` // Of the language model, or of the speech-to-speech model.
	Model    string             `json:"model,omitempty"`
	Response float64            `json:"response"`
	Segments map[string]float64 `json:"segments,omitempty"`
}

// The bounds of what a row holds.
const (
	maxLatencies = 200
	maxText      = 64 << 10
)

// isCall reports whether the signals of a trace without a session are those of a call.
func isCall(id string, c *call.Call) bool {
	return !strings.HasPrefix(id, store.OfTrace) || len(c.Turns) > 0
}

// summarize returns what the store keeps of a call. A turn that took longer than slow, in seconds, is slow.
func summarize(id string, c *call.Call, slow float64) (*store.Call, error) {
	of := calllist.New(c, slow)
	row := Row{
		ID: id, Correlation: of.Correlation, Traces: of.Traces, Start: of.Start, Duration: of.Duration, IsOpen: of.Open,
		Agent: of.Agent, Version: of.Version, Channel: of.Channel, Outcome: of.Outcome, EndReason: of.EndReason,
		Turns: of.Turns, Interruptions: of.Interruptions, SlowTurns: of.Slow, Errors: failures(c), Cost: of.Cost,
	}
	kept := &store.Call{}
	var text strings.Builder
	addLines(&text, c.Lines)
	addText(&text, c.Attributes)
	for _, t := range c.Turns {
		addLines(&text, t.Lines)
		addText(&text, t.Attributes)
		if t.ResponseLatency == nil || math.IsNaN(*t.ResponseLatency) {
			continue
		}
		row.Latencies = append(row.Latencies, *t.ResponseLatency)
		if !latency.Counts(t) {
			continue
		}
		turn, err := turnRow(&row, c, t)
		if err != nil {
			return nil, err
		}
		kept.Turns = append(kept.Turns, turn)
	}
	row.Latencies = row.Latencies[max(0, len(row.Latencies)-maxLatencies):]
	c.Visit(func(_ *call.Turn, s *call.Stage) {
		addLines(&text, s.Lines)
		addText(&text, s.Attributes)
	})
	data, err := json.Marshal(row)
	if err != nil {
		return nil, err
	}
	kept.Start, kept.IsOpen, kept.Agent, kept.Version, kept.Channel, kept.Outcome = row.Start, row.IsOpen, row.Agent, row.Version, row.Channel, row.Outcome
	kept.Slow, kept.Interrupted, kept.Errors, kept.Text, kept.Row = row.SlowTurns, row.Interruptions, row.Errors, strings.ToLower(text.String()), data
	if c.Cost != nil {
		kept.Cost = &c.Cost.Amount
	}
	return kept, nil
}

// failures returns how many stages failed, and turns and sessions in which no stage did. A failed stage makes its turn
// fail, and that the session: they are one failure.
func failures(c *call.Call) int {
	n := failedStages(c.Stages)
	for _, t := range c.Turns {
		inTurn := failedStages(t.Stages)
		if inTurn == 0 && (t.Outcome == semconv.VoiceTurnOutcomeFailed || t.Error != "") {
			inTurn = 1
		}
		n += inTurn
	}
	if n == 0 && c.Error != "" {
		n = 1
	}
	return n
}

func failedStages(stages []*call.Stage) (n int) {
	for _, s := range stages {
		below := failedStages(s.Stages)
		if below == 0 && (s.Error != "" || s.Outcome == semconv.VoiceStageOutcomeFailed) {
			below = 1
		}
		n += below
	}
	return n
}

func turnRow(row *Row, c *call.Call, t *call.Turn) (store.Turn, error) {
	turn := TurnRow{
		Call: row.ID, Turn: t.Index, Time: c.Start, Agent: row.Agent, Version: row.Version, Channel: row.Channel,
		Outcome: t.Outcome, Response: *t.ResponseLatency, Segments: make(map[string]float64, len(t.Segments)),
	}
	if t.Start != nil {
		turn.Time = c.Start.Add(time.Duration(*t.Start * float64(time.Second)))
	}
	for _, s := range t.Segments {
		turn.Segments[s.Name] = s.Duration
	}
	for _, s := range t.Stages {
		if turn.Model == "" && (s.Kind == "llm" || s.Kind == "realtime") {
			turn.Provider, turn.Model = s.Provider, s.Model
		}
	}
	data, err := json.Marshal(turn)
	return store.Turn{Index: t.Index, Start: turn.Time, Row: data}, err
}

func addLines(text *strings.Builder, lines []call.Line) {
	for _, l := range lines {
		add(text, l.Message)
		addText(text, l.Attributes)
	}
}

func addText(text *strings.Builder, attrs signal.Attributes) {
	for _, kv := range attrs {
		if s, ok := kv.Value.(string); ok {
			add(text, s)
		}
	}
}

func add(text *strings.Builder, s string) {
	if room := maxText - text.Len(); room > len(s) {
		text.WriteString(s)
		text.WriteByte('\n')
	}
}

// idsOf returns the IDs of turns and requests that the names of another framework hide from the store.
func idsOf(c *call.Call) (ids []store.ID) {
	if c.Framework == "" {
		return nil
	}
	for _, t := range c.Turns {
		ids = append(ids, store.ID{ID: t.ID, Kind: "turn"})
	}
	c.Visit(func(_ *call.Turn, s *call.Stage) {
		for _, id := range s.Requests {
			ids = append(ids, store.ID{ID: id, Kind: "request"})
		}
	})
	return ids
}
