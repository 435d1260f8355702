// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otelvoice

import (
	"go.opentelemetry.io/otel/attribute"

	"github.com/voice-agents/telemetry/internal/metric/instrument"
	"github.com/voice-agents/telemetry/otelvoice/internal/calllog"
	"github.com/voice-agents/telemetry/semconv"
)

// VariantOption is the type of [WithAgent] and [WithExperiment]. It is an option of [New], for all
// sessions, and of [Telemetry.StartSession], for one. The session's replaces that of New.
type VariantOption interface {
	Option
	SessionOption
}

// variant is what distinguishes sessions that are to be compared. Empty fields are unknown.
type variant struct{ agent, version, experiment string }

type variantOption func(variant) variant

func (f variantOption) apply(c config) config {
	c.variant = f(c.variant)
	return c
}

func (f variantOption) applySession(c sessionConfig) sessionConfig {
	earlier := c.variant
	c.variant = func(v variant) variant {
		if earlier != nil {
			v = earlier(v)
		}
		return f(v)
	}
	return c
}

// WithAgent sets the name and the version of the agent, recorded as gen_ai.agent.name and
// gen_ai.agent.version on the spans and end lines of sessions and turns. They are dimensions of
// voice.turn.count, voice.turn.response_latency, voice.turn.segment_latency, voice.session.outcome.count and
// voice.evaluation.count, so that two versions can be compared. An empty name or version is unknown and left
// out.
//
// The metrics of a process distinguish 32 combinations of name, version and [WithExperiment]. In those of
// further ones, each of the three that is set is _OTHER, and a warning is logged once. Spans and lines have
// the values.
func WithAgent(name, version string) VariantOption {
	name, version = boundID(name), boundID(version)
	return variantOption(func(v variant) variant {
		v.agent, v.version = name, version
		return v
	})
}

// WithExperiment sets the experiment or the deployment that sessions belong to, such as "short-prompt" or
// "canary", recorded as voice.experiment where [WithAgent] records the agent. It must have few values.
func WithExperiment(label string) VariantOption {
	label = boundID(label)
	return variantOption(func(v variant) variant {
		v.experiment = label
		return v
	})
}

// attributes returns the attributes of a variant, or nil.
func (v variant) attributes() (attrs []attribute.KeyValue) {
	if v.agent != "" {
		attrs = append(attrs, semconv.GenAIAgentName(v.agent))
	}
	if v.version != "" {
		attrs = append(attrs, semconv.GenAIAgentVersion(v.version))
	}
	if v.experiment != "" {
		attrs = append(attrs, semconv.VoiceExperiment(v.experiment))
	}
	return attrs
}

// sessionVariant is the variant of a session: its attributes, and its dimensions of metrics.
type sessionVariant struct {
	attributes []attribute.KeyValue
	dimensions *instrument.Variant
}

// setVariant sets the variant from the options. The session is not yet in use.
func (s *Session) setVariant() {
	v := s.tel.variant
	if s.config.variant != nil {
		v = s.config.variant(v)
	}
	if v == (variant{}) {
		return
	}
	s.variant.attributes = v.attributes()
	var isFirst bool
	if s.variant.dimensions, isFirst = s.tel.emit.Metrics.Variant(v.agent, v.version, v.experiment); isFirst {
		s.tel.emit.Log.Session(s.ctx, calllog.Warn,
			"there are more agents, versions and experiments than metrics distinguish: those of further ones are _OTHER", nil)
	}
}
