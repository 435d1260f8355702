// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package spool

import "google.golang.org/protobuf/encoding/protowire"

// countItems counts the spans, points or records of an OTLP request without decoding it:
// all three signals nest in the same way, resource → scope → item, under these numbers. A
// metric has its points in the one field that is its data. What cannot be read counts 0.
func countItems(signal Signal, b []byte) int {
	const (
		resources = 1 // Of a request.
		scopes    = 2 // Of a resource.
		items     = 2 // Of a scope.
	)
	n := 0
	eachField(b, resources, func(resource []byte) {
		eachField(resource, scopes, func(scope []byte) {
			eachField(scope, items, func(item []byte) {
				if signal == Metrics {
					n += countPoints(item)
				} else {
					n++
				}
			})
		})
	})
	return n
}

// countPoints counts the points of a metric.
func countPoints(metric []byte) (n int) {
	const points = 1 // Of each kind of data.
	for _, data := range []protowire.Number{5, 7, 9, 10, 11} {
		eachField(metric, data, func(d []byte) { eachField(d, points, func([]byte) { n++ }) })
	}
	return n
}

// eachField calls back for each field of the number that holds bytes.
func eachField(b []byte, number protowire.Number, found func([]byte)) {
	for len(b) > 0 {
		num, kind, n := protowire.ConsumeTag(b)
		if n < 0 {
			return
		}
		b = b[n:]
		if num == number && kind == protowire.BytesType {
			value, n := protowire.ConsumeBytes(b)
			if n < 0 {
				return
			}
			found(value)
			b = b[n:]
			continue
		}
		if n = protowire.ConsumeFieldValue(num, kind, b); n < 0 {
			return
		}
		b = b[n:]
	}
}

// partialSuccess reads what a collector says about what it did not take, in the answer to
// any of the three requests.
func partialSuccess(answer []byte) (rejected int, message string) {
	eachField(answer, 1, func(partial []byte) {
		for len(partial) > 0 {
			num, kind, n := protowire.ConsumeTag(partial)
			if n < 0 {
				return
			}
			partial = partial[n:]
			switch {
			case num == 1 && kind == protowire.VarintType:
				v, n := protowire.ConsumeVarint(partial)
				if n < 0 || v > 1<<31 {
					return
				}
				rejected, partial = int(v), partial[n:]
			case num == 2 && kind == protowire.BytesType:
				v, n := protowire.ConsumeBytes(partial)
				if n < 0 {
					return
				}
				message, partial = string(v), partial[n:]
			default:
				if n = protowire.ConsumeFieldValue(num, kind, partial); n < 0 {
					return
				}
				partial = partial[n:]
			}
		}
	})
	return rejected, message
}
