// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package instrument

import (
	"strings"
	"sync"

	"github.com/voice-agents/telemetry/semconv"
)

// other replaces a value that is one too many, as in the conventions.
const other = "_OTHER"

// A vocabulary bounds the values of a dimension that the application chooses.
type vocabulary struct {
	most int

	mu     sync.Mutex
	known  map[string]struct{}
	isFull bool // A value was replaced.
}

// bound returns a value that is among the first ones, or _OTHER. isFirst is true for the first value
// that is replaced.
func (v *vocabulary) bound(value string) (bounded string, isFirst bool) {
	if value == "" {
		return "", false
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	if _, ok := v.known[value]; ok {
		return value, false
	}
	if len(v.known) >= v.most {
		isFirst, v.isFull = !v.isFull, true
		return other, isFirst
	}
	if v.known == nil {
		v.known = make(map[string]struct{})
	}
	value = strings.Clone(value)
	v.known[value] = struct{}{}
	return value, false
}

// A Variant is the agent and the experiment of sessions, as dimensions of metrics. Equal ones have the
// same address, so that it is a cheap part of a key. Nil has no dimensions.
type Variant struct{ name, version, experiment string }

func (v *Variant) append(to list) list {
	if v == nil {
		return to
	}
	return to.with(semconv.GenAIAgentNameKey, v.name).
		with(semconv.GenAIAgentVersionKey, v.version).
		with(semconv.VoiceExperimentKey, v.experiment)
}

// maxVariants is how many variants the metrics of a process distinguish: each has its own histograms.
const maxVariants = 32

// variants holds the variants.
type variants struct {
	mu     sync.Mutex
	known  map[Variant]*Variant
	others map[Variant]*Variant // At most 7: which of the three are set.
	isFull bool
}

// Variant returns the variant of an agent's name and version and of an experiment, each of which may be
// empty. Beyond 32 variants, those that are not empty are _OTHER; isFirst is true for the first such one.
func (s *Set) Variant(name, version, experiment string) (v *Variant, isFirst bool) {
	key := Variant{name, version, experiment}
	if key == (Variant{}) {
		return nil, false
	}
	return s.calls.variants.get(key)
}

func (v *variants) get(key Variant) (of *Variant, isFirst bool) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if found := v.known[key]; found != nil {
		return found, false
	}
	in := v.known
	if len(v.known) >= maxVariants {
		in, isFirst, v.isFull = v.others, !v.isFull, true
		key = Variant{orOther(key.name), orOther(key.version), orOther(key.experiment)}
		if found := in[key]; found != nil {
			return found, isFirst
		}
	}
	of = &Variant{strings.Clone(key.name), strings.Clone(key.version), strings.Clone(key.experiment)}
	in[*of] = of
	return of, isFirst
}

func orOther(value string) string {
	if value == "" {
		return ""
	}
	return other
}
