// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package call makes the document of a call from its spans and log records. The document in JSON is what the
// command exports.
//
// All times of a document are seconds from the call's start, all durations are seconds. What is not known is
// absent, never 0. The same signals give the same document, in whatever order they come.
//
//   - Spans are preferred to log lines, which tell the end and the duration of a session, a turn or a stage in
//     milliseconds. A call may be told by log lines alone.
//   - A call starts with the span of its session, or else with the earliest of its turns and stages. Clocks that
//     disagree may give times before it, which are negative.
//   - A duration whose end is before its start is absent.
//   - A span that comes twice counts once: the one that ends last.
//   - A stage belongs to the turn that it names, or else to the turn above it. The others are the call's.
//   - A call whose session has not ended is open, and so is a turn. They have no end.
//
// What contradicts this is listed in the problems of the document.
package call

import (
	"time"

	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/signal"
)

// Schema is the version of the document.
const Schema = "otelvoice.call/1"

// Call is the document of a call.
type Call struct {
	Schema string `json:"schema"`
	IDs    IDs    `json:"ids"`
	Agent  Agent  `json:"agent"`
	// Channel is how the user is connected, such as "phone".
	Channel string `json:"channel,omitempty"`
	// Start is the instant from which times count.
	Start    time.Time `json:"start,omitzero"`
	Duration *float64  `json:"duration,omitempty"`
	// Open reports that the end of the session is not known.
	Open bool `json:"open,omitempty"`
	// Outcome is the business outcome, EndReason how the connection ended.
	Outcome          string   `json:"outcome,omitempty"`
	EndReason        string   `json:"end_reason,omitempty"`
	Error            string   `json:"error,omitempty"`
	TimeToFirstAudio *float64 `json:"time_to_first_audio,omitempty"`
	Cost             *Money   `json:"cost,omitempty"`
	Talk             Talk     `json:"talk,omitzero"`
	Interruptions    int      `json:"interruptions"`
	// FalseInterruptions are those that the agent dismissed or that no words followed.
	FalseInterruptions int `json:"false_interruptions,omitempty"`
	// DeadAir is the silences that were too long.
	DeadAir   []DeadAir  `json:"dead_air,omitempty"`
	Recording *Recording `json:"recording,omitempty"`
	Turns     []*Turn    `json:"turns"`
	// Stages are those outside of turns: connections, operations, requests to providers.
	Stages []*Stage `json:"stages,omitempty"`
	Marks  []Mark   `json:"marks,omitempty"`
	// Lines are the log lines outside of turns.
	Lines      []Line            `json:"lines,omitempty"`
	Attributes signal.Attributes `json:"attributes,omitempty"`
	Resource   signal.Attributes `json:"resource,omitempty"`
	Problems   []Problem         `json:"problems,omitempty"`
	// Faults are what does not follow the conventions, as otelvoice check finds them. Package index sets them.
	Faults []Fault `json:"faults,omitempty"`
	// Framework is the name of another framework that sent the call, Missing are the facts that it does not send.
	Framework string   `json:"framework,omitempty"`
	Missing   []string `json:"missing,omitempty"`
}

// IDs are the names under which a call is known.
type IDs struct {
	Session     string   `json:"session,omitempty"`
	Correlation string   `json:"correlation,omitempty"`
	External    string   `json:"external,omitempty"` // The correlation ID that the caller chose.
	Previous    string   `json:"previous,omitempty"` // The session that this one continues.
	Line        string   `json:"line,omitempty"`     // The ID of the telephone call.
	Traces      []string `json:"traces,omitempty"`
}

// Agent is the program that answered.
type Agent struct {
	Name           string `json:"name,omitempty"`
	Version        string `json:"version,omitempty"`
	Experiment     string `json:"experiment,omitempty"`
	Service        string `json:"service,omitempty"`
	ServiceVersion string `json:"service_version,omitempty"`
	Instance       string `json:"instance,omitempty"`
}

// Money is a cost.
type Money struct {
	Amount   float64 `json:"amount"`
	Currency string  `json:"currency,omitempty"`
}

// Talk is how long each side spoke, both spoke at once, and both were silent between the first and the last speech, in seconds. The
// session's own sums are preferred to those of its turns.
type Talk struct {
	User    *float64 `json:"user,omitempty"`
	Agent   *float64 `json:"agent,omitempty"`
	Overlap *float64 `json:"overlap,omitempty"`
	Silence *float64 `json:"silence,omitempty"`
}

// Speech is a stretch of time. It has no duration if its end is not known.
type Speech struct {
	Start    float64  `json:"start"`
	Duration *float64 `json:"duration,omitempty"`
}

// DeadAir is a silence that was too long, and what the agent did for most of it: a value of voice.dead_air.activity.
// Where the session does not say how many there are, a silence longer than 3 s is one.
type DeadAir struct {
	Speech
	Activity string `json:"activity,omitempty"`
}

// Recording is where the call's recording is.
type Recording struct {
	URI      string `json:"uri,omitempty"`
	Start    string `json:"start,omitempty"`
	Channels string `json:"channels,omitempty"`
}

// Turn is what one side said and what the other answered.
type Turn struct {
	ID        string   `json:"id,omitempty"`
	TraceID   string   `json:"trace_id,omitempty"`
	SpanID    string   `json:"span_id,omitempty"`
	RequestID string   `json:"request_id,omitempty"`
	Index     int      `json:"index,omitempty"` // From 1; 0 is unknown.
	Initiator string   `json:"initiator,omitempty"`
	Outcome   string   `json:"outcome,omitempty"`
	Error     string   `json:"error,omitempty"`
	Start     *float64 `json:"start,omitempty"`
	End       *float64 `json:"end,omitempty"`
	// ResponseLatency is from the end of the user's speech to the agent's first audio. Anchor says who
	// told the former.
	ResponseLatency *float64 `json:"response_latency,omitempty"`
	Anchor          string   `json:"anchor,omitempty"`
	Budget          *float64 `json:"latency_budget,omitempty"` // The turn is slow if it took longer.
	// OverBudget are the budgets that the turn exceeded: values of voice.budget.
	OverBudget     []string `json:"over_budget,omitempty"`
	SlowestSegment string   `json:"slowest_segment,omitempty"`
	// IsSlow is set by who knows the limit for turns without a budget: see Slow.
	IsSlow bool `json:"is_slow,omitempty"`
	// User and Agent are when each side spoke.
	User  []Speech `json:"user,omitempty"`
	Agent []Speech `json:"agent,omitempty"`
	// Transcript is what the user said, Reply what the agent answered: absent unless content was recorded.
	Transcript string `json:"transcript,omitempty"`
	Reply      string `json:"reply,omitempty"`
	// Segments are the parts of the response latency, in order.
	Segments     []Segment     `json:"segments,omitempty"`
	ToolTime     *float64      `json:"tool_time,omitempty"` // Within the segments.
	Interruption *Interruption `json:"interruption,omitempty"`
	// FalseInterruption reports that the agent dismissed an interruption.
	FalseInterruption bool              `json:"is_false_interruption,omitempty"`
	Playout           *Playout          `json:"playout,omitempty"`
	Media             *Media            `json:"media,omitempty"`
	Cost              *Money            `json:"cost,omitempty"`
	Stages            []*Stage          `json:"stages,omitempty"`
	Marks             []Mark            `json:"marks,omitempty"`
	Lines             []Line            `json:"lines,omitempty"`
	Attributes        signal.Attributes `json:"attributes,omitempty"`
	// Open reports that the turn is known from its stages and lines alone, because it has not ended.
	Open bool `json:"open,omitempty"`
	// FromLog reports that the turn is known from log lines alone.
	FromLog bool `json:"from_log,omitempty"`
}

// Segment is a part of the response latency.
type Segment struct {
	Name     string  `json:"name"`
	Duration float64 `json:"duration"`
}

// Interruption is how the user stopped the agent.
type Interruption struct {
	At     *float64 `json:"at,omitempty"`
	Source string   `json:"source,omitempty"`
	Played *float64 `json:"played,omitempty"` // How much of the answer was heard.
}

// Playout is what became of the agent's audio.
type Playout struct {
	Queued    *float64 `json:"queued,omitempty"`
	Played    *float64 `json:"played,omitempty"`
	Source    string   `json:"source,omitempty"`
	Underruns int      `json:"underruns,omitempty"`
	Underrun  *float64 `json:"underrun,omitempty"` // The sum of their durations.
}

// Media is how the user's audio arrived.
type Media struct {
	Packets       *int64   `json:"packets,omitempty"`
	Lost          *int64   `json:"lost,omitempty"`
	OutOfOrder    *int64   `json:"out_of_order,omitempty"`
	Jitter        *float64 `json:"jitter,omitempty"`
	RoundTripTime *float64 `json:"round_trip_time,omitempty"`
	Gaps          *int64   `json:"gaps,omitempty"`
	LongestGap    *float64 `json:"longest_gap,omitempty"`
	GapTime       *float64 `json:"gap_time,omitempty"` // The sum of the gaps.
}

// Stage is a piece of work: a request to a provider, a tool, a connection, an operation.
type Stage struct {
	// Kind is stt, llm, tts, tool, realtime, stream, operation, http or span.
	Kind     string   `json:"kind"`
	Name     string   `json:"name"`
	Provider string   `json:"provider,omitempty"`
	Model    string   `json:"model,omitempty"`
	TraceID  string   `json:"trace_id,omitempty"`
	SpanID   string   `json:"span_id,omitempty"`
	ParentID string   `json:"parent_id,omitempty"`
	Start    *float64 `json:"start,omitempty"`
	Duration *float64 `json:"duration,omitempty"`
	Outcome  string   `json:"outcome,omitempty"`
	Error    string   `json:"error,omitempty"`
	// FirstOutput is the time to the first token or the first byte of audio.
	FirstOutput *float64 `json:"first_output,omitempty"`
	// Attempt counts from 1, Resends are those of the HTTP client within it.
	Attempt  int      `json:"attempt,omitempty"`
	Fallback int      `json:"fallback,omitempty"` // From 1; 0 is the first choice, or unknown.
	Resends  int      `json:"resends,omitempty"`
	Requests []string `json:"request_ids,omitempty"` // As the provider knows them.
	Tokens   *Tokens  `json:"tokens,omitempty"`
	// Characters are those that were synthesized.
	Characters *int64 `json:"characters,omitempty"`
	Cost       *Money `json:"cost,omitempty"`
	Marks      []Mark `json:"marks,omitempty"`
	Lines      []Line `json:"lines,omitempty"`
	// Stages are those below, such as the requests of HTTP and the operations within a tool.
	Stages     []*Stage          `json:"stages,omitempty"`
	Attributes signal.Attributes `json:"attributes,omitempty"`
	FromLog    bool              `json:"from_log,omitempty"`
}

// Tokens is what a model read and wrote.
type Tokens struct {
	Input  *int64 `json:"input,omitempty"`
	Output *int64 `json:"output,omitempty"`
	Cached *int64 `json:"cached,omitempty"`
}

// Mark is an instant.
type Mark struct {
	Name       string            `json:"name"`
	At         *float64          `json:"at,omitempty"`
	Attributes signal.Attributes `json:"attributes,omitempty"`
}

// Line is a log line.
type Line struct {
	At         *float64          `json:"at,omitempty"`
	Level      string            `json:"level,omitempty"`
	Message    string            `json:"message,omitempty"`
	Module     string            `json:"module,omitempty"`
	Phase      string            `json:"phase,omitempty"`
	Attributes signal.Attributes `json:"attributes,omitempty"`
}

// Problem is a contradiction in the signals of a call.
type Problem struct {
	Kind  string `json:"kind"`
	Where string `json:"where,omitempty"` // The first place: the name of a span and its ID.
	Count int    `json:"count"`
}

// Fault is a kind of violation of the conventions.
type Fault struct {
	Rule  string `json:"rule"`
	What  string `json:"what"` // The name that is wrong.
	Count int    `json:"count"`
	First string `json:"first"` // The first place: a span and its call.
}

// The kinds of problems.
const (
	ProblemRepeated  = "repeated"           // A span came more than once.
	ProblemBackwards = "ends_before_start"  // The end of a span is before its start.
	ProblemOutside   = "outside_of_call"    // A turn or stage begins more than a second before or after the call.
	ProblemNoParent  = "parent_unknown"     // The parent of a span did not come.
	ProblemNoSession = "no_session"         // The span of the session did not come although the call has ended.
	ProblemDropped   = "attributes_dropped" // The sender left attributes or events out.
)
