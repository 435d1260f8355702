// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otelvoice

import (
	"context"
	"math"
	"strings"
	"time"

	"go.opentelemetry.io/otel/attribute"

	"github.com/voice-agents/telemetry/semconv"
)

// A SessionOption changes what [Telemetry.StartSession] starts.
type SessionOption interface {
	applySession(sessionConfig) sessionConfig
}

// A TurnOption changes what [Session.StartTurn] starts.
type TurnOption interface{ applyTurn(turnConfig) turnConfig }

// A StageOption changes what [Turn.StartSTT] and its siblings start.
type StageOption interface{ applyStage(startConfig) startConfig }

// An OperationOption changes what [Telemetry.StartOperation] starts.
type OperationOption interface {
	applyOperation(startConfig) startConfig
}

// A StartOption goes with anything that starts.
type StartOption interface {
	SessionOption
	TurnOption
	StageOption
	OperationOption
}

// startConfig is what everything that starts has in common.
type startConfig struct {
	start      time.Time
	attributes []attribute.KeyValue
	arguments  bool // Of an operation: whether they are wanted.
}

// startTime returns when it started. A start in the future is of another clock: it would make
// durations negative, and counts as dropped and as now.
func (t *Telemetry) startTime(ctx context.Context, c startConfig) time.Time {
	now := time.Now()
	if c.start.IsZero() || !t.plausibleUpTo(ctx, semconv.VoiceDurationKey, now.Sub(c.start), math.MaxInt64) {
		return now
	}
	return c.start
}

type sessionConfig struct {
	startConfig

	id           string
	userID       string
	pipelineID   string
	channel      string
	tracePerTurn bool
	resumed      bool // Goes on with a conversation that is known.
	turnsBefore  int
}

type turnConfig struct {
	startConfig

	id        string
	initiator string
}

const initiatorAgent = semconv.VoiceTurnInitiatorAgent

func newSessionConfig(opts []SessionOption) (c sessionConfig) {
	for _, opt := range opts {
		if opt != nil {
			c = opt.applySession(c)
		}
	}
	return c
}

func newTurnConfig(opts []TurnOption) turnConfig {
	c := turnConfig{initiator: semconv.VoiceTurnInitiatorUser}
	for _, opt := range opts {
		if opt != nil {
			c = opt.applyTurn(c)
		}
	}
	return c
}

func newStageConfig(opts []StageOption) (c startConfig) {
	for _, opt := range opts {
		if opt != nil {
			c = opt.applyStage(c)
		}
	}
	return c
}

func newOperationConfig(opts []OperationOption) (c startConfig) {
	for _, opt := range opts {
		if opt != nil {
			c = opt.applyOperation(c)
		}
	}
	return c
}

type startOption func(startConfig) startConfig

func (f startOption) applySession(c sessionConfig) sessionConfig {
	c.startConfig = f(c.startConfig)
	return c
}

func (f startOption) applyTurn(c turnConfig) turnConfig {
	c.startConfig = f(c.startConfig)
	return c
}
func (f startOption) applyStage(c startConfig) startConfig     { return f(c) }
func (f startOption) applyOperation(c startConfig) startConfig { return f(c) }

// WithStartTime says that it started at a given time, as when the call was
// connected before there was code to say so. The zero time is now, and so is a time in the
// future, which counts in voice.measurements.dropped.
func WithStartTime(at time.Time) StartOption {
	return startOption(func(c startConfig) startConfig { c.start = at; return c })
}

// WithAttributes adds attributes to the span, and to the lines of an operation: a turn's
// and a session's have them when they end.
func WithAttributes(attrs ...attribute.KeyValue) StartOption {
	return startOption(func(c startConfig) startConfig {
		c.attributes = appendBounded(c.attributes, attrs)
		return c
	})
}

type operationOption func(startConfig) startConfig

func (f operationOption) applyOperation(c startConfig) startConfig { return f(c) }

// WithComponent says which part of the program does the work of an operation, on its
// span and its lines: the fields component and component_type.
//
//	menu := otelvoice.Wrap("load menu", db.LoadMenu, otelvoice.WithComponent("menu-db", otelvoice.ComponentTool))
func WithComponent(name string, kind ComponentType) OperationOption {
	return operationOption(func(c startConfig) startConfig {
		if name != "" {
			c.attributes = setBounded(c.attributes, []attribute.KeyValue{semconv.VoiceComponentName(name)})
		}
		if kind != "" {
			c.attributes = setBounded(c.attributes, []attribute.KeyValue{semconv.VoiceComponentType(string(kind))})
		}
		return c
	})
}

type sessionOption func(sessionConfig) sessionConfig

func (f sessionOption) applySession(c sessionConfig) sessionConfig { return f(c) }

// WithSessionID keeps the caller's id for the session: a call SID, a room. With
// none the session takes the id that the caller's baggage brought, else a new
// one like sess_f5e6d7c8b9a0. Ids of more than 256 bytes are cut.
func WithSessionID(id string) SessionOption {
	return sessionOption(func(c sessionConfig) sessionConfig { c.id = boundID(id); return c })
}

// WithUserID says who is on the line. It is recorded as user.id; hand in a
// pseudonym where a name or number must not be kept.
func WithUserID(id string) SessionOption {
	return sessionOption(func(c sessionConfig) sessionConfig { c.userID = boundID(id); return c })
}

// WithPipelineID says which configuration of agent serves the call.
func WithPipelineID(id string) SessionOption {
	return sessionOption(func(c sessionConfig) sessionConfig { c.pipelineID = boundID(id); return c })
}

// WithChannel says how the call came: "phone", "web", "room". It is a dimension
// of metrics: it must be one of few.
func WithChannel(channel string) SessionOption {
	return sessionOption(func(c sessionConfig) sessionConfig { c.channel = strings.Clone(channel); return c })
}

// TracePerTurnOption is what [WithTracePerTurn] returns: it goes with [New],
// for all sessions, and with [Telemetry.StartSession], for one.
type TracePerTurnOption interface {
	Option
	SessionOption
}

type tracePerTurn struct{}

func (tracePerTurn) apply(c config) config { c.tracePerTurn = true; return c }

func (tracePerTurn) applySession(c sessionConfig) sessionConfig {
	c.tracePerTurn = true
	return c
}

// WithTracePerTurn gives each turn a trace of its own, linked to the session's
// span, for calls that outgrow one trace. The correlation ID stays that of the
// session.
func WithTracePerTurn() TracePerTurnOption { return tracePerTurn{} }

type turnOption func(turnConfig) turnConfig

func (f turnOption) applyTurn(c turnConfig) turnConfig { return f(c) }

// WithTurnID keeps the caller's id for the turn in place of a new one like
// turn_0a1b2c3d4e5f. Ids of more than 256 bytes are cut.
func WithTurnID(id string) TurnOption {
	return turnOption(func(c turnConfig) turnConfig { c.id = boundID(id); return c })
}

// AgentInitiated says that the agent opens the turn: a greeting, a reminder.
// Nobody waited for it, so it has no response latency.
func AgentInitiated() TurnOption {
	return turnOption(func(c turnConfig) turnConfig { c.initiator = initiatorAgent; return c })
}

// An InterruptOption tells more of an interruption.
type InterruptOption interface {
	applyInterrupt(interruptConfig) interruptConfig
}

type interruptConfig struct {
	at            time.Time
	position      time.Duration
	positionKnown bool
}

func newInterruptConfig(opts []InterruptOption) (c interruptConfig) {
	for _, opt := range opts {
		if opt != nil {
			c = opt.applyInterrupt(c)
		}
	}
	return c
}

type interruptOption func(interruptConfig) interruptConfig

func (f interruptOption) applyInterrupt(c interruptConfig) interruptConfig { return f(c) }

// PlayedFor says how much of the agent's audio the user had heard.
func PlayedFor(position time.Duration) InterruptOption {
	return interruptOption(func(c interruptConfig) interruptConfig {
		if position >= 0 {
			c.position, c.positionKnown = position, true
		}
		return c
	})
}

// InterruptedAt says when it happened. The zero time is now.
func InterruptedAt(at time.Time) InterruptOption {
	return interruptOption(func(c interruptConfig) interruptConfig { c.at = at; return c })
}
