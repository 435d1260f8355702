// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package live_test

import "go.opentelemetry.io/otel/attribute"

// value returns the text of an attribute, or "".
func value(attrs []attribute.KeyValue, key attribute.Key) string {
	for _, kv := range attrs {
		if kv.Key == key {
			return kv.Value.String()
		}
	}
	return ""
}
