// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package instrument

import (
	"strings"
	"sync"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"

	"github.com/voice-agents/telemetry/internal/cleantext"
	"github.com/voice-agents/telemetry/internal/redaction"
)

// maxCached bounds a cache. Dimensions are few by design (providers, models,
// languages, outcomes); if a caller's are not, recording goes on uncached and
// memory stays flat.
const maxCached = 1024

// dimensions are the key of a cache: texts that callers may use the memory of again.
type dimensions[K any] interface {
	comparable
	clone() K // Shares no memory with the caller's.
}

// The names in keys that have a type.
type (
	// An Outcome is one of the values of voice.turn.outcome, which are those of stages,
	// streams and operations, too.
	Outcome string
	// A StageKind is one of the values of voice.stage.
	StageKind string
	// A SegmentName is one of the values of voice.segment.
	SegmentName string
)

func clone[S ~string](s S) S { return S(strings.Clone(string(s))) }

// cache holds what was made for each combination of dimensions.
type cache[K dimensions[K], V any] struct {
	make func(K) *V

	mu   sync.RWMutex
	made map[K]*V
}

func newCache[K dimensions[K], V any](of func(K) *V) *cache[K, V] {
	return &cache[K, V]{make: of, made: make(map[K]*V)}
}

func (c *cache[K, V]) get(key K) *V {
	c.mu.RLock()
	v := c.made[key]
	c.mu.RUnlock()
	if v != nil {
		return v
	}

	key = key.clone() // The SDK, too, keeps the attributes for good.
	v = c.make(key)
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.made) < maxCached {
		c.made[key] = v
	}
	return v
}

// options are ready-made for a set of attributes. Attributes given anew with each
// measurement cost 1.1 µs and four allocations; ready-made options cost 0.4 µs and none.
type options struct {
	record []metric.RecordOption
	add    []metric.AddOption
}

// newOptions makes the options of attributes, which are valid and hold no secrets from here on.
func newOptions(r *redaction.Engine, attrs []attribute.KeyValue) *options {
	attrs, _ = cleantext.Attributes(attrs)
	attrs, _ = r.Attributes(attrs)
	with := metric.WithAttributeSet(attribute.NewSet(attrs...))
	return &options{record: []metric.RecordOption{with}, add: []metric.AddOption{with}}
}

// optionsOf returns a cache of the options of dimensions.
func optionsOf[K dimensions[K]](r *redaction.Engine, attributes func(K) []attribute.KeyValue) *cache[K, options] {
	return newCache(func(key K) *options { return newOptions(r, attributes(key)) })
}

// list collects attributes and passes over those whose value is unknown.
type list []attribute.KeyValue

func (l list) with(key attribute.Key, value string) list {
	if value == "" {
		return l
	}
	return append(l, key.String(value))
}
