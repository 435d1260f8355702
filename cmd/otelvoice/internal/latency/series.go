// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package latency

import (
	"slices"

	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/call"
	"github.com/voice-agents/telemetry/semconv"
)

// The series beside the segments of the response latency, which have their own names.
const (
	Response         = "response_latency"
	ToolTime         = "tool_time"
	TimeToFirstAudio = "time_to_first_audio"
)

// SeriesNames returns the series of turns, in the order of time: the response latency and its segments.
func SeriesNames() []string { return append([]string{Response}, call.SegmentNames()...) }

// Counts reports whether the latencies of a turn count. Those of turns that were interrupted or abandoned, or that
// failed, do not: what the user waited for did not come, or not all of it.
func Counts(t *call.Turn) bool {
	return t.Outcome == semconv.VoiceTurnOutcomeCompleted || t.Outcome == "" && !t.Open
}

// AddTurn adds the latencies of a turn, if they count.
func (s *Sample) AddTurn(cluster string, t *call.Turn) {
	if !Counts(t) {
		return
	}
	if t.ResponseLatency != nil {
		s.Add(cluster, Response, *t.ResponseLatency)
	}
	for _, part := range t.Segments {
		s.Add(cluster, part.Name, part.Duration)
	}
	if t.ToolTime != nil {
		s.Add(cluster, ToolTime, *t.ToolTime)
	}
}

// AddCall adds the latencies of a call and its turns.
func (s *Sample) AddCall(c *call.Call) {
	id := Cluster(c)
	if c.TimeToFirstAudio != nil {
		s.Add(id, TimeToFirstAudio, *c.TimeToFirstAudio)
	}
	for _, t := range c.Turns {
		s.AddTurn(id, t)
	}
}

// Cluster returns the name of the cluster of a call's values.
func Cluster(c *call.Call) string {
	if c.IDs.Session != "" || len(c.IDs.Traces) == 0 {
		return c.IDs.Session
	}
	return c.IDs.Traces[0]
}

// Grouping is what turns are grouped by.
type Grouping string

// The groupings. Model and provider are those of the language model, or of the speech-to-speech model.
const (
	ByModel    Grouping = "model"
	ByProvider Grouping = "provider"
	ByVersion  Grouping = "version"
	ByChannel  Grouping = "channel"
)

// Group returns the group of a turn; "" is unknown.
func (g Grouping) Group(c *call.Call, t *call.Turn) string {
	switch g {
	case ByVersion:
		return c.Agent.KnownVersion()
	case ByChannel:
		return c.Channel
	case ByModel, ByProvider:
		for _, s := range slices.Backward(t.Stages) { // The last one answered.
			if s.Kind != semconv.VoiceStageLLM && s.Kind != semconv.VoiceStageRealtime {
				continue
			}
			if g == ByModel {
				return s.Model
			}
			return s.Provider
		}
	}
	return ""
}
