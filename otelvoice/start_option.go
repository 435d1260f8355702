// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otelvoice

import (
	"strings"
	"time"

	"go.opentelemetry.io/otel/attribute"

	"github.com/voice-agents/telemetry/otelvoice/internal/emit"
	"github.com/voice-agents/telemetry/semconv"
)

// A SessionOption configures a session; see [Telemetry.StartSession].
type SessionOption interface {
	applySession(sessionConfig) sessionConfig
}

// A TurnOption configures a turn; see [Session.StartTurn].
type TurnOption interface{ applyTurn(turnConfig) turnConfig }

// A StageOption configures a stage or a stream; see [Turn.StartSTT], [Turn.StartLLM],
// [Turn.StartTTS], [Turn.StartRealtime], [Turn.StartTool] and [Session.StartSTTStream].
type StageOption interface{ applyStage(startConfig) startConfig }

// An OperationOption configures an operation; see [Telemetry.StartOperation].
type OperationOption interface {
	applyOperation(startConfig) startConfig
}

// A StartOption configures a session, a turn, a stage or an operation.
type StartOption interface {
	SessionOption
	TurnOption
	StageOption
	OperationOption
}

// startConfig is the configuration of stages and operations, and part of those of sessions and
// turns.
type startConfig struct {
	start      time.Time
	attributes []attribute.KeyValue
	arguments  bool // Record the arguments of an operation.
	isFilled   bool // A request fills the stage from its start.
	isLate     bool // The request came after the end of its turn.
	isUnderway bool // The work had begun before, at a time that is not known.
}

// filledStage is the option of the stages that the transport of voicehttp starts.
type filledStage struct{ isLate bool }

func (o filledStage) applyStage(c startConfig) startConfig {
	c.isFilled, c.isLate = true, o.isLate
	return c
}

// underwayStage is the option of a response that was seen with its first content.
type underwayStage struct{}

func (underwayStage) applyStage(c startConfig) startConfig { c.isUnderway = true; return c }

type sessionConfig struct {
	startConfig

	id           string
	userID       string
	pipelineID   string
	channel      string
	tracePerTurn bool
	resumed      bool // Continue the conversation if it is known.
	turnsBefore  int
	variant      func(variant) variant // Nil is that of the Telemetry.
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

// WithStartTime sets the start time, for work that started before its telemetry, such as a call
// that was already connected. The zero time is now. A time in the future or too long ago is from
// another clock: it is counted in voice.measurements.dropped, and the start is now. Too long ago is
// more than an hour for turns and stages, and more than a day for sessions, streams and operations.
func WithStartTime(at time.Time) StartOption {
	return startOption(func(c startConfig) startConfig { c.start = at; return c })
}

// WithAttributes adds attributes to the span and to log lines: both lines of an operation, and the
// end lines of sessions, turns and stages.
func WithAttributes(attrs ...attribute.KeyValue) StartOption {
	return startOption(func(c startConfig) startConfig {
		c.attributes = emit.AppendBounded(c.attributes, attrs)
		return c
	})
}

type operationOption func(startConfig) startConfig

func (f operationOption) applyOperation(c startConfig) startConfig { return f(c) }

// WithComponent sets the name and the type of the component that does the work of an operation,
// on its span and in the fields component and component_type of its log lines.
//
//	menu := otelvoice.Wrap("load menu", db.LoadMenu, otelvoice.WithComponent("menu-db", otelvoice.ComponentTool))
func WithComponent(name string, kind ComponentType) OperationOption {
	return operationOption(func(c startConfig) startConfig {
		if name != "" {
			c.attributes = emit.SetBounded(c.attributes, []attribute.KeyValue{semconv.VoiceComponentName(name)})
		}
		if kind != "" {
			c.attributes = emit.SetBounded(c.attributes, []attribute.KeyValue{semconv.VoiceComponentType(string(kind))})
		}
		return c
	})
}

type sessionOption func(sessionConfig) sessionConfig

func (f sessionOption) applySession(c sessionConfig) sessionConfig { return f(c) }

// WithSessionID sets the session's id, such as a call SID or the name of a room. The default is
// the id in the caller's baggage, else a new one like sess_f5e6d7c8b9a0. Ids are truncated to 256
// bytes.
func WithSessionID(id string) SessionOption {
	return sessionOption(func(c sessionConfig) sessionConfig { c.id = boundID(id); return c })
}

// WithUserID sets the id of the user, recorded as user.id. Use a pseudonym if names or phone
// numbers must not be recorded.
func WithUserID(id string) SessionOption {
	return sessionOption(func(c sessionConfig) sessionConfig { c.userID = boundID(id); return c })
}

// WithPipelineID sets the id of the agent's configuration that serves the call.
func WithPipelineID(id string) SessionOption {
	return sessionOption(func(c sessionConfig) sessionConfig { c.pipelineID = boundID(id); return c })
}

// WithChannel sets the channel of the call: "phone", "web", "room". It is a dimension of metrics
// and must have few values.
func WithChannel(channel string) SessionOption {
	return sessionOption(func(c sessionConfig) sessionConfig { c.channel = strings.Clone(channel); return c })
}

// TracePerTurnOption is the type of [WithTracePerTurn]. It is an option of [New], for all
// sessions, and of [Telemetry.StartSession], for one.
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

// WithTracePerTurn starts a trace for each turn, linked to the session's span. Use it for calls
// that are too long for one trace. The correlation ID remains that of the session.
func WithTracePerTurn() TracePerTurnOption { return tracePerTurn{} }

type turnOption func(turnConfig) turnConfig

func (f turnOption) applyTurn(c turnConfig) turnConfig { return f(c) }

// WithTurnID sets the turn's id. The default is a new one like turn_0a1b2c3d4e5f. Ids are
// truncated to 256 bytes.
func WithTurnID(id string) TurnOption {
	return turnOption(func(c turnConfig) turnConfig { c.id = boundID(id); return c })
}

// AgentInitiated marks a turn that the agent starts, such as a greeting or a reminder. It has no
// response latency, because the user did not wait for it.
func AgentInitiated() TurnOption {
	return turnOption(func(c turnConfig) turnConfig { c.initiator = initiatorAgent; return c })
}

// An InterruptOption adds details to an interruption; see [Turn.Interrupt].
type InterruptOption interface {
	applyInterrupt(interruptConfig) interruptConfig
}

type interruptConfig struct {
	at, since     time.Time
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

// PlayedFor sets how much of the agent's audio was played to the user. Negative values are
// ignored.
func PlayedFor(position time.Duration) InterruptOption {
	return interruptOption(func(c interruptConfig) interruptConfig {
		if position >= 0 {
			c.position, c.positionKnown = position, true
		}
		return c
	})
}

// InterruptedAt sets the time of the interruption. The zero time is now.
func InterruptedAt(at time.Time) InterruptOption {
	return interruptOption(func(c interruptConfig) interruptConfig { c.at = at; return c })
}

// SpokenSince sets when the user began the speech that interrupted the agent, from which
// voice.interruption.stop_time counts. Without it, the start is the last [UserStarted] between the
// agent's start and the interruption, in this turn or in another one, or the interruption itself.
func SpokenSince(at time.Time) InterruptOption {
	return interruptOption(func(c interruptConfig) interruptConfig { c.since = at; return c })
}
