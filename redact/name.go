// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package redact

import (
	"strings"

	"go.opentelemetry.io/otel/attribute"

	"github.com/voice-agents/telemetry/internal/logrecord"
)

// keepApart numbers the keys of a list that are equal after redaction and were not before. Before
// is the list as it was; attributes whose keys were equal keep equal keys.
func keepApart(list, before []attribute.KeyValue) {
	var n names
	for i := range list {
		if list[i].Key == before[i].Key {
			n.use(list[i].Key)
		}
	}
	for i := range list {
		if list[i].Key != before[i].Key {
			list[i].Key = n.of(before[i].Key, list[i].Key)
		}
	}
}

// names gives keys that hold secrets the names that they have without, a different one to each.
// The zero names have given none.
type names struct {
	given map[attribute.Key]attribute.Key // By the key with the secret.
	used  map[attribute.Key]bool
}

// of returns the name of a key, which is clean or clean and a number.
func (n *names) of(key, clean attribute.Key) attribute.Key {
	if name, ok := n.given[key]; ok {
		return name
	}
	name := logrecord.FreeKey(clean, func(k attribute.Key) bool { return n.used[k] })
	if n.given == nil {
		n.given = make(map[attribute.Key]attribute.Key)
	}
	n.given[attribute.Key(strings.Clone(string(key)))] = name // The caller's text may change.
	n.use(name)
	return name
}

func (n *names) use(name attribute.Key) {
	if n.used == nil {
		n.used = make(map[attribute.Key]bool)
	}
	n.used[name] = true
}
