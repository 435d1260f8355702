// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package redaction

import (
	"strings"

	"go.opentelemetry.io/otel/attribute"

	"github.com/voice-agents/telemetry/internal/logrecord"
)

// numberEqualKeys numbers the keys of a list that are equal after redaction and were not before.
// Before is the list as it was. Attributes whose keys were equal keep equal keys.
func numberEqualKeys(list, before []attribute.KeyValue) {
	var keys uniqueKeys
	for i := range list {
		if list[i].Key == before[i].Key {
			keys.use(list[i].Key)
		}
	}
	for i := range list {
		if list[i].Key != before[i].Key {
			list[i].Key = keys.of(before[i].Key, list[i].Key)
		}
	}
}

// uniqueKeys gives each key that contained a secret a different redacted key. The zero value is
// empty.
type uniqueKeys struct {
	given map[attribute.Key]attribute.Key // By the key with the secret.
	used  map[attribute.Key]bool
}

// of returns the redacted key for a key: clean, or clean and a number.
func (u *uniqueKeys) of(key, clean attribute.Key) attribute.Key {
	if unique, ok := u.given[key]; ok {
		return unique
	}
	unique := logrecord.FreeKey(clean, func(k attribute.Key) bool { return u.used[k] })
	if u.given == nil {
		u.given = make(map[attribute.Key]attribute.Key)
	}
	u.given[attribute.Key(strings.Clone(string(key)))] = unique // The caller's text may change.
	u.use(unique)
	return unique
}

func (u *uniqueKeys) use(key attribute.Key) {
	if u.used == nil {
		u.used = make(map[attribute.Key]bool)
	}
	u.used[key] = true
}
