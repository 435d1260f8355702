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

// maxCached is the maximum size of a cache. Dimensions have few values by design (providers,
// models, languages, outcomes). If a caller's have many, measurements are recorded without the
// cache, so that its memory is bounded.
const maxCached = 1024

// dimensions is the key of a cache. Its strings may share memory that the caller reuses.
type dimensions[K any] interface {
	comparable
	clone() K // Returns a copy that shares no memory with the caller.
}

// The types of names in keys.
type (
	// An Outcome is one of the values of voice.turn.outcome. Stages, streams and operations have
	// the same values.
	Outcome string
	// A StageKind is one of the values of voice.stage.
	StageKind string
	// A SegmentName is one of the values of voice.segment.
	SegmentName string
)

func clone[S ~string](s S) S { return S(strings.Clone(string(s))) }

// cache holds a value for each combination of dimensions.
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

	key = key.clone() // The cache and the SDK retain the attributes.
	v = c.make(key)
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.made) < maxCached {
		c.made[key] = v
	}
	return v
}

// options holds the measurement options for a set of attributes. Recording with attributes takes
// 1.1 µs and four allocations; with prepared options it takes 0.4 µs and none.
type options struct {
	record []metric.RecordOption
	add    []metric.AddOption
}

// newOptions returns the options for attributes, which it redacts and makes valid.
func newOptions(r *redaction.Engine, attrs []attribute.KeyValue) *options {
	attrs, _ = cleantext.Attributes(attrs)
	attrs, _ = r.Attributes(attrs)
	with := metric.WithAttributeSet(attribute.NewSet(attrs...))
	return &options{record: []metric.RecordOption{with}, add: []metric.AddOption{with}}
}

// optionsOf returns a cache of options by dimensions.
func optionsOf[K dimensions[K]](r *redaction.Engine, attributes func(K) []attribute.KeyValue) *cache[K, options] {
	return newCache(func(key K) *options { return newOptions(r, attributes(key)) })
}

// list collects attributes and leaves out those with an empty value.
type list []attribute.KeyValue

func (l list) with(key attribute.Key, value string) list {
	if value == "" {
		return l
	}
	return append(l, key.String(value))
}
